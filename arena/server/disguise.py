"""Puts aliases in the place of names in whatever text leaves the arena for somebody who is not told the names.

A whole answer is held until it is complete; of a stream, each event is one message. What is no text passes: files of
releases are kept from such readers by the service that hands them out.
"""

from collections.abc import Iterator

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message

from arena.domain.principal import Principal
from arena.services.aliases import Aliases

TEXTS = ("application/json", "application/problem+json", "application/jsonl", "text/")
STREAM = "text/event-stream"
OURS = ("text/css", "text/javascript")
"""Files of the program itself."""


class Disguise:
    """One response to one principal."""

    def __init__(self, aliases: Aliases, principal: Principal | None) -> None:
        self._aliases = aliases
        self._pattern = aliases.pattern_for(principal)
        self._start: Message | None = None
        self._held: list[bytes] = []
        self._whole = self._by_event = False

    @property
    def needed(self) -> bool:
        """Whether there is any name that is not told."""
        return self._pattern is not None

    def of(self, message: Message) -> Iterator[Message]:
        """What is sent in place of a message of the response; nothing yet, while more of it has to come."""
        if message["type"] == "http.response.start":
            media = Headers(raw=message["headers"]).get("content-type", "")
            self._by_event = media.startswith(STREAM)
            self._whole = not self._by_event and media.startswith(TEXTS) and not media.startswith(OURS)
            if self._whole:
                self._start = message
            else:
                yield message
        elif message["type"] != "http.response.body" or not (self._whole or self._by_event):
            yield message
        elif self._by_event:
            yield {**message, "body": self._told(message.get("body", b""))}
        else:
            self._held.append(message.get("body", b""))
            if not message.get("more_body", False) and self._start is not None:
                content = self._told(b"".join(self._held))
                headers = MutableHeaders(raw=self._start["headers"])
                if "content-length" in headers:
                    headers["content-length"] = str(len(content))
                yield self._start
                yield {**message, "body": content}

    def _told(self, content: bytes) -> bytes:
        return content if self._pattern is None else self._pattern.sub(self._aliases.told, content)
