"""Forms of answers that are not JSON, by their media types: what a route answers with is what its document says."""

from typing import Any, Final

from fastapi.responses import FileResponse, Response, StreamingResponse

BOARD: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A document `leaderboard/1`, or a table", "content": {"text/csv": {}, "text/markdown": {}}}
}
REPORT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A document, or its text"} | {"content": {"text/markdown": {}}}
}
CSV: Final[dict[str, Any]] = {"text/csv": {}}
EVENTS: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "Events", "content": {"text/event-stream": {}}}}
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file, in the media type that it has", "content": {"*/*": {}}},
    206: {"description": "A part of it, as Range asks", "content": {"*/*": {}}},
    416: {"description": "Range asks for what is not in it", "content": {"text/plain": {}}},
}


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


class JsonLines(StreamingResponse):
    """A line a document."""

    media_type = "application/jsonl"


class Zip(StreamingResponse):
    """A folder as one file."""

    media_type = "application/zip"


class Parquet(Response):
    """A table."""

    media_type = "application/vnd.apache.parquet"


class Figures(Response):
    """What Prometheus reads."""

    media_type = "text/plain"


class File(FileResponse):
    """A file of any kind, also parts of it."""

    media_type = None
