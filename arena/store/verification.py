"""Verification: recompute everything the ledger promises and compare it with what is stored.

    chain        every line follows from the line before
    commitments  every line commits to its vote and the battle as they are stored now
    one to one   one line a vote, one vote a line, one vote per rater and battle, one per rater and key
    settlements  the parts of each release sum to the amount settled
    choices      each choice of what may be published has its line
    models       each change of a model has its line
    tests        each test that a rater took has its line
    purposes     no vote was moved between those that count and those for the record of raters
    campaigns    each change of a campaign has its line
    standing     each decision on a rater's standing has its line, and each hold its decision
    appeals      each appeal has its line, but for those from before there were such lines, and its decision
    findings     each finding of an audit has its line, and each policy
    credits      what was held back and what was paid has its lines, and payments sum to what was settled
    battles      two answers or none, never both answered and void unless its rater stopped it
    heads        the database is not behind, and not another than, its heads file

Damage that DuckDB itself reports becomes a problem too, so one report says all there is to say.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from arena.domain import ledger, vote_tree
from arena.domain.battle import BattleRecord, BattleState
from arena.domain.ids import VoteId
from arena.domain.removal import RemovalKind
from arena.store import (
    appeals,
    assignments,
    battles,
    campaign_payments,
    campaigns,
    consent_choices,
    credit_lines,
    failures,
    findings,
    heads,
    ledger_rows,
    model_changes,
    qualification_results,
    removals,
    rows,
    settlements,
    standing_decisions,
    votes,
)
from arena.store.connections import Connection
from arena.store.removals import RecordedRemoval
from arena.store.writing import writer_cache

PAGE = 1000

COUNTED = (
    *ledger_rows.FAULTS,
    (
        "SELECT vote_id FROM votes GROUP BY vote_id HAVING count(*) > 1 ORDER BY vote_id",
        "Vote {} is stored more than once.",
    ),
    (
        "SELECT min(battle_id) FROM votes GROUP BY rater_id, coalesce(assignment_id, battle_id) "
        "HAVING count(*) > 1 ORDER BY 1",
        "Battle {} has more than one vote of the same rater in one turn.",
    ),
    (
        "SELECT min(vote_id) || ' and ' || max(vote_id) FROM votes "
        "GROUP BY rater_id, idempotency_key HAVING count(*) > 1 ORDER BY 1",
        "Votes {} are of the same rater under the same key.",
    ),
    (
        "SELECT vote_id FROM votes LEFT JOIN assignments ON assignments.assignment_id = votes.assignment_id "
        "WHERE coalesce(votes.purpose, '') <> CASE WHEN assignments.purpose IS NOT NULL THEN assignments.purpose "
        "WHEN assignments.repeat THEN 'repeat' ELSE '' END ORDER BY sequence",
        "Vote {} counts otherwise than the turn it was cast in: it was changed.",
    ),
    (
        "SELECT vote_id FROM votes WHERE battle_id NOT IN (SELECT battle_id FROM battles) ORDER BY sequence",
        "Vote {} is on a battle that is not stored.",
    ),
    (
        "SELECT battle_id FROM battles GROUP BY battle_id HAVING count(*) > 1 ORDER BY battle_id",
        "Battle {} is stored more than once.",
    ),
    (
        "SELECT battle_id FROM responses GROUP BY battle_id "
        "HAVING count(*) <> 2 OR count(DISTINCT side) <> 2 ORDER BY battle_id",
        "Battle {} does not have exactly one answer a side.",
    ),
    (
        "SELECT DISTINCT battle_id FROM responses "
        "WHERE battle_id IN (SELECT battle_id FROM voids WHERE cause <> 'rater' "
        "OR battle_id IN (SELECT battle_id FROM votes)) ORDER BY battle_id",
        "Battle {} is void and has answers.",
    ),
    (
        "SELECT battle_id FROM responses UNION SELECT battle_id FROM voids "
        "EXCEPT SELECT battle_id FROM battles ORDER BY battle_id",
        "Battle {} has answers or is void, and was never opened.",
    ),
)
"""Queries that find nothing in a sound workspace, and what it means when they do."""


def problems(connection: Connection, database: Path) -> Iterator[str]:
    """Every problem of the workspace at `database`, read through `connection`, one sentence each."""
    checks = (
        _chain(connection),
        settlements.problems(connection),
        consent_choices.problems(connection),
        model_changes.problems(connection),
        qualification_results.problems(connection),
        assignments.problems(connection),
        campaigns.problems(connection),
        standing_decisions.problems(connection),
        appeals.problems(connection),
        findings.problems(connection),
        credit_lines.problems(connection),
        campaign_payments.problems(connection),
        _counted(connection),
        _heads(connection, database),
    )
    for check in checks:
        try:
            yield from check
        except failures.DatabaseError as error:
            yield str(failures.translate(error, database))


def _chain(connection: Connection) -> Iterator[str]:
    before: ledger.Line | None = None
    gone = removals.recorded(connection)
    others = {
        **settlements.expected_lines(connection),
        **consent_choices.expected_lines(connection),
        **model_changes.expected_lines(connection),
        **campaigns.expected_lines(connection),
        **standing_decisions.expected_lines(connection),
        **appeals.expected_lines(connection),
        **findings.expected_lines(connection),
        **credit_lines.expected_lines(connection),
        **campaign_payments.expected_lines(connection),
        **qualification_results.expected_lines(connection),
    }
    if gone:
        yield from _removals(connection, gone)
    for page in ledger_rows.pages(connection, PAGE):
        for line in page:
            expected = ledger.follow(before, line.subject, line.commitment)
            if line.sequence > expected.sequence:
                yield f"Ledger lines {expected.sequence} to {line.sequence - 1} are missing."
            elif line != expected:
                yield f"Ledger line {line.sequence} (vote {line.subject}) does not follow from the line before it."
            before = line
        try:
            yield from _commitments(connection, page, gone, others)
        except ValueError:
            # A value that no enumeration knows: find out which vote it is.
            for line in page:
                yield from _one_commitment(connection, line, gone, others)


def _removals(connection: Connection, gone: Mapping[str, RecordedRemoval]) -> Iterator[str]:
    """Removals without their line or with somebody else's votes, and votes that were erased and are there."""
    for removal_id, removal in gone.items():
        lines = ledger_rows.between(connection, removal.sequence, removal.sequence)
        if [line.subject for line in lines] != [removal_id]:
            yield f"Removal {removal_id} has no line in the ledger: it was added past the writer."
    for removal_id in removals.unlike(connection):
        yield f"Removal {removal_id} is of another rater or battle than the votes that left with it: it was changed."
    erased = sorted(removals.erased_votes(connection))
    for row in rows.fetched(
        connection, "SELECT vote_id FROM votes WHERE vote_id IN (SELECT unnest(CAST(? AS VARCHAR[])))", [erased]
    ):
        yield f"Vote {row[0]} was erased and is stored."


