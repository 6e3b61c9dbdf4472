"""What a release opens lets anybody check its rows against the ledger, and tells nothing that its rows do not."""

import dataclasses
import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from arena import exports
from arena.domain import ledger, vote_tree
from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName, VoteId
from arena.domain.origin import Origin
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner
from arena.exports.folder import files, id_tables, opening
from arena.exports.format import Context, LeftOut, Outcome
from arena.exports.proofs import kept, opened_rows, openings, verification
from arena.exports.writing import release
from tests.exports import making
from tests.lengths import at_length

from . import documented
from .test_documented_verifier import rewritten

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD
MADE_FOR_A_RELEASE = {"judge", "held"}
ORIGIN = Origin(source="lmarena", item="q1", language="en", category="science", timed=False, digest="d" * 64)


def salt(vote: Vote) -> str:
    """One of its own for each vote."""
    return vote_tree.salts("77" * 16)[int(vote.vote_id.removeprefix("v_")) % 32].hex()


def corrected(number: int, **changes: Any) -> BattleRecord:
    """One prompt, whose answer was corrected."""
    given: dict[str, Any] = {
        "winner": B,
        "rater": "r_7",
        "strength": Strength.SLIGHTLY,
        "tags": (Tag.CLEAR,),
        "reason": "It is shorter.",
        "edit": "Light scatters, blue light most.",
    }
    vote = making.vote(number, **given | changes)
    return making.record(number, prompt=f"Prompt {number}?", votes=(vote,))


RECORDS = [
    *making.assorted(),
    corrected(20),
    corrected(21, strength=Strength.CLEARLY, edit=None, winner=A),
    dataclasses.replace(corrected(22), origin=ORIGIN),
    making.record(
        23,
        prompt="And then?",
        history=[("system", "Be brief."), ("user", "Why?"), ("assistant", "So.")],
        text_a="Left.",
        text_b="Right.",
        winners=(B, A, B),
    ),
    making.record(24, prompt="Bad?", text_a="One.", text_b="Two.", winners=(BAD,)),
    making.record(25, prompt="Bad again?", text_a="Three.", text_b="Four.", winners=(BAD,)),
    corrected(26, criteria=(("polite", A), ("true", TIE)), rater_kind=RaterKind.JUDGE),
]
OLDER = frozenset({"v_101"})
"""Votes that are committed to as a whole, in the first version."""


def versions(vote: Vote) -> int:
    return ledger.FIRST if vote.vote_id in OLDER else ledger.VERSION


def kept_of(vote: Vote, record: BattleRecord) -> str | None:
    """What is kept of the tree of a vote: of every other one, as in a workspace that is older than that."""
    if versions(vote) == ledger.FIRST or int(vote.vote_id.removeprefix("v_")) % 2:
        return None
    return vote_tree.root(salt(vote), vote_tree.whole(vote, vote_tree.judged(record))).kept


def facts(records: Sequence[BattleRecord], **changes: Any) -> Any:
    """Of a release from a ledger that holds both versions of commitments."""
    votes = {vote.vote_id: (vote, record) for record in records for vote in record.votes}

    def lines(ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Line]:
        found = making.lines(ids)
        return {
            one: dataclasses.replace(
                line, commitment=ledger.commitment(salt(votes[one][0]), *votes[one], versions(votes[one][0]))
            )
            for one, line in found.items()
        }

    def openers(ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Opener]:
        return {one: ledger.Opener(salt(votes[one][0]), versions(votes[one][0]), kept_of(*votes[one])) for one in ids}

    return making.facts(lines=lines, openers=openers, **changes)


@pytest.fixture(scope="module", params=sorted(exports.FORMATS))
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path_factory.mktemp("release") / "out"
    release.write(folder, request.param, RECORDS, facts(RECORDS, test_share=0.3))
    return folder


