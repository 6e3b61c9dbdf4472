"""A set of items whose outcome is known, and a rater who knows it or does not."""

from unittest import mock

from arena.domain.battle import Side
from arena.domain.ids import ModelName
from arena.domain.prompt_set import Gold
from arena.domain.vote import Winner
from arena.services import qualifying
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

GOLD_SET = "known"
AS_GIVEN = mock.patch.object(qualifying, "drawn_side", return_value=Side.A)
"""Items of tests are shown in the order of the set."""
MODELS = ("first", "second")


def fill(store: Workspace, prompts: int, set_name: str = GOLD_SET, winner: Winner = Winner.MODEL_B) -> None:
    """Put so many prompts with this known outcome into a set, with both answers to each."""
    models = [ModelName(name) for name in MODELS]
    asked = [
        making.stored_prompt(
            f"g{number:03}",
            f"Known {number}?",
            gold=Gold(model_a=models[0], model_b=models[1], winner=winner, explanation=f"Because of {number}."),
        )
        for number in range(prompts)
    ]
    said = [
        making.stored_answer(one.prompt_id, model, f"A reply to {one.prompt_id}, number {place}.")
        for one in asked
        for place, model in enumerate(MODELS)
    ]
    store.submit(commands.AddPrompts(set_name=set_name, prompts=tuple(asked), added_at=making.NOW)).result()
    store.submit(commands.AddAnswers(set_name=set_name, answers=tuple(said), added_at=making.NOW)).result()
