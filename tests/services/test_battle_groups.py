"""`services.battle_groups`: battles counted together give the figures that they give one by one."""

import dataclasses
import functools
import itertools
import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from arena import exports
from arena.domain import ledger, parts
from arena.domain.battle import BattleRecord, Side
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.domain.origin import Origin
from arena.domain.selection import Selection
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner
from arena.exports.filters import counting, examples
from arena.exports.filters.counting import BattleGroup
from arena.exports.format import Context, Format, LeftOut, LooksAt, Outcome, Reason, Taken, Unit
from arena.services import battle_groups, selecting
from arena.services.battle_groups import Texts
from arena.store import battle_groups as stored_groups
from arena.store import battles, ledger_rows, origins, selection, votes
from arena.store.battle_groups import Asked
from arena.store.connections import Connection
from arena.store.workspace import Workspace
from arena.store.writing.commands import CastResult
from tests.exports import making
from tests.store.making import model

MODELS = [model(name) for name in ("alpha", "beta", "gamma")]
ANSWERS = (
    "Light scatters.",
    "It reflects the sea.",
    "A longer answer, which takes more than one line.\nThis is the second one.",
    "",
    " \n",
    "\u3000\u2028\x1c",
    "\u5149\u304c\u6563\u4e71\u3059\u308b",
    "e\u0301\U0001f600" * 3,
    "\U0001f600",
    "a",
    "user",
    "assistant\nassistant\n",
    "\nbegins with a line break",
    "Look at <image> here.",
    "Light scatters.\u3000\n",
    "<think>hm</think>Light scatters.",
    "It is said before.\n</think>\n\nIt reflects the sea.",
    "<thought>it never ends",
)
PROMPTS = (
    "Why is the sky blue?",
    "Why is the sky so blue in the morning?",
    "<video> What is this?",
    "Warum ist der Himmel so blau?",
    "2 + 2",
)
HISTORIES: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("user", "Hello"), ("assistant", "Hi.")),
    (("assistant", "I speak first."),),
    (("system", ""),),
    (("system", "Be brief."),),
    (("user", "See <audio>"), ("assistant", "No.")),
)
TOGETHER = (
    {},
    {"consent": "public"},
    {"ties": "drop", "both_bad": "drop"},
    {"several": "each"},
    {"several": "unanimous", "minimum_votes": 2},
    {"minimum_agreement": 0.6},
    {"strengths": ["clearly"]},
    {"models": ["alpha", "beta"]},
    {"campaigns": ["spring"], "first_turn": 2},
    {"last_turn": 1},
    {"sources": ["arena", "lmsys"], "categories": ["code", "none"]},
    {"languages": ["de"]},
    {"since": (making.START + timedelta(minutes=20)).isoformat()},
    {"since": making.START.isoformat(), "until": (making.START + timedelta(minutes=45)).isoformat()},
    {"minimum_rater_votes": 21, "minimum_rater_agreement": 0.2},
    {"minimum_prompt_characters": 14, "maximum_prompt_characters": 21},
    {"minimum_answer_characters": 1, "maximum_answer_characters": 15},
    {"test_share": 0.5, "held_out_share": 0.3},
    {"finished": "ended"},
    {"votes": "all"},
    {"thinking": "strip"},
    {"thinking": "drop"},
    {"thinking": "strip", "minimum_answer_characters": 3, "maximum_answer_characters": 20},
)
PICTURE = parts.Media(kind=parts.MediaKind.IMAGE, sha256="ab" * 32, media_type="image/png")
PRIVATE = frozenset(map(RaterId, ("r_3", "r_7")))
ONE_BY_ONE = (
    {"leaks": "drop"},
    {"exact_duplicates": 2},
    {"near_duplicates": 3},
    {"split_by_cluster": True},
    {"duplicates": "first"},
)


def made(count: int = 400) -> Iterator[BattleRecord]:
    """Battles of many kinds, most of which occur more than once."""
    chance = random.Random(20260403)
    for number in range(count):
        plain, usual = chance.random() < 0.5, chance.random() < 0.8
        record = making.record(
            number,
            prompt=chance.choice(PROMPTS[:3] if usual else PROMPTS),
            history=() if usual else chance.choice(HISTORIES),
            text_a=chance.choice(ANSWERS[:2] if plain else ANSWERS),
            text_b=chance.choice(ANSWERS[:2] if plain else ANSWERS),
            votes=tuple(vote(chance, number, place) for place in range(1 if usual else chance.choice((1, 2, 3)))),
        )
        model_a, model_b = chance.sample([one.name for one in MODELS], 2)
        battle = dataclasses.replace(
            record.battle,
            rater_id=RaterId(f"r_{number % 20}"),
            campaign="default" if usual else chance.choice(("default", "spring")),
            model_a=model_a,
            model_b=model_b,
        )
        ended = {
            side: dataclasses.replace(answer, finish_reason=chance.choice(("stop", "length")))
            for side in ("response_a", "response_b")
            if (answer := getattr(record, side)) is not None
        }
        record = leaking(dataclasses.replace(record, battle=battle, **({} if plain else ended)), number)
        yield pictured(record, number) if usual else imported(record, origin(chance, number))


