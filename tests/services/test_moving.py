"""A workspace that leaves for another installation: all of it, whole or not at all, and nothing to sign in with."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from arena.domain.ids import ReleaseId
from arena.domain.principal import Principal, Role
from arena.domain.selection import Selection
from arena.errors import ArenaError, Conflict, Forbidden, InvalidValue, NotFound, StoreCorrupt, StoreError
from arena.exports.proofs import receipts, verification
from arena.imports import media_files
from arena.services import checked_folder, clock, exporting, identity, installation, moving, paths
from arena.services.exporting import Order
from arena.services.installation import Installation
from arena.services.open_workspace import OpenWorkspace
from arena.services.signing_in import Visitor
from arena.settings import Settings
from arena.store.instance import Instance
from tests import kills
from tests.imports import media_samples
from tests.old.test_workspace import unpacked
from tests.services.test_installation import admin, fill

pytestmark = pytest.mark.slow

Told = dict[str, Any]
PASSWORD = "nine violet tractors hum"
NOBODY = Visitor(address="", client="", raters={})
UNASKED = {"minimum_votes": 1, "ties": "drop"}
"""A selection that no release was made of before the workspace left."""
OLD, NEW = "default", "lab-b"
"""One whose names hang on the installation's secret, and one that was made with a key of its own for them."""


