"""Fixtures for all tests."""

import ast
import functools
import gc
import os
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import argon2
import hypothesis
import pytest

gc.disable()  # until all tests are collected: nothing of what they import goes away again

import arena.ui  # noqa: E402, F401 - before any test imports Gradio
from arena.store.instance import Instance  # noqa: E402
from arena.store.workspace import Workspace  # noqa: E402
from tests import fresh, order, syntax  # noqa: E402

hypothesis.settings.register_profile("every", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.register_profile("few", deadline=None, max_examples=20)  # make check
hypothesis.settings.register_profile("others", deadline=None, max_examples=80)  # make test-rest: together every example
hypothesis.settings.load_profile("every")
ast.parse = functools.wraps(ast.parse)(syntax.undisturbed()(ast.parse))  # pytest's, too, which else ends a run


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background; our programs would be deaf, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=("duckdb", "postgres"),
        default="duckdb",
        help="where the workspaces of tests/store are; with postgres, the tests that have one are marked so",
    )
    parser.addoption(
        "--every-look",
        action="store_true",
        help="pages are looked at in both themes at both widths; else wide in the light one and narrow in the dark one",
    )
    parser.addoption("--pictures", action="store_true", help="tests of pages leave pictures of them in screenshots/")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what hypothesis draws: `make check` runs it with few examples, `make test-rest` with the others.

    Of what is then chosen the longest tests start first.
    """
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("drawn")
    yield
    items[:] = order.dealt(items, _seconds, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


TRIED_AGAIN_AT_MOST = 3
"""So many tests of a run may pass at their second try only."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run in which more tests were tried again has failed."""
    reporter: pytest.TerminalReporter | None = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and len(reporter.getreports("rerun")) > TRIED_AGAIN_AT_MOST:
        reporter.write_line(f"More than {TRIED_AGAIN_AT_MOST} tests were tried again.", red=True)
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that passed at its second try is said with why the first failed: there is a fault to look for."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"tried again: {report.nodeid}")
        terminalreporter.line(report.longreprtext)
        for name, content in report.sections:
            terminalreporter.section(name, sep="-")
            terminalreporter.line(content)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; looking through it for garbage takes a tenth of the time of tests."""
    gc.freeze()
    gc.get_freeze_count = lambda: 1  # a release asks whether there are any; counting them takes longer than a small one
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def _seconds(item: pytest.Item) -> int:
    """About how long a test takes, where its marker says so."""
    marker = item.get_closest_marker("slow")
    seconds: int = marker.kwargs.get("seconds", 0) if marker else 0
    return seconds


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent; put the shared data there to run this test")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _copied_workspaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the same tests again and again names a folder in which the files that are copied stay."""
    folder = os.environ.get(fresh.FOLDER)
    with fresh.copied(Path(folder) if folder else tmp_path_factory.mktemp("fresh")):
        yield


COSTLY = argon2.PasswordHasher
"""Hashes passwords as the arena does, for an eighth of a second; tests that are not about that use less."""


class Light(COSTLY):
    """A hasher that takes no time; a class, for whose name annotations ask when their module is imported."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=1024, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def _light_work() -> Iterator[None]:
    """Passwords are hashed quickly, and the certificates of this machine are read once."""
    with (
        mock.patch.object(argon2, "PasswordHasher", Light),
        mock.patch.object(ssl, "create_default_context", functools.cache(ssl.create_default_context)),
    ):
        yield


@pytest.fixture
def made_anew() -> Iterator[None]:
    """New files are made as the arena makes them, in tests that are about that."""
    with (
        mock.patch.object(Workspace, "open", fresh.MADE),
        mock.patch.object(Instance, "open", fresh.MADE_INSTANCE),
    ):
        yield
