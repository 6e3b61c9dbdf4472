"""Whether a person's decision keeps a rater out of a campaign."""

from datetime import datetime

from arena.domain import wording
from arena.domain.campaign import GENERAL, Campaign
from arena.domain.principal import Principal
from arena.domain.standing import Standing
from arena.errors import NoTask
from arena.store import standing_decisions
from arena.store.connections import Connection


def refuse(connection: Connection, principal: Principal, campaign: Campaign, now: datetime) -> None:
    """Raise `NoTask` for a rater who is suspended in a field of a campaign, or who was made new in `general`: other
    fields say themselves how they are earned."""
    if not standing_decisions.any_on(connection, principal.raters):
        return
    for field in campaign.fields:
        found = standing_decisions.standing_of(connection, principal.raters, field, now)
        until = "" if found.until is None else f" until {found.until:%Y-%m-%d}"
        reason = wording.ended(found.reason or "")
        told = f"{reason} You may ask for a review on the page about your standing."
        if found.standing is Standing.NEW and field == GENERAL:
            raise NoTask(
                f"You are new here{until}, and given nothing until a person makes you qualified: {told}",
                code="not_qualified",
            )
        if found.standing is Standing.SUSPENDED:
            raise NoTask(f"You are suspended in {field}{until}: {told}", code="suspended")
