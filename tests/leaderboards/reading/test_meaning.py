"""Tables as people have them: an index, UTF-16, pipes, one-hot winners, names with blanks, rows nobody voted on."""

import codecs
import gzip
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest

import leaderboards
from leaderboards import cli
from leaderboards.reading import files

ROWS = [("red", "blue", winner) for winner in ("model_a", "model_b", "tie", "model_a", "model_a", "model_b")]
NAMES = ("model_a", "model_b", "winner")
TEXT = "model_a,model_b,winner\n" + "".join(",".join(row) + "\n" for row in ROWS)
INDEXED = pandas.DataFrame(ROWS, columns=NAMES).to_csv().encode()
LINES = "".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in ROWS)
BLANKS = "model_a,model_b,winner\n" + "".join(
    f" {a},{b}\t,{ {'model_a': a, 'model_b': b}.get(winner, winner) }\n" for a, b, winner in ROWS
)
HOT = "model_a,model_b,winner_model_a,winner_model_b,winner_tie\n" + "".join(
    f"{a},{b},{int(winner == 'model_a')},{float(winner == 'model_b')},{winner == 'tie'}\n" for a, b, winner in ROWS
)
HOT_LINES = "".join(
    json.dumps({"model_a": a, "model_b": b} | {f"winner_{n}": int(winner == n) for n in ("model_a", "model_b", "tie")})
    + "\n"
    for a, b, winner in ROWS
)
EXPECTED = leaderboards.read([dict(zip(NAMES, row, strict=True)) for row in ROWS])


def same(votes: leaderboards.Votes) -> bool:
    """Whether these are the votes of `ROWS`."""
    return votes.counts.sha256() == EXPECTED.counts.sha256()


