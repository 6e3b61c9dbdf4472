"""The battle of an item whose outcome is known: its two answers stand in the order in which the set names them."""

from datetime import datetime

from arena.domain.battle import Side
from arena.domain.campaign import Campaign
from arena.services import item_opening
from arena.store import stored_answers
from arena.store.connections import Analytical
from arena.store.qualifications import GoldItem
from arena.store.writing.commands import OpenBattle


def battle_of(
    connection: Analytical,
    campaign: Campaign,
    set_name: str,
    item: GoldItem,
    *,
    probability: float | None,
    now: datetime,
    opens_first: Side,
) -> OpenBattle:
    """What opens an item with a known outcome. The same item gives the same battle whenever it is opened.

    To its raters it is a battle of the campaign like any other: asked by whom the others are, drawn as likely.
    """
    given = stored_answers.of_prompt(connection, set_name, item.prompt_id)
    models = (item.gold.model_a, item.gold.model_b)
    battle = item_opening.asked(
        campaign,
        set_name,
        item_opening.prompt(connection, set_name, item.prompt_id),
        ("gold", campaign.name, set_name, item.prompt_id),
        models=models,
        probability=probability,
        now=now,
        opens_first=opens_first,
    )
    of_model = {one.model: one for one in reversed(given)}
    chosen = {side: of_model[name] for side, name in zip(Side, models, strict=True)}
    return item_opening.opening(connection, battle, chosen)
