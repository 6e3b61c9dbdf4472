"""The committed cases: texts in fourteen languages, with every piece of personal data marked by its kind.

A line is a language, a tab and a JSON string, in which `⟦kind:...⟧` marks what must be found and nothing else. A text
without marks holds look-alikes. `written.txt` was written by hand, `generated.txt` by `generate.py`. The first letter
of keys is an escape (`\\u0067hp_...`), so that scanners for leaked keys leave the files alone.

`fresh.jsonl` was written by somebody who did not know the search, and nobody mends the search on it: a JSON object on
each line, with the places as `spans` of a kind and its text. `seen.jsonl` was such a set until its misses were read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.exports.personal import Found, PersonalKind

FOLDER = Path(__file__).parent
FILES = ("written.txt", "generated.txt")
MARK = re.compile(r"⟦(\w+):(.*?)⟧", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text, and what is in it."""

    origin: str
    """File and line."""
    language: str
    text: str
    expected: tuple[Found, ...]


def read() -> list[Case]:
    """All committed cases."""
    return [
        parsed(f"{name}:{number}", line)
        for name in FILES
        for number, line in enumerate((FOLDER / name).read_text(encoding="utf-8").splitlines(), start=1)
        if line and not line.startswith("#")
    ]


def fresh(name: str = "fresh") -> list[Case]:
    """The cases that the search was never mended on; or, as "seen", those that were so once."""
    rows = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [placed(json.loads(row)) for row in rows if row.strip()]


def placed(row: Mapping[str, Any]) -> Case:
    """A row of the fresh set as a case: a span is the first place of its text that no other span has."""
    text, taken = row["text"], list[Found]()
    for span in row["spans"]:
        start = text.find(span["text"])
        while any(start < one.end and one.start < start + len(span["text"]) for one in taken):
            start = text.find(span["text"], start + 1)
        if start < 0:
            raise ValueError(f"fresh case {row['id']}: {span['text']!r} is not in its text, or not so often.")
        taken.append(Found(kind=PersonalKind(span["kind"]), start=start, end=start + len(span["text"])))
    taken.sort(key=lambda one: one.start)
    return Case(origin=f"fresh.jsonl:{row['id']}", language=row["language"], text=text, expected=tuple(taken))


def parsed(origin: str, line: str) -> Case:
    """A line of a file as a case."""
    language, _, quoted = line.partition("\t")
    marked = json.loads(quoted)
    return Case(origin=origin, language=language, text=MARK.sub(r"\2", marked), expected=tuple(_expected(marked)))


def _expected(marked: str) -> Iterator[Found]:
    marks = 0
    for match in MARK.finditer(marked):
        start = match.start() - marks
        yield Found(kind=PersonalKind(match[1]), start=start, end=start + len(match[2]))
        marks += len(match[0]) - len(match[2])
