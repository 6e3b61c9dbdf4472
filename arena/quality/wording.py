"""Findings as plain sentences, told word for word to whoever they are about."""

import numpy

from arena.quality import kinds
from arena.quality.arrays import Flags, Floats
from arena.quality.log import LEFT, RIGHT, TIE, Log


def alone(log: Log, kind: str, mine: Flags, model: int | None, lifted: bool) -> str:
    """About one account; `mine` are the votes that speak for it."""
    outcome = log.votes.outcome[mine]
    votes = _votes(len(outcome))
    if kind in kinds.BLIND:
        left, right, tie = ((outcome == side).sum() for side in (LEFT, RIGHT, TIE))
        return (
            f"{votes} show no regard to the answers: {left:,} for the left, {right:,} for the right, {tie:,} ties, "
            "whichever models met."
        )
    if kind == "half":
        return f"About half of {votes} look like a coin's: the better model wins hardly more often than the worse."
    if kind == "inverted":
        return (
            f"{votes} prefer the worse of two models more often than the better, as if sides were swapped on purpose."
        )
    return _pushed(log, mine, model, lifted, "this rater's")


def hunt(log: Log, accounts: int, mine: Flags, with_it: Flags, model: int, lifted: bool) -> str:
    """About accounts that vote on one model again and again."""
    whose = "1 account" if accounts == 1 else f"{accounts:,} accounts"
    won = with_it & (log.votes.outcome == numpy.where(log.votes.left == model, LEFT, RIGHT))
    return (
        f"{with_it.sum():,} of {_votes(int(mine.sum()))} of {whose} are on {log.models[model]}, far more than others "
        f"meet it in, and {'more' if lifted else 'less'} in its favour than everybody else's: it won {won.sum():,}."
    )


def ring(log: Log, accounts: int, mine: Flags, up: list[int], down: list[int], late: bool) -> str:
    """About accounts that share a deviation."""
    parts = [_listed(log, "lift", up), _listed(log, "lower", down)]
    since = " in the second half of their votes" if late else ""
    return (
        f"{accounts:,} accounts deviate from everybody else in one and the same way{since}: "
        f"they {' and '.join(part for part in parts if part)}; {_votes(int(mine.sum()))} are held."
    )


def coins(accounts: int, mine: Flags) -> str:
    """About accounts that share nothing but how little they tell better from worse."""
    return (
        f"{accounts:,} accounts tell better from worse hardly at all, each as little as the others: "
        f"{_votes(int(mine.sum()))} look like a coin's."
    )


def pool(log: Log, kind: str, accounts: int, mine: Flags, model: int | None, lifted: bool) -> str:
    """About many accounts, none of which says enough alone."""
    if kind == "push":
        return _pushed(log, mine, model, lifted, f"{accounts:,} accounts'")
    what = "show no regard to the answers" if kind in kinds.BLIND else "prefer the worse of two models on purpose"
    return f"{_votes(int(mine.sum()))} of {accounts:,} accounts {what}; each says little, together they say it clearly."


def cohort(log: Log, name: str, accounts: int, mine: Flags, model: int | None, sign: float) -> str:
    """About accounts that wait as a group."""
    about = ""
    if model is not None:
        about = f", most of all by {'lifting' if sign > 0 else 'lowering'} {log.models[model]}"
    return (
        f"{accounts:,} accounts with {name} differ together from everybody else{about}; "
        f"{_votes(int(mine.sum()))} wait until more is known. Nothing is said about any one of them."
    )


def _pushed(log: Log, mine: Flags, model: int | None, lifted: bool, whose: str) -> str:
    votes = log.votes
    if model is None:
        return f"One model is {'lifted' if lifted else 'lowered'} in {whose} {_votes(int(mine.sum()))}."
    on_left, on_right = mine & (votes.left == model), mine & (votes.right == model)
    won = (votes.outcome[on_left] == LEFT).sum() + (votes.outcome[on_right] == RIGHT).sum()
    lost = (votes.outcome[on_left] == RIGHT).sum() + (votes.outcome[on_right] == LEFT).sum()
    total = on_left.sum() + on_right.sum()
    what = f"won {won:,}" if lifted else f"lost {lost:,}"
    return f"{log.models[model]} {what} of {whose} {total:,} votes with it, far more than by anybody else's votes."


def _listed(log: Log, verb: str, models: list[int]) -> str:
    names = [log.models[model] for model in models]
    if not names:
        return ""
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return f"{verb} {', '.join(names[:-1]) + ' and ' if len(names) > 1 else ''}{names[-1]}"


def _votes(count: int) -> str:
    return "1 vote" if count == 1 else f"{count:,} votes"


def named(values: Floats, least: float) -> tuple[list[int], list[int]]:
    """Models that a deviation lifts and lowers by so much at least, the most first."""
    order = numpy.argsort(-values, kind="stable")
    up = [int(model) for model in order if values[model] >= least]
    down = [int(model) for model in order[::-1] if values[model] <= -least]
    return up, down