def vote(winner: str, tstamp: str) -> dict[str, str]:
    return {"model_a": "x", "model_b": "y", "winner": winner, "tstamp": tstamp}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("index.csv", INDEXED),
        ("index.csv.gz", gzip.compress(INDEXED)),
        ("sep.csv", ("sep=;\r\n" + TEXT.replace(",", ";").replace("\n", "\r\n")).encode()),
        ("sep-after-mark.csv", codecs.BOM_UTF8 + ("sep=|\n" + TEXT.replace(",", "|")).encode()),
        ("unicode.csv", TEXT.replace(",", "\t").encode("utf-16")),
        ("unicode.txt", TEXT.replace(",", "\t").encode("utf-16")),
        ("packed.csv.zst", pyarrow.compress(TEXT.encode(), codec="zstd", asbytes=True)),
        ("packed.jsonl.zst", pyarrow.compress(LINES.encode(), codec="zstd", asbytes=True)),
        ("unicode.tsv", codecs.BOM_UTF16_BE + TEXT.replace(",", "\t").encode("utf-16-be")),
        ("unicode.csv.gz", gzip.compress(("sep=;\n" + TEXT.replace(",", ";")).encode("utf-16"))),
        ("unicode.jsonl", LINES.encode("utf-16")),
        ("names.csv", BLANKS.encode()),
        ("hot.csv", HOT.encode()),
        ("hot.jsonl", HOT_LINES.encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_as_it_comes_holds_its_votes(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert same(leaderboards.read(path))


def test_whole_numbers_are_one_name_however_a_frame_spells_them() -> None:
    frame = pandas.DataFrame({"model_a": [1.0, 2.0, 1.0], "model_b": ["2", "3 ", "3"], "winner": ["1.0", "tie", "3"]})
    votes = leaderboards.read(frame)
    assert votes.models == ("1", "2", "3")
    assert leaderboards.fit(votes, cluster=None).votes == 3
    with pytest.raises(leaderboards.InputError, match=r"row 1 of the pandas frame: .* meets itself"):
        leaderboards.read(pandas.DataFrame({"model_a": [1.0], "model_b": ["1"], "winner": ["tie"]}))


def test_names_and_winners_mean_the_same_to_every_fit_over_single_votes() -> None:
    plain = [
        {"model_a": "1", "model_b": "2", "winner": winner, "rater": f"r{number % 3}", "length": number % 2}
        for number, winner in enumerate(["model_a", "model_b", "tie"] * 7)
    ]
    named = {"model_a": "1", "model_b": "2.0", "tie": "tie"}
    odd = [{**row, "model_a": " 1.0", "winner": named[str(row["winner"])]} for row in plain]
    for settings in ({"cluster": "rater"}, {"controls": ("length",)}, {"method": "elo"}, {"method": "crowd-bt"}):
        boards = [leaderboards.fit(rows, **settings).to_dict()["entries"] for rows in (plain, odd)]
        assert boards[0] == boards[1]


def test_times_of_any_unit_fall_into_their_month_and_order() -> None:
    seconds = [1764300000, 1764300000123, 1764300000123456, 1764300000123456789, "2025-11-28T10:00:00"]
    rows = [vote(winner, str(moment)) for moment in seconds for winner in ("model_a", "model_b")]
    assert list(leaderboards.fit_by(rows, "month").boards) == ["2025-11"]
    later = [vote("model_b", "1764300000000"), vote("model_a", "9999")]
    elo = {entry.model: entry.rating or 0 for entry in leaderboards.fit(later, method="elo").entries}
    assert elo["y"] > elo["x"], "the vote of 1970 comes first, whatever the length of its number"


def test_rows_nobody_voted_on_are_refused_or_passed_over_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(TEXT + "red,blue,\nred,blue,NaN\nred,red,tie\n")
    with pytest.raises(leaderboards.InputError, match=r"row 7 of votes.csv: winner is missing; .*--unvoted skip"):
        leaderboards.read(path)
    with pytest.raises(leaderboards.InputError, match=r"row 9 of votes.csv: .* meets itself"):
        leaderboards.read(path, unvoted="skip")
    path.write_text(TEXT + "red,blue,\nred,blue,NaN\n")
    votes = leaderboards.read(path, unvoted="skip")
    assert same(votes)
    assert votes.unvoted == 2
    assert cli.main([str(path), "--unvoted", "skip", "--format", "csv"]) == 0
    said = capsys.readouterr()
    assert said.err == "Passed over 2 rows without a vote.\n"
    assert said.out.startswith("model,")


def test_a_map_says_which_columns_and_values_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    spelt = {"model_a": "A", "model_b": "B", "tie": "=", "": "-"}
    voted = [*ROWS, ("red", "blue", "")]
    lines = [{"pair": {"left": a, "right": b}, "label": spelt[winner], "who": "u"} for a, b, winner in voted]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    meant: dict[str, Any] = {
        "map": {"model_a": "pair.left", "model_b": "pair.right", "winner": "label", "rater": "who"},
        "outcomes": {"A": "model_a", "B": "model_b", "=": "tie", "-": "none"},
    }
    votes = leaderboards.read(path, **meant, unvoted="skip")
    assert same(votes)
    assert votes.unvoted == 1
    with pytest.raises(leaderboards.InputError, match=r"row 7 of votes\.jsonl: winner is missing"):
        leaderboards.read(path, **meant)
    arguments = [f"--map={target}={column}" for target, column in meant["map"].items()]
    arguments += [f"--outcome={value}={outcome}" for value, outcome in meant["outcomes"].items()]
    assert cli.main([str(path), *arguments, "--unvoted=skip", f"--out={tmp_path / 'board.json'}", "--format=json"]) == 0
    frame = pandas.DataFrame(lines)
    frame[["left", "right"]] = pandas.json_normalize(frame["pair"])
    meant["map"] |= {"model_a": "left", "model_b": "right"}
    assert same(leaderboards.read(frame, **meant, unvoted="skip"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--map", "winner"], 'map is "winner"; it must be TARGET=COLUMN'),
        (["--map", "who=winner"], 'map has the target "who"; accepted: question_id'),
        (["--map", "winner=label"], "votes.csv has no column label, which map names; it has model_a, model_b, winner"),
        (["--outcome", "A=left"], 'outcome is "left"; accepted: model_a'),
        (["--outcome", "A"], 'outcome is "A"; it must be VALUE=OUTCOME'),
        (["--unvoted", "drop"], 'unvoted is "drop"; accepted: refuse, skip'),
    ],
)
def test_a_meaning_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(TEXT)
    assert cli.main([str(path), *arguments]) == 2
    assert capsys.readouterr().err.startswith(sentence)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("1,1,0", 'winner is "more than one of winner_model_a, winner_model_b, winner_tie"'),
        ("0.7,0.3,0", 'winner is "winner_model_a = 0.7"'),
        ("0,0,0", "winner is missing"),
    ],
)
def test_one_hot_cells_that_name_no_single_winner_are_refused(tmp_path: Path, cells: str, sentence: str) -> None:
    path = tmp_path / "hot.csv"
    path.write_text(f"model_a,model_b,winner_model_a,winner_model_b,winner_tie\nx,y,1,0,0\nx,y,{cells}\n")
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read(path)
    assert str(refusal.value).startswith(f"row 2 of hot.csv: {sentence}")


