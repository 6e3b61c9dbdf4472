"""What settlements of campaigns paid, as stored: a row a rater, with the salt that opens its line of the ledger."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from arena.domain.campaign_settlement import PaidBefore, PaymentLine, ReceivedPayment
from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection
from arena.store.writing import commands

PAYMENTS = {
    "sequence": "BIGINT",
    "subject": "VARCHAR",
    "settlement_id": "VARCHAR",
    "campaign": "VARCHAR",
    "total": "BIGINT",
    "unit": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "contributor": "VARCHAR",
    "credits": "BIGINT",
    "amount": "BIGINT",
    "salt": "VARCHAR",
    "paid_at": "TIMESTAMP",
}


def paid_before(connection: Connection, campaign: str) -> PaidBefore:
    """What was paid for a campaign."""
    query = "SELECT unit, rater_sha256, credits, amount FROM campaign_payments WHERE campaign = ? ORDER BY sequence"
    found = rows.fetched(connection, query, [campaign])
    credits_paid: Counter[str] = Counter()
    for _, digest, paid, _ in found:
        credits_paid[digest] += paid
    return PaidBefore(unit=found[-1][0] if found else None, amount=sum(row[3] for row in found), credits=credits_paid)


def of_campaign(connection: Connection, campaign: str, after: int, most: int | None) -> list[ReceivedPayment]:
    """What was paid for a campaign by lines of the ledger after one, the oldest first."""
    found = rows.fetched(
        connection,
        f"SELECT {', '.join(PAYMENTS)} FROM campaign_payments WHERE campaign = ? AND sequence > ? "
        "ORDER BY sequence LIMIT ?",
        [campaign, after, most],
    )
    return [_received(row) for row in found]


def received(connection: Connection, rater_ids: Sequence[RaterId]) -> list[ReceivedPayment]:
    """What was paid to these raters, in the order of the ledger."""
    found = rows.fetched(
        connection,
        f"SELECT {', '.join(PAYMENTS)} FROM campaign_payments "
        "WHERE rater_sha256 IN (SELECT unnest(CAST(? AS VARCHAR[]))) ORDER BY sequence",
        [[hashed(one) for one in rater_ids]],
    )
    return [_received(row) for row in found]


def append(connection: Connection, made: Sequence[commands.CampaignSettled]) -> None:
    """Add settlements."""
    lines = [(one, settled.settled_at) for settled in made for one in settled.lines]
    rows.append(connection, "campaign_payments", PAYMENTS, [_row(one, when) for one, when in lines])


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every payment by the subject of its line."""
    return {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0], commitment=_commitment(row), named=f"Payment {row[1]} of campaign {row[3]}"
        )
        for row in rows.fetched(connection, f"SELECT {', '.join(PAYMENTS)} FROM campaign_payments ORDER BY sequence")
    }


def problems(connection: Connection) -> Iterator[str]:
    """Payments without a line of the ledger, and amounts that their lines do not sum to."""
    for subject in ledger_rows.unrecorded(connection, "campaign_payments", "subject"):
        yield f"Payment {subject} of a campaign has no line in the ledger: it was added past the writer."
    query = (
        "SELECT settlement_id, campaign, min(total), max(total), sum(amount), min(amount), min(credits), "
        "count(DISTINCT unit) FROM campaign_payments GROUP BY settlement_id, campaign ORDER BY min(sequence)"
    )
    sums: Counter[str] = Counter()
    for settlement_id, campaign, least, most, amount, smallest, fewest, units in rows.fetched(connection, query):
        sums[campaign] += int(amount)
        if not least == most == sums[campaign] or smallest < 0 or fewest < 0 or units != 1:
            yield f"The payments of campaign {campaign} up to settlement {settlement_id} are not what was settled."


def _row(one: commands.PaidLine, when: datetime) -> tuple[Any, ...]:
    entry = one.entry
    return (
        one.line.sequence,
        one.line.subject,
        entry.settlement_id,
        entry.campaign,
        entry.total,
        entry.unit,
        entry.rater_sha256,
        entry.contributor,
        entry.credits,
        entry.amount,
        one.salt,
        database.stored_time(when),
    )


def _entry(row: Sequence[Any]) -> PaymentLine:
    return PaymentLine(
        settlement_id=row[2],
        campaign=row[3],
        total=row[4],
        unit=row[5],
        rater_sha256=row[6],
        contributor=row[7],
        credits=row[8],
        amount=row[9],
    )


def _received(row: Sequence[Any]) -> ReceivedPayment:
    return ReceivedPayment(sequence=row[0], entry=_entry(row), paid_at=database.read_time(row[11]))


def _commitment(row: Sequence[Any]) -> str:
    return ledger_rows.committed(lambda: _entry(row).commitment(row[10]))
