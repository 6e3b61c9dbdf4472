"""A ranking as the leaderboard page: a sentence computed from the data, then the table it rests on."""

import dataclasses
import html
import math
import urllib.parse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import leaderboards
from arena.domain.ids import ModelName
from arena.domain.standing import HeldFor
from arena.domain.vote import Counting
from arena.services.board_settings import PLAIN, BoardSettings
from arena.services.ranking import Ranking, Rankings
from arena.ui import board_switches, board_table, heat, language
from arena.ui.language import mark, plural, say
from leaderboards.showing import tiers

EARLY = 50
"""Votes below which the page says that it is early."""

OPEN_GAPS = 12
"""Pairs of neighbours that are listed as not told apart."""
OPEN_HEADS = (mark("Model"), mark("against"), mark("Difference"), mark("Votes so far"), mark("Still needed"))

COUNTED_AS = {
    "half": mark("each as half a win"),
    "drop": mark("left out"),
    "davidson": mark("as an outcome of their own"),
    "rao-kupper": mark("as an outcome of their own"),
}

PERCENT = mark("Percent of votes the row wins against the column. Ties and Both bad count as half.")

METHODS = {"bradley-terry": "Bradley\N{EN DASH}Terry"}

ROOT = '<div id="main" class="pa-wrap unstyled board-page" tabindex="-1"'
"""How the page begins."""

ENGLISH = 'lang="en" dir="ltr"'
"""What stands in English whatever the language of the page is: why a fit or the arena refuses."""


def page(ranking: Ranking, workspace: str, now: datetime, values: Mapping[str, Sequence[str]] | None = None) -> str:
    """The whole page under the top bar; `values` of each column that a board may be asked for."""
    switches = board_switches.form(ranking.asked, values or {}, ranking.held)
    if not ranking.boards:
        none = ranking.asked == PLAIN
        if ranking.held and none:
            return _without(say("No votes to rank yet."), f"{html.escape(_held_alone(ranking))} {_why_held()}.")
        if none and not ranking.votes:
            sentence = say("No votes yet. The board appears after the first 50.")
            return _without(sentence, html.escape(say("Each vote counts at once.")))
        reason = f"<span {ENGLISH}>{html.escape(str(ranking.reason))}</span>"
        return _whole(say("There is no board to show of these votes."), reason, workspace, now, switches)
    models = sum(len(board.entries) for board in ranking.boards)
    if len(ranking.boards) > 1:
        sentence = say("These models have no votes connecting them, so there is no common board.")
        facts = plural(
            ranking.votes,
            "{n} vote on {models} models, in {groups} groups that never met.",
            "{n} votes on {models} models, in {groups} groups that never met.",
            models=language.figure(models),
            groups=language.figure(len(ranking.boards)),
        )
        body = "".join(_island(number, board, ranking) for number, board in enumerate(ranking.boards, start=1))
    else:
        board = ranking.boards[0]
        reading = tiers.read(board)
        sentence, facts = _sentence(board, reading), _facts(board, reading)
        body = board_table.table(board, reading) + _more(board, reading, ranking)
    if said := board_switches.said(ranking.asked):
        facts = f"{say('Of all votes: {said}.', said=said)} {facts}"
    if ranking.votes < EARLY:
        facts += f" {say('It is early: a ranking is worth reading after the first 50 votes.')}"
    facts = html.escape(facts)
    if ranking.counting is Counting.COUNTED:
        beside = (
            f"{html.escape(_held_beside(ranking))} {_why_held()}."
            if ranking.held
            else html.escape(say("No vote is held."))
        )
        facts += f" {beside}"
    return _whole(sentence, facts, workspace, _until(ranking, now), switches + body, ranking.head)


