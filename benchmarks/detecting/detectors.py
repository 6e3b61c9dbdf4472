"""What is measured: anything that says of each vote of a log whether it is to be counted.

    arena                          the audit of this package
    module:function                a callable: function(rater, left, right, outcome) -> weights
    "COMMAND {file} ..."           a command that reads a CSV and prints JSON: arena rank {file} --audit --format json

A callable gets four arrays of integers in the order of time (outcome 0: left won, 1: right won, 2: tie) and returns an
array of weights, 0 for a vote that is held, or a `Verdict`. A command's CSV has the columns rater, model_a, model_b and
winner; of what it prints, `audit.held` is read: objects with a rater, and, where it is not all of the rater's votes,
`since` (a row, counted from 1) and `model`. Raters in `audit.pending_raters` wait.
"""

import csv
import hashlib
import importlib
import inspect
import io
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy
from quality_worlds import Votes, World

from arena import quality
from detecting.situations import Situation

HERE = Path(__file__).resolve().parent
_WINNERS = numpy.array(["model_a", "model_b", "tie"])


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a detector says of a log."""

    weight: numpy.ndarray
    """Of each vote on the board; 0 is held."""
    pending: numpy.ndarray | None = None
    """Of each vote, whether it only waits."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A log, and what only a detector that knows the attack may look at."""

    votes: Votes
    world: World
    situation: Situation


@dataclass(frozen=True, kw_only=True)
class Detector:
    """A name, and what is asked."""

    name: str
    judge: Callable[[Scene], Verdict]
    sources: tuple[Path, ...] = field(default=())
    """Results hold as long as these files stay."""

    def fingerprint(self) -> str:
        """Of everything a result depends on: the worlds, what is measured, and the detector's own code."""
        mixed = hashlib.sha256(self.name.encode())
        for path in sorted({*_WORLDS, *self.sources}):
            mixed.update(path.read_bytes())
        return mixed.hexdigest()[:16]


_WORLDS = (HERE.parent / "quality_worlds.py", HERE / "situations.py", HERE / "measures.py")


def arena() -> Detector:
    """The audit of this package, with its defaults."""

    def judge(scene: Scene) -> Verdict:
        found = quality.audit(quality.read(*scene.votes.columns()))
        return Verdict(weight=1.0 - found.held, pending=found.pending)

    return Detector(name="arena", judge=judge, sources=tuple(Path(quality.__file__).parent.rglob("*.py")))


def named(text: str) -> Detector:
    """`arena`, a callable or a command. Ends the program where it is none of these."""
    if text == "arena":
        return arena()
    if "{file}" in text:
        return Detector(name=text, judge=lambda scene: commanded(shlex.split(text), scene.votes))
    module, _, function = text.partition(":")
    if not function:
        sys.exit(f'"{text}" is no detector; say arena, module:function, or a command with {{file}} in it.')
    sys.path.insert(0, "")
    asked = getattr(importlib.import_module(module), function)

    def judge(scene: Scene) -> Verdict:
        said = asked(*scene.votes.columns())
        return said if isinstance(said, Verdict) else Verdict(weight=numpy.asarray(said, dtype=float))

    source = inspect.getsourcefile(asked)
    return Detector(name=text, judge=judge, sources=() if source is None else (Path(source),))


def commanded(command: Sequence[str], votes: Votes) -> Verdict:
    """What a command says of the votes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.csv"
        path.write_text(as_csv(votes), encoding="utf-8")
        words = [word.replace("{file}", str(path)) for word in command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    audit = json.loads(done.stdout)["audit"]
    held, pending = numpy.zeros((2, len(votes.rater)), dtype=bool)
    raters = votes.rater.astype(str)
    waiting = set(audit.get("pending_raters", ())) - set(audit.get("held_raters", ()))
    for one in audit["held"]:
        mine = raters == one["rater"]
        if one.get("since") is not None:
            mine &= numpy.arange(len(raters)) + 1 >= one["since"]
        if one.get("model") is not None:
            mine &= (votes.left.astype(str) == one["model"]) | (votes.right.astype(str) == one["model"])
        held |= mine
        if one["rater"] in waiting:
            pending |= mine
    return Verdict(weight=1.0 - held, pending=pending)


def as_csv(votes: Votes) -> str:
    """The log as commands read it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("rater", "model_a", "model_b", "winner"))
    writer.writerows(zip(votes.rater, votes.left, votes.right, _WINNERS[votes.outcome], strict=True))
    return text.getvalue()
