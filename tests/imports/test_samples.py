"""Every shape has a sample of its own, whose votes are those that the documents promise."""

import re
from collections import Counter
from pathlib import Path

import pytest

from arena import errors, imports
from arena.domain.vote import Winner
from arena.imports import mapping, reading
from arena.imports.imported_vote import ImportedVote, Outside
from tests.imports import making, samples

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "imports.md"
ROW = re.compile(r"^\| .*? \| `([a-z0-9-]+)` \| \[`([a-z0-9_.]+)`\]\([^)]*\) \| (\d+) \| (\d+) \|", re.MULTILINE)
PROMISED = {
    name: (shape, int(votes), int(outside)) for shape, name, votes, outside in ROW.findall(DOCUMENT.read_text())
}


def read(path: Path, shape: str | None = None) -> tuple[str, list[ImportedVote], list[Outside]]:
    """The shape of a file, and what it holds."""
    known = reading.shape_of(path, shape)
    assert known is not None
    found = [one for _, one in reading.entries(path, known)]
    return known.name, [e for e in found if isinstance(e, ImportedVote)], [o for o in found if isinstance(o, Outside)]


def test_the_document_names_every_sample_and_every_shape() -> None:
    assert set(PROMISED) == set(samples.FILES)
    assert {shape for shape, _, _ in PROMISED.values()} == set(imports.SHAPES)


@pytest.mark.parametrize("name", samples.FILES)
def test_a_sample_holds_the_votes_that_are_promised(name: str) -> None:
    shape, entries, outside = read(samples.FILES[name])
    assert (shape, len(entries), len(outside)) == PROMISED[name]


def test_each_shape_says_who_won() -> None:
    won = {name: Counter(entry.winner.value for entry in read(path)[1]) for name, path in samples.FILES.items()}
    assert won["fastchat.json"] == {"model_a": 1, "model_b": 1, "tie": 1, "both_bad": 1}
    assert won["kto.jsonl"]["both_bad"] == 1
    assert won["comparia.jsonl"] == {"model_b": 1, "tie": 1}
    assert won["comparia_reactions.jsonl"]["both_bad"] == 1
    assert won["open_webui.json"] == {"model_a": 1, "model_b": 2}
    assert won["helpsteer2.jsonl"] == {"model_b": 2, "model_a": 1}
    assert won["argilla_ratings.json"] == {"model_a": 1, "tie": 1}
    assert won["rated_lists.jsonl"]["tie"] == 1
    assert won["kaggle.csv"] == {"model_a": 1, "tie": 1}


@pytest.mark.parametrize(
    "name", ["nectar.jsonl", "ultrafeedback.jsonl", "prism.jsonl", "rated_lists.jsonl", "nemo_rl.jsonl"]
)
def test_the_better_of_two_ranked_answers_wins_on_whichever_side(name: str) -> None:
    order = ["Dee.", "Wye.", "Hm.", "Unsure.", "No.", "To be heard.", "It is a duty.", "Why not."]
    for entry in read(samples.FILES[name])[1]:
        if entry.winner is not Winner.TIE:
            better = entry.text_a if entry.winner is Winner.MODEL_A else entry.text_b
            assert order.index(better) == min(order.index(entry.text_a), order.index(entry.text_b))


def test_what_was_said_before_stands_before_the_prompt() -> None:
    said = {name: read(path)[1][-1].messages for name, path in samples.FILES.items()}
    contents = {name: [(message.role, message.text) for message in found] for name, found in said.items()}
    assert contents["trl.jsonl"] == [("system", "Be brief."), ("user", "Count.")]
    assert contents["llamafactory_alpaca.json"][:3] == [
        ("system", "Be brief."),
        ("user", "Hi."),
        ("assistant", "Hello."),
    ]
    assert [role for role, _ in contents["helpsteer2.jsonl"]] == ["user", "assistant", "user"]
    assert [role for role, _ in contents["table.jsonl"]] == ["system", "user"]
    first = read(samples.FILES["llamafactory_alpaca.json"])[1][0]
    assert first.messages[-1].text == "Translate.\n\nafon"
    hh = read(samples.FILES["hh.jsonl"])[1][0]
    assert [message.text for message in hh.messages] == ["A river?", "Where?", "Wales."]


def test_reactions_are_compared_within_their_pair_of_conversations() -> None:
    """Two people ask the same; what one of them likes says nothing about what the other one was answered."""
    _, entries, outside = read(samples.FILES["comparia_reactions.jsonl"])
    better = {
        (entry.model_a, entry.text_a) if entry.winner is Winner.MODEL_A else (entry.model_b, entry.text_b)
        for entry in entries
        if entry.winner.decided
    }
    assert better == {("alder", "La Dee.")}
    assert len(entries) == 2
    assert [one.why for one in outside] == ["every thumb on this prompt is up, so nothing is compared."]
    assert all(entry.cast_at is not None for entry in entries)


