"""The lists of `make mutants` fit the program: a change by hand that fits nothing would end the run at once."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "mutation"


def listed(name: str) -> dict[str, Any]:
    return tomllib.loads((LISTS / f"{name}.toml").read_text())


def module(function: str) -> Path:
    """The file of a function, named with its module and its class."""
    parts = function.split(".")
    paths = [(ROOT / "/".join(parts[:count])).with_suffix(".py") for count in range(len(parts), 0, -1)]
    return next(path for path in paths if path.is_file())


@pytest.mark.parametrize("change", listed("by_hand")["change"], ids=lambda change: change["name"])
def test_a_change_by_hand_fits_in_one_place(change: dict[str, str]) -> None:
    assert (ROOT / change["file"]).read_text().count(change["was"]) == 1
    assert change["is"] != change["was"]
    assert (ROOT / change["tests"]).is_file()


def test_each_change_by_hand_is_another_one() -> None:
    changes = listed("by_hand")["change"]
    assert len({(one["file"], one["was"], one["is"]) for one in changes}) == len(changes)


def test_a_survivor_with_a_reason_still_stands_in_the_program() -> None:
    gone = [
        (one["in"], line)
        for one in listed("survivors")["survivor"]
        for line in one["was"].splitlines()
        if line not in module(one["in"]).read_text()
    ]
    assert gone == []


def test_every_target_names_files_that_are_there() -> None:
    missing = [
        path
        for target in listed("targets").values()
        for path in (*target["files"], *target["tests"])
        if not (ROOT / path).exists()
    ]
    assert missing == []
