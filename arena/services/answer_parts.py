"""The folder that `arena generate` fills: parts of 512 answers, each there whole or not at all.

    DIR/part-00000.jsonl    finished: written beside, synced, then renamed
    DIR/.writer             the lock of the process that fills the folder

Answers wait in memory until a part is full, so a process that is killed loses at most one part. They are written in
one step, in which nothing else happens: else a second part would fill meanwhile.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import orjson

from arena.domain.generation import AnswerKey, GeneratedAnswer
from arena.domain.ids import ModelName
from arena.errors import ArenaError, Conflict, InvalidValue
from arena.exports.folder import files

ROWS: Final = 512
"""Answers in a part; the last one of a run may hold fewer."""
PART: Final = re.compile(r"part-(\d{5,})\.jsonl")
LOCK: Final = ".writer"


class AnswerParts:
    """What finished parts of a folder hold, and the part that is being filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[bytes] = []
        self._next = 0
        self.held: set[AnswerKey] = set()
        """What finished parts answer."""
        self.fingerprints: dict[ModelName, str] = {}
        """Of the models whose answers they hold."""

    def read(self) -> None:
        """Learn what finished parts hold. Raises `InvalidValue`, naming the line, for what is no part of ours."""
        for path in sorted(self._folder.iterdir()):
            named = PART.fullmatch(path.name)
            if named is None:
                continue
            self._next = max(self._next, int(named[1]) + 1)
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    self._learn(path, number, line)

    def add(self, answer: GeneratedAnswer) -> None:
        """Take an answer; every 512th writes a part. Raises `ArenaError` when it cannot be written."""
        self._waiting.append(files.json_line(as_row(answer)))
        if len(self._waiting) == ROWS:
            self.finish()

    def finish(self) -> None:
        """Write what waits as a part of its own."""
        if not self._waiting:
            return
        path = self._folder / f"part-{self._next:05}.jsonl"
        try:
            _write(path, self._waiting)
        except OSError as error:
            raise ArenaError(
                f"{path} could not be written ({error.strerror}); the parts before it are whole. See to the disk and "
                "start the same command again."
            ) from error
        self._next += 1
        self._waiting = []

    def _learn(self, path: Path, number: int, line: bytes) -> None:
        try:
            row = orjson.loads(line)
            key = AnswerKey(row["prompt_id"], ModelName(row["model"]), row["sample"])
            fingerprint: str = row["fingerprint"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidValue(
                f"{path}, line {number}: no answer as `arena generate` writes it; take the file out of the folder, or "
                "name another folder."
            ) from error
        if self.fingerprints.setdefault(key.model, fingerprint) != fingerprint:
            raise InvalidValue(
                f"{path}, line {number}: {key.model} answered with other settings than before it; take the file out of "
                "the folder, or name another folder."
            )
        self.held.add(key)


def as_row(answer: GeneratedAnswer) -> dict[str, Any]:
    """An answer as a row of a part."""
    return {
        "prompt_id": answer.key.prompt_id,
        "model": answer.key.model,
        "sample": answer.key.sample,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "seconds": None if answer.seconds is None else round(answer.seconds, 3),
        "generated_at": answer.generated_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "fingerprint": answer.fingerprint,
    }


@contextlib.contextmanager
def filling(folder: Path) -> Iterator[AnswerParts]:
    """The folder, made where there is none, for one writer; what waits at the end of the block is written.

    Raises `Conflict` while another process fills it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another `arena generate` fills {folder}; wait for it, or name another folder.") from error
        for left in folder.glob(".part-*.partial"):
            left.unlink()
        parts = AnswerParts(folder)
        parts.read()
        try:
            yield parts
        finally:
            parts.finish()
    finally:
        os.close(lock)


def _write(path: Path, lines: list[bytes]) -> None:
    beside = path.with_name(f".{path.name}.partial")
    with beside.open("wb") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    files.sync_folder(path.parent)
