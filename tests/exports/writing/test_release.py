"""`exports.writing.release`: a folder that appears whole or not at all, and whose figures add up."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.ids import ReleaseId
from arena.domain.name_key import NameKey
from arena.domain.vote import Winner
from arena.errors import InvalidValue, ReleaseFailed
from arena.exports.folder import id_tables
from arena.exports.format import Row
from arena.exports.writing import release
from tests.exports import making

FILES = {
    "README.md",
    "manifest.json",
    "signature.json",
    *id_tables.NAMES,
    "data/train.jsonl",
    "data/train.parquet",
}
EACH_FORMAT = pytest.mark.parametrize("name", exports.FORMATS)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(folder: Path, part: str) -> list[Row]:
    """The rows of a part; one without rows has no file."""
    path = folder / "data" / f"{part}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@EACH_FORMAT
def test_a_release_is_the_folder_of_the_design(tmp_path: Path, name: str) -> None:
    release.write(tmp_path / "out", name, making.assorted(), making.facts())
    wanted_by_trainer = exports.FORMATS[name].files({"train": 1, "test": 0})
    assert set(contents(tmp_path / "out")) == FILES | set(wanted_by_trainer)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@EACH_FORMAT
def test_the_manifest_is_what_was_returned_and_hashes_every_file_before_it(tmp_path: Path, name: str) -> None:
    manifest = release.write(tmp_path / "out", name, making.assorted(), making.facts(test_share=0.4))
    found = contents(tmp_path / "out")
    assert json.loads(found.pop("manifest.json")) == manifest.to_dict()
    del found["signature.json"]
    assert {entry.path: (entry.sha256, entry.bytes) for entry in manifest.files} == {
        path: (hashlib.sha256(content).hexdigest(), len(content)) for path, content in found.items()
    }


@EACH_FORMAT
def test_the_same_records_at_the_same_head_give_the_same_bytes_in_every_file(tmp_path: Path, name: str) -> None:
    for folder, release_id in (("one", "rel_1"), ("two", "rel_2")):
        facts = making.facts(release_id=ReleaseId(release_id), test_share=0.4)
        release.write(tmp_path / folder, name, making.assorted(), facts)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@EACH_FORMAT
@pytest.mark.parametrize("part", ["train", "test"])
def test_both_files_of_a_part_hold_the_same_rows(tmp_path: Path, name: str, part: str) -> None:
    hostile = [
        making.record(number, prompt=text, text_a=text, votes=(making.vote(number, edit=text + "."),))
        for number, text in enumerate(making.HOSTILE, start=20)
    ]
    release.write(tmp_path / "out", name, [*making.assorted(), *hostile], making.facts(test_share=0.4))
    table = pq.read_table(tmp_path / "out" / "data" / f"{part}.parquet")
    assert table.schema == exports.FORMATS[name].schema
    assert table.to_pylist() == rows(tmp_path / "out", part)
    assert table.num_rows > 0


def test_a_hostile_text_reaches_the_trainer_as_it_was_written(tmp_path: Path) -> None:
    hostile = [
        making.record(place, prompt=text, text_a=text + "!", text_b=text) for place, text in enumerate(making.HOSTILE)
    ]
    release.write(tmp_path / "out", "trl-dpo", hostile, making.facts())
    found = [
        (row["prompt"][0]["content"], row["chosen"][0]["content"], row["rejected"][0]["content"])
        for row in rows(tmp_path / "out", "train")
    ]
    assert found == [(text, text + "!", text) for text in making.HOSTILE]


def test_what_was_left_out_is_named_with_its_reason_and_without_text(tmp_path: Path) -> None:
    manifest = release.write(tmp_path / "out", "trl-dpo", making.assorted(), making.facts())
    table = pq.read_table(tmp_path / "out" / "left_out.parquet")
    assert table.to_pylist() == [
        {"battle_id": "b_3", "vote_id": None, "reason": "both_bad"},
        {"battle_id": "b_4", "vote_id": None, "reason": "tie"},
        {"battle_id": "b_6", "vote_id": None, "reason": "empty_answer"},
        {"battle_id": "b_8", "vote_id": None, "reason": "no_majority"},
    ]
    assert manifest.counts.left_out == {"both_bad": 1, "empty_answer": 1, "no_majority": 1, "tie": 1}


@EACH_FORMAT
def test_half_a_character_is_left_out_and_counted_never_bent(tmp_path: Path, name: str) -> None:
    broken, whole = (
        making.record(number, text_a=text, votes=(making.vote(number, edit=text + "!"),))
        for number, text in ((1, "half \ud83d"), (2, "whole \U0001f600"))
    )
    manifest = release.write(tmp_path / "out", name, [broken, whole], making.facts())
    assert manifest.counts.left_out == {"not_unicode": 1}
    assert [row["battle_id"] for row in pq.read_table(tmp_path / "out" / "left_out.parquet").to_pylist()] == ["b_1"]
    assert manifest.counts.taken == 1
    assert "half" not in (tmp_path / "out" / "data" / "train.jsonl").read_text()


WINNERS = st.lists(st.sampled_from(Winner), max_size=4)
RECORDS = st.lists(
    st.tuples(
        WINNERS, st.sampled_from(["Why?", "How?", "When?", "Who?"]), st.sampled_from(["", " ", "x", "y"]), st.booleans()
    ),
    min_size=1,
    max_size=25,
)


FORTY = settings(
    max_examples=min(40, settings.default.max_examples), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FORTY
@given(RECORDS, st.sampled_from([0.0, 0.3, 0.7]))
def test_figures_add_up_and_every_vote_is_where_it_belongs(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[list[Winner], str, str, bool]], share: float
) -> None:
    records = [
        making.record(number, winners=winners, prompt=prompt, text_a=f"{number}", text_b=text, void=void)
        for number, (winners, prompt, text, void) in enumerate(made)
    ]
    always = making.record(999, prompt="Always here.")
    for name in ("trl-dpo", "battles"):
        form = exports.FORMATS[name]
        folder = tmp_path_factory.mktemp("release") / "out"
        manifest = release.write(folder, name, [*records, always], making.facts(test_share=share))
        counts = manifest.counts
        left_out = pq.read_table(folder / "left_out.parquet").to_pylist()
        written = [*rows(folder, "train"), *rows(folder, "test")]
        assert counts.battles == len(records) + 1
        assert counts.votes == sum(len(winners) for winners, *_ in made) + 1
        assert counts.units == counts.taken + sum(counts.left_out.values())
        assert sum(counts.left_out.values()) == len(left_out)
        assert sum(counts.rows.values()) == counts.taken == len(written)
        assert counts.units == (counts.battles if form.unit == "battle" else counts.votes)
    left_out_votes = {row["vote_id"] for row in left_out}
    written_votes = [row["vote_id"] for row in written]
    assert len(set(written_votes)) == len(written_votes)
    assert left_out_votes.isdisjoint(written_votes)
    assert left_out_votes | set(written_votes) == {
        vote.vote_id for record in [*records, always] for vote in record.votes
    }


@FORTY
@given(st.lists(st.sampled_from(Winner), min_size=1, max_size=30))
def test_every_decided_vote_makes_exactly_one_pair_the_right_way_round(
    tmp_path_factory: pytest.TempPathFactory, winners: list[Winner]
) -> None:
    records = [
        making.record(number, winners=[winner], prompt=f"{number}", text_a=f"a{number}", text_b=f"b{number}")
        for number, winner in enumerate([*winners, Winner.MODEL_A])
    ]
    folder = tmp_path_factory.mktemp("release") / "out"
    release.write(folder, "trl-dpo", records, making.facts(test_share=0.2))
    found = {
        row["prompt"][0]["content"]: (row["chosen"][0]["content"], row["rejected"][0]["content"])
        for part in ("train", "test")
        for row in rows(folder, part)
    }
    expected = {}
    for number, winner in enumerate([*winners, Winner.MODEL_A]):
        if winner.decided:
            sides = (f"a{number}", f"b{number}")
            expected[f"{number}"] = sides if winner is Winner.MODEL_A else sides[::-1]
    assert found == expected


def test_an_unknown_format_is_refused_with_the_accepted_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"'dpo'; accepted: axolotl-chat, .*, trl-tpo, verl"):
        release.write(tmp_path / "out", "dpo", making.assorted(), making.facts())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_held_out_share_out_of_range_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(InvalidValue, match="test_share"):
        release.write(tmp_path / "out", "trl-dpo", making.assorted(), making.facts(test_share=share))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("records", "said"),
    [([], "0 battles are"), ([making.record(winners=[Winner.TIE])], "1 battle is")],
    ids=["no battle", "no pair"],
)
def test_a_release_without_rows_is_refused(tmp_path: Path, records: list[BattleRecord], said: str) -> None:
    with pytest.raises(InvalidValue, match=f": {said} selected and none makes a row"):
        release.write(tmp_path / "out", "trl-dpo", records, making.facts())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["folder", "empty folder", "file", "dangling link"])
def test_an_existing_target_is_refused_and_left_as_it_was(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    elif kind == "dangling link":
        out.symlink_to(tmp_path / "nowhere")
    else:
        out.mkdir()
        if kind == "folder":
            (out / "kept").write_text("mine")
    with pytest.raises(InvalidValue, match="already exists"):
        release.write(out, "trl-dpo", making.assorted(), making.facts())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert contents(out) == ({"kept": b"mine"} if kind == "folder" else {})
    assert out.is_symlink() == (kind == "dangling link")


def test_a_target_that_appears_meanwhile_loses_nothing(tmp_path: Path) -> None:
    def records() -> Iterator[BattleRecord]:
        yield making.record()
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "kept").write_text("mine")

    with pytest.raises(ReleaseFailed, match="could not be written"):
        release.write(tmp_path / "out", "trl-dpo", records(), making.facts())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert contents(tmp_path / "out") == {"kept": b"mine"}


class StopError(Exception):
    """What a caller raises to stop."""


@pytest.mark.parametrize("where", ["records", "progress"])
def test_a_stop_in_the_middle_leaves_nothing_behind(tmp_path: Path, where: str) -> None:
    seen = []

    def records() -> Iterator[BattleRecord]:
        for number in range(3000):
            if number == 2500:
                seen.extend(path.name for path in tmp_path.iterdir())
                if where == "records":
                    raise StopError
            yield making.record(number)

    def progress(count: int) -> None:
        if where == "progress" and count == 3000:
            raise StopError

    with pytest.raises(StopError):
        release.write(tmp_path / "out", "trl-dpo", records(), making.facts(), progress)
    assert seen == [".out.rel_1.partial"]
    assert not list(tmp_path.iterdir())


def test_progress_tells_how_many_records_were_read(tmp_path: Path) -> None:
    told: list[int] = []
    release.write(tmp_path / "out", "trl-dpo", map(making.record, range(2300)), making.facts(), told.append)
    assert told == [1000, 2000, 2300]


FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from arena.errors import ReleaseFailed
from arena.exports.writing import release
from tests.exports import making

limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
records = (making.record(number, text_a=str(number) * 4000) for number in range(3000))
try:
    release.write(Path(sys.argv[1]) / "out", "trl-dpo", records, making.facts())
except ReleaseFailed as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize(("limit", "whole"), [(1, False), (10_000, False), (9 * 2**20, False), (2**30, True)])
def test_a_full_disk_leaves_no_half_release(tmp_path: Path, limit: int, whole: bool) -> None:
    """The limit on the size of a file stands for the disk; the last case is the positive control."""
    checkout = Path(__file__).parents[3]
    command = [sys.executable, "-c", FILL_THE_DISK, str(tmp_path), str(limit)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if whole:
        assert (done.returncode, done.stderr) == (0, "")
        assert set(contents(tmp_path / "out")) == FILES
    else:
        assert done.returncode == 1
        assert "could not be written (File too large), and nothing of it was kept" in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("call", range(1, 14))
def test_an_error_of_any_sync_leaves_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Seven tables, card, manifest and signature, three folders."""
    calls = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == call:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ReleaseFailed, match="could not be written \\(Input/output error\\)"):
        release.write(tmp_path / "out", "trl-dpo", making.assorted(), making.facts())
    assert len(calls) == call
    assert not list(tmp_path.iterdir())


def test_every_file_and_folder_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control of the test above: no more and no fewer calls than it breaks."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    release.write(tmp_path / "out", "trl-dpo", making.assorted(), making.facts())
    aside = tmp_path / ".out.rel_1.partial"
    assert sorted(synced) == sorted([*(aside / name for name in FILES), aside / "data", aside, tmp_path])


def test_the_secret_and_rater_ids_are_in_no_file(tmp_path: Path) -> None:
    facts = making.facts(name_key=NameKey(workspace="default", secret=b"canary-secret"))
    told = making.vote(1, rater="r_canary-rater", edit="Short waves scatter more.")
    for name in exports.FORMATS:
        release.write(tmp_path / name, name, [making.record(votes=(told,))], facts)
        for content in contents(tmp_path / name).values():
            assert b"canary" not in content
            assert facts.name_key.secret.hex().encode() not in content
