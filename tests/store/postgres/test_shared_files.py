"""Files that every process of a workspace has."""

import dataclasses
import threading
from pathlib import Path

import pytest

from arena.domain.ids import ReleaseId
from arena.errors import Conflict
from arena.services import open_workspace
from arena.services.shared_folder import SharedFolder
from arena.store.writing import commands
from tests import postgres
from tests.store import making
from tests.store.conftest import Opener

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (2 << 20) + 3])
def test_a_file_comes_back_as_it_was(process: Opener, tmp_path: Path, size: int) -> None:
    one, other = process().files, process().files
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_bytes(bytes(index % 251 for index in range(size)))
    one.put("media/a", before)
    assert other.get("media/a", after)
    assert after.read_bytes() == before.read_bytes()
    assert dict(other.names("media/")) == {"media/a": True}


def test_what_was_dropped_is_gone_for_everybody_and_is_not_put_again(process: Opener, tmp_path: Path) -> None:
    one, other = process().files, process().files
    file = tmp_path / "file"
    file.write_bytes(b"text")
    for name in ("releases/1/a", "releases/1/b", "releases/10/a"):
        one.put(name, file)
    assert other.dropped() == 0
    one.drop(["releases/1/a"])
    other.put("releases/1/a", file)
    assert not other.get("releases/1/a", tmp_path / "again")
    assert dict(other.names("releases/1/")) == {"releases/1/a": False, "releases/1/b": True}
    assert other.dropped() == 1


def test_files_of_releases_that_nobody_recorded_are_forgotten(process: Opener, tmp_path: Path) -> None:
    one, other = process(), process()
    file = tmp_path / "file"
    file.write_bytes(b"text")
    for name in ("releases/rel_1/a", "releases/rel_10/a", "media/rel_10"):
        one.files.put(name, file)
    recorded = commands.RecordRelease(
        release_id=ReleaseId("rel_1"), format="battles", manifest={}, created_at=making.NOW
    )
    one.submit(recorded).result()
    other.files.forget_unrecorded("exports")
    assert len(other.files.names("")) == 3, "the control: whoever may be at one has not said so"
    assert other.others.take("exports")
    one.files.forget_unrecorded("exports")
    assert len(other.files.names("")) == 3, "one stood still, and the other's release is on its way"
    other.files.forget_unrecorded("exports")
    assert [*other.files.names("")] == ["media/rel_10", "releases/rel_1/a"]
    assert other.files.get("releases/rel_1/a", tmp_path / "again")
    assert not other.files.get("releases/rel_10/a", tmp_path / "again")


def test_of_what_was_dropped_no_part_stays(process: Opener, server: postgres.Server, name: str, tmp_path: Path) -> None:
    one, other = process().files, process().files
    file = tmp_path / "file"
    file.write_bytes(b"text" * 1_000_000)

    def parts() -> int:
        with server.session() as session:
            return len(session.execute(f'SELECT part FROM "workspace_{name}".file_parts').fetchall())

    one.put("releases/1/a", file)
    assert parts() == 4
    other.drop(["releases/1/a"])
    assert parts() == 0
    one.put("releases/1/a", file)  # as where it was under way
    assert parts() == 0
    with server.session() as session:  # as where whoever put it was killed
        session.execute(f"""INSERT INTO "workspace_{name}".file_parts VALUES ('releases/1/a', 0, 'text')""")
    one.put("releases/1/b", file)
    other.forget_dropped()
    assert parts() == 4


def test_a_release_whose_turn_another_process_had_meanwhile_is_not_recorded(
    process: Opener, server: postgres.Server, name: str
) -> None:
    """Its files are forgotten by then, or it holds what was erased since."""
    one, other = process(), process()
    recording = commands.RecordRelease(
        release_id=ReleaseId("rel_1"), format="battles", manifest={}, created_at=making.NOW, work="exports"
    )
    assert one.others.take("exports")
    one.submit(recording).result()
    with server.session() as session:  # as where its signs ran out
        session.execute(f"""UPDATE "workspace_{name}".works SET process_id = ''""")
    assert other.others.take("exports")
    other.others.free("exports")
    with pytest.raises(Conflict, match="stood still"):
        one.submit(dataclasses.replace(recording, release_id=ReleaseId("rel_2"))).result()
    assert one.others.take("exports"), "the control: to ask for a turn anew says nothing of the one before"
    assert one.head.releases == 1


def test_of_a_file_that_is_put_again_the_newer_bytes_are_there(process: Opener, tmp_path: Path) -> None:
    files, file, after = process().files, tmp_path / "file", tmp_path / "after"
    for content in (b"a" * 3_000_000, b"b"):
        file.write_bytes(content)
        files.put("kept.json", file)
        assert files.get("kept.json", after)
        assert after.read_bytes() == content


def test_a_release_of_one_workspace_waits_for_none_of_another(process: Opener, tmp_path: Path) -> None:
    store, file = process(), tmp_path / "file"
    file.write_bytes(b"text")
    release_id = ReleaseId("rel_1")
    store.files.put("releases/rel_1/a", file)
    locks = threading.Lock(), threading.Lock()
    one, other = (
        SharedFolder(store, tmp_path / name / "releases", tmp_path / name / "media", lock)
        for name, lock in zip(("one", "other"), locks, strict=True)
    )
    with locks[1]:  # as while the other workspace's is brought
        one.bring(release_id)
        waits = threading.Thread(target=other.bring, args=(release_id,))
        waits.start()
        assert (tmp_path / "one" / "releases" / "rel_1" / "a").exists()
        assert not (tmp_path / "other" / "releases" / "rel_1").exists(), "the control: one of a workspace at a time"
    waits.join()
    assert (tmp_path / "other" / "releases" / "rel_1" / "a").exists()


def test_each_open_workspace_has_a_turn_of_its_own(tmp_path: Path) -> None:
    with (
        open_workspace.opened(tmp_path, "one") as one,
        open_workspace.opened(tmp_path, "other") as other,
    ):
        assert dataclasses.replace(one, name="again").bringing is one.bringing is not other.bringing
