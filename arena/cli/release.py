"""`arena release verify|diff|prove`: what holders of a release do with it, without an arena."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from arena.domain import wording
from arena.errors import InvalidValue, NotAsSigned
from arena.exports import chain, comparison, items, manifest, receipts, signing, verification
from arena.exports.receipts import Proof
from arena.exports.verification import Checked

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
    if directory is None and (proof is None or ledger is not None):
        raise InvalidValue("Name the folder of a release, or a proof with --proof.")
    if receipt is not None and proof is None:
        raise InvalidValue("--receipt is checked against a proof; name one with --proof.")
    if directory is not None:
        checked = verification.release(directory, public_key)
        if ledger is not None and not checked.problems:
            tell(chain.check(ledger, public_key).checked, f"{ledger}: the chain holds")
            checked = _with(checked, chain.missing(ledger, _lines(directory)))
        tell(checked, f"{directory}: every byte is as it was signed")
    if proof is not None:
        found = receipts.read(_json(proof))
        checked = receipts.check(found, public_key, None if receipt is None else _receipt(receipt))
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
    return Checked(problems=(*checked.problems, *more), signer=checked.signer, proven=checked.proven)


def _lines(directory: Path) -> Iterator[tuple[int, str]]:
    """Every line of the ledger that a release speaks of."""
    head = manifest.read(directory)["ledger_head"]
    if head is not None:
        yield head["sequence"], head["hash"]
    for item in items.items(directory):
        if item.line is not None and item.commitment is not None:
            yield item.line, item.commitment


def _receipt(path: Path) -> dict[str, Any]:
    """A receipt, alone or inside the answer to the vote."""
    document = _json(path)
    inner = document.get("receipt", document) if isinstance(document, dict) else None
    if not isinstance(inner, dict) or not {"line", "commitment"} <= set(inner):
        raise InvalidValue(f"{path} holds no receipt; keep what the arena answers to a vote.")
    return {**inner, **{name: document[name] for name in ("vote_id",) if name in document}}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValue(f"{path} cannot be read as JSON ({error}); name another file.") from error
