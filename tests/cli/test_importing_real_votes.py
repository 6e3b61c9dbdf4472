"""Real votes in, every format out, `battles` back in.

Every vote is there, the board is the same, and empty answers are in no pair and are counted.
"""

import functools
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from arena import errors, exports
from arena.domain.battle import BattleRecord
from arena.domain.ids import ReleaseId
from arena.domain.selection import Selection
from arena.exports.format import Unit
from arena.exports.proofs.signing import Signer, new_key
from arena.services import clock, exporting, importing
from arena.services.exporting import Order
from arena.services.importing import Import
from arena.store import board_votes, selection, tally
from arena.store.workspace import Workspace
from leaderboards import cli as ranking
from tests.lengths import at_length
from tests.services import making as opened

pytestmark = pytest.mark.slow

FILES = {"llmfao": (8931, 2139, 1208), "pandalm": (2997, 999, 162)}
"""Votes, battles, and votes on an empty answer, in each file."""


def imported(workspace: Workspace, *paths: Path) -> Import:
    done = Import(job_id="imp")
    here = opened.here(workspace, workspace.path.parent, now=clock.now)
    importing.import_once(here, done, importing.recognise(paths, None, None), lambda: None)
    return done


def ranked(votes: Any, **options: Any) -> dict[str, Any]:
    """What `arena rank` says of votes: numbers apart from the digest of the input and the order of equals."""
    document = json.loads(ranking.document(votes, ranking.Options(format="json", **options)))
    return {entry["model"]: entry for entry in document["entries"]}


def same(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert left.keys() == right.keys()
    for model, entry in left.items():
        for name, value in entry.items():
            assert right[model][name] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value)


Told = tuple[Any, ...]


def by_rater(votes: Iterator[tuple[str, Told]]) -> Counter[tuple[Told, ...]]:
    """What each rater said, whatever they are called: a file is known again by it, vote for vote."""
    said: dict[str, list[Told]] = defaultdict(list)
    for rater, told in votes:
        said[rater].append(told)
    return Counter(tuple(sorted(tolds, key=repr)) for tolds in said.values())


def of_file(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Told]]:
    for row in rows:
        texts = tuple(message["content"] for side in "ab" for message in row[f"conversation_{side}"])
        yield (
            row["judge"],
            (row["model_a"], row["model_b"], row["winner"], row["turn"], row["language"], row["category"], *texts),
        )


def of_workspace(records: list[BattleRecord]) -> Iterator[tuple[str, Told]]:
    for record in records:
        battle, origin = record.battle, record.origin
        assert origin is not None
        assert record.response_a is not None
        assert record.response_b is not None
        texts = (battle.prompt, record.response_a.text, battle.prompt, record.response_b.text)
        for vote in record.votes:
            yield (
                vote.rater_id,
                (
                    *(battle.model_a, battle.model_b, vote.winner.value, battle.turn),
                    *(origin.language, origin.category, *texts),
                ),
            )


@pytest.fixture(scope="module", params=FILES)
def voted(request: Any, shared: Path, tmp_path_factory: Any) -> Iterator[tuple[str, Path, Workspace]]:
    """Each file, imported as it is."""
    path = shared / "data" / f"{request.param}_votes.jsonl.gz"
    with Workspace.open(tmp_path_factory.mktemp("data") / "w.duckdb") as workspace:
        votes, battles, _ = FILES[request.param]
        done = imported(workspace, path)
        assert (done.votes, done.battles, done.outside, done.told) == (votes, battles, 0, [])
        yield request.param, path, workspace


@pytest.fixture(scope="module")
def released(voted: Any, tmp_path_factory: Any) -> Callable[[str], tuple[Path, dict[str, Any]]]:
    """Build a release in one format, once."""
    _, _, workspace = voted
    folder = tmp_path_factory.mktemp("releases")
    signer = Signer(new_key())

    @functools.cache
    def build(name: str) -> tuple[Path, dict[str, Any]]:
        wanted = Order(release_id=ReleaseId(f"rel_{name}"), format=name, selection=Selection())
        manifest = exporting.build(opened.here(workspace, folder, signer=signer), wanted, folder / name)
        return folder / name, manifest

    return build


