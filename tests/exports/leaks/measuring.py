"""How many leaks are found, and how many harmless answers flagged, by kind and by language, on sentences made by hand.

In each text file a line `# kind` begins a kind; below it stand a language, a tab and an answer, with `\\n` for a new
line. `seen.jsonl`, `seen_2.jsonl` and `seen_3.jsonl` were written by people who did not know the finder; it was
mended on them since. `own_1.jsonl` to `own_6.jsonl` are by who made it, `own_7.jsonl` and `own_8.jsonl` by a
colleague who had read its decisions and neither its lists nor the sets, each judged once before it was learnt from.
`fresh.jsonl` is by a stranger, and nothing is mended on it. `sides.jsonl` is for names of the side
that answers. In these, every answer has a model of its own.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName
from arena.exports.leaks import LeakFinder
from tests.exports import making

FOLDER = Path(__file__).parent
MODEL = ModelName("smollm2-135m-terse")
SERVED = {ModelName("beta"): "mistralai/Mistral-7B-Instruct-v0.3", MODEL: "smollm2"}
OWN = "gpt-4o"
FINDER = LeakFinder({**SERVED, ModelName("alpha"): OWN})


class Case(NamedTuple):
    """An answer."""

    kind: str
    language: str
    text: str


@dataclass
class Measured:
    """What the finder said of the answers in one file."""

    flagged: Counter[str] = field(default_factory=Counter)
    """By kind, by language, and under "all"."""
    cases: Counter[str] = field(default_factory=Counter)
    wrong: list[Case] = field(default_factory=list)
    """Leaks not found, or harmless answers flagged."""

    def share(self, of: str = "all") -> float:
        """Share of the answers that were flagged."""
        return self.flagged[of] / self.cases[of]


def cases(name: str) -> Iterator[Case]:
    """The answers in one file."""
    kind = ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            kind = line[2:]
            continue
        language, text = line.split("\t")
        yield Case(kind, language, text.replace("\\n", "\n"))


def between(model_a: str, model_b: str, **texts: Any) -> BattleRecord:
    """A battle between two models."""
    record = making.record(**texts)
    names = {"model_a": ModelName(model_a), "model_b": ModelName(model_b)}
    return dataclasses.replace(record, battle=dataclasses.replace(record.battle, **names))


def leaks(text: str) -> bool:
    """Whether an answer gives its model away, by the models of the set."""
    return any(FINDER.leaks(between(model, "beta", text_a=text, text_b="Yes.")) for model in (MODEL, "alpha"))


def measured(name: str, *, harmless: bool) -> Measured:
    """What the finder says of the answers in one file."""
    result = Measured()
    for case in cases(name):
        found = leaks(case.text)
        for group in ("all", case.kind, case.language):
            result.cases[group] += 1
            result.flagged[group] += found
        if found == harmless:
            result.wrong.append(case)
    return result


def of_sides(name: str, kind: str) -> Measured:
    """What the finder says of the answers of a kind in a set that names their models: plain, disguised, harmless."""
    result = Measured()
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] != kind:
            continue
        model = ModelName(row["model"]["name"])
        finder = LeakFinder({model: row["model"]["served_name"]})
        found = finder.leaks(between(model, "zzz-other", text_a=row["answer"], text_b="Yes."))
        for group in ("all", row["language"]):
            result.cases[group] += 1
            result.flagged[group] += found
        if found != row["leak"]:
            result.wrong.append(Case(kind, row["language"], row["answer"]))
    return result
