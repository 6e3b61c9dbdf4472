"""How much is found: `python -m tests.exports.personal.measuring` prints recall and precision by language and kind.

All kinds are looked for at once. A find counts only where kind, start and end are those of the mark: a number found by
half is missed, and what was found of it is wrong. `--write` keeps the figures of both sets for the card; `--fresh`
prints the fresh set with every miss, after which it is fresh no more.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.domain.personal import PersonalKind
from arena.exports import personal
from arena.exports.personal import Found, measured
from arena.exports.personal.measured import Figures, Measured
from tests.exports.personal import cases
from tests.exports.personal.cases import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A case that is not as it should be."""

    case: Case
    missed: tuple[Found, ...]
    wrong: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The figures, and every case that is not as it should be."""

    figures: Figures
    misses: tuple[Miss, ...]


def taken(given: Sequence[Case]) -> Result:
    """Look for everything in every case."""
    marked: Counter[tuple[str, PersonalKind]] = Counter()
    found: Counter[tuple[str, PersonalKind]] = Counter()
    right: Counter[tuple[str, PersonalKind]] = Counter()
    misses = []
    for case in given:
        finds = personal.find(case.text, personal.STRUCTURED)
        both = tuple(one for one in finds if one in case.expected)
        for counter, spans in ((marked, case.expected), (found, finds), (right, both)):
            counter.update((case.language, one.kind) for one in spans)
        missed = tuple(one for one in case.expected if one not in finds)
        wrong = tuple(one for one in finds if one not in case.expected)
        if missed or wrong:
            misses.append(Miss(case=case, missed=missed, wrong=wrong))
    places = sorted({*marked, *found})
    return Result(
        figures=Figures(
            cases=len(given),
            by={place: Measured(marked=marked[place], found=found[place], right=right[place]) for place in places},
        ),
        misses=tuple(misses),
    )


def kept(figures: Figures) -> Mapping[str, object]:
    """Figures as `measured.json` keeps them."""
    languages: dict[str, dict[str, list[int]]] = {}
    for (language, kind), one in figures.by.items():
        languages.setdefault(language, {})[kind.value] = [one.marked, one.found, one.right]
    return {"cases": figures.cases, "languages": languages}


def table(figures: Figures) -> Iterator[str]:
    """Recall and precision by language and kind, in percent."""
    kinds = personal.STRUCTURED
    yield f"{figures.cases} cases; recall/precision in percent, and how many places there are"
    yield f"{'':5}" + "".join(f"{kind.value:>19}" for kind in kinds) + f"{'all':>19}"
    for language in [*sorted({spoken for spoken, _ in figures.by}), None]:
        cells = [figures.total((kind,), language) for kind in kinds] + [figures.total(kinds, language)]
        yield f"{language or 'all':5}" + "".join(f"{_cell(one):>19}" for one in cells)


def misses(result: Result) -> Iterator[str]:
    """What was missed and what was wrong."""
    for miss in result.misses:
        spans = [f"missed {one.kind} {miss.case.text[one.start : one.end]!r}" for one in miss.missed]
        spans += [f"wrong {one.kind} {miss.case.text[one.start : one.end]!r}" for one in miss.wrong]
        yield f"{miss.case.origin}: {'; '.join(spans)} in {miss.case.text!r}"


def _cell(one: Measured) -> str:
    shares = [measured.recall(one), measured.precision(one)]
    if shares == [None, None]:
        return "-"
    return "/".join("-" if share is None else f"{100 * share:.1f}" for share in shares) + f" ({one.marked})"


def main(arguments: Sequence[str]) -> None:
    own = taken(cases.read())
    fresh, seen = taken(cases.fresh()), taken(cases.fresh("seen"))
    shown = [
        *table(own.figures),
        *misses(own),
        "",
        "fresh: " + next(table(fresh.figures)),
        *list(table(fresh.figures))[1:],
        "",
        "seen: " + next(table(seen.figures)),
        *list(table(seen.figures))[1:],
        *misses(seen),
    ]
    if "--fresh" in arguments:
        shown += misses(fresh)
    if "--write" in arguments:
        figures = {"measured": kept(own.figures), "fresh": kept(fresh.figures)}
        measured.FILE.write_text(_written(figures), encoding="utf-8")
    sys.stdout.write("\n".join(shown) + "\n")


def _written(figures: Mapping[str, Mapping[str, object]]) -> str:
    """One line for each language, so that a change shows where it is."""
    sets = []
    for name, one in figures.items():
        languages = one["languages"]
        assert isinstance(languages, dict)
        rows = ",\n".join(f"   {json.dumps(language)}: {json.dumps(kinds)}" for language, kinds in languages.items())
        sets.append(f' {json.dumps(name)}: {{"cases": {one["cases"]}, "languages": {{\n{rows}\n }}}}')
    return "{\n" + ",\n".join(sets) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