def test_a_margin_of_a_release_is_a_strength_and_another_is_named(tmp_path: Path) -> None:
    rows = [making.trl(margin=margin) for margin in (1.0, 1 / 3, 0.0, 0.7)]
    unkept = reading.Unkept()
    found = reading.entries(making.write(tmp_path / "pairs.jsonl", rows), imports.SHAPES["trl"], unkept)
    assert [entry.strength for _, entry in found if isinstance(entry, ImportedVote)] == [
        "clearly",
        "slightly",
        None,
        None,
    ]
    assert dict(unkept.rows) == {"margin": 1}


MAPPED = {
    "prompt": "task.text",
    "response_a": "left",
    "response_b": "right",
    "model_a": "left_model",
    "model_b": "right_model",
    "winner": "label",
}


def test_a_map_reads_a_file_of_no_shape_and_names_the_rest(tmp_path: Path) -> None:
    rows = [
        {"task": {"text": "Why?", "by": "us"}, "left": f"L{n}", "right": f"R{n}", "left_model": "m", "right_model": 2.0,
         "label": label, "note": "x"} for n, label in enumerate(["A", "B", "=", None, "-", "?"])
    ]  # fmt: skip
    path = making.write(tmp_path / "votes.jsonl", rows)
    with pytest.raises(errors.InvalidValue, match=r"--map winner=label .*--map response_a=left .*--outcome A=model_a"):
        reading.shape_of(path, None)
    meant = mapping.meant(MAPPED, {"A": "model_a", "B": "model_b", "=": "tie", "-": "none"}, "skip")
    shape = reading.shape_of(path, None, meant)
    assert shape is not None
    unkept = reading.Unkept()
    found = [one for _, one in reading.entries(path, shape, unkept)]
    entries = [one for one in found if isinstance(one, ImportedVote)]
    assert [(entry.winner, entry.model_b) for entry in entries] == [
        (Winner.MODEL_A, "2"), (Winner.MODEL_B, "2"), (Winner.TIE, "2")
    ]  # fmt: skip
    outside = [one for one in found if isinstance(one, Outside)]
    assert [one.unvoted for one in outside] == [True, True, False]
    assert 'winner is "?"; accepted' in outside[-1].why
    assert dict(unkept.rows) == {"task.by": 3, "note": 3}


def test_a_map_leads_into_lists_and_names_what_stands_beside(tmp_path: Path) -> None:
    row = {"ask": "Why?", "texts": ["A", "B", "C"], "by": [{"model": "x"}, {"model": "y"}, {"model": "z"}], "best": 1}
    path = making.write(tmp_path / "votes.jsonl", [row])
    columns = {"prompt": "ask", "response_a": "texts.0", "response_b": "texts.1", "winner": "best"}
    columns |= {"model_a": "by.0.model", "model_b": "by.1.model"}
    shape = reading.shape_of(path, None, mapping.meant(columns, {"0": "model_a", "1": "model_b"}, "refuse"))
    assert shape is not None
    unkept = reading.Unkept()
    ((_, entry),) = reading.entries(path, shape, unkept)
    assert isinstance(entry, ImportedVote)
    assert (entry.text_a, entry.text_b, entry.model_a, entry.model_b) == ("A", "B", "x", "y")
    assert entry.winner is Winner.MODEL_B
    assert dict(unkept.rows) == {"texts.2": 1, "by.model": 1}


def test_the_models_of_pairs_may_be_mapped(tmp_path: Path) -> None:
    row = {"instruction": "Why?", "chosen_response": "Y", "rejected_response": "N", "chosen_model": "x",
           "rejected_model": "y", "chosen_avg_rating": 5.0, "rejected_avg_rating": 1.0}  # fmt: skip
    path = making.write(tmp_path / "pairs.jsonl", [row])
    line = (
        "--map prompt=instruction --map chosen=chosen_response --map rejected=rejected_response "
        "--map model_a=chosen_model --map model_b=rejected_model"
    )
    with pytest.raises(errors.InvalidValue, match=line):
        reading.shape_of(path, None)
    columns = dict(word.split("=") for word in line.split() if "=" in word)
    shape = reading.shape_of(path, None, mapping.meant(columns, {}, "refuse"))
    assert shape is not None
    unkept = reading.Unkept()
    ((_, entry),) = reading.entries(path, shape, unkept)
    assert isinstance(entry, ImportedVote)
    won, lost = (entry.model_a, entry.model_b) if entry.winner is Winner.MODEL_A else (entry.model_b, entry.model_a)
    assert (won, lost) == ("x", "y")
    assert dict(unkept.rows) == {"chosen_avg_rating": 1, "rejected_avg_rating": 1}


