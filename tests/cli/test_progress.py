"""Whoever waits for a long command sees that it goes on; a log is not filled with it."""

import pytest

from arena.cli.progress import Progress


def test_where_nobody_watches_a_line_appears_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, *(float(second) for second in range(1, 100))])
    with Progress("votes read", lambda: next(seconds)) as far:
        for count in range(30):
            far.say(count * 1000)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert lines[0] == "9,000 votes read"
    assert len(lines) == 3


def test_on_a_terminal_one_line_is_written_over_and_taken_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress("votes read") as far:
        far.say(500)
        far.say(1000)
    assert capsys.readouterr().err == "\r\x1b[K500 votes read\r\x1b[K1,000 votes read\r\x1b[K"
