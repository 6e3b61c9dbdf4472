"""What a campaign names has to be here: its set, its gold set, its models."""

from arena.domain.battle import Answers
from arena.domain.campaign import Campaign
from arena.errors import DoesNotFit, UnknownName
from arena.services import prompt_sets as sets
from arena.services.open_workspace import OpenWorkspace
from arena.store import items, models, prompt_sets, qualifications


def refuse_unknown(here: OpenWorkspace, campaign: Campaign) -> None:
    """Raise `InvalidValue` where a campaign names a set or a model that is not here, or that it cannot use."""
    with here.store.reading() as connection:
        for name in (campaign.prompt_set, campaign.gold_set):
            if name is not None and not prompt_sets.exists(connection, name):
                raise UnknownName(sets.absent(name))
        if campaign.gold and not qualifications.gold_items(connection, campaign.gold_set or ""):
            raise DoesNotFit(
                f"gold_set {campaign.gold_set} has no prompt with a known outcome and both of its answers; "
                "import some, or leave gold out."
            )
        named = {*campaign.models, *(one for pair in campaign.pairs for one in pair.models)}
        if campaign.focus is not None:
            named.add(campaign.focus)
        if campaign.answers is Answers.STORED:
            answering = items.answering(connection, campaign.prompt_set or "").values()
            there = {str(model) for models_of_prompt in answering for model in models_of_prompt}
            what = f"has no answer in set {campaign.prompt_set}; import some with `arena import responses`"
        else:
            there = {model.name for model in models.registered(connection) if not model.imported}
            what = "is no model that can be asked here; add it with `arena models add`"
    if unknown := sorted(named - there):
        raise UnknownName(f"{unknown[0]} {what}, or take it out of the campaign.")
