"""Releases in Axolotl's hands (0.19.0): it accepts the configuration, and its strategies read what was voted."""

from pathlib import Path
from typing import Any

import pytest

from arena.exports.formats import axolotl_chat
from tests.soak import trainers, voted

pytestmark = [pytest.mark.soak, trainers.needs(trainers.AXOLOTL)]


def loaded(work: Path, format_name: str) -> list[dict[str, Any]]:
    trainers.write(work / "release", format_name)
    found: list[dict[str, Any]] = trainers.load(
        trainers.AXOLOTL, "load_axolotl.py", [str(work)], work, work / "release"
    )
    return found


def told(text: str) -> str:
    return text + "<|im_end|>"


def test_its_chat_template_strategy_reads_every_pair_as_it_was_voted(tmp_path: Path) -> None:
    assert loaded(tmp_path, "axolotl-chat") == [
        {"prompt": trainers.asked(vote.messages), "chosen": told(vote.chosen), "rejected": told(vote.rejected)}
        for vote in voted.VOTED
    ]


def test_its_intel_strategy_reads_every_pair_on_a_first_prompt(tmp_path: Path) -> None:
    assert loaded(tmp_path, "axolotl-intel") == [
        {"prompt": trainers.asked(vote.messages), "chosen": told(vote.chosen), "rejected": told(vote.rejected)}
        for vote in voted.TOLD_FIRST
    ]


def test_its_user_defined_kto_strategy_reads_every_answer_with_its_label(tmp_path: Path) -> None:
    expected = [
        (trainers.asked(vote.messages), told(answer), label)
        for vote in voted.FIRST_PROMPTS
        for answer, label in ((vote.chosen, True), (vote.rejected, False))
    ]
    prompt, *bad = voted.BOTH_BAD
    expected += [(trainers.asked((("user", prompt),)), told(answer), False) for answer in bad]
    rows = loaded(tmp_path, "axolotl-kto")
    assert [(row["prompt"], row["completion"], row["label"]) for row in rows] == trainers.dealt(expected)


def test_an_answer_that_is_left_out_would_have_been_read_wrong(tmp_path: Path) -> None:
    """Positive control: what the format leaves out, put into the file by hand."""
    assert axolotl_chat.found_too_early("a")
    trainers.write(tmp_path / "release", "axolotl-chat")
    row = (
        '{"messages": [{"role": "user", "content": "Which?"}], "chosen": {"role": "assistant", "content": "a"}, '
        '"rejected": {"role": "assistant", "content": "b"}}\n'
    )
    (tmp_path / "release" / "data" / "train.jsonl").write_text(row)
    (read,) = trainers.load(trainers.AXOLOTL, "load_axolotl.py", [str(tmp_path)], tmp_path, tmp_path / "release")
    assert read["chosen"] != told("a")
    assert "dummy_message" in read["chosen"]
