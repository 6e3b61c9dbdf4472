"""What the votes of raters say of them in figures, for whoever decides on their standing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from arena.domain.campaign import GENERAL
from arena.domain.ids import RaterId
from arena.store import database, holding, prompt_sets, rater_records, rows, tally
from arena.store.connections import Analytical, Connection
from arena.store.rater_records import RaterRecord

PEOPLE = "SELECT unnest($raters::VARCHAR[]) AS rater_id, unnest($people::BIGINT[]) AS person"
"""Which rater is which of several people, by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVotes:
    """Votes of a person that count in a field, or would if they were not held."""

    votes: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVotes:
    """One day of a person, UTC."""

    day: date
    votes: int
    """Those that count, or would if they were not held."""
    held: int
    gold_right: int
    gold_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterFacts:
    """One person's votes."""

    votes: int
    """Those that count, or would if they were not held."""
    held: int
    record: RaterRecord
    compared: int
    """Votes of others on the same battles: each is compared with the rater's own."""
    agreed: int
    median_seconds: float | None
    """From when both answers were there to the vote."""


WITH_RATERS = ("votes", "battles", "assignments", "standing_decisions", "qualification_results")
"""Tables with a row of everybody who did something, or was decided on."""


def every(connection: Connection) -> list[RaterId]:
    """Every rater who voted, was given a task, or was decided on, but for those who were erased, and for those under
    whose ids the prompts of sets are asked."""
    return _known(connection, "rater_id <> ''", [])


def among(connection: Connection, raters: Sequence[RaterId]) -> list[RaterId]:
    """Those of them who are some of these raters."""
    return _known(connection, *rows.among("rater_id", raters))


