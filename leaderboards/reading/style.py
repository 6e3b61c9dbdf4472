"""Covariates of a vote: differences between the two answers other than the model.

A covariate is (a - b) / (a + b + 1) of a quantity measured on both answers. It comes from

    a numeric column of that name, which already is such a difference (positive towards side a),
    or two numeric columns NAME_a and NAME_b, 0 or more,
    or one of the built-in quantities below, counted in `conversation_a` and `conversation_b`.

Source of the form: LMSYS, "Does style matter?" (2024).
"""

from leaderboards import errors
from leaderboards.reading import source, sql

_LINES = {
    "headers": r"^#{1,6}(?:\s|$)",
    "lists": r"^\s*(?:[-*+]|\d+\.)(?:\s|$)",
    "code": r"^\s*```",
}
"""What lines that are counted look like. The blank after a sign may be the end of its line, not that of the text."""

_WITHIN = {
    "bold": (r"\*\*[^*\n]+\*\*|__[^_\n]+__", ("**", "__")),
    "citations": (r"\[[0-9]+\]|\]\(https?://", ("]",)),
}
"""What is counted within lines, and signs of which a line with some has one: only such lines are searched."""

BUILT_IN = {
    "length": "length of the answer, in characters / 4 (about tokens)",
    "headers": "Markdown headers",
    "lists": "list items",
    "bold": "bold passages",
    "code": "fences of code blocks",
    "citations": "numbered citations and links",
}
"""Quantities that are counted in conversations, and what they are."""

_SHORT = {"len": "length", "header": "headers", "list": "lists"}


def expression(votes: source.Source, name: str) -> tuple[str, list[str]]:
    """SQL for a covariate as a DOUBLE, and the columns it reads. Raises InputError when nothing gives it."""
    if _filled(votes, name):
        return sql.number(votes, name), [name]
    sides = [f"{name}_a", f"{name}_b"]
    if all(_filled(votes, side) for side in sides):
        a, b = (sql.number(votes, side) for side in sides)
        return f"({a} - {b}) / ({a} + {b} + 1)", sides
    built_in = _SHORT.get(name, name)
    if built_in in BUILT_IN:
        sides = ["conversation_a", "conversation_b"]
        if all(_filled(votes, side) for side in sides):
            _demand_messages(votes, sides)
            a, b = (quantity(built_in, _answer(votes, side)) for side in sides)
            return f"({a} - {b}) / ({a} + {b} + 1)", sides
        raise errors.InputError(
            f"{votes.name} has no conversation_a and conversation_b to count {built_in} in, and no column {name}."
        )
    raise errors.InputError(
        f"{votes.name} has no column {name}, and no {name}_a and {name}_b, to control for; "
        f"built in are {', '.join(BUILT_IN)}{votes.instead(name, BUILT_IN)}."
    )


def _filled(votes: source.Source, column: str) -> bool:
    """Whether the column is there; where columns are not declared, whether any row fills it."""
    if not votes.has(column):
        return False
    if all(part.columns is not None for part in votes.parts):
        return True
    return votes.first(f"{source.quoted(column)} IS NOT NULL", [column]) is not None


def _demand_messages(votes: source.Source, columns: list[str]) -> None:
    """Refuse lists as Python prints them into a cell: brackets and quotes would count as the answer's."""
    for column in columns:
        kinds = {part.columns[column] for part in votes.parts if part.columns and column in part.columns}
        if any(kind != "VARCHAR" for kind in kinds):
            continue
        printed = f"{column} LIKE '[{{''%'"
        if votes.holds(printed, [column]):
            place = votes.first(printed, [column])
            raise errors.InputError(
                f"{place}: {column} is a list as Python prints it, which is what DataFrame.to_csv writes; save "
                "the frame with to_parquet, or the column as JSON."
            )


def _answer(votes: source.Source, column: str) -> str:
    """SQL for the text of the assistant's messages, from a list of messages, JSON text of one, or plain text."""
    kinds = {part.columns[column] for part in votes.parts if part.columns and column in part.columns}
    if kinds and all(kind.startswith("STRUCT") and kind.endswith("[]") for kind in kinds):
        return _joined(column, column)
    messages = f'from_json({column}, \'[{{"role": "VARCHAR", "content": "VARCHAR"}}]\')'
    return (
        f"CASE WHEN {column} LIKE '[%' AND json_valid({column}) THEN {_joined(messages, column)} "
        f"ELSE coalesce({column}, '') END"
    )


def _joined(messages: str, column: str) -> str:
    mine = f"list_filter({messages}, lambda message: message.role = 'assistant')"
    texts = f"list_transform({mine}, lambda message: coalesce(message.content, ''))"
    return f"coalesce(array_to_string({texts}, chr(10)), '')"


def quantity(name: str, text: str) -> str:
    """SQL for a built-in quantity of a text."""
    if name == "length":
        return f"(length({text}) / 4.0)"
    if name in _LINES:
        lines = f"string_split({text} || 'x', chr(10))"
        return f"CAST(len(list_filter({lines}, lambda line: regexp_matches(line, '{_LINES[name]}'))) AS DOUBLE)"
    pattern, signs = _WITHIN[name]
    some = " OR ".join(f"contains(line, '{sign}')" for sign in signs)
    lines = f"list_filter(string_split({text}, chr(10)), lambda line: {some})"
    found = f"list_transform({lines}, lambda line: regexp_extract_all(line, '{pattern}'))"
    return f"CAST(len(flatten({found})) AS DOUBLE)"
