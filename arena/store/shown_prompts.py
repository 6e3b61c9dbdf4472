"""Prompts by the id that boards name them by, and which of them may be shown.

A prompt or battle may be shown whose campaign shows such, whose writer agrees to publication, that nobody reported
without a person letting it stay, and whose outcome is not what raters are tested with.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from arena.domain.cut import Cut
from arena.domain.ids import BattleId, ModelName
from arena.domain.vote import Winner
from arena.store import holding, rows, tally
from arena.store.board_votes import COLUMNS, PROMPT
from arena.store.connections import Analytical
from arena.store.consent_choices import PRIVATE

TEXT = 500
"""Characters of a prompt that are shown in a list."""
REPORTED = (
    "SELECT battle_id FROM reports WHERE report_id NOT IN "
    "(SELECT report_id FROM report_answers GROUP BY report_id HAVING arg_max(keep, answered_at))"
)
ALIKE = f"SELECT {tally.PROMPT_ID} FROM battles WHERE battles.battle_id IN ({REPORTED}) AND battles.prompt <> ''"
"""Prompts of reported battles: the same words are not shown from another battle."""
SHOWN = f"""
    battles.campaign IN (SELECT unnest(CAST($campaigns AS VARCHAR[]))) AND battles.prompt <> ''
    AND battles.rater_id NOT IN ({PRIVATE}) AND {tally.PROMPT_ID} NOT IN ({ALIKE})
    AND battles.battle_id NOT IN (SELECT battle_id FROM items WHERE gold)
"""
"""A condition on `battles`: those whose prompt may be shown, where these campaigns show theirs."""
STILL_ASKED = """
    SELECT items.battle_id FROM items
    JOIN battles ON battles.battle_id = items.battle_id
    JOIN prompts AS shown ON shown.set_name = items.set_name AND shown.prompt_id = items.prompt_id
    JOIN stored_answers AS said ON said.set_name = items.set_name AND said.prompt_id = items.prompt_id
        AND said.model IN (battles.model_a, battles.model_b)
    JOIN prompts AS asked ON asked.messages = shown.messages
    JOIN stored_answers AS again ON again.set_name = asked.set_name AND again.prompt_id = asked.prompt_id
        AND again.digest = said.digest
    JOIN (SELECT unnest(CAST($asking AS VARCHAR[])) AS campaign, unnest(CAST($sets AS VARCHAR[])) AS set_name) AS asking
        ON asking.set_name = asked.set_name AND asking.campaign <> battles.campaign
    WHERE battles.campaign IN (SELECT unnest(CAST($campaigns AS VARCHAR[])))
"""
"""Battles of these campaigns with an answer that another campaign gives to raters on the same prompt, in any set."""


class AskedSet(NamedTuple):
    """A set whose stored answers a campaign gives to raters."""

    campaign: str
    set_name: str


class ShownCampaigns(NamedTuple):
    """The campaigns whose battles may be shown, as far as none of these sets has their answers."""

    campaigns: Sequence[str]
    still_asking: Sequence[AskedSet]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPrompt:
    """A prompt with where it was asked."""

    prompt: str
    category: str
    battles: tuple[BattleId, ...]
    """One of each campaign and writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBattle:
    """A battle that may be shown, with its votes."""

    battle_id: BattleId
    votes: Mapping[Winner, int]


def asked(connection: Analytical, prompts: Sequence[str]) -> list[AskedPrompt]:
    """Which battles asked these prompts, named by their ids; by id."""
    found = rows.fetched(
        connection,
        f"""
        SELECT prompt, min(category), list(one ORDER BY one) FROM (
            SELECT {COLUMNS[PROMPT]} AS prompt, battles.campaign, battles.rater_id,
                min({COLUMNS["category"]}) AS category, min(battles.battle_id) AS one
            FROM battles LEFT JOIN origins ON origins.battle_id = battles.battle_id
            WHERE {COLUMNS[PROMPT]} IN (SELECT unnest(CAST($prompts AS VARCHAR[])))
            AND battles.battle_id IN (SELECT battle_id FROM counted_votes)
            GROUP BY ALL
        ) GROUP BY prompt ORDER BY prompt
        """,
        {"prompts": list(prompts)},
    )
    return [AskedPrompt(prompt=row[0], category=row[1], battles=tuple(map(BattleId, row[2]))) for row in found]


def texts(connection: Analytical, prompts: Iterable[AskedPrompt], campaigns: Sequence[str] | None) -> dict[str, str]:
    """The beginning of each prompt that may be shown where these campaigns show theirs; without campaigns, of all."""
    of = {one: asked.prompt for asked in prompts for one in asked.battles}
    condition, parameters = ("true", {}) if campaigns is None else (SHOWN, {"campaigns": list(campaigns)})
    found = rows.fetched(
        connection,
        f"SELECT battles.battle_id, left(battles.prompt, {TEXT}) FROM battles WHERE battles.prompt <> '' "
        f"AND battles.battle_id IN (SELECT unnest(CAST($battles AS VARCHAR[]))) AND {condition}",
        {**parameters, "battles": sorted(of)},
    )
    return {of[battle_id]: text for battle_id, text in found}


def may_show(connection: Analytical, prompt: str, campaigns: Sequence[str]) -> bool:
    """Whether a prompt may be shown where these campaigns show theirs."""
    found = rows.fetched(
        connection,
        f"SELECT battles.battle_id FROM battles WHERE {tally.PROMPT_ID} = $prompt AND {SHOWN} LIMIT 1",
        {"prompt": prompt, "campaigns": list(campaigns)},
    )
    return bool(found)


def samples(
    connection: Analytical,
    cut: Cut,
    among: ShownCampaigns | None,
    model: ModelName | None,
    limit: int,
) -> list[SampleBattle]:
    """Some battles of a cut, of a model where one is named, with the votes on them that count and are not held; of
    these campaigns and as far as they may be shown, or of all where none are given. Which ones hangs on their ids, not
    on what was voted."""
    condition, parameters = tally.of_cut(cut)
    if model is not None:
        condition += " AND $model IN (vote.model_a, vote.model_b)"
        parameters["model"] = model
    shown = "true"
    if among is not None:
        condition += f" AND vote.rater_id NOT IN ({PRIVATE})"
        shown = SHOWN
        parameters["campaigns"] = list(among.campaigns)
        if among.still_asking:
            shown += f" AND battles.battle_id NOT IN ({STILL_ASKED})"
            parameters["asking"] = [one.campaign for one in among.still_asking]
            parameters["sets"] = [one.set_name for one in among.still_asking]
    found = rows.fetched(
        connection,
        f"""
        SELECT vote.battle_id, vote.winner, count(*) FROM ({holding.votes(connection, condition)}) AS vote
        WHERE vote.held_for IS NULL AND vote.battle_id IN (
            SELECT battles.battle_id FROM battles WHERE battles.prompt <> '' AND {shown}
        )
        GROUP BY vote.battle_id, vote.winner
        QUALIFY dense_rank() OVER (ORDER BY sha256(vote.battle_id)) <= $limit
        ORDER BY sha256(vote.battle_id), vote.winner
        """,
        {**parameters, "limit": limit},
    )
    votes: dict[BattleId, dict[Winner, int]] = {}
    for battle_id, winner, number in found:
        votes.setdefault(BattleId(battle_id), {})[Winner(winner)] = number
    return [SampleBattle(battle_id=one, votes=of) for one, of in votes.items()]
