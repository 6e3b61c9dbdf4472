"""Credits as stored: votes as far as their credit goes, and what is kept of erased ones; terms; what was held back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from arena.domain import credit
from arena.domain.credit import CreditTerms, EarningVote, HoldBack, TermsLine
from arena.domain.ids import RaterId, VoteId
from arena.domain.ledger import Line
from arena.domain.purpose import Purpose
from arena.domain.removal import hashed
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection
from arena.store.writing import commands

TERMS = {
    "sequence": "BIGINT",
    "terms_id": "VARCHAR",
    "campaign": "VARCHAR",
    "reward": "BIGINT",
    "reward_edit": "BIGINT",
    "audit_window": "INTEGER",
    "salt": "VARCHAR",
    "since": "TIMESTAMP",
}
DECISIONS = {
    "sequence": "BIGINT",
    "decision_id": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "campaign": "VARCHAR",
    "amount": "BIGINT",
    "reason": "VARCHAR",
    "decided_by": "VARCHAR",
    "salt": "VARCHAR",
    "decided_at": "TIMESTAMP",
}
KEPT = {
    "line": "BIGINT",
    "subject": "VARCHAR",
    "sequence": "BIGINT",
    "vote_id": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "campaign": "VARCHAR",
    "edited": "BOOLEAN",
    "given_at": "TIMESTAMP",
    "cast_at": "TIMESTAMP",
}
EARNING = (
    "SELECT votes.sequence, votes.vote_id, votes.rater_id, battles.campaign, votes.edit IS NOT NULL AS edited, "
    "coalesce(assignments.since, battles.created_at) AS given_at, votes.cast_at "
    "FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
    "LEFT JOIN assignments ON assignments.assignment_id = votes.assignment_id "
    "WHERE votes.battle_id NOT IN (SELECT battle_id FROM origins) "
    "AND coalesce(votes.purpose, '') NOT IN ('practice', 'test')"
)
"""Votes that were cast here, whatever became of them, gold and repeats too. Those of an import earned somewhere else,
and those of a qualification earn the qualification."""


def votes_of(connection: Connection, rater_ids: Sequence[RaterId]) -> list[EarningVote]:
    """Every vote by these raters, in the order of the ledger; of erased ones, what is kept."""
    ids = list(rater_ids)
    listed = "(SELECT unnest(CAST(? AS VARCHAR[])))"
    found = rows.fetched(connection, f"{EARNING} AND votes.rater_id IN {listed}", [ids])
    kept = rows.fetched(
        connection,
        f"SELECT {', '.join(KEPT)} FROM kept_credits WHERE rater_sha256 IN {listed}",
        [[hashed(one) for one in ids]],
    )
    every = [*[_earning(row) for row in found], *[_kept(row) for row in kept]]
    return sorted(every, key=lambda one: one.sequence)


def counted(
    connection: Connection, campaign: str, terms: Sequence[CreditTerms]
) -> dict[str, Counter[tuple[CreditTerms, bool]]]:
    """How many votes of a campaign each rater cast under which terms, with an edit or without, by SHA-256 of the rater.

    `terms` in the order in which they began; the first ones hold for whatever was given before.
    """
    starts = [database.stored_time(one.since) for one in terms[1:]]
    place = " + ".join(["0", *["CASE WHEN given_at >= ? THEN 1 ELSE 0 END"] * len(starts)])
    query = "SELECT {rater}, edited, {place} AS place, count(*) FROM {table} WHERE campaign = ? GROUP BY 1, 2, 3"
    found: dict[str, Counter[tuple[CreditTerms, bool]]] = {}
    for rater, table in (("rater_id", f"({EARNING}) AS earning"), ("rater_sha256", "kept_credits")):
        asked = query.format(rater=rater, place=place, table=table)
        for name, edited, index, votes in rows.fetched(connection, asked, [*starts, campaign]):
            digest = hashed(name) if rater == "rater_id" else name
            found.setdefault(digest, Counter())[terms[index], edited] += votes
    return found


def reached(connection: Connection, campaign: str, wanted: int) -> datetime | None:
    """When a campaign first had so many votes that were not withdrawn or erased by then; None where it never had."""
    asked = (
        "WITH given AS (SELECT vote_id, cast_at FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
        "WHERE votes.purpose IS NULL AND battles.campaign = ? AND votes.battle_id NOT IN (SELECT battle_id FROM voids) "
        "UNION ALL SELECT vote_id, cast_at FROM kept_credits WHERE campaign = ?), "
        "steps AS (SELECT cast_at AS moment, 1 AS step FROM given UNION ALL "
        "SELECT min(removals.removed_at), -1 FROM given JOIN removed_votes ON removed_votes.vote_id = given.vote_id "
        "JOIN removals ON removals.removal_id = removed_votes.removal_id GROUP BY given.vote_id), "
        "counts AS (SELECT moment, sum(step) OVER (ORDER BY moment, step) AS votes FROM steps) "
        "SELECT min(moment) FROM counts WHERE votes >= ?"
    )
    found = rows.fetched(connection, asked, [campaign, campaign, wanted])[0][0]
    return None if found is None else database.read_time(found)


def earning(connection: Connection, vote_ids: Sequence[VoteId]) -> list[EarningVote]:
    """Those of these votes that are stored and earn, as what is kept of them."""
    asked = f"{EARNING} AND votes.vote_id IN (SELECT unnest(CAST(? AS VARCHAR[]))) ORDER BY votes.sequence"
    return [_earning(row) for row in rows.fetched(connection, asked, [list(vote_ids)])]


def of_cast(connection: Connection, cast: commands.CastResult) -> list[EarningVote]:
    """The same of a vote that is cast in the transaction that asks, on a battle that is stored."""
    vote = cast.vote
    if vote.purpose in (Purpose.PRACTICE, Purpose.TEST):
        return []
    found = rows.fetched(
        connection,
        "SELECT battles.campaign, coalesce(assignments.since, battles.created_at) FROM battles "
        "LEFT JOIN assignments ON assignments.battle_id = battles.battle_id AND assignments.assignment_id = ? "
        "WHERE battles.battle_id = ? AND battles.battle_id NOT IN (SELECT battle_id FROM origins)",
        [vote.assignment_id, vote.battle_id],
    )
    return [
        EarningVote(
            sequence=cast.line.sequence,
            vote_id=vote.vote_id,
            rater_sha256=hashed(vote.rater_id),
            campaign=campaign,
            edited=vote.edit is not None,
            given_at=database.read_time(given_at),
            cast_at=vote.cast_at,
        )
        for campaign, given_at in found
    ]


def append_kept(connection: Connection, kept: Sequence[tuple[Sequence[EarningVote], Line]]) -> None:
    """Keep what is owed for erased votes, each erasure with its line."""
    rows.append(
        connection,
        "kept_credits",
        KEPT,
        [
            (
                line.sequence,
                line.subject,
                one.sequence,
                one.vote_id,
                one.rater_sha256,
                one.campaign,
                one.edited,
                database.stored_time(one.given_at),
                database.stored_time(one.cast_at),
            )
            for votes, line in kept
            for one in votes
        ],
    )


def erased_in(connection: Connection, campaign: str, digests: Sequence[str], since: datetime = credit.BEGINNING) -> int:
    """How many votes of a campaign, cast from a moment on, erased raters had, who are named by SHA-256 of their ids."""
    theirs, parameters = rows.among("rater_sha256", digests)
    query = f"SELECT count(*) FROM kept_credits WHERE campaign = ? AND cast_at >= ? AND {theirs}"
    return rows.number(connection, query, [campaign, database.stored_time(since), *parameters])


def kept_raters(connection: Connection) -> list[str]:
    """SHA-256 of everybody of whose erased votes something is kept."""
    return [row[0] for row in rows.fetched(connection, "SELECT DISTINCT rater_sha256 FROM kept_credits ORDER BY 1")]


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of what was held back from an erased rater how much it was, and not why."""
    connection.execute("UPDATE credit_decisions SET reason = '', salt = '' WHERE rater_sha256 = ?", [hashed(rater_id)])


