"""The findings about conduct beside those of the audit: one list, and which votes are held for either."""

from collections.abc import Sequence
from dataclasses import replace

import numpy

from arena.quality.arrays import Flags
from arena.quality.conduct import Sign
from arena.quality.findings import NOTED, Audit, Finding, Hold
from arena.quality.log import Log


def joined(audit: Audit, log: Log, signs: Sequence[Sign]) -> Audit:
    """An audit with what raters' conduct says: votes are held since it began, but for what is only noted."""
    if not signs:
        return audit
    findings, begun = list(audit.findings), dict[int, float]()
    for sign in signs:
        mine = _since(log, sign.rater, sign.since)
        if not mine.any():
            continue
        findings.append(_finding(log, sign, mine))
        if sign.kind not in NOTED:
            begun[sign.rater] = min(begun.get(sign.rater, numpy.inf), sign.since)
    place = {name: number for number, name in enumerate(log.raters)}
    by_rater: dict[int, list[Hold]] = {rater: [] for rater in begun}
    holds: list[Hold] = []
    for hold in audit.holds:
        by_rater.get(place[hold.rater], holds).append(hold)
    held, pending = audit.held[log.row], audit.pending[log.row]
    for rater, since in begun.items():
        whole = [hold for hold in by_rater[rater] if hold.model is None and not hold.pending]
        first = min([since, *(-numpy.inf if hold.since is None else hold.since for hold in whole)])
        mine = _since(log, rater, first)
        held |= mine
        pending &= ~mine
        holds.append(_hold(log, rater, mine))
        taken = mine
        for hold in by_rater[rater]:
            if hold in whole:
                continue
            left = _since(log, rater, -numpy.inf if hold.since is None else hold.since) & ~taken
            if hold.model is not None:
                model = log.models.index(hold.model)
                left &= (log.votes.left == model) | (log.votes.right == model)
            if left.any():
                holds.append(replace(hold, votes=int(left.sum())))
    return replace(
        audit,
        findings=tuple(sorted(findings, key=lambda one: (-one.strength, one.raters))),
        holds=tuple(sorted(holds, key=lambda hold: (hold.pending, hold.rater, hold.model or ""))),
        held=_given(log, held),
        pending=_given(log, pending),
    )


def _since(log: Log, rater: int, moment: float) -> Flags:
    """The votes of a rater from a moment on."""
    found: Flags = (log.votes.rater == rater) & (log.moment >= moment)
    return found


def _finding(log: Log, sign: Sign, mine: Flags) -> Finding:
    everything = int(mine.sum()) == int(log.count[sign.rater])
    return Finding(
        kind=sign.kind,
        raters=(log.raters[sign.rater],),
        model=sign.model,
        strength=sign.strength,
        rows=numpy.sort(log.row[mine]),
        since=None if everything else float(log.moment[mine].min()),
        pending=False,
        sentence=sign.sentence,
    )


def _hold(log: Log, rater: int, mine: Flags) -> Hold:
    votes = int(mine.sum())
    since = None if votes == int(log.count[rater]) else float(log.moment[mine].min())
    return Hold(rater=log.raters[rater], since=since, model=None, votes=votes, pending=False)


def _given(log: Log, mine: Flags) -> Flags:
    found = numpy.zeros(len(mine), dtype=bool)
    found[log.row] = mine
    return found