class Left:
    """An installation with an old and a new workspace, both exported while it ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        unpacked(folder)
        self.secrets: set[str] = set()
        self.told = asyncio.run(self._export())

    def exported(self, name: str) -> Path:
        return self.folder / f"left-{name}"

    async def _export(self) -> dict[str, Told]:
        async with installation.opened(Settings(data_dir=self.data)) as arena:
            operator = holder(arena, OLD)
            await arena.make(operator, NEW, {}, clock.now())
            await fill(arena.of(admin(NEW)), self.folder, NEW)
            for name in (OLD, NEW):
                services = arena.of(admin(name))
                services.media.keep(media_files.read(media_samples.image("PNG"), "a.png", 10**6))
                chosen = paths.selections_path(self.data, name)
                chosen.mkdir(exist_ok=True)
                (chosen / "mine.toml").write_text("test_share = 0.1\n")
                link = arena.inviting.invite(admin(name), "lab", clock.now())
                made = await arena.inviting.accept(
                    link.token, f"canary@{name}.example", PASSWORD, "Canary Person", NOBODY, clock.now()
                )
                token = services.identity.create_token(admin(name), Role.LAB, clock.now())
                rater = services.identity.new_rater(clock.now())
                self.secrets |= {link.token, made.token, token.text, rater.token, f"canary@{name}.example", PASSWORD}
            self.secrets |= {one.hash for one in arena.instance.tokens()}
            self.secrets |= {one.password for one in arena.instance.accounts.all()}
            self.secrets |= {path.read_text().strip() for path in self.data.glob("*-*") if path.is_file()}
            self.secrets.add((self.data / "workspaces" / NEW / "secret").read_text().strip())
            told = {name: await said(arena, name) for name in (OLD, NEW)}
            for name in (OLD, NEW):
                assert await arena.export(holder(arena, name), self.exported(name)) == self.exported(name)
                await arena.export(holder(arena, name), self.folder / f"again-{name}")
        return told


async def said(arena: Installation, name: str) -> Told:
    """What a workspace says of itself, whatever it is called."""
    services, asker = arena.of(admin(name)), admin(name)
    here = services.backups._here
    releases = [one.release_id for one in services.exporting.all(asker)[0]]
    with here.store.reading() as connection:
        votes = connection.execute("SELECT vote_id, rater_id FROM votes ORDER BY sequence").fetchall()
    proofs = {}
    for release_id in releases:
        for vote_id, rater_id in votes:
            rater = Principal(id=rater_id, role=Role.RATER, workspace=name)
            try:
                found = await services.proving.prove(rater, release_id, vote_id)
            except (NotFound, InvalidValue):
                continue
            proofs[release_id, vote_id] = (found.contributor, json.loads(found.proof.to_json()))
    return {
        "board": {**(await services.boards.overall(asker)).document(), "command": "names the workspace"},
        "raters": [here.pseudonyms.name(rater_id) for _, rater_id in votes],
        "votes": [vote_id for vote_id, _ in votes],
        "key": here.signer.public_key,
        "proofs": proofs,
        "built": {release_id: built(here, services.exporting.find(asker, release_id)) for release_id in releases},
        "lines": (await services.backups.verify(asker)).lines,
    }


def built(here: OpenWorkspace, export: Any) -> dict[str, str]:
    """The digests of the data and of the shares of a release, built again."""
    return digests(here, export.format, export.manifest["selection"])


def digests(here: OpenWorkspace, format_name: str, selection: dict[str, Any]) -> dict[str, str]:
    folder = here.releases.parent / "built"
    wanted = Order(release_id=ReleaseId("rel_BUILT"), format=format_name, selection=Selection.from_mapping(selection))
    exporting.build(here, wanted, folder)
    found = {file.name: checked_folder.digest(file) for file in checked_folder.files(folder / "data")}
    found["credit"] = json.loads((folder / "manifest.json").read_text())["credit"]
    shutil.rmtree(folder)
    return found


def holder(arena: Installation, name: str) -> Principal:
    """Whoever has the token that was written when a workspace was made."""
    written = identity.admin_token_path(arena.settings.data_dir, name).read_text().strip()
    found = arena.of(admin(name)).identity.bearer(written)
    assert found is not None
    return found


def taken_in(data: Path, directory: Path, name: str | None = None) -> str:
    data.mkdir(exist_ok=True)
    with paths.private_files(), Instance.open(paths.instance_path(data)) as instance:
        return moving.take_in(data, instance, directory, name, "command line", clock.now())[0]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return Left(tmp_path_factory.mktemp("left"))


@pytest.mark.parametrize("name", [OLD, NEW])
def test_elsewhere_and_under_another_name_it_says_the_same(left: Left, tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"

    async def look() -> None:
        async with installation.opened(Settings(data_dir=data)) as arena:
            entered = await arena.take_in(holder(arena, "default"), left.exported(name), "moved-in", clock.now())
            assert entered == ("moved-in", data / "admin-token-moved-in")
            assert await said(arena, "moved-in") == left.told[name]
            services = arena.of(admin("moved-in"))
            assert (await services.backups.verify(admin("moved-in"))).problems == ()
            assert (services.rules.anonymous, services.rules.public_board) == (False, False)
            assert holder(arena, "moved-in").role is Role.ADMIN

    asyncio.run(look())
    folder = paths.workspaces_folder(data) / "moved-in"
    assert {path.name for path in folder.iterdir()} == {
        *("workspace.duckdb", "workspace.heads", "names", "secret", "release-key", "releases", "media", "selections")
    }
    for release in (folder / "releases").iterdir():
        at_home = paths.releases_path(left.data, name) / release.name
        key = left.told[name]["key"]
        assert verification.release(release, key) == verification.release(at_home, key)
        assert verification.release(release, key).proven
    assert left.told[name]["proofs"], "positive control: there were proofs to compare"
    for _, proof in left.told[name]["proofs"].values():
        assert receipts.check(receipts.read(proof), left.told[name]["key"]).proven
    asyncio.run(_opens_again(data))


async def _opens_again(data: Path) -> None:
    async with installation.opened(Settings(data_dir=data)) as arena:
        assert arena.named("moved-in") is not None


def test_a_selection_nobody_had_asked_for_gives_the_same_bytes_in_both_places(left: Left, tmp_path: Path) -> None:
    data = tmp_path / "data"
    taken_in(data, left.exported(NEW), "moved-in")
    found = []
    for folder, name in ((left.data, NEW), (data, "moved-in")):
        with installation.workspace_services.open_workspace.opened(folder, name) as here:
            found.append(digests(here, "battles", UNASKED))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", [OLD, NEW])
def test_two_exports_from_the_same_head_are_the_same_bytes(left: Left, name: str) -> None:
    first, second = left.exported(name), left.folder / f"again-{name}"
    listed = (first / moving.SUMS).read_text()
    assert listed == (second / moving.SUMS).read_text()
    named = {line.partition("  ")[2] for line in listed.splitlines()}
    assert named == {str(file.relative_to(first)) for file in checked_folder.files(first)} - {moving.SUMS}


@pytest.mark.parametrize("name", [OLD, NEW])
def test_nothing_in_it_signs_anybody_in(left: Left, tmp_path: Path, name: str) -> None:
    """Every secret of the installation is looked for in every byte, and in every cell of every table."""
    texts = [file.read_bytes() for file in checked_folder.files(left.exported(name))]
    for table in (left.exported(name) / moving.TABLES).iterdir():
        texts.append(repr(duckdb.read_parquet(str(table)).fetchall()).encode())
    everything = b"\n".join(texts)
    assert len(left.secrets) > 15
    for secret in left.secrets:
        assert secret.encode() not in everything
        assert len(secret) != 64 or bytes.fromhex(secret) not in everything
    assert left.told[name]["votes"][0].encode() in everything, "positive control: what is in it is found"
    assert (left.exported(name) / "release-key").read_bytes().strip() in everything


def test_the_names_of_an_old_workspace_travel_without_the_secret_they_hang_on(left: Left, tmp_path: Path) -> None:
    """A newcomer gets a name there, too, and not the one that the secret at home would give."""
    taken_in(tmp_path / "data", left.exported(OLD), "moved-in")
    at_home = identity.name_key(left.data, OLD)
    away = identity.name_key(tmp_path / "data", "moved-in")
    assert (at_home.known, away.known == {}) == ({}, False)
    assert away.of_rater("new") != at_home.of_rater("new")
    assert away.of_items("default") == at_home.of_items("default")
    assert away.secret != at_home.secret


def test_what_exists_is_not_overwritten(left: Left, tmp_path: Path) -> None:
    assert taken_in(tmp_path / "data", left.exported(NEW)) == NEW
    before = identity.admin_token_path(tmp_path / "data", NEW).read_text()
    with pytest.raises(Conflict, match="There is a workspace lab-b already"):
        taken_in(tmp_path / "data", left.exported(OLD), NEW)
    assert identity.admin_token_path(tmp_path / "data", NEW).read_text() == before
    assert taken_in(tmp_path / "data", left.exported(OLD)) == OLD, "where there is no default workspace, it may be one"
    with pytest.raises(InvalidValue, match="cannot name a workspace"):
        taken_in(tmp_path / "data", left.exported(NEW), "../out")
    with pytest.raises(NotFound, match=r"has no workspace\.sha256"):
        taken_in(tmp_path / "data", left.data, "other")


def _edit(table: str, statement: str) -> Callable[[Path], None]:
    """Change a table, and write the list of checksums anew as whoever does that would."""

    def edit(folder: Path) -> None:
        file = folder / moving.TABLES / f"{table}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t AS FROM '{file}'")
            connection.execute(statement)
            connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")
        _sums_anew(folder)

    return edit


def _sums_anew(folder: Path) -> None:
    (folder / moving.SUMS).unlink()
    checked_folder.write_sums(folder, moving.SUMS)


def _flip(folder: Path) -> None:
    file = folder / "release-key"
    file.write_text(file.read_text().replace("A", "B", 1))


def _outside(folder: Path) -> None:
    sums = folder / moving.SUMS
    sums.write_text(sums.read_text().replace("  names", "  ../left/names"))


def _linked(folder: Path) -> None:
    """A file of somebody else, whose digest is known."""
    shutil.copy(folder / "names", folder.parent / "theirs")
    (folder / "names").unlink()
    (folder / "names").symlink_to(folder.parent / "theirs")


def _release(folder: Path) -> None:
    next((folder / "releases").rglob("train.jsonl")).write_text("{}\n")
    _sums_anew(folder)


def _medium(folder: Path) -> None:
    next((folder / "media").iterdir()).write_bytes(b"another picture")
    _sums_anew(folder)


def _about(**changes: Any) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        about = json.loads((folder / moving.ABOUT).read_text())
        (folder / moving.ABOUT).write_text(json.dumps(about | changes))
        _sums_anew(folder)

    return edit


def _without(path: str, *, listed: bool = False) -> Callable[[Path], None]:
    def remove(folder: Path) -> None:
        (folder / path).unlink()
        if not listed:
            _sums_anew(folder)

    return remove


def _more(folder: Path) -> None:
    shutil.copy(folder / "tables" / "votes.parquet", folder / "tables" / "more.parquet")
    _sums_anew(folder)


def _database(folder: Path) -> None:
    """A file in the place of the database, with a view that reads the machine's files."""
    with duckdb.connect(folder / "workspace.duckdb") as connection:
        connection.execute("CREATE VIEW counted_votes AS SELECT * FROM read_text('/etc/hostname')")
    _sums_anew(folder)


