"""What a release opens of what its votes are committed to: the fields that its rows publish, and no other.

    openings.jsonl   {"leaf", "opened", "said", "salts", "path"}, a line for each vote that is opened

`leaf` is the vote's place in the tree of the release. Bit k of `opened` says that field k of `vote_tree.FIELDS` is
opened; `salts` are those of the opened fields, one after the other, and `path` the hashes of what is closed. Values
stand in the rows and are not told again, but for those that a row only implies, in `said`.

A field is opened only when the rows read back to what was committed to. So nothing is opened of a text that was masked
or stripped, nothing but the ids where nobody can read the rows of a format back, and nothing of votes that are
committed to as a whole, in the first version.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from arena.domain import ledger, vote_tree
from arena.domain.battle import BattleRecord
from arena.domain.ids import VoteId
from arena.domain.vote import Vote
from arena.exports.folder import opening
from arena.exports.folder.opening import Opening
from arena.exports.format import Row
from arena.exports.rows import pairs, read_back

ALWAYS = frozenset({"vote_id", "battle_id", "prompt"})
PUBLISHED: Mapping[str, tuple[str, ...]] = {
    "system": ("history",),
    "history": ("history",),
    "answers": ("answer_a", "answer_b"),
    "winner": ("winner",),
    "strength": ("strength",),
    "tags": ("tags",),
    "reason": ("reason",),
    "edit": ("edit",),
    "models": ("model_a", "model_b"),
    "time": ("time",),
    "conversation": ("conversation_id", "turn"),
    "campaign": ("campaign",),
    "language": ("language",),
    "category": ("category",),
    "draw_probability": ("draw_probability",),
    "finish_reason": ("finish_reason_a", "finish_reason_b"),
    "leak": ("leak",),
    "criteria": ("criteria",),
    "rater_kind": ("rater_kind",),
}
"""By what a format carries, the fields that are in its rows."""
IMPLIED = frozenset({"winner", "strength", "tags", "reason", "edit"})
"""Fields that rows may say without a column of their own."""
IDS = frozenset({"vote_id", "battle_id"})


@functools.cache
def published(carries: frozenset[str]) -> frozenset[str]:
    """The fields that rows of a format publish, from what it carries."""
    return ALWAYS.union(*(fields for part, fields in PUBLISHED.items() if part in carries))


@functools.lru_cache(1024)
def whole(carries: frozenset[str], claims: tuple[str, ...], opened: tuple[str, ...]) -> bool:
    """Whether everything that rows publish of a vote is opened, so that nothing of it was changed. `claims` are the
    fields that were read back from the rows."""
    return bool(claims) and published(carries) & {*claims, *IDS} <= set(opened)


class ToldFields(NamedTuple):
    """What rows tell of a vote."""

    opened: tuple[str, ...]
    """The fields that read back to what was committed to."""
    told: bytes
    """The same, with the values of those that the rows only imply, as the file has it."""
    whole: bool
    """Whether that is all they say."""


def of_unit(
    carries: frozenset[str],
    original: BattleRecord,
    votes: Sequence[Vote],
    rows: Sequence[Row],
    openers: Mapping[VoteId, ledger.Opener],
) -> dict[VoteId, Opening]:
    """What is opened of the votes behind the rows of a unit: all of them or none, for their outcome is theirs together.

    `original` is the battle as it was voted on, `votes` are as the format was given them.
    """
    if not all(opens(openers.get(vote.vote_id)) for vote in votes):
        return {}
    return {
        vote.vote_id: of_vote(told, original, vote, openers[vote.vote_id])
        for vote, told in told_by_rows(carries, original, votes, rows)
    }


def opens(opener: ledger.Opener | None) -> TypeGuard[ledger.Opener]:
    """Whether a vote is committed to field by field."""
    return opener is not None and opener.version != ledger.FIRST


def of_vote(told: ToldFields, original: BattleRecord, cast: Vote, opener: ledger.Opener) -> Opening:
    """What is opened of one vote, as it was cast."""
    return of_told(told, functools.partial(vote_tree.told, vote=cast, record=original), opener.salt, opener.kept)


def of_told(told: ToldFields, tell: Callable[[str], bytes], salt: str, kept: str | None) -> Opening:
    """The same, where `tell` gives each field as it is spelt."""
    salts, path = vote_tree.opening(salt, tell, told.opened, kept)
    return Opening(told.told, salts, path, told.whole)


def told_by_rows(
    carries: frozenset[str], original: BattleRecord, votes: Sequence[Vote], rows: Sequence[Row]
) -> Iterator[tuple[Vote, ToldFields]]:
    """What the rows of a unit tell of each vote behind them; with the votes as they were cast."""
    outcome = pairs.outcome(tuple(votes))
    claims = read_back.read(rows, outcome)
    references = read_back.references(rows)
    own = {vote.vote_id: vote for vote in original.votes}
    for vote in votes:
        cast = own[vote.vote_id]
        silent = set() if claims else {*IMPLIED}
        if vote.winner is not outcome and "other_votes" not in carries:
            silent.add("strength")  # a margin is that of those who preferred the chosen answer
        if vote.edit not in references:
            silent.add("edit")
        opened, said = [], {}
        for name, read, of_each in _readers(carries):
            if name in claims:
                if not same(claims[name], read(cast) if of_each else read(original)):
                    continue
            elif name in IMPLIED and name not in silent and getattr(vote, name) == getattr(cast, name):
                said[name] = read(cast)
            elif name not in IDS:
                continue
            opened.append(name)
        names = tuple(opened)
        yield cast, ToldFields(names, opening.told(names, said), whole(carries, tuple(claims), names))


@functools.cache
def _readers(carries: frozenset[str]) -> tuple[tuple[str, Callable[[Any], Any], bool], ...]:
    """The published fields, in the order of their leaves: how each is read, and whether from the vote or its battle."""
    readers: dict[str, Callable[[Any], Any]] = {**vote_tree.JUDGED, **vote_tree.CAST}
    open_to_all = published(carries)
    return tuple((name, readers[name], name in vote_tree.CAST) for name in vote_tree.FIELDS if name in open_to_all)


def same(claimed: Any, value: Any) -> bool:
    """Whether a row says a value; true is not 1."""
    return bool(claimed == value) and isinstance(claimed, bool) is isinstance(value, bool)
