"""A release in OpenRLHF's hands (0.11.2): its reward dataset reads what was voted, for reward models and for DPO."""

import shlex
from typing import Any

import pytest

from arena.domain.vote import Strength
from tests.soak import trainers, voted

pytestmark = [pytest.mark.soak, trainers.needs(trainers.AXOLOTL)]

MARGINS = {Strength.CLEARLY: 1.0, Strength.SLIGHTLY: 1 / 3, None: 0.0}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """By kind of training, with the flags of the release's command that are about data."""
    work = tmp_path_factory.mktemp("openrlhf")
    manifest = trainers.write(work / "release", "openrlhf")
    arguments = shlex.split(manifest.command)
    first = arguments.index("--data.dataset")
    flags = [
        argument
        for argument in arguments[first : arguments.index("--ckpt.output_dir")]
        if argument != "--model.margin_loss_enable"
    ]
    found: dict[str, Any] = trainers.load(trainers.AXOLOTL, "load_openrlhf.py", flags, work, work / "release")
    return found


def told(text: str) -> str:
    """An answer as the trainer ends it: it takes line breaks off the end of the whole text."""
    return text + "<|im_end|>"


def test_a_reward_model_is_shown_every_pair_with_its_margin(read: dict[str, Any]) -> None:
    assert read["reward"] == [
        {
            "prompt": "",
            "chosen": trainers.asked(vote.messages) + told(vote.chosen),
            "rejected": trainers.asked(vote.messages) + told(vote.rejected),
            "margin": MARGINS[vote.strength],
        }
        for vote in voted.VOTED
    ]


def test_dpo_learns_from_the_answer_and_not_from_the_prompt(read: dict[str, Any]) -> None:
    assert read["dpo"] == [
        {
            "prompt": trainers.asked(vote.messages),
            "chosen": told(vote.chosen),
            "rejected": told(vote.rejected),
            "margin": None,
        }
        for vote in voted.VOTED
    ]
