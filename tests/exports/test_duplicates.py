"""`exports.duplicates`: edited prompts join the cluster of the original, unlike ones do not, and memory has an end."""

import random

import pytest

from arena.errors import InvalidValue
from arena.exports import duplicates
from arena.exports.duplicates import Clusters, Repeats
from benchmarks import near_duplicates


@pytest.mark.parametrize("length", [16, 40])
@pytest.mark.parametrize("edit", near_duplicates.EDITS)
def test_a_planted_edit_joins_the_cluster_of_its_original(edit: str, length: int) -> None:
    assert near_duplicates.recall(length, near_duplicates.EDITS[edit]) >= 0.97


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


def test_a_prompt_joins_the_leader_it_is_most_like_and_the_first_of_equals() -> None:
    clusters = Clusters()
    first = clusters.join("Explain to me how photosynthesis works in green plants at night in the summer.")
    second = clusters.join("Write a program that reads numbers from a file and prints the largest of them.")
    assert clusters.join("Explain to me how photosynthesis works in green plants at night in the winter.") == first
    assert clusters.join("Write a program that reads numbers from a file and prints the smallest of them.") == second
    assert list(clusters.sizes) == [2, 2]


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
