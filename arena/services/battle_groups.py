"""Groups battles that no filter and no format can tell apart, so that one of each group is read.

The filters and the format are applied to that one battle, so the rules stay where they are: this module only says which
battles cannot differ. A selection that compares texts, or looks for names in them, reads every battle
(docs/decisions/0015).
"""

import functools
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from arena.domain.battle import Battle, BattleRecord
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.domain.selection import Duplicates, Finished, Policy, Selection
from arena.domain.vote import Counting
from arena.exports import split
from arena.exports.filters import examples, languages, thinking
from arena.exports.filters.counting import BattleGroup
from arena.exports.format import Format
from arena.store import battle_groups as stored_groups
from arena.store import battles, removals, selection
from arena.store.battle_groups import Asked
from arena.store.connections import Connection

Thing = TypeVar("Thing")
Found = TypeVar("Found")

SEED = 0
"""The seed of the split, the same with which releases are written."""
KEPT = 1_000_000
"""How many battles' languages and positions are kept, 150 bytes each: a battle never changes."""

FIRST_DRAWN = 64
"""How many battles are read at first to find examples; each time they do not suffice, four times as many."""


class UnwantedError(Exception):
    """Nobody waits for the figures any more."""


def wanted(things: Iterable[Thing], unwanted: threading.Event) -> Iterator[Thing]:
    """The same things; raises `UnwantedError` as soon as nobody waits for the result."""
    for thing in things:
        if unwanted.is_set():
            raise UnwantedError
        yield thing


class Texts:
    """Languages and positions of prompts: each prompt is read once."""

    def __init__(self) -> None:
        self._languages: dict[BattleId, str] = {}
        self._places: dict[BattleId, tuple[int, int]] = {}
        self._erased = 0

    def refresh(self, connection: Connection) -> None:
        """Forget everything when somebody was erased, because their prompts have changed."""
        erased = len(removals.erased(connection))
        if erased != self._erased:
            self._languages, self._places, self._erased = {}, {}, erased

    def language(self, record: BattleRecord) -> str:
        """The language of a prompt."""
        return self._languages.get(record.battle.battle_id) or languages.language_of(record)

    def knows_languages(self, connection: Connection) -> bool:
        """Whether the languages of all battles are known already."""
        return all(battle_id in self._languages for battle_id in stored_groups.untold(connection))

    def languages(self, connection: Connection, unwanted: threading.Event) -> Mapping[BattleId, str]:
        """The languages of prompts whose source does not say them. The first time takes 200 microseconds a prompt."""
        untold = stored_groups.untold(connection)
        return _found(connection, untold, self._languages, battles.each, _language, unwanted)

    def places(self, connection: Connection, unwanted: threading.Event) -> Mapping[BattleId, tuple[int, int]]:
        """The positions of first prompts: for the split, and for the share held out of every release."""
        voted = selection.battle_ids(connection)
        return _found(connection, voted, self._places, battles.opened, _places, unwanted)


def counted(
    connection: Connection,
    chosen: Selection,
    form: Format | None,
    texts: Texts,
    private: Collection[RaterId],
    unwanted: threading.Event,
    *,
    by_language: bool,
) -> Iterator[BattleGroup]:
    """Every battle with a vote that counts, in groups. Where order matters, each is alone, in the ledger's order."""
    if reads_all(chosen, form):
        yield from map(BattleGroup.alone, wanted(selection.voted(connection), unwanted))
        return
    found = stored_groups.groups(connection, asked(chosen, form, private))
    spoken: Mapping[BattleId, str] = {}
    placed: Mapping[BattleId, tuple[int, int]] = {}
    if by_language:
        spoken = texts.languages(connection, unwanted)
    shares = chosen.test_share * 2**64, chosen.held_out_share * 2**64
    if any(shares):
        placed = texts.places(connection, unwanted)

    def told(battle_id: BattleId) -> Hashable:
        test, held_out = placed.get(battle_id, (0, 0))
        return spoken.get(battle_id), test < shares[0], held_out < shares[1]

    first: dict[BattleId, tuple[int, Counter[ModelName]]] = {}
    for group in found:
        parts: dict[Hashable, list[int]] = defaultdict(list)
        for number, battle_id in enumerate(wanted(group.battle_ids, unwanted)):
            parts[told(battle_id)].append(number)
        for numbers in parts.values():
            models = Counter(group.models_a[number] for number in numbers)
            models.update(group.models_b[number] for number in numbers)
            first[group.battle_ids[numbers[0]]] = len(numbers), models
    for record in wanted(selection.records(connection, list(first)), unwanted):
        count, models = first[record.battle.battle_id]
        yield BattleGroup(record=record, battles=count, models=models)