STATES = [{"model_name": "red", "messages": []}, {"model_name": "blue", "messages": []}]
LINES_OF_FASTCHAT = [{"type": "chat", "model": "red"}, {"type": "upvote", "model": "red"}] + [
    {"tstamp": 1764300000.5, "type": kind, "models": ["", ""], "states": STATES}
    for kind in ("leftvote", "rightvote", "tievote", "bothbad_vote")
]
FEEDBACK: list[dict[str, Any]] = [
    {"user_id": "u", "created_at": 1764300000, "meta": {"arena": True}, "snapshot": {"chat": {}}, "data": data}
    for data in (
        {"rating": 1, "model_id": "red", "sibling_model_ids": ["blue", "green"]},
        {"rating": -1, "model_id": "blue", "sibling_model_ids": ["green"]},
        {"rating": 1, "model_id": "red", "sibling_model_ids": []},
        {"rating": 1, "model_id": "red", "sibling_model_ids": None},
    )
]


def test_the_log_of_a_fastchat_server_and_the_feedback_of_open_webui_are_ranked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, feedback = tmp_path / "conv.json", tmp_path / "feedback.json"
    log.write_text("".join(json.dumps(line) + "\n" for line in LINES_OF_FASTCHAT))
    feedback.write_text(json.dumps(FEEDBACK))
    votes = leaderboards.read(log)
    assert (votes.total, votes.unvoted, votes.models) == (4, 2, ("blue", "red"))
    assert votes.counts.votes.tolist() == [[1, 1, 1, 1]]
    assert cli.main([str(log), "--interval", "none"]) == 0
    assert capsys.readouterr().err == "Passed over 2 rows without a vote.\n"
    votes = leaderboards.read(feedback)
    wins = [
        (a, b, won)
        for a, b, won in (("red", "blue", "model_a"), ("red", "green", "model_a"), ("blue", "green", "model_b"))
    ]
    told = leaderboards.read([dict(zip(NAMES, row, strict=True)) for row in wins])
    assert (votes.counts.sha256(), votes.unvoted) == (told.counts.sha256(), 2)
    assert leaderboards.fit(votes, cluster="rater", interval="none").votes == 3
    wrong = [*FEEDBACK, {**FEEDBACK[0], "data": {"rating": 7, "model_id": "x", "sibling_model_ids": ["y"]}}]
    feedback.write_text(json.dumps(wrong))
    with pytest.raises(leaderboards.InputError, match=r'row 5 of feedback.json: winner is "rating 7"'):
        leaderboards.read(feedback)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_an_unknown_file_is_refused_with_the_options_that_would_read_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"votes.{kind}"
    rows = [{"left": "red", "right": "blue", "verdict": said} for said in ("A", "B", "tie")]
    lines = [json.dumps(row) for row in rows]
    path.write_text(
        {
            "csv": "left,right,verdict\n" + "".join(",".join(row.values()) + "\n" for row in rows),
            "jsonl": "\n".join(lines),
            "json": f"[{', '.join(lines)}]",
        }[kind]
    )
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read(path)
    proposed = "--map model_a=left --map model_b=right --map winner=verdict --outcome A=model_a --outcome B=model_b"
    assert f"say which is meant, such as {proposed} (in Python map={{'model_a'" in str(refusal.value)
    arguments = proposed.split()
    assert cli.main([str(path), *arguments, "--interval", "none", "--out", str(tmp_path / "board.csv")]) == 0
    pairs = tmp_path / f"pairs.{kind}"
    line = json.dumps({"prompt": "Why?", "chosen": "x", "rejected": "y"})
    pairs.write_text("prompt,chosen,rejected\nWhy?,x,y\n" if kind == "csv" else line)
    with pytest.raises(leaderboards.InputError, match=r"it holds preference pairs, chosen and rejected"):
        leaderboards.read(pairs)