def pictured(record: BattleRecord, number: int) -> BattleRecord:
    """With a picture in some of the prompts, and in some of the answers."""
    if number % 13 == 0:
        content = (PICTURE, *record.battle.content)
        return dataclasses.replace(record, battle=dataclasses.replace(record.battle, content=content))
    if number % 17 == 0 and record.response_b is not None:
        return dataclasses.replace(record, response_b=dataclasses.replace(record.response_b, media=(PICTURE,)))
    return record


def leaking(record: BattleRecord, number: int) -> BattleRecord:
    """Of every ninth battle an answer is marked as one that says who wrote it."""
    if number % 9 or record.response_b is None:
        return record
    return dataclasses.replace(record, response_b=dataclasses.replace(record.response_b, leak=True))


def imported(record: BattleRecord, origin: Origin) -> BattleRecord:
    """As an import enters it: nobody here saw the answers being written, so they have no times."""
    answers = {
        name: answer and dataclasses.replace(answer, first_token_seconds=None, total_seconds=None)
        for name, answer in (("response_a", record.response_a), ("response_b", record.response_b))
    }
    return dataclasses.replace(record, origin=origin, **answers)


def vote(chance: random.Random, number: int, place: int) -> Vote:
    """A vote that no field keeps at one value: a filter or format that looks at any of them meets both."""
    winner = chance.choice(tuple(Winner))
    sided = winner in (Winner.MODEL_A, Winner.MODEL_B)
    return making.vote(
        number * 100 + place,
        winner,
        f"r_{chance.randrange(20)}",
        battle_id=BattleId(f"b_{number}"),
        cast_at=making.START + timedelta(minutes=chance.randrange(60)),
        strength=chance.choice((None, *Strength)) if sided else None,
        edit="A better answer." if sided and chance.random() < 0.1 else None,
        **unsorted(random.Random(f"{number} {place}")),
    )


def unsorted(chance: random.Random) -> dict[str, Any]:
    """Values of the fields that no filter and no format looks at today, whatever group the vote is in."""
    return {
        "tags": tuple(chance.sample(tuple(Tag), chance.randrange(3))),
        "reason": chance.choice((None, "It is clear.")),
        "reading_seconds": chance.choice((None, 0.5, 40.0)),
        "idempotency_key": f"key {chance.random()}",
        "request_sha256": f"{chance.getrandbits(256):064x}",
        "rater_kind": chance.choice(tuple(RaterKind)),
        "criteria": chance.choice(((), (("polite", chance.choice(tuple(Winner))),))),
        "shown_left": chance.choice((None, *Side)),
        "assignment_id": chance.choice((None, AssignmentId("a_1"), AssignmentId("a_2"))),
    }


