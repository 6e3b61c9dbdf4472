"""`arena import prompts` and `arena import responses`: on the files, and through a running arena."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests import arenas
from tests.cli.conftest import Command, refused

PROMPTS: list[dict[str, Any]] = [
    {
        "prompt_id": "p1",
        "prompt": "Warum ist der Himmel blau, und wie erkläre ich das einem Kind?",
        "tags": ["sky"],
        "language": "de",
    },
    {"prompt_id": "p2", "messages": [{"role": "user", "content": "Say hello."}], "language": "English"},
    {
        "prompt_id": "p3",
        "prompt": "What is 2 + 2?",
        "category": "math",
        "language": "en",
        "winner": "model_b",
        "model_a": "first",
        "model_b": "second",
        "explanation": "Only the second counts right.",
    },
]
ANSWERS: list[dict[str, Any]] = [
    {"prompt_id": prompt_id, "model": model, "text": f"{model} on {prompt_id}", "finish_reason": "stop"}
    for prompt_id in ("p1", "p2", "p3")
    for model in ("first", "second")
]
SET = ("--set", "questions")


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path)
    return path


def test_the_same_prompts_enter_once_whatever_the_kind_of_file(arena: Command, tmp_path: Path) -> None:
    first = arena("import", "prompts", lines(tmp_path / "p.jsonl", PROMPTS), *SET)
    assert (first.returncode, first.stdout) == (0, "3 prompts entered, 0 here already, 0 left outside\n"), first.stderr
    cells = tmp_path / "p.csv"
    cells.write_text(
        "prompt_id,messages,prompt,language,tags,category\n"
        f'p1,,"{PROMPTS[0]["prompt"]}",de,"[""sky""]",\n'
        'p2,"[{""role"": ""user"", ""content"": ""Say hello.""}]",,English,,\n'
        "p4,,Another one.,en,,\n"
    )
    again = arena("import", "prompts", cells, *SET)
    assert (again.returncode, again.stdout) == (0, "1 prompt entered, 2 here already, 0 left outside\n"), again.stderr
    parquet = arena("import", "prompts", table(tmp_path / "p.parquet", PROMPTS), *SET)
    assert parquet.stdout == "0 prompts entered, 3 here already, 0 left outside\n", parquet.stderr


def test_a_known_id_with_another_content_ends_with_2_and_nothing_enters(arena: Command, tmp_path: Path) -> None:
    arena("import", "prompts", lines(tmp_path / "p.jsonl", PROMPTS), *SET)
    changed = [{"prompt_id": "p9", "prompt": "New.", "language": "en"}, {**PROMPTS[1], "category": "greeting"}]
    refused(arena("import", "prompts", lines(tmp_path / "q.jsonl", changed), *SET), 2, "'p2'", "another content")
    only = arena("import", "prompts", lines(tmp_path / "n.jsonl", changed[:1]), *SET)
    assert only.stdout == "1 prompt entered, 0 here already, 0 left outside\n"
    twice = [
        {"prompt_id": "p8", "prompt": "One.", "language": "en"},
        {"prompt_id": "p8", "prompt": "Other.", "language": "en"},
    ]
    refused(arena("import", "prompts", lines(tmp_path / "t.jsonl", twice), *SET), 2, "row 2", "in row 1")


def test_a_prompt_without_an_id_is_known_by_its_messages(arena: Command, tmp_path: Path) -> None:
    path = lines(tmp_path / "p.jsonl", [{"prompt": "Say hello.", "language": "en"}] * 2)
    assert arena("import", "prompts", path, *SET).stdout == "1 prompt entered, 1 here already, 0 left outside\n"
    assert arena("import", "prompts", path, *SET).stdout == "0 prompts entered, 2 here already, 0 left outside\n"


def test_answers_enter_once_and_what_has_no_prompt_is_told_by_number(arena: Command, tmp_path: Path) -> None:
    arena("import", "prompts", lines(tmp_path / "p.jsonl", PROMPTS), *SET)
    more = [
        *ANSWERS,
        {"prompt_id": "p7", "model": "first", "text": "Nobody asked."},
        {"prompt_id": "p1", "model": "third", "text": " \n"},
        {"prompt_id": "p1", "model": "first", "text": "Another.", "sample": 1},
        {"prompt_id": "p1", "model": "first", "file": "a.png", "media_type": "image/png"},
    ]
    path = lines(tmp_path / "a.jsonl", more)
    done = arena("import", "responses", path, *SET)
    assert (done.returncode, done.stdout) == (0, "8 answers entered, 0 here already, 2 left outside\n"), done.stderr
    assert done.stderr.splitlines() == [
        "row 7 of a.jsonl: set questions has no prompt 'p7'.",
        'row 10 of a.jsonl: "a.png" is no file beside a.jsonl; put it there, and name it from there.',
        "1 empty answer: no pair is made of them.",
    ]
    assert arena("import", "responses", path, *SET).stdout == "0 answers entered, 8 here already, 2 left outside\n"
    other = lines(tmp_path / "b.jsonl", [{**ANSWERS[0], "model": "fourth"}, {**ANSWERS[1], "text": "Other."}])
    refused(arena("import", "responses", other, *SET), 2, "row 2 of b.jsonl", "here already with another text")
    assert arena("verify").stdout == "ledger of 0 lines: every vote is as it was recorded\n"


def test_answers_to_no_set_are_refused(arena: Command, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", ANSWERS)
    refused(arena("import", "responses", path, *SET), 2, "no prompt set questions")
    refused(arena("import", "prompts", path, "--set", "../up"), 2, "cannot name a prompt set")
    refused(arena("import", "prompts", tmp_path / "absent.jsonl", *SET), 2, "is no file")


def batch(prompt_id: str, *texts: str | None, **changes: Any) -> dict[str, Any]:
    """A line of what a batch API, or `vllm run-batch`, writes."""
    choices = [
        {"index": place, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for place, text in enumerate(texts)
    ]
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1772600000,
        "model": "org/served-name",
        "choices": choices,
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13},
    }
    response = {"status_code": 200, "request_id": "vllm-batch-2", "body": body}
    return {"id": "vllm-1", "custom_id": prompt_id, "response": response, "error": None, **changes}


def test_the_output_of_a_batch_is_read_as_it_is(arena: Command, tmp_path: Path) -> None:
    arena("import", "prompts", lines(tmp_path / "p.jsonl", PROMPTS), *SET)
    failed = batch("p2", response={"status_code": 429, "request_id": "r", "body": {}}, error=None)
    path = lines(tmp_path / "out.jsonl", [batch("p1", "Blue."), batch("p3", "4", "Four."), failed])
    done = arena("import", "responses", path, *SET, "--model", "smol-stored")
    assert done.stdout == "3 answers entered, 0 here already, 1 left outside\n", done.stderr
    assert done.stderr == "row 3 of out.jsonl: it was not answered: status 429, error missing.\n"
    own = arena("import", "responses", path, *SET)
    assert own.stdout == "3 answers entered, 0 here already, 1 left outside\n"  # of a model called as it was served


def test_a_running_arena_reads_the_files_itself(arena: Command, tmp_path: Path) -> None:
    settings = arenas.settings_for(tmp_path / "data", "http://127.0.0.1:9/v1", ())
    with arenas.running(settings, pages=False) as running:
        prompts, answers = lines(tmp_path / "p.jsonl", PROMPTS), lines(tmp_path / "a.jsonl", ANSWERS)
        assert arena("import", "prompts", prompts, *SET).stdout == "3 prompts entered, 0 here already, 0 left outside\n"
        assert arena("import", "responses", answers, *SET).stdout.startswith("6 answers entered")
        changed = lines(tmp_path / "c.jsonl", [{**PROMPTS[0], "category": "sky"}])
        refused(arena("import", "prompts", changed, *SET), 2, "another content")
        with running.admin() as admin, running.rater() as rater:
            (found,) = admin.get("/api/v1/prompt-sets").json()["sets"]
            assert found == {
                "name": "questions",
                "prompts": 3,
                "gold": 1,
                "answers": {"first": 3, "second": 3},
                "empty": 0,
            }
            page = admin.get("/api/v1/prompt-sets/questions/prompts", params={"limit": 2}).json()
            assert [one["prompt_id"] for one in page["prompts"]] == ["p1", "p2"]
            assert [one["language"] for one in page["prompts"]] == ["de", "en"]
            rest = admin.get("/api/v1/prompt-sets/questions/prompts", params={"after": page["next"]}).json()
            assert (rest["next"], rest["prompts"][0]["gold"]["winner"]) == (None, "model_b")
            assert admin.get("/api/v1/prompt-sets/absent/prompts").status_code == 404
            assert rater.get("/api/v1/prompt-sets").status_code == 403
            asked = {"kind": "prompts", "file": str(prompts)}
            assert rater.post("/api/v1/prompt-sets/questions/imports", json=asked).status_code == 403