def drawn(connection: Connection, chosen: Selection, seed: int) -> Iterator[BattleRecord]:
    """Battles with a vote that counts, in the order in which a seed draws them. Where the selection compares battles
    with earlier ones, they come in the order of the ledger."""
    if compares(chosen):
        yield from selection.voted(connection)
        return
    ordered = sorted(selection.battle_ids(connection), key=functools.partial(examples.rank, seed))
    start, page = 0, FIRST_DRAWN
    while start < len(ordered):
        yield from selection.records(connection, ordered[start : start + page])
        start, page = start + page, 4 * page


def reads_all(chosen: Selection, form: Format | None = None) -> bool:
    """Whether a selection needs every text, or a format does not say what it looks at."""
    if form is not None and form.looks_at is None:
        return True
    return chosen.leaks is Policy.DROP or chosen.duplicates is Duplicates.FIRST or compares(chosen)


def compares(chosen: Selection) -> bool:
    """Whether a selection compares the texts of battles with each other."""
    return chosen.exact_duplicates is not None or chosen.near_duplicates is not None or chosen.split_by_cluster


def asked(chosen: Selection, form: Format | None, private: Collection[RaterId]) -> Asked:
    """What tells battles apart for this selection and for a format that says what it looks at."""
    looked = [thinking.looks_at(chosen.thinking)]
    if form is not None and form.looks_at is not None:
        looked.append(form.looks_at)
    return Asked(
        private=tuple(private),
        models=bool(chosen.models),
        raters=chosen.minimum_rater_votes > 1 or chosen.minimum_rater_agreement > 0,
        moments=tuple(moment for moment in (chosen.since, chosen.until) if moment is not None),
        prompt_characters=_bounds(chosen.minimum_prompt_characters, chosen.maximum_prompt_characters),
        answer_characters=_bounds(chosen.minimum_answer_characters, chosen.maximum_answer_characters),
        finished=chosen.finished is Finished.ENDED,
        held=chosen.votes is Counting.COUNTED,
        reserved=tuple(pattern for one in looked for pattern in one.patterns),
        around="".join(one.around for one in looked),
    )


def _bounds(least: int, most: int | None) -> tuple[int, ...]:
    return (least,) if most is None else (least, most + 1)


def _found(
    connection: Connection,
    battle_ids: Sequence[BattleId],
    kept: dict[BattleId, Found],
    read: Callable[[Connection, Sequence[BattleId]], Iterator[Thing]],
    find: Callable[[Thing], tuple[BattleId, Found]],
    unwanted: threading.Event,
) -> Mapping[BattleId, Found]:
    """What is known of these battles. What is missing is found now, and kept while there is room."""
    missing = [battle_id for battle_id in battle_ids if battle_id not in kept]
    if not missing:
        return kept
    more: dict[BattleId, Found] = {}
    for start in range(0, len(missing), selection.PAGE):
        for thing in wanted(read(connection, missing[start : start + selection.PAGE]), unwanted):
            battle_id, found = find(thing)
            into = kept if len(kept) < KEPT else more
            into[battle_id] = found
    return {**kept, **more} if more else kept


def _language(record: BattleRecord) -> tuple[BattleId, str]:
    return record.battle.battle_id, languages.language_of(record)


def _places(battle: Battle) -> tuple[BattleId, tuple[int, int]]:
    prompt = split.first_prompt(battle)
    return battle.battle_id, (split.place_of(prompt, SEED), split.held_out_place(prompt))
