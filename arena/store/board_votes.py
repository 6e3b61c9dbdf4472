"""The votes of a board as a table: counted by what the board is made by, or one by one with what is measured.

What counts is the business of the view `counted_votes`, what is held that of `holding`, what a cut takes that of
`tally`.
"""

from collections.abc import Sequence
from datetime import datetime

import pyarrow

from arena.domain.campaign import GENERAL
from arena.domain.cut import UNCATEGORISED, WHOLE, Cut
from arena.domain.vote import Counting
from arena.errors import Conflict, NotFound
from arena.store import database, holding, ledger_rows, rows, tally
from arena.store.connections import Analytical
from leaderboards.reading import style

LATENCY = "latency"
MEASURES = (*style.BUILT_IN, LATENCY)
"""What can be measured on both answers of a vote: style, and the seconds the answer took."""

MOST_VALUES = 200
"""Values of a column that are listed."""

FIELDS = (
    "SELECT DISTINCT name, version, array_to_string(list_sort(CAST(json_extract(keys, '$.qualifications') "
    "AS VARCHAR[])), ', ') AS fields FROM campaigns"
)
"""The fields of each campaign that asks for some, by version."""

UP_TO = " AND vote.vote_id IN (SELECT votes.vote_id FROM votes WHERE votes.sequence <= $last)"
TIMED = "CASE WHEN coalesce(origins.timed, true) THEN vote.cast_at END"
RATER = "rater"
PROMPT = "prompt"
DRAWN = "draw_probability"
COLUMNS = {
    RATER: "vote.rater_id",
    "campaign": "vote.campaign",
    "language": "coalesce(origins.language, battles.language)",
    "category": f"coalesce(origins.category, battles.category, '{UNCATEGORISED}')",
    "field": f"coalesce(nullif(asked.fields, ''), '{GENERAL}')",
    PROMPT: tally.PROMPT_ID,
    "tstamp": f"date_trunc($window, {TIMED})",
    DRAWN: "battles.draw_probability",
}
"""What a board may be made by; of a time the beginning of its window."""


def table(
    connection: Analytical,
    columns: Sequence[str] = (),
    measures: Sequence[str] = (),
    cut: Cut = WHOLE,
    window: str = "day",
    upto: int | None = None,
) -> pyarrow.Table:
    """The votes of a cut by `model_a, model_b, winner, held_for` and columns of `COLUMNS`, with their `count`.

    `tstamp` is the beginning of a `window`: day, week, month, quarter or year. With `measures`, names in `MEASURES`, a
    row a vote, and for each of them two columns NAME_a and NAME_b. With `upto`, those up to this line of the ledger.
    """
    condition, parameters = tally.of_cut(cut)
    if upto is not None:
        condition += UP_TO
        parameters["last"] = upto
    parameters |= {"window": window} if "tstamp" in columns else {}
    grouped = (
        "GROUP BY ALL" if RATER in columns else "GROUP BY ALL ORDER BY ALL"
    )  # one more row a vote: too many to sort
    chosen = ", ".join(f"{COLUMNS[name]} AS {name}" for name in columns)
    listed = "vote.model_a, vote.model_b, vote.winner, vote.held_for" + (f", {chosen}" if chosen else "")
    counting = "" if measures else ", count(*) AS count"
    return connection.sql(
        f"SELECT {listed}{_measured(measures)}{counting} FROM ({holding.votes(connection, condition)}) AS vote"
        f"{joined(columns)}{_answers(measures)} {'' if measures else grouped}",
        params=parameters or None,
    ).to_arrow_table()


