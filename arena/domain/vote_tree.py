"""What the line of a vote commits to since the second version: a tree over salted fields (docs/decisions/0025).

    leaf       = SHA-256(0x00 || "vote/2" || 0x00 || salt of the field || RFC 8785 JSON of [name, value])
    node       = SHA-256(0x01 || left || right)
    commitment = the root over the leaves of `FIELDS`, in their order
    salts      = HMAC-SHA-512(salt of the vote, byte k) for k = 0 to 7, joined, cut into one of 16 bytes a field

Whoever is told a field with its salt, and the hashes beside the way to the root, can check it against the ledger. The
other fields stay as closed as without it: nobody can try values against a leaf whose salt they do not have.
"""

import functools
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import rfc8785

from arena.domain import parts
from arena.domain.battle import BattleRecord, Response
from arena.domain.vote import Vote

SCHEMA = "vote/2"
# Fixed for ever: names and order are in the commitments of every ledger. A new field is vote/3 (docs/decisions/0025).
FIELDS = (
    *("vote_id", "battle_id", "history", "prompt", "answer_a", "answer_b", "winner", "strength"),
    *("edit", "reason", "tags", "criteria", "model_a", "model_b", "conversation_id", "turn"),
    *("campaign", "language", "category", "draw_probability", "finish_reason_a", "finish_reason_b", "leak", "time"),
    *("rater_kind", "shown_left", "rater", "asked", "measured", "origin", "assignment", "cast"),
)
"""In the order of their leaves: what is published together stands together, so that few hashes stand beside it."""
SALT_BYTES = 16
LEAF, NODE = b"\0vote/2\0", b"\1"
FRACTIONS = frozenset({"draw_probability", "measured", "cast"})
"""Fields with numbers that are not whole."""
LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON holds exactly; larger ones are told as text."""


Spelt = tuple[bytes, ...]
"""The canonical JSON of each field's name and value, in the order of `FIELDS`."""


def content(vote: Vote, record: BattleRecord) -> dict[str, Any]:
    """What a vote's line commits to, as whoever may see all of it is told."""
    told = {**_judged(record), **_cast(vote)}
    return {"schema": SCHEMA, "fields": {name: told[name] for name in FIELDS}}


def judged(record: BattleRecord) -> dict[str, bytes]:
    """The fields of a battle as they are spelt; the votes on it share them."""
    return {name: spelt(name, value) for name, value in _judged(record).items()}


def whole(vote: Vote, battle: Mapping[str, bytes]) -> Spelt:
    """All fields of a vote on the battle that is spelt so."""
    told = {name: spelt(name, value) for name, value in _cast(vote).items()}
    told.update(battle)
    return tuple([told[name] for name in FIELDS])


def of_content(document: Mapping[str, Any]) -> Spelt:
    """The fields of what `content` gives, as somebody else tells it. Raises `ValueError` for anything else."""
    told = document.get("fields")
    if set(document) != {"schema", "fields"} or not isinstance(told, dict) or set(told) != set(FIELDS):
        raise ValueError("it does not have the fields of a vote")
    return tuple([canonical(name, told[name]) for name in FIELDS])


def canonical(name: str, value: Any) -> bytes:
    """A field as it enters its leaf, whoever tells it. Raises `ValueError` for what RFC 8785 cannot spell."""
    return rfc8785.dumps([name, value])


def spelt(name: str, value: Any) -> bytes:
    """The same of our own fields, in a tenth of the time.

    Where keys are ASCII, orjson spells all but fractions as RFC 8785 asks."""
    told = _fractions(value) if name in FRACTIONS else value
    return orjson.dumps([name, told], option=orjson.OPT_SORT_KEYS)


def _fractions(value: Any) -> Any:
    """A value in which numbers that may not be whole are spelt already."""
    if isinstance(value, float):
        return orjson.Fragment(rfc8785.dumps(value))
    if isinstance(value, dict):
        return {name: _fractions(one) for name, one in value.items()}
    return [_fractions(one) for one in value] if isinstance(value, list) else value


def salts(salt: str) -> Sequence[bytes]:
    """The salt of each field, from that of the vote, which is hex."""
    key = bytes.fromhex(salt)
    joined = b"".join([hmac.digest(key, bytes([block]), "sha512") for block in range(8)])
    return [joined[start : start + SALT_BYTES] for start in range(0, len(joined), SALT_BYTES)]


def leaf(salt: bytes, told: bytes) -> bytes:
    """The leaf of a field as it is spelt."""
    return hashlib.sha256(LEAF + salt + told).digest()


