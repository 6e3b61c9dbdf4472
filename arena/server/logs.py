"""The log as lines of JSON, for programs that collect logs: one object a line, with the battle it is about.

    {"time": "2026-03-04T05:06:07.891+00:00", "level": "WARNING", "logger": "arena.services.battle_writing",
     "message": "battle b_01K7... is void: ...", "battle": "b_01K7..."}

No prompt, answer or reason is ever logged, in either format.
"""

import json
import logging
import re
from datetime import UTC, datetime
from enum import StrEnum

from arena.domain import ids

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
BATTLE = re.compile(f"\\bb_[{ids.CROCKFORD}]{{26}}\\b")


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        battle = BATTLE.search(message)
        if battle:
            line["battle"] = battle[0]
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(form: LogFormat) -> None:
    """Write the log to stderr in this format."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else logging.Formatter(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)
