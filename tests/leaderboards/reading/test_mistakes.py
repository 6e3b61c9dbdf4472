"""What a newcomer gets wrong with `read`, `fit` and a board: each ends in one sentence that shows the way."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import duckdb
import numpy
import pandas
import polars
import pyarrow
import pyarrow.dataset
import pytest

import leaderboards
from leaderboards import fit, read

ROWS = [
    {"model_a": "alpha", "model_b": "beta", "winner": "model_a"},
    {"model_a": "beta", "model_b": "alpha", "winner": "model_a"},
    {"model_a": "alpha", "model_b": "gamma", "winner": "tie"},
]
FRAME = pandas.DataFrame(ROWS)
COUNTS = {"model_a": ["x"], "model_b": ["y"], "win_a": [1], "win_b": [2]}
TIES = [{"model_a": "x", "model_b": "y", "winner": "tie"}] * 3
ISLANDS = [ROWS[0], {"model_a": "p", "model_b": "q", "winner": "tie"}]


def _one(**changed: Any) -> list[dict[str, Any]]:
    return [{**ROWS[0], **changed}]


OBJECTS: dict[str, tuple[Callable[[], Any], str]] = {
    "None": (lambda: read(None), "look at how it was made"),
    "a number": (lambda: read(5), "accepted: paths of CSV"),
    "an empty list": (lambda: read([]), "at least one vote"),
    "tuples": (lambda: read([("alpha", "beta", "model_a")]), "must be a dict"),
    "a list of two kinds": (lambda: read([*ROWS, 3]), "row 4 of the list of votes"),
    "paths and rows": (lambda: read(["votes.csv", ROWS[0]]), "must be a dict"),
    "text": (lambda: read("model_a,model_b,winner\na,b,tie\n"), "csv.DictReader"),
    "bytes": (lambda: read(b"model_a"), "give its path"),
    "an array": (lambda: read(numpy.array([["x", "y", "tie"]])), "pandas.DataFrame(array, columns="),
    "a column of pandas": (lambda: read(FRAME["winner"]), "the whole frame"),
    "a column of polars": (lambda: read(polars.Series(["x"])), "the whole frame"),
    "all parts of a data set": (
        lambda: read(datasets.DatasetDict(train=datasets.Dataset.from_list(ROWS))),
        "votes['train']",
    ),
    "a generator without rows": (lambda: read(row for row in ()), "at least one vote"),
    "a generator of tuples": (lambda: read(iter([(1, 2)])), "must be a dict"),
    "a board": (lambda: fit(fit(ROWS)), "the votes it was made from"),
    "a misspelt column": (lambda: read(FRAME.rename(columns={"winner": "winer"})), "--map winner=winer"),
    "capitals": (lambda: read(FRAME.rename(columns={"model_a": "Model A"})), "--map model_a='Model A'"),
    "other columns": (lambda: read(pandas.DataFrame({"left": ["x"]})), "--map model_a=left"),
    "a column twice": (lambda: read(pandas.concat([FRAME, FRAME["winner"]], axis=1)), "rename one"),
    "values of two kinds": (lambda: read([*ROWS, *_one(winner=1)]), "row 4 of the list of votes: winner is an int"),
    "a frame of two kinds": (lambda: read(pandas.DataFrame([*ROWS, *_one(model_b=3)])), ".astype(str)"),
    "uneven columns": (lambda: read({**COUNTS, "win_a": [1, 2]}), "equally long"),
    "a dict of one vote": (lambda: read(ROWS[0]), "a list of dicts"),
    "a frame without rows": (lambda: read(FRAME.iloc[:0]), "holds no votes"),
    "a relation without votes": (lambda: read(duckdb.sql("SELECT 1 AS one")), "needed: model_a, model_b, winner"),
    "an unknown outcome": (lambda: read(_one(winner="A")), "accepted: model_a, model_b, tie, both_bad"),
    "an outcome in other words": (lambda: read(_one(winner="left")), "outcomes={'left': 'model_a'}"),
    "an outcome nobody can guess": (lambda: read(_one(winner=True)), "--outcome True=OUTCOME"),
    "a word for no vote": (lambda: read(_one(winner="None")), "--outcome None=none"),
    "a winner in small letters": (lambda: read(_one(winner="ALPHA")), 'the nearest name is "alpha"'),
    "an open file": (lambda: read(io.StringIO("model_a,model_b,winner\n")), "give the path of the file"),
    "a list of frames": (lambda: read([FRAME, FRAME]), "pandas.concat(frames)"),
    "two logs": (lambda: read(FRAME, FRAME), "pandas.concat(frames)"),
    "a pattern": (lambda: read("votes/*.csv"), "glob.glob('votes/*.csv')"),
    "the home folder": (lambda: read("~/votes.csv"), "expanduser()"),
    "a data set of the hub": (lambda: read("lab/votes"), 'datasets.load_dataset("lab/votes", split="train")'),
    "a time that is none": (
        lambda: leaderboards.fit_by(_one(tstamp="12/31/2023"), "day"),
        "row 1 of the list of votes",
    ),
    "a time that never ends": (lambda: fit(_one(tstamp="inf"), "elo"), "it must be seconds since 1970"),
    "votes for a board": (lambda: leaderboards.plots.ratings(read(ROWS)), "leaderboards.fit(votes)"),
    "votes to compare": (lambda: leaderboards.compare(read(ROWS), read(ROWS)), "leaderboards.fit(votes)"),
    "votes for tiers": (lambda: leaderboards.tiers.read(read(ROWS)), "leaderboards.fit(votes)"),
    "boards for a board": (
        lambda: leaderboards.matrix.diagnose(leaderboards.fit_by(FRAME.assign(rater="r"), "rater")),
        "boards.boards[VALUE]",
    ),
    "a board over time": (lambda: leaderboards.plots.over_time(fit(ROWS)), 'leaderboards.fit_by(votes, "month")'),
    "a model against itself": (lambda: read(_one(model_b="alpha")), "must differ"),
    "a missing name": (lambda: read(_one(model_b=None)), "row 1 of the list of votes: model_b is missing"),
    "a negative weight": (lambda: read(_one(weight=-1)), "it must be 0, or"),
}
FILES: dict[str, tuple[str, bytes | None, str]] = {
    "a file that is not there": ("nowhere.csv", None, "does not exist; give the path"),
    "a folder": (".", None, "give the vote files in it"),
    "a workbook": ("votes.xlsx", b"PK", "accepted: .csv"),
    "an empty file": ("empty.csv", b"", "must name the columns model_a"),
    "half a line of JSON": ("half.jsonl", b'{"model_a": "a"\n', "line 1 of half.jsonl is not a JSON object"),
    "a packed folder": ("votes.zip", b"PK", "unpack it"),
    "a pickled frame": ("votes.pkl", b"\x80", "frame.to_parquet"),
    "no ending": ("votes", b"model_a", "give the file the ending"),
    "a broken zstd file": ("votes.csv.zst", b"(\xb5/\xfd", "cannot be read"),
    "rows under a name": ("page.json", b'{"data": [], "version": 1}', 'the list under "data"'),
    "a table with a column called as a list may be": (
        "votes.csv",
        b"model1,model2,votes\nx,y,x\n",
        "such as --map model_a=model1 --map model_b=model2",
    ),
    "an object in each row under such a name": (
        "rows.json",
        b'{"data": {"left": "x"}, "right": "y"}',
        "has no column model_a and no column model_b",
    ),
    "a list in each row under such a name": (
        "rows.jsonl",
        b'{"votes": [1], "left": "x", "right": "y"}\n{"votes": [2], "left": "x", "right": "y"}\n',
        "such as --map model_a=left --map model_b=right",
    ),
    "a frame by columns": (
        "by.json",
        b'{"model_a": {"0": "x"}, "model_b": {"0": "y"}, "winner": {"0": "tie"}}',
        "orient=",
    ),
    "a frame in parts": ("split.json", b'{"columns": [], "index": [], "data": []}', "orient='records'"),
    "a frame by rows": ("index.json", b'{"0": {"model_a": "x"}, "1": {"model_a": "y"}}', "orient='records'"),
    "no Parquet": ("no.parquet", b"model_a", "cannot be read"),
    "no UTF-8": ("latin.csv", b"model_a,model_b,winner\n\xe9,b,tie\n", "save the file as UTF-8"),
    "columns of another program": (
        "other.csv",
        b"left,right,label\na,b,1\n",
        "--map model_a=left --map model_b=right --map winner=label",
    ),
}
SETTINGS: dict[str, tuple[Callable[[], Any], str]] = {
    "a method by its initials": (lambda: fit(ROWS, "bt"), 'the nearest is "bradley-terry"'),
    "a misspelt method": (lambda: fit(ROWS, "bradleyterry"), 'the nearest is "bradley-terry"'),
    "an unknown word": (lambda: fit(ROWS, ties="ignore"), "accepted: half, drop"),
    "a list for a word": (lambda: fit(ROWS, ties=["half"]), "accepted: half, drop"),
    "a switch for a word": (lambda: fit(ROWS, interval=True), "accepted: sandwich"),
    "a misspelt argument": (lambda: fit(ROWS, intervals="none"), 'the nearest is "interval"'),
    "per cent": (lambda: fit(ROWS, level=95), "95 per cent is 0.95"),
    "per cent as text": (lambda: fit(ROWS, level="95%"), "such as level=0.95"),
    "a seed below 0": (lambda: fit(ROWS, interval="bootstrap", seed=-1), "0 or more"),
    "no replicates": (lambda: fit(ROWS, interval="bootstrap", replicates=0), "at least 2"),
    "half a replicate": (lambda: fit(ROWS, replicates=1.5), "whole number"),
    "a misspelt cluster": (lambda: fit(FRAME.assign(rater="r"), cluster="ratr"), "the nearest is rater"),
    "a cluster that is not there": (lambda: fit(ROWS, cluster="rater"), "it has model_a, model_b, winner"),
    "a number for a column": (lambda: fit(ROWS, cluster=3), 'cluster="rater"'),
    "clusters of counts": (lambda: fit(COUNTS, cluster="rater"), "give the votes, or leave it out"),
    "two clusters to resample": (lambda: fit(ROWS, interval="bootstrap", cluster="a,b"), "use interval=sandwich"),
    "a misspelt control": (lambda: fit(ROWS, controls="lenght"), "the nearest is length"),
    "an anchor without a rating": (lambda: fit(ROWS, anchor="alpha"), "such as MODEL=1000"),
    "an anchor of three": (lambda: fit(ROWS, anchor=["alpha", 1, 2]), "such as MODEL=1000"),
    "an unknown anchor": (lambda: fit(ROWS, anchor=("alfa", 1000)), 'the nearest is "alpha"'),
    "islands": (lambda: fit(ISLANDS), "Collect votes between them"),
    "ties alone": (lambda: fit(TIES, ties="davidson"), "use ties=half"),
    "a misspelt window": (lambda: leaderboards.fit_by(FRAME.assign(rater="r"), "raters"), "the nearest is rater"),
    "no time": (lambda: leaderboards.fit_by(ROWS, "month"), "no column tstamp"),
    "a running board with clusters": (lambda: leaderboards.Running(ROWS, cluster="rater"), "no clusters"),
    "a misspelt name": (lambda: fit(ROWS)["Alpha"], 'the nearest is "alpha"'),
    "a place for a name": (lambda: fit(ROWS)[0], "board.entries[0]"),
    "a plot of an unknown kind": (lambda: leaderboards.plots.ratings(fit(ROWS)).save("x.jpg"), ".svg or .png"),
    "a folder for a file": (lambda: fit(ROWS).to_json("."), "name a file"),
}


def _sentence(mistake: Callable[[], Any]) -> str:
    """The refusal; anything but an InputError fails the test by itself."""
    with pytest.raises(leaderboards.InputError) as refused:
        mistake()
    return str(refused.value)


@pytest.mark.parametrize(("mistake", "way"), [*OBJECTS.values(), *SETTINGS.values()], ids=[*OBJECTS, *SETTINGS])
def test_a_mistake_ends_in_a_sentence_that_shows_the_way(mistake: Callable[[], Any], way: str) -> None:
    said = _sentence(mistake)
    assert way in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize(("name", "content", "way"), FILES.values(), ids=[*FILES])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes | None, way: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    said = _sentence(lambda: read(path))
    assert way in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read, not even root")
def test_a_file_that_nobody_can_read_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.symlink_to("/proc/self/mem")
    assert _sentence(lambda: read(path)).startswith("votes.csv cannot be read: ")


def test_there_are_forty_of_them() -> None:
    assert len(OBJECTS) + len(FILES) + len(SETTINGS) >= 40


@pytest.mark.parametrize(
    "votes",
    [
        lambda: polars.DataFrame(ROWS).lazy(),
        lambda: datasets.Dataset.from_list(ROWS),
        lambda: datasets.Dataset.from_list(ROWS).to_iterable_dataset(),
        lambda: datasets.Dataset.from_list([*ROWS, *ROWS]).select(range(3)),
        lambda: pyarrow.dataset.dataset(pyarrow.Table.from_pylist(ROWS)),
        lambda: pyarrow.Table.from_pylist(ROWS).to_reader(),
        lambda: (row for row in ROWS),
        lambda: tuple(ROWS),
    ],
    ids=["lazy", "dataset", "streamed", "selected", "arrow", "reader", "generator", "tuple"],
)
def test_votes_come_in_many_kinds(votes: Callable[[], Any]) -> None:
    assert read(votes()).counts.sha256() == read(ROWS).counts.sha256()


def test_a_column_that_begins_later_is_read() -> None:
    """Arrow's own reading of rows takes the columns of the first one alone."""
    late = [ROWS[0], *({**row, "weight": 2} for row in ROWS)]
    with pytest.raises(leaderboards.InputError, match="row 1 of the list of votes: weight is missing"):
        read(late)
