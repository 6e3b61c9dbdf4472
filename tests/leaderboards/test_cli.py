"""`python -m leaderboards`: the document alone on stdout, wrong input in one sentence with exit code 2."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leaderboards import cli

ROWS = [("x", "y", "model_a"), ("x", "y", "model_b"), ("y", "z", "tie")]


def test_the_module_prints_the_document_and_nothing_else(written: Callable[..., Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "leaderboards", str(written(ROWS)), "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["votes"] == 3
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        ([("x", "y", "banana")], [], 'row 1 of votes.csv: winner is "banana"; accepted'),
        ([("x", "x", "tie")], [], 'row 1 of votes.csv: "x" meets itself'),
        ([], [], "votes.csv holds no votes."),
        ([("x", "y", "tie"), ("v", "w", "tie")], [], "These groups share no vote"),
        (ROWS, ["--anchor", "x"], 'anchor is "x"; it must be a model and its rating'),
        (ROWS, ["--level", "much"], "Argument --level: invalid float value: 'much'; python -m leaderboards --help"),
        (ROWS, ["--banana"], "Unrecognized arguments: --banana"),
        ([("x", "y", "tie")], ["--ties", "davidson"], "Every vote is a tie, so ties=davidson has no finite estimate"),
        (ROWS, ["--format", "banana"], 'format is "banana"; accepted: table, json, csv, markdown'),
        (ROWS, ["--out", "/nowhere/board.json"], "/nowhere/board.json cannot be written"),
    ],
)
def test_wrong_input_ends_with_two_and_one_sentence(
    written: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    rows: list[tuple[str, str, str]],
    options: list[str],
    sentence: str,
) -> None:
    assert cli.main([str(written(rows)), *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(sentence)
    assert printed.err.count("\n") == 1


def test_out_takes_the_document_and_leaves_stdout_empty(
    written: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([str(written(ROWS)), "--format", "csv", "--out", str(tmp_path / "board.csv")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "board.csv").read_text().startswith("model,rating,se,")


def test_every_option_has_a_line_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for flag in ("method", "ties", "both-bad", "interval", "level", "cluster", "controls", "anchor", "format", "out"):
        assert f"--{flag}" in printed
