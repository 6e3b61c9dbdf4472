"""Releases in TRL's hands: reward with margins, KTO, TPO and SFT train, on what was voted."""

from pathlib import Path
from typing import Any

import pytest

from arena.domain.vote import Strength
from tests.soak import trainers, voted

pytestmark = [pytest.mark.soak, trainers.needs(trainers.TRL)]

METHODS = ("trl-reward", "trl-kto", "trl-tpo", "sft")
MARGINS = {Strength.CLEARLY: 1.0, Strength.SLIGHTLY: 1 / 3, None: 0.0}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """By format, what the program found."""
    found = {}
    for method in METHODS:
        work = tmp_path_factory.mktemp(method)
        trainers.write(work / "release", method)
        arguments = [method, str(work / "release"), str(work)]
        found[method] = trainers.load(trainers.TRL, "train_trl.py", arguments, work, work)
        found[method]["model"] = str(work / "model")
    return found


@pytest.mark.parametrize("method", METHODS)
def test_it_trains_three_steps(trained: dict[str, Any], method: str) -> None:
    found = trained[method]
    assert found["steps"] == 3
    assert len(set(found["losses"])) == 3
    assert found["moved"] == 1.0
    assert found["same_by_card"]


def test_the_reward_trainer_reads_every_pair_with_its_margin(trained: dict[str, Any]) -> None:
    expected = [
        {
            "chosen": trainers.asked(vote.messages) + vote.chosen + trainers.END,
            "rejected": trainers.asked(vote.messages) + vote.rejected + trainers.END,
            "margin": MARGINS[vote.strength],
        }
        for vote in voted.VOTED
    ]
    rows = trained["trl-reward"]["rows"]
    assert [{column: row[column] for column in ("chosen", "rejected", "margin")} for row in rows] == expected


def test_the_kto_trainer_reads_every_answer_with_its_label(trained: dict[str, Any]) -> None:
    expected = [
        (trainers.asked(vote.messages), answer + trainers.END, label)
        for vote in voted.VOTED
        for answer, label in ((vote.chosen, True), (vote.rejected, False))
    ]
    prompt, *bad = voted.BOTH_BAD
    expected += [(trainers.asked((("user", prompt),)), answer + trainers.END, False) for answer in bad]
    rows = trained["trl-kto"]["rows"]
    assert [(row["prompt"], row["completion"], row["label"]) for row in rows] == trainers.dealt(expected)


def test_the_kto_trainer_compares_no_answer_with_one_to_the_same_prompt(trained: dict[str, Any]) -> None:
    """In batches of two, where rows side by side would all be."""
    rows = trained["trl-kto"]["rows"]
    answers = {(row["prompt"], row["completion"]) for row in rows}
    assert len(rows) > 4
    compared = [(row["prompt"], row["KL_completion"]) for row in rows[: len(rows) // 2 * 2]]
    assert not answers & set(compared)


def test_the_tpo_trainer_reads_every_correction_as_the_reference(trained: dict[str, Any]) -> None:
    expected = [
        {
            "prompt": trainers.asked(vote.messages),
            "chosen": vote.chosen + trainers.END,
            "rejected": vote.rejected + trainers.END,
            "reference": vote.edit + trainers.END,
        }
        for vote in voted.VOTED
        if vote.edit is not None
    ]
    assert trained["trl-tpo"]["rows"] == expected


def test_the_sft_trainer_reads_every_correction_as_the_answer(trained: dict[str, Any]) -> None:
    expected = [
        trainers.chat((*vote.messages, ("assistant", vote.edit))) for vote in voted.VOTED if vote.edit is not None
    ]
    assert [row["input"] for row in trained["sft"]["rows"]] == expected


@pytest.mark.parametrize("method", METHODS)
def test_the_command_of_the_manifest_trains_in_the_folder_of_the_release(
    tmp_path: Path, trained: dict[str, Any], method: str
) -> None:
    manifest = trainers.write(tmp_path / "release", method)
    assert trainers.MODEL_OF_THE_COMMANDS in manifest.command
    command = manifest.command.replace(trainers.MODEL_OF_THE_COMMANDS, trained[method]["model"])
    if command.startswith("trl "):
        command += " --max_steps 3 --report_to none --use_cpu --bf16 false"
    else:
        command = command.replace("-model')", "-model', max_steps=3, report_to='none', use_cpu=True, bf16=False)")
    trainers.run(trainers.TRL, command, tmp_path, tmp_path / "release")
    assert list(tmp_path.glob("*-model/**/*.safetensors"))
