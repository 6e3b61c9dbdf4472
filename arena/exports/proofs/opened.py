"""The battle and the vote behind an opened commitment, and whether the rows of a release agree with them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arena import exports
from arena.domain import parts, vote_tree
from arena.domain.battle import Answers, Battle, BattleRecord, Message, Response, Side
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.origin import Origin
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner
from arena.errors import InvalidValue
from arena.exports.folder import files
from arena.exports.folder.id_tables import Item
from arena.exports.format import Context, Row, Taken
from arena.exports.rows import read_back

NOT_COMMITTED = frozenset({"judge", "rater", "leak", "held"})
"""Columns whose values are made for a release, or found later."""


def record(content: Mapping[str, Any]) -> BattleRecord:
    """The battle with its one vote. Raises `InvalidValue` for content of another shape."""
    try:
        if content.get("schema") == vote_tree.SCHEMA:
            return of_fields(content["fields"])
        return _record(content["battle"], content["vote"], content.get("origin"))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidValue("The content that came with the proof is not that of a vote.") from error


def problems(
    directory: Path, manifest: Mapping[str, Any], item: Item, alone: bool, opened: BattleRecord
) -> Iterator[str]:
    """How the rows of a vote differ from what was voted. `alone`: no other vote is behind the same rows.

    Rows that other votes decided too, and rows with masked texts, are not compared.
    """
    if not alone or manifest.get("masked") is not None:
        return
    form = exports.named(str(manifest["format"]))
    right = [
        json.loads(files.json_line(row))
        for outcome in form.convert(opened, Context(pseudonym=lambda _: ""))
        if isinstance(outcome, Taken)
        for row in outcome.rows
    ]
    places = range(item.row, item.row + item.rows * item.step, item.step)
    there = list(_rows(directory / "data" / f"{item.split}.jsonl", places))
    if sorted(comparable(right, there)) != sorted(comparable(there, there)):
        where = ", ".join(f"{place:,}" for place in places)
        yield f"Row {where} of data/{item.split}.jsonl does not say what vote {item.vote_id} says."


def of_fields(fields: Mapping[str, Any]) -> BattleRecord:
    """The battle with its one vote from fields of `vote_tree`; what rows of a release may be without can be missing."""
    asked, cast = fields.get("asked") or {}, fields.get("cast") or {}
    history = [
        Message(role=one["role"], content=parts.from_json(one["content"])) for one in fields.get("history") or ()
    ]
    rater = RaterId(fields.get("rater", ""))
    moment = _moment(fields.get("time", 0))
    measured = fields.get("measured") or (None, None)
    return BattleRecord(
        battle=Battle(
            battle_id=BattleId(fields["battle_id"]),
            conversation_id=ConversationId(fields.get("conversation_id", "")),
            turn=fields.get("turn", 1),
            continues=asked.get("continues"),
            continued_side=None if asked.get("continued_side") is None else Side(asked["continued_side"]),
            campaign=fields.get("campaign", ""),
            rater_id=RaterId(asked.get("by", "")),
            content=parts.from_json(fields["prompt"]),
            history=tuple(history),
            model_a=ModelName(fields.get("model_a", "")),
            model_b=ModelName(fields.get("model_b", "")),
            draw_probability=fields.get("draw_probability"),
            created_at=_moment(asked.get("time", 0)),
            opens_first=None if asked.get("opens_first") is None else Side(asked["opens_first"]),
            answers=Answers(asked.get("answers", Answers.LIVE)),
            campaign_version=asked.get("campaign_version"),
        ),
        response_a=_answer(fields, "a", measured[0]),
        response_b=_answer(fields, "b", measured[1]),
        completed_at=None,
        void=None,
        votes=(
            Vote(
                vote_id=VoteId(fields["vote_id"]),
                battle_id=BattleId(fields["battle_id"]),
                rater_id=rater,
                winner=Winner(fields.get("winner", Winner.TIE)),
                strength=None if fields.get("strength") is None else Strength(fields["strength"]),
                tags=tuple(map(Tag, fields.get("tags") or ())),
                reason=fields.get("reason"),
                edit=fields.get("edit"),
                rater_kind=RaterKind(fields.get("rater_kind", RaterKind.PERSON)),
                criteria=tuple((one["name"], Winner(one["winner"])) for one in fields.get("criteria") or ()),
                reading_seconds=cast.get("reading_seconds"),
                cast_at=moment,
                idempotency_key=cast.get("idempotency_key", ""),
                request_sha256=cast.get("request_sha256", ""),
            ),
        ),
        origin=_origin(fields),
    )


def _answer(fields: Mapping[str, Any], side: str, measured: list[Any] | None) -> Response | None:
    told = fields.get(f"answer_{side}", "")
    if told is None:
        return None
    content = parts.from_json(told)
    prompt_tokens, completion_tokens, *_ = measured or (None, None)
    return Response(
        text=parts.words(content),
        media=parts.media(content),
        finish_reason=fields.get(f"finish_reason_{side}"),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        first_token_seconds=None,
        total_seconds=None,
        leak=fields.get("leak"),
    )


def _origin(fields: Mapping[str, Any]) -> Origin | None:
    """Where a battle came from, as far as fields say it. A vote whose time is not told was imported without one."""
    told = fields.get("origin") or {}
    timed = told.get("timed", "time" in fields)
    if timed and not told and fields.get("language") is None and fields.get("category") is None:
        return None
    return Origin(
        source=told.get("source", ""),
        item=told.get("item", ""),
        language=fields.get("language"),
        category=fields.get("category"),
        timed=timed,
        digest=told.get("digest", ""),
    )


def comparable(rows: Sequence[Row], there: Sequence[Row]) -> list[str]:
    """Rows without what is made for one release, and without columns that are later than the release that `there` is
    from."""
    without = NOT_COMMITTED | {name for name in read_back.LATER if not any(name in row for row in there)}
    return [
        json.dumps({key: value for key, value in row.items() if key not in without}, sort_keys=True) for row in rows
    ]


def _rows(path: Path, places: range) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number in places:
                yield json.loads(line)
            if number >= places[-1]:
                return


def _record(battle: Mapping[str, Any], vote: Mapping[str, Any], origin: Mapping[str, Any] | None) -> BattleRecord:
    rater = RaterId(vote["rater_id"])
    return BattleRecord(
        battle=Battle(
            battle_id=BattleId(vote["battle_id"]),
            conversation_id=ConversationId(battle["conversation_id"]),
            turn=battle["turn"],
            continues=battle["continues"],
            continued_side=None if battle["continued_side"] is None else Side(battle["continued_side"]),
            campaign=battle["campaign"],
            rater_id=RaterId(battle["rater_id"]),
            content=parts.of_text(battle["prompt"]),
            history=tuple(Message.of_text(role=role, text=text) for role, text in battle["history"]),
            model_a=ModelName(battle["model_a"]),
            model_b=ModelName(battle["model_b"]),
            draw_probability=battle["draw_probability"],
            created_at=_moment(battle["created_at"]),
        ),
        response_a=_response(battle["response_a"]),
        response_b=_response(battle["response_b"]),
        completed_at=None,
        void=None,
        votes=(
            Vote(
                vote_id=VoteId(vote["vote_id"]),
                battle_id=BattleId(vote["battle_id"]),
                rater_id=rater,
                winner=Winner(vote["winner"]),
                strength=None if vote["strength"] is None else Strength(vote["strength"]),
                tags=tuple(map(Tag, vote["tags"])),
                reason=vote["reason"],
                edit=vote["edit"],
                reading_seconds=vote["reading_seconds"],
                cast_at=_moment(vote["cast_at"]),
                idempotency_key=vote["idempotency_key"],
                request_sha256=vote["request_sha256"],
            ),
        ),
        origin=None if origin is None else Origin(**origin),
    )


def _response(told: list[Any] | None) -> Response | None:
    if told is None:
        return None
    text, finish_reason, prompt_tokens, completion_tokens, first_token_seconds, total_seconds = told
    return Response(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        first_token_seconds=first_token_seconds,
        total_seconds=total_seconds,
    )


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
