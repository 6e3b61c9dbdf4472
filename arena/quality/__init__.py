"""Votes that one can trust: what an audit finds in a log of votes, and which votes are held for it.

    log = quality.read(rater, model_a, model_b, outcome)
    found = quality.audit(log)
    for finding in found.findings:
        print(finding.sentence)

Pure: arrays in, findings out; the same log and seed give the same findings.
"""

from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.audit import run as audit
from arena.quality.findings import KINDS, Audit, Finding, Hold
from arena.quality.honest import Spreads
from arena.quality.log import LEFT, RIGHT, TIE, Log, read

__all__ = [
    "KINDS",
    "LEFT",
    "RIGHT",
    "TIE",
    "Audit",
    "Finding",
    "Flags",
    "Floats",
    "Hold",
    "Integers",
    "Log",
    "Spreads",
    "audit",
    "read",
]
