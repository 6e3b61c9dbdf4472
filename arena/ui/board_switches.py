"""The switches of a board: what it may be asked for, as a form whose fields are the words of the query."""

import html
import urllib.parse
from collections.abc import Mapping, Sequence

from arena.services.board_settings import BoardSettings
from arena.ui.language import mark, say

TIES = {"": mark("Half a win"), "drop": mark("Left out"), "davidson": mark("Own outcome")}
STYLE = {
    "": mark("As voted"),
    "length": mark("Length taken out"),
    "length,headers,lists,bold": mark("Length and layout taken out"),
}
RATERS = {"": mark("Independent"), "rater": mark("Grouped")}
VOTES = {"": mark("Those that count"), "all": mark("Held ones, too")}
BY = {
    "": mark("One board"),
    "month": mark("By month"),
    "category": mark("By category"),
    "language": mark("By language"),
}
EVERY = {"category": mark("All categories"), "language": mark("All languages"), "campaign": mark("All campaigns")}
NAMES = {
    "category": mark("Category"),
    "language": mark("Language"),
    "campaign": mark("Campaign"),
    "since": mark("Votes from"),
    "until": mark("until before"),
    "ties": mark("Ties count as"),
    "controls": mark("Style"),
    "cluster": mark("Votes of one rater"),
    "votes": mark("Votes"),
    "by": mark("Boards"),
}
KINDS = {
    "language": mark("language"),
    "category": mark("category"),
    "campaign": mark("campaign"),
    "field": mark("field"),
    "rater": mark("rater"),
    "prompt": mark("prompt"),
    "day": mark("day"),
    "week": mark("week"),
    "month": mark("month"),
    "quarter": mark("quarter"),
    "year": mark("year"),
    "island": mark("island"),
}
"""What boards may be made by, as a sentence calls it."""


def form(asked: BoardSettings, values: Mapping[str, Sequence[str]], held: int) -> str:
    """The switches as they stand; `values` of a column that has several, with `held` votes beside."""
    words = asked.words
    parts = [
        _choice(name, {"": say(EVERY[name]), **{value: value for value in values[name]}}, words.get(name, ""))
        for name in EVERY
        if len(values.get(name, ())) > 1 or name in words
    ]
    parts += [_day(name, words.get(name, "")) for name in ("since", "until")]
    parts += [
        _choice(name, _said(options), words.get(name, ""))
        for name, options in (("ties", TIES), ("controls", STYLE), ("cluster", RATERS))
    ]
    if held or "votes" in words:
        parts.append(_choice("votes", _said(VOTES), words.get("votes", "")))
    parts.append(_choice("by", _said(BY), words.get("by", "")))
    kept = "".join(_hidden(name, words[name]) for name in ("both_bad", "anchor") if name in words)
    csv = urllib.parse.urlencode({**words, "format": "csv"})
    clear = f'<a class="clear" href="/leaderboard">{html.escape(say("All votes"))}</a>' if words else ""
    return (
        f'<form class="switches" method="get" action="/leaderboard" data-switches>{"".join(parts)}{kept}'
        f'<div class="ends"><button class="btn s" type="submit">{html.escape(say("Show this board"))}</button>{clear}'
        f'<a class="btn s csv" href="/api/v1/leaderboards/overall?{html.escape(csv)}" download>'
        f"{html.escape(say('Download CSV'))}</a>"
        "</div></form>"
    )


def said(asked: BoardSettings) -> str:
    """Which votes, in words; empty for all of them."""
    words = asked.words
    parts = [f"{say(KINDS[name])} {words[name]}" for name in EVERY if name in words]
    parts += [say("from {moment}", moment=words["since"][:16])] if "since" in words else []
    parts += [say("until before {moment}", moment=words["until"][:16])] if "until" in words else []
    if asked.by is not None and asked.value is not None:
        parts.append(f"{say(KINDS[asked.by])} {asked.value}")
    return ", ".join(parts)


def _said(options: Mapping[str, str]) -> dict[str, str]:
    return {value: say(words) for value, words in options.items()}


def _label(name: str) -> str:
    return html.escape(say(NAMES[name]))


def _choice(name: str, options: Mapping[str, str], chosen: str) -> str:
    shown = options if chosen in options else {**options, chosen: chosen}
    listed = "".join(
        f'<option value="{html.escape(value)}"{" selected" if value == chosen else ""}>{html.escape(words)}</option>'
        for value, words in shown.items()
    )
    return (
        f'<label class="switch"><span>{_label(name)}</span><select class="sel" name="{name}">{listed}</select></label>'
    )


def _day(name: str, chosen: str) -> str:
    day = f' value="{html.escape(chosen[:10])}"' if chosen else ""
    return (
        f'<label class="switch"><span>{_label(name)}</span><input class="sel" type="date" name="{name}"{day}></label>'
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
