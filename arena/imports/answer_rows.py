"""Answers made beforehand, one a row: as `arena generate` writes them, or as a batch of requests came back.

The lines of OpenAI's Batch API and of `vllm run-batch` are alike: `custom_id` is the prompt's id, and the answer is in
`response.body`. Several choices of one line are samples 0, 1, 2, ...
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arena.domain import wording
from arena.domain.ids import ModelName
from arena.domain.prompt_set import StoredAnswer
from arena.imports import beside, cells, files
from arena.imports.beside import Take
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import Outside, RowFault
from arena.imports.reading import Unkept

LARGEST_COUNT = 2**53 - 1


def entries(
    path: Path, model: ModelName | None, unkept: Unkept, take: Take
) -> Iterator[tuple[int, StoredAnswer | Outside]]:
    """Every answer of a file with the number of its row, or why it stays outside. `model` is whose answers they are,
    whatever the file says; `take` takes a picture, a sound or a film in.

    Raises `InvalidValue` for a file that cannot be read, or not to its end.
    """
    for number, plain in files.rows(path):
        if isinstance(plain, RowFault):
            yield number, Outside(why=str(plain))
            continue
        row = Fields(plain)
        batch = "custom_id" in row and "response" in row
        try:
            found = _batch(row, model) if batch else [_answer(row, model, path, take)]
        except RowFault as fault:
            yield number, Outside(why=str(fault))
            continue
        if not batch:  # what a server says beside an answer is its own matter
            unkept.add(row.unread())
        for answer in found:
            yield number, answer


def _answer(row: Fields, model: ModelName | None, path: Path, take: Take) -> StoredAnswer:
    file, media_type = row.get("file"), row.get("media_type")
    if nothing(file) and not nothing(media_type):
        raise RowFault("it has a media_type without a file; name the file, or leave both out.")
    media = () if nothing(file) else (beside.taken(path, cells.text(file, "file"), take),)
    if media and not nothing(media_type) and media_type != media[0].media_type:
        raise RowFault(
            f"media_type is {cells.shown(media_type)}, and the file is {media[0].media_type} by its content."
        )
    prompt_id = cells.identity(row.get("prompt_id"), "prompt_id")
    if prompt_id is None:
        raise RowFault("prompt_id is missing; it says which prompt of the set was answered.")
    named = row.get("model")
    return StoredAnswer(
        prompt_id=prompt_id,
        model=model or ModelName(cells.name(named, "model")),
        sample=_count(row.get("sample"), "sample") or 0,
        text=_text("" if row.peek("text") is None and ("text" in row or media) else row.get("text"), "text"),
        finish_reason=_reason(row.get("finish_reason")),
        prompt_tokens=_count(row.get("prompt_tokens"), "prompt_tokens"),
        completion_tokens=_count(row.get("completion_tokens"), "completion_tokens"),
        seconds=_seconds(row.get("seconds")),
        generated_at=cells.moment(row.get("generated_at"), "generated_at"),
        fingerprint=cells.identity(row.get("fingerprint"), "fingerprint"),
        media=media,
    )


def _batch(row: Fields, model: ModelName | None) -> list[StoredAnswer]:
    prompt_id = cells.identity(row.get("custom_id"), "custom_id")
    if prompt_id is None:
        raise RowFault("custom_id is missing; it says which prompt of the set was answered.")
    response, error = row.get("response"), row.get("error")
    status = response.get("status_code") if isinstance(response, Fields) else None
    if not isinstance(response, Fields) or not nothing(error) or status != 200:
        raise RowFault(f"it was not answered: status {cells.shown(status)}, error {cells.shown(error)}.")
    body = response.get("body")
    choices = body.get("choices") if isinstance(body, Fields) else None
    if not isinstance(body, Fields) or not isinstance(choices, list) or not choices:
        raise RowFault("response.body has no choices; a chat completion or a completion has.")
    usage = body.get("usage")
    counted = usage if isinstance(usage, Fields) and len(choices) == 1 else Fields({})
    asked = usage if isinstance(usage, Fields) else Fields({})
    return [
        StoredAnswer(
            prompt_id=prompt_id,
            model=model or ModelName(cells.name(body.get("model"), "response.body.model")),
            sample=place,
            text=_text(_said(choice), "the answer"),
            finish_reason=_reason(choice.get("finish_reason")),
            prompt_tokens=_count(asked.get("prompt_tokens"), "prompt_tokens"),
            completion_tokens=_count(counted.get("completion_tokens"), "completion_tokens"),
            generated_at=cells.moment(body.get("created"), "response.body.created"),
        )
        for place, choice in enumerate(choices)
    ]


def _said(choice: Any) -> Any:
    """What a choice answers: the content of its message, or its text. None says nothing."""
    if not isinstance(choice, Fields):
        raise RowFault(f"a choice is {cells.shown(choice)}; it must have a message or a text.")
    message = choice.get("message")
    said = message.get("content") if isinstance(message, Fields) else choice.get("text")
    return "" if said is None else said


def _text(value: object, column: str) -> str:
    """An answer; one in which nothing can be seen is an empty one."""
    found = cells.text(value, column)
    return found if wording.visible(found) else ""


def _reason(value: object) -> str | None:
    return None if nothing(value) else cells.name(value, "finish_reason")


def _count(value: object, column: str) -> int | None:
    """A whole number, also as a table writes it; None where there is none."""
    if nothing(value):
        return None
    try:
        found = -1 if isinstance(value, bool) else int(str(value))
    except ValueError:
        found = int(value) if isinstance(value, float) and value.is_integer() else -1
    if not 0 <= found <= LARGEST_COUNT:
        raise RowFault(f"{column} is {cells.shown(value)}; it must be a whole number, 0 or more.")
    return found


def _seconds(value: object) -> float | None:
    if nothing(value):
        return None
    try:
        found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except ValueError:
        found = -1.0
    if not 0 <= found <= cells.LARGEST:
        raise RowFault(f"seconds is {cells.shown(value)}; it must be a number, 0 or more.")
    return found
