"""What each shape makes of a row, and what it leaves outside."""

import contextlib
import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from arena import errors, imports
from arena.domain.battle import Message
from arena.domain.vote import RaterKind, Strength, Tag, Winner
from arena.imports import reading
from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from tests.imports import making, samples

WHY = (Message.of_text(role="user", text="Why?"),)
ROWS = {
    "battles": making.battles,
    "lmarena": making.lmarena,
    "helpsteer3": making.helpsteer3,
    "open-assistant": making.tree,
    "label-studio": making.label_studio,
    "argilla": making.argilla,
    "trl": making.trl,
}


@pytest.mark.parametrize("name", ROWS)
def test_a_shape_is_known_by_its_columns(name: str) -> None:
    found = imports.recognised(ROWS[name]())
    assert found is not None
    assert found.name == name


def test_other_columns_are_no_shape() -> None:
    assert imports.recognised(["prompt", "completion"]) is None
    with pytest.raises(errors.InvalidValue, match=r"'papyrus' is no shape .*accepted: alpaca-eval, argilla, battles"):
        imports.named("papyrus")


def test_a_log_row_is_one_vote_with_all_it_says() -> None:
    entry = making.one("lmarena", making.lmarena(category="math", winner="tie (bothbad)"))
    assert entry == ImportedVote(
        messages=WHY,
        text_a="Left.",
        text_b="Right.",
        model_a="GPT 4",
        model_b="command",
        winner=Winner.BOTH_BAD,
        rater="worker_1",
        item="q1",
        conversation="q1",
        language="English",
        category="math",
        cast_at=datetime.fromtimestamp(1682351591.1322, UTC),
    )


