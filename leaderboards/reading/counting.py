"""Counts the votes of a source in one scan of SQL, and names the first wrong row if there is one.

The scan groups by pair and outcome, by code where `enum_counts` can; validity is then judged on the groups, which are
few. Only when a group is wrong does a second scan look for the row, so a clean log pays nothing for the checks.
"""

from collections.abc import Mapping, Sequence

import numpy

from leaderboards import errors
from leaderboards.reading import counts, enum_counts, outcomes, proposals, sides, source, sql

SKIPPING = "; rows nobody voted on are passed over with unvoted=skip (--unvoted skip)"
"""The advice given where a row has no winner."""


def counted(votes: source.Source) -> counts.Counts:
    """Counts of a log of votes, or of a table that holds counts per pair. Raises InputError."""
    return _from_votes(votes) if holds_votes(votes) else _from_table(votes)


def holds_votes(votes: source.Source) -> bool:
    """Whether each row is a vote, not the counts of a pair. JSON declares no columns, so its first row is read."""
    if all(part.columns is not None for part in votes.parts):
        return votes.has("winner")
    found = votes.first("winner IS NOT NULL OR win_a IS NOT NULL", ["winner", "win_a"])
    return found is None or found.values["winner"] is not None


def _from_votes(votes: source.Source) -> counts.Counts:
    _need(votes, sql.VOTE)
    extra = [column for column in sql.NUMBERS if votes.has(column)]
    columns = [*sql.VOTE, *extra]
    chosen = [*(sql.name(votes, column) for column in sql.VOTE), "count(*) AS votes"]
    if extra:
        number = {column: sql.number(votes, column) for column in extra}
        times = f"coalesce({number['count']}, 1)" if "count" in extra else "1"
        heavy = f"coalesce({number['weight']}, 1)" if "weight" in extra else "1"
        chosen += [f"count({quoted}) AS given_{column}" for column, quoted in ((c, source.quoted(c)) for c in extra)]
        chosen += [
            f"coalesce(bool_or({sql.wrong(column, number[column])}), false) AS wrong_{column}" for column in extra
        ]
        chosen += [
            f"sum({times}) AS total",
            f"sum({times} * {heavy}) AS mass",
            f"sum({times} * {heavy} * {heavy}) AS square",
        ]
    groups = None if extra else enum_counts.counted(votes)
    if groups is None:
        groups = sql.together(votes.answers(f"SELECT {', '.join(chosen)} FROM {source.VOTES} GROUP BY ALL", columns))
    if groups.num_rows == 0:
        raise errors.InputError(f"{votes.name} holds no votes.")
    judged = sides.read(groups)
    if not judged.fine:
        _refuse(votes, columns, [column for column in extra if sql.array(groups[f"given_{column}"]).any()])
    rows = sql.array(groups["votes"])
    present = []
    for column in extra:
        given = sql.array(groups[f"given_{column}"])
        if given.any():
            if (given < rows).any() or True in groups[f"wrong_{column}"].to_pylist():
                _refuse(votes, columns, [column])
            present.append(column)
    sums = ("total", "mass", "square") if "weight" in present else ("total",) if present else ("votes",)
    values = [sql.array(groups[name]).astype(float) for name in sums]
    result = counts.gathered(judged.names, judged.first, judged.second, judged.outcome, values)
    if not result.weight.sum() > 0:
        raise errors.InputError(f"{votes.name} holds no votes: every count or weight is 0.")
    return result


def _from_table(votes: source.Source) -> counts.Counts:
    _need(votes, ("model_a", "model_b", "win_a", "win_b"))
    numbers = [column for column in outcomes.TABLE_COLUMNS if votes.has(column)]
    columns = ["model_a", "model_b", *numbers]
    sums = ", ".join(f"sum(coalesce({sql.number(votes, column)}, 0)) AS {column}" for column in numbers)
    names = ", ".join(sql.name(votes, column) for column in ("model_a", "model_b"))
    listed = " OR ".join(f"({sql.wrong_or_missing(column, votes)})" for column in numbers)
    wrong = f"coalesce(bool_or({listed}), false) AS wrong"
    groups = sql.together(votes.answers(f"SELECT {names}, {sums}, {wrong} FROM {source.VOTES} GROUP BY ALL", columns))
    if groups.num_rows == 0:
        raise errors.InputError(f"{votes.name} holds no votes.")
    met = sides.read(groups, winner=False)
    if not met.fine or True in groups["wrong"].to_pylist():
        _refuse(votes, columns, numbers)
    kinds = [outcomes.TABLE_COLUMNS[column] for column in numbers]
    result = counts.gathered(
        met.names,
        numpy.tile(met.first, len(kinds)),
        numpy.tile(met.second, len(kinds)),
        numpy.repeat(kinds, groups.num_rows),
        [numpy.concatenate([sql.array(groups[column]).astype(float) for column in numbers])],
    )
    if result.total == 0:
        raise errors.InputError(f"{votes.name} holds no votes: every count is 0.")
    return result


