"""What people and policies decided of raters' standing, as stored: a row a decision beside the hold it makes, with the
salt that opens its line of the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from arena.domain import ledger, standing
from arena.domain.appeal import Appeal
from arena.domain.ids import ModelName, RaterId
from arena.domain.removal import hashed
from arena.domain.standing import FieldStanding, HeldFor, PassedTest, Standing, StandingDecision, VoteHold
from arena.store import database, holding, ledger_rows, rows
from arena.store.connections import Connection

DECISIONS = {
    "sequence": "BIGINT",
    "decision_id": "VARCHAR",
    "follows": "VARCHAR",
    "rater_id": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "field": "VARCHAR",
    "standing": "VARCHAR",
    "reason": "VARCHAR",
    "ends_at": "TIMESTAMP",
    "undoes": "VARCHAR",
    "answers": "VARCHAR",
    "decided_by": "VARCHAR",
    "salt": "VARCHAR",
    "decided_at": "TIMESTAMP",
    "finding_id": "VARCHAR",
}
HOLDS = {
    "sequence": "BIGINT",
    "hold_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "field": "VARCHAR",
    "held_for": "VARCHAR",
    "since": "TIMESTAMP",
    "until": "TIMESTAMP",
    "model": "VARCHAR",
}
SELECTED = (
    f"SELECT {', '.join(f'decided.{name}' for name in DECISIONS)}, "
    "holds.hold_id, holds.since, holds.until, holds.model "
    "FROM standing_decisions AS decided LEFT JOIN holds ON holds.hold_id = decided.decision_id"
)


def of_raters(connection: Connection, raters: Sequence[RaterId]) -> list[StandingDecision]:
    """Every decision on a person, who is these raters, in the order of the ledger; what undoes one among them."""
    theirs = "rater_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    undoing = f"decided.undoes IN (SELECT follows FROM standing_decisions WHERE {theirs})"
    found = rows.fetched(
        connection,
        f"{SELECTED} WHERE decided.{theirs} OR {undoing} ORDER BY decided.sequence",
        [list(raters), list(raters)],
    )
    return [_decision(row) for row in found]


def of_erased(connection: Connection, digests: Sequence[str]) -> list[StandingDecision]:
    """What is kept of every decision on erased raters, by SHA-256 of their ids, in the order of the ledger; what undoes
    one among them."""
    theirs = "rater_sha256 IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    found = rows.fetched(
        connection,
        f"{SELECTED} WHERE decided.{theirs} OR decided.undoes IN "
        f"(SELECT coalesce(follows, decision_id) FROM standing_decisions WHERE {theirs}) ORDER BY decided.sequence",
        [list(digests), list(digests)],
    )
    return [_decision(row) for row in found]


def every(connection: Connection) -> list[StandingDecision]:
    """Every decision on raters who were not erased, and what undoes one, in the order of the ledger."""
    found = rows.fetched(
        connection,
        f"{SELECTED} WHERE decided.rater_id <> '' OR decided.undoes IS NOT NULL ORDER BY decided.sequence",
    )
    return [_decision(row) for row in found]


def held_fields(connection: Connection, raters: Sequence[RaterId]) -> list[str]:
    """The fields in which policies decided on these raters, by name, but for what was undone."""
    theirs, parameters = rows.among("rater_id", raters)
    undone = "SELECT undoes FROM standing_decisions WHERE undoes IS NOT NULL"
    found = rows.fetched(
        connection,
        f"SELECT DISTINCT field FROM standing_decisions WHERE {theirs} AND finding_id IS NOT NULL AND undoes IS NULL "
        f"AND coalesce(follows, decision_id) NOT IN ({undone}) ORDER BY field",
        parameters,
    )
    return [str(row[0]) for row in found]


def about_appeals(connection: Connection, asked: Sequence[Appeal], raters: Sequence[RaterId]) -> list[StandingDecision]:
    """Of `every`, what these appeals are about, what answers them, everything on these raters, and what undoes one."""
    listed = "IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    root = "coalesce(follows, decision_id)"
    found = rows.fetched(
        connection,
        f"WITH about AS (SELECT {root} AS root FROM standing_decisions "
        f"WHERE {root} {listed} OR answers {listed} OR rater_id {listed}) "
        f"{SELECTED} WHERE (decided.rater_id <> '' OR decided.undoes IS NOT NULL) "
        "AND (coalesce(decided.follows, decided.decision_id) IN (SELECT root FROM about) "
        "OR decided.undoes IN (SELECT root FROM about)) ORDER BY decided.sequence",
        [[one.decision_id for one in asked], [one.appeal_id for one in asked], list(raters)],
    )
    return [_decision(row) for row in found]


def first_ones(connection: Connection) -> list[tuple[str, StandingDecision]]:
    """Every decision once, whoever was erased and however many ids the rater had, with the SHA-256 of the first."""
    found = rows.fetched(connection, f"{SELECTED} WHERE decided.follows IS NULL ORDER BY decided.sequence")
    return [(row[4], _decision(row)) for row in found]


def any_on(connection: Connection, raters: Sequence[RaterId]) -> bool:
    """Whether anybody ever decided on one of these raters."""
    theirs, parameters = rows.among("rater_id", raters)
    return rows.number(connection, f"SELECT count(*) FROM standing_decisions WHERE {theirs}", parameters) > 0


def undecided(connection: Connection) -> frozenset[RaterId]:
    """The raters whom policies put on probation, and on whom no person has decided since."""
    undone = "SELECT undoes FROM standing_decisions WHERE undoes IS NOT NULL"
    stands = f"coalesce({{0}}.follows, {{0}}.decision_id) NOT IN ({undone})"
    found = rows.fetched(
        connection,
        f"""
        SELECT DISTINCT made.rater_id
        FROM standing_decisions AS made
        WHERE made.finding_id IS NOT NULL AND made.standing = '{Standing.PROBATION}' AND made.rater_id <> ''
            AND {stands.format("made")}
            AND NOT EXISTS (
                SELECT 1
                FROM standing_decisions AS later
                WHERE later.rater_id = made.rater_id AND later.field = made.field
                    AND later.sequence > made.sequence AND later.finding_id IS NULL AND later.undoes IS NULL
                    AND {stands.format("later")}
            )
        """,
    )
    return frozenset(RaterId(row[0]) for row in found)


def fields(connection: Connection) -> frozenset[str]:
    """Every field that a stored campaign asks for, that there is a test of, or in which somebody decided."""
    found = rows.fetched(
        connection,
        f"SELECT field FROM ({holding.FIELDS}) UNION SELECT field FROM qualifications "
        "UNION SELECT field FROM standing_decisions",
    )
    return frozenset(str(row[0]) for row in found)


def standing_of(connection: Connection, raters: Sequence[RaterId], field: str, now: datetime) -> FieldStanding:
    """How a person, who is these raters, stands in a field at a moment."""
    decided = [one for one in of_raters(connection, raters) if one.field == field]
    passed = [test for _, named, test in passes(connection, raters) if named == field]
    return standing.standing(field, decided, passed[-1] if passed else None, now)


def passes(connection: Connection, raters: Sequence[RaterId]) -> list[tuple[RaterId, str, PassedTest]]:
    """The tests that these raters passed, with their fields, oldest first."""
    theirs, parameters = rows.among("rater_id", raters)
    found = rows.fetched(
        connection,
        "SELECT rater_id, field, decided_at, valid_until FROM qualification_results "
        f"WHERE passed AND {theirs} ORDER BY sequence",
        parameters,
    )
    return [
        (RaterId(row[0]), row[1], PassedTest(passed_at=database.read_time(row[2]), until=_read(row[3])))
        for row in found
    ]


def append(connection: Connection, made: Sequence[tuple[StandingDecision, str, ledger.Line]]) -> None:
    """Add decisions, each with its salt and its line, and what they hold."""
    rows.append(
        connection,
        "standing_decisions",
        DECISIONS,
        [
            (
                line.sequence,
                one.decision_id,
                one.follows,
                one.rater_id,
                hashed(one.rater_id),
                one.field,
                one.standing,
                one.reason,
                _stored(one.until),
                one.undoes,
                one.answers,
                one.decided_by,
                salt,
                database.stored_time(one.decided_at),
                one.finding,
            )
            for one, salt, line in made
        ],
    )
    rows.append(
        connection,
        "holds",
        HOLDS,
        [
            (
                line.sequence,
                one.decision_id,
                one.rater_id,
                one.field,
                one.standing if one.finding is None else HeldFor.FINDING,
                _stored(one.hold.since),
                _stored(one.hold.until),
                one.hold.model,
            )
            for one, _, line in made
            if one.hold is not None
        ],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of the decisions on an erased rater that there were so many, and what was decided."""
    connection.execute(
        "UPDATE standing_decisions SET rater_id = '', reason = '', salt = '' WHERE rater_id = ?", [rater_id]
    )
    connection.execute("UPDATE holds SET rater_id = '' WHERE rater_id = ?", [rater_id])


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every decision by its id. Of one on an erased rater nothing is left to open its line with."""
    erased = {row[0] for row in rows.fetched(connection, "SELECT rater FROM removals WHERE kind = 'erased'")}
    decided = rows.fetched(connection, SELECTED)
    closed = ledger_rows.about(connection, [row[1] for row in decided if row[12] == "" and row[4] in erased])
    found = {}
    for row in decided:
        found[row[1]] = ledger_rows.ExpectedLine(
            sequence=row[0],
            commitment=closed[row[1]].commitment if row[1] in closed else _commitment(row),
            named=f"Decision {row[1]} on a rater's standing",
        )
    return found


def problems(connection: Connection) -> Iterator[str]:
    """Decisions without a line of the ledger, and holds without a decision or an audit that says so."""
    for decision_id in ledger_rows.unrecorded(connection, "standing_decisions", "decision_id"):
        yield f"Decision {decision_id} on a rater's standing has no line in the ledger: it was added past the writer."
    for hold_id in ledger_rows.unrecorded(connection, "holds", "hold_id"):
        yield f"Hold {hold_id} on the votes of a rater has no line in the ledger: it was added past the writer."
    for row in rows.fetched(
        connection,
        "SELECT holds.hold_id FROM holds JOIN standing_decisions AS decided ON decided.decision_id = holds.hold_id "
        "WHERE holds.rater_id <> decided.rater_id OR holds.field <> decided.field "
        f"OR holds.held_for <> CASE WHEN decided.finding_id IS NULL THEN decided.standing ELSE '{HeldFor.FINDING}' END "
        "OR holds.sequence <> decided.sequence OR (decided.standing IS NULL AND decided.finding_id IS NULL) "
        "ORDER BY holds.hold_id",
    ):
        yield f"Hold {row[0]} is of another rater, field or reason than the decision that made it: it was changed."


def _decision(row: tuple[Any, ...]) -> StandingDecision:
    return StandingDecision(
        decision_id=row[1],
        follows=row[2],
        rater_id=RaterId(row[3]),
        field=row[5],
        standing=None if row[6] is None else Standing(row[6]),
        reason=row[7],
        until=_read(row[8]),
        undoes=row[9],
        answers=row[10],
        decided_by=row[11],
        finding=row[14],
        decided_at=database.read_time(row[13]),
        hold=None
        if row[15] is None
        else VoteHold(
            since=_read(row[16]), until=_read(row[17]), model=None if row[18] is None else ModelName(row[18])
        ),
    )


def _commitment(row: tuple[Any, ...]) -> str:
    return ledger_rows.committed(
        lambda: _decision(row).commitment(row[12], hashed(RaterId(row[3])) if row[3] else row[4])
    )


def _stored(moment: datetime | None) -> datetime | None:
    return None if moment is None else database.stored_time(moment)


def _read(moment: datetime | None) -> datetime | None:
    return None if moment is None else database.read_time(moment)
