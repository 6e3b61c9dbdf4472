"""The folder of the servers: what is kept, what is shown of a log, and who watches."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena.errors import Conflict
from arena.serving import records
from arena.serving.lifecycle import ServerState
from arena.serving.records import Folder, ServerRecord
from arena.serving.redaction import Redaction

ENVIRONMENT = {"HF_TOKEN": "hf_abcdefabcdefabcdef", "DOOR": 'a "quoted" key/', "TOKENIZERS_PARALLELISM": "false"}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.make()
    return made


def record(name: str = "first-1") -> ServerRecord:
    return ServerRecord(
        name=name,
        model="first",
        endpoint="http://127.0.0.1:8001/v1",
        gpus=(0, 1),
        recipe="r",
        state=ServerState.HEALTHY,
        since="2026-01-01T00:00:00+00:00",
        log_end=("one", "two"),
    )


def test_a_record_comes_back_as_it_was_for_its_owner_alone(folder: Folder) -> None:
    folder.write(record())
    assert folder.read() == {"first-1": record()}
    folder.begin_log("first-1", datetime.now(UTC))
    assert {path.stat().st_mode & 0o077 for path in (folder.path, *folder.path.iterdir())} == {0}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}'])
def test_a_record_that_cannot_be_read_is_left_out(folder: Folder, text: str) -> None:
    folder.write(record())
    (folder.path / "broken-1.json").write_text(text)
    assert list(folder.read()) == ["first-1"]


def test_one_supervisor_at_a_time(folder: Folder) -> None:
    with folder.watched():
        assert folder.watcher() == os.getpid()
        with pytest.raises(Conflict, match=f"watched by process {os.getpid()} already"), folder.watched():
            pass
    assert folder.watcher() is None


def test_the_end_of_a_log_is_what_the_last_start_said(folder: Folder) -> None:
    start = folder.begin_log("first-1", datetime.now(UTC))
    with folder.log("first-1").open("a") as log:
        log.write("before\n")
    start = folder.begin_log("first-1", datetime.now(UTC))
    with folder.log("first-1").open("a") as log:
        log.writelines(f"line {number}\n" for number in range(30))
        log.write("\x1b[32mgreen\x1b[0m\n\nloading 1%\rloading 100%\nhalf a line")
    lines = folder.last_lines("first-1", str, start=start)
    assert lines[-4:] == ["line 29", "green", "loading 100%", "half a line"]
    assert len(lines) == records.LINES
    assert "before" not in folder.last_lines("first-1", str, start=start, most=100)
    assert folder.last_lines("first-1", str, start=start, most=100)[0] == "line 0"


def test_a_secret_is_cut_even_where_a_colour_or_the_length_of_a_line_cuts_it(folder: Folder) -> None:
    folder.begin_log("first-1", datetime.now(UTC))
    secret = ENVIRONMENT["HF_TOKEN"]
    with folder.log("first-1").open("a") as log:
        log.write(f"{secret[:5]}\x1b[1m{secret[5:]}\n" + "x" * (records.LINE_LENGTH - 10) + secret + "\n")
    shown = "".join(folder.last_lines("first-1", Redaction(ENVIRONMENT)))
    assert secret[:8] not in shown
    assert secret[-8:] not in shown


def test_a_log_that_grew_too_large_keeps_its_end(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LOG_BYTES", 1000)
    monkeypatch.setattr(records, "TAIL_BYTES", 100)
    folder.begin_log("first-1", datetime.now(UTC))
    with folder.log("first-1").open("ab", buffering=0) as server:
        server.write(b"old\n" * 1000)
        folder.trim_log("first-1")
        server.write(b"new\n")
    text = folder.log("first-1").read_bytes()
    assert len(text) == 104
    assert text.endswith(b"old\nnew\n")


@pytest.mark.parametrize(
    "line",
    [
        "token hf_abcdefabcdefabcdef here",
        'key a "quoted" key/ here',
        'key {"k": "a \\"quoted\\" key/"} here',
        "key a%20%22quoted%22%20key/ here",
        "Authorization: Bearer abc.def-123",
        "GET http://user:passw0rd@proxy:3128/",
        "non-default args: {'api_key': ['first-secret'], 'port': 1}",
        "api_key=first-secret, port=1",
        "OPENAI sk-proj-1234567890abcdef",
        "PASSWORD: first-secret",
    ],
)
def test_what_is_secret_is_cut(line: str) -> None:
    cut = Redaction(ENVIRONMENT, ["DOOR"])(line)
    assert "[secret]" in cut
    for part in ("abcdefabc", "quoted", "123", "passw0rd", "first-secret"):
        assert part not in cut.replace("proxy:3128", "")


@pytest.mark.parametrize(
    "line",
    ["max_num_batched_tokens=2048", "tokenizers_parallelism is false", "generated 12345 tokens: fine", "port=8001"],
)
def test_what_is_not_secret_stays(line: str) -> None:
    assert Redaction(ENVIRONMENT, ["DOOR"])(line) == line
