"""What a file of votes says of its raters beside the votes that count: known answers, and items that came again.

`gold` holds the known outcome of a vote's item, as `winner` is written, and nothing for any other vote; `repeat_of` the
`question_id` of the row in which the same rater voted on the same item before. Such votes say something of their rater
and count on no board. Where the outcome or the earlier row is not to be found, they say nothing.
"""

from dataclasses import dataclass

import numpy
import pyarrow

from arena import quality

COLUMNS = ("gold", "repeat_of", "question_id")
_ORDINARY = ("", "0", "false", "no")
_SWAPPED = {"model_a": "model_b", "model_b": "model_a"}
_Row = tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class FileConduct:
    """Of each row, whether its vote may count, and what the other votes say."""

    counts: quality.Flags
    conduct: quality.Conduct | None
    """Moments are those given; None where the file has no such votes."""


def read(table: pyarrow.Table, raters: list[str | None], moment: quality.Floats) -> FileConduct:
    """The conduct in a table of votes; `raters` and `moment` are of each row."""
    gold, again = _marked(table, "gold"), _marked(table, "repeat_of")
    if not any(gold) and not any(again):
        return FileConduct(counts=numpy.ones(table.num_rows, dtype=bool), conduct=None)
    names = [table[column].to_pylist() for column in ("model_a", "model_b", "winner", "question_id")]
    rows: list[_Row] = list(zip(raters, *names, strict=True))
    counts = numpy.array([not (known or before) for known, before in zip(gold, again, strict=True)])
    conduct = quality.Conduct(gold=_known(rows, gold, moment), repeats=_repeated(rows, again, counts, moment))
    return FileConduct(counts=counts, conduct=conduct)


def _marked(table: pyarrow.Table, column: str) -> list[str]:
    """What each row says there; an empty text where it is a vote like any other."""
    said = [(value or "").strip() for value in table[column].to_pylist()]
    return ["" if value.lower() in _ORDINARY else value for value in said]


def _known(rows: list[_Row], gold: list[str], moment: quality.Floats) -> quality.KnownAnswers | None:
    known = [
        place
        for place, answer in enumerate(gold)
        if rows[place][0] is not None and answer in ("model_a", "model_b", "tie", "both_bad")
    ]
    if not known:
        return None
    items = [rows[place][4] or f"row {place}" for place in known]
    return quality.KnownAnswers(
        rater=[str(rows[place][0]) for place in known],
        moment=moment[known],
        item=numpy.unique(items, return_inverse=True)[1],
        right=numpy.array([rows[place][3] == gold[place] for place in known]),
    )


def _repeated(
    rows: list[_Row], again: list[str], counts: quality.Flags, moment: quality.Floats
) -> quality.RepeatedVotes | None:
    first = {(row[0], row[4]): row for row, counted in zip(rows, counts, strict=True) if counted}
    found: list[tuple[int, bool, bool]] = []
    for place, before in enumerate(again):
        row = rows[place]
        old = first.get((row[0], before)) if before and row[0] is not None else None
        if old is None or {old[1], old[2]} != {row[1], row[2]}:
            continue
        swapped = old[1] != row[1]
        expected = _SWAPPED.get(str(old[3]), old[3]) if swapped else old[3]
        sided = swapped and old[3] in _SWAPPED and old[3] == row[3]
        found.append((place, expected == row[3], sided))
    if not found:
        return None
    places = [place for place, _, _ in found]
    return quality.RepeatedVotes(
        rater=[str(rows[place][0]) for place in places],
        moment=moment[places],
        same=numpy.array([same for _, same, _ in found]),
        same_side=numpy.array([sided for _, _, sided in found]),
    )
