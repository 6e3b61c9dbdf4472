"""`store.plain_battles` and `exports.writing.plain`: a release from columns is, byte for byte, that from records."""

import dataclasses
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from arena import exports
from arena.domain import ledger, vote_tree
from arena.domain.battle import BattleRecord, Message, Side
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.plain_battles import PlainBattles
from arena.domain.purpose import Purpose
from arena.domain.selection import Selection
from arena.domain.vote import RaterKind, Tag, Winner
from arena.exports.filters import languages
from arena.exports.rows import pairs
from arena.exports.writing import plain, release
from arena.services import exporting, selecting
from arena.services.exporting import Order
from arena.store import battles, ledger_rows, origins, plain_battles, selection, votes
from arena.store.connections import Connection
from arena.store.workspace import Workspace
from arena.store.writing.commands import CastResult
from tests.exports import making
from tests.exports.writing.test_release import contents
from tests.exports.writing.test_row_templates import SERVED
from tests.services import making as opened
from tests.services.test_battle_groups import MODELS, PICTURE, PRIVATE, made

SELECTIONS: Sequence[dict[str, Any]] = (
    {},
    {"votes": "all", "test_share": 0.4},
    {"consent": "public", "license": "cc-by-4.0"},
    {"campaigns": ["default"], "ties": "drop"},
    {"both_bad": "drop", "strengths": ["clearly", "not_given"]},
    {"sources": ["arena"], "categories": ["none"]},
    {"first_turn": 2, "minimum_agreement": 0.6},
    {"last_turn": 1, "minimum_votes": 1},
)
CHANGES: Sequence[tuple[str, Any]] = (
    *(("turn", 2), ("campaign", "spring"), ("language", "de"), ("category", "code"), ("draw_probability", None)),
    *(
        ("opens_first", Side.B),
        ("tags", (Tag.CLEAR,)),
        ("reason", "It is clear."),
        ("criteria", (("wit", Winner.TIE),)),
    ),
    *(("rater_kind", RaterKind.JUDGE), ("finish_reason", None), ("completion_tokens", None), ("leak", False)),
    *(("finish_reason", None), ("completion_tokens", None), ("leak", False), ("leak", True), ("purpose", Purpose.GOLD)),
    *(("media", (PICTURE,)), ("history", (Message.of_text(role="user", text="Hello"),)), ("votes", "another")),
)
PAGE = 200
TOLD_APART = (
    *("battle.turn", "battle.campaign", "battle.language", "battle.category", "battle.draw_probability IS NULL"),
    *("battle.opens_first IS NULL", "vote.winner", "vote.strength", "vote.tags = '[]'", "vote.reason IS NULL"),
    *("vote.criteria IS NULL", "vote.rater_kind", "left_one.leak IS NULL OR right_one.leak IS NULL"),
    "coalesce(left_one.finish_reason, right_one.finish_reason) IS NULL",
    "coalesce(left_one.completion_tokens, right_one.completion_tokens) IS NULL",
)
DEMANDED = (
    *("vote.on_battle = 1", "vote.edit IS NULL", "right_one.total_seconds IS NOT NULL"),
    *(f"vote.commitment_version = {ledger.VERSION}", "vote.kept IS NOT NULL", "battle.parts IS NULL"),
    *(f"battle.history = '{battles.NO_HISTORY}'", "left_one.media IS NULL", "right_one.media IS NULL"),
    *("left_one.leak IS DISTINCT FROM true", "right_one.leak IS DISTINCT FROM true"),
)


def varied(record: BattleRecord, number: int) -> BattleRecord:
    """Of every other battle one thing is changed that tells battles apart; the others differ in less than they did."""
    chance = random.Random(f"varied {number}")
    cast = [
        dataclasses.replace(one, tags=(), reason=None, criteria=(), rater_kind=RaterKind.PERSON) for one in record.votes
    ]
    changed = dataclasses.replace(record, votes=tuple(cast))
    if chance.random() < 0.5:
        return changed
    name, value = chance.choice(CHANGES)
    if name == "votes":
        more = dataclasses.replace(cast[0], vote_id=VoteId(f"{cast[0].vote_id}9"), rater_id=RaterId("r_more"))
        return dataclasses.replace(changed, votes=(*changed.votes, more))
    if name in ("finish_reason", "completion_tokens", "leak", "media"):
        sides = chance.choice((("response_a",), ("response_b",), *[("response_a", "response_b")] * 4))
        answers = {side: getattr(changed, side) for side in sides}
        told = {side: answer and dataclasses.replace(answer, **{name: value}) for side, answer in answers.items()}
        return dataclasses.replace(changed, **told)
    if hasattr(changed.battle, name):
        return dataclasses.replace(changed, battle=dataclasses.replace(changed.battle, **{name: value}))
    return dataclasses.replace(changed, votes=tuple(dataclasses.replace(one, **{name: value}) for one in cast))


