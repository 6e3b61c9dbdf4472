"""When a release can be written from plain battles as columns (`PlainBattles`), and has the same bytes."""

from arena.domain.selection import Selection
from arena.exports.format import Format
from arena.exports.writing import row_templates

KEYS = frozenset(
    {
        *("votes", "consent", "campaigns", "sources", "categories", "first_turn", "last_turn", "strengths"),
        *("ties", "both_bad", "minimum_votes", "minimum_agreement", "test_share", "license"),
    }
)
"""Filters that look only at what a group of plain battles has in common (`CHOSEN` in `arena.store.plain_battles`)."""


def suffice(form: Format, selection: Selection) -> bool:
    """Whether a release in this format, of this selection, is the same when plain battles come as columns. Battles of
    raters who do not agree to publication still have to come as records."""
    return row_templates.serves(form) and KEYS.issuperset(selection.to_mapping())
