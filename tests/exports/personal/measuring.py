"""How much is found: `python -m tests.exports.personal.measuring` prints recall and precision by kind and language.

All kinds are looked for at once. A find counts only where kind, start and end are those of the mark: a number found by
half is missed, and what was found of it is wrong.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arena.exports import personal
from arena.exports.personal import Found
from tests.exports.personal import cases
from tests.exports.personal.cases import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Of some cases, or of one kind in them."""

    expected: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A case that is not as it should be."""

    case: Case
    missed: tuple[Found, ...]
    wrong: tuple[Found, ...]


def measured(given: Sequence[Case]) -> tuple[Measure, dict[str, Measure], dict[str, Measure], list[Miss]]:
    """Overall, by kind, by language, and every case that is not as it should be."""
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    misses = []
    for case in given:
        finds = personal.find(case.text, personal.STRUCTURED)
        for counter, spans in (
            (expected, set(case.expected)),
            (found, set(finds)),
            (right, set(finds) & set(case.expected)),
        ):
            counter.update(one.kind.value for one in spans)
            counter[case.language] += len(spans)
            counter["all"] += len(spans)
        missed = tuple(one for one in case.expected if one not in finds)
        wrong = tuple(one for one in finds if one not in case.expected)
        if missed or wrong:
            misses.append(Miss(case=case, missed=missed, wrong=wrong))

    def of(names: Iterable[str]) -> dict[str, Measure]:
        return {name: Measure(expected=expected[name], found=found[name], right=right[name]) for name in names}

    languages = sorted({case.language for case in given})
    return of(("all",))["all"], of(kind.value for kind in personal.STRUCTURED), of(languages), misses


def main() -> None:
    given = cases.read()
    overall, kinds, languages, misses = measured(given)
    lines = [f"{len(given)} cases", f"{'':12}{'marked':>8}{'found':>8}{'right':>8}{'recall':>9}{'precision':>11}"]
    for name, one in {**kinds, **languages, "all": overall}.items():
        lines.append(f"{name:12}{one.expected:8}{one.found:8}{one.right:8}{one.recall:9.4f}{one.precision:11.4f}")
    for miss in misses:
        spans = [f"missed {one.kind} {miss.case.text[one.start : one.end]!r}" for one in miss.missed]
        spans += [f"wrong {one.kind} {miss.case.text[one.start : one.end]!r}" for one in miss.wrong]
        lines.append(f"{miss.case.origin}: {'; '.join(spans)} in {miss.case.text!r}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
