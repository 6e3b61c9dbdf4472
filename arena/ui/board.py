"""A ranking as the leaderboard page: a sentence computed from the data, then the table it rests on."""

import dataclasses
import html
import math
import urllib.parse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import leaderboards
from arena.domain import wording
from arena.domain.ids import ModelName
from arena.domain.standing import HeldFor
from arena.domain.vote import Counting
from arena.services.board_settings import PLAIN, BoardSettings
from arena.services.ranking import Ranking, Rankings
from arena.ui import board_switches, board_table, heat
from leaderboards.showing import tiers

EARLY = 50
"""Votes below which the page says that it is early."""

OPEN_GAPS = 12
"""Pairs of neighbours that are listed as not told apart."""

COUNTED_AS = {
    "half": "each as half a win",
    "drop": "left out",
    "davidson": "as an outcome of their own",
    "rao-kupper": "as an outcome of their own",
}

METHODS = {"bradley-terry": "Bradley\N{EN DASH}Terry"}

ROOT = '<div id="main" lang="en" dir="ltr" class="pa-wrap unstyled board-page" tabindex="-1"'
"""How the page begins. Its words are English whatever the language of the bar is, and run as English does."""


def page(ranking: Ranking, workspace: str, now: datetime, values: Mapping[str, Sequence[str]] | None = None) -> str:
    """The whole page under the top bar; `values` of each column that a board may be asked for."""
    switches = board_switches.form(ranking.asked, values or {}, ranking.held)
    if not ranking.boards:
        none = ranking.asked == PLAIN
        if ranking.held and none:
            return refusal("No votes to rank yet.", f"So far {_held(ranking)}.")
        if none and not ranking.votes:
            return refusal("No votes yet. The board appears after the first 50.", "Each vote counts at once.")
        return _whole("There is no board to show of these votes.", str(ranking.reason), workspace, now, switches)
    models = sum(len(board.entries) for board in ranking.boards)
    if len(ranking.boards) > 1:
        sentence = "These models have no votes connecting them, so there is no common board."
        facts = f"{_votes(ranking.votes)} on {models} models, in {len(ranking.boards)} groups that never met."
        body = "".join(_island(number, board, ranking) for number, board in enumerate(ranking.boards, start=1))
    else:
        board = ranking.boards[0]
        reading = tiers.read(board)
        sentence, facts = _sentence(board, reading), _facts(board, reading)
        body = board_table.table(board, reading) + _more(board, reading, ranking)
    if said := board_switches.said(ranking.asked):
        facts = f"Of all votes: {html.escape(said)}. {facts}"
    if ranking.held and ranking.counting is Counting.COUNTED:
        facts += f" Beside them {_held(ranking)}."
    facts += "" if ranking.votes >= EARLY else " It is early: a ranking is worth reading after the first 50 votes."
    return _whole(sentence, facts, workspace, _until(ranking, now), switches + body, ranking.head)


