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
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

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
SALT_BYTES, HASH_BYTES = 16, 32
LEAF, NODE = b"\0vote/2\0", b"\1"
FRACTIONS = frozenset({"draw_probability", "measured", "cast"})
"""Fields with numbers that are not whole."""
LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON holds exactly; larger ones are told as text."""
KEPT = ((8, 8), (16, 16))
"""Subtrees, first leaf and number of leaves, whose hashes are kept beside the salt: what pairs never open
(docs/decisions/0034)."""
INNER, OUTER = (bytes([byte ^ pad for byte in range(256)]) for pad in (0x36, 0x5C))
"""What HMAC makes of a key (RFC 2104), as tables for `bytes.translate`."""
BLOCK, DIGEST = 128, 64
"""Bytes that SHA-512 takes in at a time, and that it gives."""
BLOCKS = tuple(bytes([block]) for block in range(len(FIELDS) * SALT_BYTES // DIGEST))
"""The message of HMAC for each block of salts."""

Spelt = tuple[bytes, ...]
"""The canonical JSON of each field's name and value, in the order of `FIELDS`."""


class Root(NamedTuple):
    """What is kept of the tree of a vote."""

    commitment: str
    kept: str
    """The hashes over the subtrees of `KEPT`, one after the other, in hex."""


def content(vote: Vote, record: BattleRecord) -> dict[str, Any]:
    """What a vote's line commits to, as whoever may see all of it is told."""
    return {"schema": SCHEMA, "fields": {name: value(name, vote, record) for name in FIELDS}}


def value(name: str, vote: Vote, record: BattleRecord) -> Any:
    """One field, as whoever may see it is told."""
    of_vote = CAST.get(name)
    return JUDGED[name](record) if of_vote is None else of_vote(vote)


def judged(record: BattleRecord) -> dict[str, bytes]:
    """The fields of a battle as they are spelt; the votes on it share them."""
    return {name: spelt(name, read(record)) for name, read in JUDGED.items()}


def told(name: str, vote: Vote, record: BattleRecord) -> bytes:
    """One field of a vote as it is spelt."""
    return spelt(name, value(name, vote, record))