def test_a_map_of_pairs_and_of_conversations_is_read(tmp_path: Path) -> None:
    pair = making.write(tmp_path / "pairs.jsonl", [{"q": "Why?", "good": "Yes.", "bad": "No."}])
    shape = reading.shape_of(
        pair, None, mapping.meant({"prompt": "q", "chosen": "good", "rejected": "bad"}, {}, "refuse")
    )
    assert shape is not None
    assert [type(one) for _, one in reading.entries(pair, shape)] == [ImportedVote]
    talk = making.write(
        tmp_path / "talks.jsonl",
        [{"l": making.said(answer="L."), "r": making.said(answer="R."), "m": "x", "n": "y", "winner": "x"}],
    )
    columns = {"conversation_a": "l", "conversation_b": "r", "model_a": "m", "model_b": "n"}
    shape = reading.shape_of(talk, None, mapping.meant(columns, {}, "refuse"))
    assert shape is not None
    unkept = reading.Unkept()
    ((_, entry),) = reading.entries(talk, shape, unkept)
    assert isinstance(entry, ImportedVote)
    assert (entry.text_a, entry.winner, dict(unkept.rows)) == ("L.", Winner.MODEL_A, {})


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"messages": making.said()}, "holds conversations without a vote"),
        ({"model_a": "x", "model_b": "y", "winner": "tie"}, "`arena rank .*votes.jsonl` makes a board of it"),
        ({"left": "x", "right": "y"}, "say what they mean, such as arena import battles .* --map model_a=left"),
    ],
)
def test_a_file_of_no_shape_is_refused_with_the_way_out(tmp_path: Path, row: making.Row, sentence: str) -> None:
    path = making.write(tmp_path / "votes.jsonl", [row])
    with pytest.raises(errors.InvalidValue, match=sentence):
        reading.shape_of(path, None)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("votes.csv", "model1,model2,votes\nx,y,x\n", "--map model_a=model1 --map model_b=model2"),
        ("rows.jsonl", '{"data": [1], "left": "x"}\n{"data": [2], "left": "x"}\n', "say what they mean, such as"),
        ("page.json", '{"data": [{"left": "x"}], "version": 1}', 'if its rows are the list under "data"'),
        ("split.json", '{"columns": [], "index": [], "data": []}', "holds a frame in parts"),
        (
            "pairs.jsonl",
            '{"question": "q", "chosen_candidate": "x", "rejected_candidate": "y", "chosen_id": 1, "rejected_id": 2}\n',
            "--map prompt=question --map chosen=chosen_candidate --map rejected=rejected_candidate",
        ),
        (
            "logs.jsonl",
            '{"question": "q", "chosen_text": "x", "rejected_text": "y", "chosen_ids": [1], "rejected_ids": [2]}\n',
            "--map prompt=question --map chosen=chosen_text --map rejected=rejected_text",
        ),
    ],
    ids=["table", "rows", "page", "frame", "id", "ids"],
)
def test_a_name_alone_makes_no_row_a_list_of_rows_and_no_text_a_figure(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(errors.InvalidValue) as refusal:
        reading.shape_of(tmp_path / name, None)
    assert sentence in str(refusal.value)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read, not even root")
def test_a_file_that_nobody_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").symlink_to("/proc/self/mem")
    with pytest.raises(errors.InvalidValue, match=r"votes.csv cannot be read"):
        reading.shape_of(tmp_path / "votes.csv", None)


def test_an_address_and_a_wrong_map_are_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidValue, match=r"^https://example.org/a.jsonl is an address"):
        reading.shape_of(Path("https://example.org/a.jsonl"), None)
    path = making.write(tmp_path / "votes.jsonl", [making.lmarena()])
    with pytest.raises(errors.InvalidValue, match="has no column verdict, which map gives as winner"):
        reading.shape_of(path, None, mapping.meant({"winner": "verdict"}, {}, "refuse"))
    with pytest.raises(errors.InvalidValue, match="--from names a shape"):
        reading.shape_of(path, "trl", mapping.meant({"winner": "winner"}, {}, "refuse"))
    with pytest.raises(errors.InvalidValue, match="map has the target"):
        mapping.meant({"who": "winner"}, {}, "refuse")