def origin(chance: random.Random, number: int) -> Origin:
    return Origin(
        source=chance.choice(("lmsys", "other")),
        item=str(number),
        language=chance.choice((None, "German", "en")),
        category=chance.choice((None, "code")),
        timed=chance.random() < 0.5,
        digest=f"{number:064}",
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace of battles of many kinds."""
    path = tmp_path_factory.mktemp("kinds") / "default.duckdb"
    with Workspace.open(path) as opened, opened.connection() as connection:
        fill(connection, list(made()))
        yield opened


def fill(connection: Connection, records: list[BattleRecord]) -> None:
    line, cast = None, []
    for one in (one for record in records for one in record.votes):
        line = ledger.follow(line, one.vote_id, "0" * 64)
        cast.append(
            CastResult(vote=one, line=line, salt="00" * ledger.SALT_BYTES, version=ledger.VERSION, replayed=False)
        )
    given = [
        (record.battle.battle_id, side, answer, making.START)
        for record, side in itertools.product(records, Side)
        if (answer := record.response(side)) is not None
    ]
    battles.append(connection, enumerate((record.battle for record in records), start=1))
    battles.append_responses(connection, given)
    votes.append(connection, cast)
    ledger_rows.append(connection, [one.line for one in cast])
    origins.append(connection, [(record.battle.battle_id, record.origin) for record in records if record.origin])


class Counting:
    """One selection, its battles together and one by one."""

    texts = Texts()
    """What is known of the battles of the one workspace here, found once for all selections."""
    read: ClassVar[list[BattleRecord]] = []

    def __init__(self, connection: Connection, select: dict[str, Any]) -> None:
        self.chosen, texts = Selection.from_mapping(select), self.texts
        agreements = functools.partial(selection.agreements, connection)
        self.known = selecting.knowledge(self.chosen, MODELS, agreements, PRIVATE, texts.language)
        self.counted = functools.partial(
            battle_groups.counted,
            connection,
            self.chosen,
            texts=texts,
            private=PRIVATE,
            unwanted=threading.Event(),
            by_language=True,
        )
        self._groups: dict[Asked, list[BattleGroup]] = {}
        self.together = list(self.counted(form=None))
        self.read.extend(() if self.read else selection.voted(connection))
        self.one_by_one = list(map(BattleGroup.alone, self.read))

    def agree(self, name: str) -> bool:
        """Whether both give the same figures for a format."""
        return self.agree_on(exports.FORMATS[name])

    def agree_on(self, form: Format) -> bool:
        groups = self._read(form)
        figures = [counting.count(found, self.chosen, self.known, form) for found in (groups, self.one_by_one)]
        return figures[0] == figures[1]

    def _read(self, form: Format) -> list[BattleGroup]:
        """The groups for a format; formats that look at the same get the same, read once."""
        if battle_groups.reads_all(self.chosen, form):
            return list(self.counted(form=form))
        asked = battle_groups.asked(self.chosen, form, PRIVATE)
        if asked not in self._groups:
            self._groups[asked] = list(self.counted(form=form))
        return self._groups[asked]


@pytest.mark.parametrize(
    "select", [*TOGETHER, *(pytest.param(one, marks=pytest.mark.slow) for one in ONE_BY_ONE)], ids=str
)
def test_every_figure_is_the_same_together_and_one_by_one(workspace: Workspace, select: dict[str, Any]) -> None:
    with workspace.reading() as connection:
        asked = Counting(connection, select)
        assert (len(asked.together) < len(asked.one_by_one)) == (select in TOGETHER)
        assert [name for name in exports.FORMATS if not asked.agree(name)] == []


@pytest.mark.parametrize(
    ("forgotten", "select", "name"),
    [
        ({"around": ""}, {}, "axolotl-chat"),
        ({"reserved": ()}, {}, "llamafactory-kto"),
        ({"reserved": ()}, {"thinking": "drop"}, "trl-dpo"),
        ({"held": False}, {}, "trl-dpo"),
        ({"models": False}, {"models": ["alpha", "beta"]}, "trl-dpo"),
        ({"raters": False}, {"minimum_rater_votes": 21}, "trl-dpo"),
        ({"private": ()}, {"consent": "public"}, "trl-dpo"),
        ({"private": ()}, {}, "trl-dpo"),
        ({"moments": ()}, {"since": (making.START + timedelta(minutes=20)).isoformat()}, "trl-dpo"),
        ({"prompt_characters": ()}, {"maximum_prompt_characters": 21}, "trl-dpo"),
        ({"answer_characters": ()}, {"maximum_answer_characters": 15}, "trl-dpo"),
    ],
)
def test_what_is_not_told_apart_is_counted_wrong(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    forgotten: dict[str, Any],
    select: dict[str, Any],
    name: str,
) -> None:
    """Positive control: the figures above agree because of each of these."""
    asked = battle_groups.asked
    monkeypatch.setattr(battle_groups, "asked", lambda *of: dataclasses.replace(asked(*of), **forgotten))
    with workspace.reading() as connection:
        assert not Counting(connection, select).agree(name)


@dataclasses.dataclass
class Toy:
    """A new format in one file: battles whose prompt speaks of the sky. It counts the battles it is given."""

    looks_at: LooksAt | None
    seen: int = 0

    def convert(self, record: BattleRecord, _context: Context) -> Iterator[Outcome]:
        self.seen += 1
        sky = "sky" in record.battle.prompt
        yield Taken(rows=({"text": record.battle.prompt},)) if sky else LeftOut(reason=Reason.RESERVED)

    @property
    def form(self) -> Format:
        return dataclasses.replace(
            exports.FORMATS["trl-dpo"], name="toy", convert=self.convert, unit=Unit.BATTLE, looks_at=self.looks_at
        )


@pytest.mark.parametrize(
    ("looks_at", "together", "right"),
    [(None, False, True), (LooksAt(patterns=("sky",)), True, True), (LooksAt(), True, False)],
    ids=("it does not say", "it says", "it forgets to say"),
)
def test_a_new_format_is_counted_right_whatever_it_says_of_itself(
    workspace: Workspace, looks_at: LooksAt | None, together: bool, right: bool
) -> None:
    """One that declares nothing is given every battle. One that forgets what it looks at is the positive control."""
    toy = Toy(looks_at)
    with workspace.reading() as connection:
        asked = Counting(connection, {"votes": "all"})  # so that every battle reaches the format
        counting.count(asked.counted(form=toy.form), asked.chosen, asked.known, toy.form)
        assert (toy.seen < len(asked.one_by_one)) == together
        assert asked.agree_on(toy.form) == right


UNSORTED = (
    *("tags", "reason", "reading_seconds", "idempotency_key", "request_sha256", "rater_kind", "criteria"),
    *("shown_left", "assignment_id"),
)
"""Fields of a vote by which no groups are told apart."""


@dataclasses.dataclass
class Peeking:
    """A format that takes a battle by one field of its first vote, and does not say so."""

    field: str
    values: frozenset[Any]

    def convert(self, record: BattleRecord, _context: Context) -> Iterator[Outcome]:
        taken = getattr(record.votes[0], self.field) in self.values
        yield Taken(rows=({"text": record.battle.battle_id},)) if taken else LeftOut(reason=Reason.RESERVED)


@pytest.mark.parametrize("field", UNSORTED)
def test_a_format_that_looks_at_a_field_by_which_no_groups_are_told_apart_is_found(
    workspace: Workspace, field: str
) -> None:
    """Positive control of the figures that agree: the battles here differ in every field of a vote."""
    with workspace.reading() as connection:
        asked = Counting(connection, {})
        values = sorted({getattr(one.record.votes[0], field) for one in asked.one_by_one}, key=repr)
        thirds = [Peeking(field, frozenset(values[start::3])) for start in range(3)]
        forms = [
            dataclasses.replace(
                exports.FORMATS["trl-dpo"], name="toy", convert=one.convert, unit=Unit.BATTLE, looks_at=LooksAt()
            )
            for one in thirds
        ]
        assert not all(map(asked.agree_on, forms))


def test_the_battles_differ_in_every_field_of_a_vote(workspace: Workspace) -> None:
    with workspace.reading() as connection:
        cast = [vote for record in selection.voted(connection) for vote in record.votes]
    purposes = {vote.purpose for vote in cast}
    assert purposes == {None}  # votes for a rater's own record are in no selection
    for field in dataclasses.fields(Vote):
        assert field.name == "purpose" or len({getattr(vote, field.name) for vote in cast}) > 1, field.name


def test_each_battle_is_in_one_kind_beside_its_own_models(workspace: Workspace) -> None:
    with workspace.reading() as connection:
        voted = {record.battle.battle_id: record.battle for record in selection.voted(connection)}
        found = stored_groups.groups(connection, Asked())
    sides = [one for kind in found for one in zip(kind.battle_ids, kind.models_a, kind.models_b, strict=True)]
    assert sorted(sides) == sorted((one.battle_id, one.model_a, one.model_b) for one in voted.values())
    assert len(found) < len(sides)


def test_languages_are_found_once_and_only_where_no_source_says_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, looked_at = Texts(), []
    find = battle_groups.languages.language_of
    monkeypatch.setattr(
        battle_groups.languages, "language_of", lambda record: looked_at.append(record.battle.battle_id) or find(record)
    )
    with workspace.reading() as connection:
        assert not texts.knows_languages(connection)
        told = {
            record.battle.battle_id
            for record in selection.voted(connection)
            if record.origin is not None and record.origin.language is not None
        }
        found = texts.languages(connection, threading.Event())
        assert texts.languages(connection, threading.Event()) == found
        assert texts.knows_languages(connection)
        assert sorted(looked_at) == sorted(set(selection.battle_ids(connection)) - told)


def test_examples_are_drawn_from_all_and_no_more_is_read_than_it_takes(workspace: Workspace) -> None:
    form, known = exports.FORMATS["trl-dpo"], selecting.knowledge(Selection(), (), dict, PRIVATE)
    with workspace.reading() as connection:
        for seed in range(3):
            read = itertools.count()
            drawn = (record for record in battle_groups.drawn(connection, Selection(), seed) if next(read) >= 0)
            quick = examples.draw(drawn, Selection(), known, form, seed=seed, by_rank=True)
            every = examples.draw(selection.voted(connection), Selection(), known, form, seed=seed)
            assert quick == every
            assert len(quick) == 4
            assert next(read) < 60
