"""Nothing is dropped silently: whatever an import does not keep is named, wherever in a row it stands."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena import imports
from arena.imports import messages, reading
from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, Outside, Thumb
from arena.imports.shape import Shape
from tests.imports import making, samples

PLANTED = "planted"


def objects(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every object in a row, the row itself first."""
    if isinstance(value, dict):
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from objects(one, (*path, name))


def planted(row: dict[str, Any], path: tuple[Any, ...], name: str, value: Any) -> dict[str, Any]:
    """The row with one more field in the object at a path."""
    found = copy.deepcopy(row)
    here: Any = found
    for step in path:
        here = here[step]
    here[name] = value
    return found


def names(unkept: reading.Unkept, path: tuple[Any, ...], name: str) -> bool:
    """Whether a field is named as not kept, or the object that it stands in."""
    place = ".".join(step for step in path if isinstance(step, str))
    return any(name in said or f"{place}.".startswith(f"{said}.") for said in unkept.rows)


def lost(shape: Shape, row: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The places where a planted field is neither named nor the reason that the row stays outside."""
    found = []
    for path in objects(row):
        unkept = reading.Unkept()
        made = reading.taken(Fields(planted(row, path, PLANTED, "something")), shape, unkept)
        if not names(unkept, path, PLANTED) and any(not isinstance(one, Outside) for one in made):
            found.append(path)
    return found


def shape_of(row: dict[str, Any]) -> Shape:
    """The shape of a row, of which something is taken."""
    shape = imports.recognised(row)
    assert shape is not None
    assert any(not isinstance(one, Outside) for one in reading.taken(Fields(row), shape, reading.Unkept()))
    return shape


@pytest.mark.parametrize("name", samples.ROWS)
def test_a_field_planted_anywhere_is_named(name: str) -> None:
    row = samples.ROWS[name]
    assert lost(shape_of(row), row) == []


def test_positive_control_a_shape_that_loses_silently_is_found() -> None:
    """It reads all there is and keeps what the shape keeps, as one would that copies a row and forgets a part."""
    row = samples.ROWS["lmarena.jsonl"]
    shape = shape_of(row)

    def forgetful(read: Fields) -> Iterator[ImportedVote | Outside | Thumb]:
        for name in read:
            read.get(name)
        yield from shape.entries(read)

    assert lost(replace(shape, entries=forgetful), row) == [()]


@pytest.mark.parametrize("belongs", [name for name in messages.BELONGS if not name.startswith("tool_call")])
@pytest.mark.parametrize("name", samples.ROWS)
def test_a_row_with_tools_or_images_beside_its_prompt_stays_outside(name: str, belongs: str) -> None:
    row = samples.ROWS[name]
    shape = shape_of(row)
    made = reading.taken(Fields({**row, belongs: [{"name": "tide"}]}), shape, reading.Unkept())
    assert [type(one) for one in made] == [Outside]
    assert belongs in made[0].why  # type: ignore[union-attr]


@pytest.mark.parametrize("name", samples.ROWS)
def test_a_message_with_tools_or_images_is_never_kept_without_them(name: str) -> None:
    row = samples.ROWS[name]
    shape = shape_of(row)
    for path in objects(row):
        here: Any = row
        for step in path:
            here = here[step]
        if not {"content", "value", "text"} & set(here) or "user_id" in here:
            continue
        for belongs, value in (("tool_calls", [{"id": "1"}]), ("images", ["a.png"])):
            unkept = reading.Unkept()
            made = reading.taken(Fields(planted(row, path, belongs, value)), shape, unkept)
            outside = any(isinstance(one, Outside) and belongs in one.why for one in made)
            assert outside or names(unkept, path, belongs), path


@pytest.mark.parametrize("name", samples.ROWS)
def test_a_system_message_beside_the_prompt_is_kept_or_the_row_stays_outside(name: str) -> None:
    row = {**samples.ROWS[name], "system": "Answer in Welsh."}
    made = reading.taken(Fields(row), shape_of(samples.ROWS[name]), reading.Unkept())
    if all(isinstance(one, Outside) for one in made):
        assert "system" in str(made[0])
    for one in made:
        if not isinstance(one, Outside):
            assert (one.messages[0].role, one.messages[0].text) == ("system", "Answer in Welsh.")


def test_what_is_not_kept_is_counted_by_row_and_only_where_something_was_taken(tmp_path: Path) -> None:
    rows = [
        making.lmarena(question_id="1", anony=True, conversation_a=[*making.said(answer="Left.")]),
        making.lmarena(question_id="2", anony=True, flags={"a": [{"b": 1}, {"b": 2}]}),
        making.lmarena(question_id="3", anony=True, winner="x"),
        making.lmarena(question_id="4", empty=None, blank="", none=[], deep={"a": None}),
    ]
    unkept = reading.Unkept()
    path = making.write(tmp_path / "votes.jsonl", rows)
    list(reading.entries(path, imports.SHAPES["lmarena"], unkept))
    assert dict(unkept.rows) == {"anony": 2, "flags": 1}


def test_names_without_end_are_counted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "NAMED_UNKEPT", 3)
    rows = [making.lmarena(**{f"made-up-{number}": 1}) for number in range(9)]
    unkept = reading.Unkept()
    list(reading.entries(making.write(tmp_path / "v.jsonl", rows), imports.SHAPES["lmarena"], unkept))
    assert sorted(unkept.rows.items()) == [("further names", 6), *((f"made-up-{n}", 1) for n in range(3))]


def test_what_was_said_after_the_judged_turn_is_named(tmp_path: Path) -> None:
    longer = making.said(answer="Left.") + making.said("And?", "More.")
    unkept = reading.Unkept()
    path = making.write(tmp_path / "votes.jsonl", [making.lmarena(conversation_a=longer)])
    list(reading.entries(path, imports.SHAPES["lmarena"], unkept))
    assert dict(unkept.rows) == {"conversation_a after turn 1": 1}


def test_what_is_not_kept_of_a_row_that_breaks_off_is_named_too() -> None:
    """A fault in a later turn leaves that turn outside, and the earlier ones are votes."""
    row = samples.rows("prism.jsonl")[0]
    row["conversation_history"][-1]["score"] = "high"
    unkept = reading.Unkept()
    made = reading.taken(Fields({**row, PLANTED: "x"}), imports.SHAPES["prism"], unkept)
    assert [isinstance(one, Outside) for one in made] == [False, False, False, True]
    assert unkept.rows[PLANTED] == 1
