"""Battles with all that has happened to them."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from arena.domain import ids, parts
from arena.domain.battle import Answers, Battle, BattleRecord, Message, Response, Side, Void, VoidCause
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.origin import Origin
from arena.domain.parts import Content, Text
from arena.store import database, origins, quick, rows, votes
from arena.store.connections import Connection

BATTLES = {
    "ordinal": "BIGINT",
    "battle_id": "VARCHAR",
    "conversation_id": "VARCHAR",
    "turn": "INTEGER",
    "continues": "VARCHAR",
    "continued_side": "VARCHAR",
    "campaign": "VARCHAR",
    "rater_id": "VARCHAR",
    "prompt": "VARCHAR",
    "history": "VARCHAR",  # JSON
    "model_a": "VARCHAR",
    "model_b": "VARCHAR",
    "draw_probability": "DOUBLE PRECISION",
    "created_at": "TIMESTAMP",
    "opens_first": "VARCHAR",
    "parts": "VARCHAR",
    "answers": "VARCHAR",
    "language": "VARCHAR",
    "category": "VARCHAR",
    "campaign_version": "INTEGER",
}
ANSWERS = {one.value: one for one in Answers}
RESPONSES = {
    "battle_id": "VARCHAR",
    "side": "VARCHAR",
    "text": "VARCHAR",
    "finish_reason": "VARCHAR",
    "prompt_tokens": "BIGINT",
    "completion_tokens": "BIGINT",
    "first_token_seconds": "DOUBLE PRECISION",
    "total_seconds": "DOUBLE PRECISION",
    "completed_at": "TIMESTAMP",
    "leak": "BOOLEAN",
    "reasoning_tokens": "BIGINT",
    "reasoning_seconds": "DOUBLE PRECISION",
    "media": "VARCHAR",
}
SPAN = timedelta(minutes=10)
"""Around the time at which a battle was opened, its rows are looked for first."""
NO_HISTORY = "[]"
"""As most battles have it."""
TOTAL_SECONDS = list(RESPONSES).index("total_seconds")
VOIDS = {
    "battle_id": "VARCHAR",
    "cause": "VARCHAR",
    "failed_side": "VARCHAR",
    "detail": "VARCHAR",
    "voided_at": "TIMESTAMP",
    "next_battle": "VARCHAR",
}

_made_record, _made_battle, _made_response = quick.maker(BattleRecord), quick.maker(Battle), quick.maker(Response)
NONE_HELD: frozenset[VoteId] = frozenset()
_made_message, _made_text = quick.maker(Message), quick.maker(Text)


def load(connection: Connection, battle_id: BattleId) -> BattleRecord | None:
    """One battle, or None when it is not known here."""
    return records(connection, [battle_id]).get(battle_id)


def records(connection: Connection, battle_ids: Sequence[BattleId]) -> dict[BattleId, BattleRecord]:
    """Many battles by id; those not known here are left out."""
    return {record.battle.battle_id: record for record in each(connection, battle_ids)}


def each(connection: Connection, battle_ids: Sequence[BattleId]) -> Iterator[BattleRecord]:
    """These battles in this order, without those not known here.

    Each is made when it is asked for, from rows read together: a thousand records held at once keep the collector of
    cycles busier than making them does.
    """
    yield from made(read(connection, battle_ids))


class Read(NamedTuple):
    """Columns of some battles, from which their records can be made without the database: one battle after the other,
    in the order asked for."""

    battles: rows.Columns
    answers_a: rows.Columns
    """Where there is no answer, a row of None."""
    answers_b: rows.Columns
    votes: rows.Columns
    cast: Sequence[int]
    """How many of the votes each battle has."""
    voids: Mapping[BattleId, tuple[Any, ...]]
    origins: Mapping[BattleId, Origin]


def read(connection: rows.Asked, battle_ids: Sequence[BattleId], fetch: rows.Fetch[rows.Asked] = rows.columns) -> Read:
    """All that is stored about these battles, without those not known here."""
    if not battle_ids:
        return Read([], [], [], [], [], {}, {})
    minted = ids.minted_at(battle_ids[0]) if len(battle_ids) == 1 and ids.ours(battle_ids[0]) else None
    span = None if minted is None else (minted - SPAN, minted + SPAN)
    names = list(BATTLES)[1:]
    asked = _rows(connection, fetch, "battles", names, battle_ids, "created_at", span, 1)
    places = _places(asked[0])
    known = [one for one in battle_ids if one in places]
    answers = _rows(connection, fetch, "responses", list(RESPONSES), battle_ids, "completed_at", span, 2)
    sides: dict[str, dict[BattleId, int]] = {Side.A: {}, Side.B: {}}
    for place, (battle_id, side) in enumerate(zip(*answers[:2], strict=True)):
        sides[side][battle_id] = place
    answers_a, answers_b = (rows.picked(answers, [of_side.get(one) for one in known]) for of_side in sides.values())
    cast = votes.of_battles(connection, battle_ids, fetch)
    of_battle: dict[BattleId, list[int]] = {}
    for place, battle_id in enumerate(cast[votes.BATTLE]):
        of_battle.setdefault(battle_id, []).append(place)
    counts = [len(of_battle.get(one, ())) for one in known]
    # A battle with a vote is not void. An answer that was written here has its times, and one with an origin has none:
    # `append_responses` and the import see to that, so that origins are looked for only where there can be any.
    unvoted = [one for one, count in zip(known, counts, strict=True) if not count]
    timed = zip(answers_b[0], answers_b[TOTAL_SECONDS], strict=True)
    imported = [one for one, seconds in timed if one is not None and seconds is None]
    return Read(
        rows.picked(asked, [places[one] for one in known]),
        answers_a,
        answers_b,
        rows.picked(cast, [place for one in known for place in of_battle.get(one, ())]),
        counts,
        {row[0]: row for row in _among(connection, "voids", list(VOIDS), unvoted)} if unvoted else {},
        origins.of_battles(connection, imported) if imported else {},
    )


def _rows(
    connection: rows.Asked,
    fetch: rows.Fetch[rows.Asked],
    table: str,
    names: Sequence[str],
    battle_ids: Sequence[BattleId],
    time: str,
    span: tuple[datetime, datetime] | None,
    whole: int,
) -> rows.Columns:
    """These columns of a table's rows on some battles, of which one battle has at most `whole`.

    One battle is looked for among the rows of its time first: an id alone leaves a row group of 120,000 ids to compare,
    which takes longer than all the rest.
    """
    condition, parameters = rows.among("battle_id", battle_ids)
    if span is not None:
        between = list(map(database.stored_time, span))
        found = fetch(
            connection, names, f"FROM {table} WHERE {time} BETWEEN ? AND ? AND {condition}", between + parameters
        )
        if len(found[0]) == whole:
            return found
    return fetch(connection, names, f"FROM {table} WHERE {condition}", parameters)


def made(found: Read) -> Iterator[BattleRecord]:
    """The records of battles that were read, each when it is asked for."""
    cast = map(votes.read, zip(*found.votes, strict=True))
    answers_a, answers_b = zip(*found.answers_a, strict=True), zip(*found.answers_b, strict=True)
    of_battle = zip(zip(*found.battles, strict=True), answers_a, answers_b, found.cast, strict=True)
    for row, side_a, side_b, count in of_battle:
        void = found.voids.get(row[0])
        yield _made_record(
            _battle(row),
            _response(side_a),
            _response(side_b),
            None if side_b[0] is None else database.read_time(side_b[8]),
            None if void is None else _void(void),
            tuple(itertools.islice(cast, count)),
            found.origins.get(row[0]),
            NONE_HELD,
        )


def _places(battle_ids: Iterable[BattleId]) -> dict[BattleId, int]:
    return {battle_id: place for place, battle_id in enumerate(battle_ids)}


def opened(connection: Connection, battle_ids: Sequence[BattleId]) -> Iterator[Battle]:
    """What was asked in these battles, in any order, without those not known here."""
    if battle_ids:
        yield from map(_battle, _among(connection, "battles", list(BATTLES)[1:], battle_ids))


def latest_of(connection: Connection, rater_id: RaterId) -> BattleId | None:
    """The battle this rater opened last, whatever the clock said, or None."""
    found = rows.fetched(
        connection, "SELECT battle_id FROM battles WHERE rater_id = ? ORDER BY ordinal DESC LIMIT 1", [rater_id]
    )
    return BattleId(found[0][0]) if found else None


def newest(connection: Connection, after: int) -> Iterator[BattleRecord]:
    """Those that were opened after this many others, in order."""
    found = rows.fetched(connection, "SELECT battle_id FROM battles WHERE ordinal > ? ORDER BY ordinal", [after])
    yield from each(connection, [BattleId(row[0]) for row in found])


def unfinished(connection: Connection) -> list[BattleId]:
    """Battles that are neither complete nor void, in the order they were opened."""
    found = rows.fetched(
        connection,
        "SELECT battle_id FROM battles "
        "WHERE battle_id NOT IN (SELECT battle_id FROM responses) AND battle_id NOT IN (SELECT battle_id FROM voids) "
        "ORDER BY ordinal",
    )
    return [BattleId(row[0]) for row in found]


def append(connection: Connection, opened: Iterable[tuple[int, Battle]]) -> None:
    """Add battles, each with its ordinal."""
    rows.append(
        connection,
        "battles",
        BATTLES,
        [
            (
                ordinal,
                battle.battle_id,
                battle.conversation_id,
                battle.turn,
                battle.continues,
                battle.continued_side,
                battle.campaign,
                battle.rater_id,
                battle.prompt,
                orjson.dumps([{"role": one.role, "content": one.text} for one in battle.history]).decode(),
                battle.model_a,
                battle.model_b,
                battle.draw_probability,
                database.stored_time(battle.created_at),
                battle.opens_first,
                _parts(battle),
                battle.answers,
                battle.language,
                battle.category,
                battle.campaign_version,
            )
            for ordinal, battle in opened
        ],
    )


def append_responses(connection: Connection, completed: Iterable[tuple[BattleId, Side, Response, datetime]]) -> None:
    """Add complete answers."""
    rows.append(
        connection,
        "responses",
        RESPONSES,
        [
            (
                battle_id,
                side,
                response.text,
                response.finish_reason,
                response.prompt_tokens,
                response.completion_tokens,
                response.first_token_seconds,
                response.total_seconds,
                database.stored_time(completed_at),
                response.leak,
                response.reasoning_tokens,
                response.reasoning_seconds,
                parts.media_to_text(response.media),
            )
            for battle_id, side, response, completed_at in completed
        ],
    )


def append_voids(connection: Connection, voided: Iterable[tuple[BattleId, Void]]) -> None:
    """Add reasons why battles count for nobody."""
    rows.append(
        connection,
        "voids",
        VOIDS,
        [
            (battle_id, void.cause, void.failed_side, void.detail, database.stored_time(void.voided_at), void.next)
            for battle_id, void in voided
        ],
    )


def _among(
    connection: Connection, table: str, columns: Sequence[str], battle_ids: Sequence[BattleId]
) -> list[tuple[Any, ...]]:
    condition, parameters = rows.among("battle_id", battle_ids)
    return rows.fetched(connection, f"SELECT {', '.join(columns)} FROM {table} WHERE {condition}", parameters)


def _parts(battle: Battle) -> str | None:
    """The contents of all messages, the prompt last; None where each is one text, which stands in its own column."""
    said = [message.content for message in battle.messages]
    return None if all(map(parts.plain, said)) else json.dumps([parts.to_json(content) for content in said])


def _battle(row: tuple[Any, ...]) -> Battle:
    battle_id, conversation_id, turn, continues, continued_side, campaign, rater_id, prompt, earlier, *more = row
    model_a, model_b, draw_probability, created_at, opens_first, said, answers, *last = more
    language, category, campaign_version = last
    history = () if earlier == NO_HISTORY else _history(earlier)
    content: Content = (_made_text(prompt),)
    if said is not None:
        *before, content = map(parts.from_json, json.loads(said))
        history = tuple([replace(message, content=one) for message, one in zip(history, before, strict=True)])
    return _made_battle(
        battle_id,
        conversation_id,
        turn,
        continues,
        None if continued_side is None else Side(continued_side),
        campaign,
        rater_id,
        content,
        history,
        model_a,
        model_b,
        draw_probability,
        database.read_time(created_at),
        None if opens_first is None else Side(opens_first),
        ANSWERS[answers],
        language,
        category,
        campaign_version,
    )


def _history(stored: str) -> tuple[Message, ...]:
    try:
        return tuple([_made_message(one["role"], (_made_text(one["content"]),)) for one in orjson.loads(stored)])
    except (TypeError, KeyError) as error:
        raise ValueError(f"{stored[:40]!r} is no list of messages") from error


def _response(row: tuple[Any, ...]) -> Response | None:
    if row[0] is None:
        return None
    _, _, text, finish_reason, prompt_tokens, completion_tokens, first, total, _, leak, tokens, seconds, media = row
    shown = () if media is None else parts.media_from_text(media)
    return _made_response(
        text, finish_reason, prompt_tokens, completion_tokens, first, total, leak, tokens, seconds, shown
    )


def _void(row: tuple[Any, ...]) -> Void:
    return Void(
        cause=VoidCause(row[1]),
        failed_side=None if row[2] is None else Side(row[2]),
        detail=row[3],
        voided_at=database.read_time(row[4]),
        next=row[5],
    )