def _known(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[RaterId]:
    selected = " UNION ".join(f"SELECT rater_id FROM {name} WHERE {condition}" for name in WITH_RATERS)
    found = rows.fetched(connection, f"{selected} ORDER BY 1", [*parameters] * len(WITH_RATERS))
    owners = prompt_sets.owners(connection)
    return [RaterId(row[0]) for row in found if row[0] not in owners]


def by_field(connection: Analytical, people: Sequence[Sequence[RaterId]]) -> list[dict[str, FieldVotes]]:
    """How many votes each of these people has, by field. A person is several raters. Votes on gold and repeats count,
    too: raters could otherwise tell from the number which of their tasks those were."""
    theirs = "vote.rater_id IN (SELECT rater_id FROM people)"
    found = rows.fetched(
        connection,
        f"WITH people AS ({PEOPLE}) SELECT person, coalesce(asked.field, '{GENERAL}') AS named, count(*), "
        "count(*) FILTER (WHERE held_for IS NOT NULL) "
        f"FROM (SELECT rater_id, battle_id, held_for FROM ({holding.votes(connection, theirs)}) UNION ALL "
        f"SELECT rater_id, battle_id, NULL FROM ({tally.TOLD_ALIKE}) AS vote WHERE {theirs}) AS vote "
        "JOIN people ON people.rater_id = vote.rater_id JOIN battles ON battles.battle_id = vote.battle_id "
        f"LEFT JOIN ({holding.FIELDS}) AS asked ON asked.name = battles.campaign "
        "AND asked.version = battles.campaign_version GROUP BY person, named ORDER BY person, named",
        _people(people),
    )
    votes: list[dict[str, FieldVotes]] = [{} for _ in people]
    for person, field, count, held in found:
        votes[person][field] = FieldVotes(votes=count, held=held)
    return votes


def read(connection: Analytical, people: Sequence[Sequence[RaterId]]) -> list[RaterFacts]:
    """The votes of these people, in their order. A person is several raters."""
    given = _people(people)
    counted = _by_person(
        connection,
        f"WITH people AS ({PEOPLE}) SELECT person, count(*), count(*) FILTER (WHERE held_for IS NOT NULL) "
        f"FROM ({holding.votes(connection, 'vote.rater_id IN (SELECT rater_id FROM people)')}) AS vote "
        "JOIN people ON people.rater_id = vote.rater_id GROUP BY person",
        given,
    )
    timed = _by_person(
        connection,
        f"WITH people AS ({PEOPLE}) SELECT person, median(reading_seconds) FROM votes "
        "JOIN people ON people.rater_id = votes.rater_id GROUP BY person",
        given,
    )
    beside = _by_person(
        connection,
        f"WITH people AS ({PEOPLE}) SELECT person, count(*), count(*) FILTER (WHERE own.winner = other.winner) "
        "FROM counted_votes AS own JOIN people ON people.rater_id = own.rater_id "
        "JOIN counted_votes AS other ON other.battle_id = own.battle_id AND other.vote_id <> own.vote_id "
        "AND other.rater_id NOT IN (SELECT same.rater_id FROM people AS same WHERE same.person = people.person) "
        "GROUP BY person",
        given,
    )
    records = rater_records.records(connection)
    return [
        RaterFacts(
            votes=counted.get(number, (0, 0))[0],
            held=counted.get(number, (0, 0))[1],
            record=_together([records[rater_id] for rater_id in raters if rater_id in records]),
            compared=beside.get(number, (0, 0))[0],
            agreed=beside.get(number, (0, 0))[1],
            median_seconds=timed.get(number, (None,))[0],
        )
        for number, raters in enumerate(people)
    ]


def by_day(connection: Analytical, people: Sequence[Sequence[RaterId]], since: datetime) -> list[tuple[DayVotes, ...]]:
    """The days on which these people voted since a moment, each person's in order."""
    theirs = "vote.rater_id IN (SELECT rater_id FROM people) AND vote.cast_at >= $since"
    found = rows.fetched(
        connection,
        f"WITH people AS ({PEOPLE}), cast_by AS ("
        "SELECT rater_id, cast_at, 1 AS votes, CASE WHEN held_for IS NULL THEN 0 ELSE 1 END AS held, 0 AS found, "
        f"0 AS known FROM ({holding.votes(connection, theirs)}) UNION ALL "
        "SELECT vote.rater_id, vote.cast_at, 0, 0, CASE WHEN vote.winner = prompts.gold_winner THEN 1 ELSE 0 END, 1 "
        "FROM votes AS vote JOIN items ON items.battle_id = vote.battle_id AND items.gold "
        "JOIN prompts ON prompts.set_name = items.set_name AND prompts.prompt_id = items.prompt_id "
        f"WHERE vote.purpose = 'gold' AND {theirs}) "
        "SELECT person, CAST(cast_at AS DATE) AS day, sum(votes), sum(held), sum(found), sum(known) FROM cast_by "
        "JOIN people ON people.rater_id = cast_by.rater_id GROUP BY person, day ORDER BY person, day",
        {**_people(people), "since": database.stored_time(since)},
    )
    days: list[list[DayVotes]] = [[] for _ in people]
    for person, day, votes, held, right, seen in found:
        days[person].append(
            DayVotes(day=day, votes=int(votes), held=int(held), gold_right=int(right), gold_seen=int(seen))
        )
    return [tuple(one) for one in days]


def _together(records: Sequence[RaterRecord]) -> RaterRecord:
    """The record of one person, who is several raters."""
    return RaterRecord(
        gold_right=sum(one.gold_right for one in records),
        gold_seen=sum(one.gold_seen for one in records),
        repeats_same=sum(one.repeats_same for one in records),
        repeats_seen=sum(one.repeats_seen for one in records),
    )


def _by_person(connection: Analytical, query: str, given: dict[str, Any]) -> dict[int, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in rows.fetched(connection, query, given)}


def _people(people: Sequence[Sequence[RaterId]]) -> dict[str, Any]:
    """The parameters of `PEOPLE`."""
    pairs = [(rater_id, number) for number, raters in enumerate(people) for rater_id in raters]
    return {"raters": [rater_id for rater_id, _ in pairs], "people": [number for _, number in pairs]}