def rows_of(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def test_the_board_of_the_workspace_is_the_board_of_the_file(voted: Any) -> None:
    _, path, workspace = voted
    with workspace.reading() as connection:
        votes = board_votes.one_by_one(connection)
    same(ranked(path), ranked(votes))
    same(ranked(path, cluster="rater"), ranked(votes, cluster="rater"))


@pytest.mark.parametrize("kind", ["jsonl", *at_length("parquet")])
def test_every_vote_comes_back_from_the_battles_format(voted: Any, released: Any, tmp_path: Path, kind: str) -> None:
    name, path, workspace = voted
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    folder, _ = released("battles")
    files = sorted((folder / "data").glob(f"*.{kind}"))  # a part without rows has no file
    with Workspace.open(tmp_path / "fresh.duckdb") as fresh:
        done = imported(fresh, *files)
        assert (done.votes, done.battles, done.outside) == (*FILES[name][:2], 0)
        assert imported(fresh, *files).here == FILES[name][0]
        assert fresh.verify().problems == ()
        with fresh.reading() as connection:
            records, votes = list(selection.voted(connection)), board_votes.one_by_one(connection)
        with workspace.reading() as connection:
            first = {record.battle.battle_id: record for record in selection.voted(connection)}
    assert by_rater(of_workspace(records)) == by_rater(of_file(rows))
    assert {vote.vote_id for record in records for vote in record.votes} == {
        vote.vote_id for record in first.values() for vote in record.votes
    }
    assert all(
        record.battle.conversation_id == first[record.battle.battle_id].battle.conversation_id for record in records
    )
    same(ranked(path), ranked(votes))
    same(ranked(path, cluster="rater"), ranked(votes, cluster="rater"))


NEED_EDITS = ("sft", "trl-tpo")
"""Formats of corrections, which nobody made here."""
OFTEN = ("helpsteer3", "trl-dpo", "trl-kto")
"""One of graded pairs, of pairs and of single answers; exports/formats/test_real_votes.py counts the same of each."""


@pytest.mark.parametrize("format_name", NEED_EDITS)
def test_formats_of_corrections_refuse_votes_without_any_and_count_why(
    voted: Any, released: Any, format_name: str
) -> None:
    with pytest.raises(errors.InvalidValue, match=r"none makes a row \(left out: .*no_edit \d+"):
        released(format_name)


@pytest.mark.parametrize(
    "format_name", [*OFTEN, *at_length(*sorted(set(exports.FORMATS) - {"battles", *NEED_EDITS, *OFTEN}))]
)
def test_every_format_leaves_empty_answers_out_and_counts_them(voted: Any, released: Any, format_name: str) -> None:
    name, _, workspace = voted
    folder, manifest = released(format_name)
    with workspace.reading() as connection:
        records = list(selection.voted(connection))
    empty = {
        record.battle.battle_id: record
        for record in records
        if any(not response.text.strip() for response in (record.response_a, record.response_b) if response is not None)
    }
    assert sum(len(record.votes) for record in empty.values()) == FILES[name][2]
    assert empty.keys().isdisjoint(row["battle_id"] for row in rows_of(folder, "items"))
    left_out = [row for row in rows_of(folder, "left_out") if row["battle_id"] in empty]
    if exports.FORMATS[format_name].unit is Unit.BATTLE:
        assert {row["reason"] for row in left_out} == {"empty_answer"}
        assert manifest["counts"]["left_out"]["empty_answer"] == len(left_out) == len(empty)
    else:
        assert {row["battle_id"] for row in left_out} == set(empty)


def test_the_two_files_in_one_workspace_stay_apart(shared: Path, tmp_path: Path) -> None:
    paths = [shared / "data" / f"{name}_votes.jsonl.gz" for name in FILES]
    with Workspace.open(tmp_path / "w.duckdb") as workspace:
        done = imported(workspace, *paths)
        assert (done.votes, done.outside) == (sum(votes for votes, _, _ in FILES.values()), 0)
        with workspace.reading() as connection:
            counts = tally.counts(connection)
    assert sum(counts["count"].to_pylist()) == done.votes
