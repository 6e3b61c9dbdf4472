"""`services.voting`: what a ballot has to be, what of it is recorded, and what is answered when it comes again."""

import asyncio
import dataclasses
import hashlib
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain import ids
from arena.domain.assignment import Turn
from arena.domain.battle import BattleRecord
from arena.domain.campaign import Campaign, Criterion
from arena.domain.ids import ModelName, RaterId
from arena.domain.principal import Principal, Role
from arena.domain.view import Reveal
from arena.domain.vote import EDIT_LIMIT, REASON_LIMIT, Strength, Tag, Vote, Winner
from arena.exports.proofs import statements
from arena.services.campaigns import ORDINARY, Campaigns
from arena.services.keyed_answers import KEY_LIMIT
from arena.services.voting import Ballot, Voting
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.exports.making import SIGNER
from tests.services import making as opened
from tests.store import making

RATER = Principal(id="r_asker", role=Role.RATER, workspace="default")
LATER = making.NOW + timedelta(seconds=12.5)


class Booth:
    """A workspace in which one rater votes."""

    def __init__(self, workspace: Workspace, campaign: Campaign = ORDINARY) -> None:
        self.workspace = workspace
        self.now = LATER
        here = opened.here(workspace, workspace.path.parent, chance=random.Random(1), now=lambda: self.now)
        self.voting = Voting(here, Campaigns(here, campaign))
        self.keys = iter(range(1000))

    def battle(self, **answers: Any) -> BattleRecord:
        """A battle ready for the rater's vote."""
        made = making.battle()
        self.workspace.submit(commands.OpenBattle(battle=made)).result()
        completing = dataclasses.replace(making.completing(made.battle_id), **answers)
        self.workspace.submit(completing).result()
        return making.loaded(self.workspace, made.battle_id)

    def cast(
        self, record: BattleRecord | None = None, key: str | None = None, *, winner: str = "model_a", **ballot: Any
    ) -> Reveal:
        """A vote on this battle, or on a new one, with a new key unless one is given."""
        record = self.battle() if record is None else record
        key = f"key-{next(self.keys)}" if key is None else key
        return asyncio.run(self.voting.cast(RATER, record, Ballot(winner=winner, **ballot), key))

    def votes(self, record: BattleRecord) -> tuple[Vote, ...]:
        """The stored votes on a battle."""
        return making.loaded(self.workspace, record.battle.battle_id).votes


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        yield Booth(workspace)


# -- what is recorded -----------------------------------------------------------------------------------------------


def test_a_vote_is_stored_as_it_was_sent(booth: Booth) -> None:
    record = booth.battle()
    told = booth.cast(
        record,
        "a key",
        winner="model_b",
        strength="slightly",
        tags=("safe", "correct", "safe"),
        reason="  It flows.\t",
        edit=" Rivers bend.\n",
    )
    (stored,) = booth.votes(record)
    assert stored == told.vote
    assert ids.ours(stored.vote_id)
    assert stored.vote_id.startswith("v_")
    assert (stored.battle_id, stored.rater_id) == (record.battle.battle_id, "r_asker")
    assert (stored.winner, stored.strength) == (Winner.MODEL_B, Strength.SLIGHTLY)
    assert stored.tags == (Tag.CORRECT, Tag.SAFE)
    assert (stored.reason, stored.edit) == ("It flows.", " Rivers bend.\n")
    assert (stored.cast_at, stored.reading_seconds) == (LATER, 12.5)
    assert stored.idempotency_key == "a key"


def asking(booth: Booth, *names: str) -> Booth:
    """A booth of a campaign that asks which answer is better by each of these."""
    criteria = tuple(Criterion(name=name) for name in names)
    return Booth(booth.workspace, dataclasses.replace(ORDINARY, name=making.battle().campaign, criteria=criteria))


def test_what_won_by_each_criterion_is_stored_in_the_order_in_which_they_are_asked(booth: Booth) -> None:
    asked = asking(booth, "tone", "truth", "length")
    record = asked.battle()
    told = asked.cast(record, criteria=(("length", "tie"), ("tone", "model_b")))
    assert told.vote.criteria == (("tone", Winner.MODEL_B), ("length", Winner.TIE))
    assert [vote.criteria for vote in asked.votes(record)] == [told.vote.criteria]
    assert asked.cast().vote.criteria == ()


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (("beauty", "tie"), errors.DoesNotFit, r"^criteria has 'beauty'; accepted: tone, truth\.$"),
        (("tone", "both_bad"), errors.InvalidValue, r"^criteria\.tone is both_bad; accepted: model_a, model_b, tie\.$"),
        (("truth", "yes"), errors.InvalidValue, r"^criteria\.truth is 'yes'; accepted: "),
    ],
)
def test_a_criterion_that_is_not_asked_or_not_decided_is_refused(
    booth: Booth, given: tuple[str, str], kind: type[errors.ArenaError], says: str
) -> None:
    asked = asking(booth, "tone", "truth")
    record = asked.battle()
    with pytest.raises(kind, match=says):
        asked.cast(record, criteria=(given,))
    assert asked.votes(record) == ()