def fill(connection: Connection, records: Sequence[BattleRecord]) -> None:
    """Write records, with votes committed to as they are: one in ten without what is kept of its tree."""
    line, cast = None, []
    for of_battle, one in ((record, one) for record in records for one in record.votes):
        salt = f"{len(cast):032x}"
        root = vote_tree.root(salt, vote_tree.whole(one, vote_tree.judged(of_battle)))
        line = ledger.follow(line, one.vote_id, root.commitment)
        kept = None if len(cast) % 10 == 9 else root.kept
        version = ledger.FIRST if len(cast) % 10 == 8 else ledger.VERSION
        cast.append(CastResult(vote=one, line=line, salt=salt, version=version, kept=kept, replayed=False))
    battles.append(connection, enumerate((record.battle for record in records), start=1))
    sides = [(record, side, record.response(side)) for record in records for side in Side]
    battles.append_responses(
        connection, [(one.battle.battle_id, side, answer, making.START) for one, side, answer in sides if answer]
    )
    votes.append(connection, cast)
    ledger_rows.append(connection, [one.line for one in cast])
    origins.append(connection, [(one.battle.battle_id, one.origin) for one in records if one.origin])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    path = tmp_path_factory.mktemp("plain") / "default.duckdb"
    with Workspace.open(path) as opened, opened.connection() as connection:
        fill(connection, [varied(record, number) for number, record in enumerate(made(500))])
        yield opened


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "PAGE", PAGE)
    monkeypatch.setattr(release, "PROGRESS_EVERY", 7)
    monkeypatch.setattr(languages, "language_of", lambda record: record.battle.prompt[:2].lower())


def written(
    workspace: Workspace, folder: Path, name: str, select: dict[str, Any], *, as_columns: bool
) -> dict[str, bytes]:
    chosen = Selection.from_mapping(select)
    known = selecting.knowledge(chosen, MODELS, dict, PRIVATE, lambda record: record.battle.prompt[:2].lower())
    with workspace.reading() as connection, selection.Ahead(connection) as ahead:
        facts = making.facts(selection=chosen, known=known, lines=ahead.lines, openers=ahead.openers)
        records = ahead.plain_first(PRIVATE) if as_columns else ahead.records()
        release.write(folder, name, records, facts)
    return contents(folder)


@pytest.fixture(scope="module")
def from_records() -> dict[str, dict[str, bytes]]:
    """The releases from records, which no test changes, by what was asked."""
    return {}


Alike = Callable[[str, dict[str, Any]], bool]


@pytest.fixture
def alike(workspace: Workspace, tmp_path: Path, from_records: dict[str, dict[str, bytes]]) -> Alike:
    """Says whether every file of a release is the same from columns and from records."""

    def same(name: str, select: dict[str, Any]) -> bool:
        asked = f"{name} {select}"
        if asked not in from_records:
            from_records[asked] = written(workspace, tmp_path / "records", name, select, as_columns=False)
        return from_records[asked] == written(workspace, tmp_path / "columns", name, select, as_columns=True)

    return same


def read(workspace: Workspace, **given: Any) -> PlainBattles:
    with workspace.reading() as connection:
        return plain_battles.read(connection, selection.battle_ids(connection), **{"held": (), "apart": (), **given})


@pytest.mark.parametrize("name", sorted(SERVED))
def test_every_file_of_every_format_is_the_same(alike: Alike, name: str) -> None:
    assert plain.suffice(exports.FORMATS[name], Selection())
    assert alike(name, {})


@pytest.mark.parametrize("select", SELECTIONS, ids=str)
def test_every_file_of_every_selection_is_the_same(alike: Alike, select: dict[str, Any]) -> None:
    assert plain.suffice(exports.FORMATS["trl-reward"], Selection.from_mapping(select))
    assert alike("trl-reward", select)


def test_the_order_is_that_of_the_records(workspace: Workspace) -> None:
    with workspace.reading() as connection:
        with selection.Ahead(connection) as ahead:
            expected = [record.battle.battle_id for record in ahead.records()]
        with selection.Ahead(connection) as ahead:
            pieces = list(ahead.plain_first())
    found: list[BattleId] = []
    for piece in pieces:
        found += piece.battle_ids if isinstance(piece, PlainBattles) else [piece.battle.battle_id]
    assert found == expected
    together = sum(len(piece) for piece in pieces if isinstance(piece, PlainBattles))
    assert len(expected) // 5 < together < len(expected)


@pytest.mark.parametrize("column", TOLD_APART)
def test_what_is_not_told_apart_is_written_wrong(alike: Alike, monkeypatch: pytest.MonkeyPatch, column: str) -> None:
    """Positive control: releases are the same because of each of these."""
    _, grouped = plain_battles.CHOSEN.split("PARTITION BY\n")
    assert column in grouped
    monkeypatch.setattr(
        plain_battles, "CHOSEN", plain_battles.CHOSEN.replace(f"{column},", "").replace(column + "\n", "1\n")
    )
    monkeypatch.setattr(selection, "PAGE", 1000)
    assert not alike("trl-reward", {"campaigns": ["default"]})


