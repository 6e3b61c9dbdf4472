"""What is counted in an answer, line by line, is what one search of the whole text finds."""

import random

import pytest

from leaderboards.reading import source, style

WHOLE = {
    "headers": r"(?m)^#{1,6}\s",
    "lists": r"(?m)^\s*(?:[-*+]|\d+\.)\s",
    "bold": r"\*\*[^*\n]+\*\*|__[^_\n]+__",
    "code": r"(?m)^\s*```",
    "citations": r"\[[0-9]+\]|\]\(https?://",
}
"""The same as one pattern over a text."""
PIECES = ("#", "##", "- ", "-", "*", "**", "__", "_", "1.", "12", ".", "[3]", "[", "]", "](https://a", "```", "x", "é")
BLANKS = (" ", "\n", "\n", "\n\n", "\t", "\r\n")


def texts(count: int) -> list[str]:
    """Texts in which signs meet ends of lines and of the text in every way."""
    chance = random.Random(4)
    return ["", *("".join(chance.choices((*PIECES, *BLANKS), k=chance.randrange(1, 25))) for _ in range(count))]


@pytest.mark.parametrize("name", WHOLE)
def test_counting_by_line_is_counting_in_the_whole_text(name: str) -> None:
    connection = source.connection()
    connection.execute("CREATE OR REPLACE TEMP TABLE answers (text VARCHAR)")
    connection.execute("INSERT INTO answers SELECT unnest($texts)", {"texts": texts(3000)})
    whole = f"CAST(len(regexp_extract_all(text, '{WHOLE[name]}')) AS DOUBLE)"
    query = f"SELECT text, {style.quantity(name, 'text')} AS mine, {whole} AS theirs FROM answers"
    rows = connection.execute(query).fetchall()
    assert [row for row in rows if row[1] != row[2]] == []
    assert max(row[1] for row in rows) > 1


def test_what_is_counted_in_no_text_is_unknown() -> None:
    for name in style.BUILT_IN:
        assert source.connection().execute(f"SELECT {style.quantity(name, 'NULL::VARCHAR')}").fetchone() == (None,)
