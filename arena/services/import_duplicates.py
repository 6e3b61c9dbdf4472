"""Finds which votes of an imported page are new here, and makes the command that records them.

A battle is recognised by the digest of its origin, a vote by its rater and battle, and a vote of another arena by its
id. Votes that are here already are skipped. A vote that contradicts them, or comes from somebody who left, stays
outside. The rater of a known battle is named after the source from which it came first, whatever its name is today.
"""

import functools
import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from arena.domain import ids
from arena.domain.battle import Battle, BattleRecord, Response
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.origin import Origin
from arena.domain.removal import hashed
from arena.domain.vote import Vote, Winner
from arena.exports import split
from arena.imports.imported_vote import ImportedVote, RowFault
from arena.store import battles, origins, removals, votes
from arena.store.connections import Connection
from arena.store.writing.commands import EnterBattles

CAMPAIGN = "imported"
"""The campaign of battles whose source names none."""
LEFT = "whose vote or prompt it is left this workspace."
AHEAD = timedelta(days=1)
"""How far a vote's time may be ahead of this machine's clock, which may be slow. A later time is a mistake."""


@dataclass(slots=True, kw_only=True)
class Admitted:
    """What was found in a page."""

    battles: dict[str, BattleRecord] = field(default_factory=dict)
    """New battles, by digest."""
    votes: list[tuple[Vote, BattleRecord]] = field(default_factory=list)
    here: int = 0
    """Votes that were here already."""
    unnamed: int = 0
    """New votes whose source names no model."""
    outside: list[tuple[int, str]] = field(default_factory=list)
    """Rows that stay outside, each with the reason."""
    winners: dict[tuple[RaterId, BattleId], Winner] = field(default_factory=dict)
    """The outcomes of the new votes."""

    def command(self) -> EnterBattles:
        """The command that records the page."""
        return EnterBattles(battles=tuple(self.battles.values()), votes=tuple(self.votes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What the workspace has stored of a page."""

    by_digest: Mapping[str, BattleRecord]
    by_id: Mapping[BattleId, BattleRecord]
    votes: frozenset[str]
    left: frozenset[str]
    """Votes that were erased or withdrawn."""
    erased: frozenset[str]
    """Hashes of the ids of erased raters."""


def admit(
    connection: Connection,
    source: str,
    entries: Sequence[tuple[int, ImportedVote]],
    now: datetime,
    chance: random.Random,
) -> Admitted:
    """Compare votes, each with the number of its row, with what the workspace has stored.

    Votes without a time get `now`, a microsecond apart, in their order.
    """
    digests = [entry.digest for _, entry in entries]
    stored = _look_up(connection, [entry for _, entry in entries], digests)
    admitted = Admitted()
    for place, ((row, entry), digest) in enumerate(zip(entries, digests, strict=True)):
        try:
            _admit(entry, digest, source, stored, admitted, now + timedelta(microseconds=place), chance)
        except RowFault as fault:
            admitted.outside.append((row, str(fault)))
    return admitted


@functools.lru_cache(maxsize=100_000)
def named(source: str, name: str) -> RaterId:
    """The id of the rater with this name in a source."""
    return RaterId(ids.derived("r", source, name))


def rater(source: str, entry: ImportedVote, digest: str) -> RaterId:
    """The id of the rater of a vote. Nobody can act under it: identities carry a signature of this arena."""
    if entry.rater is None:
        return RaterId(ids.derived("r", source, digest, str(entry.nth)))
    return named(source, entry.rater)


def _admit(
    entry: ImportedVote,
    digest: str,
    source: str,
    stored: _Stored,
    admitted: Admitted,
    now: datetime,
    chance: random.Random,
) -> None:
    if entry.cast_at is not None and entry.cast_at > now + AHEAD:
        raise RowFault(f"its time is {entry.cast_at:%Y-%m-%d %H:%M} UTC, which is still to come.")
    if entry.vote_id is not None and entry.vote_id in stored.votes:
        admitted.here += 1
        return
    record = stored.by_digest.get(digest) or admitted.battles.get(digest)
    if record is not None and record.origin is None:  # after an erasure only the digest is left
        raise RowFault(LEFT)
    rater_id = rater(source if record is None or record.origin is None else record.origin.source, entry, digest)
    author = _author(source, entry) if record is None else record.battle.rater_id
    if entry.vote_id in stored.left or hashed(rater_id) in stored.erased or hashed(author) in stored.erased:
        raise RowFault(LEFT)
    if record is None:
        if entry.battle_id is not None and BattleId(entry.battle_id) in stored.by_id:
            raise RowFault(f"battle {entry.battle_id} is here already, and not as the file tells it.")
        record = _battle(source, entry, digest, now, chance)
    if record.origin is None or record.origin.timed is not (entry.cast_at is not None):
        raise RowFault("some votes on this battle have a time and others have none.")
    voter = (rater_id, record.battle.battle_id)
    before = admitted.winners.get(voter) or next(
        (vote.winner for vote in record.votes if vote.rater_id == rater_id), None
    )
    if before is not None and before is not entry.winner:
        raise RowFault(f"its rater voted {before} on this battle already, and here {entry.winner}.")
    if before is not None:
        admitted.here += 1
        return
    admitted.winners[voter] = entry.winner
    admitted.unnamed += entry.model_a is None and entry.model_b is None
    if digest not in stored.by_digest:
        admitted.battles[digest] = record
    admitted.votes.append((_vote(entry, digest, voter, now, chance), record))


def _look_up(connection: Connection, entries: Sequence[ImportedVote], digests: Sequence[str]) -> _Stored:
    known = origins.find(connection, list(dict.fromkeys(digests)))
    named = {BattleId(entry.battle_id) for entry in entries if entry.battle_id is not None}
    records = battles.records(connection, sorted({*known.values(), *named}))
    minted = [VoteId(entry.vote_id) for entry in entries if entry.vote_id is not None]
    return _Stored(
        by_digest={digest: records[battle_id] for digest, battle_id in known.items()},
        by_id={battle_id: record for battle_id, record in records.items() if battle_id in named},
        votes=votes.known(connection, minted),
        left=frozenset(vote_id for _, vote_id in removals.published(connection)) if minted else frozenset(),
        erased=removals.erased(connection),
    )


def _author(source: str, entry: ImportedVote) -> RaterId:
    """The id of the prompt's author. Where the source does not say, one id stands for the whole source."""
    return named(source, entry.author or "")


def _battle(source: str, entry: ImportedVote, digest: str, now: datetime, chance: random.Random) -> BattleRecord:
    model_a, model_b = entry.model_a or f"{source}-unnamed-1", entry.model_b or f"{source}-unnamed-2"
    if model_a == model_b:
        raise RowFault(f"{model_a} stands against itself.")
    moment = entry.cast_at or now
    conversation = entry.conversation or entry.item or digest
    if entry.battle_id is None:
        conversation = ids.derived("c", source, conversation, _beginning(entry))
    battle = Battle(
        battle_id=BattleId(entry.battle_id or ids.mint("b", now, chance)),
        conversation_id=ConversationId(conversation),
        turn=entry.turn,
        continues=None,
        continued_side=None,
        campaign=entry.campaign or CAMPAIGN,
        rater_id=_author(source, entry),
        content=entry.messages[-1].content,
        history=entry.messages[:-1],
        model_a=ModelName(model_a),
        model_b=ModelName(model_b),
        draw_probability=entry.draw_probability,
        created_at=moment,
    )
    return BattleRecord(
        battle=battle,
        response_a=_response(entry.text_a, entry.finish_reason_a),
        response_b=_response(entry.text_b, entry.finish_reason_b),
        completed_at=moment,
        void=None,
        votes=(),
        origin=Origin(
            source=source,
            item=entry.item or digest,
            language=entry.language,
            category=entry.category,
            timed=entry.cast_at is not None,
            digest=digest,
        ),
    )


def _beginning(entry: ImportedVote) -> str:
    """What the user said first. Conversations with the same name that begin differently count as two: otherwise one
    conversation would be in two parts of a release."""
    return split.plain(next((message.text for message in entry.messages if message.role == "user"), ""))


def _response(text: str, finish_reason: str | None) -> Response:
    return Response(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=None,
        completion_tokens=None,
        first_token_seconds=None,
        total_seconds=None,
    )


def _vote(
    entry: ImportedVote, digest: str, voter: tuple[RaterId, BattleId], now: datetime, chance: random.Random
) -> Vote:
    rater_id, battle_id = voter
    told = repr((digest, rater_id, entry.winner.value, entry.strength, entry.tags, entry.reason, entry.edit))
    return Vote(
        vote_id=VoteId(entry.vote_id or ids.mint("v", now, chance)),
        battle_id=battle_id,
        rater_id=rater_id,
        winner=entry.winner,
        strength=entry.strength,
        tags=entry.tags,
        reason=entry.reason,
        edit=entry.edit,
        reading_seconds=None,
        cast_at=entry.cast_at or now,
        idempotency_key=f"import {battle_id}",
        request_sha256=hashlib.sha256(told.encode()).hexdigest(),
        rater_kind=entry.rater_kind,
        criteria=entry.criteria,
    )
