"""Logs that hold votes in another form, and are recognised by their columns.

A column each for the outcomes (LMSYS's Kaggle file), the raw log of a FastChat server, the feedback of Open WebUI,
the votes of compar:IA, annotations of AlpacaEval, MT-bench's judgements in both orders, and pairs that name the models
of the chosen and the rejected answer. Each form says in SQL what the columns of a vote are made of, and which rows are
votes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from leaderboards.reading import source

ONE_HOT = {
    "winner_model_a": "model_a",
    "winner_model_b": "model_b",
    "winner_tie": "tie",
    "winner_tie_bothbad": "both_bad",
    "winner_both_bad": "both_bad",
}
"""Columns that hold 1 in the rows of their outcome and 0 in all others."""
_YES, _NO = ("1", "1.0", "true", "True", "TRUE"), ("0", "0.0", "false", "False", "FALSE")
_LINES = {"leftvote": "model_a", "rightvote": "model_b", "tievote": "tie", "bothbad_vote": "both_bad"}
"""The types of line in FastChat's log that are votes, each with its outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the columns of a log are turned into votes."""

    reads: tuple[str, ...]
    """The columns that this form reads."""
    columns: Mapping[str, str]
    """SQL for each column of a vote; all other columns are taken as they are."""
    votes: str = "true"
    """SQL that is true in rows that are votes; other rows are skipped."""
    each: str | None = None
    """SQL of a list whose elements each make one vote; `each` stands for the element."""


def form(part: source.SourcePart) -> Form | None:
    """The form of a part; None where it holds votes, or counts per pair, in the usual columns."""
    declared = part.columns
    if declared is not None:
        known = {"winner", "win_a"} & set(declared)
        return None if known else next((make(declared) for test, make in _DECLARED if test <= set(declared)), None)
    alone = source.Source([part])
    if alone.holds("winner IS NOT NULL OR win_a IS NOT NULL", ["winner", "win_a"]):
        return None
    return next((make(None) for condition, columns, make in _LOOKED_FOR if alone.holds(condition, columns)), None)


def _one_hot(declared: Mapping[str, str] | None) -> Form:
    """The outcome whose column holds 1; null where none does, and what is wrong where it is no such row."""
    columns = [column for column in ONE_HOT if declared is None or column in declared]
    listed = ", ".join(columns)
    spelt = {column: f"CAST({source.quoted(column)} AS VARCHAR)" for column in columns}
    yes, no = (", ".join(source.text(word) for word in words) for words in (_YES, _NO))
    odd = " ".join(
        f"WHEN {text} NOT IN ({yes}, {no}) THEN concat('{column} = ', {text})" for column, text in spelt.items()
    )
    held = " + ".join(f"coalesce(CAST({text} IN ({yes}) AS INTEGER), 0)" for text in spelt.values())
    won = " ".join(f"WHEN {text} IN ({yes}) THEN '{ONE_HOT[column]}'" for column, text in spelt.items())
    winner = f"CASE {odd} WHEN {held} > 1 THEN 'more than one of {listed}' {won} END"
    return Form(reads=tuple(columns), columns={"winner": winner})


def _fastchat(declared: Mapping[str, str] | None) -> Form:
    """The lines of votes; the names of the models stand in the two states."""
    states = "to_json(states)" if declared and declared["states"] != "VARCHAR" else "TRY_CAST(states AS JSON)"
    won = " ".join(f"WHEN {source.text(line)} THEN {source.text(outcome)}" for line, outcome in _LINES.items())
    return Form(
        reads=("type", "states"),
        columns={
            "model_a": f"json_extract_string({states}, '$[0].model_name')",
            "model_b": f"json_extract_string({states}, '$[1].model_name')",
            "winner": f'CASE "type" {won} END',
        },
        votes=f'"type" IN ({", ".join(source.text(line) for line in _LINES)})',
    )


def _open_webui(declared: Mapping[str, str] | None) -> Form:
    """A vote for each sibling of a rated answer: a thumb up says it is better, a thumb down that it is worse."""
    data = "to_json(data)" if declared and declared["data"] != "VARCHAR" else "TRY_CAST(data AS JSON)"
    siblings = f"json_extract_string({data}, '$.sibling_model_ids[*]')"
    rating = f"json_extract_string({data}, '$.rating')"
    won = f"CASE {rating} WHEN '1' THEN 'model_a' WHEN '-1' THEN 'model_b' ELSE concat('rating ', {rating}) END"
    return Form(
        reads=("data", "user_id", "created_at"),
        columns={
            "model_a": f"json_extract_string({data}, '$.model_id')",
            "model_b": "each",
            "winner": won,
            "rater": "user_id",
            "tstamp": "created_at",
        },
        votes=f"len({siblings}) > 0",
        each=siblings,
    )


