"""`domain.selection`: one spelling for one selection, and a sentence for whatever is none."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain import selection
from arena.domain.selection import Policy, Selection, Several
from arena.errors import InvalidValue

NAMES = st.lists(st.sampled_from(["alpha", "beta", "gamma-2", "Größe"]), min_size=1)
SHARES = st.floats(0, 0.99)
COUNTS = st.integers(1, 50)
MAPPINGS = st.fixed_dictionaries(
    {},
    optional={
        "consent": st.sampled_from(["any", "public"]),
        "campaigns": NAMES,
        "models": NAMES,
        "languages": st.lists(st.sampled_from(["en", "de", "und"]), min_size=1),
        "strengths": st.lists(st.sampled_from(selection.STRENGTHS), min_size=1),
        "since": st.datetimes(min_value=datetime(2000, 1, 1)).map(datetime.isoformat),
        "last_turn": st.none() | COUNTS,
        "minimum_votes": COUNTS,
        "minimum_agreement": SHARES,
        "several": st.sampled_from(["majority", "unanimous", "each"]),
        "leaks": st.sampled_from(["keep", "drop"]),
        "near_duplicates": st.none() | COUNTS,
        "finished": st.sampled_from(["any", "ended"]),
        "thinking": st.sampled_from(["keep", "strip", "drop"]),
        "duplicates": st.sampled_from(["keep", "first"]),
        "license": st.none() | st.sampled_from(["cc-by-4.0", "mit"]),
        "test_share": SHARES,
        "split_by_cluster": st.booleans(),
    },
)


def test_the_default_takes_everything_and_says_nothing() -> None:
    assert Selection.from_mapping({}) == Selection()
    assert Selection().to_mapping() == {}


def test_what_asks_for_nothing_is_not_said() -> None:
    spoken = {
        "strengths": ["slightly", "not_given", "clearly"],
        "consent": "any",
        "ties": "keep",
        "several": "majority",
        "first_turn": 1,
        "test_share": 0,
        "last_turn": None,
    }
    assert Selection.from_mapping(spoken).to_mapping() == {}


@given(MAPPINGS)
def test_a_selection_reads_back_as_it_was_and_in_one_spelling(mapping: dict[str, Any]) -> None:
    read = Selection.from_mapping(mapping)
    spoken = json.loads(json.dumps(read.to_mapping()))
    assert Selection.from_mapping(spoken) == read
    assert Selection.from_mapping(spoken).to_mapping() == spoken
    assert list(spoken) == sorted(spoken)


def test_order_repetition_and_zone_do_not_make_another_selection() -> None:
    first = Selection.from_mapping({"languages": ["de", "en", "de"], "since": "2026-03-01"})
    zone = timezone(timedelta(hours=2))
    second = Selection.from_mapping({"since": datetime(2026, 3, 1, 2, tzinfo=zone), "languages": ["en", "de"]})
    assert first == second
    assert first.since == datetime(2026, 3, 1, tzinfo=UTC)
    assert first.to_mapping() == {"languages": ["de", "en"], "since": "2026-03-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"langauges": ["en"]}, ("langauges", "did you mean 'languages'?")),
        ({"zzz": 1}, ("zzz", "accepted: both_bad")),
        ({"languages": []}, ("languages is empty", "leave the key out")),
        ({"languages": ["xyzzy"]}, ("'xyzzy'", "ISO 639")),
        ({"languages": 7}, ("languages is 7", "list of names")),
        ({"campaigns": [""]}, ("campaigns", "a line of 1 to 200")),
        ({"campaigns": ["half \ud800"]}, ("campaigns", "a line of 1 to 200")),
        ({"campaigns": ["x" * 201]}, ("campaigns", "a line of 1 to 200")),
        ({"campaigns": [f"c{number}" for number in range(1001)]}, ("campaigns", "up to 1,000")),
        ({"strengths": ["very"]}, ("'very'", "clearly, not_given, slightly")),
        ({"several": "most"}, ("'most'", "majority, unanimous, each")),
        ({"consent": "private"}, ("consent is 'private'", "any, public")),
        ({"leaks": True}, ("leaks is True", "keep, drop")),
        ({"finished": "yes"}, ("finished is 'yes'", "any, ended")),
        ({"thinking": "hide"}, ("thinking is 'hide'", "keep, strip, drop")),
        ({"duplicates": "last"}, ("duplicates is 'last'", "keep, first")),
        ({"license": "CC BY 4.0"}, ("license is 'CC BY 4.0'", "cc-by-4.0")),
        ({"license": ""}, ("license is ''", "cc-by-4.0")),
        ({"license": "mit\nx: y"}, ("license is", "cc-by-4.0")),
        ({"minimum_votes": 0}, ("minimum_votes is 0", "whole number from 1")),
        ({"minimum_votes": 1.5}, ("minimum_votes is 1.5", "whole number")),
        ({"minimum_votes": True}, ("minimum_votes is True", "whole number")),
        ({"minimum_votes": None}, ("minimum_votes is None", "whole number")),
        ({"minimum_agreement": 1.01}, ("minimum_agreement is 1.01", "from 0 to 1")),
        ({"test_share": 1}, ("test_share is 1", "less than 1")),
        ({"test_share": float("nan")}, ("test_share is nan", "less than 1")),
        ({"held_out_share": "0.1"}, ("held_out_share is '0.1'", "from 0 to 0.5")),
        ({"held_out_share": 0.51}, ("held_out_share is 0.51", "from 0 to 0.5")),
        ({"split_by_cluster": "yes"}, ("split_by_cluster", "true, false")),
        ({"since": "yesterday"}, ("since is 'yesterday'", "2026-03-01")),
        ({"since": 2026}, ("since is 2026", "2026-03-01")),
        ({"until": "0001-01-01T00:00:00+14:00"}, ("until", "2026-03-01")),
        ({"since": "2026-03-01", "until": "2026-03-01"}, ("since", "until", "selects nothing")),
        ({"first_turn": 3, "last_turn": 2}, ("first_turn is 3", "last_turn is 2")),
        ({"campaigns": ["../x\0"]}, ("campaigns", "a line of 1 to 200")),
        ({"models": {"a": "b" * 10_000}}, ("models", "...")),
        (["languages"], ("table of keys",)),
    ],
)
def test_what_is_no_selection_is_refused_by_key_with_what_is_accepted(mapping: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue) as refused:
        Selection.from_mapping(mapping)
    for word in words:
        assert word in str(refused.value)
    assert len(str(refused.value)) < 700


def test_a_command_line_spells_every_kind_of_value() -> None:
    words = {
        "languages": "en, de",
        "minimum_votes": "3",
        "test_share": "0.1",
        "split_by_cluster": "true",
        "since": "2026-03-01",
        "several": "each",
        "leaks": "drop",
    }
    read = Selection.from_mapping({key: selection.worded(key, text) for key, text in words.items()})
    assert read == Selection(
        languages=("de", "en"),
        minimum_votes=3,
        test_share=0.1,
        split_by_cluster=True,
        since=datetime(2026, 3, 1, tzinfo=UTC),
        several=Several.EACH,
        leaks=Policy.DROP,
    )
    with pytest.raises(InvalidValue, match="did you mean 'languages'"):
        selection.worded("language", "en")
    with pytest.raises(InvalidValue, match="languages is empty"):
        Selection.from_mapping({"languages": selection.worded("languages", "")})
