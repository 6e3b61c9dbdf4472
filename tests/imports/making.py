"""Rows and files of every shape, with a default for whatever a test does not care about."""

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from arena import imports
from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, Outside, Thumb

Row = dict[str, Any]


def said(question: str = "Why?", answer: str = "Because.") -> list[Row]:
    """A conversation of one turn, as logs hold it."""
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def lmarena(**changes: Any) -> Row:
    return {
        "question_id": "q1",
        "model_a": "GPT 4",
        "model_b": "command",
        "winner": "model_a",
        "judge": "worker_1",
        "conversation_a": said(answer="Left."),
        "conversation_b": said(answer="Right."),
        "turn": 1,
        "language": "English",
        "tstamp": 1682351591.1322,
        **changes,
    }


def battles(**changes: Any) -> Row:
    return {
        **lmarena(judge="rater-5e1f", turn=1),
        "question_id": "b_01K7QX4M8ZJ5T0W3N6R9V2C4E1",
        "vote_id": "v_01K7QX4M8ZJ5T0W3N6R9V2C4E2",
        "conversation_id": "c_01K7QX4M8ZJ5T0W3N6R9V2C4E3",
        "campaign": "open",
        "strength": "slightly",
        "tags": ["correct", "clear"],
        "reason": "It answers.",
        "edit": "Left, corrected.",
        "draw_probability": 1 / 3,
        **changes,
    }


def helpsteer3(**changes: Any) -> Row:
    return {
        "domain": "general",
        "language": "english",
        "context": [{"role": "user", "content": "Why?"}],
        "response1": "Left.",
        "response2": "Right.",
        "overall_preference": -2,
        "individual_preference": [
            {"score": -3, "reasoning": "It is right.", "feedback1": "Good.", "feedback2": "Wrong."},
            {"score": 1, "reasoning": "It is short.", "feedback1": "", "feedback2": ""},
            {"score": 0, "reasoning": "Alike.", "feedback1": "", "feedback2": ""},
        ],
        **changes,
    }


def reply(identity: str, text: str, rank: int | None, **changes: Any) -> Row:
    return {
        "message_id": identity,
        "text": text,
        "role": "assistant",
        "lang": "en",
        "rank": rank,
        "review_result": True,
        "deleted": False,
        "synthetic": False,
        "model_name": None,
        "replies": [],
        **changes,
    }


def tree(*replies: Row, **changes: Any) -> Row:
    return {
        "message_tree_id": "t1",
        "tree_state": "ready_for_export",
        "prompt": {
            "message_id": "t1",
            "text": "Why?",
            "role": "prompter",
            "lang": "en",
            "replies": list(replies) or [reply("m1", "Best.", 0), reply("m2", "Fair.", 1), reply("m3", "Poor.", 2)],
        },
        **changes,
    }


def label_studio(**changes: Any) -> Row:
    return {
        "id": 7,
        "data": {"prompt": "Why?", "answer1": "Left.", "answer2": "Right."},
        "annotations": [annotation()],
        "predictions": [],
        **changes,
    }


def annotation(selected: str = "left", **changes: Any) -> Row:
    result = {
        "from_name": "comparison",
        "to_name": "answer1,answer2",
        "type": "pairwise",
        "value": {"selected": selected},
    }
    return {
        "id": 1001,
        "completed_by": 10,
        "result": [result],
        "was_cancelled": False,
        "created_at": "2021-03-09T22:16:08.728353Z",
        **changes,
    }


def argilla(**changes: Any) -> Row:
    return {
        "id": "r1",
        "fields": {"prompt": "Why?", "response1": "Left.", "response2": "Right."},
        "metadata": {},
        "suggestions": {},
        "responses": {"preference": [{"value": ["response2", "response1"], "user_id": "u-1"}]},
        "vectors": {},
        "_server_id": "s1",
        **changes,
    }


def trl(**changes: Any) -> Row:
    return {"prompt": "Why?", "chosen": "Best.", "rejected": "Poor.", **changes}


def read(shape: str, row: Mapping[str, Any]) -> list[ImportedVote | Outside]:
    """What a shape makes of a row."""
    return [found for found in imports.named(shape).entries(Fields(row)) if not isinstance(found, Thumb)]


def one(shape: str, row: Mapping[str, Any]) -> ImportedVote:
    """The only entry of a row."""
    (found,) = read(shape, row)
    assert isinstance(found, ImportedVote), found
    return found


def write(path: Path, rows: Sequence[Row]) -> Path:
    """A file of rows, in the kind that its name says."""
    kind = path.name.removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
    plain = path.with_name(f"{path.name}.plain")
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), plain)
    elif kind == "csv":
        with plain.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    elif kind == "json":
        plain.write_text(json.dumps(list(rows)), encoding="utf-8")
    else:
        plain.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    elif path.suffix == ".zst":
        path.write_bytes(pa.compress(plain.read_bytes(), codec="zstd", asbytes=True))
        plain.unlink()
    else:
        plain.rename(path)
    return path


def _cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value
