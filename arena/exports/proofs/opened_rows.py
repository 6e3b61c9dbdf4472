"""Whether the rows of a release say what was voted: what it opens leads to the commitments of its votes, and the format
makes those rows of it.

What is opened binds each value to the ledger. The format, asked for the rows again, binds what follows from values:
which answer is the chosen one, a margin, a score. Columns made for a release, such as pseudonyms, are neither.
"""

import itertools
import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from arena import exports
from arena.domain import vote_tree
from arena.domain.battle import BattleRecord
from arena.domain.vote import Vote, Winner
from arena.errors import InvalidValue
from arena.exports.folder import files, id_tables, opening
from arena.exports.folder.id_tables import Item
from arena.exports.format import Context, Format, Row, Taken, Unit
from arena.exports.proofs import opened, openings
from arena.exports.rows import pairs, read_back

LONGEST = 2**20
"""Bytes of a line of openings; salts and hashes have far fewer, a correction may have more than most."""
NAMED = 5
"""Votes that are named."""
BITS = 2 ** len(vote_tree.FIELDS)


def problems(directory: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What the openings of a release say differently, where every file is as listed."""
    told = manifest.get("opened")
    listed = any(entry["path"] == opening.FILE for entry in manifest["files"])
    if told is None or not listed:
        if listed or told is not None:
            yield f"The manifest and {opening.FILE} do not agree on what is opened."
        return
    form = exports.named(str(manifest["format"]))
    wrong: list[str] = []
    in_part = 0
    with Lines(directory / opening.FILE) as lines, Data(directory) as data:
        for unit in _units(id_tables.items(directory)):
            given = [lines.of(item.index) for item in unit]
            if not any(given):
                continue
            partly = None if None in given else _agree(form, unit, [one for one in given if one], data)
            if partly is None:
                wrong.append(unit[0].vote_id)
            in_part += partly or 0
        count, left = lines.count, lines.left
    if wrong:
        more = " and others" if len(wrong) > NAMED else ""
        yield f"The rows of {', '.join(wrong[:NAMED])}{more} do not say what was voted."
    if left or (not wrong and (count, in_part) != (told["votes"], told["in_part"])):
        yield f"{opening.FILE} opens other votes than the manifest and items say."


class Lines:
    """The openings of a release, in the order of their leaves."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._next = self._read()
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def left(self) -> bool:
        """Whether a line belongs to no vote that was asked for."""
        return self._next is not None

    def of(self, leaf: int) -> Mapping[str, Any] | None:
        """The line of a vote; leaves are asked for in order."""
        found = self._next
        if found is None or found.get("leaf") != leaf:
            return None
        self._next = self._read()
        self.count += 1
        return found

    def _read(self) -> Mapping[str, Any] | None:
        line = self._file.readline(LONGEST)
        if not line:
            return None
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {}


class Data:
    """The rows of a release, by their places."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._starts: dict[str, array[int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._starts.clear()

    def rows(self, item: Item) -> list[Row]:
        """Those of a unit, in the order in which the format made them."""
        path = self._directory / "data" / f"{item.split}.jsonl"
        if item.split not in self._starts:
            with path.open("rb") as file:
                sizes = (len(line) for line in file)
                self._starts[item.split] = array("q", itertools.accumulate(sizes, initial=0))
        starts, found = self._starts[item.split], []
        with path.open("rb") as file:
            for place in range(item.row, item.row + item.rows * item.step, item.step):
                file.seek(starts[place])
                found.append(json.loads(file.read(starts[place + 1] - starts[place])))
        return found


def _units(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Votes that stand one after the other with the same place."""
    for _, unit in itertools.groupby(items, key=lambda one: (one.split, one.row, one.rows, one.step)):
        yield list(unit)


def _agree(form: Format, unit: Sequence[Item], given: Sequence[Mapping[str, Any]], data: Data) -> int | None:
    """How many votes behind some rows are opened in part; None where something is not as it was committed to."""
    try:
        rows = data.rows(unit[0])
        outcome = _outcome(rows, given)
        for ordered in _orders(rows, form, outcome):
            claims = read_back.read(ordered, outcome)
            fields = [_fields(item, one, claims, form) for item, one in zip(unit, given, strict=True)]
            told = [one for one in fields if one is not None]
            if len(told) < len(unit):
                continue
            if not claims:
                return len(unit)
            records = [opened.of_fields({"winner": Winner.MODEL_A, **one}) for one in told]  # a correction's is implied
            votes = [vote for record in records for vote in record.votes]
            if _makes(form, records[0], votes, ordered):
                return sum(
                    not openings.whole(form.carries, tuple(claims), tuple(_names(one["opened"]))) for one in given
                )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, InvalidValue, RecursionError):
        return None
    return None


def _outcome(rows: Sequence[Row], given: Sequence[Mapping[str, Any]]) -> Winner | None:
    """What the votes behind rows decided; None where the rows say nothing of that, or nobody decided."""
    winners = [one["said"].get("winner", rows[0].get("winner")) for one in given]
    return None if None in winners else pairs.leader([Winner(one) for one in winners])


def _orders(rows: list[Row], form: Format, outcome: Winner | None) -> list[list[Row]]:
    """The rows as the format may have made them: those that are dealt out in rounds begin with either of them."""
    if not form.apart or outcome is None:
        return [rows]
    if outcome.decided:
        return [sorted(rows, key=lambda row: not row.get("label", row.get("kto_tag")))]
    return [rows, rows[::-1]]


def _names(mask: int) -> list[str]:
    return [name for place, name in enumerate(vote_tree.FIELDS) if mask >> place & 1]


def _fields(item: Item, line: Mapping[str, Any], claims: Mapping[str, Any], form: Format) -> Mapping[str, Any] | None:
    """What rows and openings say of one vote of a unit; None where what is opened does not lead to its commitment."""
    mask, said = line["opened"], line["said"]
    if set(line) != {"leaf", "opened", "said", "salts", "path"} or not 0 < mask < BITS or isinstance(mask, bool):
        return None
    names = _names(mask)
    values = {**claims, **said, "vote_id": item.vote_id, "battle_id": item.battle_id}
    for name in ("vote_id", "battle_id"):
        if claims.get(name, values[name]) != values[name]:
            return None
    salts, path = bytes.fromhex(line["salts"]), bytes.fromhex(line["path"])
    size, hashes = vote_tree.SALT_BYTES, [path[start : start + 32] for start in range(0, len(path), 32)]
    if len(salts) != size * len(names) or not set(said) <= set(names) & openings.IMPLIED - set(claims):
        return None
    leaves = {
        name: (salts[size * place : size * place + size], vote_tree.canonical(name, values[name]))
        for place, name in enumerate(names)
    }
    if not set(names) <= openings.published(form.carries) or not vote_tree.opens(leaves, hashes, item.commitment or ""):
        return None
    return values


def _makes(form: Format, first: BattleRecord, votes: Sequence[Vote], rows: Sequence[Row]) -> bool:
    """Whether the format makes these rows of a battle with these votes."""
    if form.unit is Unit.VOTE and len(votes) > 1:
        return False
    record = replace(first, votes=tuple(votes))
    made = [
        json.loads(files.json_line(row))
        for outcome in form.convert(record, Context(pseudonym=lambda _: ""))
        if isinstance(outcome, Taken)
        for row in outcome.rows
    ]
    return opened.comparable(made, rows) == opened.comparable(rows, rows)
