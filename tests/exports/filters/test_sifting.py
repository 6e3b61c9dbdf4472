"""`exports.filters.sifting`: what each filter keeps, what it takes and for which reason; nothing vanishes."""

import dataclasses
import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName, RaterId
from arena.domain.origin import Origin
from arena.domain.rater_agreement import RaterAgreement
from arena.domain.selection import Selection
from arena.domain.vote import Strength, Vote, Winner
from arena.exports.filters import counting, filters, sifting
from arena.exports.filters.filters import FilterInputs
from arena.exports.filters.sifting import Sieve
from arena.exports.format import EXPLANATIONS, Reason
from tests.exports import making

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD
STANDINGS = {
    RaterId("r_1"): RaterAgreement(votes=10, compared=8, agreed=6),
    RaterId("r_2"): RaterAgreement(votes=2, compared=4, agreed=1),
    RaterId("r_3"): RaterAgreement(votes=1),
}
KNOWN = FilterInputs(
    agreements=STANDINGS,
    served={ModelName("alpha"): "org/Qwen2.5-7B-Instruct"},
    private=frozenset({RaterId("r_private")}),
    language=lambda record: "de" if "ü" in record.battle.prompt else "en",
)


def battle(number: int = 1, **changes: Any) -> BattleRecord:
    """A record, with fields of its battle or an origin changed."""
    origin = changes.pop("origin", None)
    named = {
        name: changes.pop(name) for name in ("campaign", "rater_id", "model_a", "model_b", "turn") if name in changes
    }
    made = making.record(number, **changes)
    return dataclasses.replace(made, battle=dataclasses.replace(made.battle, **named), origin=origin)


def origin(**changes: Any) -> Origin:
    given: dict[str, Any] = {
        "source": "lmarena",
        "item": "1",
        "language": None,
        "category": "code",
        "timed": True,
        "digest": "0" * 64,
    }
    return Origin(**(given | changes))


def sifted(record: BattleRecord, **select: Any) -> tuple[Sequence[str], dict[str, Reason]]:
    """The votes that a selection leaves on a record, and the reason for each that it takes."""
    sieve = Sieve(Selection.from_mapping(select), KNOWN)
    found = sieve.sift(record)
    kept = [] if found.record is None else [vote.vote_id for vote in found.record.votes]
    assert sorted([*kept, *(vote_id for vote_id, _ in found.left)]) == sorted(vote.vote_id for vote in record.votes)
    assert sieve.left_votes.total() == len(found.left)
    assert sieve.left_battles.total() == (0 if kept else 1)
    return kept, dict(found.left)


