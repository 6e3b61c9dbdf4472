"""`exports.split`: no conversation and no prompt in two parts, and an item stays where it was."""

import hashlib
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from arena.domain.battle import BattleRecord
from arena.exports import split
from arena.exports.split import Split
from tests.exports import making

PROMPTS = st.sampled_from(["Hi", "hi ", "Name a prime.", "Continue", "Why?", "Tell a joke."])
CONVERSATIONS = st.lists(st.lists(PROMPTS, min_size=1, max_size=3), min_size=1, max_size=20)
SHARES = st.floats(min_value=0, max_value=0.999)
SEEDS = st.integers(min_value=0, max_value=50)


def battles(conversations: list[list[str]]) -> list[BattleRecord]:
    """Conversations of follow-ups on a shared history, as the arena makes them."""
    records = []
    for name, prompts in enumerate(conversations):
        history: list[tuple[str, str]] = []
        for prompt in prompts:
            records.append(making.record(len(records), conversation=f"c_{name}", prompt=prompt, history=history))
            history = [*history, ("user", prompt), ("assistant", "Yes.")]
    return records


def assign(records: list[BattleRecord], share: float, seed: int) -> dict[str, Split]:
    return {record.battle.battle_id: split.split_of(record.battle, test_share=share, seed=seed) for record in records}


@given(CONVERSATIONS, SHARES, SEEDS)
def test_no_conversation_and_no_prompt_is_in_both_parts(
    conversations: list[list[str]], share: float, seed: int
) -> None:
    parts = defaultdict(set)
    for record in battles(conversations):
        part = split.split_of(record.battle, test_share=share, seed=seed)
        parts["conversation", record.battle.conversation_id].add(part)
        parts["prompt", record.battle.messages].add(part)
    assert all(len(found) == 1 for found in parts.values())


@given(CONVERSATIONS, CONVERSATIONS, SHARES, SEEDS)
def test_an_item_keeps_its_split_whatever_comes_later(
    first: list[list[str]], later: list[list[str]], share: float, seed: int
) -> None:
    before = assign(battles(first), share, seed)
    after = assign(battles(first + later), share, seed)
    assert {battle: after[battle] for battle in before} == before


@given(CONVERSATIONS, SHARES, SHARES, SEEDS)
def test_a_larger_share_only_moves_items_to_test(
    conversations: list[list[str]], one: float, other: float, seed: int
) -> None:
    records = battles(conversations)
    small, large = assign(records, min(one, other), seed), assign(records, max(one, other), seed)
    assert all(large[battle] is Split.TEST for battle, part in small.items() if part is Split.TEST)


@given(CONVERSATIONS, SEEDS)
def test_nothing_is_held_out_unless_asked(conversations: list[list[str]], seed: int) -> None:
    assert set(assign(battles(conversations), 0.0, seed).values()) == {Split.TRAIN}


def test_the_share_is_that_of_first_prompts_and_the_seed_draws_them() -> None:
    records = battles([[f"Question {number}"] for number in range(4000)])
    one, other = assign(records, 0.1, 1), assign(records, 0.1, 2)
    held_out = [sum(part is Split.TEST for part in parts.values()) for parts in (one, other)]
    assert all(330 < count < 470 for count in held_out)  # 400 expected, standard deviation 19
    assert one != other


def test_capitals_and_spacing_do_not_make_another_prompt() -> None:
    one, other = (making.record(prompt=prompt).battle for prompt in ("Name a  PRIME.\n", "name a prime."))
    assert split.first_prompt(one) == split.first_prompt(other)
    assert split.first_prompt(one) != split.first_prompt(making.record(prompt="Name a crime.").battle)


def test_a_prompt_stands_where_it_stood_in_every_earlier_release() -> None:
    """Releases are compared over years: the place is a fixed hash, of any text there can be."""
    place = int.from_bytes(hashlib.sha256(b"7\nname a prime.").digest()[:8], "big")
    battle = making.record(prompt=" Name a\n PRIME. ").battle
    assert split.place_of(split.first_prompt(battle), 7) == place
    assert split.place_of("half \ud800", 7) == int.from_bytes(
        hashlib.sha256("7\nhalf \ud800".encode("utf-8", "surrogatepass")).digest()[:8], "big"
    )
    held_out = int.from_bytes(hashlib.sha256(b"held out\nname a prime.").digest()[:8], "big")
    assert split.held_out_place("name a prime.") == held_out


def test_the_first_thing_the_user_said_decides_for_the_whole_conversation() -> None:
    battle = making.record(
        prompt="And then?", history=[("system", "Be brief."), ("user", "Why?"), ("assistant", "So."), ("user", "How?")]
    ).battle
    assert split.first_prompt(battle) == "why?"
    assert split.first_prompt(making.record(prompt="How?", history=[("system", "Be brief.")]).battle) == "how?"
    assert split.plain("  Straße \t 1 ") == "strasse 1"


def test_a_position_stands_for_the_prompt_and_the_share_begins_at_zero() -> None:
    battle = making.record().battle

    def at(position: int, share: float) -> Split:
        return split.split_of(battle, test_share=share, seed=1, position=position)

    assert [at(place, 0.5) for place in (0, 2**63 - 1, 2**63, 2**64 - 1)] == [Split.TEST] * 2 + [Split.TRAIN] * 2
    assert at(0, 0.0) is Split.TRAIN
    assert at(2**64 - 1, 1.0) is Split.TEST
    assert [split.held_out(place, 0.25) for place in (0, 2**62 - 1, 2**62)] == [True, True, False]
    assert not split.held_out(0, 0.0)
