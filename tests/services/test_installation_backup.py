"""A backup of everything brings back everything, appears whole or not at all, and shows itself to nobody else."""

import asyncio
import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from arena.domain.principal import Principal, Role
from arena.errors import Forbidden, InvalidValue, NotFound, StoreCorrupt, StoreError
from arena.exports.proofs import receipts, verification
from arena.services import checked_folder, clock, identity, installation, installation_backup, old_layout, paths
from arena.services.installation import Installation
from arena.settings import Settings
from arena.store import database
from arena.store.instance import Instance
from tests import kills
from tests.services.test_installation import NAMES, admin, fill, ids

Told = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """A backup that was taken while the arena ran, and what the arena said."""
    folder = tmp_path_factory.mktemp("whole")
    told = asyncio.run(_backed_up(folder))
    return folder, told


async def _backed_up(folder: Path) -> Told:
    data = folder / "data"
    async with installation.opened(Settings(data_dir=data)) as arena:
        await arena.open("lab-b")
        identity.first_admin_token(data, arena.instance, "lab-b", clock.now())
        for name in NAMES:
            await fill(arena.of(admin(name)), folder, name)
        (data / "selections").mkdir()
        (data / "selections" / "mine.toml").write_text("test_share = 0.1\n")
        token = (data / "admin-token").read_text().strip()
        told: Told = {"token": token, "rater": arena.default.identity.new_rater(clock.now()).token}
        told |= {name: await _said(arena, name) for name in NAMES}
        operator = arena.default.identity.bearer(token)
        assert operator is not None
        assert await arena.backup(operator, folder / "backup") == folder / "backup"
    return told


async def _said(arena: Installation, name: str) -> Told:
    """What a workspace says of its one vote and one release."""
    services = arena.of(admin(name))
    here = ids(services, name)
    found = await services.proving.prove(admin(name), here["release_id"], here["vote_id"])
    return {
        "release_id": here["release_id"],
        "proof": json.loads(found.proof.to_json()),
        "key": services.exporting.public_key,
        "lines": (await services.backups.verify(admin(name))).lines,
        "tokens": [token.token_id for token in services.identity.tokens(admin(name))],
    }


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_tokens_raters_receipts_keys_and_proofs_hold_after_a_restore(made: tuple[Path, Told], tmp_path: Path) -> None:
    folder, told = made
    data = installation_backup.restore(folder / "backup", tmp_path / "data")

    async def look() -> None:
        async with installation.opened(Settings(data_dir=data)) as arena:
            assert arena.new_admin_token is None, "the token that was written at first is the one still"
            await arena.open("lab-b")
            found = arena.default.identity.bearer(told["token"])
            assert found is not None
            assert found.role is Role.ADMIN
            assert arena.default.identity.rater(told["rater"]) is not None
            for name in NAMES:
                assert await _said(arena, name) == told[name]
                assert (await arena.of(admin(name)).backups.verify(admin(name))).problems == ()
                release = paths.releases_path(data, name) / told[name]["release_id"]
                checked = verification.release(release, told[name]["key"])
                assert (checked.proven, checked.problems) == (True, ())
                proof = receipts.check(receipts.read(told[name]["proof"]), told[name]["key"])
                assert (proof.proven, proof.problems) == (True, ())

    asyncio.run(look())
    assert (data / "selections" / "mine.toml").read_text() == "test_share = 0.1\n"
    assert not old_layout.found(data)


def test_the_same_is_written_when_no_arena_runs(made: tuple[Path, Told], tmp_path: Path) -> None:
    folder, _ = made
    with Instance.open(paths.instance_path(folder / "data")) as instance:
        again = installation_backup.write(folder / "data", tmp_path / "again", instance, {})
    assert files(again) == files(folder / "backup")
    assert "server.json" not in files(again)


def test_every_file_is_for_its_owner_alone(made: tuple[Path, Told], tmp_path: Path) -> None:
    folder, _ = made
    data = installation_backup.restore(folder / "backup", tmp_path / "data")
    for whole in (folder / "backup", data):
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (whole, *whole.rglob("*"))}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


