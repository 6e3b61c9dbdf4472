"""Checks that a release agrees with itself: the manifest with the rows, and one file with the next.

Whoever holds the key can sign anything. So besides the bytes, this is checked:

    tables    JSON lines and Parquet hold the same rows, as many as the manifest says, and no file is left out
    rows      every row belongs to exactly one unit of `items`; no vote is in it twice, and none that was removed
    counts    what was taken, left out and removed sums to what the manifest says, and credit is one for each vote
    tree      the votes listed lead to the root that was signed
    votes     rows say what their votes are committed to, where the release opens them: `opened_rows`

Of votes of the first version only a rater's own proof can show what their rows should say (docs/verification.md).
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from arena.domain import wording
from arena.errors import InvalidValue
from arena.exports.folder import credit, id_tables, json_to_arrow
from arena.exports.folder.manifest import FORMER
from arena.exports.proofs import merkle, opened_rows

LARGEST_GROUP = 512 * 2**20
"""In bytes, unpacked. The row groups that an arena writes are far smaller."""
UNPACKED = 32 * 2**20
"""Bytes of rows that are unpacked at a time for comparison."""
NAMED = 5
"""How many rows or votes one problem names."""


def problems(directory: Path, manifest: Mapping[str, Any], *, texts: bool = True) -> Iterator[str]:
    """What does not agree, provided that the bytes of every file are as listed. `texts`: whether the rows are here."""
    files = {entry["path"] for entry in manifest["files"]}
    missing = sorted(_needed(manifest) - files)
    if missing:
        yield f"The manifest does not list {', '.join(missing)}, which every release holds."
        return
    try:
        yield from _tables(directory, manifest, files, texts=texts)
        yield from _placed(directory, manifest)
        yield from _counted(directory, manifest)
        if texts:
            yield from opened_rows.problems(directory, manifest)
    except InvalidValue as error:
        yield str(error)
    except (KeyError, TypeError, AttributeError):
        yield "The manifest does not say its counts as a release does."


def _needed(manifest: Mapping[str, Any]) -> set[str]:
    rows = manifest["counts"]["rows"]
    data = {f"data/{part}.{kind}" for part, count in rows.items() if count for kind in ("jsonl", "parquet")}
    ids = id_tables.NAMES if manifest["schema"] != FORMER else tuple(f"{table}.parquet" for table in id_tables.SCHEMAS)
    return {"README.md", *ids, *data}


def _tables(directory: Path, manifest: Mapping[str, Any], files: set[str], *, texts: bool) -> Iterator[str]:
    """Whether both files of each table hold the same rows, as many as the manifest says."""
    rows = {entry["path"]: entry.get("rows") for entry in manifest["files"]}
    names = [f"data/{part}" for part in manifest["counts"]["rows"]] if texts else []
    for name in (*names, *id_tables.SCHEMAS):
        lines, parquet = f"{name}.jsonl", f"{name}.parquet"
        if parquet not in files:
            continue
        count, same = _compared(directory / lines if lines in files else None, directory / parquet)
        if not same:
            yield f"{lines} and {parquet} do not hold the same rows."
        said = {rows.get(path) for path in (lines, parquet) if path in files}
        if name.startswith("data/"):
            said.add(manifest["counts"]["rows"][name.removeprefix("data/")])
        if said != {count}:
            yield f"{parquet} has {wording.counted(count, 'row')}, and the manifest says otherwise."


def _compared(lines: Path | None, parquet: Path) -> tuple[int, bool]:
    """The number of rows of a Parquet file, and whether these JSON lines hold the same rows, if there are lines."""
    try:
        with pq.ParquetFile(parquet) as file:
            groups = [file.metadata.row_group(group) for group in range(file.num_row_groups)]
            count = sum(group.num_rows for group in groups)
            if lines is None:
                return count, True
            if any(group.total_byte_size > LARGEST_GROUP for group in groups):
                raise InvalidValue(f"{parquet} cannot be read: a part of it unpacks to more than any release holds.")
            with lines.open("rb") as text:
                for number, group in enumerate(groups):
                    here = b"".join(itertools.islice(text, group.num_rows))
                    rows = _rows(here, file.schema_arrow)
                    if rows is None or not _holds(file, number, rows):
                        return count, False
                return count, not text.read(1)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise InvalidValue(f"{parquet.name} cannot be read: it is not what a release holds.") from error


def _rows(lines: bytes, schema: pa.Schema) -> pa.Table | None:
    """JSON lines as rows; None where they do not have this schema."""
    try:
        return json_to_arrow.read(lines, schema) if lines else None
    except (pa.ArrowException, ValueError):
        return None


def _holds(file: pq.ParquetFile, group: int, rows: pa.Table) -> bool:
    """Whether a row group holds these rows. Only a few rows are unpacked at a time, because a dictionary can give one
    long value to every row and so fill the memory."""
    together = max(1, UNPACKED // max(1, file.metadata.row_group(group).total_byte_size))
    compared = 0
    for batch in file.iter_batches(batch_size=together, row_groups=[group]):
        same: bool = pa.Table.from_batches([batch]).equals(rows.slice(compared, batch.num_rows))
        if not same:
            return False
        compared += batch.num_rows
    return compared == int(rows.num_rows)


def _placed(directory: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Whether every row belongs to one unit, every vote stands once, and their commitments lead to the root."""
    covered = {part: bytearray(count) for part, count in manifest["counts"]["rows"].items()}
    gone = {row["vote_id"] for row in id_tables.read(directory, id_tables.REMOVED)}
    seen: set[str] = set()
    twice, left, outside, units, votes = [], [], [], 0, 0
    tree = merkle.Tree()
    before: tuple[str, int, int, int, str] | None = None
    for item in id_tables.items(directory):
        votes += 1
        if item.vote_id in seen:
            twice.append(item.vote_id)
        if item.vote_id in gone:
            left.append(item.vote_id)
        seen.add(item.vote_id)
        if manifest["proofs"] is not None:
            tree.add(item.commitment or "")
        unit = (item.split, item.row, item.rows, item.step, item.battle_id)
        if unit != before:
            units += 1
            before = unit
            if not _cover(covered.get(item.split), item):
                outside.append(item.vote_id)
    for ids, said in (
        (twice, "in more than one row of items"),
        (left, "among the rows, though it left before"),
        (outside, "placed where no row of its own is"),
    ):
        if ids:
            yield f"{', '.join(ids[:NAMED])}{' and others' if len(ids) > NAMED else ''}: {said}."
    for part, rows in covered.items():
        if (bare := rows.count(0)) and not outside:
            yield (
                f"{wording.counted(bare, 'row')} of data/{part}.jsonl {'belongs' if bare == 1 else 'belong'} to no "
                f"vote in items, the first at {rows.index(0):,}."
            )
    promised = manifest["proofs"]
    if promised is not None and (tree.leaves, tree.root()) != (promised["leaves"], promised["root"]):
        yield "The votes in items do not lead to the root that was signed."
    counts = manifest["counts"]
    if units != counts["taken"]:
        yield (
            f"{wording.counted(units, counts['unit'])} {'has' if units == 1 else 'have'} rows, and the manifest says "
            f"{counts['taken']:,}."
        )
    if credit.read(manifest).total != votes or manifest["credit"]["total"] != votes:
        yield (
            f"{wording.counted(votes, 'vote')} {'is' if votes == 1 else 'are'} in the rows, and the credit is over "
            f"{manifest['credit']['total']}."
        )