def commitment(salt: str, told: Spelt) -> str:
    """The root over all fields."""
    level = [leaf(one, field) for one, field in zip(salts(salt), told, strict=True)]
    while len(level) > 1:
        level = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0].hex()


def beside(kept: Sequence[bytes], told: Spelt, opened: frozenset[str]) -> list[bytes]:
    """The hashes that lead from the opened fields to the root: of what is closed, from the first leaf to the last, each
    standing for as many leaves as it can. `kept` are the salts of all fields."""

    def over(start: int, count: int) -> bytes:
        if count == 1:
            return leaf(kept[start], told[start])
        half = count // 2
        return _node(over(start, half), over(start + half, half))

    return [over(start, count) for start, count in _closed(opened)]


def opens(values: Mapping[str, tuple[bytes, bytes]], path: Sequence[bytes], committed: str) -> bool:
    """Whether fields, each a salt and how it is spelt, lead by this path, and by all of it, to a commitment."""
    left = iter(path)

    def over(start: int, count: int) -> bytes:
        if values.keys().isdisjoint(FIELDS[start : start + count]):
            return next(left)
        if count == 1:
            return leaf(*values[FIELDS[start]])
        half = count // 2
        return _node(over(start, half), over(start + half, half))

    if len(path) != len(_closed(frozenset(values))):
        return False
    return over(0, len(FIELDS)).hex() == committed


@functools.lru_cache(1024)
def _closed(opened: frozenset[str], start: int = 0, count: int = len(FIELDS)) -> tuple[tuple[int, int], ...]:
    """The largest subtrees without an opened field: first leaf and number of leaves."""
    if opened.isdisjoint(FIELDS[start : start + count]):
        return ((start, count),)
    half = count // 2
    return (*_closed(opened, start, half), *_closed(opened, start + half, half)) if half else ()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def _judged(record: BattleRecord) -> dict[str, Any]:
    battle, origin = record.battle, record.origin
    return {
        "battle_id": battle.battle_id,
        "history": [{"role": message.role, "content": parts.to_json(message.content)} for message in battle.history],
        "prompt": parts.to_json(battle.content),
        "answer_a": None if record.response_a is None else record.response_a.text,
        "answer_b": None if record.response_b is None else record.response_b.text,
        "model_a": battle.model_a,
        "model_b": battle.model_b,
        "conversation_id": battle.conversation_id,
        "turn": battle.turn,
        "campaign": battle.campaign,
        "language": None if origin is None else origin.language,
        "category": None if origin is None else origin.category,
        "draw_probability": battle.draw_probability,
        "finish_reason_a": None if record.response_a is None else record.response_a.finish_reason,
        "finish_reason_b": None if record.response_b is None else record.response_b.finish_reason,
        "leak": record.leak,
        "asked": {
            "answers": battle.answers,
            "by": battle.rater_id,
            "continued_side": battle.continued_side,
            "continues": battle.continues,
            "opens_first": battle.opens_first,
            "time": _time(battle.created_at),
        },
        "measured": [_measured(record.response_a), _measured(record.response_b)],
        "origin": None
        if origin is None
        else {"digest": origin.digest, "item": origin.item, "source": origin.source, "timed": origin.timed},
    }


def _cast(vote: Vote) -> dict[str, Any]:
    return {
        "vote_id": vote.vote_id,
        "winner": vote.winner,
        "strength": vote.strength,
        "edit": vote.edit,
        "reason": vote.reason,
        "tags": list(vote.tags),
        "criteria": [{"name": name, "winner": winner} for name, winner in vote.criteria],
        "time": _time(vote.cast_at),
        "rater_kind": vote.rater_kind,
        "shown_left": vote.shown_left,
        "rater": vote.rater_id,
        "assignment": vote.assignment_id,
        "cast": {
            "idempotency_key": vote.idempotency_key,
            "reading_seconds": vote.reading_seconds,
            "request_sha256": vote.request_sha256,
        },
    }


def _measured(response: Response | None) -> list[float | str | None] | None:
    """Tokens of prompt and answer, then seconds to the first text and in all."""
    if response is None:
        return None
    return [
        _exact(response.prompt_tokens),
        _exact(response.completion_tokens),
        response.first_token_seconds,
        response.total_seconds,
    ]


def _time(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return round(moment.timestamp() * 1_000_000)


def _exact(number: int | None) -> int | str | None:
    return str(number) if number is not None and abs(number) > LARGEST else number
