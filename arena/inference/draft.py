"""An answer as it is being written: what has arrived, what is still missing, and how long it may take."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from arena import errors, settings
from arena.domain import wording
from arena.domain.battle import Response
from arena.domain.model import Model
from arena.inference import failures, wire
from arena.inference.keys import Key

ANSWER_LIMIT: Final = 64 << 20
"""Bytes of one whole stream."""
UNFINISHED: Final = frozenset({"abort", "error"})
"""Finish reasons by which vLLM says that it did not finish."""


class Draft:
    """Collects the events of one stream; made at the moment of the request."""

    def __init__(self, model: Model, deadlines: settings.Deadlines) -> None:
        self.done = False
        """Whether `[DONE]` was read."""
        self._model = model
        self._deadlines = deadlines
        self._started = self._last_event = _now()
        self._first_text: float | None = None
        self._pieces: list[str] = []
        self._half = ""
        self._bytes = 0
        self._finish_reason: str | None = None
        self._prompt_tokens: int | None = None
        self._completion_tokens: int | None = None

    @contextlib.asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        """Bound one wait for the server. Raises `TimedOut`, saying which deadline passed."""
        allowed = self._deadlines
        total = self._started + allowed.total
        if self._first_text is None:
            at, sentence = self._started + allowed.first_token, f"no text within {allowed.first_token:g} s"
        else:
            at, sentence = self._last_event + allowed.silence, f"silent for {allowed.silence:g} s amid its answer"
        if total < at:
            at, sentence = total, f"not finished within {allowed.total:g} s"
        try:
            async with asyncio.timeout_at(at):
                yield
        except TimeoutError as error:
            raise errors.TimedOut(
                f"{failures.who(self._model)}: {sentence}. Look at the server's load, or raise [deadlines]."
            ) from error

    def take(self, lines: Iterable[bytes], key: Key | None) -> Iterator[str]:
        """Read lines of the stream, yielding visible text. Raises `ModelError` and `wire.Unreadable`."""
        for line in lines:
            self._bytes += len(line)
            if self._bytes > ANSWER_LIMIT:
                raise wire.Unreadable(f"sent more than {ANSWER_LIMIT:,} bytes for one answer")
            event = wire.read(line)
            if event is None:
                continue
            self._last_event = _now()
            if event.done:
                self.done = True
                return
            if event.failure is not None:
                raise failures.of_failure(self._model, event.failure, key)
            if event.model and not wire.answers_as(self._model.served_name, event.model):
                raise wire.Unreadable(
                    f"answered as {wire.excerpt(event.model)!r} though {self._model.served_name!r} was asked "
                    "(served_name must be the first name that the server gives the model)"
                )
            self._finish_reason = event.finish_reason or self._finish_reason
            if event.prompt_tokens is not None:
                self._prompt_tokens, self._completion_tokens = event.prompt_tokens, event.completion_tokens
            piece = self._readable(event.text) if event.text else ""
            if piece:
                self._pieces.append(piece)
                if self._first_text is None and wording.visible(piece):
                    self._first_text = self._last_event
                yield piece

    def response(self) -> Response:
        """The complete answer. Raises `Incomplete` when the finish reason or the text is missing."""
        subject = failures.who(self._model)
        if self._finish_reason is None or self._finish_reason in UNFINISHED:
            reason = f"finish reason {self._finish_reason!r}" if self._finish_reason else "no finish reason"
            raise errors.Incomplete(f"{subject}: the answer ended with {reason}. Look at the server's log.")
        if self._first_text is None:
            raise errors.Incomplete(f"{subject}: an answer without visible text. Check system_prompt and max_tokens.")
        return Response(
            text="".join(self._pieces),
            finish_reason=self._finish_reason,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
            first_token_seconds=self._first_text - self._started,
            total_seconds=_now() - self._started,
        )

    def _readable(self, text: str) -> str:
        """Text that can be stored and shown: whole characters, and U+FFFD for NUL and for lone surrogates.

        JSON can carry the two halves of a character in two events; a half waits for its other half.
        """
        text, self._half = self._half + text, ""
        if text.isascii():
            return text.replace("\0", "\ufffd")
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def _now() -> float:
    return asyncio.get_running_loop().time()
