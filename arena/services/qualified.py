"""Whether a rater is qualified for a campaign: for each of the fields it names."""

from datetime import datetime

from arena.domain.campaign import Campaign
from arena.domain.principal import Principal
from arena.domain.standing import Standing
from arena.errors import NoTask
from arena.store import qualifications, standing_decisions
from arena.store.connections import Analytical


def refuse(connection: Analytical, principal: Principal, campaign: Campaign, now: datetime) -> None:
    """Raise `NoTask` for a rater without one of the fields, and say how it is earned."""
    for field in campaign.qualifications:
        if standing_decisions.standing_of(connection, principal.raters, field, now).standing is not Standing.NEW:
            continue
        if qualifications.find(connection, field) is None:
            how = f"Its lab grants {field} to people it knows; ask there."
        else:
            how = f"Take its test: POST /api/v1/qualifications/{field}/tasks, or the page Qualify."
        raise NoTask(f"This is for raters who are qualified for {field}. {how}", code="not_qualified")
