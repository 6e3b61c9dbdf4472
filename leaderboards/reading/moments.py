"""Times that cannot be read are refused: a vote with one would fall out of every window, or out of its order."""

from leaderboards import errors
from leaderboards.reading import source, sql

MISSING = ("nan", "nat", "none", "null", "<na>", "na", "n/a")
"""Texts, in small letters, that stand for no time, as frames and spreadsheets write it."""


def demand(votes: source.Source, column: str) -> None:
    """Raise InputError for the first row whose time is given and is none. A missing time is no fault."""
    named = source.quoted(column)
    wrong = f"{named} IS NOT NULL AND isinf({named})"
    if not sql.holds_numbers(votes, column):
        text = f"trim(CAST({named} AS VARCHAR))"
        missing = ", ".join(source.text(word) for word in ("", *MISSING))
        given = f"lower({text}) NOT IN ({missing})"
        wrong = f"{given} AND NOT coalesce(isfinite({sql.moment(votes, column)}), false)"
    if votes.holds(wrong, [column]) and (place := votes.first(wrong, [column])) is not None:
        raise errors.InputError(
            f"{place}: {column} is {errors.quoted(place.values[column])}; it must be seconds since 1970 or a date such "
            "as 2026-03-01T12:00:00Z."
        )
