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
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arena.domain import ledger, vote_tree
from arena.domain.battle import BattleRecord
from arena.domain.ids import VoteId
from arena.domain.vote import Vote
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
IDS, NOTHING = frozenset({"vote_id", "battle_id"}), frozenset[str]()


@functools.cache
def published(carries: frozenset[str]) -> frozenset[str]:
    """The fields that rows of a format publish, from what it carries."""
    return ALWAYS.union(*(fields for part, fields in PUBLISHED.items() if part in carries))


@functools.lru_cache(1024)
def whole(carries: frozenset[str], claims: tuple[str, ...], opened: tuple[str, ...]) -> bool:
    """Whether all that rows say is opened: they can be read back, to these claims, and nothing in them was changed."""
    return bool(claims) and published(carries) & {*claims, *IDS} <= set(opened)


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
    if any(vote.vote_id not in openers or openers[vote.vote_id].version == ledger.FIRST for vote in votes):
        return {}
    outcome = pairs.outcome(tuple(votes))
    claims = read_back.read(rows, outcome)
    references = read_back.references(rows)
    own = {vote.vote_id: vote for vote in original.votes}
    found = {}
    for vote in votes:
        cast = own[vote.vote_id]
        implied = IMPLIED if claims else NOTHING
        if implied and "other_votes" not in carries and vote.winner is not outcome:
            implied -= {"strength"}  # a margin is that of those who preferred the chosen answer
        if implied and vote.edit not in references:
            implied -= {"edit"}
        opened, said = [], {}
        for name, read, of_vote in _readers(carries):
            if name in claims:
                if not same(claims[name], read(cast) if of_vote else read(original)):
                    continue
            elif name in implied and getattr(vote, name) == getattr(cast, name):
                said[name] = read(cast)
            elif name not in IDS:
                continue
            opened.append(name)
        names, opener = tuple(opened), openers[vote.vote_id]
        tell = functools.partial(vote_tree.value, vote=cast, record=original)
        salts, path = vote_tree.opening(opener.salt, tell, names, opener.kept)
        found[vote.vote_id] = Opening(names, said, salts, path, whole(carries, tuple(claims), names))
    return found


@functools.cache
def _readers(carries: frozenset[str]) -> tuple[tuple[str, Callable[[Any], Any], bool], ...]:
    """The published fields, in the order of their leaves: how each is read, and whether from the vote or its battle."""
    readers: dict[str, Callable[[Any], Any]] = {**vote_tree.JUDGED, **vote_tree.CAST}
    open_to_all = published(carries)
    return tuple((name, readers[name], name in vote_tree.CAST) for name in vote_tree.FIELDS if name in open_to_all)


def same(claimed: Any, value: Any) -> bool:
    """Whether a row says a value; true is not 1."""
    return bool(claimed == value) and isinstance(claimed, bool) is isinstance(value, bool)
