"""Fixtures for all tests."""

import ast
import functools
from pathlib import Path

import hypothesis
import pytest

import arena.ui  # noqa: F401 - before any test imports Gradio
from tests import syntax

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.load_profile("any machine")
ast.parse = functools.wraps(ast.parse)(syntax.undisturbed()(ast.parse))  # pytest's, too, which else ends a run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent; put the shared data there to run this test")
    return folder