def test_newer_logs_have_parts_of_content_and_sessions() -> None:
    parts = [
        {"role": "user", "content": [{"type": "text", "text": "Why?", "image": None}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Le"}, {"type": "text", "text": "ft."}]},
    ]
    row = making.lmarena(conversation_a=parts, id="x", evaluation_session_id="s", evaluation_order=1, tstamp=None)
    for column in ("question_id", "judge", "turn"):
        del row[column]
    entry = making.one("lmarena", row | {"timestamp": "2025-07-01T10:00:00"})
    assert (entry.messages, entry.text_a, entry.rater, entry.item, entry.conversation) == (WHY, "Left.", "s", "x", "s")
    assert entry.cast_at == datetime(2025, 7, 1, 10, tzinfo=UTC)


def test_a_vote_on_an_earlier_turn_is_on_that_turn() -> None:
    longer = making.said(answer="Left.") + making.said("And?", "More.")
    entry = making.one("lmarena", making.lmarena(conversation_a=longer))
    assert (entry.messages, entry.text_a, entry.turn) == (WHY, "Left.", 1)
    shared = making.said(answer="Same.")
    second = making.one(
        "lmarena",
        making.lmarena(
            turn=2,
            conversation_a=shared + making.said("And?", "Left."),
            conversation_b=shared + making.said("And?", "Right."),
        ),
    )
    assert (len(second.messages), second.text_a, second.text_b, second.turn) == (3, "Left.", "Right.", 2)


def test_an_empty_answer_is_an_answer() -> None:
    assert making.one("lmarena", making.lmarena(conversation_b=making.said(answer=""))).text_b == ""


def test_a_release_of_an_arena_loses_nothing() -> None:
    entry = making.one("battles", making.battles())
    assert (entry.strength, entry.tags) == (Strength.SLIGHTLY, (Tag.CORRECT, Tag.CLEAR))
    assert (entry.reason, entry.edit, entry.campaign) == ("It answers.", "Left, corrected.", "open")
    assert (entry.battle_id, entry.vote_id) == ("b_01K7QX4M8ZJ5T0W3N6R9V2C4E1", "v_01K7QX4M8ZJ5T0W3N6R9V2C4E2")
    assert (entry.conversation, entry.draw_probability) == ("c_01K7QX4M8ZJ5T0W3N6R9V2C4E3", 1 / 3)
    assert entry.rater == entry.author == "rater-5e1f"


def test_what_an_arena_of_today_says_of_a_vote_is_kept_and_what_an_older_one_does_not_say_is_not_asked_for() -> None:
    older = making.one("battles", making.battles())
    assert (older.criteria, older.rater_kind) == ((), RaterKind.PERSON)
    criteria = [{"name": "polite", "winner": "tie"}, {"name": "true", "winner": "model_b"}]
    newer = making.one("battles", making.battles(criteria=criteria, rater_kind="judge", held=False))
    assert newer.criteria == (("polite", Winner.TIE), ("true", Winner.MODEL_B))
    assert newer.rater_kind is RaterKind.JUDGE


@pytest.mark.parametrize(("held", "named"), [(False, False), (True, True)])
def test_that_another_arena_held_a_vote_is_not_kept_and_is_named(held: bool, named: bool) -> None:
    unkept = reading.Unkept()
    reading.taken(Fields(making.battles(held=held)), imports.SHAPES["battles"], unkept)
    assert ("held" in unkept.rows) == named


@pytest.mark.parametrize("before", [["assistant"], ["user"], ["system", "assistant"], ["user", "user", "assistant"]])
def test_a_release_of_an_arena_comes_back_where_user_and_assistant_do_not_take_turns(before: list[str]) -> None:
    """Such conversations are imported, so they are released: the battle's own turn counts what the user said."""
    history = [{"role": role, "content": f"{place}"} for place, role in enumerate(before)]
    turn = before.count("user") + 1
    sides = {f"conversation_{side}": [*history, *making.said(answer=side)] for side in "ab"}
    entry = making.one("battles", making.battles(turn=turn, **sides))
    assert [message.role for message in entry.messages] == [*before, "user"]
    assert (entry.turn, entry.text_a, entry.text_b) == (turn, "a", "b")
    with pytest.raises(RowFault, match=f"turn is .* and the user says something {turn} time"):
        making.read("battles", making.battles(turn=turn + 1, **sides))


def test_helpsteer3_is_one_vote_a_judgement() -> None:
    entries = making.read("helpsteer3", making.helpsteer3())
    assert all(isinstance(entry, ImportedVote) for entry in entries)
    assert [(entry.winner, entry.strength, entry.reason, entry.nth) for entry in entries] == [  # type: ignore[union-attr]
        (Winner.MODEL_A, Strength.CLEARLY, "It is right.", 1),
        (Winner.MODEL_B, Strength.SLIGHTLY, "It is short.", 2),
        (Winner.TIE, None, "Alike.", 3),
    ]
    overall = making.one("helpsteer3", making.helpsteer3(individual_preference=None))
    assert (overall.winner, overall.strength, overall.category, overall.language) == (
        Winner.MODEL_A,
        None,
        "general",
        "english",
    )


def test_two_ranked_replies_are_a_pair_and_the_better_one_wins() -> None:
    entries = [entry for entry in making.read("open-assistant", making.tree()) if isinstance(entry, ImportedVote)]
    won = [
        (entry.text_a, entry.text_b) if entry.winner is Winner.MODEL_A else (entry.text_b, entry.text_a)
        for entry in entries
    ]
    assert won == [("Best.", "Fair."), ("Best.", "Poor."), ("Fair.", "Poor.")]
    assert {entry.rater for entry in entries} == {"ranking of t1"}
    assert {entry.language for entry in entries} == {"en"}


def test_a_ranking_deeper_in_the_tree_has_the_conversation_before_it() -> None:
    follow_up = {
        "message_id": "p2",
        "text": "And?",
        "role": "prompter",
        "lang": "en",
        "replies": [making.reply("m4", "More.", 1), making.reply("m5", "Most.", 0, model_name="sft-0")],
    }
    row = making.tree(making.reply("m1", "Because.", 0, replies=[follow_up]))
    entry = making.one("open-assistant", row)
    assert [message.text for message in entry.messages] == ["Why?", "Because.", "And?"]
    assert (entry.turn, entry.conversation) == (2, "t1")
    assert {entry.model_a, entry.model_b} == {"sft-0", None}


@pytest.mark.parametrize(("selected", "winner"), [("left", Winner.MODEL_A), ("right", Winner.MODEL_B)])
def test_an_annotation_is_a_vote_for_the_side_it_selects(selected: str, winner: Winner) -> None:
    entry = making.one("label-studio", making.label_studio(annotations=[making.annotation(selected)]))
    assert (entry.winner, entry.text_a, entry.text_b, entry.rater, entry.item) == (winner, "Left.", "Right.", "10", "7")
    assert entry.cast_at == datetime(2021, 3, 9, 22, 16, 8, 728353, UTC)


def test_the_objects_that_were_compared_say_which_text_stood_left() -> None:
    task = making.label_studio()
    task["annotations"][0]["result"][0]["to_name"] = "answer2,answer1"
    assert making.one("label-studio", task).text_a == "Right."


def test_a_choice_beside_the_pair_may_say_tie() -> None:
    choice = {"type": "choices", "to_name": "answer1", "value": {"choices": ["tie"]}}
    row = making.label_studio(
        annotations=[making.annotation(result=[choice], completed_by={"id": 3, "email": "a@b.c"})]
    )
    entry = making.one("label-studio", row)
    assert (entry.winner, entry.rater) == (Winner.TIE, "a@b.c")


FLAT = {
    "id": "r1",
    "_server_id": "s1",
    "status": "completed",
    "prompt": "Why?",
    "response1": "Left.",
    "response2": "Right.",
    "preference.responses": ["response1", "response2"],
    "preference.responses.users": ["u-1", "u-2"],
    "preference.responses.status": ["submitted", "submitted"],
    "preference.suggestion": "response1",
}
FIRST = {
    "external_id": "e1",
    "metadata": "{}",
    "prompt": "Why?",
    "response-1": "Left.",
    "response-2": "Right.",
    "ranking": [
        {"user_id": "u-1", "status": "submitted", "value": {"rank": [2, 1], "value": ["response-1", "response-2"]}},
        {"user_id": "u-2", "status": "submitted", "value": {"rank": [1, 1], "value": ["response-1", "response-2"]}},
    ],
}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (making.argilla(), [("u-1", Winner.MODEL_B)]),
        (FLAT, [("u-1", Winner.MODEL_A), ("u-2", Winner.MODEL_B)]),
        (FIRST, [("u-1", Winner.MODEL_B), ("u-2", Winner.TIE)]),
        (
            making.argilla(responses={"which": [{"value": "both_bad", "user_id": "u-3"}], "why": [{"value": "Hm."}]}),
            [("u-3", Winner.BOTH_BAD)],
        ),
    ],
)
def test_each_person_in_argilla_votes_by_ranking_or_choosing(row: Any, expected: list[Any]) -> None:
    entries = [entry for entry in making.read("argilla", row) if isinstance(entry, ImportedVote)]
    assert [(entry.rater, entry.winner) for entry in entries] == expected
    assert {(entry.messages, entry.text_a, entry.text_b) for entry in entries} == {(WHY, "Left.", "Right.")}


