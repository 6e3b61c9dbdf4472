"""What a killed process leaves aside is removed by whoever comes next; what a living one writes is left alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arena.domain.ids import ReleaseId
from arena.errors import ReleaseFailed
from arena.exports.writing import atomic_folder, release
from tests.exports import making

WRITE = """
import sys
from pathlib import Path
from arena.exports.writing import release
from tests.exports import making

def records():
    for number in range(3000):
        if number == 2500:
            print("in the middle", flush=True)
            sys.stdin.readline()
        yield making.record(number)

noted = Path(sys.argv[2]) if len(sys.argv) > 2 else None
release.write(Path(sys.argv[1]), "trl-dpo", records(), making.facts(), noted=noted)
"""
ASIDE = ".out.rel_1.partial"


@contextmanager
def writing(*folders: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of writing a release."""
    checkout = Path(__file__).parents[3]
    command = [sys.executable, "-c", WRITE, *map(str, folders)]
    with subprocess.Popen(
        command, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "in the middle\n"
        try:
            yield child
        finally:
            child.kill()


def another(folder: Path) -> None:
    release.write(folder, "trl-dpo", making.assorted(), making.facts(release_id=ReleaseId("rel_2")))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_next_export_to_the_same_place_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    with writing(tmp_path / "out") as child:
        assert names(tmp_path) == [ASIDE]
        child.send_signal(signal.SIGKILL)
    assert names(tmp_path) == [ASIDE], "positive control: nothing else removes it"
    another(tmp_path / "whole")
    assert names(tmp_path) == ["whole"]


def test_what_a_living_process_writes_is_left_alone(tmp_path: Path) -> None:
    with writing(tmp_path / "out", tmp_path / "noted") as child:
        another(tmp_path / "whole")
        assert atomic_folder.remove_unfinished(tmp_path) == ()
        assert atomic_folder.remove_unfinished(tmp_path / "noted") == ()
        assert names(tmp_path) == [ASIDE, "noted", "whole"]
        assert names(tmp_path / "noted") == [ASIDE]
        assert child.stdin is not None
        child.stdin.write("\n")
        assert child.wait(60) == 0
    assert names(tmp_path) == ["noted", "out", "whole"]
    assert names(tmp_path / "noted") == []


def test_what_was_noted_is_removed_wherever_it_is(tmp_path: Path) -> None:
    elsewhere, noted = tmp_path / "elsewhere", tmp_path / "noted"
    with writing(elsewhere / "out", noted) as child:
        child.send_signal(signal.SIGKILL)
    assert (names(elsewhere), names(noted)) == ([ASIDE], [ASIDE])
    assert atomic_folder.remove_unfinished(noted) == (elsewhere / ASIDE,)
    assert (names(elsewhere), names(noted)) == ([], [])
    assert atomic_folder.remove_unfinished(noted) == ()


@pytest.mark.parametrize("name", [".out.partial", ".out.1.partial", "out.rel_1.partial", ".out.rel_1.partial.d"])
def test_folders_of_others_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert atomic_folder.remove_unfinished(tmp_path) == ()
    assert names(tmp_path) == [name]


def test_neither_a_file_nor_what_a_link_of_another_name_leads_to_is_removed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / ASIDE).symlink_to(tmp_path / "kept")
    (tmp_path / ".file.rel_1.partial").write_text("kept")
    assert atomic_folder.remove_unfinished(tmp_path) == ()
    assert names(tmp_path) == [".file.rel_1.partial", ASIDE, "kept"]


def test_a_folder_taken_for_a_dead_ones_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, removed = atomic_folder._opened, []

    def late(folder: Path) -> int:
        if not removed:
            monkeypatch.setattr(atomic_folder, "_opened", opening)
            removed.extend(atomic_folder.remove_unfinished(tmp_path))
        return opening(folder)

    monkeypatch.setattr(atomic_folder, "_opened", late)
    another(tmp_path / "whole")
    assert [path.name for path in removed] == [".whole.rel_2.partial"]
    assert names(tmp_path) == ["whole"]


def test_what_cannot_be_removed_is_named_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ASIDE).mkdir()

    def refuse(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr("shutil.rmtree", refuse)
    another(tmp_path / "whole")
    assert "cannot be removed (Permission denied)" in caplog.text
    assert names(tmp_path) == [ASIDE, "whole"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReleaseFailed, match=r"could not be written \((Not a directory|File exists)\)"):
        another(tmp_path / "file" / "whole")