@pytest.fixture(scope="module")
def stranger() -> Callable[[Path], bool]:
    """What the documented program finds in the rows of a folder."""
    names: dict[str, Any] = {}
    exec(documented.programs()["votes.py"], names)  # noqa: S102 - it is our own page

    def finds(folder: Path) -> bool:
        items = read(folder / "items.jsonl")
        try:
            return bool(list(names["rows_say"](folder, manifest(folder), items)))
        except (LookupError, ValueError, TypeError, AttributeError, StopIteration, RuntimeError):
            return True  # as verify.py takes it

    return finds


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return read(folder / opening.FILE)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def flips(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every single value in a row."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from flips(one, (*path, name))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from flips(one, (*path, place))
        yield (*path, None)  # one more of them
    else:
        yield path


def flipped(row: Any, path: tuple[Any, ...]) -> Any:
    """A row with one value changed."""
    if not path:
        return not row if isinstance(row, bool) else row + 1 if isinstance(row, int | float) else f"{row or ''}x"
    name, *rest = path
    if isinstance(row, list):
        if name is None:
            return [*row, row[-1] if row else "x"]
        return [flipped(one, tuple(rest)) if place == name else one for place, one in enumerate(row)]
    return {key: flipped(one, tuple(rest)) if key == name else one for key, one in row.items()}


def test_a_release_whose_rows_say_what_was_voted_is_whole(made: Path, stranger: Callable[[Path], bool]) -> None:
    checked = verification.release(made, making.SIGNER.public_key)
    assert checked.problems == ()
    assert not stranger(made)
    told = manifest(made)["opened"]
    assert told == {"votes": len(lines_of(made)), "in_part": 0}
    older = sum(item.vote_id in OLDER for item in id_tables.items(made))
    assert told["votes"] + older == manifest(made)["proofs"]["leaves"]
    assert len(checked.notes) == older


@pytest.mark.slow
@pytest.mark.parametrize("rows_of_each", [8, *at_length(sys.maxsize)])
def test_every_published_field_that_is_flipped_is_noticed(
    made: Path, tmp_path: Path, stranger: Callable[[Path], bool], rows_of_each: int
) -> None:
    """By the holder of the key, who signs it: so nothing but the openings can tell."""
    folder = shutil.copytree(made, tmp_path / "copy")
    told, tried, older = manifest(folder), Counter[tuple[Any, ...]](), set()
    for item in id_tables.items(folder):
        if item.vote_id in OLDER:
            older |= {(item.split, place) for place in range(item.row, item.row + item.rows * item.step, item.step)}
    for part in ("train", "test"):
        path = folder / "data" / f"{part}.jsonl"
        if not path.exists():
            continue
        rows = read(path)
        for number, row in enumerate(rows):
            if (part, number) in older:
                continue
            for place in flips(row):
                field = tuple("" if isinstance(part, int) else part for part in place)
                if place[0] in MADE_FOR_A_RELEASE or tried[field] >= rows_of_each:
                    continue
                lie = [*rows[:number], flipped(row, place), *rows[number + 1 :]]
                path.write_bytes(b"".join(map(files.json_line, lie)))
                assert list(opened_rows.problems(folder, told)), (part, number, place)
                assert stranger(folder), (part, number, place)
                tried[field] += 1
        path.write_bytes(b"".join(map(files.json_line, rows)))
    assert tried.total() >= 15
    assert list(opened_rows.problems(folder, told)) == []


def test_nothing_is_opened_that_the_rows_do_not_publish(made: Path) -> None:
    form = exports.named(manifest(made)["format"])
    told = openings.published(form.carries)
    assert not told & {"rater", "asked", "measured", "origin", "assignment", "cast", "shown_left"}
    for line in lines_of(made):
        names = [name for place, name in enumerate(vote_tree.FIELDS) if line["opened"] >> place & 1]
        assert set(names) <= told
        assert set(line["said"]) <= set(names)
        assert len(line["salts"]) == 32 * len(names)
    text = (made / opening.FILE).read_text()
    for vote in (vote for record in RECORDS for vote in record.votes):
        own = dict(zip(vote_tree.FIELDS, vote_tree.salts(salt(vote)), strict=True))
        assert own["rater"].hex() not in text
        assert vote.rater_id not in text
        assert salt(vote) not in text
    rows = "".join(path.read_text() for path in (made / "data").glob("*.jsonl"))
    for line in lines_of(made):
        for name in set(line["said"]) & {"reason", "edit"}:
            assert line["said"][name] is None or json.dumps(line["said"][name])[1:-1] in rows


@pytest.mark.parametrize(
    "change",
    [
        {"leaf": 10_000},
        {"opened": 0},
        {"opened": 2**32 - 1},
        {"opened": True},
        {"said": {"winner": "tie"}},
        {"said": {"rater": "r_1"}},
        {"salts": ""},
        {"path": ""},
        {"path": "00" * 32},
        {"more": 1},
    ],
)
def test_a_changed_opening_is_noticed(change: dict[str, Any], tmp_path: Path, stranger: Callable[[Path], bool]) -> None:
    folder = tmp_path / "out"
    release.write(folder, "trl-dpo", RECORDS, facts(RECORDS))
    lines = lines_of(folder)
    assert list(opened_rows.problems(folder, manifest(folder))) == []
    lines[0] |= change
    (folder / opening.FILE).write_bytes(b"".join(map(files.json_line, lines)))
    assert list(opened_rows.problems(folder, manifest(folder)))
    assert stranger(folder) or change == {"more": 1}


def test_an_opening_less_is_noticed(tmp_path: Path, stranger: Callable[[Path], bool]) -> None:
    folder = tmp_path / "out"
    release.write(folder, "battles", RECORDS, facts(RECORDS))
    (folder / opening.FILE).write_bytes(b"".join(map(files.json_line, lines_of(folder)[1:])))
    assert list(opened_rows.problems(folder, manifest(folder)))
    assert stranger(folder)


def former(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write releases as an arena did that told neither criteria, nor what voted, nor what is held."""
    now = exports.FORMATS["battles"]
    late = {"criteria", "rater_kind", "held"}

    def convert(record: BattleRecord, context: Context) -> Iterator[Outcome]:
        for outcome in now.convert(record, context):
            rows = () if isinstance(outcome, LeftOut) else outcome.rows
            kept = tuple({name: value for name, value in row.items() if name not in late} for row in rows)
            yield outcome if isinstance(outcome, LeftOut) else dataclasses.replace(outcome, rows=kept)

    schema = pa.schema([field for field in now.schema if field.name not in late])
    then = dataclasses.replace(now, convert=convert, schema=schema, carries=now.carries - late)
    monkeypatch.setitem(exports.FORMATS, "battles", then)


def test_a_release_from_before_some_columns_is_whole_and_opens_nothing_of_them(
    tmp_path: Path, stranger: Callable[[Path], bool]
) -> None:
    folder = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        former(patch)
        release.write(folder, "battles", RECORDS, facts(RECORDS))
    told = verification.release(folder, making.SIGNER.public_key)
    assert told.problems == ()
    assert manifest(folder)["opened"]["in_part"] == 0
    assert not stranger(folder)
    late = {name: vote_tree.FIELDS.index(name) for name in ("criteria", "rater_kind")}
    assert not any(line["opened"] >> place & 1 for line in lines_of(folder) for place in late.values())
    for part in (folder / "data").glob("*.jsonl"):  # the control: a column that is told and not opened
        part.write_bytes(b"".join(files.json_line(row | {"criteria": []}) for row in read(part)))
    assert list(opened_rows.problems(folder, manifest(folder)))


@pytest.mark.parametrize("name", ["criteria", "rater_kind"])
def test_a_column_that_is_opened_and_taken_away_is_noticed(
    name: str, tmp_path: Path, stranger: Callable[[Path], bool]
) -> None:
    folder = tmp_path / "out"
    release.write(folder, "battles", RECORDS, facts(RECORDS))
    for part in (folder / "data").glob("*.jsonl"):
        part.write_bytes(b"".join(files.json_line({k: v for k, v in row.items() if k != name}) for row in read(part)))
    assert list(opened_rows.problems(folder, manifest(folder)))
    assert stranger(folder)


def test_a_masked_text_is_not_opened_and_the_rest_is(tmp_path: Path, stranger: Callable[[Path], bool]) -> None:
    masked = making.record(40, prompt="Write to erika@example.org.", winners=(A,))
    records = [masked, making.record(41, prompt="Else?", winners=(B,))]
    folder = tmp_path / "out"
    release.write(folder, "battles", records, facts(records, selection={"mask": ["mail"]}))
    checked = verification.release(folder, making.SIGNER.public_key)
    assert checked.problems == ()
    assert manifest(folder)["opened"] == {"votes": 2, "in_part": 1}
    assert checked.notes == (
        "Opened in part, as a text in the row was changed or nobody can read the row back: 1 vote.",
    )
    assert not stranger(folder)
    prompt = vote_tree.FIELDS.index("prompt")
    assert [line["opened"] >> prompt & 1 for line in lines_of(folder)] == [0, 1]
    rewritten(folder, "data/train", lambda rows: rows[0].update(winner="tie"))
    assert verification.release(folder, making.SIGNER.public_key).problems
    assert stranger(folder)


def test_texts_that_are_no_longer_kept_take_their_openings_along(tmp_path: Path) -> None:
    """The winner of an erased vote cannot be tried against its leaf: the salt that a release told is gone as well."""
    folder = tmp_path / "out"
    release.write(folder, "battles", RECORDS, facts(RECORDS))
    kept.forget_texts(folder, making.SIGNER, kept.ERASED)
    assert not (folder / opening.FILE).exists()
    assert verification.release(folder, making.SIGNER.public_key).problems == ()


def test_a_release_of_older_votes_alone_opens_nothing_and_says_so(tmp_path: Path) -> None:
    records = [record for record in RECORDS if {vote.vote_id for vote in record.votes} <= OLDER]
    folder = tmp_path / "out"
    release.write(folder, "battles", records, facts(records))
    assert "opened" not in manifest(folder)
    assert not (folder / opening.FILE).exists()
    (note,) = verification.release(folder, making.SIGNER.public_key).notes
    assert "Opened are 0 of its 1 vote:" in note


def test_other_models_are_found_where_a_row_names_them(tmp_path: Path) -> None:
    """The control of what the tree binds: the same records under other names make other commitments."""
    folder = tmp_path / "out"
    release.write(folder, "battles", RECORDS, facts(RECORDS))
    renamed = [
        dataclasses.replace(one, battle=dataclasses.replace(one.battle, model_a=ModelName("other"))) for one in RECORDS
    ]
    lie = tmp_path / "lie"
    release.write(lie, "battles", renamed, dataclasses.replace(facts(renamed), lines=facts(RECORDS).lines))
    assert list(opened_rows.problems(folder, manifest(folder))) == []
    assert list(opened_rows.problems(lie, manifest(lie)))