def test_three_ranked_answers_in_argilla_are_three_pairs() -> None:
    fields = {"prompt": "Why?", "reply_1": "One.", "reply_2": "Two.", "reply_3": "Three."}
    responses = {"ranking": [{"value": ["reply_3", "reply_1", "reply_2"], "user_id": "u-1"}]}
    entries = making.read("argilla", making.argilla(fields=fields, responses=responses))
    assert [(entry.text_a, entry.text_b, entry.winner) for entry in entries] == [  # type: ignore[union-attr]
        ("One.", "Two.", Winner.MODEL_A),
        ("One.", "Three.", Winner.MODEL_B),
        ("Two.", "Three.", Winner.MODEL_B),
    ]


ASKED = [{"role": "user", "content": "Why?"}]


@pytest.mark.parametrize(
    "row",
    [
        making.trl(),
        making.trl(
            prompt=ASKED,
            chosen=[{"role": "assistant", "content": "Best."}],
            rejected=[{"role": "assistant", "content": "Poor."}],
        ),
        making.trl(prompt=None, chosen=making.said(answer="Best."), rejected=making.said(answer="Poor.")),
        making.trl(chosen=making.said(answer="Best."), rejected=making.said(answer="Poor.")),
    ],
)
def test_a_pair_has_its_prompt_and_the_chosen_answer_wins(row: Any) -> None:
    entry = making.one("trl", row)
    texts = (entry.text_a, entry.text_b) if entry.winner is Winner.MODEL_A else (entry.text_b, entry.text_a)
    assert (entry.messages, texts, entry.rater, entry.model_a) == (WHY, ("Best.", "Poor."), None, None)


def test_the_side_of_a_pair_says_nothing_and_never_changes() -> None:
    left = [making.one("trl", making.trl(chosen=f"{n}")).winner is Winner.MODEL_A for n in range(200)]
    assert 60 < sum(left) < 140
    assert left == [making.one("trl", making.trl(chosen=f"{n}")).winner is Winner.MODEL_A for n in range(200)]