def _zstd(content: bytes) -> bytes:
    return bytes(pyarrow.compress(content, codec="zstd", asbytes=True))


def _zstd_streamed(content: bytes) -> bytes:
    """As the command zstd packs what it reads from a pipe: the size is not said."""
    packed = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(content)
    return packed.getvalue().to_pybytes()


PACKS = {"plain": bytes, "gzip": gzip.compress, "zstd": _zstd, "streamed": _zstd_streamed}


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_standard_input_is_read_by_what_it_begins_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pack: Callable[[bytes], bytes]
) -> None:
    for content in (TEXT.encode(), TEXT.encode("utf-16"), b'[{"model_a":"x","model_b":"y","winner":"tie"}]'):
        stdin = io.TextIOWrapper(io.BytesIO(pack(content)))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert cli.main(["-", "--format", "csv", "--interval", "none"]) == 0, capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(TEXT.replace("tie", "draw").encode()))))
    assert cli.main(["-"]) == 2
    assert 'row 3 of standard input: winner is "draw"' in capsys.readouterr().err


def test_more_than_is_looked_at_is_read_from_a_pipe_packed_by_zstd(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"x,y,tie,{random.Random(number).random()}\n" for number in range(200_000))
    packed = _zstd_streamed(f"model_a,model_b,winner,note\n{lines}".encode())
    assert len(packed) > 1 << 20, "positive control: its beginning breaks off"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed)))
    assert leaderboards.read("-").total == 200_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x28\xb5\x2f\xfdbroken", "standard input cannot be read: "),
        (b"\x1f\x8bbroken", "standard input cannot be read: "),
        (b"<!DOCTYPE html>", "standard input is a web page;"),
        (_zstd(b"\n"), "standard input is empty;"),
        (b"PAR1 and no more", "standard input cannot be read: "),
    ],
    ids=["zstd", "gzip", "a page", "nothing", "Parquet"],
)
def test_what_is_wrong_with_a_pipe_is_said_without_a_name_that_nobody_gave(
    monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read("-")
    assert str(refusal.value).startswith(said)
    assert "votes" not in str(refusal.value)


@pytest.mark.parametrize("given", ["https://example.org/votes.csv", "hf://datasets/a/b.parquet", Path("s3://a/b.csv")])
def test_an_address_is_no_path(given: str | Path) -> None:
    with pytest.raises(leaderboards.InputError, match=r"^[a-z0-9]+://\S+ is an address; download the file"):
        leaderboards.read(given)


def test_conversations_that_python_printed_into_cells_are_not_measured_as_text(tmp_path: Path) -> None:
    short, long = ([{"role": "assistant", "content": "x" * size}] for size in (5, 50))
    sides = [("model_a", short, long), ("model_b", short, long), ("tie", long, short)]
    frame = pandas.DataFrame(
        [
            {"model_a": "x", "model_b": "y", "winner": winner, "conversation_a": left, "conversation_b": right}
            for winner, left, right in sides
        ]
    )
    frame.to_csv(tmp_path / "votes.csv")
    votes = leaderboards.read(tmp_path / "votes.csv")
    assert votes.total == 3
    with pytest.raises(
        leaderboards.InputError, match=r"row 1 of votes.csv: conversation_a is a list as Python prints it"
    ):
        leaderboards.fit(votes, controls=("length",))
    frame.to_parquet(tmp_path / "votes.parquet")
    assert leaderboards.fit(tmp_path / "votes.parquet", controls=("length",), interval="none").votes == 3, "control"


@pytest.mark.parametrize("end", ["csv", "jsonl"])
def test_pairs_that_name_both_models_make_a_board(tmp_path: Path, end: str) -> None:
    rows = [
        {"prompt": "p", "chosen": "g", "chosen_model": "x", "rejected": "b", "rejected_model": "y"},
        {"prompt": "q", "chosen": "g", "chosen_model": "y", "rejected": "b", "rejected_model": "z"},
    ]
    path = tmp_path / f"pairs.{end}"
    if end == "csv":
        pandas.DataFrame(rows).to_csv(path, index=False)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    usual = [vote("model_a", "0"), {**vote("model_a", "0"), "model_a": "y", "model_b": "z"}]
    expected = leaderboards.read(usual).counts.sha256()
    assert leaderboards.read(path).counts.sha256() == expected
    mapped = leaderboards.read(path, map={"model_a": "chosen_model", "model_b": "rejected_model"})
    assert mapped.counts.sha256() == expected


def test_empty_standard_input_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert cli.main(["-"]) == 2
    assert capsys.readouterr().err.startswith("Standard input is empty")


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        (
            "prompt response_0 response_1 response_0_source response_1_source better_response_id",
            "--map model_a=response_0_source --map model_b=response_1_source --map winner=better_response_id "
            "--outcome 0=model_a --outcome 1=model_b",
        ),
        (
            "model_a_name model_b_name model_pair_name preferred inner_id",
            "--map model_a=model_a_name --map model_b=model_b_name --map winner=preferred",
        ),
        ("leftModel rightModel verdict", "--map model_a=leftModel --map model_b=rightModel --map winner=verdict"),
        ("generator_2 generator_1 vote", "--map model_a=generator_1 --map model_b=generator_2"),
    ],
)
def test_an_unknown_table_is_answered_with_columns_of_the_same_side(columns: str, options: str) -> None:
    names = columns.split()
    rows = [{name: str(number) if "better" in name else name for name in names} for number in range(2)]
    with pytest.raises(leaderboards.InputError) as refused:
        leaderboards.read(rows)
    assert options in str(refused.value)
    assert "inner_id" not in str(refused.value).partition("say which")[2]