CUT_OFF = dataclasses.replace(
    battle(), response_a=dataclasses.replace(making.record().response_a, finish_reason="length")
)
SLIGHT = making.vote(1, A, strength=Strength.SLIGHTLY)
EACH_FILTER = [
    ({"consent": "public"}, battle(), battle(rater_id="r_private"), Reason.CONSENT),
    ({"consent": "public"}, battle(), battle(votes=(making.vote(1, A, "r_private"),)), Reason.CONSENT),
    ({"campaigns": ["spring"]}, battle(campaign="spring"), battle(campaign="default"), Reason.CAMPAIGN),
    ({"sources": ["arena"]}, battle(), battle(origin=origin()), Reason.SOURCE),
    ({"sources": ["lmarena"]}, battle(origin=origin()), battle(), Reason.SOURCE),
    ({"categories": ["code"]}, battle(origin=origin()), battle(), Reason.CATEGORY),
    ({"categories": ["none"]}, battle(origin=origin(category=None)), battle(origin=origin()), Reason.CATEGORY),
    ({"models": ["alpha", "beta"]}, battle(), battle(model_b="gamma"), Reason.MODEL),
    ({"first_turn": 2}, battle(turn=2), battle(turn=1), Reason.TURN),
    ({"last_turn": 1}, battle(turn=1), battle(turn=2), Reason.TURN),
    ({"languages": ["de"]}, battle(prompt="Grüße"), battle(prompt="Greetings"), Reason.LANGUAGE),
    ({"minimum_prompt_characters": 3}, battle(prompt="abc"), battle(prompt="ab"), Reason.PROMPT_LENGTH),
    ({"maximum_prompt_characters": 3}, battle(prompt="abc"), battle(prompt="abcd"), Reason.PROMPT_LENGTH),
    ({"minimum_answer_characters": 2}, battle(text_a="ab", text_b="cd"), battle(text_b="c"), Reason.ANSWER_LENGTH),
    ({"maximum_answer_characters": 40}, battle(), battle(text_a="a" * 41), Reason.ANSWER_LENGTH),
    ({"finished": "ended"}, battle(), CUT_OFF, Reason.CUT_OFF),
    ({"thinking": "drop"}, battle(), battle(text_a="<think>Hm.</think>Blue."), Reason.THINKING),
    ({"leaks": "drop"}, battle(text_a="I am a model."), battle(text_a="I am Qwen."), Reason.LEAK),
    ({"strengths": ["slightly"]}, battle(votes=(SLIGHT,)), battle(), Reason.STRENGTH),
    ({"strengths": ["not_given"]}, battle(), battle(votes=(SLIGHT,)), Reason.STRENGTH),
    ({"ties": "drop"}, battle(winners=[A]), battle(winners=[TIE]), Reason.TIE),
    ({"both_bad": "drop"}, battle(winners=[TIE]), battle(winners=[BAD]), Reason.BOTH_BAD),
    ({"minimum_votes": 2}, battle(winners=[A, B]), battle(winners=[A]), Reason.TOO_FEW_VOTES),
    ({"minimum_agreement": 0.6}, battle(winners=[A, A, B]), battle(winners=[A, B]), Reason.DISAGREEMENT),
    ({"several": "unanimous"}, battle(winners=[A, A]), battle(winners=[A, A, B]), Reason.NOT_UNANIMOUS),
]


def test_there_is_a_case_for_every_filter_that_asks_about_a_record() -> None:
    told = {stages_key for select, *_ in EACH_FILTER for stages_key in select}
    other = {"votes", "since", "until", "minimum_rater_votes", "minimum_rater_agreement"}
    other |= {"exact_duplicates", "near_duplicates", "duplicates"}
    no_filter = {"license", "mask", "test_share", "held_out_share", "split_by_cluster"}
    assert told | other | no_filter == {field.name for field in dataclasses.fields(Selection)}


@pytest.mark.parametrize(("select", "kept", "left", "reason"), EACH_FILTER, ids=lambda value: str(value)[:40])
def test_a_filter_keeps_what_it_asks_for_and_says_why_the_rest_left(
    select: dict[str, Any], kept: BattleRecord, left: BattleRecord, reason: Reason
) -> None:
    assert sifted(kept, **select) == ([vote.vote_id for vote in kept.votes], {})
    assert sifted(left, **select) == ([], {vote.vote_id: reason for vote in left.votes})
    assert sifted(left) == ([vote.vote_id for vote in left.votes], {})
    assert EXPLANATIONS[reason]


def test_votes_leave_one_by_one_where_the_question_is_about_a_vote() -> None:
    early, late = making.vote(1, A, "r_1"), making.vote(2, B, "r_2", cast_at=making.START + timedelta(days=1))
    both = battle(votes=(early, late))
    day = (making.START + timedelta(hours=12)).isoformat()
    assert sifted(both, since=day) == (["v_2"], {"v_1": Reason.TIME})
    assert sifted(both, until=day) == (["v_1"], {"v_2": Reason.TIME})
    assert sifted(both, since=late.cast_at.isoformat()) == (["v_2"], {"v_1": Reason.TIME})
    assert sifted(both, until=late.cast_at.isoformat()) == (["v_1"], {"v_2": Reason.TIME})


def test_a_private_vote_leaves_a_battle_that_others_agree_to_publish() -> None:
    both = battle(votes=(making.vote(1, A, "r_private"), making.vote(2, B, "r_2")))
    assert sifted(both, consent="public") == (["v_2"], {"v_1": Reason.CONSENT})
    assert sifted(both, consent="any") == (["v_1", "v_2"], {})