def _left(line: ledger.Line, gone: Mapping[str, RecordedRemoval]) -> bool:
    """Whether a vote is not stored because it was erased, as a later line of the ledger says."""
    return any(
        removal.kind is RemovalKind.ERASED and removal.sequence > line.sequence and line.subject in removal.votes
        for removal in gone.values()
    )


def _commitments(
    connection: Connection,
    page: list[ledger.Line],
    gone: Mapping[str, RecordedRemoval],
    others: Mapping[str, ledger_rows.ExpectedLine],
) -> Iterator[str]:
    """Recompute what each line commits to."""
    if not page:
        return
    numbered = votes.stored(connection, "sequence BETWEEN ? AND ?", [page[0].sequence, page[-1].sequence])
    stored = {(one.sequence, one.vote.vote_id): one for one in numbered}
    records = battles.records(connection, sorted({one.vote.battle_id for one in numbered}))
    for line in page:
        found = stored.get((line.sequence, VoteId(line.subject)))
        removal = gone.get(line.subject)
        if removal is not None:
            if (removal.sequence, removal.commitment) != (line.sequence, line.commitment):
                yield f"Removal {line.subject} is not what line {line.sequence} of the ledger commits to."
            continue
        other = others.get(line.subject)
        if other is not None:
            if (other.sequence, other.commitment) != (line.sequence, line.commitment):
                yield f"{other.named} is not what ledger line {line.sequence} commits to."
            continue
        if found is None and _left(line, gone):
            continue
        if found is None:
            yield f"Ledger line {line.sequence} commits to vote {line.subject}, which is not stored as that line."
            continue
        vote = found.vote
        record = records.get(vote.battle_id)
        if record is None:
            continue  # told by COUNTED
        if record.state is not BattleState.VOTED:
            yield f"Vote {vote.vote_id} is on battle {vote.battle_id}, which is {record.state}."
        if not _opens(line, found, record):
            yield (
                f"Vote {vote.vote_id}, or the battle {vote.battle_id} it judges, is not what line {line.sequence} of "
                "the ledger commits to: it was changed after the vote."
            )