def _nested(folder: Path) -> None:
    (folder / moving.ABOUT).write_text("[" * 100_000)
    _sums_anew(folder)


WRONG: dict[str, tuple[Callable[[Path], None], type[ArenaError]]] = {
    "a byte": (_flip, StoreCorrupt),
    "a file is missing": (_without("tables/votes.parquet", listed=True), StoreCorrupt),
    "a file outside": (_outside, StoreCorrupt),
    "a link": (_linked, StoreCorrupt),
    "a vote": (_edit("votes", "UPDATE t SET winner = 'tie'"), StoreCorrupt),
    "a vote less": (_edit("votes", "DELETE FROM t WHERE rowid = 0"), StoreCorrupt),
    "a battle less": (_edit("battles", "DELETE FROM t WHERE rowid = 0"), StoreCorrupt),
    "a line less": (_edit("ledger", "DELETE FROM t WHERE rowid = (SELECT max(rowid) FROM t)"), StoreCorrupt),
    "a table is missing": (_without("tables/votes.parquet"), StoreCorrupt),
    "a table more": (_more, StoreCorrupt),
    "a column less": (_edit("votes", "ALTER TABLE t DROP COLUMN winner"), StoreCorrupt),
    "a column more": (_edit("votes", "ALTER TABLE t ADD COLUMN more INTEGER"), StoreCorrupt),
    "no table": (lambda folder: ((folder / "tables/votes.parquet").write_text("x"), _sums_anew(folder)), StoreCorrupt),
    "a release": (_release, StoreCorrupt),
    "a medium": (_medium, StoreCorrupt),
    "a database": (_database, StoreCorrupt),
    "nested": (_nested, StoreCorrupt),
    "sums are no text": (lambda folder: (folder / moving.SUMS).write_bytes(b"\xff"), StoreCorrupt),
    "heads": (_without("workspace.heads"), StoreCorrupt),
    "ledger": (lambda folder: ((folder / moving.LEDGER).write_text(""), _sums_anew(folder)), StoreCorrupt),
    "names": (lambda folder: ((folder / "names").write_text("{}"), _sums_anew(folder)), StoreCorrupt),
    "the key": (_without("release-key"), StoreCorrupt),
    "a word": (_edit("votes", "UPDATE t SET purpose = 'bogus'"), StoreCorrupt),
    "no JSON": (_edit("models", "UPDATE t SET sampling = '{'"), StoreCorrupt),
    "no known kind": (_edit("battles", "UPDATE t SET answers = 'bogus'"), StoreCorrupt),
    "nested JSON": (_edit("battles", "UPDATE t SET history = repeat('[', 100000)"), StoreCorrupt),
    "newer": (_about(migrations=[1, 9999]), StoreError),
    "another kind": (_about(schema="workspace/9"), StoreCorrupt),
    "no head": (_about(head=None), StoreCorrupt),
}


