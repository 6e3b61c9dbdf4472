"""Battles made from what was voted, so that a test can compare what a trainer read with it, row by row."""

from dataclasses import dataclass

from arena.domain.battle import BattleRecord, Side
from arena.domain.vote import Strength, Winner
from tests.exports import making

WINNERS = {Side.A: Winner.MODEL_A, Side.B: Winner.MODEL_B}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """One vote for a side."""

    prompt: str
    chosen: str
    rejected: str
    history: tuple[tuple[str, str], ...] = ()
    side: Side = Side.A
    """Where the chosen answer stood."""
    strength: Strength | None = None
    edit: str | None = None

    @property
    def messages(self) -> tuple[tuple[str, str], ...]:
        """Role and content of all that was said before the answer."""
        return (*self.history, ("user", self.prompt))


TOLD = ("system", "You are an astronomer.")
SAID = (("user", "Why is the sky blue?"), ("assistant", "Light scatters."))
VOTED = (
    Voted(prompt="Why is the sky blue?", chosen="Light scatters.", rejected="It reflects the sea."),
    Voted(prompt="And at dusk?", history=SAID, chosen="Red.", rejected="Black.", side=Side.B),
    Voted(
        prompt="And on Mars?",
        history=(*SAID, ("user", "And at dusk?"), ("assistant", "Red.")),
        chosen="Blue at dusk.",
        rejected="Red at dusk.",
        strength=Strength.CLEARLY,
        edit="Blue at dusk: dust scatters red light forward.",
    ),
    Voted(
        prompt="Greet me.",
        chosen="Hello there, friend.",
        rejected="Hello there, stranger.",
        side=Side.B,
        strength=Strength.SLIGHTLY,
        edit="Hello, friend.",
    ),
    Voted(prompt="Which star is nearest?", history=(TOLD,), chosen="The Sun.", rejected="Sirius.", edit="Our Sun."),
    Voted(prompt="And at noon?", history=(TOLD, *SAID), chosen="White.", rejected="Green.", side=Side.B, edit="Pale."),
    *(
        Voted(prompt=text, chosen=text + "?", rejected=text + "!", side=Side.B, edit=text + ".")
        for text in making.HOSTILE
    ),
)
"""First prompts and follow-ups, with a system message and without, both sides, answers that begin alike, and texts that
break careless writers."""
FIRST_PROMPTS = tuple(vote for vote in VOTED if not vote.history)
TOLD_FIRST = tuple(vote for vote in VOTED if vote.history in ((), (TOLD,)))
"""First prompts, also those under a system message."""
BOTH_BAD = ("Name a prime.", "4", "9")
"""A battle without a winner: the prompt and its two answers."""
NEVER = ("TIED", "EMPTY", "UNDECIDED")
"""Words of battles that make no pair."""


def records() -> list[BattleRecord]:
    """The votes above as battles, and what makes no pair among them."""
    tied, empty, undecided = NEVER
    none = [
        making.record(90, prompt=tied, text_a=tied, winners=[Winner.TIE]),
        making.record(91, prompt=empty, text_a=" \n", winners=[Winner.MODEL_B]),
        making.record(92, prompt=undecided, text_a=undecided, winners=[Winner.MODEL_A, Winner.MODEL_B]),
    ]
    prompt, text_a, text_b = BOTH_BAD
    bad = making.record(93, prompt=prompt, text_a=text_a, text_b=text_b, winners=[Winner.BOTH_BAD])
    return [none[0], *(_record(number, vote) for number, vote in enumerate(VOTED)), *none[1:], bad]


def _record(number: int, vote: Voted) -> BattleRecord:
    text_a, text_b = (vote.chosen, vote.rejected) if vote.side is Side.A else (vote.rejected, vote.chosen)
    cast = making.vote(number, WINNERS[vote.side], strength=vote.strength, edit=vote.edit)
    return making.record(number, prompt=vote.prompt, history=vote.history, text_a=text_a, text_b=text_b, votes=(cast,))
