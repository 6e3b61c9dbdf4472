"""`exports.filters.duplicates`: edited prompts join the cluster of the original, unlike ones do not; memory ends."""

import random

import pytest

from arena.errors import InvalidValue
from arena.exports.filters import duplicates
from arena.exports.filters.duplicates import Clusters, Repeats
from benchmarks import near_duplicates
from tests.exports import making


@pytest.mark.parametrize("length", [8, 16, 40])
@pytest.mark.parametrize(("edit", "least"), [("other end mark", 0.99), ("one letter lost", 0.8)])
def test_a_planted_edit_joins_the_cluster_of_its_original(edit: str, least: float, length: int) -> None:
    assert near_duplicates.recall(length, near_duplicates.EDITS[edit]) >= least


def test_another_word_leads_a_cluster_of_its_own_unless_it_stands_for_one_that_says_little() -> None:
    assert near_duplicates.recall(16, near_duplicates.EDITS["one word replaced"]) <= 0.4


def test_unlike_prompts_lead_clusters_of_their_own() -> None:
    assert near_duplicates.mistaken(16) <= 2


def test_clusters_are_the_same_again_and_do_not_change_with_what_comes_later() -> None:
    texts = [" ".join(words) for words in near_duplicates.prompts(16)]
    edited = [f"{text} thanks" for text in texts]

    def numbers(given: list[str]) -> list[int]:
        clusters = Clusters()
        return [clusters.join(text) for text in given]

    assert numbers([*texts, *edited]) == numbers([*texts, *edited])
    assert numbers(texts) == numbers([*texts, *edited])[: len(texts)]
    assert numbers([*texts, *edited]) == [*range(len(texts)), *range(len(texts))]


def test_a_cluster_that_was_decided_is_kept_although_a_later_leader_is_nearer() -> None:
    clusters = Clusters()
    first = clusters.join("How do I recognise a poisonous mushroom?")
    assert clusters.join("How do I recognize a poisonous mushroom?") == first
    later = clusters.lead("How do I recognize a poisonous mushrooms?")
    assert clusters.join("how do i recognize a poisonous mushroom") == first != later


def test_follow_ups_of_one_conversation_are_prompts_of_their_own() -> None:
    said = [("user", "Tell me about Rome. " * 30), ("assistant", "Rome is a city. " * 30)]
    asked = ["Shorter.", "Why?", "And Milan?", "In French, please.", "As a poem.", "With dates.", "Continue.", "More."]
    near = duplicates.NearRepeats()
    assert [near.count(making.record(prompt=prompt, history=said).battle) for prompt in asked] == [1] * 8
    assert near.count(making.record(prompt="please continue", history=said).battle) == 2
    assert near.count(making.record(prompt="Continue.").battle) == 1


@pytest.mark.parametrize("text", ["", " ", "a", "ab\u00e9", "\U0001f600", "half \ud800 a character"])
def test_texts_without_a_shingle_of_full_length_have_a_cluster_too(text: str) -> None:
    clusters = Clusters()
    assert clusters.join(text) == clusters.join(f"  {text} ") == 0


def test_more_unlike_prompts_than_are_held_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "CLUSTER_LIMIT", 3)
    clusters, chance = Clusters(), random.Random(1)
    for _ in range(3):
        clusters.join(chance.randbytes(20).hex())
    with pytest.raises(InvalidValue, match=r"More than 3 prompts are unlike each other.*narrow the selection"):
        clusters.join(chance.randbytes(20).hex())


def test_repeats_are_counted_whatever_the_capitals_and_spaces() -> None:
    repeats = Repeats()
    assert [repeats.count(text) for text in ("Hello there", "hello  THERE\n", "hello", "half \ud800")] == [1, 2, 1, 1]
