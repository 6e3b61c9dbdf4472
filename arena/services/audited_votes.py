"""The votes of a workspace and what raters did beside them, as an audit takes them, and the audit itself, in a process
beside the arena.

Votes are those of people: an account is one rater, whatever its browsers were. What a person looked at and let count is
left out: it speaks neither for nor against anybody any more.
"""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import numpy
import pyarrow

from arena import quality
from arena.domain.ids import RaterId
from arena.services.people_named import RatingPerson
from arena.store.audit_votes import AuditVotes

INVITED = "the same invitation"
PROGRAM = "the same program instead of a browser"
FIRST_DAY = "their first vote on the same day"
"""The day on which people signed up, as far as votes tell."""
_TOGETHER = 5
"""People who begin on one day, at least, to be looked at as a group."""
_DAY = 86_400_000_000
NICENESS = 10
"""Of the process that audits: whoever waits for the arena comes first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditedVotes:
    """Votes in columns, all of one length, and whose they are."""

    people: tuple[RatingPerson, ...]
    raters: tuple[RaterId, ...]
    person: quality.Integers
    """Of each vote, the place of its person in `people`."""
    rater: quality.Integers
    """Of each vote, the place of the stored rater in `raters`."""
    left: numpy.typing.NDArray[numpy.str_]
    right: numpy.typing.NDArray[numpy.str_]
    """The models as they were shown."""
    outcome: quality.Integers
    moment: quality.Integers
    """Microseconds since 1970, UTC."""
    fields: tuple[tuple[str, ...], ...]
    """The fields of each vote."""
    invitation: Mapping[int, str]
    """Of people, by their place, the invitation that they joined by."""
    program: Mapping[int, str]
    """Of people, by their place, the program that they signed in with where it is no browser."""
    conduct: quality.Conduct
    """What they did beside these votes, people by their places."""

    def __len__(self) -> int:
        return len(self.person)


def prepared(
    found: AuditVotes,
    people: Sequence[RatingPerson],
    let_count: Mapping[tuple[RaterId, str], datetime],
    invited: Mapping[str, str],
    programs: Mapping[str, str],
) -> AuditedVotes:
    """Votes for an audit. `let_count` gives by rater and field until when votes were let count, `invited` by person
    the invitation they joined by, `programs` by person what they signed in with where it is no browser."""
    reading = _Reading(found, people, let_count)
    table = found.table
    person, under, kept = reading.of(table)
    coded = table.column("rater").combine_chunks().dictionary_encode()
    fields = [found.fields[one] for one in reading.drawn]
    votes = table.filter(kept)
    numbers = {one.name: number for number, one in enumerate(people)}
    return AuditedVotes(
        people=tuple(people),
        raters=tuple(RaterId(rater_id) for rater_id in coded.dictionary.to_pylist()),
        person=person[kept],
        rater=coded.indices.to_numpy(zero_copy_only=False).astype(numpy.int64)[kept],
        left=_texts(votes, "model_left"),
        right=_texts(votes, "model_right"),
        outcome=votes.column("outcome").to_numpy().astype(numpy.int64),
        moment=votes.column("moment").to_numpy(),
        fields=tuple(fields[one] for one in under[kept]),
        invitation={numbers[name]: invitation for name, invitation in invited.items() if name in numbers},
        program={numbers[name]: program for name, program in programs.items() if name in numbers},
        conduct=quality.Conduct(
            gold=_known(reading, found.conduct.known),
            repeats=_again(reading, found.conduct.again),
            given=_given(reading, votes, found.conduct.left_out),
            seconds=votes.column("seconds").to_numpy(zero_copy_only=False).astype(float),
            campaign=under[kept],
            item=votes.column("item").combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy(),
        ),
    )


class _Reading:
    """Whose each row is, and whether it is read: not where a person looked at it and let it count."""

    def __init__(
        self, found: AuditVotes, people: Sequence[RatingPerson], let_count: Mapping[tuple[RaterId, str], datetime]
    ) -> None:
        self.drawn = list(found.fields)
        self._place: dict[str, int] = {rater_id: number for number, one in enumerate(people) for rater_id in one.raters}
        self._under = {one: number for number, one in enumerate(self.drawn)}
        self._looked_at: dict[str, int] = {
            rater_id: number for number, rater_id in enumerate(sorted({rater_id for rater_id, _ in let_count}))
        }
        self._let_count = [
            (
                self._looked_at[rater_id],
                numpy.array([field in found.fields[one] for one in self.drawn], dtype=bool),
                _microseconds(until),
            )
            for (rater_id, field), until in let_count.items()
        ]

    def of(self, table: pyarrow.Table) -> tuple[quality.Integers, quality.Integers, quality.Flags]:
        """By row: the person, the place in `drawn`, and whether it is read."""
        person, under = _coded(table, "rater", self._place), _coded(table, "drawn_under", self._under)
        kept = person >= 0
        if table.num_rows and self._let_count:
            rater, moment = _coded(table, "rater", self._looked_at), table.column("moment").to_numpy()
            for number, of_field, until in self._let_count:
                kept &= ~((rater == number) & (moment < until) & of_field[under])
        return person, under, kept


def _known(reading: _Reading, table: pyarrow.Table) -> quality.KnownAnswers | None:
    person, _, kept = reading.of(table)
    if not kept.any():
        return None
    return quality.KnownAnswers(
        rater=person[kept],
        moment=_moments(table)[kept],
        item=table.column("item").combine_chunks().dictionary_encode().indices.to_numpy()[kept],
        right=_flags(table, "found")[kept],
    )


def _again(reading: _Reading, table: pyarrow.Table) -> quality.RepeatedVotes | None:
    person, _, kept = reading.of(table)
    if not kept.any():
        return None
    return quality.RepeatedVotes(
        rater=person[kept],
        moment=_moments(table)[kept],
        same=_flags(table, "same")[kept],
        same_side=_flags(table, "same_side")[kept],
    )


def _given(reading: _Reading, votes: pyarrow.Table, left_out: pyarrow.Table) -> quality.Given | None:
    """Battles that were voted on, and those that were skipped or stopped."""
    person, under, kept = reading.of(left_out)
    if not kept.any():
        return None
    voters, drawn, _ = reading.of(votes)
    skipped = numpy.repeat((False, True), (len(voters), int(kept.sum())))
    return quality.Given(
        rater=numpy.concatenate([voters, person[kept]]),
        moment=numpy.concatenate([_moments(votes), _moments(left_out)[kept]]),
        left=numpy.concatenate([_texts(votes, "model_left"), _texts(left_out, "model_a")[kept]]),
        right=numpy.concatenate([_texts(votes, "model_right"), _texts(left_out, "model_b")[kept]]),
        campaign=numpy.concatenate([drawn, under[kept]]),
        skipped=skipped,
    )


def audited(votes: AuditedVotes, looks: int) -> quality.Audit:
    """What the audit says; its raters are named by their places in `people`."""
    groups: dict[str, list[str]] = {}
    if votes.invitation:
        groups[INVITED] = [votes.invitation.get(int(one), "") for one in votes.person]
    if votes.program:
        groups[PROGRAM] = [votes.program.get(int(one), "") for one in votes.person]
    if len(votes):
        groups[FIRST_DAY] = _first_days(votes)
    log = quality.read(votes.person, votes.left, votes.right, votes.outcome, moment=votes.moment, groups=groups)
    return quality.joined(quality.audit(log, looks=looks), log, quality.signs(log, votes.conduct))


def _first_days(votes: AuditedVotes) -> list[str]:
    """Of each vote, the day on which its person began; empty where too few others did."""
    first = numpy.full(len(votes.people), numpy.iinfo(numpy.int64).max)
    numpy.minimum.at(first, votes.person, votes.moment)
    rated = numpy.unique(votes.person)
    days, code, people = numpy.unique(first[rated] // _DAY, return_inverse=True, return_counts=True)
    named = numpy.full(len(votes.people), "", dtype=object)
    named[rated] = numpy.where(people >= _TOGETHER, days.astype(str), "")[code]
    return [str(one) for one in named[votes.person]]


def audited_beside(votes: AuditedVotes, looks: int) -> quality.Audit:
    """The same in a process of its own, which gives way to this one."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh, initializer=os.nice, initargs=(NICENESS,)) as beside:
        return beside.submit(audited, votes, looks).result()


def _coded(table: pyarrow.Table, name: str, known: Mapping[str, int]) -> quality.Integers:
    """The number of each row's text; -1 for one that is not known."""
    coded = table.column(name).combine_chunks().dictionary_encode()
    numbers = numpy.array([known.get(one, -1) for one in coded.dictionary.to_pylist()], dtype=numpy.int64)
    found: quality.Integers = numbers[coded.indices.to_numpy(zero_copy_only=False).astype(numpy.int64)]
    return found


def _texts(table: pyarrow.Table, name: str) -> "numpy.typing.NDArray[numpy.str_]":
    return numpy.array(table.column(name).to_pylist(), dtype=numpy.str_)


def _moments(table: pyarrow.Table) -> quality.Floats:
    found: quality.Floats = table.column("moment").to_numpy().astype(float)
    return found


def _flags(table: pyarrow.Table, name: str) -> quality.Flags:
    return numpy.array(table.column(name).to_pylist(), dtype=bool)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
