"""The table of a board: tiers of models, each with its rating, interval, rank and votes."""

import html
import itertools
from collections.abc import Sequence

import leaderboards
from arena.ui import plots
from leaderboards.showing import tiers

MANY = 10_000
"""Estimates above it are not worth their digits."""

NOT_YET = {"above": "has not lost yet", "below": "has not won yet", "aside": "not joined by wins to the others yet"}
"""What is said of a model without a rating, by direction."""

TIERS = """<p class="sm mute below">Between two tiers every pair of models is told apart. Inside a tier at least one
pair is not, so do not read an order into it. The range is where a rank can lie, with {level:.0%} confidence for the
whole board at once.</p>"""


def table(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    """The models with their ratings, a body of rows for each tier."""
    outside = {direction: [o for o in board.unbounded if o.direction == direction] for direction in NOT_YET}
    bounds = [(entry.lower, entry.upper) for entry in board.rated] + [(o.lower, o.upper) for o in board.unbounded]
    axis = plots.axis(itertools.chain.from_iterable(bounds))
    bodies = [_unbounded(board, outside["above"], axis)]
    gaps = {gap.higher: gap for gap in reading.neighbours}
    bodies += [
        _tier(number, [board[model] for model in tier], gaps, axis)
        for number, tier in enumerate(reading.tiers, start=1)
    ]
    bodies += [_unbounded(board, outside["below"], axis), _unbounded(board, outside["aside"], axis)]
    head = (
        '<thead><tr><td></td><th colspan="2" class="nowrap">Rank, range</th><th>Model</th>'
        f'<th class="plot">Rating and {board.interval.level:.0%} interval{plots.scale(axis)}</th>'
        '<th class="r" colspan="2">Rating</th><th class="r">Votes</th><th class="r">Win rate</th>'
        '<th class="r">Votes to separate<br>from the next</th></tr></thead>'
    )
    rows = f'<table class="board">{head}{"".join(bodies)}</table>'
    note = TIERS.format(level=board.interval.level) if len(reading.tiers) > 0 else ""
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="Leaderboard, scrolls sideways">{rows}</div>{note}'
    )


def _tier(number: int, tier: Sequence[leaderboards.Entry], gaps: dict[str, tiers.Gap], axis: plots.Axis) -> str:
    rows = []
    for place, entry in enumerate(tier):
        head = (
            f'<th class="tier" scope="rowgroup" rowspan="{len(tier)}"><b><span class="tw">Tier </span>{number}</b></th>'
            if place == 0
            else ""
        )
        words = _words(entry.rating, entry.lower, entry.upper)
        rank = f'<td class="rk">{entry.rank}</td><td class="rr">{_range(entry)}</td>'
        rating = f'<td class="r"><b>{entry.rating:,.0f}</b></td><td class="r mute">{_half_width(entry)}</td>'
        rows.append(f"<tr>{head}{rank}{_cells(entry, axis, words)}{rating}{_tail(entry, gaps.get(entry.model))}</tr>")
    return f"<tbody>{''.join(rows)}</tbody>"


def _unbounded(board: leaderboards.Board, outsiders: Sequence[leaderboards.Unbounded], axis: plots.Axis) -> str:
    if not outsiders:
        return ""
    rows = []
    for place, outsider in enumerate(outsiders):
        head = f'<th class="tier" scope="rowgroup" rowspan="{len(outsiders)}"><b>&ndash;</b></th>' if place == 0 else ""
        entry = board[outsider.model]
        words = _words(None, outsider.lower, outsider.upper)
        rank = '<td class="rk">&ndash;</td><td class="rr"></td>'
        said = f'<td class="r mute nowrap" colspan="2">{NOT_YET[outsider.direction]}</td>'
        rows.append(f"<tr>{head}{rank}{_cells(entry, axis, words, outsider)}{said}{_tail(entry, None)}</tr>")
    return f"<tbody>{''.join(rows)}</tbody>"


def _cells(
    entry: leaderboards.Entry, axis: plots.Axis, words: str, outsider: leaderboards.Unbounded | None = None
) -> str:
    lower, upper = (entry.lower, entry.upper) if outsider is None else (outsider.lower, outsider.upper)
    plot = plots.whisker(axis, entry.rating, lower, upper, words)
    return f'<th scope="row" class="nowrap model">{html.escape(entry.model)}</th><td class="pl">{plot}</td>'


def _tail(entry: leaderboards.Entry, gap: tiers.Gap | None) -> str:
    share = (entry.wins + (entry.ties + entry.both_bad) / 2) / entry.votes if entry.votes else None
    rate = "" if share is None else f"{share:.1%}"
    separate = (
        "" if gap is None else '<span class="faint">told apart</span>' if gap.told_apart else needed(gap.votes_needed)
    )
    return f'<td class="r">{entry.votes:,}</td><td class="r">{rate}</td><td class="r nowrap">{separate}</td>'


def _words(rating: float | None, lower: float | None, upper: float | None) -> str:
    if rating is not None and lower is not None and upper is not None:
        return f"{rating:,.0f}, interval {lower:,.0f} to {upper:,.0f}"
    if rating is not None:
        return f"{rating:,.0f}"
    if lower is not None:
        return f"at least {lower:,.0f}"
    return "no rating yet" if upper is None else f"at most {upper:,.0f}"


def _range(entry: leaderboards.Entry) -> str:
    if entry.rank_best is None or entry.rank_best == entry.rank_worst:
        return str(entry.rank)
    return f"{entry.rank_best}&ndash;{entry.rank_worst}"


def _half_width(entry: leaderboards.Entry) -> str:
    if entry.lower is None or entry.upper is None:
        return ""
    return f"&plusmn;{(entry.upper - entry.lower) / 2:,.0f}"


def needed(votes: float | None) -> str:
    """About how many more votes would tell two models apart."""
    if votes is None:
        return "unknown"
    if votes > MANY:
        return f"over {MANY:,}"
    step = 10 if votes < 1000 else 40 if votes > 2000 else 20
    return f"about {max(step, step * round(votes / step)):,}"