COMPARIA = [
    {"model_a_name": "x", "model_b_name": "y", "chosen_model_name": "x", "both_equal": False},
    {"model_a_name": "y", "model_b_name": "x", "chosen_model_name": "x", "both_equal": None},
    {"model_a_name": "x", "model_b_name": "y", "chosen_model_name": None, "both_equal": True},
]
ALPACA = [
    {"generator_1": "x", "generator_2": "y", "preference": 1.2},
    {"generator_1": "y", "generator_2": "x", "preference": 2.0},
    {"generator_1": "x", "generator_2": "y", "preference": 1.5},
]
BOTH_ORDERS = [
    {"model_1": "x", "model_2": "y", "g1_winner": "model_1", "g2_winner": "model_1"},
    {"model_1": "y", "model_2": "x", "g1_winner": "model_2", "g2_winner": "model_2"},
    {"model_1": "x", "model_2": "y", "g1_winner": "model_1", "g2_winner": "model_2"},
]


@pytest.mark.parametrize("rows", [COMPARIA, ALPACA, BOTH_ORDERS], ids=["comparia", "alpaca-eval", "mt-bench"])
@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "rows"])
def test_votes_that_others_publish_make_the_board_they_say(
    tmp_path: Path, rows: list[dict[str, Any]], kind: str
) -> None:
    usual = [{"model_a": "x", "model_b": "y", "winner": won} for won in ("model_a", "model_a", "tie")]
    path = tmp_path / f"log.{kind}"
    frame = pandas.DataFrame(rows)
    if kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    read = leaderboards.read(rows if kind == "rows" else path)
    assert leaderboards.fit(read).to_csv() == leaderboards.fit(usual).to_csv()