def test_a_vote_whose_time_nobody_knows_is_in_no_time() -> None:
    untimed = battle(origin=origin(timed=False))
    assert sifted(untimed, since="2000-01-01") == ([], {"v_101": Reason.TIME})
    assert sifted(untimed) == (["v_101"], {})


def test_raters_are_asked_for_what_is_known_of_them_in_the_whole_workspace() -> None:
    three = battle(winners=[A, A, A])
    assert sifted(three, minimum_rater_votes=2) == (["v_101", "v_102"], {"v_103": Reason.RATER_VOTES})
    left = {"v_102": Reason.RATER_AGREEMENT, "v_103": Reason.RATER_AGREEMENT}
    assert sifted(three, minimum_rater_agreement=0.7) == (["v_101"], left)
    assert sifted(three, minimum_rater_agreement=0.25) == (["v_101", "v_102"], {"v_103": Reason.RATER_AGREEMENT})


def test_votes_on_one_battle_are_counted_after_single_ones_left() -> None:
    mixed = battle(winners=[A, TIE, TIE])
    left = {"v_102": Reason.TIE, "v_103": Reason.TIE}
    assert sifted(mixed, ties="drop", several="unanimous") == (["v_101"], left)
    assert sifted(mixed, ties="drop", minimum_votes=2) == ([], {**left, "v_101": Reason.TOO_FEW_VOTES})


def test_a_vote_with_several_reasons_leaves_under_the_first() -> None:
    tied = battle(winners=[TIE], campaign="other", prompt="Grüße")
    select: dict[str, Any] = {"campaigns": ["spring"], "ties": "drop", "languages": ["en"]}
    assert sifted(tied, **select)[1] == {"v_101": Reason.CAMPAIGN}
    del select["campaigns"]
    assert sifted(tied, **select)[1] == {"v_101": Reason.TIE}


def test_duplicates_beyond_the_cap_leave_and_the_first_ones_stay() -> None:
    prompts = ["Why is the sky blue?", "why  is the sky BLUE?", "Why is the sea blue today?", "Why is the sky blue?"]
    records = [battle(number, prompt=prompt) for number, prompt in enumerate(prompts, start=1)]
    sieve = Sieve(Selection(exact_duplicates=2))
    assert [sieve.sift(record).record is not None for record in records] == [True, True, True, False]
    assert sieve.left_votes == {Reason.EXACT_DUPLICATE: 1}


def test_another_history_is_another_prompt() -> None:
    said = [("user", "Name a prime."), ("assistant", "Seven.")]
    records = [battle(1, prompt="Another?", history=said), battle(2, prompt="Another?"), battle(3, prompt="Another?")]
    sieve = Sieve(Selection(exact_duplicates=1))
    assert [sieve.sift(record).record is not None for record in records] == [True, True, False]


def test_near_duplicates_are_capped_by_cluster_among_what_is_selected() -> None:
    text = "{} explain to me in simple words how photosynthesis works in green {} at night."
    prompts = [
        text.format("Please", "plants"),
        text.format("Could you", "plants"),
        text.format("Please", "leaves"),
        text.format("Kindly", "plant"),
    ]
    records = [battle(number, prompt=prompt) for number, prompt in enumerate(prompts, start=1)]
    sieve = Sieve(Selection(near_duplicates=2))
    assert [sieve.sift(record).record is not None for record in records] == [True, True, True, False]
    assert sieve.left_battles == {Reason.NEAR_DUPLICATE: 1}
    tied = [battle(9, prompt=text.format("Please", "plants"), winners=[TIE]), *records]
    dropping = Selection.from_mapping({"near_duplicates": 2, "ties": "drop"})
    without = Sieve(dropping)
    assert [without.sift(record).record is not None for record in tied] == [False, True, True, True, False]