def one_by_one(
    connection: Analytical,
    measures: Sequence[str] = (),
    counting: Counting = Counting.COUNTED,
    cut: Cut = WHOLE,
    head: str | None = None,
) -> pyarrow.Table:
    """Every vote of a cut that counts, less those held unless all are asked for, a row each without texts, by time.

    Columns `model_a, model_b, winner, rater, battle_id, tstamp` (null where an import does not know it), `campaign,
    field, turn, draw_probability, prompt_id` (equal for equal prompts), `language, category, prompt` (the id by which
    boards name it), and for each of
    `measures` two columns NAME_a and NAME_b. `head`: as they were when this was the hash of the ledger's last line.
    """
    condition, parameters = tally.of_cut(cut)
    if head is not None:
        condition += UP_TO
        parameters["last"] = _line(connection, head)
    return connection.sql(
        f"""
        SELECT
            vote.model_a, vote.model_b, vote.winner, vote.rater_id AS rater, vote.battle_id, {TIMED} AS tstamp,
            vote.campaign, {COLUMNS["field"]} AS field, battles.turn, battles.draw_probability,
            dense_rank() OVER (ORDER BY battles.prompt) AS prompt_id,
            {COLUMNS["language"]} AS language, {COLUMNS["category"]} AS category,
            {COLUMNS[PROMPT]} AS prompt{_measured(measures)}
        FROM ({holding.votes(connection, condition)}) AS vote{joined(COLUMNS)}{_answers(measures)}
        WHERE {tally.kept(counting)}
        ORDER BY vote.cast_at, vote.vote_id
        """,
        params=parameters or None,
    ).to_arrow_table()


def values(connection: Analytical) -> dict[str, tuple[str, ...]]:
    """The values of each column that a cut may name, over votes that count or are held; the most frequent first."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ("category", "language", "campaign"):
        query = (
            f"SELECT {COLUMNS[name]} AS value FROM counted_votes AS vote{joined([name])} WHERE value IS NOT NULL "
            f"GROUP BY value ORDER BY count(*) DESC, value LIMIT {MOST_VALUES}"
        )
        found[name] = tuple(str(row[0]) for row in rows.fetched(connection, query))
    return found


def _line(connection: Analytical, head: str) -> int:
    """The line of the ledger with this hash, where the votes up to it are those that counted then."""
    line = ledger_rows.sequence_of(connection, head)
    if line is None:
        raise NotFound(
            f"The ledger has no line with the hash {head}. Leave --head out to rank the votes there are now."
        )
    if tally.left(connection, line):
        raise Conflict(
            f"Votes up to line {line:,} of the ledger were held, let go or withdrawn since then, so the board of then "
            "cannot be made again. Leave --head out to rank the votes that count now."
        )
    return line


def last_before(connection: Analytical, moment: datetime) -> int:
    """The last line of the ledger before the first vote that was cast here at a moment or later; 0 before any."""
    found = rows.fetched(
        connection,
        "SELECT min(sequence) - 1 FROM votes WHERE cast_at >= ? AND battle_id NOT IN (SELECT battle_id FROM origins)",
        [database.stored_time(moment)],
    )
    last = ledger_rows.last(connection)
    return int(found[0][0]) if found[0][0] is not None else last.sequence if last else 0


def joined(columns: Sequence[str] | dict[str, str]) -> str:
    """The tables that columns come from."""
    joins = ""
    if {"language", "category", "field", PROMPT, DRAWN} & set(columns):
        joins += " JOIN battles ON battles.battle_id = vote.battle_id"
    if {"language", "category", "tstamp"} & set(columns):
        joins += " LEFT JOIN origins ON origins.battle_id = vote.battle_id"
    if "field" in columns:
        joins += (
            f" LEFT JOIN ({FIELDS}) AS asked ON asked.name = battles.campaign "
            "AND asked.version = battles.campaign_version"
        )
    return joins


def _measured(measures: Sequence[str]) -> str:
    return "".join(
        f", {'answer_' + side + '.total_seconds' if name == LATENCY else style.quantity(name, f'answer_{side}.text')} "
        f"AS {name}_{side}"
        for name in measures
        for side in "ab"
    )


def _answers(measures: Sequence[str]) -> str:
    if not measures:
        return ""
    return "".join(
        f" JOIN responses AS answer_{side} "
        f"ON answer_{side}.battle_id = vote.battle_id AND answer_{side}.side = '{side}'"
        for side in "ab"
    )
