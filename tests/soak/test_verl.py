"""A release in verl's hands (0.9.1): its reward dataset reads what was voted on first prompts."""

from pathlib import Path

import pytest

from tests.soak import trainers, voted

pytestmark = [pytest.mark.soak, trainers.needs(trainers.FACTORY)]


def test_it_reads_every_pair_on_a_first_prompt(tmp_path: Path) -> None:
    trainers.write(tmp_path / "release", "verl")
    arguments = [str(tmp_path / "release"), str(tmp_path)]
    assert trainers.load(trainers.FACTORY, "load_verl.py", arguments, tmp_path, tmp_path) == [
        {
            "chosen": f"{vote.prompt}{vote.chosen}<|im_end|>",
            "rejected": f"{vote.prompt}{vote.rejected}<|im_end|>",
        }
        for vote in voted.FIRST_PROMPTS
    ]