def _one_commitment(
    connection: Connection,
    line: ledger.Line,
    gone: Mapping[str, RecordedRemoval],
    others: Mapping[str, ledger_rows.ExpectedLine],
) -> Iterator[str]:
    try:
        yield from _commitments(connection, [line], gone, others)
    except ValueError as error:
        yield f"Vote {line.subject} of ledger line {line.sequence}, or its battle, holds an unknown value: {error}."


def _opens(line: ledger.Line, found: votes.StoredVote, record: BattleRecord) -> bool:
    try:
        salt, version, kept = found.opener
        if version == ledger.FIRST:
            return kept is None and ledger.commitment(salt, found.vote, record, version) == line.commitment
        root = vote_tree.root(salt, vote_tree.whole(found.vote, vote_tree.judged(record)))
        return root.commitment == line.commitment and kept in (None, root.kept)
    except ValueError:  # the salt is no longer hexadecimal
        return False


def _counted(connection: Connection) -> Iterator[str]:
    for query, sentence in COUNTED:
        for row in rows.fetched(connection, query):
            yield sentence.format(row[0])


def _heads(connection: Connection, database: Path) -> Iterator[str]:
    """Compare the heads file with the ledger, page by page, and with what the tables hold."""
    path = heads.beside(database)
    found = writer_cache.head(connection, ledger_rows.last(connection))
    if not path.exists():
        if found.votes:
            yield f"{path.name} is missing, so nobody can tell whether the newest votes are; restore it from a backup."
        return
    compared: list[heads.WorkspaceHead] = []
    newest: heads.WorkspaceHead | None = None
    for number, head in heads.lines(path):
        if head is None:
            yield f"Line {number} of {path.name} is damaged."
            continue
        newest = head
        compared.append(head)
        if len(compared) == PAGE:
            yield from _differing(connection, compared, path)
            compared = []
    yield from _differing(connection, compared, path)
    if newest is not None and (losses := heads.losses(newest, found)):
        yield f"{database.name} lost {losses} that were acknowledged: it is behind {path.name}."


def _differing(connection: Connection, compared: list[heads.WorkspaceHead], path: Path) -> Iterator[str]:
    """Heads that name another line than the ledger has."""
    if not compared:
        return
    low, high = min(head.votes for head in compared), max(head.votes for head in compared)
    hashes = {0: ledger.GENESIS}
    hashes |= {line.sequence: line.hash for line in ledger_rows.between(connection, low, high)}
    for head in compared:
        if head.votes in hashes and hashes[head.votes] != head.hash:
            yield f"Ledger line {head.votes} is not the one that was acknowledged and written to {path.name}."