@pytest.mark.parametrize("condition", DEMANDED)
def test_battles_of_each_other_kind_come_as_records(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    """Positive control: without the condition, more of them would be taken."""
    before = read(workspace).battle_ids
    assert plain_battles.CHOSEN.count(condition) == 1
    monkeypatch.setattr(plain_battles, "CHOSEN", plain_battles.CHOSEN.replace(condition, "true"))
    assert set(before) < set(read(workspace).battle_ids)


def test_held_votes_and_those_of_raters_apart_come_as_records(workspace: Workspace) -> None:
    everything = list(read(workspace))
    one = everything[0]
    assert [found.battle_id for found in read(workspace, held=[VoteId(one.vote_id)])] == [
        found.battle_id for found in everything[1:]
    ]
    left = list(read(workspace, apart=[RaterId("r_3")]))
    with workspace.reading() as connection:
        asked = {record.battle.battle_id: record.battle.rater_id for record in selection.voted(connection)}
    expected = [found for found in everything if "r_3" not in (found.rater_id, asked[found.battle_id])]
    assert [found.battle_id for found in left] == [found.battle_id for found in expected]
    assert 0 < len(left) < len(everything)


def test_where_nothing_is_plain_all_come_as_records(workspace: Workspace) -> None:
    everybody = [RaterId(f"r_{number}") for number in range(20)]
    assert len(read(workspace, apart=everybody)) == 0
    with workspace.reading() as connection:
        with selection.Ahead(connection) as ahead:
            expected = list(ahead.records())
        with selection.Ahead(connection) as ahead:
            assert list(ahead.plain_first(everybody)) == expected


def test_answers_that_are_blank_or_the_same_come_as_records(workspace: Workspace) -> None:
    for found in read(workspace):
        assert found.prompt.strip()
        assert found.text_a.strip()
        assert found.text_b.strip()
        assert found.text_a.strip() != found.text_b.strip()


def test_a_plain_battle_is_its_record(workspace: Workspace) -> None:
    """But for what nothing looks at, of which the one that stands for its group tells."""
    found = read(workspace)
    with workspace.reading() as connection:
        records = battles.records(connection, found.battle_ids)
    for one in found:
        made_of, own = one.record(found.firsts[one.group]), records[one.battle_id]
        for name in ("battle_id", "vote_id", "prompt", "answer_a", "answer_b", "winner", "strength", "model_a"):
            assert one.spelt(name, found.firsts[one.group]) == vote_tree.told(name, own.votes[0], own)
        assert (made_of.battle.model_b, made_of.votes[0].rater_id) == (own.battle.model_b, own.votes[0].rater_id)


def test_a_format_that_writes_a_text_in_another_way_converts_every_battle(
    alike: Alike, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loud(pair: pairs.Pair) -> dict[str, Any]:
        return {"prompt": [], "chosen": pairs.answer(pair.chosen), "rejected": pairs.answer(pair.rejected + "!")}

    form = dataclasses.replace(exports.FORMATS["trl-dpo"], convert=pairs.one_row(loud))
    monkeypatch.setitem(exports.FORMATS, form.name, form)
    assert alike(form.name, {"test_share": 0.3})


@pytest.mark.parametrize(
    "select",
    [
        *({"models": ["alpha", "beta"]}, {"languages": ["de"]}, {"since": making.START.isoformat()}, {"leaks": "drop"}),
        *({"several": "each"}, {"mask": ["mail"]}, {"duplicates": "first"}, {"held_out_share": 0.1}),
        *({"minimum_rater_votes": 3}, {"maximum_answer_characters": 15}, {"thinking": "strip"}, {"near_duplicates": 1}),
    ],
    ids=str,
)
def test_a_selection_that_looks_at_more_is_given_records(select: dict[str, Any]) -> None:
    assert not plain.suffice(exports.FORMATS["trl-dpo"], Selection.from_mapping(select))


def test_a_format_that_looks_at_more_is_given_records() -> None:
    assert {name for name, form in exports.FORMATS.items() if plain.suffice(form, Selection())} == SERVED


@pytest.mark.parametrize(("select", "as_columns"), [({}, True), ({"leaks": "drop"}, False)])
def test_an_export_reads_columns_where_they_suffice(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, select: dict[str, Any], as_columns: bool
) -> None:
    given: list[Any] = []
    write = release.write

    def seen(directory: Path, name: str, records: Iterator[Any], *_: Any) -> Any:
        given.extend(records)
        return write(directory, name, [making.record(1)], making.facts())

    monkeypatch.setattr(release, "write", seen)
    wanted = Order(release_id=making.facts().release_id, format="trl-dpo", selection=Selection.from_mapping(select))
    exporting.build(opened.here(workspace, tmp_path), wanted, tmp_path / "out")
    assert any(isinstance(one, PlainBattles) for one in given) is as_columns
