"""An answer as it is being written: what has arrived, what is still missing, and how long it may take."""

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import AsyncIterator
from typing import Final

from arena import errors
from arena.domain import wording
from arena.domain.battle import Response
from arena.domain.model import Model
from arena.inference import failures, wire
from arena.inference.keys import Key
from arena.settings.tables import Deadlines

log = logging.getLogger(__name__)

ANSWER_LIMIT: Final = 64 << 20
"""Most bytes of one whole stream."""
UNFINISHED: Final = frozenset(
    {"abort", "cancelled", "error", "function_call", "insufficient_system_resource", "tool_calls"}
)
"""Finish reasons by which a server says that it did not finish, or waits for a tool that nobody here runs."""
FILTERED: Final = "content_filter"
CUT_OFF: Final = "length"
THOUGHT_AWAY: Final = "Raise max_tokens, or let it think less (reasoning_effort, chat_template_kwargs)."
"""What to do about a budget that thinking used up."""
SLACK_EVENTS: Final = 4
"""How many pieces of text beyond `max_tokens` are accepted: a server may send its last sign separately."""
LONGEST_TOKEN: Final = 128
"""Characters in the longest token of the vocabularies in use, a row of blanks."""


class Draft:
    """Collects the events of one stream. `started` is when the model was first asked, in seconds of the loop."""

    def __init__(self, model: Model, deadlines: Deadlines, started: float) -> None:
        self.done = False
        """Whether the stream ended, by `[DONE]` or cleanly without."""
        self._model = model
        self._deadlines = deadlines
        self._started = self._last_event = started
        self.signed: str | None = None
        """The name that the server signs with."""
        self.thinks = False
        """Whether the model has thought, and no text is there yet."""
        self._first_text: float | None = None
        self._thought_from: float | None = None
        self._thought_until = started
        self._thoughts = 0
        self._reasoning_tokens: int | None = None
        self._envelope = wire.Envelope()
        self._pieces: list[str] = []
        self._half = ""
        self._bytes = 0
        self._events = 0
        self._characters = 0
        self._finish_reason: str | None = None
        self._prompt_tokens: int | None = None
        self._completion_tokens: int | None = None

    @contextlib.asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        """Bound one wait for the server. Raises `TimedOut`, saying which deadline passed."""
        at, _, _ = self._allowed()
        try:
            async with asyncio.timeout_at(at):
                yield
        except TimeoutError as error:
            raise self._timed_out() from error

    def keep_deadline(self) -> None:
        """Raises `TimedOut` once a deadline has passed, for who does not wait for the server."""
        at, _, _ = self._allowed()
        if _now() > at:
            raise self._timed_out()

    def _allowed(self) -> tuple[float, str, float]:
        """Until when there is to be more, and what is said of a server that has sent none by then."""
        allowed = self._deadlines
        if self._first_text is not None:
            since, sentence, seconds = self._last_event, "silent for {:g} s amid its answer", allowed.silence
        elif self._thought_from is not None:
            since, sentence, seconds = self._last_event, "silent for {:g} s amid its thoughts", allowed.silence
        else:
            since, sentence, seconds = self._started, "no text within {:g} s", allowed.first_token
        if self._started + allowed.total < since + seconds:
            since, sentence, seconds = self._started, "not finished within {:g} s", allowed.total
        return since + seconds, sentence, seconds

    def _timed_out(self) -> errors.TimedOut:
        _, sentence, seconds = self._allowed()
        return errors.TimedOut(
            f"{failures.who(self._model)}: {sentence.format(seconds)}. Look at the server's load, or raise [deadlines]."
        )

    def take(self, lines: bytes, key: Key | None) -> str:
        """Read lines of the stream; returns their visible text. Raises `ModelError` and `wire.Unreadable`."""
        self._bytes += len(lines)
        if self._bytes > ANSWER_LIMIT:
            raise wire.Unreadable(f"sent more than {ANSWER_LIMIT:,} bytes for one answer")
        now = _now()
        texts = None if self.done else self._envelope.texts(lines)
        if texts is None:
            return "".join([self._take_line(line, now, key) for line in lines.splitlines() if line])
        self._last_event = now
        text = "".join(texts)
        self._keep_budget(len(texts) - texts.count(""), len(text))
        return self._keep(text)

    def _take_line(self, line: bytes, now: float, key: Key | None) -> str:
        if self.done:
            return ""
        text = self._envelope.text(line)
        if text is not None:
            self._last_event = now
            self._keep_budget(bool(text), len(text))
            return self._keep(text)
        event = wire.read(line)
        if event is None:
            return ""
        self._last_event = now
        if event.done:
            self.done = True
            return ""
        if event.failure is not None:
            raise failures.of_failure(self._model, event.failure, key)
        if event.model:
            self.signed = event.model
            self._compare_name(event.model)
        if event.thought:
            self._think()
        self._finish_reason = event.finish_reason or self._finish_reason
        if event.completion_tokens is not None:
            self._prompt_tokens, self._completion_tokens = event.prompt_tokens, event.completion_tokens
            self._reasoning_tokens = event.reasoning_tokens
        told = (event.completion_tokens or 0) - (event.reasoning_tokens or 0)
        self._keep_budget(event.wrote, len(event.text), told=told)
        if event.text:
            self._envelope.learn(line, event)
        return self._keep(event.text)

    def _keep(self, text: str) -> str:
        """Text came; what of it can be shown."""
        piece = self._readable(text) if text else ""
        if piece:
            self._pieces.append(piece)
            if self._first_text is None and wording.visible(piece):
                self._first_text, self.thinks = self._last_event, False
        return piece

    def _think(self) -> None:
        """A piece of thought came: life, and no text."""
        self._thoughts += 1
        self._thought_until = self._last_event
        if self._thought_from is None:
            self._thought_from = self._last_event
        self.thinks = self._first_text is None

    @property
    def _thinking_tokens(self) -> int | None:
        """As the server counts them, or else one for each piece, as vLLM sends them."""
        return self._reasoning_tokens or self._thoughts or None

    def end(self) -> None:
        """The body ended as HTTP ends it, without `[DONE]`. Raises `Incomplete` when the answer had not."""
        if self._finish_reason is None and not self.done:
            raise errors.Incomplete(
                f"{failures.who(self._model)}: the stream ended without a finish reason. Look at the server's log."
            )
        self.done = True

    def _compare_name(self, reported: str) -> None:
        asked = self._model.served_name
        if wire.answers_as(asked, reported):
            return
        if self._model.strict_name:
            raise wire.Unreadable(
                f"answered as {wire.excerpt(reported)!r} though {asked!r} was asked "
                "(served_name must be the first name that the server gives the model, or strict_name off)"
            )
        _warn(
            f"{failures.who(self._model)}: answers as {wire.excerpt(reported)!r} though {asked!r} was asked. "
            "Set strict_name to refuse that."
        )

    def _keep_budget(self, events: int, characters: int, *, told: int = 0) -> None:
        """Raises `Incomplete` once the answer is longer than `max_tokens` allows: then the server is cut off.

        `events` and `characters` are what came since the last call; `told` is how long the server says the answer is.
        """
        allowed = self._model.sampling.max_tokens
        if not allowed:
            return
        self._events += events
        self._characters += characters
        if (
            told > allowed
            or self._events > allowed + SLACK_EVENTS
            or self._characters > (allowed + SLACK_EVENTS) * LONGEST_TOKEN
        ):
            raise errors.Incomplete(
                f"{failures.who(self._model)}: wrote more than the {allowed:,} tokens it was allowed. "
                "Look whether the server heeds max_tokens."
            )

    def response(self) -> Response:
        """The complete answer. Raises `Incomplete` when the finish reason or the text is missing."""
        subject = failures.who(self._model)
        if self._finish_reason is None or self._finish_reason in UNFINISHED:
            reason = f"finish reason {self._finish_reason!r}" if self._finish_reason else "no finish reason"
            raise errors.Incomplete(f"{subject}: the answer ended with {reason}. Look at the server's log.")
        if self._first_text is None and self._finish_reason == FILTERED:
            raise errors.PromptRefused(f"{subject}: the server's content filter let no answer through.")
        thought = self._thinking_tokens
        if self._first_text is None and thought is not None:
            raise errors.Incomplete(
                f"{subject}: an answer without visible text; {self._spent(thought)}. {THOUGHT_AWAY}"
            )
        if self._first_text is None:
            raise errors.Incomplete(f"{subject}: an answer without visible text. Check system_prompt and max_tokens.")
        if self._finish_reason == CUT_OFF and thought is not None:
            _warn(f"{subject}: an answer was cut off, because thinking took part of its tokens. {THOUGHT_AWAY}")
        return Response(
            text="".join(self._pieces),
            finish_reason=self._finish_reason,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
            first_token_seconds=self._first_text - self._started,
            total_seconds=_now() - self._started,
            reasoning_tokens=thought,
            reasoning_seconds=None if self._thought_from is None else self._thought_until - self._thought_from,
        )

    def _spent(self, thought: int) -> str:
        allowed = self._model.sampling.max_tokens
        return f"thinking took {thought:,} {f'of the {allowed:,} tokens it was allowed' if allowed else 'tokens'}"

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


@functools.lru_cache(maxsize=256)
def _warn(sentence: str) -> None:
    """Log a warning, each once."""
    log.warning("%s", sentence)


def _now() -> float:
    return time.monotonic()  # the clock of the loop, which takes longer to find
