"""The filters of a selection, in the order in which they take votes out.

A filter is pure: it is given a record and returns the votes that stay. A key of the selection at its default adds no
filter, but for `votes`: held votes are left out unless they are asked for. Cheap filters come before dear ones, and
filters on single votes before filters on all votes left on a battle.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName, RaterId
from arena.domain.rater_agreement import RaterAgreement
from arena.domain.selection import (
    HERE,
    NOT_GIVEN,
    UNCATEGORISED,
    UNDETERMINED,
    Consent,
    Finished,
    Policy,
    Selection,
    Several,
    Thinking,
)
from arena.domain.vote import Counting, Vote, Winner
from arena.exports import leaks
from arena.exports.filters import thinking
from arena.exports.filters.conversation_clusters import ConversationClusters
from arena.exports.format import Reason

Stays = Callable[[BattleRecord], tuple[Vote, ...]]
"""The votes of a record that stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterInputs:
    """What filters need to know besides the record."""

    agreements: Mapping[RaterId, RaterAgreement] = field(default_factory=dict)
    """By rater, of the whole workspace. Needed where the selection has a filter on raters."""
    private: Collection[RaterId] = frozenset()
    """Raters who do not agree to publication."""
    served: Mapping[ModelName, str] = field(default_factory=dict)
    """The name that each model's server has for it."""
    language: Callable[[BattleRecord], str] = lambda _: UNDETERMINED
    """Gives the code of a prompt's language. Needed where the selection names languages."""
    clusters: ConversationClusters | None = None
    """The clusters decided so far, to which each new conversation adds. Needed where the selection keeps clusters
    together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter of a selection."""

    key: str
    """The key of the selection."""
    reason: Reason
    """The reason given for every vote that this filter takes out."""
    stays: Stays


def of_record(selection: Selection, inputs: FilterInputs) -> Iterator[Filter]:
    """The filters that look at one record and nothing else."""
    if selection.votes is Counting.COUNTED:
        yield Filter(key="votes", reason=Reason.HELD, stays=_not_held)
    if selection.consent is Consent.PUBLIC:
        private = inputs.private
        yield Filter(key="consent", reason=Reason.CONSENT, stays=lambda record: published(record, private))
    for key, reason, value_of in (
        ("campaigns", Reason.CAMPAIGN, campaign),
        ("sources", Reason.SOURCE, source),
        ("categories", Reason.CATEGORY, category),
    ):
        if getattr(selection, key):
            yield Filter(key=key, reason=reason, stays=battle(_among(value_of, getattr(selection, key))))
    if selection.models:
        yield Filter(key="models", reason=Reason.MODEL, stays=battle(_by_models(frozenset(selection.models))))
    if selection.first_turn > 1 or selection.last_turn is not None:
        yield Filter(key="first_turn", reason=Reason.TURN, stays=battle(_turn(selection)))
    if selection.since is not None or selection.until is not None:
        yield Filter(key="since", reason=Reason.TIME, stays=_cast_between(selection))
    if selection.strengths:
        given = frozenset(selection.strengths)
        yield Filter(key="strengths", reason=Reason.STRENGTH, stays=_vote(lambda vote: strength(vote) in given))
    if selection.ties is Policy.DROP:
        yield Filter(key="ties", reason=Reason.TIE, stays=_vote(lambda vote: vote.winner is not Winner.TIE))
    if selection.both_bad is Policy.DROP:
        yield Filter(
            key="both_bad", reason=Reason.BOTH_BAD, stays=_vote(lambda vote: vote.winner is not Winner.BOTH_BAD)
        )
    yield from _of_raters(selection, inputs.agreements)
    yield from _of_texts(selection, inputs)


def of_votes_left(selection: Selection) -> Iterator[Filter]:
    """The filters that look at all votes left on a battle together."""
    if selection.minimum_votes > 1:
        yield Filter(
            key="minimum_votes",
            reason=Reason.TOO_FEW_VOTES,
            stays=battle(lambda record: len(record.votes) >= selection.minimum_votes),
        )
    if selection.minimum_agreement > 0:
        yield Filter(
            key="minimum_agreement",
            reason=Reason.DISAGREEMENT,
            stays=battle(lambda record: agreement(record) >= selection.minimum_agreement),
        )
    if selection.several is Several.UNANIMOUS:
        yield Filter(
            key="several",
            reason=Reason.NOT_UNANIMOUS,
            stays=battle(lambda record: len({vote.winner for vote in record.votes}) == 1),
        )


def published(record: BattleRecord, private: Collection[RaterId]) -> tuple[Vote, ...]:
    """The votes whose rater agrees to publication, where the author of the prompt agrees too."""
    if record.battle.rater_id in private:
        return ()
    return tuple(vote for vote in record.votes if vote.rater_id not in private)


def campaign(record: BattleRecord) -> str:
    """The campaign of a battle."""
    return record.battle.campaign