async def test_only_the_token_of_the_first_start_may_ask_for_it(tmp_path: Path) -> None:
    async with installation.opened(Settings(data_dir=tmp_path / "data")) as arena:
        other = arena.default.identity.create_token(admin("default"), Role.ADMIN, clock.now())
        rater = arena.default.identity.new_rater(clock.now()).token
        for value in (other.text, rater):
            principal = arena.default.identity.bearer(value)
            assert principal is not None
            with pytest.raises(Forbidden, match="for its operator, who holds the token in admin-token"):
                await arena.backup(principal, tmp_path / "backup")
        operator = arena.default.identity.bearer((tmp_path / "data" / "admin-token").read_text().strip())
        assert operator is not None
        for wrong in (Path("relative"), tmp_path):
            with pytest.raises(InvalidValue):
                await arena.backup(operator, wrong)
        identity.admin_token_path(tmp_path / "data", "default").unlink()
        with pytest.raises(Forbidden):
            await arena.backup(operator, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_nothing_is_put_over_what_exists(made: tuple[Path, Told], tmp_path: Path) -> None:
    folder, _ = made
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine").write_text("kept")
    with pytest.raises(StoreError, match="exists and is not overwritten; move it away"):
        installation_backup.restore(folder / "backup", tmp_path / "data")
    assert files(tmp_path) == {"data/mine"}
    with pytest.raises(NotFound, match=r"no backup of an installation: it has no installation\.sha256"):
        installation_backup.restore(tmp_path / "data", tmp_path / "new")


@pytest.mark.parametrize("damage", ["flipped", "missing", "outside", "ledger"])
def test_a_backup_that_is_not_what_was_written_is_not_restored(
    made: tuple[Path, Told], tmp_path: Path, damage: str
) -> None:
    folder, _ = made
    backup = Path(shutil.copytree(folder / "backup", tmp_path / "backup"))
    secret, sums = backup / "signing-secret", backup / installation_backup.SUMS
    if damage == "flipped":
        first, *rest = secret.read_text()
        secret.write_text("".join(["1" if first == "0" else "0", *rest]))
    elif damage == "missing":
        secret.unlink()
    elif damage == "outside":
        sums.write_text(sums.read_text().replace("  signing-secret", "  ../backup/signing-secret"))
    else:
        path = paths.workspace_path(backup, "lab-b")
        with database.connect(path) as connection:
            connection.execute("UPDATE votes SET winner = 'tie'")
        name = str(path.relative_to(backup))
        lines = [line for line in sums.read_text().splitlines(keepends=True) if not line.endswith(f"  {name}\n")]
        sums.write_text("".join([*lines, f"{checked_folder.digest(path)}  {name}\n"]))
    with pytest.raises(StoreCorrupt, match="does not verify" if damage == "ledger" else "restore another backup"):
        installation_backup.restore(backup, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup"]


def test_killed_on_the_way_there_is_no_half_data_folder(made: tuple[Path, Told], tmp_path: Path) -> None:
    folder, _ = made
    goal = tmp_path / "place" / "data"
    killed = 0
    for operation in (1, 9, 40, 90, 140, 170):
        if kills.killed_at(lambda: installation_backup.restore(folder / "backup", goal), operation) == 9:
            killed += 1
            assert not goal.exists()
    assert killed == 6, "positive control: it was killed each time"
    installation_backup.restore(folder / "backup", goal)
    assert [path.name for path in goal.parent.iterdir()] == ["data"], "what the killed ones left is gone"
    assert files(goal) == files(folder / "backup") - {installation_backup.SUMS}


def test_killed_on_the_way_there_is_no_half_backup(made: tuple[Path, Told], tmp_path: Path) -> None:
    folder, _ = made
    goal = tmp_path / "backup"

    def write() -> None:
        with Instance.open(paths.instance_path(folder / "data")) as instance:
            installation_backup.write(folder / "data", goal, instance, {})

    for operation in (20, 60, 110):
        assert kills.killed_at(write, operation) == 9
        assert not goal.exists()
    write()
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]
    assert files(goal) == files(folder / "backup")


def test_a_principal_of_another_workspace_is_no_operator(tmp_path: Path) -> None:
    async def ask() -> None:
        async with installation.opened(Settings(data_dir=tmp_path / "data")) as arena:
            holder = arena.default.identity.bearer((tmp_path / "data" / "admin-token").read_text().strip())
            assert holder is not None
            with pytest.raises(Forbidden):
                await arena.backup(Principal(id=holder.id, role=Role.ADMIN, workspace="lab-b"), tmp_path / "backup")

    asyncio.run(ask())
