"""Progress: a line on stderr where somebody waits, nothing for quick work, and stdout stays the document alone."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards
from leaderboards import progress


class Terminal(io.StringIO):
    """A stream that says somebody is looking."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience and pace a hundred times shorter."""
    for name in ("PATIENCE", "_EVERY", "_BLINK"):
        monkeypatch.setattr(progress, name, getattr(progress, name) / 100)


@pytest.mark.usefixtures("hurried")
def test_on_a_terminal_one_line_is_written_over_and_taken_away() -> None:
    stream = Terminal()
    with progress.shown(stream), progress.step("boards by category", 3) as outer:
        outer.advance()
        with progress.step("bootstrap replicates", 1_000) as inner:
            inner.advance(120)
            time.sleep(0.1)
    shown = stream.getvalue()
    assert "\r\x1b[Kboards by category 1 of 3, bootstrap replicates 120 of 1,000, 0 s" in shown
    assert shown.endswith("\r\x1b[K")
    assert "\n" not in shown


@pytest.mark.usefixtures("hurried")
def test_elsewhere_lines_come_ever_more_rarely() -> None:
    stream = io.StringIO()
    with progress.shown(stream), progress.step("reading votes.parquet"):
        end = time.process_time() + 0.5
        while time.process_time() < end:
            pass
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("reading votes.parquet, ")
    assert 2 <= len(lines) <= 6


@pytest.mark.usefixtures("hurried")
def test_waiting_for_a_busy_machine_is_not_work() -> None:
    stream = io.StringIO()
    with progress.shown(stream), progress.step("reading votes.parquet"):
        time.sleep(0.1)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quick_work_says_nothing(stream: io.StringIO) -> None:
    with progress.shown(stream), progress.step("fitting"):
        pass
    assert stream.getvalue() == ""


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("settings", "by", "said"),
    [
        ({"interval": "bootstrap", "replicates": 3_000}, None, "bootstrap replicates"),
        ({"interval": "bootstrap", "replicates": 60, "ties": "davidson"}, None, "bootstrap replicates"),
        ({"interval": "bootstrap", "replicates": 300}, "judge", "boards by judge"),
        ({"method": "elo", "orders": 60}, None, "orders of the votes"),
    ],
)
def test_long_work_says_how_far_it_is(shared: Path, settings: dict[str, object], by: str | None, said: str) -> None:
    stream = Terminal()
    log = leaderboards.read(shared / "pandalm_votes.jsonl.gz")
    with progress.shown(stream):
        listened = leaderboards.fit(log, **settings) if by is None else leaderboards.fit_by(log, by, **settings)
    assert said in stream.getvalue()
    alone = leaderboards.fit(log, **settings) if by is None else leaderboards.fit_by(log, by, **settings)
    assert listened.to_json() == alone.to_json()


def test_every_replicate_is_counted_once(simulated: Callable[..., list[dict[str, str]]]) -> None:
    log = leaderboards.read(simulated(numpy.linspace(-2, 2, 6), 80, seed=3))
    kept: list[progress.Step] = []

    class Kept(list[progress.Step]):
        """Steps that are remembered when they have ended."""

        def append(self, step: progress.Step) -> None:
            kept.append(step)
            super().append(step)

    token = progress._steps.set(Kept())
    try:
        leaderboards.fit(log, interval="bootstrap", replicates=250)
    finally:
        progress._steps.reset(token)
    replicates = next(step for step in kept if step.what == "bootstrap replicates")
    assert (replicates.done, replicates.total) == (250, 250)


def test_the_command_line_keeps_stdout_for_the_document(shared: Path) -> None:
    program = "from leaderboards import cli, progress; progress.PATIENCE = 0.0; progress._EVERY = 0.01; cli.main()"
    path = str(shared / "llmfao_votes.jsonl.gz")
    done = subprocess.run(
        [sys.executable, "-c", program, path, "--format", "json", "--interval", "bootstrap", "--replicates", "400"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["votes"] == 8931
    assert "reading llmfao_votes.jsonl.gz, " in done.stderr
