"""Head to head: the share of votes that each wins against each other, as a matrix of coloured cells.

Few models stand alone; many are grouped, bands that follow each other together, so that every cell has votes in it.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import leaderboards
from arena.ui import language
from arena.ui.language import plural, say

FEW = 50
"""Votes below which a cell shows their number, hatched, in place of a share."""
STEPS = (0.025, 0.085, 0.15, 0.25)
"""Distances from one half at which the colour deepens."""
MOST = 14
"""Rows of a matrix."""

KEY = """<div class="key"><span>{loses}</span>{steps}<span>{wins}</span>
<i class="few"></i><span>{few}</span></div>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixGroup:
    """A row and column: one model, or several."""

    name: str
    models: tuple[str, ...]


def sides(order: Sequence[str], bands: Sequence[Sequence[str]]) -> tuple[MatrixGroup, ...]:
    """The models of a board one by one, or where they are many, in groups of bands that follow each other."""
    if len(order) <= MOST:
        return tuple(MatrixGroup(name=name, models=(name,)) for name in order)
    banded = {name for band in bands for name in band}
    groups: list[list[int]] = []
    for number, band in enumerate(bands):
        due = (len(groups) * len(banded)) / MOST
        before = sum(len(one) for one in bands[:number])
        if not groups or (before >= due and len(groups) < MOST and band):
            groups.append([])
        groups[-1].append(number)
    named = []
    for group in groups:
        models = tuple(name for number in group for name in bands[number])
        named.append(MatrixGroup(name=_of_bands(group[0] + 1, group[-1] + 1, len(models)), models=models))
    if rest := tuple(name for name in order if name not in banded):
        name = plural(len(rest), "Without a rating, {n} model", "Without a rating, {n} models")
        named.append(MatrixGroup(name=name, models=rest))
    return tuple(named)


def _of_bands(first: int, last: int, models: int) -> str:
    if first == last:
        return plural(models, "Band {band}, {n} model", "Band {band}, {n} models", band=first)
    return plural(
        models, "Bands {first} to {last}, {n} model", "Bands {first} to {last}, {n} models", first=first, last=last
    )


def matrix(board: leaderboards.Board, shown: Sequence[MatrixGroup]) -> str:
    """The matrix with its key; rows and columns in the order given."""
    shares = _shares(board, shown)
    heads = "".join(
        f'<th scope="col"><abbr title="{html.escape(side.name)}">{place}</abbr></th>'
        for place, side in enumerate(shown, start=1)
    )
    rows = "".join(_row(place, side, shown, shares) for place, side in enumerate(shown, start=1))
    steps = [f"n{step}" for step in (4, 3, 2, 1)] + ["0"] + [f"p{step}" for step in (1, 2, 3, 4)]
    key = KEY.format(
        loses=html.escape(say("loses")),
        wins=html.escape(say("wins")),
        few=html.escape(say("fewer than {few} votes: the count is shown instead", few=FEW)),
        steps="".join(f'<i class="{_name(step)}"></i>' for step in steps),
    )
    label = say("{title}, scrolls sideways", title=say("Head to head"))
    caption = say("Share of votes the row model wins against the column model, ties as half")
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{html.escape(label)}"><table class="heat">'
        f'<caption class="vh">{html.escape(caption)}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{key}"
    )


def _row(
    place: int, side: MatrixGroup, shown: Sequence[MatrixGroup], shares: dict[tuple[str, str], tuple[float, float]]
) -> str:
    cells = "".join(_cell(side.name, other.name, shares) for other in shown)
    return f'<tr><th scope="row"><span class="faint place">{place}</span>{html.escape(side.name)}</th>{cells}</tr>'


def _cell(name: str, other: str, shares: dict[tuple[str, str], tuple[float, float]]) -> str:
    won, votes = shares.get((name, other), (0.0, 0.0))
    if name == other or not votes:
        return "<td></td>"
    told = plural(
        round(votes),
        "{model} against {rival}: {share} of {n} vote",
        "{model} against {rival}: {share} of {n} votes",
        model=name,
        rival=other,
        share=language.percent(won / votes),
    )
    title = html.escape(told)
    if votes < FEW:
        return f'<td class="few" title="{title}">{votes:,.0f}</td>'
    return f'<td class="{_name(_step(won / votes))}" title="{title}">{100 * won / votes:.0f}</td>'


def _step(share: float) -> str:
    depth = sum(abs(share - 0.5) >= step for step in STEPS)
    return "0" if depth == 0 else f"{'p' if share > 0.5 else 'n'}{depth}"


def _name(step: str) -> str:
    return f"heat-{step}"


def _shares(board: leaderboards.Board, shown: Sequence[MatrixGroup]) -> dict[tuple[str, str], tuple[float, float]]:
    """Won (ties and both bad as half) and all votes, per ordered pair of names; none of a side against itself."""
    counted = board.counted
    of = {model: side.name for side in shown for model in side.models}
    shares: dict[tuple[str, str], tuple[float, float]] = {}
    for first, second, votes in zip(counted.first, counted.second, counted.votes, strict=True):
        names = of[counted.models[first]], of[counted.models[second]]
        if names[0] == names[1]:
            continue
        won_first, won_second, tie, both_bad = (float(vote) for vote in votes)
        total, half = won_first + won_second + tie + both_bad, (tie + both_bad) / 2
        for pair, won in ((names, won_first + half), ((names[1], names[0]), won_second + half)):
            before = shares.get(pair, (0.0, 0.0))
            shares[pair] = (before[0] + won, before[1] + total)
    return shares
