"""What a board was made with, in the words of its query, and as the line of a shell that gives the same numbers."""

import shlex
from typing import Any

from arena.services.board_settings import BoardSettings
from leaderboards import settings as fits


def settings(asked: BoardSettings) -> dict[str, Any]:
    """Everything that decides the numbers, besides the votes: each word with its value, null where it says nothing."""
    words, fit = asked.words, fits.chosen(asked.fit)
    return {
        "method": fit.method,
        "ties": asked.ties,
        "both_bad": asked.both_bad,
        "interval": fit.interval,
        "level": fit.level,
        "cluster": words.get("cluster", fits.NO_CLUSTER),
        "controls": list(asked.controls),
        **{name: words.get(name) for name in ("anchor", "by", "value")},
        **{name: words.get(name) for name in ("campaign", "language", "category", "since", "until")},
        "votes": asked.counting.value,
    }


def line(asked: BoardSettings, workspace: str, head: str | None) -> str:
    """`arena rank` on a workspace up to a line of its ledger, with the options that are not as by default."""
    words = {name.replace("_", "-"): value for name, value in asked.words.items()}
    options = {"workspace": workspace, **({"head": head} if head else {}), **words, "format": "json"}
    return shlex.join(["arena", "rank", *(f"--{name}={value}" for name, value in options.items())])
