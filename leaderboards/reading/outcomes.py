"""The four outcomes of a vote, and every spelling that is accepted for them.

A spelling that is not in this table is an error of the log, never a tie.
"""

WIN_A, WIN_B, TIE, BOTH_BAD = 0, 1, 2, 3
"""The columns of every array of counts per outcome."""

SPELLINGS: dict[str, int] = {
    "model_a": WIN_A,
    "model_b": WIN_B,
    "tie": TIE,
    "both_bad": BOTH_BAD,
    "tie (bothbad)": BOTH_BAD,
    "tie_bothbad": BOTH_BAD,
    "bothbad": BOTH_BAD,
}

ACCEPTED = "model_a, model_b, tie, both_bad"
"""The accepted spellings, as an error lists them."""

SWAPPED = [WIN_B, WIN_A, TIE, BOTH_BAD]
"""The same outcomes with the sides exchanged."""

TABLE_COLUMNS: dict[str, int] = {"win_a": WIN_A, "win_b": WIN_B, "tie": TIE, "tie_bothbad": BOTH_BAD}
"""Columns of a table that already holds counts per pair."""
