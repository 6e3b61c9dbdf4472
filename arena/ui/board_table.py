"""The table of a board: bands of models, each model with its rating, interval, rank and votes."""

import html
import itertools
import urllib.parse
from collections.abc import Sequence

import leaderboards
from arena.ui import language, plots
from arena.ui.language import mark, plural, say
from leaderboards.showing import tiers

MANY = 10_000
"""Estimates above it are not worth their digits."""
OPEN = 25
"""Models in sight at first; the bands beyond them are folded, and the rest of the first where it is longer."""

NOT_YET = {
    "above": mark("has not lost yet"),
    "below": mark("has not won yet"),
    "aside": mark("not joined by wins to the others yet"),
}
"""What is said of a model without a rating, by direction."""

BANDS = mark(
    "A band begins at the first model that is told apart from the one at the head of the band above. Inside a band "
    "nobody is told apart from its head; across a line, read the ranges. The range is where a rank can lie, with "
    "{level} confidence for the whole board at once."
)
SORTED = '<button type="button" data-sort="{key}">{words}</button>'
COLUMNS = 11


def table(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    """The models with their ratings, a body of rows for each band."""
    outside = {direction: [o for o in board.unbounded if o.direction == direction] for direction in NOT_YET}
    bounds = [(entry.lower, entry.upper) for entry in board.rated] + [(o.lower, o.upper) for o in board.unbounded]
    axis = plots.axis(itertools.chain.from_iterable(bounds))
    bodies, shown = [_unbounded(board, outside["above"], axis)], len(outside["above"])
    gaps = {gap.higher: gap for gap in reading.neighbours}
    for number, band in enumerate(reading.bands, start=1):
        bodies.append(_band(number, [board[model] for model in band], gaps, axis, max(0, OPEN - shown)))
        shown += len(band)
    bodies += [_unbounded(board, outside["below"], axis), _unbounded(board, outside["aside"], axis)]
    sort = {
        key: SORTED.format(key=key, words=html.escape(words))
        for key, words in (
            ("rank", say("Rank, range")),
            ("model", say("Model")),
            ("rating", say("Rating")),
            ("votes", say("Votes")),
            ("rate", say("Win rate")),
        )
    }
    level = language.percent(board.interval.level)
    separate = html.escape(say("Votes to separate\nfrom the next")).replace("\n", "<br>")
    head = (
        f'<thead><tr><td></td><th colspan="2" class="nowrap">{sort["rank"]}</th><th>{sort["model"]}</th>'
        f'<th class="plot">{html.escape(say("Rating and {level} interval", level=level))}{plots.scale(axis)}</th>'
        f'<th class="r" colspan="2">{sort["rating"]}</th><th class="r">{sort["votes"]}</th>'
        f'<th class="r">{sort["rate"]}</th><th class="r">{separate}</th></tr></thead>'
    )
    many = len(board.entries) > OPEN
    rows = f'<table class="board{" many" if many else ""}" data-board>{head}{"".join(bodies)}</table>'
    note = f'<p class="sm mute below">{html.escape(say(BANDS, level=level))}</p>' if reading.bands else ""
    label = html.escape(say("{title}, scrolls sideways", title=say("Leaderboard")))
    return (
        f'{_search(len(board.entries)) if many else ""}<div class="scroll sticky" tabindex="0" role="group" '
        f'aria-label="{label}">{rows}</div>{note}'
    )


def _search(models: int) -> str:
    return (
        f'<div class="finding"><label>{html.escape(say("Find a model"))} '
        '<input class="sel" type="search" data-find autocomplete="off"></label>'
        '<button class="tbtn" type="button" data-unfold>'
        f"{html.escape(say('Show all {models}', models=language.figure(models)))}</button>"
        '<span class="vh" role="status" data-found></span></div>'
    )


def _band(
    number: int, band: Sequence[leaderboards.Entry], gaps: dict[str, tiers.Gap], axis: plots.Axis, room: int
) -> str:
    """The rows of a band, with `room` of them in sight: all, none, or where it is the first, as many as have room."""
    rows = []
    for place, entry in enumerate(band):
        head = _mark(_numbered(number), first=place == 0)
        words = _words(entry.rating, entry.lower, entry.upper)
        rank = f'<td class="rk">{entry.rank}</td><td class="rr">{_range(entry)}</td>'
        rating = f'<td class="r"><b>{_rating(entry)}</b></td><td class="r mute">{_half_width(entry)}</td>'
        row = f"{head}{rank}{_cells(entry, axis, words)}{rating}{_tail(entry, gaps.get(entry.model))}"
        rows.append((entry, row))
    begun = room if number == 1 else len(band) if len(band) <= room else 0
    shown = "".join(f"<tr{_exact(entry)}>{row}</tr>" for entry, row in rows[:begun])
    opened = f"<tbody>{shown}</tbody>" if shown else ""
    return opened + _folded(number, rows[begun:], continued=begun > 0)


def _folded(number: int, rows: Sequence[tuple[leaderboards.Entry, str]], *, continued: bool) -> str:
    """Rows of a band that are out of sight until somebody asks for them."""
    if not rows:
        return ""
    high, low = _rating(rows[0][0]), _rating(rows[-1][0])
    span = high
    if len(rows) > 1:
        span = say("{low} to {high}", low=low, high=high)
    if continued:
        models = plural(len(rows), "{n} more model, {span}", "{n} more models, {span}", span=span)
    else:
        models = plural(len(rows), "{n} model, {span}", "{n} models, {span}", span=span)
    band = html.escape(say("Band {number}", number=number))
    fold = (
        f'<tr class="fold"><th colspan="{COLUMNS - 1}" scope="rowgroup"><button type="button" '
        f'data-fold="{number}" aria-expanded="false"><b>{band}</b> {html.escape(models)}</button></th></tr>'
    )
    hidden = "".join(f"<tr{_exact(entry)} hidden>{row}</tr>" for entry, row in rows)
    of_begun = ' class="rest"' if continued else ""
    return f"<tbody{of_begun}>{fold}{hidden}</tbody>"


def _numbered(number: int) -> str:
    """The name of a band, its words apart from its number: there is room for both on a wide page only."""
    before, _, after = html.escape(say("Band {number}")).partition("{number}")
    around = [f'<span class="tw">{words}</span>' if words else "" for words in (before, after)]
    return f"{around[0]}{number}{around[1]}"


def _unbounded(board: leaderboards.Board, outsiders: Sequence[leaderboards.Unbounded], axis: plots.Axis) -> str:
    if not outsiders:
        return ""
    rows = []
    for place, outsider in enumerate(outsiders):
        head = _mark("&ndash;", first=place == 0)
        entry = board[outsider.model]
        words = _words(None, outsider.lower, outsider.upper)
        rank = '<td class="rk">&ndash;</td><td class="rr"></td>'
        said = f'<td class="r mute nowrap" colspan="2">{html.escape(say(NOT_YET[outsider.direction]))}</td>'
        row = f"{head}{rank}{_cells(entry, axis, words, outsider)}{said}{_tail(entry, None)}"
        rows.append(f"<tr{_exact(entry)}>{row}</tr>")
    return f"<tbody>{''.join(rows)}</tbody>"


def _mark(words: str, *, first: bool) -> str:
    """The band of a row: in sight at its head, for the others only while they stand elsewhere."""
    return f'<td class="tier{"" if first else " again"}"><b>{words}</b></td>'


def _exact(entry: leaderboards.Entry) -> str:
    """The figures of a row with all their digits, to sort by and to compare with the command's."""
    figures = {name: getattr(entry, name) for name in ("rating", "se", "lower", "upper", "rank", "votes")}
    figures["rate"] = _share(entry)
    listed = "".join(f' data-{name}="{value!r}"' for name, value in figures.items() if value is not None)
    return f' data-model="{html.escape(entry.model)}"{listed}'


def _cells(
    entry: leaderboards.Entry, axis: plots.Axis, words: str, outsider: leaderboards.Unbounded | None = None
) -> str:
    lower, upper = (entry.lower, entry.upper) if outsider is None else (outsider.lower, outsider.upper)
    plot = plots.whisker(axis, entry.rating, lower, upper, html.escape(words))
    return f'<th scope="row" class="nowrap model">{_link(entry.model)}</th><td class="pl">{plot}</td>'


def _link(model: str) -> str:
    """A link to the page of a model."""
    query = html.escape(urllib.parse.urlencode({"model": model}))
    return f'<a href="/leaderboard/model?{query}">{html.escape(model)}</a>'


def _tail(entry: leaderboards.Entry, gap: tiers.Gap | None) -> str:
    share = _share(entry)
    rate = "" if share is None else language.percent(share, 1)
    separate = ""
    if gap is not None:
        told = f'<span class="faint">{html.escape(say("told apart"))}</span>'
        separate = told if gap.told_apart else html.escape(needed(gap.votes_needed))
    votes = language.figure(entry.votes)
    return f'<td class="r">{votes}</td><td class="r">{rate}</td><td class="r nowrap">{separate}</td>'


def _rating(entry: leaderboards.Entry) -> str:
    return "" if entry.rating is None else language.figure(entry.rating)


def _share(entry: leaderboards.Entry) -> float | None:
    return (entry.wins + (entry.ties + entry.both_bad) / 2) / entry.votes if entry.votes else None


def _words(rating: float | None, lower: float | None, upper: float | None) -> str:
    middle, low, high = ("" if value is None else language.figure(value) for value in (rating, lower, upper))
    if middle and low and high:
        return say("{rating}, interval {low} to {high}", rating=middle, low=low, high=high)
    if middle:
        return middle
    if low:
        return say("at least {rating}", rating=low)
    return say("at most {rating}", rating=high) if high else say("no rating yet")


def _range(entry: leaderboards.Entry) -> str:
    if entry.rank_best is None or entry.rank_best == entry.rank_worst:
        return str(entry.rank)
    return f"{entry.rank_best}&ndash;{entry.rank_worst}"


def _half_width(entry: leaderboards.Entry) -> str:
    if entry.lower is None or entry.upper is None:
        return ""
    return f"&plusmn;{language.figure((entry.upper - entry.lower) / 2)}"


def needed(votes: float | None) -> str:
    """About how many more votes would tell two models apart."""
    if votes is None:
        return say("unknown")
    if votes > MANY:
        return say("over {votes}", votes=language.figure(MANY))
    step = 10 if votes < 1000 else 40 if votes > 2000 else 20
    return say("about {votes}", votes=language.figure(max(step, step * round(votes / step))))
