"""Head to head: the share of votes each model wins against each other, as a matrix of coloured cells."""

import html
from collections.abc import Sequence

import leaderboards
from arena.domain import wording

FEW = 50
"""Votes below which a cell shows their number, hatched, in place of a share."""
STEPS = (0.025, 0.085, 0.15, 0.25)
"""Distances from one half at which the colour deepens."""

KEY = """<div class="key"><span>loses</span>{steps}<span>wins</span>
<i class="few"></i><span>fewer than {few} votes: the count is shown instead</span></div>"""


def matrix(board: leaderboards.Board, order: Sequence[str]) -> str:
    """The matrix with its key; rows and columns in the order given."""
    shares = _shares(board)
    heads = "".join(
        f'<th scope="col"><abbr title="{html.escape(name)}">{place}</abbr></th>'
        for place, name in enumerate(order, start=1)
    )
    rows = "".join(_row(place, name, order, shares) for place, name in enumerate(order, start=1))
    steps = [f"n{step}" for step in (4, 3, 2, 1)] + ["0"] + [f"p{step}" for step in (1, 2, 3, 4)]
    key = KEY.format(steps="".join(f'<i class="{_name(step)}"></i>' for step in steps), few=FEW)
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Head to head, scrolls sideways"><table class="heat">'
        '<caption class="vh">Share of votes the row model wins against the column model, ties as half</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{key}"
    )


def _row(place: int, name: str, order: Sequence[str], shares: dict[tuple[str, str], tuple[float, float]]) -> str:
    cells = "".join(_cell(name, other, shares) for other in order)
    return f'<tr><th scope="row"><span class="faint place">{place}</span>{html.escape(name)}</th>{cells}</tr>'


def _cell(name: str, other: str, shares: dict[tuple[str, str], tuple[float, float]]) -> str:
    won, votes = shares.get((name, other), (0.0, 0.0))
    if name == other or not votes:
        return "<td></td>"
    cast = wording.counted(round(votes), "vote")
    title = f"{html.escape(name)} against {html.escape(other)}: {won / votes:.0%} of {cast}"
    if votes < FEW:
        return f'<td class="few" title="{title}">{votes:,.0f}</td>'
    return f'<td class="{_name(_step(won / votes))}" title="{title}">{100 * won / votes:.0f}</td>'


def _step(share: float) -> str:
    depth = sum(abs(share - 0.5) >= step for step in STEPS)
    return "0" if depth == 0 else f"{'p' if share > 0.5 else 'n'}{depth}"


def _name(step: str) -> str:
    return f"heat-{step}"


def _shares(board: leaderboards.Board) -> dict[tuple[str, str], tuple[float, float]]:
    """Won (ties and both bad as half) and all votes, per ordered pair of names."""
    counted = board.counted
    shares: dict[tuple[str, str], tuple[float, float]] = {}
    for first, second, votes in zip(counted.first, counted.second, counted.votes, strict=True):
        won_first, won_second, tie, both_bad = (float(vote) for vote in votes)
        total, half = won_first + won_second + tie + both_bad, (tie + both_bad) / 2
        names = counted.models[first], counted.models[second]
        for pair, won in ((names, won_first + half), ((names[1], names[0]), won_second + half)):
            before = shares.get(pair, (0.0, 0.0))
            shares[pair] = (before[0] + won, before[1] + total)
    return shares
