"""Votes that one can trust: what an audit finds in a log of votes, and which votes are held for it.

    log = quality.read(rater, model_a, model_b, outcome)
    found = quality.audit(log)
    for finding in found.findings:
        print(finding.sentence)

What raters do beside these votes is a matter of its own:

    found = quality.joined(found, log, quality.signs(log, quality.Conduct(gold=..., repeats=..., seconds=...)))

Pure: arrays in, findings out; the same log and seed give the same findings.
"""

from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.audit import run as audit
from arena.quality.conduct import Conduct, Given, KnownAnswers, RepeatedVotes, signs
from arena.quality.findings import KINDS, NOTED, Audit, AuditLimit, Finding, Hold
from arena.quality.honest import Spreads
from arena.quality.joining import joined
from arena.quality.log import LEFT, RIGHT, TIE, Log, read

__all__ = [
    "KINDS",
    "LEFT",
    "NOTED",
    "RIGHT",
    "TIE",
    "Audit",
    "AuditLimit",
    "Conduct",
    "Finding",
    "Flags",
    "Floats",
    "Given",
    "Hold",
    "Integers",
    "KnownAnswers",
    "Log",
    "RepeatedVotes",
    "Spreads",
    "audit",
    "joined",
    "read",
    "signs",
]
