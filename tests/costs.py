"""What each test costs, of the processes it starts too: `pytest -p tests.costs`, in one process or in several.

CPU time is what can be compared between runs: on a busy machine a test waits longer and works as long. What a browser
or a server does is read from Linux's /proc, so a process that goes on after its test is counted where it works.
"""

import os
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.terminal import TerminalReporter

SHOWN = 40
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """Seconds."""

    cpu: float
    passed: float


def used(process: int | None = None) -> float:
    """CPU seconds of a process and of all that came of it, those that have ended included."""
    folder = Path("/proc") / str(process or os.getpid())
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        below = " ".join(path.read_text() for path in folder.glob("task/*/children")).split()
    except OSError:  # ended meanwhile
        return 0.0
    return sum(map(int, fields[11:15])) * TICK + sum(used(int(child)) for child in below)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[BEFORE] = used()


BEFORE = pytest.StashKey[float]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
    report: pytest.TestReport = yield
    now = used()
    report.cpu = max(now - item.config.stash[BEFORE], 0.0)  # type: ignore[attr-defined]
    item.config.stash[BEFORE] = now
    return report


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    files: dict[str, Cost] = defaultdict(lambda: Cost(0, 0))
    tests: dict[str, Cost] = defaultdict(lambda: Cost(0, 0))
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and hasattr(report, "cpu"):
                for costs, key in ((files, report.nodeid.partition("::")[0]), (tests, report.nodeid)):
                    cpu, passed = costs[key]
                    costs[key] = Cost(cpu + report.cpu, passed + report.duration)
    for title, costs in (("files", files), ("tests", tests)):
        terminalreporter.section(f"CPU seconds, seconds: {title}")
        for key, cost in sorted(costs.items(), key=lambda each: each[1].cpu, reverse=True)[:SHOWN]:
            terminalreporter.line(f"{cost.cpu:8.2f} {cost.passed:8.2f}  {key}")
    everything = Cost(*map(sum, zip(*files.values(), strict=True))) if files else Cost(0, 0)
    terminalreporter.line(f"{everything.cpu:8.2f} {everything.passed:8.2f}  all {len(tests)} tests")
