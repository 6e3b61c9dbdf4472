"""`exports.FORMATS`: the rows of each format, and what holds for all of them."""

import ast
import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena import exports
from arena.domain.vote import RaterKind, Winner
from arena.exports import formats
from arena.exports.format import EXPLANATIONS, LeftOut, Reason, Row, Taken, Unit
from arena.exports.formats import battles
from tests import syntax
from tests.exports import making


def rows(format_name: str, record: making.BattleRecord) -> list[Row]:
    outcomes = exports.FORMATS[format_name].convert(record, making.CONTEXT)
    return [row for outcome in outcomes if isinstance(outcome, Taken) for row in outcome.rows]


def test_a_trl_row_holds_an_explicit_prompt_and_one_assistant_message_each() -> None:
    said = [("user", "Name a prime."), ("assistant", "Seven.")]
    record = making.record(history=said, prompt="Another?", text_a="Nine.", text_b="Eleven.", winners=[Winner.MODEL_B])
    assert rows("trl-dpo", record) == [
        {
            "prompt": [
                {"role": "user", "content": "Name a prime."},
                {"role": "assistant", "content": "Seven."},
                {"role": "user", "content": "Another?"},
            ],
            "chosen": [{"role": "assistant", "content": "Eleven."}],
            "rejected": [{"role": "assistant", "content": "Nine."}],
        }
    ]


def test_a_battles_row_says_everything_the_rater_told() -> None:
    told = next(record for record in making.assorted() if record.votes[0].edit)
    (row,) = rows("battles", told)
    assert row == {
        "question_id": "b_5",
        "vote_id": "v_5",
        "conversation_id": "c_5",
        "campaign": "default",
        "model_a": "alpha",
        "model_b": "beta",
        "winner": "model_b",
        "judge": "pseudonym of r_2",
        "conversation_a": [
            {"role": "user", "content": "Explain it again."},
            {"role": "assistant", "content": "Light scatters."},
        ],
        "conversation_b": [
            {"role": "user", "content": "Explain it again."},
            {"role": "assistant", "content": "It reflects the sea."},
        ],
        "turn": 1,
        "language": None,
        "category": None,
        "tstamp": datetime(2026, 3, 1, 9, 35, tzinfo=UTC).timestamp(),
        "strength": "clearly",
        "tags": ["correct", "clear"],
        "reason": "It names the cause.",
        "edit": "Rayleigh scattering: short waves scatter more.",
        "draw_probability": 0.5,
        "leak": None,
        "finish_reason_a": "stop",
        "finish_reason_b": "stop",
        "criteria": [],
        "rater_kind": "person",
        "held": False,
    }


def test_a_battles_row_says_what_won_by_each_criterion_what_voted_and_whether_it_is_held() -> None:
    cast = making.vote(1, Winner.MODEL_A, criteria=(("polite", Winner.TIE), ("true", Winner.MODEL_B)))
    record = making.record(1, votes=(dataclasses.replace(cast, rater_kind=RaterKind.JUDGE),))
    assert record.response_b is not None
    leaking = dataclasses.replace(record, response_b=dataclasses.replace(record.response_b, leak=True))
    said = [
        {name: row[name] for name in ("criteria", "rater_kind", "leak", "held")} for row in rows("battles", leaking)
    ]
    criteria = [{"name": "polite", "winner": "tie"}, {"name": "true", "winner": "model_b"}]
    assert said == [{"criteria": criteria, "rater_kind": "judge", "leak": True, "held": True}]
    assert [row["held"] for row in rows("battles", record)] == [False]


def test_battles_has_one_row_a_vote_and_pairs_one_a_battle() -> None:
    record = making.record(winners=[Winner.MODEL_A, Winner.MODEL_B, Winner.MODEL_A])
    assert [row["winner"] for row in rows("battles", record)] == ["model_a", "model_b", "model_a"]
    assert len({row["vote_id"] for row in rows("battles", record)}) == 3
    assert len(rows("trl-dpo", record)) == 1


def test_battles_keeps_the_four_outcomes_and_votes_on_empty_answers() -> None:
    record = making.record(text_a="", winners=list(Winner))
    assert [row["winner"] for row in rows("battles", record)] == ["model_a", "model_b", "tie", "both_bad"]


def test_battles_leaves_out_votes_on_a_void_battle_one_by_one() -> None:
    record = making.record(void=True, winners=[Winner.TIE, Winner.TIE])
    assert list(battles.convert(record, making.CONTEXT)) == [
        LeftOut(reason=Reason.VOID, vote_id=vote.vote_id) for vote in record.votes
    ]


@pytest.mark.parametrize("form", exports.FORMATS.values(), ids=exports.FORMATS)
def test_a_format_answers_once_for_each_unit_with_the_columns_of_its_schema(form: exports.Format) -> None:
    for record in making.assorted():
        outcomes = list(form.convert(record, making.CONTEXT))
        assert len(outcomes) == (1 if form.unit is Unit.BATTLE else len(record.votes))
        for outcome in outcomes:
            assert (outcome.vote_id is None) == (form.unit is Unit.BATTLE)
            if isinstance(outcome, Taken):
                assert [list(row) for row in outcome.rows] == [form.schema.names] * len(outcome.rows)


def test_formats_do_not_import_each_other() -> None:
    folder = Path(formats.__file__).parent
    for file in folder.glob("[a-z]*.py"):
        tree = syntax.parse(file.read_text())
        imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in imported if name.startswith("arena.exports.formats")], file.name


def test_every_reason_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Reason)