EMPTY = [{"role": "system", "content": ""}]
REFUSED: list[tuple[str, Any, str]] = [
    (
        "lmarena",
        making.lmarena(winner="Model_B"),
        'winner is "Model_B"; accepted: model_a, model_b, tie, both_bad; say what it means: --outcome Model_B=model_b.',
    ),
    ("lmarena", making.lmarena(winner=None), "winner is missing."),
    ("lmarena", making.lmarena(model_b="GPT 4"), '"GPT 4" stands against itself.'),
    ("lmarena", making.lmarena(model_a=""), 'model_a is ""; a name is'),
    ("lmarena", making.lmarena(model_a="a\nb"), "a name is 1 to 200 visible characters"),
    ("lmarena", making.lmarena(conversation_b=None), "conversation_b is missing; it must be a list of messages."),
    ("lmarena", making.lmarena(conversation_b=making.said("Who?")), "part at message 1, so the two answers share no"),
    ("lmarena", making.lmarena(conversation_b=ASKED, turn=None), "conversation_b does not end with an answer."),
    ("lmarena", making.lmarena(turn=2), 'turn is "2" and conversation_a holds 1 answer.'),
    ("lmarena", making.lmarena(turn="x"), "turn is"),
    ("lmarena", making.lmarena(conversation_a=making.said(answer="\0")), "holds a NUL character."),
    ("lmarena", making.lmarena(conversation_a=making.said(answer="\ud800")), "half of a surrogate pair"),
    ("trl", making.trl(prompt=" "), "prompt ends with a message without text."),
    ("lmarena", making.lmarena(tstamp="yesterday"), 'tstamp is "yesterday"; it must be seconds since 1970'),
    ("lmarena", making.lmarena(evaluation_order=2), "evaluation_order is 2"),
    ("lmarena", making.lmarena(conversation_a=[{"role": "tool", "content": "x"}]), 'has the role "tool"; accepted'),
    ("battles", making.battles(strength="very"), 'strength is "very"; accepted: slightly, clearly.'),
    ("battles", making.battles(tags=["nice"]), "tags is"),
    ("battles", making.battles(rater_kind="crowd"), 'rater_kind is "crowd"; accepted: person, program, judge.'),
    ("battles", making.battles(criteria="polite"), 'criteria is "polite"; it must be a list of objects'),
    ("battles", making.battles(criteria=[{"winner": "tie"}]), "criteria.name is missing; it must be a text."),
    ("battles", making.battles(criteria=[{"name": "", "winner": "tie"}]), 'criteria.name is ""; it has 1 to 200'),
    (
        "battles",
        making.battles(criteria=[{"name": "polite", "winner": "both_bad"}]),
        'polite in criteria is "both_bad"; accepted: model_a, model_b, tie.',
    ),
    ("battles", making.battles(criteria=[{"name": "x", "winner": "tie"}] * 2), "names one criterion twice"),
    ("battles", making.battles(winner="tie"), "goes only with a winning side"),
    ("battles", making.battles(question_id="q1"), 'question_id is "q1"; it must be an id that an arena minted.'),
    ("battles", making.battles(draw_probability=2), "draw_probability is 2; it must be above 0 and at most 1."),
    ("helpsteer3", making.helpsteer3(individual_preference=[{"score": 4}]), "the score of judgement 1 is 4"),
    ("helpsteer3", making.helpsteer3(context=making.said()), "context does not end with a message by the user."),
    ("helpsteer3", making.helpsteer3(response2=None), "response2 is missing; it must be a text."),
    ("open-assistant", making.tree(making.reply("m1", "x", 0)), "no message of this tree has two ranked replies."),
    ("open-assistant", making.tree(prompt="Why?"), "a message tree has its first message there."),
    ("label-studio", making.label_studio(annotations=[]), "nobody has annotated this task."),
    ("label-studio", making.label_studio(data={"answer1": "x"}), "no field is the prompt"),
    ("argilla", making.argilla(responses={}), "no response ranks, rates or chooses among response1, response2."),
    ("argilla", making.argilla(fields={"prompt": "Why?", "text": "x"}), "no two fields are the answers"),
    ("trl", making.trl(prompt=None), "prompt is missing, and where two texts part nobody can say."),
    ("trl", making.trl(chosen=making.said()), "chosen and rejected must both be texts"),
    ("trl", making.trl(prompt="Who?", chosen=making.said(), rejected=making.said()), "prompt is not what chosen"),
    ("trl", making.trl(chosen_model="m", rejected_model="m"), '"m" stands against itself.'),
    ("trl", making.trl(chosen=EMPTY, rejected=EMPTY), "chosen holds nothing but an empty system message."),
    ("lmarena", making.lmarena(conversation_a=EMPTY), "conversation_a holds nothing but an empty system message."),
    ("thumbs", {"kto_tag": True, "conversations": EMPTY}, "conversations holds nothing but an empty system message."),
    (
        "comparia-reactions",
        {
            **samples.ROWS["comparia_reactions.jsonl"],
            "model_pos": "a",
            "msg_index": 0,
            "response_content": "Hello!",
            "conversation_a": [{"role": "assistant", "content": "Hello!"}],
        },
        "conversation_a does not end with a message by the user.",
    ),
]


