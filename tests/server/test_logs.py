"""The log as JSON: one object a line, with the battle it speaks of."""

import json
import logging
import sys

from arena.server import logs

BATTLE = "b_01K7QX4M8ZJ5T0W3N6R9V2C4E1"


def line(message: str, *given: object, error: BaseException | None = None) -> dict[str, str]:
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("arena.x", logging.WARNING, __file__, 1, message, given, info)
    written = logs.JsonLines().format(record)
    assert "\n" not in written
    found: dict[str, str] = json.loads(written)
    return found


def test_a_line_says_when_how_bad_where_and_about_which_battle() -> None:
    found = line("battle %s is void: %s", BATTLE, 'it said "no"\nand hung')
    assert found["battle"] == BATTLE
    assert found["message"].endswith('it said "no"\nand hung')
    assert (found["level"], found["logger"]) == ("WARNING", "arena.x")
    assert found["time"].endswith("+00:00")


def test_a_line_about_no_battle_names_none() -> None:
    assert "battle" not in line("the arena stopped; b_short is no id")


def test_a_traceback_is_part_of_its_line() -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        error = sys.exc_info()[1]
    assert "ValueError: odd" in line("that failed", error=error)["traceback"]
