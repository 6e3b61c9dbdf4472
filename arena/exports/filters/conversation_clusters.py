"""Keeps conversations together whose first prompts ask the same: in one part of a release, or out of every release.

What was decided for an earlier release is kept. So a conversation stays in its part when later prompts come
(docs/decisions/0012), and when the battle that founded its cluster is erased.
"""

from collections.abc import Mapping

from arena.domain.battle import Battle
from arena.domain.ids import BattleId, ConversationId
from arena.exports import split
from arena.exports.filters import duplicates


class ConversationClusters:
    """The cluster of each conversation, named after the battle that founded it.

    Ask for the founder of every battle that counts, selected or not, in the order of the ledger: then the clusters do
    not depend on the selection.
    """

    def __init__(self, decided: Mapping[BattleId, BattleId]) -> None:
        """`decided` gives the founder of the cluster of each battle of an earlier release."""
        self._decided = decided
        self.new: dict[BattleId, BattleId] = {}
        """Founders decided here, to be stored with the release."""
        self._clusters = duplicates.Clusters()
        self._founders: list[BattleId] = []
        """The founder of each cluster, by number."""
        self._numbers: dict[BattleId, int] = {}
        """The number of each founder's cluster."""
        self._conversations: dict[ConversationId, int] = {}

    def founder(self, battle: Battle) -> BattleId:
        """The battle that founded the cluster of a battle's conversation."""
        prompt = split.first_prompt(battle)
        number = self._clusters.find(prompt)
        if number is None:
            number = self._conversations.get(battle.conversation_id)
        founder = self._decided.get(battle.battle_id)
        if number is None and founder is not None:
            number = self._numbers.get(founder)
            if number is None:
                number = self._clusters.lead(prompt)
        if number is None:
            number = self._clusters.join(prompt)
        self._clusters.put(prompt, number)
        self._conversations[battle.conversation_id] = number
        if number == len(self._founders):
            self._founders.append(founder or battle.battle_id)
            self._numbers[self._founders[number]] = number
        if founder is None:
            self.new[battle.battle_id] = self._founders[number]
        return self._founders[number]