@pytest.mark.parametrize("what", WRONG)
def test_where_something_is_wrong_nothing_is_taken_in(left: Left, tmp_path: Path, what: str) -> None:
    directory = Path(shutil.copytree(left.exported(NEW), tmp_path / "left"))
    damage, raised = WRONG[what]
    damage(directory)
    with pytest.raises(raised):
        taken_in(tmp_path / "data", directory)
    assert not paths.workspaces_folder(tmp_path / "data").exists() or not list(
        paths.workspaces_folder(tmp_path / "data").iterdir()
    )
    with Instance.open(paths.instance_path(tmp_path / "data")) as instance:
        assert instance.tokens() == []


def test_killed_on_the_way_there_is_no_half_workspace(left: Left, tmp_path: Path) -> None:
    data = tmp_path / "data"
    killed = 0
    for operation in (5, 40, 80, 120, 150):
        if kills.killed_at(lambda: taken_in(data, left.exported(NEW)), operation) == 9:
            killed += 1
            assert paths.workspaces(data) == ()
    assert killed >= 4, "positive control: it was killed"
    taken_in(data, left.exported(NEW))
    assert [path.name for path in paths.workspaces_folder(data).iterdir()] == [NEW], "what the killed ones left is gone"


def test_killed_on_the_way_there_is_no_half_export(left: Left, tmp_path: Path) -> None:
    goal = tmp_path / "out"

    def write() -> None:
        with installation.workspace_services.open_workspace.opened(left.data, NEW) as here:
            moving.write(here, goal, paths.selections_path(left.data, NEW))

    for operation in (15, 30, 60):
        assert kills.killed_at(write, operation) == 9
        assert not goal.exists()
    write()
    assert (goal / moving.SUMS).read_text() == (left.exported(NEW) / moving.SUMS).read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


async def test_only_who_may_name_files_there_exports_and_only_the_operator_takes_in(left: Left, tmp_path: Path) -> None:
    async with installation.opened(Settings(data_dir=tmp_path / "data")) as arena:
        await arena.make(holder(arena, "default"), NEW, {}, clock.now())
        other = arena.of(admin(NEW)).identity.create_token(admin(NEW), Role.ADMIN, clock.now())
        principal = arena.of(admin(NEW)).identity.bearer(other.text)
        assert principal is not None
        with pytest.raises(Forbidden):
            await arena.export(principal, tmp_path / "out")
        for nobody in (principal, holder(arena, NEW)):
            with pytest.raises(Forbidden):
                await arena.take_in(nobody, left.exported(OLD), "more", clock.now())
        with pytest.raises(InvalidValue, match="exists already"):
            await arena.export(holder(arena, NEW), tmp_path)
