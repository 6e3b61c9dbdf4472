"""`arena rank` on files: the document and nothing else on stdout, or exit 2 and one sentence."""

import csv
import json
from pathlib import Path

import pytest

from arena import errors
from arena.cli import rank
from tests.cli.conftest import Command, refused
from tests.imports import samples


def test_llmfao_agrees_with_the_exact_reference(arena: Command, shared: Path) -> None:
    """Ratings to 1e-6 Elo, sandwich errors to 0.1 %."""
    done = arena("rank", shared / "data" / "llmfao_votes.jsonl.gz", "--format", "json")
    assert done.returncode == 0, done.stderr
    board = json.loads(done.stdout)
    with (shared / "data" / "ref_llmfao.csv").open() as file:
        reference = {row["model"]: row for row in csv.DictReader(file)}
    assert len(board["entries"]) == len(reference) == 59
    for entry in board["entries"]:
        row = reference[entry["model"]]
        assert entry["rating"] == pytest.approx(float(row["newton_mle"]), abs=1e-6)
        assert entry["se"] == pytest.approx(float(row["newton_sandwich_se"]), rel=1e-3)


def test_an_unknown_outcome_names_file_and_row(arena: Command, tmp_path: Path) -> None:
    log = tmp_path / "votes.csv"
    log.write_text("model_a,model_b,winner\nalpha,beta,model_a\nalpha,beta,Model_B\n")
    refused(arena("rank", log), 2, "votes.csv", "row 2", "Model_B", "model_a, model_b, tie, both_bad")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model_a,model_b,winner\n", ("no votes",)),
        ("model_a,model_b,winner\nalpha,alpha,tie\n", ("alpha", "row 1")),
        ("model_a,model_b,winner\na,b,model_a\na,b,model_b\nc,d,tie\nc,d,tie\n", ("share no vote", "{a, b}", "{c, d}")),
        ("model_a,model_b\na,b\n", ("winner",)),
    ],
)
def test_a_log_that_cannot_be_ranked_is_refused(
    arena: Command, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    log = tmp_path / "votes.csv"
    log.write_text(text)
    refused(arena("rank", log), 2, *words)


def test_a_file_that_is_not_there_is_refused(arena: Command) -> None:
    refused(arena("rank", "nowhere.csv"), 2, "nowhere.csv")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "label_studio.json",
            "label_studio.json (tasks of a pairwise project, exported by Label Studio as JSON) is read by",
        ),
        ("helpsteer3.jsonl", "helpsteer3.jsonl (rich rows in HelpSteer3's columns) does not say which models answered"),
    ],
)
def test_a_file_that_an_import_reads_is_named_with_the_command(name: str, words: str) -> None:
    with pytest.raises(errors.InvalidValue) as refusal:
        rank.run([str(samples.FILES[name])])
    assert str(refusal.value).startswith(words)


def test_without_a_file_it_ranks_the_workspace_or_says_there_is_none(arena: Command) -> None:
    refused(arena("rank"), 2, "no workspace default")
