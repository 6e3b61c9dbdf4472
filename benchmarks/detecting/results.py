"""Results as JSON lines: one for each situation, seed and detector, so that a run that is broken off goes on later."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detecting.situations import Situation

Key = tuple[str, int, str, str]
"""Situation, seed, detector, and the fingerprint of what the result depends on."""


class Results:
    """The lines of a file, and more of them as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Key, dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    found = json.loads(line)
                except json.JSONDecodeError:  # the last one, of a run that was broken off while it wrote
                    continue
                self.lines[_key(found)] = found

    def __contains__(self, key: Key) -> bool:
        return key in self.lines

    def add(self, found: dict[str, Any]) -> None:
        """Keep a result, on the disk first."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
        self.lines[_key(found)] = found

    def runs(self, situation: Situation, detector: str, fingerprint: str, seeds: range) -> "Runs":
        """Those of one detector in one situation."""
        keys = ((situation.name, seed, detector, fingerprint) for seed in seeds)
        return Runs({key[1]: self.lines[key] for key in keys if key in self.lines})


class Runs:
    """Figures by seed."""

    def __init__(self, by_seed: dict[int, dict[str, Any]]) -> None:
        self.by_seed = by_seed

    def __len__(self) -> int:
        return len(self.by_seed)

    def __iter__(self) -> Iterator[int]:
        return iter(self.by_seed)

    def values(self, name: str) -> list[float]:
        """One figure of every run that has it."""
        return [run[name] for run in self.by_seed.values() if name in run]

    def mean(self, name: str) -> float:
        found = self.values(name)
        return sum(found) / len(found) if found else float("nan")

    def most(self, name: str) -> float:
        return max(self.values(name), default=float("nan"))

    def within(self, name: str, limit: float) -> float:
        """Share of runs in which a figure is no larger."""
        found = self.values(name)
        return sum(value <= limit for value in found) / len(found) if found else float("nan")


def _key(found: dict[str, Any]) -> Key:
    return found["situation"], found["seed"], found["detector"], found["fingerprint"]