def terms_of(connection: Connection, campaign: str) -> list[CreditTerms]:
    """The terms of a campaign that is not stored, in the order in which they began; those of the beginning first."""
    found = rows.fetched(connection, f"SELECT {', '.join(TERMS)} FROM credit_terms ORDER BY sequence")
    return [CreditTerms(), *[_terms(row).terms for row in found if row[2] == campaign]]


def append_terms(connection: Connection, made: Sequence[tuple[TermsLine, str, Line]]) -> None:
    """Add terms, each with its salt and its line."""
    rows.append(
        connection,
        "credit_terms",
        TERMS,
        [
            (
                line.sequence,
                one.terms_id,
                one.campaign,
                one.terms.reward,
                one.terms.reward_edit,
                one.terms.audit_window,
                salt,
                database.stored_time(one.terms.since),
            )
            for one, salt, line in made
        ],
    )


def held_back(connection: Connection, campaign: str) -> Counter[str]:
    """What is held back in a campaign, by SHA-256 of the rater."""
    query = "SELECT rater_sha256, amount FROM credit_decisions WHERE campaign = ?"
    found: Counter[str] = Counter()
    for digest, amount in rows.fetched(connection, query, [campaign]):
        found[digest] += amount
    return found


def decisions_on(connection: Connection, rater_ids: Sequence[RaterId]) -> list[tuple[int, HoldBack]]:
    """What was decided of the credits of these raters, each with the number of its line, in their order."""
    digests = [hashed(one) for one in rater_ids]
    found = rows.fetched(
        connection,
        f"SELECT {', '.join(DECISIONS)} FROM credit_decisions "
        "WHERE rater_sha256 IN (SELECT unnest(CAST(? AS VARCHAR[]))) ORDER BY sequence",
        [digests],
    )
    return [(row[0], _decision(row)) for row in found]


