"""The command `arena`. Exit 0 done, 1 failed, 2 wrong input; one sentence on stderr says what to do next."""

import sys

import typer

from arena import errors
from arena.cli import data, erase, importing, ledger, models, rank, release, serving, tokens

app = typer.Typer(
    name="arena",
    help="Blind battles, honest leaderboards, data sets trainers load.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, tokens among them
)
app.command("demo")(serving.demo)
app.command("serve")(serving.serve)
app.command("check")(serving.check)
app.command(
    "rank", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)(rank.rank)
app.command("export")(data.export)
app.command("backup")(data.backup)
app.command("restore")(data.restore)
app.command("verify")(data.verify)
app.command("erase")(erase.erase)
app.add_typer(importing.app, name="import")
app.add_typer(ledger.app, name="ledger")
app.add_typer(models.app, name="models")
app.add_typer(release.app, name="release")
app.add_typer(tokens.app, name="tokens")

WRONG_INPUT = (
    errors.InvalidValue,
    errors.Malformed,
    errors.NotFound,
    errors.SettingsError,
    errors.TooLarge,
)


def main() -> None:
    """Run a command; turn what went wrong into a sentence and an exit status."""
    try:
        app()
    except errors.ArenaError as error:
        print(f"arena: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, WRONG_INPUT) else 1)
