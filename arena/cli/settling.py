"""`arena release settle|key`: share an amount out over contributors; the key that signs releases."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, release, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.domain.settlement import Part
from arena.errors import InvalidValue, NotAsSigned
from arena.exports.folder import credit, manifest
from arena.exports.proofs import signing, verification
from arena.services import identity, old_layout, paths, settling

PART = ("contributor", "weight", "amount")


def settle(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    amount: Annotated[int, typer.Argument(help="A whole number of the smallest unit, such as cents.")],
    unit: Annotated[str, typer.Option("--unit", help="What the amount counts.")] = "EUR-cent",
    print_only: Annotated[
        bool, typer.Option("--print-only", help="Print everybody's part and write no lines; needs no arena.")
    ] = False,
    key: release.Key = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Share an amount out over the contributors of a release, exactly, as CSV and as lines of the arena's ledger.

    Settled again at another amount, the differences are printed and written as new lines; at the same amount, nothing.
    """
    shares = credit.read(manifest.read(directory))
    if key is not None and not print_only:
        raise InvalidValue("--key is for --print-only; otherwise the arena settles only what it recorded itself.")
    if print_only:
        _as_signed(directory, key)
        parts = [(part, None) for part in credit.settle(shares, amount)]
        typer.echo(credit.to_csv(parts, unit), nl=False)
        return
    digest = hashlib.sha256((directory / manifest.MANIFEST).read_bytes()).hexdigest()
    data = configuration.data_dir(data_dir)
    if running := remote.find(data, workspace):
        body = {"release": digest, "amount": amount, "unit": unit}
        lines = running.call("POST", "/api/v1/settlements", body)["parts"]
        settled = [(Part(**{name: one[name] for name in PART}), one["line"]) for one in lines]
    else:
        with local.noting(data, workspace) as noted, local.workspace(data, workspace) as opened:
            done = settling.settle_once(opened, digest, amount, unit)
            noted(settling.told(amount, unit), digest)
        settled = [(one.entry.part, one.line.sequence) for one in done.parts]
    typer.echo(credit.to_csv(settled, unit), nl=False)
    if settled:
        first, last = settled[0][1], settled[-1][1]
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        typer.echo(f"{wording.counted(len(settled), 'part')} in {lines} of the ledger", err=True)
    else:
        typer.echo("all of it was settled before; nothing is to be paid and nothing was written", err=True)


def show_key(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print the public key that signs the releases of a workspace; it is made on first use."""
    directory = configuration.data_dir(data_dir)
    if not paths.release_key_path(directory, workspace).exists():  # of a database, an arena brings it
        local.refuse_database(directory)
    old_layout.bring_over(directory)
    typer.echo(identity.release_signer(directory, workspace).public_key)


def _as_signed(directory: Path, key: str | None) -> None:
    """Raise `NotAsSigned` for a release that was changed; say so when nobody vouches for its signer."""
    checked = verification.release(directory, None if key is None else signing.public_key(key))
    if checked.problems:
        raise NotAsSigned(f"{checked.problems[0]} Nothing was settled; see `arena release verify {directory}`.")
    if not checked.proven:
        typer.echo(f"the signer is unproven: ask the maker whether {checked.signer} is theirs, or use --key", err=True)
