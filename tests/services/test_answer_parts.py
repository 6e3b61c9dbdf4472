"""Parts of generated answers: there whole or not at all, each answer once."""

import contextlib
import json
import multiprocessing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from arena import errors
from arena.domain.generation import AnswerKey, GeneratedAnswer
from arena.domain.ids import ModelName
from arena.services import answer_parts
from tests.kills import killed_at


def answer(number: int, model: str = "alpha-model", fingerprint: str = "f1") -> GeneratedAnswer:
    return GeneratedAnswer(
        key=AnswerKey(f"p{number}", ModelName(model), 0),
        text=f"Line one.\u2028Line {number}.",
        finish_reason="stop",
        prompt_tokens=3,
        completion_tokens=5,
        seconds=0.12345,
        generated_at=datetime(2026, 11, 29, 12, tzinfo=UTC),
        fingerprint=fingerprint,
    )


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted(folder.glob("part-*.jsonl")) for line in path.read_text().splitlines()]


def test_a_row_has_the_fields_of_an_answer_file() -> None:
    late = GeneratedAnswer(
        key=AnswerKey("p1", ModelName("alpha-model"), 2),
        text="Yes.",
        finish_reason="length",
        prompt_tokens=None,
        completion_tokens=5,
        seconds=0.12345,
        generated_at=datetime(2026, 11, 29, 14, tzinfo=timezone(timedelta(hours=2))),
        fingerprint="f1",
    )
    assert answer_parts.as_row(late) == {
        "prompt_id": "p1",
        "model": "alpha-model",
        "sample": 2,
        "text": "Yes.",
        "finish_reason": "length",
        "prompt_tokens": None,
        "completion_tokens": 5,
        "seconds": 0.123,
        "generated_at": "2026-11-29T12:00:00.000Z",
        "fingerprint": "f1",
    }


def test_a_part_holds_512_rows_and_the_last_one_the_rest(tmp_path: Path) -> None:
    with answer_parts.filling(tmp_path) as parts:
        for number in range(1030):
            parts.add(answer(number))
        assert sorted(path.name for path in tmp_path.glob("part-*")) == ["part-00000.jsonl", "part-00001.jsonl"]
    sizes = [len(path.read_text().splitlines()) for path in sorted(tmp_path.glob("part-*"))]
    assert sizes == [512, 512, 6]
    assert [row["prompt_id"] for row in rows(tmp_path)] == [f"p{number}" for number in range(1030)]


def test_a_folder_opened_again_knows_what_finished_parts_hold(tmp_path: Path) -> None:
    with answer_parts.filling(tmp_path / "new") as parts:
        parts.add(answer(1))
    with answer_parts.filling(tmp_path / "new") as parts:
        assert parts.held == {AnswerKey("p1", ModelName("alpha-model"), 0)}
        assert parts.fingerprints == {"alpha-model": "f1"}
        parts.add(answer(2))
    assert [row["prompt_id"] for row in rows(tmp_path / "new")] == ["p1", "p2"]


def test_a_kill_before_any_operation_on_a_file_leaves_whole_parts(tmp_path: Path) -> None:
    """Whatever was renamed is kept to the last row, and the folder opens and fills again."""
    steps = 0
    while True:
        steps += 1
        folder = tmp_path / str(steps)

        def fill(folder: Path = folder) -> None:
            with answer_parts.filling(folder) as parts:
                for number in range(600):
                    parts.add(answer(number))

        died = killed_at(fill, steps)
        found = [len(path.read_text().splitlines()) for path in sorted(folder.glob("part-*"))]
        assert found in ([], [512], [512, 88])
        with answer_parts.filling(folder) as parts:
            left = [number for number in range(600) if answer(number).key not in parts.held]
            for number in left:
                parts.add(answer(number))
        assert sorted(row["prompt_id"] for row in rows(folder)) == sorted(f"p{number}" for number in range(600))  # type: ignore[type-var]
        assert not list(folder.glob("*.partial"))
        if not died:
            break
    assert steps > 8


def _hold(folder: Path, ready: "multiprocessing.synchronize.Event", end: "multiprocessing.synchronize.Event") -> None:
    with answer_parts.filling(folder):
        ready.set()
        end.wait(30)


def test_a_folder_has_one_writer(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, ready, end))
    other.start()
    assert ready.wait(30)
    with pytest.raises(errors.Conflict, match="Another `arena generate` fills"), answer_parts.filling(tmp_path):
        pass
    end.set()
    other.join()
    with answer_parts.filling(tmp_path):
        pass


@pytest.mark.parametrize("line", ["not json", "[]", '{"prompt_id": "p1", "model": "a"}', ""])
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, line: str) -> None:
    with answer_parts.filling(tmp_path) as parts:
        parts.add(answer(1))
    with (tmp_path / "part-00000.jsonl").open("a") as file:
        file.write(line + "\n")
    with (
        pytest.raises(errors.InvalidValue, match=r"part-00000\.jsonl, line 2"),
        answer_parts.filling(tmp_path),
    ):
        pass


def test_answers_of_one_name_with_other_settings_are_not_mixed(tmp_path: Path) -> None:
    with answer_parts.filling(tmp_path) as parts:
        parts.add(answer(1))
        parts.add(answer(2, fingerprint="f2"))
    with pytest.raises(errors.InvalidValue, match="other settings"), answer_parts.filling(tmp_path):
        pass


def test_a_full_disk_ends_the_run_and_keeps_the_parts_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with answer_parts.filling(tmp_path) as parts:
        parts.add(answer(1))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with contextlib.ExitStack() as stack:
        stack.enter_context(answer_parts.filling(tmp_path)).add(answer(2))
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(errors.ArenaError, match="No space left on device"):
            stack.close()
    assert [row["prompt_id"] for row in rows(tmp_path)] == ["p1"]