def test_the_held_out_share_is_the_same_prompts_in_every_release_and_grows_only() -> None:
    records = [battle(number, prompt=f"Prompt {number}") for number in range(400)]

    def released(share: float, **select: Any) -> set[str]:
        sieve = Sieve(Selection.from_mapping({"held_out_share": share, **select}), KNOWN)
        return {record.battle.prompt for record in records if sieve.sift(record).record is not None}

    assert released(0.2) == released(0.2, test_share=0.5)
    assert 0.7 < len(released(0.2)) / 400 < 0.9
    assert released(0.5) < released(0.2) < released(0)


def test_a_cluster_stays_in_one_split_and_leads_to_the_same_one_whatever_comes_later() -> None:
    text = "{}explain to me in simple words how photosynthesis works in green plants at night."
    near = [battle(number, prompt=text.format("Please " * number)) for number in range(1, 30)]
    other = [battle(number, prompt=random.Random(number).randbytes(20).hex()) for number in range(30, 60)]
    selection = Selection(split_by_cluster=True, test_share=0.5)

    def positions(records: Sequence[BattleRecord], **changes: Any) -> dict[str, int | None]:
        sieve = Sieve(dataclasses.replace(selection, **changes))
        return {record.battle.prompt: sieve.sift(record).position for record in records}

    first = positions([*near[:10], *other[:10]])
    later = positions([*near[:10], *other[:10], *near[10:], *other[10:]])
    assert len({later[record.battle.prompt] for record in near}) == 1
    assert len({later[record.battle.prompt] for record in other}) > 20
    assert {prompt: later[prompt] for prompt in first} == first
    assert positions(near, several="each") == positions(near)
    assert set(positions(near, split_by_cluster=False).values()) == {None}


def test_what_is_held_out_by_clusters_holds_what_is_held_out_without_them() -> None:
    text = "{}explain to me in simple words how photosynthesis works in green plants at night."
    records = [battle(number, prompt=text.format("Please " * number)) for number in range(60)]

    def released(**select: Any) -> set[str]:
        sieve = Sieve(Selection.from_mapping({"held_out_share": 0.3, **select}))
        return {record.battle.prompt for record in records if sieve.sift(record).record is not None}

    assert released(split_by_cluster=True) <= released()


def test_each_vote_is_asked_about_by_itself() -> None:
    record = battle(winners=[A, B, TIE])
    assert list(sifting.judged(record, Selection().several)) == [record]
    each = Selection.from_mapping({"several": "each"}).several
    assert [one.votes for one in sifting.judged(record, each)] == [(vote,) for vote in record.votes]


WINNERS = st.lists(st.sampled_from([A, B, TIE, BAD]), min_size=1, max_size=4)
RECORDS = st.lists(
    st.builds(
        lambda winners, campaign, prompt, strengths, turn: (winners, campaign, prompt, strengths, turn),
        WINNERS,
        st.sampled_from(["default", "spring"]),
        st.sampled_from(["Grüße", "Hello there", "hello  there", "Name a prime number, please."]),
        st.lists(st.sampled_from([None, *Strength]), min_size=4, max_size=4),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=12,
)
SELECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "campaigns": st.just(["spring"]),
        "languages": st.just(["en"]),
        "strengths": st.just(["clearly", "not_given"]),
        "ties": st.sampled_from(["keep", "drop"]),
        "both_bad": st.sampled_from(["keep", "drop"]),
        "last_turn": st.integers(1, 3),
        "minimum_votes": st.integers(1, 3),
        "minimum_agreement": st.sampled_from([0.0, 0.5, 1.0]),
        "several": st.sampled_from(["majority", "unanimous", "each"]),
        "minimum_rater_votes": st.integers(1, 3),
        "exact_duplicates": st.integers(1, 3),
        "near_duplicates": st.integers(1, 3),
        "held_out_share": st.sampled_from([0.0, 0.5]),
        "test_share": st.sampled_from([0.0, 0.5]),
        "split_by_cluster": st.booleans(),
    },
)


def made(drawn: Sequence[tuple[Any, ...]]) -> list[BattleRecord]:
    records = []
    for number, (winners, campaign, prompt, strengths, turn) in enumerate(drawn, start=1):
        votes: tuple[Vote, ...] = tuple(
            making.vote(number * 10 + place, winner, f"r_{place}", strength=strength if winner.decided else None)
            for place, (winner, strength) in enumerate(itertools.zip_longest(winners, strengths[: len(winners)]), 1)
        )
        records.append(battle(number, campaign=campaign, prompt=prompt, votes=votes, turn=turn))
    return records


