"""`arena rank FILE --audit`: the board over the votes that are not held, and what was held."""

import datetime
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import pyarrow

import leaderboards
from arena import quality
from arena.cli import file_conduct
from arena.domain import wording
from arena.errors import InvalidValue
from leaderboards import cli as ranking

_OUTCOMES = {"model_a": quality.LEFT, "model_b": quality.RIGHT, "tie": quality.TIE, "both_bad": quality.TIE}
_RATERS = ("rater", "judge")
_SAID = 12
"""Findings told on stderr; the JSON has all."""


def document(votes: leaderboards.Votes, options: ranking.Options) -> str:
    """The document of the board without the votes held; JSON with an `audit` in it. Raises InvalidValue, InputError."""
    started = time.process_time()
    table = votes.rows(columns=[*_RATERS, "invitation", *file_conduct.COLUMNS], moments=["tstamp"])
    raters = _raters(table, votes.name)
    beside = file_conduct.read(table, raters, _moments(table, raters))
    named = numpy.flatnonzero(beside.counts & _told(raters))
    found = _audited(table, raters, named, beside.conduct)
    held = ~beside.counts
    held[named] |= found.held
    if held.all():
        raise InvalidValue(
            f"Every vote of {votes.name} is held by the audit; rank it without --audit to see the board."
        )
    counted = votes.without(held) if held.any() else votes
    _tell(found, int(beside.counts.sum()), int((~beside.counts).sum()))
    if options.format != "json":
        return ranking.document(counted, options)
    told = json.loads(ranking.document(counted, _printed(options)))
    told["audit"] = {
        "votes": int(beside.counts.sum()),
        **_as_dict(found, _timed(table, raters)),
        "seconds": round(time.process_time() - started, 3),
    }
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    if options.out is None:
        return text
    try:
        Path(options.out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidValue(f"{options.out} cannot be written: {error.strerror}.") from error
    return ""


def _printed(options: ranking.Options) -> ranking.Options:
    """The same, onto stdout."""
    given = {name: getattr(options, name) for name in ranking.Options.__dataclass_fields__}
    return ranking.Options(**{**given, "out": None})


def _raters(table: pyarrow.Table, name: str) -> list[str | None]:
    """Who cast each vote."""
    for column in _RATERS:
        if table[column].null_count < table.num_rows:
            values: list[str | None] = table[column].to_pylist()
            return values
    raise InvalidValue(
        f"{name} says of no vote who cast it, which an audit needs; name a column rater or judge, or say which it is: "
        "--map rater=COLUMN."
    )


def _told(raters: list[str | None]) -> quality.Flags:
    """Of each vote, whether its rater is known."""
    return numpy.array([rater is not None for rater in raters], dtype=bool)


def _timed(table: pyarrow.Table, raters: list[str | None]) -> bool:
    """Whether the moment of every vote is known whose rater is."""
    times = table["tstamp"].filter(pyarrow.array(_told(raters)))
    return bool(times.null_count == 0)


def _moments(table: pyarrow.Table, raters: list[str | None]) -> quality.Floats:
    """Of each vote: its time or, where times are not known, its row."""
    if _timed(table, raters):
        known: quality.Floats = table["tstamp"].to_numpy()
        return known
    return numpy.arange(table.num_rows, dtype=float)


def _audited(
    table: pyarrow.Table, raters: list[str | None], named: quality.Integers, conduct: quality.Conduct | None
) -> quality.Audit:
    """The audit of the votes that may count and whose rater is known."""
    rows = table.take(pyarrow.array(named))
    invited = rows["invitation"].null_count < rows.num_rows
    log = quality.read(
        [raters[place] for place in named],
        rows["model_a"].to_pylist(),
        rows["model_b"].to_pylist(),
        [_OUTCOMES[winner] for winner in rows["winner"].to_pylist()],
        moment=_moments(table, raters)[named],
        groups={"the same invitation": [text or "" for text in rows["invitation"].to_pylist()]} if invited else None,
    )
    found = quality.audit(log)
    return found if conduct is None else quality.joined(found, log, quality.signs(log, conduct))


def _tell(found: quality.Audit, votes: int, beside: int) -> None:
    """What was held, for whoever reads the board."""
    held = int(found.held.sum())
    waiting = int(found.pending.sum())
    waits = f", {waiting:,} of them waiting" if waiting else ""
    holds = f"{held:,} {'is' if held == 1 else 'are'} held{waits}"
    sys.stderr.write(f"Counted {votes - held:,} of {wording.counted(votes, 'vote')}; {holds}.\n")
    if beside:
        sys.stderr.write(f"Known answers and repeats count nowhere: {wording.counted(beside, 'vote')}.\n")
    for finding in found.findings[:_SAID]:
        who = finding.raters[0] if len(finding.raters) == 1 else finding.kind
        sys.stderr.write(f"  {who}: {finding.sentence}\n")
    if len(found.findings) > _SAID:
        sys.stderr.write(f"  and {len(found.findings) - _SAID:,} more; --format json has all.\n")
    for limit in found.limits:
        sys.stderr.write(f"{limit.sentence}\n")


def _as_dict(found: quality.Audit, timed: bool) -> dict[str, Any]:
    def since(moment: float | None) -> str | int | None:
        if moment is None:
            return None
        if not timed:
            return int(moment) + 1
        whole = datetime.datetime.fromtimestamp(math.floor(moment), tz=datetime.UTC)
        return (whole + datetime.timedelta(microseconds=math.floor(moment % 1 * 1e6))).isoformat()

    return {
        "held_votes": int(found.held.sum()),
        "held_raters": list(found.held_raters),
        "pending_votes": int(found.pending.sum()),
        "pending_raters": list(found.pending_raters),
        "held": [
            {"rater": hold.rater, "since": since(hold.since), "model": hold.model, "votes": hold.votes}
            for hold in found.holds
        ],
        "findings": [
            {
                "kind": finding.kind,
                "raters": list(finding.raters),
                "votes": len(finding.rows),
                "since": since(finding.since),
                "strength": round(finding.strength, 3),
                "model": finding.model,
                "sentence": finding.sentence,
            }
            for finding in found.findings
        ],
        "limits": [limit.document() for limit in found.limits],
        "policy": None,
    }
