"""Frozen records made quickly from rows.

The `__init__` of a frozen dataclass sets each field by way of `object.__setattr__`, which takes more than twice as long
as the slot's own setter; an export makes five such records of every battle (benchmarks/export_speed.py --store).
"""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

Made = TypeVar("Made")


def maker(kind: type[Made]) -> Callable[..., Made]:
    """A function that makes one of these from all its fields, in their order. For frozen dataclasses with slots that
    check nothing of what they are given."""
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]  # mypy sees no dataclass in `type`
    if hasattr(kind, "__post_init__"):
        raise TypeError(f"{kind.__name__} checks what it is given, so it is made by its own `__init__`.")
    known: dict[str, Any] = {f"set_{name}": getattr(kind, name).__set__ for name in names}
    known.update(new=object.__new__, kind=kind)
    lines = [f"def make({', '.join(names)}):", "    made = new(kind)"]
    lines += [f"    set_{name}(made, {name})" for name in names]
    exec("\n".join([*lines, "    return made"]), known)  # noqa: S102 - names of fields, as dataclasses themselves do it
    made: Callable[..., Made] = known["make"]
    return made
