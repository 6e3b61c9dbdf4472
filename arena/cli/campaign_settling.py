"""`arena campaigns settle`: an amount in all, shared out over the settled credits of a campaign."""

import urllib.parse
from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import campaign_settlement, wording
from arena.domain import credit as credits_of
from arena.domain.campaign import Campaign
from arena.errors import NotFound
from arena.exports.folder import credit
from arena.services import campaign_settling
from arena.services.campaigns import Campaigns
from arena.store import campaign_payments

CampaignName = Annotated[str, typer.Argument(metavar="NAME", help="The campaign.")]


def payments(name: CampaignName, data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print what the settlements of a campaign paid, as CSV: the lists that they printed, one after the other."""
    directory = configuration.data_dir(data_dir)
    if running := remote.find(directory, workspace):
        found: list[dict[str, Any]] = []
        after = 0
        while after is not None:
            page = running.call("GET", f"{_address(name)}?limit=500&after={after}")
            found, after = [*found, *page["payments"]], page["next"]
        paid = [(one["contributor"], one["credits"], one["amount"], one["line"]) for one in found]
        unit = found[-1]["unit"] if found else None
    else:
        with local.workspace(directory, workspace) as opened, opened.store.reading() as connection:
            Campaigns(opened).named(name)
            lines = campaign_payments.of_campaign(connection, name, 0, None)
        paid = [
            (one.entry.contributor, credits_of.told(one.entry.credits), one.entry.amount, one.sequence) for one in lines
        ]
        unit = lines[-1].entry.unit if lines else None
    if unit is None:
        raise NotFound(f"Campaign {name} was not settled yet; see `arena campaigns settle --help`.")
    typer.echo(credit.payments_to_csv(paid, unit), nl=False)


def settle(
    name: CampaignName,
    amount: Annotated[
        int,
        typer.Argument(help="In all, with what was paid before; a whole number of the smallest unit, as cents."),
    ],
    unit: Annotated[str, typer.Option("--unit", help="What the amount counts.")] = "EUR-cent",
    print_only: Annotated[
        bool, typer.Option("--print-only", help="Print everybody's part and write no lines.")
    ] = False,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Share an amount out over the settled credits of a campaign, exactly, as CSV and as lines of the arena's ledger.

    Settled again at more, what was added goes to credits that were settled since; at the same amount, nothing is paid.
    """
    directory = configuration.data_dir(data_dir)
    if running := remote.find(directory, workspace):
        body = {"amount": amount, "unit": unit, "print_only": print_only}
        parts: list[dict[str, Any]] = running.call("POST", _address(name), body)["parts"]
        rows = [(one["contributor"], one["credits"], one["amount"], one["line"]) for one in parts]
    else:
        with local.workspace(directory, workspace) as opened, local.installation(directory) as instance:
            Campaigns(opened).named(name)
            done = campaign_settling.settle_once(
                opened, instance.accounts, Campaign(), name, amount, unit, print_only=print_only
            )
            if not print_only:
                local.add_note(instance, workspace, done.told(), name)
        rows = done.rows()
    typer.echo(credit.payments_to_csv(rows, unit), nl=False)
    typer.echo(campaign_settlement.RULE, err=True)
    lines = [row[3] for row in rows if row[3] is not None]
    if not rows:
        typer.echo("all of it was settled before; nothing is to be paid and nothing was written", err=True)
    elif lines:
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]}"
        typer.echo(f"{wording.counted(len(rows), 'part')} in {where} of the ledger", err=True)


def _address(campaign: str) -> str:
    return f"/api/v1/campaigns/{urllib.parse.quote(campaign, safe='')}/settlements"
