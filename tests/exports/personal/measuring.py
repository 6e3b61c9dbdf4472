"""How much is found: `python -m tests.exports.personal.measuring` prints recall and precision by kind and language.

All kinds are looked for at once. A find counts only where kind, start and end are those of the mark: a number found by
half is missed, and what was found of it is wrong.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.exports import personal
from arena.exports.personal import Found
from tests.exports.personal import cases
from tests.exports.personal.cases import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Of some cases, or of one kind in them."""

    marked: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        return self.right / self.marked if self.marked else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A case that is not as it should be."""

    case: Case
    missed: tuple[Found, ...]
    wrong: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All measures, and every case that is not as it should be."""

    overall: Measure
    kinds: Mapping[str, Measure]
    languages: Mapping[str, Measure]
    misses: tuple[Miss, ...]


def measured(given: Sequence[Case]) -> Result:
    """Look for everything in every case."""
    marked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    misses = []
    for case in given:
        finds = personal.find(case.text, personal.STRUCTURED)
        both = tuple(one for one in finds if one in case.expected)
        for counter, spans in ((marked, case.expected), (found, finds), (right, both)):
            counter.update(one.kind.value for one in spans)
            counter[case.language] += len(spans)
            counter[""] += len(spans)
        missed = tuple(one for one in case.expected if one not in finds)
        wrong = tuple(one for one in finds if one not in case.expected)
        if missed or wrong:
            misses.append(Miss(case=case, missed=missed, wrong=wrong))

    def of(name: str) -> Measure:
        return Measure(marked=marked[name], found=found[name], right=right[name])

    return Result(
        overall=of(""),
        kinds={kind.value: of(kind.value) for kind in personal.STRUCTURED},
        languages={language: of(language) for language in sorted({case.language for case in given})},
        misses=tuple(misses),
    )


def lines(given: Sequence[Case]) -> Iterator[str]:
    """What the command prints."""
    result = measured(given)
    yield f"{len(given)} cases"
    yield f"{'':12}{'marked':>8}{'found':>8}{'right':>8}{'recall':>9}{'precision':>11}"
    for name, one in {**result.kinds, **result.languages, "all": result.overall}.items():
        yield f"{name:12}{one.marked:8}{one.found:8}{one.right:8}{one.recall:9.4f}{one.precision:11.4f}"
    for miss in result.misses:
        spans = [f"missed {one.kind} {miss.case.text[one.start : one.end]!r}" for one in miss.missed]
        spans += [f"wrong {one.kind} {miss.case.text[one.start : one.end]!r}" for one in miss.wrong]
        yield f"{miss.case.origin}: {'; '.join(spans)} in {miss.case.text!r}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines(cases.read())) + "\n")
