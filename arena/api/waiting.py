"""What waits for a person, in numbers: the navigation of the lab's pages shows them."""

from fastapi import APIRouter

from arena.api.bodies import Body
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1", tags=["standing"])


class WaitingTold(Body):
    """How much waits for a person."""

    findings: int
    """For which raters are on probation, on one of whom nobody has decided since."""
    appeals: int
    reports: int
    disputed: int | None
    """Items with votes for both of their models, of campaigns that are not over and give them to no further raters;
    null for whoever conducts no campaigns."""


@router.get("/waiting")
async def waiting(arena: Arena, who: Who) -> WaitingTold:
    """How much waits for a person, for reviewers."""
    found = await arena.waiting.counts(who)
    return WaitingTold(findings=found.findings, appeals=found.appeals, reports=found.reports, disputed=found.disputed)
