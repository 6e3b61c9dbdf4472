"""What changed between two releases, by the ids in their tables: no text is compared or shown.

A row is identified by its battle or, where the format has one row a vote, by its vote. A row is `changed` when other
votes are behind it now, or when it moved to the other split. A row that is gone is listed by the reason: its vote was
erased or withdrawn, it was left out for a reason, or it is no longer selected.
"""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arena.exports.folder import id_tables, manifest
from arena.exports.format import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Ids of battles or votes, sorted."""

    unit: str
    """What the ids are: `battle` or `vote`; `battle` when the releases count different things."""
    same_format: bool
    unchanged: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    """Rows that are gone because the rater erased or withdrew the vote."""
    left_out: dict[str, str]
    """Rows that are gone and listed in the later `left_out.parquet`: id and reason."""
    unselected: tuple[str, ...]
    """Rows that are gone for neither of these reasons."""
    changed: tuple[str, ...]
    settings: dict[str, tuple[Any, Any]]
    """Settings that differ between the two manifests."""

    def to_json(self) -> str:
        """Everything, as JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def to_text(self) -> str:
        """Counts, and the ids of what is gone or changed."""
        lines = [f"{self.unchanged} {self.unit}s unchanged, {len(self.added)} added, {len(self.changed)} changed"]
        lines += [f"{name}: {before!r} -> {after!r}" for name, (before, after) in self.settings.items()]
        lines += [f"changed {one}" for one in self.changed]
        lines += [f"removed {one} (erased or withdrawn)" for one in self.removed]
        lines += [f"removed {one} (left out: {reason})" for one, reason in self.left_out.items()]
        lines += [f"removed {one} (not selected)" for one in self.unselected]
        return "\n".join(lines) + "\n"


def compare(before: Path, after: Path) -> Difference:
    """Compare two release folders. Raises `InvalidValue` when one is not a release."""
    manifests = [manifest.read(folder) for folder in (before, after)]
    units = {one["counts"]["unit"] for one in manifests}
    unit = Unit.VOTE if units == {Unit.VOTE.value} else Unit.BATTLE
    column = f"{unit.value}_id"
    was, now = _units(before, column), _units(after, column)
    gone = set(was) - set(now)
    withdrawn = {row[column] for row in id_tables.read(after, id_tables.REMOVED)} & gone
    reasons = {row[column]: row["reason"] for row in id_tables.read(after, id_tables.LEFT_OUT) if row[column] in gone}
    left_out = {one: reasons[one] for one in sorted(set(reasons) - withdrawn)}
    both = set(was) & set(now)
    changed = {one for one in both if was[one] != now[one]}
    return Difference(
        unit=unit.value,
        same_format=manifests[0]["format"] == manifests[1]["format"],
        unchanged=len(both - changed),
        added=tuple(sorted(set(now) - set(was))),
        removed=tuple(sorted(withdrawn)),
        left_out=left_out,
        unselected=tuple(sorted(gone - withdrawn - set(left_out))),
        changed=tuple(sorted(changed)),
        settings=_settings(*manifests),
    )


def _units(folder: Path, column: str) -> dict[str, tuple[str, ...]]:
    """By id, the split and the commitments of the votes behind it."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in id_tables.read(folder, id_tables.ITEMS):
        behind = found[row[column]]
        if not behind:
            behind.append(row["split"])
        behind.append(row["commitment"] or row["vote_id"])
    return {one: (behind[0], *sorted(behind[1:])) for one, behind in found.items()}


def _settings(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = ("format", "workspace", "selection", "split", "code_version", "license", "ledger_head")
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
