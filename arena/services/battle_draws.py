"""Which two models answer a prompt of a campaign, by its pairing policy."""

import random

from arena.domain.battle import Message
from arena.domain.campaign import Campaign, PairingPolicy
from arena.domain.ids import ModelName
from arena.errors import Overloaded
from arena.pairing import POLICIES, items, uniform
from arena.pairing import draw as draws
from arena.pairing.draw import Draw
from arena.services.pair_designs import PairDesigns
from arena.services.roster import Roster


class BattleDraws:
    """Draws pairs among the models of a roster."""

    def __init__(self, roster: Roster, designs: PairDesigns, chance: random.Random) -> None:
        self._roster = roster
        self._designs = designs
        self._chance = chance

    def taking_part(self, campaign: Campaign) -> list[ModelName]:
        """The models of a campaign that can be asked now."""
        return [name for name in list(self._roster.models) if not campaign.models or name in campaign.models]

    def drawn(self, campaign: Campaign, messages: tuple[Message, ...]) -> Draw:
        """A pair among the models that can take these messages. Raises `Overloaded` where no two may meet."""
        there = self._roster.drawable(messages, self.taking_part(campaign))
        if campaign.pairing is PairingPolicy.UNIFORM and not campaign.pairs and campaign.focus is None:
            return uniform.draw(there, self._chance)
        shares = POLICIES[campaign.pairing](items.meeting(there, ()), self._designs.seen(campaign))
        chances = draws.chances(shares, campaign.pairs, campaign.focus)
        if not chances:
            raise Overloaded("No two models that may meet here can be asked now. Try again in a minute.")
        return draws.drawn(chances, self._chance)
