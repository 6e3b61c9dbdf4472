"""What the rows of a release say of the fields that a vote's line commits to, whatever their format.

It is the way back: a format writes rows from a battle, and here the texts of the battle are found in rows, by the names
of their columns. Rows with other columns, such as those of a new format, say nothing here. `docs/verification.md` says
the same in words, for readers without this program.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.domain.vote import Winner
from arena.exports.format import Row

NAMED = (
    *("vote_id", "winner", "strength", "edit", "reason", "tags", "model_a", "model_b", "conversation_id", "turn"),
    *("campaign", "language", "category", "draw_probability", "finish_reason_a", "finish_reason_b", "leak"),
)
"""Fields that `battles` holds in columns of their names."""
LATER = ("criteria", "rater_kind")
"""The same, in columns that releases of an earlier arena do not have."""
ROLES = {"human": "user", "gpt": "assistant"}
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading raises where columns are missing, or hold something else than those of known formats."""


def read(rows: Sequence[Row], outcome: Winner | None) -> dict[str, Any]:
    """The fields that these rows, all those of a unit, say: none where nobody here can read such columns.

    `outcome` is what its raters decided."""
    try:
        return _read(rows, outcome)
    except UNREADABLE:
        return {}


def references(rows: Sequence[Row]) -> set[str]:
    """The corrections that rows hold beside both answers."""
    try:
        return {_text(row["reference"]) for row in rows if "reference" in row}
    except UNREADABLE:
        return set()


def _read(rows: Sequence[Row], outcome: Winner | None) -> dict[str, Any]:
    first = rows[0]
    found: dict[str, Any]
    if "conversation_a" in first:
        found = {name: first[name] for name in NAMED} | {"battle_id": first["question_id"]}
        found |= {name: first[name] for name in LATER if name in first}
        if first["tstamp"] is not None:
            found["time"] = round(first["tstamp"] * 1_000_000)
        asked = first["conversation_a"][:-1]
        found |= {f"answer_{side}": _text(first[f"conversation_{side}"]) for side in ("a", "b")}
    else:
        asked = _asked(first)
        found = _answers(rows, outcome)
        if "domain" in first:
            found |= {"language": first["language"], "category": first["domain"]}
    *history, prompt = [{"role": _role(said), "content": _text(said)} for said in asked]
    found["history"], found["prompt"] = history, prompt["content"]
    return found


def _text(said: Any) -> str:
    """The text of an answer: as it is, of a message, or of the last of several."""
    if isinstance(said, list):
        said = said[-1]
    found = said if isinstance(said, str) else said["value"] if "value" in said else said["content"]
    if not isinstance(found, str):
        raise TypeError("it is no text")
    return found


def _role(said: Mapping[str, Any]) -> str:
    named = said.get("role", said.get("from"))
    return ROLES.get(named, named) if isinstance(named, str) else ""


def _asked(row: Row) -> Sequence[Mapping[str, Any]]:
    """The messages before the answers."""
    if "instruction" in row:
        said = [("system", row["system"])] if row["system"] else []
        for user, assistant in row["history"]:
            said += [("user", user), ("assistant", assistant)]
        return [{"role": role, "content": words} for role, words in [*said, ("user", row["instruction"])]]
    if "question" in row:
        said = [("system", row["system"])] if row["system"] else []
        return [{"role": role, "content": words} for role, words in [*said, ("user", row["question"])]]
    for name in ("messages", "conversations"):
        if name in row:
            talk: list[Mapping[str, Any]] = row[name]
            return talk if "chosen" in row else talk[:-1]
    told: str | list[Mapping[str, Any]]
    told = row["prompt"] if "prompt" in row else row["context"] if "context" in row else row.get("chosen", ())[:-1]
    return [{"role": "user", "content": told}] if isinstance(told, str) else told


def _answers(rows: Sequence[Row], outcome: Winner | None) -> dict[str, Any]:
    """Both answers in the battle's own orientation; of a corrected conversation there is the correction instead."""
    first = rows[0]
    if "response1" in first:
        return {"answer_a": _text(first["response1"]), "answer_b": _text(first["response2"])}
    if "chosen" in first:
        better, worse = _text(first["chosen"]), _text(first["rejected"])
    elif "completions" in first:
        better, worse = (_text(one["completion"]) for one in first["completions"])
    elif "completion" in first:
        better, worse = (_text(row["completion"]) for row in rows)
    elif "kto_tag" in first:
        better, worse = (_text(row["conversations"]) for row in rows)
    else:
        return {"edit": _text(first["messages"])}
    if outcome is Winner.MODEL_B:
        better, worse = worse, better
    return {"answer_a": better, "answer_b": worse}