@pytest.mark.parametrize(("shape", "row", "sentence"), REFUSED, ids=[f"{case[0]}: {case[2][:40]}" for case in REFUSED])
def test_a_row_that_is_not_plain_is_refused_with_a_sentence(shape: str, row: Any, sentence: str) -> None:
    with pytest.raises(RowFault) as refusal:
        making.read(shape, row)
    assert sentence in str(refusal.value)


OUTSIDE: list[tuple[str, Any, str]] = [
    (
        "open-assistant",
        making.tree(making.reply("m1", "x", 0), making.reply("m2", "y", 0)),
        "replies m1 and m2 have the same rank.",
    ),
    (
        "open-assistant",
        making.tree(making.reply("m1", "x", 0, model_name="m"), making.reply("m2", "y", 1, model_name="m")),
        '"m" stands against itself in m1 and m2.',
    ),
    (
        "label-studio",
        making.label_studio(annotations=[making.annotation(was_cancelled=True)]),
        "annotation 1: it was skipped.",
    ),
    (
        "label-studio",
        making.label_studio(annotations=[making.annotation(result=[])]),
        "annotation 1: it has no single pairwise result.",
    ),
    ("label-studio", making.label_studio(annotations=[making.annotation("up")]), 'the choice is "up"'),
    (
        "argilla",
        FLAT | {"preference.responses.status": ["discarded", "draft"]},
        'the response of "u-1" is discarded, not submitted.',
    ),
]


@pytest.mark.parametrize(("shape", "row", "sentence"), OUTSIDE, ids=[f"{case[0]}: {case[2][:40]}" for case in OUTSIDE])
def test_a_part_that_is_not_plain_stays_outside_alone(shape: str, row: Any, sentence: str) -> None:
    first = making.read(shape, row)[0]
    assert isinstance(first, Outside)
    assert sentence in first.why


ODD = (
    *(None, True, -1, 10**400, float("nan"), float("inf"), "", "\0", "\ud800", "[[[", b"bytes", [], {}, [[]], [None]),
    *([{"role": "user"}], EMPTY, {"value": [1]}, {"x": [1, 2], "y": [3]}, [{"rank": 1, "value": ["x"]}]),
)
"""Values that stand where something else should."""


def changed(value: Any) -> Iterator[Any]:
    """Copies of a value with an odd one somewhere in it, or with something left out."""
    yield from ODD
    if isinstance(value, dict):
        for key in value:
            yield {other: inner for other, inner in value.items() if other != key}
            yield from ({**value, key: inner} for inner in changed(value[key]))
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from ([*value[:place], inner, *value[place + 1 :]] for inner in changed(one))


OTHERS = [row for name, row in samples.ROWS.items() if name != "hh.jsonl"]  # of two columns, both of them needed


@pytest.mark.parametrize("row", [*(make() for make in ROWS.values()), FLAT, FIRST, *OTHERS])
def test_an_odd_value_anywhere_in_a_row_is_refused_or_taken_and_breaks_nothing_off(row: Any) -> None:
    """An error of another kind would end the import in the middle of the file."""
    shape = imports.recognised(row)
    assert shape is not None
    taken = 0
    for odd in changed(row):
        if isinstance(odd, dict):
            with contextlib.suppress(RowFault):
                taken += sum(not isinstance(one, Outside) for one in shape.entries(Fields(odd)))
    assert taken, "positive control: most columns may be absent"


