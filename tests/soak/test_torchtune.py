"""A release in torchtune's hands (0.6.1): its preference dataset, configured by the release's command."""

import shlex
from pathlib import Path

import pytest

from tests.soak import trainers, voted

pytestmark = [pytest.mark.soak, trainers.needs(trainers.FACTORY)]


def test_it_reads_every_pair_as_two_conversations(tmp_path: Path) -> None:
    """The third of each message says whether it is masked: answers are learnt from, and nothing else."""
    manifest = trainers.write(tmp_path / "release", "torchtune")
    arguments = shlex.split(manifest.command)
    arguments = arguments[arguments.index("--config") + 1 :]

    def conversation(messages: tuple[tuple[str, str], ...], answer: str) -> list[list[str | bool]]:
        return [[role, content, role != "assistant"] for role, content in (*messages, ("assistant", answer))]

    read = trainers.load(trainers.FACTORY, "load_torchtune.py", arguments, tmp_path, tmp_path / "release")
    assert read == [
        {
            "chosen": conversation(vote.messages, vote.chosen),
            "rejected": conversation(vote.messages, vote.rejected),
        }
        for vote in voted.VOTED
    ]
