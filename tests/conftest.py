"""Fixtures for all tests."""

import ast
import functools
import signal
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import hypothesis
import pytest

import arena.ui  # noqa: F401 - before any test imports Gradio
from arena.store.workspace import Workspace
from tests import fresh, syntax

hypothesis.settings.register_profile("every", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.register_profile("few", deadline=None, max_examples=20)  # make check; test-rest draws the others
hypothesis.settings.load_profile("every")
ast.parse = functools.wraps(ast.parse)(syntax.undisturbed()(ast.parse))  # pytest's, too, which else ends a run


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background; our programs would be deaf, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what hypothesis draws: `make check` runs it with few examples, `make test-rest` again with all.

    The longest tests start first, so that none of them is what everybody waits for at the end.
    """
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("drawn")
    items.sort(key=_seconds, reverse=True)


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
    with fresh.copied(tmp_path_factory.mktemp("fresh")):
        yield


@pytest.fixture
def made_anew() -> Iterator[None]:
    """New workspaces are made as the arena makes them, in tests that are about that."""
    with mock.patch.object(Workspace, "open", fresh.MADE):
        yield
