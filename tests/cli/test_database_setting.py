"""Every command of the program where the installation is in a database and no arena runs: none touches the files."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.core import TyperGroup

from arena import errors
from arena.cli import commands
from arena.exports.folder import manifest
from arena.services import identity, installation, paths
from arena.settings import Settings
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from tests.imports import making as imported
from tests.store import making

URL = "postgresql://arena:secret@127.0.0.1:1/arena"
REFUSED = {
    "rank": "--workspace default",
    "sql": "'SELECT 1'",
    "audit": "",
    "generate": "--set one --models river --out out --config arena.toml",
    "export": "--format battles --out out",
    "backup": "out",
    "restore": "copy",
    "verify": "",
    "erase": "r_1",
    "import battles": "votes.jsonl",
    "import prompts": "votes.jsonl --set one",
    "import responses": "votes.jsonl --set one",
    "ledger export": "out",
    "campaigns create": "campaign.toml",
    "campaigns list": "",
    "campaigns show": "one",
    "campaigns pause": "one",
    "campaigns resume": "one",
    "campaigns close": "one",
    "campaigns settle": "one 100",
    "campaigns payments": "one",
    "qualifications create": "field.toml",
    "qualifications list": "",
    "release settle": "release 100",
    "release key": "",
    "accounts invite": "--role rater",
    "accounts list": "",
    "accounts disable": "ada@lab.example",
    "accounts reset": "ada@lab.example",
    "accounts role": "ada@lab.example rater",
    "workspaces create": "lab-b",
    "workspaces list": "",
    "workspaces export": "default out",
    "workspaces import": "copy",
    "workspaces remove": "lab-b --yes",
    "tokens create": "--role reader",
    "tokens list": "",
    "tokens revoke": "t_1",
}
"""What a command is given that reaches an installation."""
ACTS = {"verify", "audit", "import battles", "backup", "erase", "tokens create", "tokens list", "tokens revoke"}
"""Those that reach a database that is named (tests/cli/test_commands_over_database.py)."""
OPENS = "opens what the setting names"
OFFLINE = "reads what it is given, and no installation"
ASKS = "asks a running arena, or nobody"
NOT_REFUSED = {
    "demo": OPENS,
    "serve": OPENS,
    "database copy": "names both sides",
    "check": "reads the configuration, and asks models",
    "doctor": "reads the folder and changes nothing",
    "ledger verify": OFFLINE,
    "release verify": OFFLINE,
    "release diff": OFFLINE,
    "release prove": OFFLINE,
    "models list": OFFLINE,
    "models fetch": "fetches weights into the user's cache",
    "models up": "starts model servers",
    "models status": "asks model servers",
    "models add": ASKS,
    "models pause": ASKS,
    "models resume": ASKS,
    "models retire": ASKS,
}


def every(group: TyperGroup, before: str = "") -> Iterator[str]:
    """The commands of a group and of those in it."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from every(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_is_one_that_is_refused_or_has_a_reason() -> None:
    found = sorted(every(commands.COMMANDS))
    assert found == sorted([*REFUSED, *NOT_REFUSED])
    assert len(found) > 40


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with files that nobody may open, in a folder with what commands are given."""
    data = tmp_path / "data"
    for path in (paths.instance_path(data), paths.workspace_path(data, "default")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"rows")
    for name in ("copy", "release"):
        (tmp_path / name).mkdir()
    (tmp_path / "release" / "manifest.json").touch()
    monkeypatch.setattr(manifest, "read", lambda _: {"credit": {"shares": []}})
    imported.write(tmp_path / "votes.jsonl", [imported.battles()])
    (tmp_path / "campaign.toml").write_text('name = "one"\n')
    (tmp_path / "field.toml").write_text('field = "law"\ngold_set = "one"\n')
    (tmp_path / "arena.toml").write_text(
        '[[models]]\nname = "river"\nendpoint = "http://127.0.0.1:1/v1"\nserved_name = "r"\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARENA_DATA_DIR", str(data))
    monkeypatch.delenv("ARENA_DATABASE", raising=False)
    return data


@pytest.fixture
def files(folder: Path) -> Path:
    """The same folder with an installation."""
    for path in (paths.instance_path(folder), paths.workspace_path(folder, "default")):
        path.unlink()
    Workspace.open(paths.workspace_path(folder, "default")).close()
    with Instance.open(paths.instance_path(folder)) as instance:
        identity.first_admin_token(folder, instance, "default", making.NOW)
    return folder


def contents(folder: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}


def run(command: str) -> None:
    """Run a command with what it is given, in this process. Raises what it raises."""
    commands.COMMANDS([*command.split(), *shlex.split(REFUSED[command])], standalone_mode=False)


@pytest.mark.parametrize(
    ("command", "how"),
    [(command, "the environment") for command in REFUSED if command not in ACTS]
    + [(command, "the note of the last arena") for command in REFUSED],
)
def test_a_command_that_would_open_files_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, how: str
) -> None:
    if how == "the environment":
        monkeypatch.setenv("ARENA_DATABASE", URL)
    else:
        paths.in_database(folder).touch()
    before = contents(folder)
    with pytest.raises(errors.StoreError, match="is in a database") as refused:
        run(command)
    assert "start one with `arena serve`" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert contents(folder) == before


@pytest.mark.postgres
@pytest.mark.parametrize("command", sorted(ACTS))
def test_a_command_that_cannot_reach_the_database_opens_no_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("ARENA_DATABASE", URL)
    before = contents(folder)
    with pytest.raises(errors.Overloaded, match="cannot be reached") as refused:
        run(command)
    assert "secret" not in str(refused.value)
    assert contents(folder) == before


def test_a_command_that_reads_a_configuration_heeds_the_database_in_it(folder: Path) -> None:
    file = folder.parent / "arena.toml"
    file.write_text(f'database = "{URL}"\n{file.read_text()}')
    with pytest.raises(errors.StoreError, match="is in a database"):
        run("generate")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", ["tokens list", "workspaces list", "verify", "release key"])
def test_of_an_installation_in_files_they_are_opened(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """The positive control."""
    run(command)
    assert capsys.readouterr().out


def test_a_key_that_an_arena_brought_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("release key")
    printed = capsys.readouterr().out
    paths.in_database(folder).touch()
    run("release key")
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("made", ["files", "folder"])
async def test_an_arena_that_lost_the_setting_makes_no_installation_of_files(
    made: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue(made) if made == "files" else tmp_path / "new"
    data.mkdir(exist_ok=True)
    note = paths.in_database(data)
    note.touch()
    before = contents(data)
    with pytest.raises(errors.StoreError, match="ARENA_DATABASE") as refused:
        async with installation.opened(Settings(data_dir=data)):
            pass
    assert f"remove {note} first" in str(refused.value)
    assert contents(data) == before
    note.unlink()
    async with installation.opened(Settings(data_dir=data)):  # the positive control
        assert paths.workspace_path(data, "default").exists()