def test_a_campaign_without_criteria_accepts_none(booth: Booth) -> None:
    with pytest.raises(errors.DoesNotFit, match=r"^criteria has 'tone'; accepted: none, this "):
        booth.cast(criteria=(("tone", "tie"),))


def test_other_criteria_are_another_ballot_and_their_order_is_none(booth: Booth) -> None:
    asked = asking(booth, "tone", "truth")
    record = asked.battle()
    both = (("tone", "tie"), ("truth", "model_a"))
    told = asked.cast(record, "a key", criteria=both)
    record = making.loaded(asked.workspace, record.battle.battle_id)
    assert asked.cast(record, "a key", criteria=both[::-1]).vote == told.vote
    with pytest.raises(errors.Conflict):
        asked.cast(record, "a key", criteria=both[:1])


def test_what_is_left_out_is_stored_as_nothing(booth: Booth) -> None:
    stored = booth.cast().vote
    assert (stored.strength, stored.tags, stored.reason, stored.edit) == (None, (), None, None)
    assert booth.cast(reason=" \t").vote.reason is None


def test_a_vote_id_says_when_and_is_drawn(booth: Booth) -> None:
    one, other = booth.cast().vote.vote_id, booth.cast().vote.vote_id
    same = ids.mint("v", LATER, random.Random(1))
    assert one == same != other
    assert one[:12] == other[:12], "both begin with the same moment"


@pytest.mark.parametrize(
    ("passed", "seconds"), [(timedelta(0), 0.0), (timedelta(seconds=-3), 0.0), (timedelta(1), 86400)]
)
def test_reading_takes_no_time_less_than_none_however_clocks_are_set(
    booth: Booth, passed: timedelta, seconds: float
) -> None:
    booth.now = making.NOW + passed
    assert booth.cast().vote.reading_seconds == seconds


def test_nobody_knows_how_long_an_answer_without_a_time_was_read(booth: Booth) -> None:
    record = dataclasses.replace(booth.battle(), completed_at=None)
    assert booth.cast(record).vote.reading_seconds is None


def test_a_vote_reveals_the_models_and_how_their_answers_ended(booth: Booth) -> None:
    thought = making.response("Thought", reasoning_tokens=7, reasoning_seconds=0.5)
    cut = making.response("Cut", finish_reason="length", reasoning_tokens=3, reasoning_seconds=0.25)
    record = booth.battle(response_a=thought, response_b=cut)
    told = booth.cast(record)
    assert (
        (told.model_a, told.model_b) == (record.battle.model_a, record.battle.model_b) == ("smol-terse", "smol-plain")
    )
    assert (told.finish_reason_a, told.finish_reason_b) == ("stop", "length")
    assert (told.reasoning_tokens_a, told.reasoning_tokens_b) == (7, 3)
    assert (told.reasoning_seconds_a, told.reasoning_seconds_b) == (0.5, 0.25)
    assert (told.line.sequence, told.line.subject, told.leak) == (1, told.vote.vote_id, False)
    assert len(bytes.fromhex(told.salt)) == 16
    assert told.signature == SIGNER.sign(statements.receipt(told.vote.vote_id, told.line)).to_dict()


@pytest.mark.parametrize(("left", "right", "leak"), [(False, False, False), (True, False, True), (None, None, False)])
def test_a_vote_reveals_that_an_answer_gave_its_model_away(
    booth: Booth, left: bool | None, right: bool | None, leak: bool
) -> None:
    record = booth.battle(
        response_a=making.response("I am it", leak=left), response_b=making.response("No", leak=right)
    )
    assert booth.cast(record).leak is leak


