"""Personal data in texts: found and masked where a selection asks for it.

A new kind is one file with a `find(text)` that yields spans, and one entry in `finding.FINDERS`. What is found, how
that was measured and what is not: docs/decisions/0009.
"""

from arena.domain.personal import Masked, PersonalKind
from arena.exports.personal.finding import find
from arena.exports.personal.kinds import PLACEHOLDERS, STRUCTURED, TITLES, Found
from arena.exports.personal.masking import mask, masked_record, report
from arena.exports.personal.names import Recogniser

__all__ = [
    "PLACEHOLDERS",
    "STRUCTURED",
    "TITLES",
    "Found",
    "Masked",
    "PersonalKind",
    "Recogniser",
    "find",
    "mask",
    "masked_record",
    "report",
]