def _need(votes: source.Source, columns: Sequence[str]) -> None:
    for part in votes.parts:
        declared = part.columns
        if declared is None:
            continue
        wanted = columns if "win_a" in declared or "win_b" in declared else sql.VOTE
        lacking = [column for column in wanted if column not in declared]
        if lacking:
            raise errors.UnknownColumns(proposals.unknown(part, list(declared), lacking), part.name, list(declared))


def _refuse(votes: source.Source, columns: Sequence[str], numbers: Sequence[str]) -> None:
    """Raise for the first row that is wrong."""
    conditions = {"model_a": sql.unnamed("model_a"), "model_b": sql.unnamed("model_b")}
    if "winner" in columns:
        spelt = ", ".join(f"'{spelling}'" for spelling in outcomes.SPELLINGS)
        names = ", ".join(sides.plainly(column) for column in ("model_a", "model_b"))
        conditions["winner"] = (
            f"winner IS NULL OR CAST(winner AS VARCHAR) NOT IN ({spelt}) "
            f"AND coalesce({sides.plainly('winner')} NOT IN ({names}), true)"
        )
    conditions["itself"] = f"{sides.plainly('model_a')} = {sides.plainly('model_b')}"
    for column in numbers:
        conditions[column] = sql.wrong_or_missing(column, None)
    listed = " OR ".join(f"({condition})" for condition in conditions.values())
    place = votes.first(listed, columns)
    if place is None:
        raise errors.InputError(f"{votes.name} changed while it was read; read it again.")
    values = place.values
    if "winner" in columns and place.row == 1:
        _demand_names(votes, values)
    for column in ("model_a", "model_b", "winner"):
        value = values.get(column, "")
        if column in conditions and (value is None or not sides.plain(str(value))):
            way = SKIPPING if column == "winner" else ""
            raise errors.InputError(f"{place}: {column} is {'missing' if value is None else 'empty'}{way}.")
    names_here = [sides.plain(str(values[column])) for column in ("model_a", "model_b")]
    if "winner" in conditions and not _is_outcome(str(values["winner"]), names_here):
        said = _cut(values["winner"])
        raise errors.InputError(
            f'{place}: winner is "{said}"; accepted: {outcomes.ACCEPTED}, or one of the two names'
            f"{proposals.outcome_option(said, names_here)}"
        )
    if names_here[0] == names_here[1]:
        raise errors.InputError(f'{place}: "{_cut(values["model_a"])}" meets itself; model_a and model_b must differ.')
    for column in numbers:
        value = values[column]
        if (value is None and column not in sql.OPTIONAL) or (value is not None and not _is_fine(column, value)):
            shown = "missing" if value is None else f'"{_cut(value)}"'
            raise errors.InputError(f"{place}: {column} is {shown}; it must be {sql.rule(column)}.")
    raise errors.InputError(f"{place} cannot be counted.")


def _demand_names(votes: source.Source, values: Mapping[str, object]) -> None:
    """Raise where the first row of a file without declared columns has other names."""
    lacking = [column for column in sql.VOTE if values[column] is None]
    part = votes.parts[0]
    names = source.names(part) if lacking else []
    filled = " OR ".join(f"{column} IS NOT NULL" for column in lacking)
    if names and not set(lacking) & set(names) and not votes.holds(filled, lacking):
        raise errors.UnknownColumns(proposals.unknown(part, names, lacking), part.name, names)


def _is_outcome(spelling: str, names: Sequence[str]) -> bool:
    """Whether a value is a winner: an accepted spelling, or one of the two names."""
    return spelling in outcomes.SPELLINGS or sides.plain(spelling) in names


def _is_fine(column: str, value: object) -> bool:
    try:
        number = float(str(value))
    except ValueError:
        return False
    return sql.usable(column, number)


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."
