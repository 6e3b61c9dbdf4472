"""Whether the model that answers speaks of itself where it names itself, weighed by what stands around the name.

`claims` and `evidence` know forms of speech; models and people go on finding others. Here nothing is a form: each name
of the own side is looked at with plain traits (who stands before and behind it, who is spoken of in the sentence,
whether the rest of the answer has an "I" or a "you", where the name stands), each trait has a weight in `weights.txt`,
and above `ENOUGH` the name is the speaker's. The weights are fitted on the answers in `tests/exports/leaks` by
`scripts/leak_weights.py`, which also drops the traits that say nothing.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from arena.exports.leaks import claims, coding

ENOUGH = 0.6
_WEIGHTS = Path(__file__).with_name("weights.txt")

KINDS = {"6": "model", "7": "model-or-else", "8": "maker", "9": "company"}
_SPEAKER = frozenset("SRWVcYZOhmvbn")
GROUPS = {
    "speaker": _SPEAKER,
    "i": frozenset("SRWc"),
    "me": frozenset("OZh"),
    "my": frozenset("YZR"),
    "made": frozenset("MpCm"),
    "assistant": frozenset("A"),
    "maker": frozenset("K"),
    "own things": frozenset("au"),
    "offer": frozenset("E"),
    "you": frozenset("s"),
    "able": frozenset("+"),
    "program": frozenset("@"),
    "based": frozenset("d"),
    "this": frozenset("FfVb"),
    "answer": frozenset("rg"),
    "closing": frozenset("z"),
    "not": frozenset("X"),
    "if": frozenset("G"),
    "like": frozenset("L"),
    "people": frozenset("H"),
    "use": frozenset("x"),
    "topic": frozenset("J"),
    "fact": frozenset("l"),
    "you are": frozenset("y"),
    "as": frozenset("Po"),
    "other model": frozenset("125"),
    "other maker": frozenset("34"),
    "asks": frozenset("?"),
    "quote": frozenset('"'),
    "does": frozenset("~"),
    "year": frozenset("%"),
    "money": frozenset("$"),
}
"""Words that do the same, by their letters (`words`)."""
_IN_REST = ("people", "assistant", "speaker", "you", "fact", "program", "offer", "use", "year")
_SMALL = str.maketrans("", "", "NTD\"'()w")
_NEAR = 10
"""Letters on each side of a name in which words of a group count."""
_OWN = re.compile("[6-9]")
_CODE = re.compile(r"```.*?(?:```|\Z)|(?<!`)`[^`\n]+`(?!`)", re.DOTALL)
"""A name in a program is what it calls."""
_AROUND = 1500
"""Characters of a text, half of them at its end, in which the rest is looked for."""


def speaks_of_itself(marked: str, *, program: bool, capital: bool) -> bool:
    """Whether a text with its names marked names its own model or maker as the speaker.

    `program`: it is one; `capital`: a name of the own side is written with a capital letter.
    """
    weights = _weights()
    return any(  # hundredths are added: a sum of fractions would depend on the order in which a set is gone through
        sum(weights.get(trait, 0) for trait in found) + weights["always"] > 100 * ENOUGH
        for found in traits(marked, program=program, capital=capital)
    )


def traits(marked: str, *, program: bool, capital: bool) -> Iterator[set[str]]:
    """The traits of each place where a text names its own side."""
    told = claims.unquoted(_CODE.sub("\n", marked))
    if _OWN.search(body := _body(told)) is None:
        return
    whole = set(_whole(marked, told, body, program=program, capital=capital))
    for letters, start, before, clause in claims.clauses(told, coding.FINER):
        first = not told[:start].strip(" *_#>-(\n")
        last = not told[start + len(clause) :].strip(" .!?\n*_`\"')")
        sentence = set(_sentence(letters, before, clause))
        for found in _OWN.finditer(letters):
            kind = KINDS[found[0]]
            broad = "model" if found[0] in "67" else "maker"
            here = {*whole, *sentence, *_beside(letters, found.start(), kind, broad, first=first, last=last)}
            here |= set(_who(letters, body, found.start(), kind, broad))
            yield here | {f"{trait}, {broad}" for trait in whole}


def _body(told: str) -> str:
    half = _AROUND // 2
    return coding.FINER.coded(told if len(told) <= _AROUND else f"{told[:half]} {told[-half:]}")


def _whole(marked: str, told: str, body: str, *, program: bool, capital: bool) -> Iterator[str]:
    """What the whole answer is like."""
    own, others = (sum(low <= sign <= high for sign in marked) for low, high in ("\ue006\ue009", "\ue001\ue005"))
    yield f"others: {'none' if not others else 'some' if others <= 2 else 'many'}"
    yield f"named: {'once' if own == 1 else 'twice' if own == 2 else 'often'}"
    if program:
        yield "a program"
    if capital:
        yield "a capital"
    if _OWN.search(body) and set("67") & set(body) and set("89") & set(body):
        yield "model and maker"
    present = set(body)
    yield from (f"somewhere {group}" for group in _IN_REST if GROUPS[group] & present)
    yield from (f"often {group}" for group in ("people", "fact") if sum(map(body.count, GROUPS[group])) > 1)
    yield f"length: {'short' if len(told) < 90 else 'long' if len(told) > 600 else 'middling'}"
    if told.rstrip().endswith("?"):
        yield "asks at the end"
    if told != marked:
        yield "quotes"


def _sentence(letters: str, before: str, clause: str) -> Iterator[str]:
    """What the sentence is like, and which two groups of words meet in it."""
    present = sorted(group for group, of in GROUPS.items() if of & set(letters))
    yield from (f"sentence: {group}" for group in present)
    yield from (f"sentence: {one} and {other}" for at, one in enumerate(present) for other in present[at + 1 :])
    if len(_OWN.findall(letters)) > 1:
        yield "sentence: two own names"
    yield f"words: {next((most for most in (2, 5, 12) if len(letters) <= most), 'more')}"
    if claims.spoken(before, clause):
        yield "dialogue"
    if claims.quoted(before, clause):
        yield "an example"


def _beside(letters: str, place: int, kind: str, broad: str, *, first: bool, last: bool) -> Iterator[str]:
    """What stands before and behind the name."""
    left, right = letters[:place].translate(_SMALL)[-_NEAR:], letters[place + 1 :].translate(_SMALL)[:_NEAR]
    before, behind = left[-1:] or "^", right[:1] or "^"
    yield kind
    yield f"before {before}"
    yield f"behind {behind}"
    yield f"before {before}, {kind}"
    yield f"behind {behind}, {kind}"
    yield f"between {before} and {behind}"
    yield f"before {left[-2:] or '^'} at length"
    yield f"behind {right[:2] or '^'} at length"
    yield f"next to {letters[:place][-1:] or '^'}{letters[place + 1 :][:1] or '^'}"
    for side, there in (("left", set(left)), ("right", set(right))):
        for group, of in GROUPS.items():
            if of & there:
                yield f"{side}: {group}"
                yield f"{side}: {group}, {broad}"
    stands = [name for name, holds in (("first", first), ("last", last), ("alone", first and last)) if holds]
    yield from (f"{name}, {kind}" for name in stands)
    if not left and not right:
        yield f"bare, {kind}"
        yield from (f"bare and {name}, {kind}" for name in stands)
    if place == 0:
        yield f"begins, {kind}"
    if place == len(letters) - 1:
        yield f"ends, {kind}"
        if last:
            yield f"closes, {kind}"
    if "X" in left[-4:]:
        yield f"denied, {broad}"
    if "x" in left[-3:]:
        yield f"used, {broad}"
    if behind == "U" and letters[place + 1 :][:1] == "U":
        yield f"a further name, {kind}"
    if ":" in letters[max(0, place - 3) : place]:
        yield "behind a colon"
    if ":" in letters[place + 1 : place + 3]:
        yield f"a label, {kind}"


def _who(letters: str, body: str, place: int, kind: str, broad: str) -> Iterator[str]:
    """What the name does in the sentence, and who else is spoken of: here (I, Y, E), elsewhere (i, y, e) or nowhere."""
    left, right = letters[:place].translate(_SMALL), letters[place + 1 :].translate(_SMALL)
    role, then = _role(left[-1:] or "^"), _then(right[:1] or "^")
    lead = re.sub('[NTD",]', "", letters)[:1]
    speakers, here = (sum(letter in _SPEAKER for letter in part) for part in (body, letters))
    i = "I" if here else "i" if speakers else "-"
    you = "Y" if "s" in letters else "y" if "s" in body else "-"
    offer = "E" if "E" in letters else "e" if "E" in body else "-"
    yield f"role: {role}"
    yield f"role: {role}, {broad}"
    yield f"role: {role} then {then}"
    yield f"role: {role} then {then}, {broad}"
    if lead and not lead.isdigit():
        yield f"lead: {lead}"
        yield f"lead: {lead}, {role}"
    yield f"who: {i}{you}{offer}"
    yield f"who: {i}{you}{offer}, {broad}"
    yield f"who: {i}{you}, {kind}"
    yield f"who: {i}{you}, {role} then {then}"
    yield f"who: {i} before {left[-1:] or '^'}"
    yield f"who: {i} behind {right[:1] or '^'}"
    yield f"who: {i}, {'facts' if 'l' in letters else 'no facts'}, {broad}"
    if "@" in body:
        yield f"who: {i}, a program"


def _role(before: str) -> str:
    return next(
        (
            role
            for role, letters in (("subject", "^,&tG:-EP"), ("by", "Q"), ("predicate", "BSWcC"), ("object", "xIJHlU~+"))
            if before in letters
        ),
        "other",
    )


def _then(behind: str) -> str:
    return next(
        (then for then, letters in (("verb", "+BX~"), ("end", "^$,:-?"), ("genitive", "k")) if behind in letters),
        behind,
    )


@functools.cache
def _weights() -> dict[str, int]:
    """In hundredths."""
    found = {}
    for line in _WEIGHTS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            weight, trait = line.split(" ", 1)
            found[trait] = round(100 * float(weight))
    return found
