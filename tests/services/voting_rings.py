"""Workspaces with the votes of made-up people, and of attackers among them."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import numpy
from quality_worlds import Votes, World

from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName, RaterId
from arena.domain.origin import Origin
from arena.domain.vote import Vote, Winner
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making
from tests.store.writing.test_batch import UNSEEN

PAGE = 1000
WINNERS = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE)


def ringed(seed: int = 4) -> Votes:
    """80 people and 10 accounts that lift the same models, in 3,750 votes. With this seed one of the people is taken
    for one of them."""
    return World(seed=seed, models=10, raters=80, votes=3_000).attacked("ring", 0.2, 10)


def bad(votes: Votes) -> set[RaterId]:
    """Who attacks."""
    return {rater(number) for number in votes.rater[votes.bad].tolist()}


def by(votes: Votes, raters: Sequence[int]) -> Votes:
    """The votes of these alone."""
    theirs = numpy.isin(votes.rater, raters)
    return Votes(**{column.name: getattr(votes, column.name)[theirs] for column in fields(votes)})


def rater(number: int) -> RaterId:
    return RaterId(f"r_{number:03}")


def enter(
    workspace: Workspace,
    votes: Votes,
    since: datetime = making.NOW,
    names: Sequence[RaterId] = (),
    first: int = 0,
    prompts: Sequence[tuple[str, str, str | None]] = (),
) -> None:
    """Store votes, a battle and a second each. `prompts`, each with its campaign and category, are asked in turn."""
    entries: list[tuple[BattleRecord, Vote]] = []
    cast = zip(*(column.tolist() for column in votes.columns()), strict=True)
    for place, (who, left, right, outcome) in enumerate(cast):
        number = first + place
        at = since + timedelta(seconds=place)
        name = names[who] if names else rater(who)
        prompt, campaign, category = prompts[place % len(prompts)] if prompts else ("", "", None)
        asked = {"prompt": prompt, "campaign": campaign, "history": ()} if prompts else {}
        battle = making.battle(
            **asked,
            rater_id=name,
            model_a=ModelName(f"model-{left}"),
            model_b=ModelName(f"model-{right}"),
            turn=1,
            created_at=at,
        )
        origin = Origin(
            source="made", item=f"q{number}", language=None, category=category, timed=True, digest=f"{number:064x}"
        )
        record = BattleRecord(
            battle=battle,
            response_a=UNSEEN,
            response_b=replace(UNSEEN, text="Right."),
            completed_at=at,
            void=None,
            votes=(),
            origin=origin,
        )
        entries.append((record, making.vote(battle.battle_id, name, winner=WINNERS[outcome], cast_at=at)))
    for start in range(0, len(entries), PAGE):
        page = entries[start : start + PAGE]
        workspace.submit(
            commands.EnterBattles(
                battles=tuple(record for record, _ in page), votes=tuple((vote, record) for record, vote in page)
            )
        ).result()