def decisions(connection: Connection) -> list[HoldBack]:
    """What was decided of anybody's credits, in the order of the ledger."""
    found = rows.fetched(connection, f"SELECT {', '.join(DECISIONS)} FROM credit_decisions ORDER BY sequence")
    return [_decision(row) for row in found]


def append_decisions(connection: Connection, made: Sequence[tuple[HoldBack, str, Line]]) -> None:
    """Add decisions, each with its salt and its line."""
    rows.append(
        connection,
        "credit_decisions",
        DECISIONS,
        [
            (
                line.sequence,
                one.decision_id,
                one.rater_sha256,
                one.campaign,
                one.amount,
                one.reason,
                one.decided_by,
                salt,
                database.stored_time(one.decided_at),
            )
            for one, salt, line in made
        ],
    )


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Terms and decisions by their ids. Of an erased rater's decisions nobody can tell any more what they commit to."""
    found = {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0],
            commitment=_committed(_terms(row), row[6]),
            named=f"The line {row[1]} of what a vote in campaign {row[2]} earns",
        )
        for row in rows.fetched(connection, f"SELECT {', '.join(TERMS)} FROM credit_terms")
    }
    erased = {row[0] for row in rows.fetched(connection, "SELECT rater FROM removals WHERE kind = 'erased'")}
    decided = rows.fetched(connection, f"SELECT {', '.join(DECISIONS)} FROM credit_decisions")
    forgotten = [row[1] for row in decided if row[2] in erased and row[5] == "" and row[7] == ""]
    closed = ledger_rows.about(connection, forgotten)
    for row in decided:
        found[row[1]] = ledger_rows.ExpectedLine(
            sequence=row[0],
            commitment=closed[row[1]].commitment if row[1] in closed else _committed(_decision(row), row[7]),
            named=f"Decision {row[1]} on credits",
        )
    kept: dict[tuple[int, str], list[EarningVote]] = {}
    for one in rows.fetched(connection, f"SELECT {', '.join(KEPT)} FROM kept_credits"):
        kept.setdefault((one[0], one[1]), []).append(_kept(one))
    for (line, subject), votes in kept.items():
        found[subject] = ledger_rows.ExpectedLine(
            sequence=line,
            commitment=credit.kept_commitment(subject, votes),
            named=f"What is kept of erased votes, {subject},",
        )
    return found


def problems(connection: Connection) -> Iterator[str]:
    """Terms, decisions and kept credits without their line."""
    for table, subject in (("credit_terms", "terms_id"), ("credit_decisions", "decision_id")):
        for name in ledger_rows.unrecorded(connection, table, subject):
            yield f"Line {name} on credits is not in the ledger: it was added past the writer."
    kept = sorted(set(rows.fetched(connection, "SELECT subject, line FROM kept_credits")))
    recorded = ledger_rows.about(connection, [subject for subject, _ in kept])
    for subject, line in kept:
        if subject not in recorded or recorded[subject].sequence != line:
            yield f"What is kept of erased votes, {subject}, is not in the ledger: it was added past the writer."


def _earning(row: Sequence[Any]) -> EarningVote:
    """The vote in a row of `EARNING`."""
    return _kept((0, "", *row[:2], hashed(row[2]), *row[3:]))


def _kept(row: Sequence[Any]) -> EarningVote:
    """The vote in a row of `KEPT`."""
    _, _, sequence, vote_id, digest, campaign, edited, given_at, cast_at = row
    return EarningVote(
        sequence=sequence,
        vote_id=VoteId(vote_id),
        rater_sha256=digest,
        campaign=campaign,
        edited=edited,
        given_at=database.read_time(given_at),
        cast_at=database.read_time(cast_at),
    )


def _terms(row: Sequence[Any]) -> TermsLine:
    return TermsLine(
        terms_id=row[1],
        campaign=row[2],
        terms=CreditTerms(reward=row[3], reward_edit=row[4], audit_window=row[5], since=database.read_time(row[7])),
    )


def _decision(row: Sequence[Any]) -> HoldBack:
    return HoldBack(
        decision_id=row[1],
        rater_sha256=row[2],
        campaign=row[3],
        amount=row[4],
        reason=row[5],
        decided_by=row[6],
        decided_at=database.read_time(row[8]),
    )


def _committed(entry: TermsLine | HoldBack, salt: str) -> str:
    return ledger_rows.committed(lambda: entry.commitment(salt))
