"""The switches of a board: what it may be asked for, as a form whose fields are the words of the query."""

import html
import urllib.parse
from collections.abc import Mapping, Sequence

from arena.services.board_settings import BoardSettings

TIES = {"": "Half a win", "drop": "Left out", "davidson": "Own outcome"}
STYLE = {"": "As voted", "length": "Length taken out", "length,headers,lists,bold": "Length and layout taken out"}
RATERS = {"": "Independent", "rater": "Grouped"}
VOTES = {"": "Those that count", "all": "Held ones, too"}
BY = {"": "One board", "month": "By month", "category": "By category", "language": "By language"}
EVERY = {"category": "All categories", "language": "All languages", "campaign": "All campaigns"}
NAMES = {
    "category": "Category",
    "language": "Language",
    "campaign": "Campaign",
    "since": "Votes from",
    "until": "until before",
    "ties": "Ties count as",
    "controls": "Style",
    "cluster": "Votes of one rater",
    "votes": "Votes",
    "by": "Boards",
}


def form(asked: BoardSettings, values: Mapping[str, Sequence[str]], held: int) -> str:
    """The switches as they stand; `values` of a column that has several, with `held` votes beside."""
    words = asked.words
    parts = [
        _choice(name, {"": EVERY[name], **{value: value for value in values[name]}}, words.get(name, ""))
        for name in EVERY
        if len(values.get(name, ())) > 1 or name in words
    ]
    parts += [_day(name, words.get(name, "")) for name in ("since", "until")]
    parts += [
        _choice(name, options, words.get(name, ""))
        for name, options in (("ties", TIES), ("controls", STYLE), ("cluster", RATERS))
    ]
    if held or "votes" in words:
        parts.append(_choice("votes", VOTES, words.get("votes", "")))
    parts.append(_choice("by", BY, words.get("by", "")))
    kept = "".join(_hidden(name, words[name]) for name in ("both_bad", "anchor") if name in words)
    csv = urllib.parse.urlencode({**words, "format": "csv"})
    clear = '<a class="clear" href="/leaderboard">All votes</a>' if words else ""
    return (
        f'<form class="switches" method="get" action="/leaderboard" data-switches>{"".join(parts)}{kept}'
        f'<div class="ends"><button class="btn s" type="submit">Show this board</button>{clear}'
        f'<a class="btn s csv" href="/api/v1/leaderboards/overall?{html.escape(csv)}" download>Download CSV</a>'
        "</div></form>"
    )


def said(asked: BoardSettings) -> str:
    """Which votes, in words; empty for all of them."""
    words = asked.words
    parts = [f"{NAMES[name].lower()} {words[name]}" for name in EVERY if name in words]
    parts += [f"from {words['since'][:16]}"] if "since" in words else []
    parts += [f"until before {words['until'][:16]}"] if "until" in words else []
    if asked.by is not None and asked.value is not None:
        parts.append(f"{asked.by} {asked.value}")
    return ", ".join(parts)


def _choice(name: str, options: Mapping[str, str], chosen: str) -> str:
    shown = options if chosen in options else {**options, chosen: chosen}
    listed = "".join(
        f'<option value="{html.escape(value)}"{" selected" if value == chosen else ""}>{html.escape(words)}</option>'
        for value, words in shown.items()
    )
    return (
        f'<label class="switch"><span>{NAMES[name]}</span><select class="sel" name="{name}">{listed}</select></label>'
    )


def _day(name: str, chosen: str) -> str:
    day = f' value="{html.escape(chosen[:10])}"' if chosen else ""
    return f'<label class="switch"><span>{NAMES[name]}</span><input class="sel" type="date" name="{name}"{day}></label>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
