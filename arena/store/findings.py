"""What audits found, as stored, with the salt that opens each line of the ledger; and the policies they went by."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain import ledger
from arena.domain.finding import FindingEnd, PolicyUse, RecordedFinding, SpeakingVotes
from arena.domain.holding_policy import HoldingPolicy
from arena.domain.ids import ModelName, RaterId
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection

POLICIES = {
    "sequence": "BIGINT",
    "use_id": "VARCHAR",
    "version": "VARCHAR",
    "rules": "VARCHAR",
    "used_at": "TIMESTAMP",
}
FINDINGS = {
    "sequence": "BIGINT",
    "finding_id": "VARCHAR",
    "kind": "VARCHAR",
    "model": "VARCHAR",
    "strength": "DOUBLE PRECISION",
    "since": "TIMESTAMP",
    "votes": "BIGINT",
    "pending": "BOOLEAN",
    "sentence": "VARCHAR",
    "policy": "VARCHAR",
    "salt": "VARCHAR",
    "found_at": "TIMESTAMP",
}
FINDING_RATERS = {
    "finding_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "votes": "BIGINT",
    "first_at": "TIMESTAMP",
    "last_at": "TIMESTAMP",
}
FINDING_ENDS = {
    "sequence": "BIGINT",
    "end_id": "VARCHAR",
    "finding_id": "VARCHAR",
    "policy": "VARCHAR",
    "ended_at": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding with the number of its line, and when it ended."""

    sequence: int
    finding: RecordedFinding
    ended_at: datetime | None
    """UTC; None while it stands."""


def every(connection: Connection) -> list[StoredFinding]:
    """Every finding, in the order of the ledger."""
    raters = _raters(connection)
    found = rows.fetched(
        connection,
        f"SELECT {', '.join(f'found.{name}' for name in FINDINGS)}, ends.ended_at FROM findings AS found "
        "LEFT JOIN finding_ends AS ends ON ends.finding_id = found.finding_id ORDER BY found.sequence",
    )
    return [
        StoredFinding(
            sequence=row[0],
            finding=_finding(row, raters[row[1]]),
            ended_at=None if row[12] is None else database.read_time(row[12]),
        )
        for row in found
    ]


def about(connection: Connection, raters: Sequence[RaterId]) -> list[RecordedFinding]:
    """The findings that stand about some of these raters, in the order of the ledger; `raters` of each is those."""
    if not raters:
        return []
    theirs, parameters = rows.among("spoken.rater_id", raters)
    found = rows.fetched(
        connection,
        f"SELECT {', '.join(f'found.{name}' for name in FINDINGS)}, "
        f"{', '.join(f'spoken.{name}' for name in FINDING_RATERS)} FROM finding_raters AS spoken "
        "JOIN findings AS found ON found.finding_id = spoken.finding_id "
        f"WHERE {theirs} AND found.finding_id NOT IN (SELECT finding_id FROM finding_ends) ORDER BY found.sequence",
        parameters,
    )
    told: dict[str, tuple[Any, ...]] = {row[1]: row for row in found}
    return [
        _finding(row, tuple(_spoken(one[len(FINDINGS) :]) for one in found if one[1] == finding_id))
        for finding_id, row in told.items()
    ]


def policy(connection: Connection) -> HoldingPolicy | None:
    """The policy of the last audit that changed anything; None before any."""
    found = rows.fetched(connection, "SELECT rules FROM policies ORDER BY sequence DESC LIMIT 1")
    return HoldingPolicy.from_json(json.loads(found[0][0])) if found else None


def policy_version(connection: Connection) -> str | None:
    """Its version."""
    found = rows.fetched(connection, "SELECT version FROM policies ORDER BY sequence DESC LIMIT 1")
    return str(found[0][0]) if found else None


def policies(connection: Connection) -> dict[str, HoldingPolicy]:
    """Every policy that was used, by its version."""
    found = rows.fetched(connection, "SELECT version, rules FROM policies ORDER BY sequence")
    return {row[0]: HoldingPolicy.from_json(json.loads(row[1])) for row in found}


def policy_uses(connection: Connection) -> list[tuple[int, PolicyUse]]:
    """Since when which policy was used, each with the number of its line, in the order of the ledger."""
    found = rows.fetched(connection, "SELECT sequence, use_id, rules, used_at FROM policies ORDER BY sequence")
    return [
        (
            row[0],
            PolicyUse(
                use_id=row[1], policy=HoldingPolicy.from_json(json.loads(row[2])), used_at=database.read_time(row[3])
            ),
        )
        for row in found
    ]


def append_policies(connection: Connection, made: Sequence[tuple[PolicyUse, ledger.Line]]) -> None:
    """Add policies, each with its line."""
    rows.append(
        connection,
        "policies",
        POLICIES,
        [
            (
                line.sequence,
                use.use_id,
                use.policy.version,
                json.dumps(use.policy.to_json()),
                database.stored_time(use.used_at),
            )
            for use, line in made
        ],
    )


def append(connection: Connection, made: Sequence[tuple[RecordedFinding, str, ledger.Line]]) -> None:
    """Add findings, each with its salt and its line, and whom they are about."""
    rows.append(
        connection,
        "findings",
        FINDINGS,
        [
            (
                line.sequence,
                one.finding_id,
                one.kind,
                one.model,
                one.strength,
                None if one.since is None else database.stored_time(one.since),
                one.votes,
                one.pending,
                one.sentence,
                one.policy,
                salt,
                database.stored_time(one.found_at),
            )
            for one, salt, line in made
        ],
    )
    rows.append(
        connection,
        "finding_raters",
        FINDING_RATERS,
        [
            (
                one.finding_id,
                spoken.rater_id,
                spoken.rater_sha256,
                spoken.votes,
                database.stored_time(spoken.first_at),
                database.stored_time(spoken.last_at),
            )
            for one, _, _ in made
            for spoken in one.raters
        ],
    )