def source(record: BattleRecord) -> str:
    """Where a battle comes from."""
    return HERE if record.origin is None else record.origin.source


def category(record: BattleRecord) -> str:
    """The category that an import or a prompt set gave a battle."""
    return record.category or UNCATEGORISED


def cut_off(record: BattleRecord) -> bool:
    """Whether an answer was cut off."""
    return any(response.cut_off for response in (record.response_a, record.response_b) if response is not None)


def strength(vote: Vote) -> str:
    """How much better the winning side is, where the rater said so."""
    return NOT_GIVEN if vote.strength is None else vote.strength.value


def agreement(record: BattleRecord) -> float:
    """Share of the votes on a battle that the outcome with the most votes has; of no votes, all agree."""
    outcomes = Counter(vote.winner for vote in record.votes)
    return max(outcomes.values(), default=1) / (len(record.votes) or 1)


def battle(stays: Callable[[BattleRecord], bool]) -> Stays:
    """All votes of a record stay, or none."""
    return lambda record: record.votes if stays(record) else ()


def _not_held(record: BattleRecord) -> tuple[Vote, ...]:
    if record.leak is not True and not record.held_votes:
        return record.votes
    return tuple(vote for vote in record.votes if not record.holds(vote))


def _vote(stays: Callable[[Vote], bool]) -> Stays:
    return lambda record: tuple(vote for vote in record.votes if stays(vote))


def _among(value_of: Callable[[BattleRecord], str], names: tuple[str, ...]) -> Callable[[BattleRecord], bool]:
    accepted = frozenset(names)
    return lambda record: value_of(record) in accepted


def _by_models(names: frozenset[str]) -> Callable[[BattleRecord], bool]:
    return lambda record: record.battle.model_a in names and record.battle.model_b in names


def _turn(selection: Selection) -> Callable[[BattleRecord], bool]:
    first, last = selection.first_turn, selection.last_turn
    return lambda record: first <= record.battle.turn and (last is None or record.battle.turn <= last)


def _cast_between(selection: Selection) -> Stays:
    since, until = selection.since, selection.until

    def stays(record: BattleRecord) -> tuple[Vote, ...]:
        if record.origin is not None and not record.origin.timed:
            return ()
        return tuple(
            vote
            for vote in record.votes
            if (since is None or vote.cast_at >= since) and (until is None or vote.cast_at < until)
        )

    return stays


def _of_raters(selection: Selection, agreements: Mapping[RaterId, RaterAgreement]) -> Iterator[Filter]:
    nothing = RaterAgreement()
    votes, share = selection.minimum_rater_votes, selection.minimum_rater_agreement
    if votes > 1:
        yield Filter(
            key="minimum_rater_votes",
            reason=Reason.RATER_VOTES,
            stays=_vote(lambda vote: agreements.get(vote.rater_id, nothing).votes >= votes),
        )
    if share > 0:
        yield Filter(
            key="minimum_rater_agreement",
            reason=Reason.RATER_AGREEMENT,
            stays=_vote(lambda vote: (agreements.get(vote.rater_id, nothing).agreement or 0.0) >= share),
        )


def _of_texts(selection: Selection, inputs: FilterInputs) -> Iterator[Filter]:
    shortest, longest = selection.minimum_prompt_characters, selection.maximum_prompt_characters
    if shortest > 0 or longest is not None:
        yield Filter(
            key="minimum_prompt_characters",
            reason=Reason.PROMPT_LENGTH,
            stays=battle(lambda record: _within(record.battle.prompt, shortest, longest)),
        )
    least, most = selection.minimum_answer_characters, selection.maximum_answer_characters
    if least > 0 or most is not None:
        yield Filter(
            key="minimum_answer_characters",
            reason=Reason.ANSWER_LENGTH,
            stays=battle(lambda record: all(_within(text, least, most) for text in answers(record))),
        )
    if selection.finished is Finished.ENDED:
        yield Filter(key="finished", reason=Reason.CUT_OFF, stays=battle(lambda record: not cut_off(record)))
    if selection.thinking is Thinking.DROP:
        stays = battle(lambda record: not thinking.in_record(record))
        yield Filter(key="thinking", reason=Reason.THINKING, stays=stays)
    if selection.leaks is Policy.DROP:
        finder = leaks.LeakFinder(inputs.served)
        yield Filter(key="leaks", reason=Reason.LEAK, stays=battle(lambda record: not finder.leaks(record)))
    if selection.languages:
        stays = battle(_among(inputs.language, selection.languages))
        yield Filter(key="languages", reason=Reason.LANGUAGE, stays=stays)


def answers(record: BattleRecord) -> list[str]:
    """The texts of the answers that are there."""
    return [response.text for response in (record.response_a, record.response_b) if response is not None]


def _within(text: str, least: int, most: int | None) -> bool:
    return least <= len(text) and (most is None or len(text) <= most)
