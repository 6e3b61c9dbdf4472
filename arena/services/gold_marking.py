"""Marking an item as gold: its prompt and both answers are put into a set, with the outcome and an explanation.

The prompt's id there is that of the battle, so that nobody is given it as gold who had the item before.
"""

import asyncio
import hashlib
from dataclasses import dataclass

from arena.domain import ids, ledger, prompt_set, wording
from arena.domain.battle import BattleRecord, BattleState, Response
from arena.domain.ids import BattleId, ModelName
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.prompt_set import EXPLANATION_LIMIT, Gold, StoredAnswer, StoredPrompt
from arena.domain.vote import Winner
from arena.errors import Conflict, DoesNotFit, InvalidValue, NotFound
from arena.services import prompt_sets as sets
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import agreed_items, battles, prompt_sets
from arena.store.agreed_items import AgreedItem
from arena.store.writing.commands import AddAnswers, AddPrompts


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedItem:
    """An item that is gold now."""

    prompt_id: str
    winner: Winner
    votes: int
    """That count on the item."""
    agreed: int
    """Those of them that say the same."""


class GoldMarking:
    """Makes gold of items of one workspace."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._here = here

    async def agreed(self, principal: Principal, set_name: str, votes: int, after: str, limit: int) -> list[AgreedItem]:
        """The items of a set on which so many raters at least agree, and none of those who voted differs."""
        demand(principal, Permission.CONDUCT)

        def load() -> list[AgreedItem]:
            with self._here.store.reading() as connection:
                if not prompt_sets.exists(connection, set_name):
                    raise NotFound(sets.absent(set_name))
                return agreed_items.of_set(connection, set_name, votes, after=after, limit=limit)

        return await asyncio.to_thread(load)

    async def mark(
        self, principal: Principal, set_name: str, battle_id: str, explanation: str, winner: str | None
    ) -> MarkedItem:
        """Put an item into a set as gold. Without a winner it is what most votes say.

        Marking it again in the same words changes nothing; in other words it is refused, as for any prompt of a set.
        """
        demand(principal, Permission.CONDUCT)
        sets.refuse_name(set_name)
        said = explanation.strip()
        if not wording.visible(said) or len(said) > EXPLANATION_LIMIT or not wording.storable(said):
            raise InvalidValue(
                f"explanation has to be 1 to {EXPLANATION_LIMIT:,} characters, each of them whole: it says why."
            )
        marked = await asyncio.to_thread(self._mark, set_name, battle_id, said, winner)
        await asyncio.to_thread(self._here.note, principal, f"marked gold in set {set_name}", marked.prompt_id)
        return marked

    def _mark(self, set_name: str, battle_id: str, explanation: str, winner: str | None) -> MarkedItem:
        with self._here.store.reading() as connection:
            record = battles.load(connection, BattleId(battle_id)) if ids.ours(battle_id) else None
            if record is None:
                raise NotFound(
                    f"There is no battle {battle_id} here; name one by the id that exports and reports show."
                )
            outcomes = agreed_items.outcomes(connection, record.battle.battle_id)
        if record.state in (BattleState.OPEN, BattleState.VOID) or record.response_a is None:
            raise Conflict(f"Battle {battle_id} is {record.state}, so there are no two answers to know an outcome of.")
        known = _winner(outcomes, winner)
        prompt = _prompt(record, known, explanation)
        now = self._here.now()
        self._here.store.submit(AddPrompts(set_name=set_name, prompts=(prompt,), added_at=now)).result()
        answers = _answers(record, prompt.prompt_id)
        self._here.store.submit(AddAnswers(set_name=set_name, answers=answers, added_at=now)).result()
        return MarkedItem(
            prompt_id=prompt.prompt_id, winner=known, votes=sum(outcomes.values()), agreed=outcomes.get(known, 0)
        )


def _winner(outcomes: dict[Winner, int], given: str | None) -> Winner:
    if given is not None:
        try:
            return Winner(given)
        except ValueError:
            raise InvalidValue(f"winner is {given!r}; accepted: {', '.join(Winner)}.") from None
    most = sorted(outcomes.items(), key=lambda one: -one[1])
    if not most or (len(most) > 1 and most[0][1] == most[1][1]):
        raise DoesNotFit("Votes do not say which outcome is known; give `winner`.")
    return most[0][0]


def _prompt(record: BattleRecord, winner: Winner, explanation: str) -> StoredPrompt:
    battle = record.battle
    gold = Gold(model_a=battle.model_a, model_b=battle.model_b, winner=winner, explanation=explanation)
    said = [prompt_set.messages_json(battle.messages), gold.model_a, gold.model_b, gold.winner, gold.explanation]
    return StoredPrompt(
        prompt_id=battle.battle_id,
        messages=battle.messages,
        language=record.language,
        category=record.category,
        gold=gold,
        digest=hashlib.sha256(ledger.canonical(said)).hexdigest(),
    )


def _answers(record: BattleRecord, prompt_id: str) -> tuple[StoredAnswer, ...]:
    given = ((record.battle.model_a, record.response_a), (record.battle.model_b, record.response_b))
    return tuple(_answer(model, response, prompt_id) for model, response in given if response is not None)


def _answer(model: ModelName, response: Response, prompt_id: str) -> StoredAnswer:
    return StoredAnswer(
        prompt_id=prompt_id,
        model=model,
        sample=0,
        text=response.text,
        finish_reason=response.finish_reason,
        prompt_tokens=response.prompt_tokens,
        completion_tokens=response.completion_tokens,
        seconds=response.total_seconds,
        media=response.media,
    )
