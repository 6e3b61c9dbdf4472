"""The battle that an item is: a prompt of a set and two stored answers, in the places that chance gave them."""

from collections.abc import Mapping
from datetime import datetime

from arena.domain import ids, prompt_set
from arena.domain.battle import Answers, Battle, Response, Side
from arena.domain.campaign import Campaign
from arena.domain.ids import BattleId, ConversationId, ModelName
from arena.domain.prompt_set import StoredAnswer, StoredPrompt
from arena.errors import NotFound
from arena.exports import leaks
from arena.pairing import items as planning
from arena.pairing.items import PlannedItem
from arena.store import models as registry
from arena.store import prompt_sets, stored_answers
from arena.store.connections import Analytical
from arena.store.writing.commands import OpenBattle, StoredAnswers


def battle_of(
    connection: Analytical, campaign: Campaign, item: PlannedItem, *, key: bytes, now: datetime, opens_first: Side
) -> OpenBattle:
    """What opens an item. The same item gives the same battle whenever it is opened, under the same key."""
    set_name, names = campaign.prompt_set or "", sorted(item.pair)
    dice = planning.chance(key, set_name, item.prompt_id, *names)
    given = stored_answers.of_prompt(connection, set_name, item.prompt_id)
    chosen = {name: dice.choice([one for one in given if one.model == name]) for name in names}
    model_a, model_b = dice.sample(names, 2)
    battle = asked(
        campaign,
        set_name,
        prompt(connection, set_name, item.prompt_id),
        ("item", campaign.name, set_name, item.prompt_id, *names),
        models=(ModelName(model_a), ModelName(model_b)),
        probability=item.probability,
        now=now,
        opens_first=opens_first,
    )
    return opening(connection, battle, {side: chosen[battle.model(side)] for side in Side})


def prompt(connection: Analytical, set_name: str, prompt_id: str) -> StoredPrompt:
    """A prompt of a set. Raises `NotFound`."""
    found = prompt_sets.find(connection, set_name, prompt_id)
    if found is None:
        raise NotFound(f"Set {set_name} has no prompt {prompt_id!r} any more.")
    return found


def asked(
    campaign: Campaign,
    set_name: str,
    prompt: StoredPrompt,
    identity: tuple[str, ...],
    *,
    models: tuple[ModelName, ModelName],
    probability: float | None,
    now: datetime,
    opens_first: Side,
) -> Battle:
    """A battle of a campaign on a prompt of a set: the same for the same `identity`."""
    model_a, model_b = models
    return Battle(
        battle_id=BattleId(ids.derived(ids.PREFIXES[BattleId], *identity)),
        conversation_id=ConversationId(ids.derived(ids.PREFIXES[ConversationId], *identity)),
        turn=sum(message.role == "user" for message in prompt.messages),
        continues=None,
        continued_side=None,
        campaign=campaign.name,
        rater_id=prompt_set.owner(campaign.prompt_set or set_name),
        content=prompt.messages[-1].content,
        history=prompt.messages[:-1],
        model_a=model_a,
        model_b=model_b,
        draw_probability=probability,
        created_at=now,
        opens_first=opens_first,
        answers=Answers.STORED,
        language=None if prompt.language_detected else prompt.language,
        category=prompt.category,
        campaign_version=campaign.stored_version,
    )


def opening(connection: Analytical, battle: Battle, chosen: Mapping[Side, StoredAnswer]) -> OpenBattle:
    """What opens a battle over two stored answers."""
    names = (battle.model_a, battle.model_b)
    served = {model.name: model.served_name for model in registry.registered(connection) if model.name in names}
    responses = {side: _response(chosen[side]) for side in Side}
    response_a, response_b = leaks.LeakFinder(served).marked(battle, responses)
    answers = StoredAnswers(response_a=response_a, response_b=response_b, completed_at=battle.created_at)
    return OpenBattle(battle=battle, answers=answers)


def _response(answer: StoredAnswer) -> Response:
    return Response(
        text=answer.text,
        finish_reason=answer.finish_reason,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        first_token_seconds=None,
        total_seconds=answer.seconds,
        media=answer.media,
    )