def _pairs(declared: Mapping[str, str] | None) -> Form:
    """A win of the model whose answer was chosen."""
    return Form(
        reads=("chosen_model", "rejected_model"),
        columns={"model_a": "chosen_model", "model_b": "rejected_model", "winner": "'model_a'"},
    )


def _comparia(declared: Mapping[str, str] | None) -> Form:
    """compar:IA's votes: the name of the chosen model, or that both are equal."""
    yes = ", ".join(source.text(word) for word in _YES)
    return Form(
        reads=("model_a_name", "model_b_name", "chosen_model_name", "both_equal", "visitor_id", "timestamp"),
        columns={
            "model_a": "model_a_name",
            "model_b": "model_b_name",
            "winner": f"CASE WHEN CAST(both_equal AS VARCHAR) IN ({yes}) THEN 'tie' ELSE chosen_model_name END",
            "rater": "visitor_id",
            "tstamp": '"timestamp"',
        },
    )


def _alpaca_eval(declared: Mapping[str, str] | None) -> Form:
    """AlpacaEval's annotations: 1 is the first, 2 the second, and between them the nearer; 0 and 1.5 are a draw."""
    said = "TRY_CAST(CAST(preference AS VARCHAR) AS DOUBLE)"
    won = f"WHEN {said} IN (0, 1.5) THEN 'tie' WHEN {said} BETWEEN 1 AND 1.5 THEN 'model_a'"
    winner = f"CASE {won} WHEN {said} BETWEEN 1.5 AND 2 THEN 'model_b' ELSE concat('preference ', preference) END"
    return Form(
        reads=("generator_1", "generator_2", "preference", "annotator"),
        columns={
            "model_a": "generator_1",
            "model_b": "generator_2",
            "winner": f"CASE WHEN preference IS NOT NULL THEN {winner} END",
            "rater": "annotator",
        },
    )


def _both_orders(declared: Mapping[str, str] | None) -> Form:
    """MT-bench's judgements, each made in both orders: where the two differ, FastChat counts a tie."""
    won = "WHEN g1_winner <> g2_winner THEN 'tie' WHEN g1_winner = 'model_1' THEN 'model_a'"
    return Form(
        reads=("model_1", "model_2", "g1_winner", "g2_winner"),
        columns={
            "model_a": "model_1",
            "model_b": "model_2",
            "winner": f"CASE {won} WHEN g1_winner = 'model_2' THEN 'model_b' ELSE g1_winner END",
        },
        votes="g1_winner <> 'error' AND g2_winner <> 'error'",
    )


_Make = Callable[[Mapping[str, str] | None], Form]
_DECLARED: Sequence[tuple[set[str], _Make]] = (
    ({"winner_model_a", "winner_model_b"}, _one_hot),
    ({"type", "states"}, _fastchat),
    ({"data", "meta", "snapshot"}, _open_webui),
    ({"chosen_model", "rejected_model"}, _pairs),
    ({"model_a_name", "model_b_name", "chosen_model_name"}, _comparia),
    ({"generator_1", "generator_2", "preference"}, _alpaca_eval),
    ({"model_1", "model_2", "g1_winner", "g2_winner"}, _both_orders),
)
_LOOKED_FOR: Sequence[tuple[str, list[str], _Make]] = (
    ("winner_model_a IS NOT NULL AND winner_model_b IS NOT NULL", ["winner_model_a", "winner_model_b"], _one_hot),
    (f'"type" IN ({", ".join(source.text(line) for line in _LINES)})', ["type"], _fastchat),
    ("json_extract_string(TRY_CAST(data AS JSON), '$.model_id') IS NOT NULL", ["data"], _open_webui),
    ("chosen_model IS NOT NULL AND rejected_model IS NOT NULL", ["chosen_model", "rejected_model"], _pairs),
    (
        "model_a_name IS NOT NULL AND model_b_name IS NOT NULL AND coalesce(chosen_model_name, both_equal) IS NOT NULL",
        ["model_a_name", "model_b_name", "chosen_model_name", "both_equal"],
        _comparia,
    ),
    (
        "generator_1 IS NOT NULL AND generator_2 IS NOT NULL AND preference IS NOT NULL",
        ["generator_1", "generator_2", "preference"],
        _alpaca_eval,
    ),
    ("g1_winner IS NOT NULL AND g2_winner IS NOT NULL", ["g1_winner", "g2_winner"], _both_orders),
)
