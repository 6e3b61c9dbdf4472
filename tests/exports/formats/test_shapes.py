"""The exact row of each format that trains on pairs, labels or corrections, and what each leaves out.

That the trainers themselves read these rows as they were voted is shown in tests/soak.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from arena import exports
from arena.domain.vote import Strength, Tag, Winner
from arena.exports.format import LeftOut, Outcome, Reason, Row, Taken
from arena.exports.formats import axolotl_chat
from arena.exports.rows import llamafactory
from arena.exports.writing import release
from tests.exports import making

FIRST = [("user", "Name a prime."), ("assistant", "Seven.")]
ASKED = [
    {"role": "user", "content": "Name a prime."},
    {"role": "assistant", "content": "Seven."},
    {"role": "user", "content": "Another?"},
]
VOTE = making.vote(1, Winner.MODEL_B, strength=Strength.CLEARLY, edit="Eleven, say.")
FOLLOW_UP = making.record(history=FIRST, prompt="Another?", text_a="Nine.", text_b="Eleven.", votes=(VOTE,))
FIRST_PROMPT = making.record(prompt="Another?", text_a="Nine.", text_b="Eleven.", votes=(VOTE,))
PAIRS = [name for name in exports.FORMATS if name not in ("battles", "helpsteer3", "sft")]


def outcomes(name: str, record: making.BattleRecord) -> list[Outcome]:
    return list(exports.FORMATS[name].convert(record, making.CONTEXT))


def rows(name: str, record: making.BattleRecord) -> list[Row]:
    return [row for outcome in outcomes(name, record) if isinstance(outcome, Taken) for row in outcome.rows]


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trl-dpo", [{"prompt": ASKED, "chosen": said("Eleven."), "rejected": said("Nine.")}]),
        ("trl-reward", [{"prompt": ASKED, "chosen": said("Eleven."), "rejected": said("Nine."), "margin": 1.0}]),
        (
            "trl-kto",
            [
                {"prompt": ASKED, "completion": said("Eleven."), "label": True},
                {"prompt": ASKED, "completion": said("Nine."), "label": False},
            ],
        ),
        (
            "trl-tpo",
            [
                {
                    "prompt": ASKED,
                    "chosen": said("Eleven."),
                    "rejected": said("Nine."),
                    "reference": said("Eleven, say."),
                }
            ],
        ),
        ("openrlhf", [{"prompt": ASKED, "chosen": said("Eleven."), "rejected": said("Nine."), "margin": 1.0}]),
        (
            "llamafactory-alpaca",
            [
                {
                    "instruction": "Another?",
                    "input": "",
                    "chosen": "Eleven.",
                    "rejected": "Nine.",
                    "system": "",
                    "history": [["Name a prime.", "Seven."]],
                }
            ],
        ),
        (
            "llamafactory-sharegpt",
            [
                {
                    "conversations": [
                        {"from": "human", "value": "Name a prime."},
                        {"from": "gpt", "value": "Seven."},
                        {"from": "human", "value": "Another?"},
                    ],
                    "chosen": {"from": "gpt", "value": "Eleven."},
                    "rejected": {"from": "gpt", "value": "Nine."},
                }
            ],
        ),
        (
            "llamafactory-kto",
            [
                {
                    "conversations": [
                        {"from": "human", "value": "Name a prime."},
                        {"from": "gpt", "value": "Seven."},
                        {"from": "human", "value": "Another?"},
                        {"from": "gpt", "value": answer},
                    ],
                    "kto_tag": tag,
                }
                for answer, tag in (("Eleven.", True), ("Nine.", False))
            ],
        ),
        ("axolotl-chat", [{"messages": ASKED, "chosen": said("Eleven.")[0], "rejected": said("Nine.")[0]}]),
        (
            "nemo-rl",
            [
                {
                    "context": ASKED,
                    "completions": [
                        {"rank": 0, "completion": said("Eleven.")},
                        {"rank": 1, "completion": said("Nine.")},
                    ],
                }
            ],
        ),
        ("torchtune", [{"chosen": ASKED + said("Eleven."), "rejected": ASKED + said("Nine.")}]),
        ("sft", [{"messages": ASKED + said("Eleven, say.")}]),
    ],
)
def test_the_row_of_a_follow_up(name: str, expected: list[Row]) -> None:
    assert rows(name, FOLLOW_UP) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("axolotl-intel", [{"system": "", "question": "Another?", "chosen": "Eleven.", "rejected": "Nine."}]),
        (
            "axolotl-kto",
            [
                {"prompt": "Another?", "completion": "Eleven.", "label": True},
                {"prompt": "Another?", "completion": "Nine.", "label": False},
            ],
        ),
        ("verl", [{"prompt": "Another?", "chosen": "Eleven.", "rejected": "Nine."}]),
    ],
)
def test_the_row_of_a_trainer_that_takes_single_turns_and_no_others(name: str, expected: list[Row]) -> None:
    assert rows(name, FIRST_PROMPT) == expected
    assert outcomes(name, FOLLOW_UP) == [LeftOut(reason=Reason.MULTI_TURN)]


def test_a_nemo_rl_row_is_what_its_preprocessor_takes() -> None:
    """By its source: nemo-rl on PyPI (0.0.0) is an empty package, so its own code cannot be run here.

    NVIDIA-NeMo/RL, nemo_rl/data/datasets/preference_datasets/preference_dataset.py (commit 566c178e) loads the JSON
    lines as they are; preference_preprocessor in nemo_rl/data/processors.py takes exactly two completions, whose
    ranks must differ, the lower being preferred, and appends each completion's messages to the context's.
    """
    for record in (*making.assorted(), FOLLOW_UP):
        for row in rows("nemo-rl", record):
            assert set(row) == {"context", "completions"}
            better, worse = row["completions"]
            assert (better["rank"], worse["rank"]) == (0, 1)
            for completion in (better, worse):
                assert set(completion) == {"rank", "completion"}
                roles = [message["role"] for message in [*row["context"], *completion["completion"]]]
                assert roles == ["user", "assistant"] * (len(roles) // 2)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (making.record(winners=[Winner.TIE]), Reason.TIE),
        (making.record(text_a=" \n"), Reason.EMPTY_ANSWER),
        (making.record(text_a="Same.", text_b="Same."), Reason.SAME_ANSWER),
        (making.record(winners=[]), Reason.NO_VOTE),
        (making.record(winners=[Winner.MODEL_A, Winner.MODEL_B]), Reason.NO_MAJORITY),
        (making.record(void=True), Reason.VOID),
        (making.record(text_b=None), Reason.UNFINISHED),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "record",
)
def test_what_makes_no_pair_is_in_no_format_that_trains_on_pairs(
    name: str, record: making.BattleRecord, reason: Reason
) -> None:
    assert outcomes(name, record) == [LeftOut(reason=reason)]


@pytest.mark.parametrize("name", PAIRS)
def test_both_bad_is_two_undesirable_answers_to_kto_and_nothing_to_the_others(name: str) -> None:
    bad = making.record(winners=[Winner.BOTH_BAD])
    if name.endswith("kto"):
        label = "kto_tag" if name == "llamafactory-kto" else "label"
        assert [row[label] for row in rows(name, bad)] == [False, False]
    else:
        assert outcomes(name, bad) == [LeftOut(reason=Reason.BOTH_BAD)]


@pytest.mark.parametrize(
    ("strengths", "margin"),
    [
        ((None,), 0.0),
        ((Strength.SLIGHTLY,), 1 / 3),
        ((Strength.CLEARLY,), 1.0),
        ((Strength.CLEARLY, Strength.SLIGHTLY, None), 2 / 3),
    ],
)
def test_a_margin_is_the_mean_of_the_strengths_that_were_given(
    strengths: tuple[Strength | None, ...], margin: float
) -> None:
    votes = [making.vote(place, rater=f"r_{place}", strength=given) for place, given in enumerate(strengths)]
    against = making.vote(9, Winner.MODEL_B, "r_9", strength=Strength.CLEARLY)
    if len(votes) > 1:
        votes.append(against)  # one vote for the other side says nothing about this side's margin
    record = making.record(votes=tuple(votes))
    for name in ("trl-reward", "openrlhf"):
        (row,) = rows(name, record)
        assert row["margin"] == pytest.approx(margin)


@pytest.mark.parametrize("edit", [None, "", " \n", "\u200b", "Light scatters."])
def test_an_edit_that_changes_nothing_is_no_correction(edit: str | None) -> None:
    record = making.record(votes=(making.vote(1, edit=edit),))
    assert outcomes("trl-tpo", record) == [LeftOut(reason=Reason.NO_EDIT)]
    assert outcomes("sft", record) == [LeftOut(reason=Reason.NO_EDIT, vote_id=record.votes[0].vote_id)]


def test_each_correction_of_the_chosen_answer_is_a_row_and_one_of_the_other_is_none() -> None:
    votes = (
        making.vote(1, rater="r_1", edit="One."),
        making.vote(2, rater="r_2", edit="Two."),
        making.vote(3, Winner.MODEL_B, "r_3", edit="Three."),
    )
    record = making.record(votes=votes)
    assert [row["reference"] for row in rows("trl-tpo", record)] == [said("One."), said("Two.")]
    assert [row["messages"][-1]["content"] for row in rows("sft", record)] == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    ("winner", "strength", "score"),
    [
        (Winner.MODEL_A, Strength.CLEARLY, -3),
        (Winner.MODEL_A, None, -2),
        (Winner.MODEL_A, Strength.SLIGHTLY, -1),
        (Winner.TIE, None, 0),
        (Winner.MODEL_B, Strength.SLIGHTLY, 1),
        (Winner.MODEL_B, None, 2),
        (Winner.MODEL_B, Strength.CLEARLY, 3),
    ],
)
def test_a_helpsteer3_preference_is_negative_for_response_1(
    winner: Winner, strength: Strength | None, score: int
) -> None:
    (row,) = rows("helpsteer3", making.record(votes=(making.vote(1, winner, strength=strength),)))
    assert (row["overall_preference"], row["individual_preference"][0]["score"]) == (score, score)


def test_a_helpsteer3_row_holds_every_vote_with_what_was_said() -> None:
    votes = (
        making.vote(1, Winner.MODEL_B, "r_1", strength=Strength.CLEARLY, tags=(Tag.CLEAR, Tag.SAFE), reason="Shorter."),
        making.vote(2, Winner.MODEL_B, "r_2", strength=Strength.SLIGHTLY),
        making.vote(3, Winner.BOTH_BAD, "r_3"),
        making.vote(4, Winner.TIE, "r_4"),
    )
    (row,) = rows("helpsteer3", making.record(votes=votes))
    assert row == {
        "domain": None,
        "language": None,
        "context": [{"role": "user", "content": "Why is the sky blue?"}],
        "response1": "Light scatters.",
        "response2": "It reflects the sea.",
        "overall_preference": 2,
        "individual_preference": [
            {"score": 3, "reasoning": "Shorter.", "feedback1": "", "feedback2": "clear, safe"},
            {"score": 1, "reasoning": "", "feedback1": "", "feedback2": ""},
            {"score": 0, "reasoning": "", "feedback1": "both bad", "feedback2": "both bad"},
            {"score": 0, "reasoning": "", "feedback1": "", "feedback2": ""},
        ],
    }
    bad = making.record(winners=[Winner.BOTH_BAD])
    assert outcomes("helpsteer3", bad) == [LeftOut(reason=Reason.BOTH_BAD)]


@pytest.mark.parametrize("name", ["llamafactory-alpaca", "llamafactory-sharegpt", "llamafactory-kto"])
def test_llamafactory_is_spared_its_own_words_and_turns_it_refuses(name: str) -> None:
    for placeholder in llamafactory.PLACEHOLDERS:
        for texts in ({"prompt": f"a {placeholder}"}, {"text_a": placeholder}, {"text_b": f"{placeholder}."}):
            assert outcomes(name, making.record(**texts)) == [LeftOut(reason=Reason.RESERVED)]
    twice = making.record(history=[("user", "Well?")])
    assert outcomes(name, twice) == [LeftOut(reason=Reason.NOT_ALTERNATING)]
    assert len(rows(name, making.record(text_a="an <img> of it"))) == (2 if name == "llamafactory-kto" else 1)


TOLD = ("system", "Be brief.")


def test_a_system_message_goes_where_the_trainer_reads_one() -> None:
    first = making.record(history=[TOLD], prompt="Another?", text_a="Nine.", text_b="Eleven.", votes=(VOTE,))
    assert rows("axolotl-intel", first) == [
        {"system": "Be brief.", "question": "Another?", "chosen": "Eleven.", "rejected": "Nine."}
    ]
    later = making.record(history=[TOLD, *FIRST], prompt="Another?", text_a="Nine.", text_b="Eleven.", votes=(VOTE,))
    (alpaca,) = rows("llamafactory-alpaca", later)
    assert (alpaca["system"], alpaca["history"]) == ("Be brief.", [["Name a prime.", "Seven."]])
    told = {"from": "system", "value": "Be brief."}
    assert rows("llamafactory-sharegpt", later)[0]["conversations"][0] == told
    assert [row["conversations"][0] for row in rows("llamafactory-kto", later)] == [told, told]
    assert outcomes("axolotl-intel", later) == [LeftOut(reason=Reason.MULTI_TURN)]
    for name in ("verl", "axolotl-kto"):
        assert outcomes(name, first) == [LeftOut(reason=Reason.MULTI_TURN)]


@pytest.mark.parametrize("name", ["llamafactory-alpaca", "llamafactory-sharegpt", "llamafactory-kto"])
def test_an_empty_system_message_is_to_llamafactory_as_none(name: str) -> None:
    """In the place of either it puts that of its template."""
    assert outcomes(name, making.record(history=[("system", "")])) == outcomes(name, making.record())


@pytest.mark.parametrize("answer", ["a", "user", "assistant", "message", "\n", "_start|>"])
def test_axolotl_is_spared_answers_it_would_find_too_early(answer: str) -> None:
    assert axolotl_chat.found_too_early(answer)
    if answer.strip():
        assert outcomes("axolotl-chat", making.record(text_a=answer)) == [LeftOut(reason=Reason.RESERVED)]


@pytest.mark.parametrize("answer", ["A", "4", "No.", "user.", " leading", "trailing \n", *making.HOSTILE])
def test_axolotl_is_given_every_other_answer(answer: str) -> None:
    assert not axolotl_chat.found_too_early(answer)
    assert len(rows("axolotl-chat", making.record(text_a=answer))) == 1


def test_the_index_of_llamafactory_names_only_splits_with_rows_and_their_columns(tmp_path: Path) -> None:
    for name in ("llamafactory-alpaca", "llamafactory-sharegpt", "llamafactory-kto"):
        form = exports.FORMATS[name]
        for share, expected in ((0.0, ["preference_arena"]), (0.4, ["preference_arena", "preference_arena_test"])):
            folder = tmp_path / f"{name}-{share}"
            release.write(folder, name, making.assorted(), making.facts(test_share=share))
            index: dict[str, Any] = json.loads((folder / "dataset_info.json").read_text())
            assert list(index) == expected
            for entry in index.values():
                assert (folder / entry["file_name"]).stat().st_size > 0
                assert set(entry["columns"].values()) <= set(form.schema.names)
        assert "--dataset preference_arena " in form.command
