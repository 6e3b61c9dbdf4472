"""A part of a log: by columns and time, and without what is held."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import leaderboards
from leaderboards import cli

ROWS = [
    ("x", "y", "model_a", "code", "2026-01-05", "false"),
    ("x", "y", "model_b", "code", "2026-01-06T12:00:00", "true"),
    ("x", "y", "tie", "code", "2026-02-01", ""),
    ("x", "y", "model_a", "prose", "2026-02-02", "false"),
    ("y", "x", "model_a", "prose", "", "false"),
]
COLUMNS = "model_a,model_b,winner,category,tstamp,held"


@pytest.mark.parametrize(
    ("options", "votes"),
    [
        ([], 5),
        (["--category", "code"], 3),
        (["--since", "2026-01-06"], 3),
        (["--since", "2026-01-06T12:00:00Z", "--until", "2026-02-02"], 2),
        (["--until", "2026-01-06T12:00:01+00:00"], 2),
        (["--votes", "counted"], 4),
        (["--votes", "all", "--category", "prose"], 2),
        (["--votes", "counted", "--category", "code"], 2),
        (["--by", "category", "--value", "prose"], 2),
        (["--by", "month", "--value", "2026-01"], 2),
        (["--by", "category", "--value", "code", "--since", "2026-01-06"], 2),
        (["--by", "island", "--value", "1"], 5),
        (["--cluster", "none"], 5),
    ],
)
def test_only_the_votes_of_a_part_are_ranked(
    written: Callable[..., Path], capsys: pytest.CaptureFixture[str], options: list[str], votes: int
) -> None:
    assert cli.main([str(written(ROWS, COLUMNS)), *options, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["votes"] == votes


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--category", "cod"], 'votes.csv has no vote with category cod; the nearest is "code".'),
        (["--language", "en"], "votes.csv has no column language to take a part by language"),
        (["--since", "soon"], 'since is "soon"; it is a date or a time'),
        (["--votes", "coutned"], 'votes is "coutned"; accepted: counted, all; the nearest is "counted".'),
        (["--value", "code"], "value picks one board of those that by makes; name a column with --by."),
        (
            ["--by", "category", "--value", "pros"],
            'votes.csv has no vote with category "pros"; the nearest is "prose".',
        ),
        (["--since", "2027-01-01"], "votes.csv has no vote with since 2027-01-01."),
    ],
)
def test_a_part_that_is_none_is_refused(
    written: Callable[..., Path], capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert cli.main([str(written(ROWS, COLUMNS)), *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(sentence)


def test_counts_alone_have_no_parts(written: Callable[..., Path]) -> None:
    counts = written([("x", "y", 3, 2)], "model_a,model_b,win_a,win_b")
    with pytest.raises(leaderboards.InputError, match="has counts only"):
        cli.run([counts], cli.Options(category="code"))