def test_what_a_vote_revealed_is_told_again_from_memory_and_from_the_file(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = booth.battle()
    told = booth.cast(record)
    record = making.loaded(booth.workspace, record.battle.battle_id)
    assert asyncio.run(booth.voting.reveal(Turn(record=record))) == told
    monkeypatch.setattr(Workspace, "recent", lambda self, battle_id: None)
    assert asyncio.run(booth.voting.reveal(Turn(record=record))) == told


def test_votes_on_the_two_models_are_counted_up_to_this_one(booth: Booth) -> None:
    first, second = booth.cast(), booth.cast()
    assert [booth.voting.votes_between(told) for told in (first, second, first)] == [1, 2, 1]
    assert booth.voting.votes_between(dataclasses.replace(second, model_b=ModelName("another"))) == 0
    assert booth.voting.count(RATER) == 2
    assert booth.voting.count(dataclasses.replace(RATER, id="r_other")) == 0


# -- the same key again ---------------------------------------------------------------------------------------------

BALLOT: dict[str, Any] = {
    "winner": "model_a",
    "strength": "clearly",
    "tags": ("clear",),
    "reason": "Good.",
    "edit": "Better.",
}
"""Says something in every field."""


def test_the_same_key_and_ballot_are_answered_as_the_first_time(booth: Booth) -> None:
    record = booth.battle()
    first = booth.cast(record, "one", **BALLOT)
    booth.now += timedelta(days=1)
    again = booth.cast(record, "one", **BALLOT)
    later = booth.cast(making.loaded(booth.workspace, record.battle.battle_id), "one", **BALLOT)
    assert first == again == later
    assert booth.votes(record) == (first.vote,)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("winner", "model_b"),
        ("strength", "slightly"),
        ("tags", ("clear", "safe")),
        ("reason", "Good!"),
        ("edit", "Best."),
    ],
)
@pytest.mark.parametrize("shown", [True, False])
def test_the_same_key_with_anything_else_in_the_ballot_is_refused(
    booth: Booth, field: str, value: Any, shown: bool
) -> None:
    """Also by the writer, where the record was read before the first vote."""
    record = booth.battle()
    first = booth.cast(record, "one", **BALLOT)
    record = making.loaded(booth.workspace, record.battle.battle_id) if shown else record
    with pytest.raises(errors.Conflict):
        booth.cast(record, "one", **BALLOT | {field: value})
    assert booth.votes(record) == (first.vote,)


def test_the_same_key_on_another_battle_is_refused(booth: Booth) -> None:
    booth.cast(booth.battle(), "one", **BALLOT)
    other = booth.battle()
    with pytest.raises(errors.Conflict, match="used before with another request"):
        booth.cast(other, "one", **BALLOT)
    assert booth.votes(other) == ()


def test_a_second_vote_on_a_battle_is_refused_and_another_raters_is_no_obstacle(booth: Booth) -> None:
    record = booth.battle()
    theirs = making.vote(record.battle.battle_id, "r_other", idempotency_key="mine")
    booth.workspace.submit(commands.CastVote(vote=theirs, record=record)).result()
    mine = booth.cast(making.loaded(booth.workspace, record.battle.battle_id), "mine")
    with pytest.raises(errors.Conflict, match="You have voted on this battle already"):
        booth.cast(making.loaded(booth.workspace, record.battle.battle_id), "another")
    assert booth.votes(record) == (theirs, mine.vote)


def test_a_request_is_told_apart_by_the_hash_that_is_stored(booth: Booth) -> None:
    """It is compared with those of earlier versions, so it stays what it is."""
    record = booth.battle()
    sent = [record.battle.battle_id, "model_a", "clearly", ["clear"], "Good.", "Better."]
    stored = booth.cast(record, **BALLOT).vote.request_sha256
    assert stored == hashlib.sha256(json.dumps(sent).encode()).hexdigest()


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "x" * (KEY_LIMIT + 1), "a\nb", "\x7f", "schlüssel"])
def test_a_key_is_a_line_of_ascii(booth: Booth, key: str) -> None:
    record = booth.battle()
    with pytest.raises(errors.Malformed, match=r"^Idempotency-Key has to be 1 to 200 printable ASCII characters; "):
        booth.cast(record, key)
    assert booth.votes(record) == ()


@pytest.mark.parametrize("key", ["x", "x" * KEY_LIMIT, " !~"])
def test_a_key_may_be_of_any_length_up_to_its_limit(booth: Booth, key: str) -> None:
    assert booth.cast(key=key).vote.idempotency_key == key


