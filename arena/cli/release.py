"""`arena release verify|diff|prove`: what holders of a release do with it, without an arena."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from arena.domain import wording
from arena.errors import InvalidValue, NotAsSigned
from arena.exports.proofs import chain, comparison, receipts, signing, verification
from arena.exports.proofs.receipts import Proof
from arena.exports.proofs.verification import Checked

Key = Annotated[
    str | None,
    typer.Option("--key", help="Public key of who should have signed it: hex, or a file. See `arena release key`."),
]


def verify(
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", show_default=False)] = None,
    key: Key = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", help="A proof of one vote, to check with DIR or alone.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option("--receipt", help="The receipt of that vote, as the arena answered it.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", help="An exported ledger that the release must agree with.")
    ] = None,
) -> None:
    """Find any change to a release, or check the proof of one vote."""
    public_key = None if key is None else signing.public_key(key)
    if directory is None and proof is None and receipt is None:
        raise InvalidValue("Name the folder of a release, a proof with --proof, or a receipt with --receipt.")
    told = None if receipt is None else _receipt(receipt)
    held = None if ledger is None else chain.check(ledger, public_key).checked
    if held is not None:
        tell(held, f"{ledger}: the chain holds")
    if directory is not None:
        checked = verification.release(directory, public_key)
        if ledger is not None and held is not None and not checked.problems:
            checked = _with(checked, chain.other_signer(held, checked.signer))
            checked = _with(checked, chain.missing(ledger, chain.of_release(directory)))
        tell(checked, f"{directory}: every byte is as it was signed, and what it says of itself agrees")
    if receipt is not None and told is not None and (proof is None or "signature" in told):
        checked = receipts.receipt(told, public_key)
        if ledger is not None and held is not None and not checked.problems:
            said = chain.Mention(told["line"], told["vote_id"], told["commitment"], "the receipt")
            checked = _with(checked, chain.other_signer(held, checked.signer))
            checked = _with(checked, chain.missing(ledger, [said]))
        opens = " and opens to its vote" if told.get("content") is not None else ""
        tell(checked, f"{receipt}: the receipt of vote {told['vote_id']} is as it was signed{opens}")
    if proof is not None:
        found = receipts.read(_json(proof))
        checked = receipts.check(found, public_key, told)
        if directory is not None and not checked.problems:
            checked = _with(checked, receipts.missing(found, directory))
        if directory is not None or found.opening is not None:
            tell(checked, f"{proof}: vote {found.vote_id} is in the release")
        else:
            tell(checked, f"{proof}: the commitment {found.commitment} is in the release")
        typer.echo(_not_shown(found, directory, receipt), nl=False)


def diff(
    before: Annotated[Path, typer.Argument(metavar="DIR_A")],
    after: Annotated[Path, typer.Argument(metavar="DIR_B")],
    as_json: Annotated[bool, typer.Option("--json", help="Every id, as JSON.")] = False,
) -> None:
    """Tell what was added, removed and changed between two releases, by id."""
    found = comparison.compare(before, after)
    typer.echo(found.to_json() if as_json else found.to_text(), nl=False)


def prove(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    vote_id: Annotated[str, typer.Argument(metavar="VOTE_ID")],
) -> None:
    """Print the proof that a vote is in a release."""
    typer.echo(receipts.prove(directory, vote_id).to_json(), nl=False)


def tell(checked: Checked, success: str) -> None:
    """Say that all is well and who signed; raise `NotAsSigned` when something was changed."""
    for problem in checked.problems:
        typer.echo(problem, err=True)
    if checked.problems:
        count = wording.counted(len(checked.problems), "problem")
        raise NotAsSigned(f"{count} found; do not use it, get it again from its maker.")
    for note in checked.notes:
        typer.echo(note)
    if checked.proven:
        typer.echo(f"{success}, by the holder of the key given")
    else:
        typer.echo(f"{success}; the signer is unproven: ask the maker whether {checked.signer} is theirs, or use --key")


def _not_shown(proof: Proof, directory: Path | None, receipt: Path | None) -> str:
    """What a proof that holds leaves open, as a line; nothing where the release names all of it."""
    if directory is not None:
        return ""
    said = f"the receipt {receipt} says" if receipt is not None else "the proof says"
    if proof.opening is not None:
        return f"not shown: that it is line {proof.line} of the ledger, as {said}; name the folder of the release too\n"
    return (
        f"not shown: that this is the commitment of vote {proof.vote_id} at line {proof.line}, as {said}; "
        "name the folder of the release too, or a proof with salt and content, as the arena sends it to the rater\n"
    )


def _with(checked: Checked, more: Iterator[str]) -> Checked:
    return dataclasses.replace(checked, problems=(*checked.problems, *more))


def _receipt(path: Path) -> dict[str, Any]:
    """A receipt, alone or inside the answer to the vote."""
    found = receipts.read_receipt(_json(path))
    if found is None:
        raise InvalidValue(f"{path} holds no receipt; keep what the arena answers to a vote.")
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValue(f"{path} cannot be read as JSON ({error}); name another file.") from error