def each(
    found: Rankings, asked: BoardSettings, workspace: str, now: datetime, values: Mapping[str, Sequence[str]]
) -> str:
    """The page that lists the boards of each value, with a link to each."""
    rows = "".join(
        f'<tr><th scope="row"><a href="/leaderboard?{html.escape(_query(asked, value))}">{html.escape(value)}</a></th>'
        f'<td class="r">{language.figure(votes)}</td></tr>'
        for value, votes in found.values.items()
    )
    by = say(board_switches.KINDS[str(asked.by)])
    body = (
        f'<table class="values"><thead><tr><th>{html.escape(by[:1].upper() + by[1:])}</th>'
        f'<th class="r">{html.escape(say("Votes"))}</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    sentence = plural(len(found.values), "{n} board by {kind}.", "{n} boards by {kind}.", kind=by)
    facts = html.escape(say("Each is fitted from its own votes alone. Open one to read it."))
    return _whole(sentence, facts, workspace, now, board_switches.form(asked, values, 0) + body)


def _query(asked: BoardSettings, value: str) -> str:
    return urllib.parse.urlencode(asked.of_value(value).words)


def _whole(sentence: str, facts: str, workspace: str, now: datetime, body: str, head: str | None = None) -> str:
    """The page; of its words only `facts` are markup."""
    until = say("every vote until {moment} UTC", moment=language.moment(now))
    return (
        f'{ROOT} data-head="{head or ""}"><div class="lead"><div><h1>{html.escape(sentence)}</h1><p>{facts}</p>'
        '<p class="moved" role="status" data-moved></p></div><div class="sm mute when">'
        f"{html.escape(workspace)}<br>{html.escape(until)}</div></div>{body}</div>"
    )


def _until(ranking: Ranking, now: datetime) -> datetime:
    """Up to when votes are on the board: where it moves in batches, the last one."""
    return ranking.asked.as_of or now


def refused(error: str) -> str:
    """The page when a board is refused."""
    return _without(say("There is no board to show you."), f"<span {ENGLISH}>{html.escape(error)}</span>")


def _without(sentence: str, advice: str) -> str:
    """The page when there is no board to show; `advice` is markup."""
    return (
        f'{ROOT}><div class="lead"><div><h1>{html.escape(sentence)}</h1><p>{advice} '
        f'<a href="/">{html.escape(say("Start a battle"))}</a></p></div></div></div>'
    )


def _sentence(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    unbeaten = [outsider.model for outsider in board.unbounded if outsider.direction == "above"]
    if unbeaten:
        return plural(
            len(unbeaten),
            "{models} has not lost yet, so there is no leader to name.",
            "{models} have not lost yet, so there is no leader to name.",
            models=language.listed(unbeaten),
        )
    if len(board.rated) < 2:
        return say("Too few votes to rank these models yet.")
    first = [entry.model for entry in board.rated if entry.rank == 1]
    if len(first) > 1:
        return say("{models} share the first place.", models=language.listed(first))
    leader, *others = board.rated
    level = [other.model for place, other in enumerate(others, start=1) if not reading.told_apart[0, place]]
    return _leads(leader.model, level, len(others))


def _leads(leader: str, level: Sequence[str], others: int) -> str:
    """Who leads. `level`: the models that the leader is not told apart from, among so many others."""
    if not level:
        return say("{model} leads, told apart from every other model.", model=leader)
    if len(level) == others and others > 1:
        return say("{model} leads, but is not yet told apart from any other model.", model=leader)
    if len(level) > 2:
        return plural(
            len(level),
            "{model} leads, but is not yet told apart from {n} other.",
            "{model} leads, but is not yet told apart from {n} others.",
            model=leader,
        )
    models = language.listed(level)
    return say("{model} leads, but is not yet told apart from {models}.", model=leader, models=models)


def _facts(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    models = language.figure(len(board.entries))
    facts = plural(board.votes, "{n} vote on {models} models.", "{n} votes on {models} models.", models=models)
    return f"{facts} {_told_apart(board, reading)}".rstrip()


def _told_apart(board: leaderboards.Board, reading: tiers.Tiers) -> str:
    """How many neighbours are told apart; empty where none has a rating."""
    told = sum(gap.told_apart for gap in reading.neighbours)
    every, level = len(reading.neighbours), language.percent(board.interval.level)
    if every == 1:
        if len(board.entries) == 2:
            both = say("They are told apart at {level}.") if told else say("They are not yet told apart at {level}.")
        elif told:
            both = say("The two with a rating are told apart at {level}.")
        else:
            both = say("The two with a rating are not yet told apart at {level}.")
        return both.format(level=level)
    if not every:
        return ""
    if not told:
        return say(
            "Of the {all} pairs of neighbours in rank, none is told apart at {level}, all comparisons taken together.",
            all=language.figure(every),
            level=level,
        )
    return plural(
        told,
        "Of the {all} pairs of neighbours in rank, {n} is told apart at {level}, all comparisons taken together.",
        "Of the {all} pairs of neighbours in rank, {n} are told apart at {level}, all comparisons taken together.",
        all=language.figure(every),
        level=level,
    )


def _more(board: leaderboards.Board, reading: tiers.Tiers, ranking: Ranking) -> str:
    """Head to head, what is still open, and how it was computed."""
    sides = heat.sides([entry.model for entry in board.entries], reading.bands)
    return (
        f'<div class="cols c57 sec"><section><header><h2>{html.escape(say("Head to head"))}</h2><p class="sm mute">'
        f"{html.escape(say(PERCENT))}</p></header>{heat.matrix(board, sides)}</section>"
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
        f'<td class="r">{language.figure(between.get(frozenset((gap.higher, gap.lower)), 0))}</td>'
        f'<td class="r nowrap">{html.escape(board_table.needed(gap.votes_needed))}</td></tr>'
        for gap in open_gaps[:OPEN_GAPS]
    )
    heads = [html.escape(say(head)) for head in OPEN_HEADS]
    title, advice = say("Not told apart yet"), say("Direct votes still needed if the difference stays as it is.")
    return (
        f'<h2>{html.escape(title)}</h2><p class="sm mute open">{html.escape(advice)}</p><div class="scroll" '
        f'tabindex="0" role="group" aria-label="{html.escape(say("{title}, scrolls sideways", title=title))}"><table>'
        f'<thead><tr><th>{heads[0]}</th><th>{heads[1]}</th><th class="r">{heads[2]}</th><th class="r">{heads[3]}</th>'
        f'<th class="r">{heads[4]}</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f"{_more_gaps(len(open_gaps) - OPEN_GAPS)}"
    )


def _more_gaps(left: int) -> str:
    if left <= 0:
        return ""
    more = plural(left, "and {n} pair of neighbours that needs more.", "and {n} pairs of neighbours that need more.")
    return f'<p class="sm mute open">{html.escape(more)}</p>'


def _method(board: leaderboards.Board, ranking: Ranking) -> str:
    ties, both_bad = (sum(getattr(entry, name) for entry in board.entries) // 2 for name in ("ties", "both_bad"))
    interval = [board.interval.kind.capitalize(), language.percent(board.interval.level)]
    facts = {
        say("Model"): ", ".join(_scale(board)),
        say("Intervals"): ", ".join(interval + ([say("grouped by rater")] if board.interval.cluster else [])),
        say("Ties"): say(
            "{ties} Tie and {both_bad} Both bad, {counted}",
            ties=language.figure(ties),
            both_bad=language.figure(both_bad),
            counted=say(COUNTED_AS[board.ties]),
        ),
        say("No answer"): _void(ranking.void_rates),
    }
    if board.critical is not None:
        facts[say("Rank range")] = plural(
            math.comb(len(board.rated), 2),
            "Simultaneous over {n} pair, critical value {value}",
            "Simultaneous over {n} pairs, critical value {value}",
            value=language.figure(board.critical, 2),
        )
    if board.controls:
        facts[say("Style")] = say("Taken out: {measures}", measures=", ".join(board.controls))
    items = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(fact)}</dd>" for name, fact in facts.items())
    sha256 = board.counted.sha256()
    grouped = " ".join(sha256[start : start + 4] for start in range(0, 32, 4))
    return (
        f'<h2 class="how-made">{html.escape(say("Method"))}</h2><dl class="method">{items}'
        f"<dt>{html.escape(say('Data'))}</dt>"
        f'<dd class="mono hash" dir="ltr" title="{sha256}">sha256 {grouped}</dd></dl>'
        f"{_command(ranking)}"
    )


def _scale(board: leaderboards.Board) -> list[str]:
    """The method, and what its ratings are measured in."""
    found = [METHODS.get(board.method, board.method), say("scale {scale}", scale=language.figure(board.scale.factor))]
    if board.scale.mean is not None:
        found.append(say("mean {mean}", mean=language.figure(board.scale.mean)))
    if board.scale.anchor:
        return [*found, f"{board.scale.anchor[0]} = {language.figure(board.scale.anchor[1])}"]
    return [*found, say("no anchor")]


def _void(void_rates: Mapping[ModelName, float]) -> str:
    """How often each model left a battle void; such a battle counts for nobody."""
    failing = sorted(((rate, model) for model, rate in void_rates.items() if rate > 0), reverse=True)
    if not failing:
        return say("No battle was void because a model did not answer")
    return "; ".join(
        say("{model} in {share} of its battles", model=model, share=language.percent(rate, 1))
        for rate, model in failing
    )


def _command(ranking: Ranking) -> str:
    """The line that gives the same numbers, broken between options."""
    if ranking.command is None:
        return ""
    lines = ranking.command.replace(" --", " \\\n  --")
    return f'<code class="cmd" dir="ltr" tabindex="0" data-command>{html.escape(lines)}</code>'


def _island(number: int, board: leaderboards.Board, ranking: Ranking) -> str:
    """A group of models with everything that a board has."""
    reading = tiers.read(board)
    heading = say("Group {number}: {sentence}", number=number, sentence=_sentence(board, reading))
    alone = dataclasses.replace(ranking, asked=dataclasses.replace(ranking.asked, by="island", value=str(number)))
    return (
        f'<section class="sec"><header><h2>{html.escape(heading)}</h2>'
        f"<p>{html.escape(_facts(board, reading))}</p></header>{board_table.table(board, reading)}"
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
    reach = f" &plusmn;{language.figure(gap.reach)}" if math.isfinite(gap.reach) else ""
    return language.figure(gap.difference) + reach


WHY = {
    HeldFor.LEAK: mark("an answer said which model wrote it"),
    HeldFor.SUSPENDED: mark("a person suspended the rater"),
    HeldFor.PROBATION: mark("a second person looks first"),
    HeldFor.FINDING: mark("an audit found a pattern that is rare among honest votes"),
}


def _why(ranking: Ranking) -> str:
    """The reasons, each with how many where there are several."""
    told = {reason: ranking.why.get(reason, 0) for reason in HeldFor if ranking.why.get(reason, 0)}
    if len(told) == 1:
        return say(WHY[next(iter(told))])
    return ", ".join(
        say("{n} because {why}", n=language.figure(count), why=say(WHY[reason])) for reason, count in told.items()
    )


def _why_held() -> str:
    """A link to what is told of held votes."""
    return f'<a href="/leaderboard/transparency#held">{html.escape(say("What was left out, and why"))}</a>'


def _held_alone(ranking: Ranking) -> str:
    return plural(
        ranking.held,
        "So far {n} vote is held and left out: {why}.",
        "So far {n} votes are held and left out: {why}.",
        why=_why(ranking),
    )


def _held_beside(ranking: Ranking) -> str:
    return plural(
        ranking.held,
        "Beside them {n} vote is held and left out: {why}.",
        "Beside them {n} votes are held and left out: {why}.",
        why=_why(ranking),
    )
