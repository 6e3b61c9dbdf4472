"""The OpenAI formats as vLLM speaks them: what is asked, and what each line of the stream says. Pure.

A stream is server-sent events, one JSON object on one `data:` line each, as every OpenAI-compatible server
writes them; so lines are parsed and no event object is assembled. Bytes are cut into lines before they are
decoded, so a character split between two packets is whole again when it is read. Of most lines only the text is
parsed: `Envelope` says when that is enough.
"""

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

import orjson

from arena.domain import parts
from arena.domain.battle import Message
from arena.domain.model import Api, Model
from arena.domain.parts import Content, Media, Text
from arena.inference import plain

T = TypeVar("T")
Load = Callable[[Media], bytes]

EVENT_LIMIT: Final = 1 << 20
"""Bytes in one line. A token with every field vLLM can add stays far below."""

FIELDS: Final = (b"event", b"id", b"retry")
"""The fields of a server-sent event that carry nothing for us."""

SNAPSHOT: Final = re.compile(r"-\d{4}-?\d{2}-?\d{2}")
"""The date of the weights, which hosted services append to the requested name."""

CONTENT: Final = re.compile(rb'"content": ?("(?:[^"\\]|\\.)*")')
"""A text inside an event, as it is written in JSON."""


class Unreadable(ValueError):
    """The bytes are not the OpenAI streaming format. The message finishes the sentence "the server ..."."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error object inside the stream or in the body of an error status."""

    message: str
    status: int
    code: str = ""
    """What the server calls the kind of error: its `code` and `type`, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """What a server says of one model that it serves."""

    name: str
    context: int | None
    """Tokens of prompt and answer together, where the server says so (vLLM's `max_model_len`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChunk:
    """What one line of the stream tells us."""

    text: str = ""
    """Visible text. Reasoning (`reasoning`, formerly `reasoning_content`) is not part of an answer."""
    thought: bool = False
    """Whether it holds reasoning."""
    wrote: bool = False
    """Whether it holds something that the model wrote, reasoning too: at least one token of its budget."""
    finish_reason: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    """Reasoning tokens of the completion; a server may let them exceed `max_tokens`."""
    failure: Failure | None = None
    done: bool = False


DONE: Final = StreamChunk(done=True)


class Envelope:
    """What a server writes around the text of every token, once a line of the stream has shown it.

    A line that begins and ends byte for byte as one did before, with a JSON string between, says the same with another
    text. So it is as good as read, and many such lines are read as one list of texts.
    """

    def __init__(self) -> None:
        self._before = self._after = b""

    def texts(self, data: bytes) -> list[str] | None:
        """The texts of whole events that are all in this envelope and end in one way; None for any others."""
        end = b"\r\n\r\n" if data.endswith(b"\r\n\r\n") else b"\n\n"
        before, after = self._before, self._after + end
        if not before or not data.startswith(before) or not data.endswith(after):
            return None
        written = data[len(before) : len(data) - len(after)].split(after + before)
        if data.count(b"\n") != 2 * len(written) or data.count(b"\r") != end.count(b"\r") * len(written):
            return None
        try:
            # No string goes on beyond the end of a line. So there is a value at least in each piece, and as many
            # strings as pieces are one in each.
            texts: list[str] = orjson.loads(b"[" + b",\n".join(written) + b"]")
        except ValueError:  # something else, or half a character
            return None
        return texts if len(texts) == len(written) and all(type(text) is str for text in texts) else None

    def text(self, line: bytes) -> str | None:
        """The text of a line, without its end, that is in this envelope; None for any other."""
        before, after = self._before, self._after
        if not before or not line.startswith(before) or not line.endswith(after):
            return None
        try:
            text = orjson.loads(line[len(before) : len(line) - len(after)])
        except ValueError:
            return None
        return text if type(text) is str else None

    def learn(self, line: bytes, chunk: StreamChunk) -> None:
        """Take over the envelope of a line that was read, if its text is all that it says of the answer."""
        found = CONTENT.search(line)
        if found is None or chunk != StreamChunk(text=chunk.text, wrote=True, model=chunk.model):
            return
        before, after = line[: found.start(1)], line[found.end(1) :]
        around = before + after
        if line.count(b'"content"') == 1 and b'"text"' not in around and b"\\" not in around:  # however it is spelled
            self._before, self._after = before, after


class LineSplitter:
    """Cuts bytes at the ends of lines as they arrive."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The lines that `data` completes. Raises `Unreadable` when one grows beyond `EVENT_LIMIT`."""
        data = self._rest + data
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        whole, self._rest = data[:cut], data[cut:]
        if len(data) > EVENT_LIMIT and any(len(line) > EVENT_LIMIT for line in (*whole.splitlines(), self._rest)):
            raise Unreadable(f"sent an event of more than {EVENT_LIMIT:,} bytes")
        return whole


def path(model: Model) -> str:
    """Where a model is asked, below its endpoint."""
    return "chat/completions" if model.api is Api.CHAT else "completions"


def request(model: Model, messages: Sequence[Message], load: Load) -> dict[str, Any]:
    """The body of a request: the model's system prompt, then the conversation, with its sampling. `load` gives the
    bytes of pictures."""
    sampling = asdict(model.sampling)
    budget_name, stop = sampling.pop("max_tokens_name"), list(sampling.pop("stop"))
    budget = sampling.pop("max_tokens")
    body: dict[str, Any] = {"model": model.served_name, "stream": True, "stream_options": {"include_usage": True}}
    if model.api is Api.CHAT:
        system = [{"role": "system", "content": model.system_prompt}] if model.system_prompt is not None else []
        body["messages"] = system + [
            {"role": message.role, "content": _content(message.content, load)} for message in messages
        ]
    else:
        template = plain.TEMPLATES[model.plain_template or ""]
        body["prompt"] = template.text(model.system_prompt, messages)
        stop += [ending for ending in template.stop if ending not in stop]
    body |= {name: value for name, value in sampling.items() if value is not None}
    if budget:
        body[budget_name] = budget
    if stop:
        body["stop"] = stop
    if model.sampling.repetition_penalty is not None:
        body["repeat_penalty"] = model.sampling.repetition_penalty  # the same thing, as llama.cpp names it
    if model.chat_template_kwargs:
        body["chat_template_kwargs"] = dict(model.chat_template_kwargs)
    return body | dict(model.extra_body)


def _content(content: Content, load: Load) -> str | list[dict[str, Any]]:
    """A text, or parts with pictures in the request itself: a server has to fetch nothing."""
    if parts.plain(content):
        return parts.words(content)
    return [
        {"type": "text", "text": part.text}
        if isinstance(part, Text)
        else {
            "type": "image_url",
            "image_url": {"url": f"data:{part.media_type};base64,{b64encode(load(part)).decode()}"},
        }
        for part in content
    ]


def read(line: bytes) -> StreamChunk | None:
    """The content of a line; None for blank lines, comments and fields without data. Raises `Unreadable`."""
    if not line or line.startswith(b":"):
        return None
    name, _, value = line.partition(b":")
    if name != b"data":
        if name in FIELDS:
            return None
        raise Unreadable(f"sent a line that is no server-sent event: {excerpt(line)}")
    value = value.strip()
    if value == b"[DONE]":
        return DONE
    return _event(decode(value), value)


def decode(body: bytes) -> Any:
    """JSON from a server. Raises `Unreadable`, also for nesting that is deeper than Python reads."""
    try:
        return orjson.loads(body)
    except ValueError:
        pass  # json reads more: the halves of a character apart, and NaN
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise Unreadable(f"sent what is not JSON in UTF-8: {excerpt(body)}") from error


def listing(body: bytes) -> list[ServedModel]:
    """A list of models by each name; llama.cpp adds aliases. Raises `Unreadable`."""
    try:
        return [
            ServedModel(name=str(name), context=_typed(model.get("max_model_len"), int))
            for model in decode(body)["data"]
            for name in (model["id"], *(model.get("aliases") or ()))
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"answered the question for its models with something else: {excerpt(body)}") from error


def failure(content: object, status: int) -> Failure | None:
    """The error that a decoded JSON body describes, as vLLM, llama.cpp and OpenAI write it; None if it is none."""
    if not isinstance(content, dict):
        return None
    error = content.get("error", content if content.get("object") == "error" else None)
    if error is None:
        return None
    if not isinstance(error, dict):
        return Failure(message=str(error), status=status)
    code = error.get("code")
    known = code if isinstance(code, int) and 400 <= code <= 599 else status
    message = str(error.get("message") or error.get("type") or "no reason given")
    return Failure(message=message, status=known, code=f"{code} {error.get('type')}".lower())


def answers_as(served_name: str, reported: str) -> bool:
    """Whether an answer signed `reported` is by the model that was asked for.

    vLLM and llama.cpp sign with the name they serve under (the first one, where they were given several).
    OpenAI signs with the dated snapshot behind an alias. Any other name may be another model.
    """
    rest = reported.removeprefix(served_name)
    return not rest or (rest != reported and SNAPSHOT.fullmatch(rest) is not None)


async def beginning(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """A body, or its beginning where it is longer than `limit` bytes."""
    body = b""
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            break
    return body[:limit]


def excerpt(data: bytes | str, length: int = 80) -> str:
    """The beginning of something unexpected, printable and on one line."""
    text = data if isinstance(data, str) else data[: 4 * length].decode("utf-8", "replace")
    printable = "".join(character if character.isprintable() else " " for character in text[: 4 * length])
    words = " ".join(printable.split())
    return words if len(words) <= length else words[: length - 1] + "…"


def _event(content: object, value: bytes) -> StreamChunk:
    if not isinstance(content, dict):
        raise Unreadable(f"sent an event that is no object: {excerpt(value)}")
    failed = failure(content, 500)
    if failed is not None:
        return StreamChunk(failure=failed)
    try:
        usage = content.get("usage") or {}
        choices = content.get("choices") if usage else content["choices"]  # some send the usage by itself
        choice = choices[0] if choices else {}
        delta = choice.get("delta") or {}
        text = _text(delta.get("content") if "text" not in choice else choice["text"])  # of chat or of completions
        thought = bool(delta.get("reasoning") or delta.get("reasoning_content")) or _thinks(delta.get("content"))
        return StreamChunk(
            text=text,
            thought=thought,
            wrote=bool(text) or thought,
            finish_reason=_typed(choice.get("finish_reason"), str),
            model=_typed(content.get("model"), str),
            prompt_tokens=_typed(usage.get("prompt_tokens"), int),
            completion_tokens=_typed(usage.get("completion_tokens"), int),
            reasoning_tokens=_typed((usage.get("completion_tokens_details") or {}).get("reasoning_tokens"), int),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"sent an event that is no chat completion chunk: {excerpt(value)}") from error


def _text(content: object) -> str:
    """The text of a delta, which some servers send in parts; parts of another kind, such as thoughts, are none."""
    if isinstance(content, list):
        return "".join(_typed(part.get("text"), str) or "" for part in content if part.get("type") == "text")
    return _typed(content, str) or ""


def _thinks(content: object) -> bool:
    """Whether a content that is sent in parts holds a thought, as Mistral's server sends them."""
    return isinstance(content, list) and any(part.get("type") == "thinking" for part in content)


def _typed(value: object, kind: type[T]) -> T | None:
    if value is None or isinstance(value, kind):
        return value
    raise TypeError(f"{value!r} is not {kind.__name__}")
