"""Whether an answer gives its model away: in it a model says who it is, or who made it.

A name alone is no leak: a text may be about a company, a person called Claude or a sign of the zodiac. What counts is
a model that speaks of itself, in whatever spelling (`folding`), and there are four ways of seeing it:

- `claims`: whole sentences, with any name that is known (`names`), for an answer that says "I am Claude" says so much
  about its model also where another answered: whoever reads it votes on a name;
- `evidence` and `layout`: cues that are weighed, with the names of the answer's own side alone (`owners`);
- `weighing`: what stands around a name of the own side, by weights that are fitted, where no form was written down;
- `hidden`: names of the own side that are spelled so as to be overlooked.

`words.txt` says what each letter of a sentence stands for.
"""

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping

from arena.domain.battle import Battle, BattleRecord, Response, Side
from arena.domain.ids import ModelName
from arena.exports.leaks import claims, evidence, folding, hidden, layout, names, owners, signatures, weighing
from arena.exports.leaks.names import NameKind, OwnKind

MOST = 48
"""Names in a text that are looked at: the first ones, and a quarter of them at its end."""
_WORD = re.compile("[a-z\u00e0-\u024f\u0430-\u044f]+")
EACH = 40
"""Places of one spelling of a name that are looked at."""


class LeakFinder:
    """Looks for models that say who they are; what the two of a battle are called is worked out once a pair."""

    def __init__(self, served: Mapping[ModelName, str] | None = None) -> None:
        """`served`: what the server of each model calls it."""
        self._served = served or {}
        self._pairs: dict[tuple[ModelName, ModelName], Mapping[str, NameKind]] = {}
        self._sides: dict[ModelName, tuple[Mapping[str, OwnKind], hidden.Hidden]] = {}

    def leaks(self, record: BattleRecord) -> bool:
        """Whether an answer of a battle gives its model away. What was asked is not looked at."""
        if record.leak is not None:
            return record.leak
        answers = ((Side.A, record.response_a), (Side.B, record.response_b))
        return any(self.found(answer.text, record.battle, side) for side, answer in answers if answer is not None)

    def marked(self, battle: Battle, responses: Mapping[Side, Response]) -> tuple[Response, Response]:
        """Both answers of a battle, each with whether it gives its model away."""
        left, right = (
            dataclasses.replace(responses[side], leak=self.found(responses[side].text, battle, side)) for side in Side
        )
        return left, right

    def found(self, text: str, battle: Battle, side: Side) -> bool:
        """Whether the text of a side says who wrote it, by any name that is known or by those of the two models."""
        pair = battle.model_a, battle.model_b
        model = battle.model_a if side is Side.A else battle.model_b
        if pair not in self._pairs:
            both = {*pair, *(self._served.get(model, "") for model in pair)}
            self._pairs[pair] = names.own(map(folding.folded, both))
        if model not in self._sides:
            called = owners.own(model, self._served.get(model, ""))
            self._sides[model] = called, hidden.Hidden(called)
        own, spelled = self._sides[model]
        return says_who(text, self._pairs[pair], own) or spelled.within(text) or signatures.in_element(text, own)


def says_who(text: str, pair: Mapping[str, NameKind], own: Mapping[str, OwnKind]) -> bool:
    """Whether a text says who wrote it; `pair` are names beside those that are known, `own` those of its own side."""
    return any(_said(reading, pair, own, text) for reading in folding.readings(text, _turned()))


def _said(reading: str, pair: Mapping[str, NameKind], own: Mapping[str, OwnKind], text: str) -> bool:
    if _whole(reading, pair):
        return True
    words = set(_WORD.findall(reading))
    if signatures.joined(words, _known()):
        return True
    places = _places(reading, _listed(reading, words, pair))
    own_marked = _own_marked(reading, own, places)
    if own_marked:
        program = layout.program(text)
        if evidence.names_itself(own_marked, program=program):
            return True
        if weighing.speaks_of_itself(own_marked, program=program, capital=_capital(reading, own, text)):
            return True
    if not places:
        return False
    marked = _marked(reading, places)
    told = claims.unquoted(marked)
    if signatures.signed(told):
        return True
    machine, human = claims.surroundings(told)
    short = len(told) <= claims.REACH
    return any(
        claims.said(letters, machine=machine, human=human, alone=short and not told[:start].strip())
        and not claims.quoted(before, clause)
        and (not claims.spoken(before, clause) or re.search("[A1345]", letters))
        for letters, start, before, clause in claims.clauses(told)
    )