def test_only_the_rater_of_a_battle_votes_on_it(booth: Booth) -> None:
    record = booth.battle()
    other = dataclasses.replace(RATER, id=RaterId("r_other"))
    with pytest.raises(errors.Forbidden, match=f"^Battle {record.battle.battle_id} belongs to another rater; "):
        asyncio.run(booth.voting.cast(other, record, Ballot(winner="tie"), "one"))
    assert booth.votes(record) == ()


@pytest.mark.parametrize(
    ("ballot", "refusal", "sentence"),
    [
        ({"winner": "Model_A"}, errors.InvalidValue, "winner is 'Model_A'; accepted: model_a, model_b, tie, both_bad."),
        ({"strength": "very"}, errors.InvalidValue, "strength is 'very'; accepted: slightly, clearly."),
        ({"tags": ("clear", "nice")}, errors.InvalidValue, "tags is 'nice'; accepted: correct, follows_request, "),
        ({"winner": "tie", "strength": "clearly"}, errors.InvalidValue, "strength says how much better one side is; "),
        ({"winner": "both_bad", "strength": "clearly"}, errors.InvalidValue, "leave it out with both_bad."),
        ({"winner": "tie", "edit": "Better."}, errors.InvalidValue, "edit corrects the preferred answer; "),
        ({"winner": "both_bad", "edit": "Better."}, errors.InvalidValue, "leave it out with both_bad."),
        ({"reason": "x" * (REASON_LIMIT + 1)}, errors.InvalidValue, "reason has to be one line of at most 200 char"),
        ({"reason": "one\ntwo"}, errors.InvalidValue, "reason has to be one line of at most 200 char"),
        ({"reason": "one\u2028two"}, errors.InvalidValue, "reason has to be one line of at most 200 char"),
        ({"reason": "half \ud800"}, errors.InvalidValue, "reason has to be one line of at most 200 char"),
        ({"edit": ""}, errors.InvalidValue, "edit has to be text, without NUL or half characters; "),
        ({"edit": " \u200b\n"}, errors.InvalidValue, "edit has to be text, without NUL or half characters; "),
        ({"edit": "nul\0"}, errors.InvalidValue, "edit has to be text, without NUL or half characters; "),
        ({"edit": "half \udfff"}, errors.InvalidValue, "edit has to be text, without NUL or half characters; "),
        ({"edit": "x" * (EDIT_LIMIT + 1)}, errors.TooLarge, "edit has 100,001 characters; 100,000 is the limit."),
    ],
)
def test_a_ballot_that_means_nothing_is_refused_in_a_sentence_and_does_not_use_up_the_key(
    booth: Booth, ballot: dict[str, Any], refusal: type[Exception], sentence: str
) -> None:
    record = booth.battle()
    with pytest.raises(refusal) as told:
        booth.cast(record, "one", **ballot)
    assert sentence in str(told.value)
    assert booth.votes(record) == ()
    assert booth.cast(record, "one").vote.winner is Winner.MODEL_A


@pytest.mark.parametrize(
    "ballot", [{"reason": "x" * REASON_LIMIT}, {"edit": "x" * EDIT_LIMIT}, {"reason": "é ش \u200d"}]
)
def test_a_text_may_be_as_long_as_its_limit(booth: Booth, ballot: dict[str, Any]) -> None:
    ((field, text),) = ballot.items()
    assert getattr(booth.cast(**ballot).vote, field) == text


def test_a_battle_that_is_being_written_or_void_takes_no_vote(booth: Booth) -> None:
    unfinished = making.opened(booth.workspace)
    with pytest.raises(errors.Conflict, match=r"^The answers are still being written. Vote when both have finished.$"):
        booth.cast(unfinished)
    void = commands.VoidBattle(battle_id=unfinished.battle.battle_id, void=making.void())
    booth.workspace.submit(void).result()
    with pytest.raises(
        errors.Conflict, match=r"^This battle is void, so nothing can be recorded on it. Start a new battle.$"
    ):
        booth.cast(making.loaded(booth.workspace, unfinished.battle.battle_id))


def test_the_moment_of_a_vote_is_read_once(booth: Booth) -> None:
    moments: list[datetime] = []

    def now() -> datetime:
        moments.append(LATER + timedelta(seconds=len(moments)))
        return moments[-1]

    record = booth.battle()
    here = opened.here(booth.workspace, booth.workspace.path.parent, now=now)
    told = asyncio.run(Voting(here, Campaigns(here)).cast(RATER, record, Ballot(winner="tie"), "one"))
    assert moments == [told.vote.cast_at]
    assert told.vote.reading_seconds == (told.vote.cast_at - making.NOW).total_seconds()
