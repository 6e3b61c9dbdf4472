"""The pages for raters, labs and admins say what is so: keys, words, files, and the way there and back of a backup."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import settings
from arena.services import paths
from arena.settings import campaigns as campaign_settings
from arena.ui import battle
from tests import arenas
from tests.inference import misbehaving

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("echo", "say:No.")


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_the_raters_page_has_the_keys_of_the_battle_page() -> None:
    rows = re.findall(r"^\| ((?:`[^`]+` ?)+) \| (.+) \|$", _page("raters.md").partition("## Keys")[2], re.MULTILINE)
    written = [(keys.replace("`", ""), meaning.replace("`", "")) for keys, meaning in rows]
    assert written == [(keys, re.sub(r"</?kbd>", "", meaning)) for keys, meaning in battle.KEYS]


def test_every_word_of_the_house_is_in_the_glossary() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    words = re.search(r"\*\*Words\.\*\* ([^:]+):", contributing)
    assert words
    glossary = _page("glossary.md").lower()
    assert [word for word in re.split(r",\s+", words[1]) if f"**{word}**" not in glossary] == []


def test_no_word_stands_twice_in_the_glossary() -> None:
    words = re.findall(r"^\| (\*\*.+?) \|", _page("glossary.md"), re.MULTILINE)
    assert len(words) > 40
    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", ["getting-started.md", "labs.md", "operating.md"])
def test_the_configurations_of_a_page_are_valid(name: str) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", _page(name), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in map(tomllib.loads, blocks):
        if "name" in block:  # the file of one campaign
            campaign_settings.parsed(block)
        else:
            settings.Settings.model_validate(block)


# -- the data folder -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[arenas.Arena, Path, str]]:
    """An arena with one vote and one release, the folder it was started in, and the token of its rater."""
    here = tmp_path_factory.mktemp("installation")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(here / "arena-data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.admin() as admin:
            with running.client() as anybody:
                token = anybody.post("/api/v1/raters").json()["token"]
            with running.client(token) as rater:
                arenas.vote(rater, arenas.battle(rater)).raise_for_status()
            status = admin.post("/api/v1/exports", json={"format": "battles"}).json()
            while status["state"] == "building":
                status = admin.get(f"/api/v1/exports/{status['release_id']}").json()
            yield running, here, token


def _kept() -> set[str]:
    """The files that the module of paths names, those that this arena has none of, too."""
    found = set[str]()
    for line in re.findall(r"^DATA_DIR/(.*?)  ", paths.__doc__ or "", re.MULTILINE):
        first, *others = line.rstrip(",").split(", ")
        folder = first[: first.rstrip("/").rfind("/") + 1]
        found |= {first, *(folder + name for name in others)}
    return found


def test_every_file_of_the_data_folder_has_its_row(arena: tuple[arenas.Arena, Path, str]) -> None:
    _, here, _ = arena
    data = here / "arena-data"
    found = [*data.iterdir(), *(data / "workspaces" / "default").iterdir()]
    named = {path.relative_to(data).as_posix() + "/" * path.is_dir() for path in found} - {"workspaces/"}
    there = {name.replace("workspaces/default/", "workspaces/NAME/") for name in named}
    table = _page("operating.md").partition("| file | holds |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \| .* \| .* \|$", table, re.MULTILINE)
    assert {name for name in there if not name.endswith(".wal")} | _kept() == set(rows)


@pytest.mark.slow
def test_a_backup_as_the_page_makes_it_comes_back_as_the_page_says(arena: tuple[arenas.Arena, Path, str]) -> None:
    _, here, token = arena
    there, back = re.findall(r"```bash\n(.*?)```", _page("operating.md").partition("## Backups")[2], re.DOTALL)[:2]
    elsewhere = here / "elsewhere"
    elsewhere.mkdir()
    _bash(there, here)
    (here / "backups").rename(elsewhere / "backups")
    assert "every vote is as it was recorded" in _bash(back, elsewhere)
    for name in ("admin-token", "signing-secret", "workspaces/default/release-key"):
        assert (elsewhere / "arena-data" / name).read_bytes() == (here / "arena-data" / name).read_bytes()
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(elsewhere / "arena-data", server.endpoint, MODELS)
        with arenas.running(settings, pages=False) as running, running.client(token) as rater:
            assert rater.get("/api/v1/me").json()["votes"] == 1, "a rater is no stranger to their votes"


def _bash(commands: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-euc", commands],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