def append_ends(connection: Connection, made: Iterable[tuple[FindingEnd, ledger.Line]]) -> None:
    """Add ends of findings, each with its line."""
    rows.append(
        connection,
        "finding_ends",
        FINDING_ENDS,
        [
            (line.sequence, one.end_id, one.finding_id, one.policy, database.stored_time(one.ended_at))
            for one, line in made
        ],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of the findings about an erased rater that there were so many, and of what kind."""
    connection.execute("UPDATE finding_raters SET rater_id = '' WHERE rater_id = ?", [rater_id])
    connection.execute(
        "UPDATE findings SET sentence = '', salt = '' "
        "WHERE finding_id NOT IN (SELECT finding_id FROM finding_raters WHERE rater_id <> '')"
    )


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every policy, finding and end by its id. Where all raters of a finding are erased, nothing is left to open its
    line with."""
    raters = _raters(connection)
    stored = rows.fetched(connection, f"SELECT {', '.join(FINDINGS)} FROM findings")
    gone = {row[1] for row in stored if row[10] == "" and all(not one.rater_id for one in raters[row[1]])}
    closed = ledger_rows.about(connection, sorted(gone))
    found = {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0],
            commitment=closed[row[1]].commitment if row[1] in closed else _commitment(row, raters[row[1]]),
            named=f"Finding {row[1]}",
        )
        for row in stored
    }
    for sequence, end_id, finding_id, version, ended_at in rows.fetched(
        connection, f"SELECT {', '.join(FINDING_ENDS)} FROM finding_ends"
    ):
        end = FindingEnd(end_id=end_id, finding_id=finding_id, policy=version, ended_at=database.read_time(ended_at))
        found[end_id] = ledger_rows.ExpectedLine(
            sequence=sequence, commitment=end.commitment(), named=f"The end of finding {finding_id}"
        )
    for sequence, use_id, version, rules, used_at in rows.fetched(
        connection, f"SELECT {', '.join(POLICIES)} FROM policies"
    ):
        found[use_id] = ledger_rows.ExpectedLine(
            sequence=sequence,
            commitment=_use_commitment(use_id, rules, used_at),
            named=f"Policy {version}",
        )
    return found


def problems(connection: Connection) -> Iterator[str]:
    """Policies, findings and ends without a line of the ledger, and decisions that follow no stored finding."""
    for use_id in ledger_rows.unrecorded(connection, "policies", "use_id"):
        yield f"Use {use_id} of a policy has no line in the ledger: it was added past the writer."
    for finding_id in ledger_rows.unrecorded(connection, "findings", "finding_id"):
        yield f"Finding {finding_id} has no line in the ledger: it was added past the writer."
    for end_id in ledger_rows.unrecorded(connection, "finding_ends", "end_id"):
        yield f"End {end_id} of a finding has no line in the ledger: it was added past the writer."
    for row in rows.fetched(
        connection,
        "SELECT decision_id FROM standing_decisions WHERE finding_id IS NOT NULL "
        "AND finding_id NOT IN (SELECT finding_id FROM findings) "
        "ORDER BY sequence",
    ):
        yield f"Decision {row[0]} follows a finding that is not stored: it was changed."


def _raters(connection: Connection) -> dict[str, tuple[SpeakingVotes, ...]]:
    listed: dict[str, list[SpeakingVotes]] = defaultdict(list)
    for row in rows.fetched(
        connection, f"SELECT {', '.join(FINDING_RATERS)} FROM finding_raters ORDER BY finding_id, rater_sha256"
    ):
        listed[row[0]].append(_spoken(row))
    return {finding_id: tuple(raters) for finding_id, raters in listed.items()}


def _finding(row: tuple[Any, ...], raters: tuple[SpeakingVotes, ...]) -> RecordedFinding:
    return RecordedFinding(
        finding_id=row[1],
        kind=row[2],
        model=None if row[3] is None else ModelName(row[3]),
        strength=row[4],
        since=None if row[5] is None else database.read_time(row[5]),
        votes=row[6],
        pending=row[7],
        sentence=row[8],
        raters=raters,
        policy=row[9],
        found_at=database.read_time(row[11]),
    )


def _spoken(row: tuple[Any, ...]) -> SpeakingVotes:
    return SpeakingVotes(
        rater_id=RaterId(row[1]),
        rater_sha256=row[2],
        votes=row[3],
        first_at=database.read_time(row[4]),
        last_at=database.read_time(row[5]),
    )


def _commitment(row: tuple[Any, ...], raters: tuple[SpeakingVotes, ...]) -> str:
    return ledger_rows.committed(lambda: _finding(row, raters).commitment(row[10]))


def _use_commitment(use_id: str, rules: str, used_at: datetime) -> str:
    def committed() -> str:
        try:
            policy = HoldingPolicy.from_json(json.loads(rules))
        except (KeyError, TypeError) as error:  # it was changed past the writer
            raise ValueError(str(error)) from error
        return PolicyUse(use_id=use_id, policy=policy, used_at=database.read_time(used_at)).commitment()

    return ledger_rows.committed(committed)
