"""`exports.filters.conversation_clusters`: no prompt and no conversation in two parts, whatever comes and goes."""

import random
from collections import defaultdict

import pytest

from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId
from arena.domain.selection import Selection
from arena.exports import split
from arena.exports.filters.conversation_clusters import ConversationClusters
from arena.exports.filters.filters import FilterInputs
from arena.exports.filters.sifting import Sieve
from tests.exports import making
from tests.lengths import at_length

TEMPLATES = (
    "Plan a three day trip to {} for two people. We like {} and museums. Our budget is {} euros.",
    "Write a {} email to my {} about the {} meeting.",
    "请为{}写一篇关于{}的文章，大约{}字。",
    "Continue",
)
SLOTS = (
    ("Lisbon", "Porto", "Rome", "formal", "short"),
    ("seafood", "music", "boss", "friend", "Music"),
    ("600", "700", "monthly", "weekly", "800"),
)
Parts = dict[tuple[str, str], set[str]]


def campaign(chance: random.Random, turns: int = 60) -> list[BattleRecord]:
    """Prompts of templates as people send them: again, with other capitals, and as the beginning of conversations."""
    records: list[BattleRecord] = []
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    for number in range(turns):
        if begun and chance.random() < 0.3:
            place = chance.randrange(len(begun))
            conversation, history = begun[place]
            prompt = chance.choice(("Shorter, please.", "Why?", TEMPLATES[0].format("Oslo", "food", "500")))
        else:
            conversation, history = f"c_{number}", []
            prompt = chance.choice(TEMPLATES).format(*map(chance.choice, SLOTS))
            prompt = chance.choice((prompt, prompt.upper(), f"{prompt} Thanks!", f"Please {prompt}"))
            place = len(begun)
            begun.append((conversation, history))
        records.append(making.record(number, conversation=conversation, prompt=prompt, history=history))
        begun[place] = (conversation, [*history, ("user", prompt), ("assistant", f"Answer {chance.random()}")])
    return records


def parts(records: list[BattleRecord], chosen: Selection, clusters: ConversationClusters | None) -> dict[str, str]:
    """The part of each battle: train, test, or outside all."""
    sieve = Sieve(chosen, FilterInputs(clusters=clusters))
    found = {}
    for record in records:
        sifted = sieve.sift(record)
        if sifted.record is None:
            found[record.battle.battle_id] = "held out"
        else:
            share = chosen.test_share
            found[record.battle.battle_id] = split.split_of(
                record.battle, test_share=share, seed=0, position=sifted.position
            ).value
    return found


def divided(records: list[BattleRecord], found: dict[str, str]) -> list[tuple[str, object]]:
    """Prompts and conversations that stand in more than one part."""
    seen: dict[tuple[str, object], set[str]] = defaultdict(set)
    for record in records:
        part = found[record.battle.battle_id]
        seen["conversation", record.battle.conversation_id].add(part)
        seen["prompt", tuple((m.role, split.plain(m.text)) for m in record.battle.messages)].add(part)
    return [thing for thing, where in seen.items() if len(where) > 1]


@pytest.mark.parametrize(
    "seeds",
    [
        range(100),
        *at_length(range(100, 1000)),
    ],
)
def test_campaigns_of_templates_put_no_prompt_and_no_conversation_in_two_parts(seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(seed)
        chosen = Selection(
            test_share=chance.choice((0.1, 0.2, 0.5)),
            held_out_share=chance.choice((0.0, 0.2)),
            split_by_cluster=seed % 4 > 0,
        )
        records = campaign(chance)
        decided: dict[BattleId, BattleId] = {}
        before: dict[str, str] = {}
        here = records[:20]
        for more in (records[20:40], records[40:], []):
            clusters = ConversationClusters(decided)
            found = parts(here, chosen, clusters)
            assert divided(here, found) == []
            assert {battle: found[battle] for battle in before if battle in found} == {
                battle: part for battle, part in before.items() if battle in found
            }
            decided, before = decided | clusters.new, found
            erased = here[0].battle.prompt  # whoever asked first leaves, with every battle of that prompt
            here = [record for record in here if record.battle.prompt != erased] + more


def test_a_conversation_whose_prompts_contradict_each_other_stays_together() -> None:
    records = [
        making.record(1, conversation="c_1", prompt="Name a prime."),
        making.record(2, conversation="c_2", prompt="Tell a joke about cats."),
        making.record(3, conversation="c_1", prompt="Which sea is the deepest?"),
    ]
    clusters = ConversationClusters({})
    founders = [clusters.founder(record.battle) for record in records]
    assert founders[0] == founders[2] != founders[1]


def test_the_five_battles_that_came_out_in_two_parts() -> None:
    text = "Plan a three day trip to {} for two people. We like {} and museums. Our budget is {} euros."
    second = text.format("Porto", "seafood", 600)
    records = [
        making.record(1, conversation="c_a", prompt=text.format("Lisbon", "seafood", 600)),
        making.record(2, conversation="c_c", prompt=second),
        making.record(3, conversation="c_d", prompt=text.format("Porto", "music", 700)),
        making.record(4, conversation="c_c", prompt="More.", history=[("user", second), ("assistant", "Day one.")]),
        making.record(5, conversation="c_e", prompt=second),
    ]
    for share in (0.1, 0.2, 0.5, 0.8):
        found = parts(records, Selection(test_share=share, split_by_cluster=True), None)
        assert divided(records, found) == []


def test_without_what_was_decided_before_an_erasure_moves_conversations() -> None:
    """The control of the campaigns: it is the kept decision that holds them where they are."""
    moved = 0
    for seed in range(40):
        records = campaign(random.Random(seed))
        chosen = Selection(test_share=0.5, split_by_cluster=True)
        before, after = parts(records, chosen, None), parts(records[1:], chosen, None)
        moved += any(before[battle] != part for battle, part in after.items())
    assert moved > 0
