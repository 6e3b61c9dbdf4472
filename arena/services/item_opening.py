"""The battle that an item is: a prompt of a set and two stored answers, in the places that chance gave them."""

from datetime import datetime

from arena.domain import ids
from arena.domain.battle import Answers, Battle, Response, Side
from arena.domain.campaign import Campaign
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId
from arena.domain.prompt_set import StoredAnswer
from arena.errors import NotFound
from arena.exports import leaks
from arena.pairing import items as planning
from arena.pairing.items import PlannedItem
from arena.store import models, prompt_sets, stored_answers
from arena.store.connections import Analytical
from arena.store.writing.commands import OpenBattle, StoredAnswers


def battle_of(
    connection: Analytical, campaign: Campaign, item: PlannedItem, *, key: bytes, now: datetime, opens_first: Side
) -> OpenBattle:
    """What opens an item. The same item gives the same battle whenever it is opened, under the same key."""
    set_name, names = campaign.prompt_set or "", sorted(item.pair)
    prompt = prompt_sets.find(connection, set_name, item.prompt_id)
    if prompt is None:
        raise NotFound(f"Set {set_name} has no prompt {item.prompt_id!r} any more.")
    dice = planning.chance(key, set_name, item.prompt_id, *names)
    given = stored_answers.of_prompt(connection, set_name, item.prompt_id)
    chosen = {name: dice.choice([one for one in given if one.model == name]) for name in names}
    model_a, model_b = dice.sample(names, 2)
    identity = (campaign.name, set_name, item.prompt_id, *names)
    battle = Battle(
        battle_id=BattleId(ids.derived(ids.PREFIXES[BattleId], "item", *identity)),
        conversation_id=ConversationId(ids.derived(ids.PREFIXES[ConversationId], "item", *identity)),
        turn=sum(message.role == "user" for message in prompt.messages),
        continues=None,
        continued_side=None,
        campaign=campaign.name,
        rater_id=owner(set_name),
        content=prompt.messages[-1].content,
        history=prompt.messages[:-1],
        model_a=ModelName(model_a),
        model_b=ModelName(model_b),
        draw_probability=item.probability,
        created_at=now,
        opens_first=opens_first,
        answers=Answers.STORED,
        language=None if prompt.language_detected else prompt.language,
        category=prompt.category,
    )
    served = {model.name: model.served_name for model in models.registered(connection) if model.name in names}
    responses = {Side.A: _response(chosen[battle.model_a]), Side.B: _response(chosen[battle.model_b])}
    response_a, response_b = leaks.LeakFinder(served).marked(battle, responses)
    answers = StoredAnswers(response_a=response_a, response_b=response_b, completed_at=now)
    return OpenBattle(battle=battle, answers=answers)


def owner(set_name: str) -> RaterId:
    """Who asks the prompts of a set. Nobody can act under this id: identities carry a signature of this arena."""
    return RaterId(ids.derived(ids.PREFIXES[RaterId], "prompt set", set_name))


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
