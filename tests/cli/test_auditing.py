"""`arena audit`: the same from the files and from a running arena, for people and for programs."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.services import paths
from arena.store.workspace import Workspace
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving
from tests.services import voting_rings

VOTES = voting_rings.ringed()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with Workspace.open(paths.workspace_path(folder, "default")) as workspace:
        voting_rings.enter(workspace, VOTES)
    return folder


@pytest.fixture(params=["from the file", "from a running arena"])
def audited(arena: Command, data_dir: Path, request: pytest.FixtureRequest) -> Iterator[Command]:
    """`arena audit`, with and without an arena that holds the data."""
    with contextlib.ExitStack() as stack:
        if request.param == "from a running arena":
            server = stack.enter_context(misbehaving.serve(listed=("echo",)))
            settings = arenas.settings_for(data_dir, server.endpoint, ("echo",))
            stack.enter_context(arenas.running(settings, pages=False))
        yield lambda *arguments, **more: arena("audit", *arguments, **more)


@pytest.mark.slow
def test_an_audit_says_what_it_found_and_what_it_wrote(arena: Command, audited: Command) -> None:
    tried = audited("--dry-run", "--format", "json")
    assert (tried.returncode, tried.stderr) == (0, "")
    told = json.loads(tried.stdout)
    assert [one["kind"] for one in told["findings"]] == ["ring"]
    assert {one["step"] for one in told["steps"]} == {"probation"}
    done = audited()
    assert done.returncode == 0, "findings are no failure"
    first, ring, last = done.stdout.splitlines()
    assert first == f"Policy 2: {told['held_votes']} of {len(VOTES.rater):,} votes held."
    assert re.match(r"ring\t\d+\.\d\tprobation\t11 raters\t11 accounts deviate", ring)
    assert last == "Wrote: 1 new finding, 0 ended; decisions: 11 probation."
    again = audited()
    assert again.stdout.splitlines()[-1] == "Wrote: 0 new findings, 0 ended; decisions: none."
    assert arena("verify").returncode == 0
    ranked = json.loads(arena("rank", "--format", "json").stdout)
    assert ranked["votes"] == len(VOTES.rater) - told["held_votes"]


def test_an_audit_says_what_it_could_not_have_found(arena: Command, tmp_path: Path) -> None:
    with Workspace.open(paths.workspace_path(tmp_path / "data", "default")) as workspace:
        voting_rings.enter(workspace, voting_rings.by(VOTES, (0, 1)))
    told = arena("audit", "--format", "json")
    assert told.returncode == 0, told.stderr
    (limit,) = json.loads(told.stdout)["limits"]
    assert (limit["kind"], limit["deviation"]) == ("uncompared", None)
    assert "three raters" in limit["sentence"]
    assert arena("audit").stdout.splitlines()[1] == limit["sentence"]


def test_there_is_nothing_to_audit_where_there_is_no_workspace(arena: Command) -> None:
    refused(arena("audit"), 2, "no workspace default")