def each(
    found: Rankings, asked: BoardSettings, workspace: str, now: datetime, values: Mapping[str, Sequence[str]]
) -> str:
    """The page that lists the boards of each value, with a link to each."""
    rows = "".join(
        f'<tr><th scope="row"><a href="/leaderboard?{html.escape(_query(asked, value))}">{html.escape(value)}</a></th>'
        f'<td class="r">{votes:,}</td></tr>'
        for value, votes in found.values.items()
    )
    body = (
        f'<table class="values"><thead><tr><th>{html.escape(str(asked.by)).capitalize()}</th><th class="r">Votes</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )
    number = wording.counted(len(found.values), "board")
    facts = "Each is fitted from its own votes alone. Open one to read it."
    return _whole(f"{number} by {asked.by}.", facts, workspace, now, board_switches.form(asked, values, 0) + body)


def _query(asked: BoardSettings, value: str) -> str:
    return urllib.parse.urlencode(asked.of_value(value).words)


def _whole(sentence: str, facts: str, workspace: str, now: datetime, body: str, head: str | None = None) -> str:
    return (
        f'{ROOT} data-head="{head or ""}"><div class="lead"><div><h1>{sentence}</h1><p>{facts}</p>'
        '<p class="moved" role="status" data-moved></p></div><div class="sm mute when">'
        f"{html.escape(workspace)}<br>every vote until {now:%-d %b %Y, %H:%M} UTC</div></div>{body}</div>"
    )


def _until(ranking: Ranking, now: datetime) -> datetime:
    """Up to when votes are on the board: where it moves in batches, the last one."""
    return ranking.asked.as_of or now


def refusal(sentence: str, advice: str) -> str:
    """The page when there is no board to show."""
    return (
        f'{ROOT}><div class="lead"><div>'
        f"<h1>{html.escape(sentence)}</h1><p>{html.escape(advice)} "
        '<a href="/">Start a battle</a></p></div></div></div>'
    )


def _sentence(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    unbeaten = [outsider.model for outsider in board.unbounded if outsider.direction == "above"]
    if unbeaten:
        verb = "has" if len(unbeaten) == 1 else "have"
        return f"{_names(unbeaten)} {verb} not lost yet, so there is no leader to name."
    if len(board.rated) < 2:
        return "Too few votes to rank these models yet."
    first = [entry.model for entry in board.rated if entry.rank == 1]
    if len(first) > 1:
        return f"{_names(first)} share the first place."
    leader, *others = board.rated
    level = [other.model for place, other in enumerate(others, start=1) if not reading.told_apart[0, place]]
    if not level:
        return f"{html.escape(leader.model)} leads, told apart from every other model."
    if len(level) == len(others) and len(others) > 1:
        return f"{html.escape(leader.model)} leads, but is not yet told apart from any other model."
    if len(level) > 2:
        return f"{html.escape(leader.model)} leads, but is not yet told apart from {len(level)} others."
    return f"{html.escape(leader.model)} leads, but is not yet told apart from {_names(level)}."


def _facts(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    told = sum(gap.told_apart for gap in reading.neighbours)
    facts = f"{_votes(board.votes)} on {len(board.entries)} models."
    if len(reading.neighbours) == 1:
        two = "They" if len(board.entries) == 2 else "The two with a rating"
        return f"{facts} {two} are {'' if told else 'not yet '}told apart at {board.interval.level:.0%}."
    if reading.neighbours:
        facts += (
            f" Of the {len(reading.neighbours)} neighbours on this board, {told or 'none'} "
            f"{'is' if told == 1 else 'are'} told apart at {board.interval.level:.0%}, all comparisons taken together."
        )
    return facts


def _more(board: leaderboards.Board, reading: tiers.Tiers, ranking: Ranking) -> str:
    """Head to head, what is still open, and how it was computed."""
    sides = heat.sides([entry.model for entry in board.entries], reading.bands)
    return (
        '<div class="cols c57 sec"><section><header><h2>Head to head</h2><p class="sm mute">Percent of votes the row '
        f"wins against the column. Ties and Both bad count as half.</p></header>{heat.matrix(board, sides)}</section>"
        f"<section>{_open(board, reading)}{_method(board, ranking)}</section></div>"
    )


def _open(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    open_gaps = sorted(
        (gap for gap in reading.neighbours if not gap.told_apart), key=lambda gap: gap.votes_needed or math.inf
    )
    if not open_gaps:
        return ""
    between = _between(board)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(gap.higher)}</th><td>{html.escape(gap.lower)}</td>'
        f'<td class="r nowrap">{_difference(gap)}</td>'
        f'<td class="r">{between.get(frozenset((gap.higher, gap.lower)), 0):,.0f}</td>'
        f'<td class="r nowrap">{board_table.needed(gap.votes_needed)}</td></tr>'
        for gap in open_gaps[:OPEN_GAPS]
    )
    left = len(open_gaps) - OPEN_GAPS
    more = f'<p class="sm mute open">and {left} pairs of neighbours that need more.</p>' if left > 0 else ""
    return (
        '<h2>Not told apart yet</h2><p class="sm mute open">Direct votes still needed if the difference stays as it is.'
        '</p><div class="scroll" tabindex="0" role="group" aria-label="Not told apart yet, scrolls sideways"><table>'
        '<thead><tr><th>Model</th><th>against</th><th class="r">Difference</th><th class="r">Votes so far</th>'
        f'<th class="r">Still needed</th></tr></thead><tbody>{rows}</tbody></table></div>{more}'
    )


def _method(board: leaderboards.Board, ranking: Ranking) -> str:
    anchor = f"{board.scale.anchor[0]} = {board.scale.anchor[1]:,.0f}" if board.scale.anchor else "no anchor"
    mean = "" if board.scale.mean is None else f"mean {board.scale.mean:,.0f}, "
    ties, both_bad = (sum(getattr(entry, name) for entry in board.entries) // 2 for name in ("ties", "both_bad"))
    pairs = math.comb(len(board.rated), 2)
    facts = {
        "Model": f"{METHODS.get(board.method, board.method)}, scale {board.scale.factor:,.0f}, {mean}{anchor}",
        "Intervals": f"{board.interval.kind.capitalize()}, {board.interval.level:.0%}"
        + (", grouped by rater" if board.interval.cluster else ""),
        "Ties": f"{ties:,} Tie and {both_bad:,} Both bad, {COUNTED_AS[board.ties]}",
        "No answer": _void(ranking.void_rates),
    }
    if board.critical is not None:
        facts["Rank range"] = f"Simultaneous over {wording.counted(pairs, 'pair')}, critical value {board.critical:.2f}"
    if board.controls:
        facts["Style"] = f"Taken out: {', '.join(board.controls)}"
    items = "".join(f"<dt>{name}</dt><dd>{html.escape(fact)}</dd>" for name, fact in facts.items())
    sha256 = board.counted.sha256()
    grouped = " ".join(sha256[start : start + 4] for start in range(0, 32, 4))
    return (
        f'<h2 class="how-made">Method</h2><dl class="method">{items}<dt>Data</dt>'
        f'<dd class="mono hash" title="{sha256}">sha256 {grouped}</dd></dl>'
        f"{_command(ranking)}"
    )


def _void(void_rates: Mapping[ModelName, float]) -> str:
    """How often each model left a battle void; such a battle counts for nobody."""
    failing = sorted(((rate, model) for model, rate in void_rates.items() if rate > 0), reverse=True)
    if not failing:
        return "No battle was void because a model did not answer"
    return "; ".join(f"{model} in {rate:.1%} of its battles" for rate, model in failing)


def _command(ranking: Ranking) -> str:
    """The line that gives the same numbers, broken between options."""
    if ranking.command is None:
        return ""
    lines = ranking.command.replace(" --", " \\\n  --")
    return f'<code class="cmd" tabindex="0" data-command>{html.escape(lines)}</code>'


def _island(number: int, board: leaderboards.Board, ranking: Ranking) -> str:
    """A group of models with everything that a board has."""
    reading = tiers.read(board)
    alone = dataclasses.replace(ranking, asked=dataclasses.replace(ranking.asked, by="island", value=str(number)))
    return (
        f'<section class="sec"><header><h2>Group {number}: {html.escape(_sentence(board, reading))}</h2>'
        f"<p>{_facts(board, reading)}</p></header>{board_table.table(board, reading)}"
        f"{_more(board, reading, alone)}</section>"
    )


def _between(board: leaderboards.Board) -> dict[frozenset[str], float]:
    """Votes on each pair of models."""
    counted = board.counted
    found: dict[frozenset[str], float] = defaultdict(float)
    for first, second, votes in zip(counted.first, counted.second, counted.votes.sum(axis=1), strict=True):
        found[frozenset((counted.models[first], counted.models[second]))] += float(votes)
    return found


def _difference(gap: tiers.Gap) -> str:
    return f"{gap.difference:,.0f}" + (f" &plusmn;{gap.reach:,.0f}" if math.isfinite(gap.reach) else "")


WHY = {
    HeldFor.LEAK: "an answer said which model wrote it",
    HeldFor.SUSPENDED: "a person suspended the rater",
    HeldFor.PROBATION: "a second person looks first",
    HeldFor.FINDING: "an audit found a reason",
}


def _why(ranking: Ranking) -> str:
    """The reasons, each with how many where there are several."""
    told = {reason: ranking.why.get(reason, 0) for reason in HeldFor if ranking.why.get(reason, 0)}
    if len(told) == 1:
        return WHY[next(iter(told))]
    return ", ".join(f"{count:,} because {WHY[reason]}" for reason, count in told.items())


def _held(ranking: Ranking) -> str:
    verb = "is" if ranking.held == 1 else "are"
    return f"{_votes(ranking.held)} {verb} held and left out: {_why(ranking)}"


def _votes(number: int) -> str:
    return wording.counted(number, "vote")


def _names(models: Sequence[str]) -> str:
    *first, last = (html.escape(model) for model in models)
    return f"{', '.join(first)} and {last}" if first else last