@settings(max_examples=min(60, settings.default.max_examples))
@given(RECORDS, SELECTIONS, st.sampled_from(sorted(exports.FORMATS)))
def test_votes_that_count_are_those_selected_and_those_that_left_and_units_add_up(
    drawn: Sequence[tuple[Any, ...]], select: dict[str, Any], name: str
) -> None:
    records = made(drawn)
    selection = Selection.from_mapping(select)
    counted = counting.count(map(counting.BattleGroup.alone, records), selection, KNOWN, exports.FORMATS[name])
    assert counted.counted == sum(len(record.votes) for record in records)
    assert counted.counted == counted.votes + sum(taken.votes for taken in counted.filters)
    assert len(records) == counted.battles + sum(taken.battles for taken in counted.filters)
    assert (counted.votes, counted.battles) == _last(counted)
    assert counted.format is not None
    assert counted.format.units == counted.format.taken + sum(counted.format.left_out.values())
    assert counted.format.units == (counted.votes if counted.format.unit == "vote" else counted.battles)
    for key, values in counted.values.items():
        total = sum(values.values())
        assert total >= counted.votes, key


def _last(counted: counting.Counted) -> tuple[int, int]:
    if not counted.filters:
        return counted.counted, counted.counted_battles
    return counted.filters[-1].votes_remain, counted.filters[-1].battles_remain


def test_values_are_counted_as_every_other_filter_leaves_them() -> None:
    records = [
        battle(1, campaign="spring", votes=(SLIGHT,)),
        battle(2, campaign="spring", prompt="Grüße"),
        battle(3, campaign="default"),
        battle(4, campaign="default", prompt="Grüße", winners=[TIE]),
    ]
    select = {"campaigns": ["spring"], "languages": ["en"], "ties": "drop"}
    found = counting.count(map(counting.BattleGroup.alone, records), Selection.from_mapping(select), KNOWN).values
    assert found["campaigns"] == {"default": 1, "spring": 1}
    assert found["languages"] == {"de": 1, "en": 1}
    assert found["strengths"] == {"slightly": 1}
    assert found["sources"] == {"arena": 1}


def test_the_default_selection_leaves_out_held_votes_alone() -> None:
    assert [filter_.key for filter_ in filters.of_record(Selection(), FilterInputs())] == ["votes"]
    assert list(filters.of_votes_left(Selection())) == []
    everything = Selection.from_mapping({"votes": "all"})
    assert Sieve(everything).filters == ()


@pytest.mark.parametrize("leak", [True, False, None])
def test_held_votes_leave_unless_all_are_asked_for(leak: bool | None) -> None:
    answer = making.record().response_b
    assert answer is not None
    record = dataclasses.replace(battle(winners=[A, B]), response_b=dataclasses.replace(answer, leak=leak))
    cast = ["v_101", "v_102"]
    assert sifted(record, votes="all") == (cast, {})
    held = ([], dict.fromkeys(cast, Reason.HELD))
    assert sifted(record) == (held if leak else (cast, {}))
    assert sifted(record, votes="counted", leaks="drop") == sifted(record), "the first filter that takes it out"


def test_figures_speak_of_held_votes_only_where_there_are_some() -> None:
    leaking = dataclasses.replace(battle(2), response_a=dataclasses.replace(making.response("I am Qwen."), leak=True))

    def told(*records: BattleRecord, **select: Any) -> list[tuple[str, int, int]]:
        groups = map(counting.BattleGroup.alone, records)
        found = counting.count(groups, Selection.from_mapping(select), KNOWN)
        return [(one.key, one.votes, one.votes_remain) for one in found.filters]

    assert told(battle(1)) == []
    assert told(battle(1), leaking) == [("votes", 1, 1)]
    assert told(battle(1), leaking, votes="all", ties="drop") == [("ties", 0, 2)]