@pytest.mark.parametrize("rank", [float("nan"), float("inf"), True, 10**400])
def test_an_argilla_rank_that_puts_nothing_in_order_is_none(rank: object) -> None:
    ranks = [{"value": "response1", "rank": rank}, {"value": "response2", "rank": 2}]
    row = {**making.argilla(), "responses": {"which": [{"value": ranks, "user_id": "u"}]}}
    with pytest.raises(RowFault, match="no response ranks, rates or chooses"):
        making.read("argilla", row)


def test_a_rated_answer_that_is_an_empty_system_message_is_refused() -> None:
    row = copy.deepcopy(samples.ROWS["open_webui.json"])
    rated, messages = row["meta"]["message_id"], row["snapshot"]["chat"]["chat"]["history"]["messages"]
    assert making.one("open-webui", row), "positive control"
    messages[rated] |= {"role": "system", "content": ""}
    with pytest.raises(RowFault, match="the answer holds nothing but an empty system message"):
        making.read("open-webui", row)


def test_roles_are_known_by_their_other_names() -> None:
    said = [
        {"role": "developer", "content": "Be brief."},
        {"role": "User", "content": "Why?"},
        {"role": "model", "content": "So."},
    ]
    vote = making.one("lmarena", making.lmarena(conversation_a=said, conversation_b=said))
    assert isinstance(vote, ImportedVote)
    assert [(message.role, message.text) for message in vote.messages] == [("system", "Be brief."), ("user", "Why?")]


@pytest.mark.parametrize("none", ["[]", "null", [], None])
def test_no_tools_are_no_tools_however_a_table_keeps_them(none: object) -> None:
    unkept = reading.Unkept()
    (vote,) = reading.taken(Fields(making.trl(tools=none)), imports.SHAPES["trl"], unkept)
    assert isinstance(vote, ImportedVote)
    assert "tools" not in unkept.rows
    (kept_out,) = reading.taken(Fields(making.trl(tools='[{"name": "f"}]')), imports.SHAPES["trl"], unkept)
    assert isinstance(kept_out, Outside), "positive control"


def test_a_winner_in_other_words_is_told_with_the_option_that_reads_it() -> None:
    (outside,) = reading.taken(Fields(making.lmarena(winner="Left")), imports.SHAPES["lmarena"], reading.Unkept())
    assert isinstance(outside, Outside)
    assert outside.why.endswith("--outcome Left=model_a.")


def test_what_both_models_were_told_alike_is_kept_and_what_one_was_told_is_named() -> None:
    row = {
        "model_a_name": "x",
        "model_b_name": "y",
        "chosen_model_name": "x",
        "both_equal": False,
        "conversation_a": making.said(answer="A"),
        "conversation_b": making.said(answer="B"),
    }
    alike = making.one("comparia", {**row, "system_prompt_a": "Be brief.", "system_prompt_b": "Be brief."})
    assert isinstance(alike, ImportedVote)
    assert [(message.role, message.text) for message in alike.messages] == [("system", "Be brief."), ("user", "Why?")]
    unkept = reading.Unkept()
    (apart,) = reading.taken(
        Fields({**row, "system_prompt_a": "Be brief.", "system_prompt_b": None}), imports.SHAPES["comparia"], unkept
    )
    assert isinstance(apart, ImportedVote)
    assert [message.role for message in apart.messages] == ["user"]
    assert dict(unkept.rows) == {"system_prompt_a": 1}


@pytest.mark.parametrize(("other", "roles"), [("Be kind.", ["system", "user"]), ("Be rude.", ["user"])])
def test_ultrafeedback_keeps_what_all_models_were_told(other: str, roles: list[str]) -> None:
    completions = [
        {"model": model, "response": model, "overall_score": score, "custom_system_prompt": told}
        for model, score, told in (("x", 9.0, "Be kind."), ("y", 1.0, other))
    ]
    unkept = reading.Unkept()
    row = Fields({"instruction": "Why?", "completions": completions})
    (vote,) = reading.taken(row, imports.SHAPES["rankings"], unkept)
    assert isinstance(vote, ImportedVote)
    assert [message.role for message in vote.messages] == roles
    assert dict(unkept.rows) == ({} if len(roles) == 2 else {"completions.custom_system_prompt": 1})