def whole(vote: Vote, battle: Mapping[str, bytes]) -> Spelt:
    """All fields of a vote on the battle that is spelt so."""
    return tuple([spelt(name, CAST[name](vote)) if name in CAST else battle[name] for name in FIELDS])


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
    """A value whose numbers orjson spells as RFC 8785 asks. In the range where neither writes an exponent they differ
    only in numbers that are whole."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < LARGEST:
            return int(value)
        return value if 1e-4 <= abs(value) < 1e15 else orjson.Fragment(rfc8785.dumps(value))
    if isinstance(value, dict):
        return {name: _fractions(one) for name, one in value.items()}
    return [_fractions(one) for one in value] if isinstance(value, list) else value


def salts(salt: str) -> Sequence[bytes]:
    """The salts of all fields, from that of the vote, which is hex."""
    joined = _salts(salt, len(FIELDS))
    return [joined[start : start + SALT_BYTES] for start in range(0, len(joined), SALT_BYTES)]


def _salts(salt: str, fields: int) -> bytes:
    """The salts of so many fields at least, the first ones, one after the other.

    HMAC is written out, because the two hashes that begin with the key are then begun once for all blocks: a third of
    the time of `hmac`."""
    key = bytes.fromhex(salt)
    padded = (key if len(key) <= BLOCK else hashlib.sha512(key).digest()).ljust(BLOCK, b"\0")
    inner, outer = hashlib.sha512(padded.translate(INNER)), hashlib.sha512(padded.translate(OUTER))
    joined, last = b"", -(-fields * SALT_BYTES // DIGEST) - 1
    for place in range(last + 1):
        within, around = (inner, outer) if place == last else (inner.copy(), outer.copy())
        within.update(BLOCKS[place])
        around.update(within.digest())
        joined += around.digest()
    return joined


def leaf(salt: bytes, told: bytes) -> bytes:
    """The leaf of a field as it is spelt."""
    return hashlib.sha256(LEAF + salt + told).digest()


def commitment(salt: str, told: Spelt) -> str:
    """The root over all fields."""
    return root(salt, told).commitment


def root(salt: str, told: Spelt) -> Root:
    """The root over all fields, with what is kept on the way there."""
    leaves = [leaf(one, field) for one, field in zip(salts(salt), told, strict=True)]
    beginning, (middle, end) = _over(leaves[:8]), (_over(leaves[start : start + count]) for start, count in KEPT)
    return Root(_node(_node(beginning, middle), end).hex(), (middle + end).hex())


def opening(
    salt: str, tell: Callable[[str], bytes], opened: tuple[str, ...], kept: str | None = None
) -> tuple[bytes, bytes]:
    """What opens these fields: their salts, and the hashes that lead to the root: those of what is closed, from
    the first leaf to the last, each standing for as many leaves as it can. `tell` gives a field as it is spelt; what
    is `kept` of the tree is not computed anew."""
    runs, closed, reach = _shape(opened, kept is not None)
    own, known = _salts(salt, reach), bytes.fromhex(kept or "")
    path = b""
    for start, end, at in closed:
        if at >= 0:
            path += known[at : at + HASH_BYTES]
        else:
            path += _over([_told(own, place, tell) for place in range(start, end)])
    return b"".join([own[start:end] for start, end in runs]), path


def closed(opened: tuple[str, ...]) -> frozenset[str]:
    """The fields that are asked for while these are opened, where it is known what is kept of the tree."""
    _, subtrees, _ = _shape(opened, True)
    return frozenset(name for start, end, at in subtrees if at < 0 for name in FIELDS[start:end])


def _told(own: bytes, place: int, tell: Callable[[str], bytes]) -> bytes:
    """The leaf of the field at a place, from the salts of all."""
    return leaf(own[place * SALT_BYTES : (place + 1) * SALT_BYTES], tell(FIELDS[place]))


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
def _shape(opened: tuple[str, ...], kept: bool) -> tuple[list[tuple[int, int]], list[tuple[int, int, int]], int]:
    """Where the salts of these fields are, as runs of bytes; the closed subtrees, each as its first leaf, the leaf
    after its last and where its hash is in what is kept, or -1; and how many salts both need."""
    places = [place for place, name in enumerate(FIELDS) if name in opened]
    closed = [
        (start, start + count, HASH_BYTES * KEPT.index((start, count)) if kept and (start, count) in KEPT else -1)
        for start, count in _closed(frozenset(opened))
    ]
    reach = max([place + 1 for place in places] + [end for _, end, at in closed if at < 0], default=0)
    begun = [place for place in places if place - 1 not in places]
    ended = [place + 1 for place in places if place + 1 not in places]
    return [(start * SALT_BYTES, end * SALT_BYTES) for start, end in zip(begun, ended, strict=True)], closed, reach


@functools.lru_cache(1024)
def _closed(opened: frozenset[str], start: int = 0, count: int = len(FIELDS)) -> tuple[tuple[int, int], ...]:
    """The largest subtrees without an opened field: first leaf and number of leaves."""
    if opened.isdisjoint(FIELDS[start : start + count]):
        return ((start, count),)
    half = count // 2
    return (*_closed(opened, start, half), *_closed(opened, start + half, half)) if half else ()


def _over(level: list[bytes]) -> bytes:
    """The hash over these leaves, one or a power of two."""
    while len(level) > 1:
        level = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def _answer(response: Response | None) -> Any:
    if response is None or not response.media:
        return None if response is None else response.text
    return parts.to_json(response.content)


def _finish_reason(response: Response | None) -> str | None:
    return None if response is None else response.finish_reason


def _asked(record: BattleRecord) -> dict[str, Any]:
    """How the battle came about; the version of a stored campaign is among it only where there is one."""
    battle = record.battle
    version = {} if battle.campaign_version is None else {"campaign_version": battle.campaign_version}
    return {
        **version,
        "answers": battle.answers,
        "by": battle.rater_id,
        "continued_side": battle.continued_side,
        "continues": battle.continues,
        "opens_first": battle.opens_first,
        "time": _time(battle.created_at),
    }


def _origin(record: BattleRecord) -> dict[str, Any] | None:
    origin = record.origin
    if origin is None:
        return None
    return {"digest": origin.digest, "item": origin.item, "source": origin.source, "timed": origin.timed}


def _measured(response: Response | None) -> list[float | str | None] | None:
    """Tokens of prompt and answer, then seconds to the first text and in all; of an answer that was thought about also
    the tokens and seconds of that."""
    if response is None:
        return None
    measured = [
        _exact(response.prompt_tokens),
        _exact(response.completion_tokens),
        response.first_token_seconds,
        response.total_seconds,
    ]
    if response.reasoning_tokens is None:
        return measured
    return [*measured, _exact(response.reasoning_tokens), response.reasoning_seconds]


def _time(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return round(moment.timestamp() * 1_000_000)


def _exact(number: int | None) -> int | str | None:
    return str(number) if number is not None and abs(number) > LARGEST else number


JUDGED: Mapping[str, Callable[[BattleRecord], Any]] = {
    "battle_id": lambda record: record.battle.battle_id,
    "history": lambda record: [
        {"role": message.role, "content": parts.to_json(message.content)} for message in record.battle.history
    ],
    "prompt": lambda record: parts.to_json(record.battle.content),
    "answer_a": lambda record: _answer(record.response_a),
    "answer_b": lambda record: _answer(record.response_b),
    "model_a": lambda record: record.battle.model_a,
    "model_b": lambda record: record.battle.model_b,
    "conversation_id": lambda record: record.battle.conversation_id,
    "turn": lambda record: record.battle.turn,
    "campaign": lambda record: record.battle.campaign,
    "language": lambda record: record.language,
    "category": lambda record: record.category,
    "draw_probability": lambda record: record.battle.draw_probability,
    "finish_reason_a": lambda record: _finish_reason(record.response_a),
    "finish_reason_b": lambda record: _finish_reason(record.response_b),
    "leak": lambda record: record.leak,
    "asked": _asked,
    "measured": lambda record: [_measured(record.response_a), _measured(record.response_b)],
    "origin": _origin,
}
"""How a field is read that the votes on a battle share."""

CAST: Mapping[str, Callable[[Vote], Any]] = {
    "vote_id": lambda vote: vote.vote_id,
    "winner": lambda vote: vote.winner,
    "strength": lambda vote: vote.strength,
    "edit": lambda vote: vote.edit,
    "reason": lambda vote: vote.reason,
    "tags": lambda vote: list(vote.tags),
    "criteria": lambda vote: [{"name": name, "winner": winner} for name, winner in vote.criteria],
    "time": lambda vote: _time(vote.cast_at),
    "rater_kind": lambda vote: vote.rater_kind,
    "shown_left": lambda vote: vote.shown_left,
    "rater": lambda vote: vote.rater_id,
    "assignment": lambda vote: vote.assignment_id,
    "cast": lambda vote: {
        "idempotency_key": vote.idempotency_key,
        "reading_seconds": vote.reading_seconds,
        "request_sha256": vote.request_sha256,
    },
}
"""How a field is read that each vote has for itself."""
