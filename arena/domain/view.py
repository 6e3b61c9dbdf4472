"""What a browser may know of a battle. Blinding is a data type: these classes are the whole allow-list.

`BlindView` is everything there is before the vote. `Reveal` is made only from a vote that is durable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from arena.domain import parts
from arena.domain.battle import BattleRecord, BattleState, Message, Side, VoidCause
from arena.domain.ids import BattleId, ConversationId, ModelName
from arena.domain.ledger import Line
from arena.domain.parts import Media
from arena.domain.vote import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindView:
    """A battle before its vote: no name, setting, latency or token count."""

    battle_id: BattleId
    conversation_id: ConversationId
    campaign: str
    turn: int
    continues: BattleId | None
    state: BattleState
    prompt: str
    opens_first: Side
    """Which answer a page opens where it shows one at a time."""
    history: tuple[Message, ...]
    text_a: str
    """The text released so far. Both sides are released at one common pace."""
    text_b: str
    cause: VoidCause | None = None
    """Why the battle is void; says neither which side nor which model."""
    next: BattleId | None = None
    """The battle that the arena opened in its place, on the same prompt."""
    media: tuple[Media, ...] = ()
    """Pictures in the prompt."""
    media_a: tuple[Media, ...] = ()
    """Pictures, sounds and films of an answer; a hash of their bytes names nobody."""
    media_b: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """What the rater is told once the vote is durable."""

    vote: Vote
    model_a: ModelName
    model_b: ModelName
    leak: bool
    """Whether an answer gave its model away: then the vote is kept, and boards leave it out."""
    finish_reason_a: str | None
    """Why the answer ended, as its server said: `stop`, `length`, `content_filter`. None for an imported one."""
    finish_reason_b: str | None
    reasoning_tokens_a: int | None
    """Tokens that the model thought before it answered. None where it did not, as its seconds then."""
    reasoning_tokens_b: int | None
    reasoning_seconds_a: float | None
    reasoning_seconds_b: float | None
    line: Line
    salt: str
    """The salt that opens the commitment: with it a rater can prove what was voted."""
    signature: Mapping[str, Any]
    """The signature on the receipt, by the key that signs releases."""

    @property
    def swapped(self) -> "Reveal":
        """The same where the sides are exchanged. What the ledger says stays as it is."""
        vote = replace(
            self.vote,
            winner=self.vote.winner.swapped,
            criteria=tuple((name, won.swapped) for name, won in self.vote.criteria),
        )
        return replace(
            self,
            vote=vote,
            model_a=self.model_b,
            model_b=self.model_a,
            finish_reason_a=self.finish_reason_b,
            finish_reason_b=self.finish_reason_a,
            reasoning_tokens_a=self.reasoning_tokens_b,
            reasoning_tokens_b=self.reasoning_tokens_a,
            reasoning_seconds_a=self.reasoning_seconds_b,
            reasoning_seconds_b=self.reasoning_seconds_a,
        )


def blind(record: BattleRecord, text_a: str, text_b: str) -> BlindView:
    """The view of a record that names nothing; the texts are those released so far."""
    battle = record.battle
    return BlindView(
        battle_id=battle.battle_id,
        conversation_id=battle.conversation_id,
        campaign=battle.campaign,
        turn=battle.turn,
        continues=battle.continues,
        state=record.state,
        prompt=battle.prompt,
        opens_first=battle.opens_first or Side.A,
        history=battle.history,
        text_a="" if record.state is BattleState.VOID else text_a,
        text_b="" if record.state is BattleState.VOID else text_b,
        cause=None if record.void is None else record.void.cause,
        next=None if record.void is None else record.void.next,
        media=parts.media(battle.content),
        media_a=_media(record, Side.A),
        media_b=_media(record, Side.B),
    )


def _media(record: BattleRecord, side: Side) -> tuple[Media, ...]:
    response = record.response(side)
    return () if response is None or record.state is BattleState.VOID else response.media