def places(text: str, model: str, served: str) -> list[set[str]]:
    """The traits of each place where a text names its own side, in every reading: what the weights are fitted to."""
    own = owners.own(model, served)
    found: list[set[str]] = []
    for reading in folding.readings(text, _turned()):
        marked = _own_marked(reading, own, _places(reading, _listed(reading, set(_WORD.findall(reading)), {})))
        if marked:
            capital = _capital(reading, own, text)
            found += weighing.traits(marked, program=layout.program(text), capital=capital)
    return found


def _own_marked(reading: str, own: Mapping[str, OwnKind], known: "list[Place]") -> str:
    """The text with its names marked, those of its own side as such; nothing where it has none of these."""
    mine = _places(reading, own.items())
    if not mine:
        return ""
    others = [place for place in known if place[2] is not NameKind.WORD]
    return _marked(reading, sorted([*mine, *others], key=_longest_and_own_first))


def _capital(reading: str, own: Mapping[str, OwnKind], text: str) -> bool:
    """Whether a name of the own side begins with a capital letter as the text has it."""
    spelled = {reading[start:end] for start, end, _ in _places(reading, own.items())}
    return any(text[found.start()].isupper() for name in spelled for found in re.finditer(re.escape(name), text, re.I))


def _whole(reading: str, own: Mapping[str, NameKind]) -> bool:
    """Whether a text is nothing but the whole name of a model of the battle."""
    bare = reading.strip(" \n.!*_`\"'")
    return own.get(bare) is NameKind.MODEL


def _listed(text: str, words: set[str], own: Mapping[str, NameKind]) -> Iterator[tuple[str, NameKind]]:
    """The names that may be in a text: those whose first word, or without spaces between words every sign, is."""
    yield from own.items()
    for word in words & _latin().keys():
        yield from _latin()[word]
    if not text.isascii():
        signs = set(text)
        yield from ((name, kind) for name, kind in _others() if signs.issuperset(name))


Place = tuple[int, int, NameKind | OwnKind]
"""Where a name begins and ends, and what it is."""


def _longest_and_own_first(place: Place) -> tuple[int, int, bool]:
    start, end, kind = place
    return start, -end, isinstance(kind, NameKind)


def _places(text: str, listed: Iterable[tuple[str, NameKind | OwnKind]]) -> list[Place]:
    """Where names stand."""
    places: list[Place] = []
    plain = text.isascii()
    for spelling, kind in listed:
        if plain and not spelling.isascii():
            continue
        start, left = text.find(spelling), EACH
        while start >= 0 and left:
            end = start + len(spelling)
            if names.stands(text, start, end):
                version = names.VERSION.match(text, end)
                numbered = version is not None and any(map(str.isdigit, version[0]))
                places.append((start, version.end() if version else end, names.kind(kind, numbered=numbered)))
            start, left = text.find(spelling, end), left - 1
    return sorted(places, key=_longest_and_own_first)


def _marked(text: str, places: list[Place]) -> str:
    """The text with a character in place of each name."""
    if len(places) > MOST:
        places = places[: MOST - MOST // 4] + places[-MOST // 4 :]
    pieces, reached = [], 0
    for start, end, kind in places:
        if start >= reached:
            apart = (
                ""
                if re.match(r"\.\w", text[end : end + 2]) or re.match(r"\w\.", text[max(0, start - 2) : start])
                else " "
            )
            pieces += [text[reached:start], apart, chr(claims.BASE + int(kind)), apart]
            reached = end
    return "".join([*pieces, text[reached:]])


@functools.cache
def _known() -> dict[str, NameKind]:
    return {folding.folded(spelling): kind for spelling, kind in names.known().items()}


@functools.cache
def _latin() -> dict[str, list[tuple[str, NameKind]]]:
    """The names that begin with a Latin or Cyrillic word, by that word without its ending."""
    found: dict[str, list[tuple[str, NameKind]]] = {}
    for name, kind in _known().items():
        if names.BESIDE.match(name):
            found.setdefault(_WORD.findall(name)[0], []).append((name, kind))
    return found


@functools.cache
def _others() -> tuple[tuple[str, NameKind], ...]:
    """The names in other scripts, and those that are declined or begin with a digit."""
    return tuple(
        (name, kind)
        for name, kind in _known().items()
        if not names.BESIDE.match(name) or any("\u0430" <= sign <= "\u044f" for sign in name)
    )


@functools.cache
def _turned() -> dict[str, str]:
    return {turned: name for turned, name in names.backwards(_known()).items() if turned not in _known()}
