"""Random things that raters, time and a lab do to the items of a campaign."""

import asyncio
import random

from arena.domain import ids
from arena.domain.removal import RemovalKind
from arena.domain.vote import Winner
from arena.errors import NoTask
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store.writing import commands
from tests.services import tasking
from tests.services.tasking import Clock, rater

RATERS = 5


async def step(services: Services, clock: Clock, dice: random.Random, gone: set[int], **more: int) -> None:
    """One thing that changes which items wait for whom; `more` makes some kinds likelier."""
    number = dice.choice([one for one in range(RATERS) if one not in gone])
    who = rater(number)
    kinds = {"vote": 12, "take": 4, "skip": 3, "report": 2, "answer": 1, "wait": 2, "more": 1, "leave": 1, **more}
    kind = dice.choices(list(kinds), list(kinds.values()))[0]
    if kind == "wait":
        return clock.pass_by(2_000)
    if kind == "more":
        return tasking.fill(services.workspace, dice.randint(5, 9))
    if kind == "answer":
        lab = tasking.principal("lab")
        for one in await services.reporting.listed(lab, "", 100):
            if one.answer is None:
                return await services.reporting.answer(lab, one.report.report_id, dice.random() < 0.5, "Looked at.")
        return None
    if kind == "leave" and len(gone) < RATERS - 2:
        gone.add(number)
        removal = commands.Remove(
            removal_id=ids.mint("x", clock(), dice),
            rater_id=who.rater_id,
            kind=dice.choice(list(RemovalKind)),
            removed_at=clock(),
        )
        await asyncio.wrap_future(services.workspace.submit(removal))
        return None
    try:
        task = await services.tasks.next(who, "default")
    except NoTask:
        return None
    turn = await services.tasks.turn(who, task.battle_id)
    if kind == "vote":
        await services.voting.cast(who, turn.record, Ballot(winner=Winner.TIE), f"key {turn.id}", turn.assignment)
    elif kind == "skip":
        await services.tasks.skip(who, task.battle_id, "Not mine to judge.")
    elif kind == "report":
        await services.reporting.report(who, task.battle_id, "It names a person.", "personal")
    return None