def test_what_is_no_judgement_is_passed_over_or_named() -> None:
    error = {**BOTH_ORDERS[0], "g2_winner": "error"}
    votes = leaderboards.read([*BOTH_ORDERS, error])
    assert (votes.total, votes.unvoted) == (3, 1)
    with pytest.raises(leaderboards.InputError, match=r"row 2 of the list of votes: winner is .preference 3.0"):
        leaderboards.read([ALPACA[0], {**ALPACA[0], "preference": 3.0}])
    with pytest.raises(leaderboards.InputError, match="row 4 of the list of votes: winner is missing"):
        leaderboards.read([*COMPARIA, {**COMPARIA[0], "chosen_model_name": None}])


def test_a_path_leads_into_lists(tmp_path: Path) -> None:
    path = tmp_path / "summaries.jsonl"
    rows = [
        {"summaries": [{"policy": "x"}, {"policy": "y"}], "choice": 0},
        {"summaries": [{"policy": "y"}, {"policy": "x"}], "choice": 1},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    meant = {"model_a": "summaries.0.policy", "model_b": "summaries.1.policy", "winner": "choice"}
    outcomes = {"0": "model_a", "1": "model_b"}
    usual = [{"model_a": "x", "model_b": "y", "winner": "model_a"}] * 2
    for source in (path, rows):
        votes = leaderboards.read(source, map=meant, outcomes=outcomes)
        assert leaderboards.fit(votes).to_csv() == leaderboards.fit(usual).to_csv()


def test_columns_without_a_name_are_called_as_in_pandas(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(",model_a,model_b,winner,,\n0,x,y,model_a,,\n1,y,x,tie,,a note\n")
    assert leaderboards.read(path).total == 2
    path.write_text("winner,,\nmodel_a,x,y\n")
    with pytest.raises(leaderboards.InputError, match="It has winner, Unnamed: 1, Unnamed: 2"):
        leaderboards.read(path)


@pytest.mark.parametrize("saved", [1, 2, 3])
def test_a_frame_that_was_saved_with_its_index_again_and_again_is_read_as_pandas_reads_it(
    tmp_path: Path, saved: int
) -> None:
    frame = pandas.DataFrame([vote("model_a", "0"), vote("tie", "1")])
    for _ in range(saved):
        frame.to_csv(tmp_path / "votes.csv")
        frame = pandas.read_csv(tmp_path / "votes.csv")
    assert leaderboards.read(tmp_path / "votes.csv").total == 2
    header = (tmp_path / "votes.csv").read_text().splitlines()[0]
    assert files.named(header.split(",")) == list(frame)


@pytest.mark.parametrize(
    "missing", [float("nan"), None, "", "NaT", "None", "<NA>", "null", "NULL", "N/A", " NA ", "nan"]
)
def test_a_vote_without_a_time_has_a_board_of_its_own(missing: object) -> None:
    rows = [{"model_a": a, "model_b": b, "winner": "tie", "tstamp": "1700000000"} for a, b in ("xy", "yx")]
    missed = [{**row, "tstamp": missing} for row in rows]
    told = [{**row, "tstamp": 1_700_000_000.0} for row in rows] if isinstance(missing, float) else rows
    assert list(leaderboards.fit_by(leaderboards.read([*told, *missed]), "day").boards) == ["(none)", "2023-11-14"]


def test_a_refusal_never_steers_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,\x1b[31mwon\n")
    assert cli.main([str(path)]) == 2
    said = capsys.readouterr().err
    assert "?[31mwon" in said
    assert "\x1b" not in said