def _cover(rows: bytearray | None, item: id_tables.Item) -> bool:
    """Mark the rows of a unit as taken. Returns whether they exist and were free."""
    if rows is None or item.rows < 1 or item.step < 1 or item.row < 0:
        return False
    places = range(item.row, item.row + item.rows * item.step, item.step)
    if places[-1] >= len(rows) or any(rows[place] for place in places):
        return False
    for place in places:
        rows[place] = 1
    return True


def _counted(directory: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Whether the counts in the manifest are those of the tables, and whether they sum up."""
    counts, shares = manifest["counts"], manifest["credit"]["shares"]
    reasons = Counter(row["reason"] for row in id_tables.read(directory, id_tables.LEFT_OUT))
    not_selected = Counter(counts["not_selected"]["votes"])
    if reasons != not_selected + Counter(counts["left_out"]):
        yield "left_out holds other reasons, or others as often, than the manifest says."
    if counts["counted"]["votes"] != counts["votes"] + not_selected.total():
        yield "The votes that count are not those selected and those that are not, taken together."
    if counts["units"] != counts["taken"] + sum(counts["left_out"].values()):
        yield "What the format was given is not what it took and what it left out, taken together."
    removed = {row["vote_id"] for row in id_tables.read(directory, id_tables.REMOVED)}
    if len(removed) != manifest["removed"]:
        yield f"removed lists {wording.counted(len(removed), 'vote')}, and the manifest says {manifest['removed']:,}."
    if len(shares) != manifest["raters"] or sum(share["weight"] for share in shares) != manifest["credit"]["total"]:
        yield "The shares of the credit are not those of the raters the manifest counts."
