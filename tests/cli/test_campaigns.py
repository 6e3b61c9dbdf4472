"""`arena campaigns create|list|show|pause|resume|close`, with an arena that runs and in its data alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from arena.store.workspace import Workspace
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.services import tasking

FILE = """
name = "writing"
kind = "tasks"
answers = "stored"
prompt_set = "questions"
overlap = 2
starts = 2026-03-01
criteria = ["tone", { name = "truth", question = "Which is more accurate?" }]
"""


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """A workspace whose arena does not run."""
    path = data_dir / "workspaces" / "default" / "workspace.duckdb"
    path.parent.mkdir(parents=True)
    with Workspace.open(path) as store:
        tasking.fill(store, 3)
    yield


@contextmanager
def running(data_dir: Path) -> Iterator[None]:
    """The same with an arena that runs."""
    with arenas.running(tasking.settings(data_dir), pages=False) as found:
        tasking.fill(found.services.workspace, 3)
        yield


@pytest.mark.parametrize("kept", [alone, running])
def test_a_campaign_is_made_started_paused_and_closed(
    arena: Command, tmp_path: Path, kept: Callable[[Path], AbstractContextManager[None]]
) -> None:
    file = tmp_path / "writing.toml"
    file.write_text(FILE)
    with kept(tmp_path / "data"):
        made = arena("campaigns", "create", file)
        assert made.returncode == 0, made.stderr
        first, *assumptions = made.stdout.splitlines()
        assert first == "writing: draft, version 1, tasks, 0 of 6 votes"
        assert assumptions[0] == "  6 votes: 3 items, 2 raters each."
        refused(arena("campaigns", "create", file), 1, "writing already")
        refused(arena("campaigns", "pause", "writing"), 1, "is draft and cannot become paused")
        for command, state in (("resume", "running"), ("pause", "paused"), ("resume", "running"), ("close", "closed")):
            done = arena("campaigns", command, "writing", "--reason", "As planned.")
            assert done.stdout == f"writing: {state}, version 1, tasks, 0 of 6 votes\n", done.stderr
        shown = json.loads(arena("campaigns", "show", "writing").stdout)
        assert (shown["state"], shown["starts"], shown["items"]) == ("closed", "2026-03-01T00:00:00Z", 3)
        listed = arena("campaigns", "list").stdout.splitlines()
        assert [line.partition(":")[0] for line in listed] == ["default", "writing"]
        refused(arena("campaigns", "show", "absent"), 2, "no campaign absent")
        refused(arena("accounts", "invite", "--role", "rater", "--campaign", "absent"), 2, "absent")
        assert "/invite/" in arena("accounts", "invite", "--role", "rater", "--campaign", "writing").stdout
        file.write_text(FILE.replace("writing", "other"))
        assert arena("campaigns", "create", file, "--start").stdout.startswith("other: running")


def test_a_file_that_is_no_campaign_says_why(arena: Command, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    with alone(tmp_path / "data"):
        for text, said in (
            ("", "empty"),
            ("name = ", "TOML"),
            ('name = "x"', "no name of a campaign"),
            ("[x]", "name"),
        ):
            file.write_text(text)
            refused(arena("campaigns", "create", file), 2, said)
