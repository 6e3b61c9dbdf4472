"""Rules for prompts: what may be asked, and which answer a follow-up continues from."""

import random
import unicodedata
from collections.abc import Collection

from arena.domain import wording
from arena.domain.battle import PROMPT_LIMIT, Answers, BattleRecord, Message, Side
from arena.domain.ids import RaterId
from arena.domain.vote import Winner
from arena.errors import Conflict, InvalidValue, NotFound, TooLarge

STORED = "The answers of this battle were there before, and nobody can go on from one. Start a new battle."


def check(prompt: str) -> None:
    """Raise for a prompt that no model can be asked."""
    if "\0" in prompt:
        raise InvalidValue("The prompt holds a NUL character. Remove it and send again.")
    if not wording.visible(prompt):
        raise InvalidValue("The prompt is empty. Write something to ask.")
    if any(unicodedata.category(sign) == "Cs" for sign in prompt):
        raise InvalidValue("The prompt holds half a character (a lone surrogate). Remove it and send again.")
    if len(prompt) > PROMPT_LIMIT:
        raise TooLarge(f"The prompt has {len(prompt):,} characters; {PROMPT_LIMIT:,} is the limit. Shorten it.")


def continued_side(raters: Collection[RaterId], previous: BattleRecord, chance: random.Random) -> Side:
    """The side whose answer a follow-up continues: the preferred one, or after a tie one drawn at random.

    `raters` is everybody that whoever asks is known as.
    """
    if previous.battle.rater_id not in raters:
        raise NotFound(f"There is no battle {previous.battle.battle_id} of yours to continue. Start a new one.")
    if previous.battle.answers is Answers.STORED:
        raise Conflict(STORED)
    if not previous.votes:
        raise Conflict("A follow-up continues from a vote. Vote on this battle first.")
    winner = previous.votes[-1].winner
    if winner is Winner.BOTH_BAD:
        raise Conflict("Both answers were bad, so there is nothing to continue. Start a new battle.")
    if winner is Winner.TIE:
        return chance.choice(list(Side))
    return Side.A if winner is Winner.MODEL_A else Side.B


def refuse_turns(previous: BattleRecord, most: int) -> None:
    """Raise `Conflict` for a follow-up beyond the most turns of a conversation."""
    if previous.battle.turn >= most:
        raise Conflict(f"A conversation here has at most {wording.counted(most, 'turn')}. Start a new one.")


def history(previous: BattleRecord, side: Side) -> tuple[Message, ...]:
    """The whole conversation, up to and including the answer on a side."""
    response = previous.response(side)
    if response is None:
        raise Conflict("This battle has no answer to continue from. Start a new battle.")
    return (*previous.battle.messages, Message.of_text(role="assistant", text=response.text))
