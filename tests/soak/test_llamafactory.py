"""Releases in LLaMA-Factory's hands (0.9.5): its loader reads what was voted, and the release's command trains.

LLaMA-Factory reads audio with torchaudio, which has no build for a machine without a GPU that fits its torch. No row
holds audio, so an empty package stands in its place.
"""

import shlex
from pathlib import Path
from typing import Any

import pytest

from arena.exports.folder.manifest import Manifest
from tests.soak import trainers, voted

pytestmark = [pytest.mark.soak, trainers.needs(trainers.FACTORY)]

FORMATS = ("llamafactory-alpaca", "llamafactory-sharegpt", "llamafactory-kto")
SYSTEM = ("system", "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.")
"""What LLaMA-Factory's own `qwen` template begins every conversation with that has no system message."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model to begin from, and the stand-in for torchaudio."""
    folder = tmp_path_factory.mktemp("llamafactory")
    (folder / "absent" / "torchaudio").mkdir(parents=True)
    (folder / "absent" / "torchaudio" / "__init__.py").touch()
    trainers.write(folder / "texts", "llamafactory-sharegpt")
    program = (
        "import pathlib, sys; sys.path.insert(0, sys.argv[1]); import tiny; "
        "tokenizer = tiny.make_tokenizer([pathlib.Path(sys.argv[2]).read_text()]); "
        "tiny.make_model(tokenizer).save_pretrained(sys.argv[3]); tokenizer.save_pretrained(sys.argv[3])"
    )
    arguments = [str(Path(__file__).parent), str(folder / "texts" / "data" / "train.jsonl"), str(folder / "model")]
    trainers.run(trainers.FACTORY, [str(trainers.FACTORY / "bin/python"), "-c", program, *arguments], folder, folder)
    return folder


def asked(messages: tuple[tuple[str, str], ...]) -> str:
    """A prompt as the template spells it."""
    return trainers.asked(messages if messages[0][0] == "system" else (SYSTEM, *messages))


def command(manifest: Manifest, work: Path) -> str:
    """The release's command, with a model that is here."""
    assert trainers.MODEL_OF_THE_COMMANDS in manifest.command
    return manifest.command.replace(trainers.MODEL_OF_THE_COMMANDS, str(work / "model"))


def loaded(work: Path, format_name: str) -> list[dict[str, Any]]:
    """What the loader makes of a release, given the arguments of the release's command."""
    manifest = trainers.write(work / format_name, format_name)
    arguments = shlex.split(command(manifest, work))
    assert arguments[:2] == ["llamafactory-cli", "train"]
    options = [argument for argument in arguments[2:] if argument != "--do_train"]
    found: list[dict[str, Any]] = trainers.load(
        trainers.FACTORY,
        "load_llamafactory.py",
        options,
        work,
        work / format_name,
        PYTHONPATH=str(work / "absent"),
    )
    return found


@pytest.mark.parametrize("format_name", ["llamafactory-alpaca", "llamafactory-sharegpt"])
def test_it_reads_every_pair_as_it_was_voted(work: Path, format_name: str) -> None:
    assert loaded(work, format_name) == [
        {
            "prompt": asked(vote.messages),
            "prompt_of_rejected": asked(vote.messages),
            "chosen": vote.chosen + trainers.END,
            "rejected": vote.rejected + trainers.END,
        }
        for vote in voted.VOTED
    ]


def test_it_reads_every_answer_with_its_label(work: Path) -> None:
    expected = [
        (vote.messages, answer, label)
        for vote in voted.VOTED
        for answer, label in ((vote.chosen, True), (vote.rejected, False))
    ]
    prompt, *bad = voted.BOTH_BAD
    expected += [((("user", prompt),), answer, False) for answer in bad]
    assert loaded(work, "llamafactory-kto") == [
        {"prompt": asked(messages), "completion": answer + trainers.END, "label": label}
        for messages, answer, label in trainers.dealt(expected)
    ]


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_command_of_the_manifest_trains_in_the_folder_of_the_release(work: Path, format_name: str) -> None:
    folder = work / "trained" / format_name / "release"
    manifest = trainers.write(folder, format_name)
    line = command(manifest, work) + " --max_steps 3 --report_to none --use_cpu --overwrite_cache"
    trainers.run(trainers.FACTORY, line, work, folder, PYTHONPATH=str(work / "absent"))
    assert list(folder.parent.glob("*-model/adapter_model.safetensors"))
