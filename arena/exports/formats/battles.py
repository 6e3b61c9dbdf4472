"""`battles`: one row a vote, in the columns LMArena publishes, with what else the rater told us.

`question_id` is the battle, so several votes on one battle share it. Nothing is filtered: ties, both-bad outcomes
and votes on empty answers are rows, because boards count them.
"""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports.format import MESSAGES, Context, Format, LeftOut, LooksAt, Outcome, Row, Taken, Unit
from arena.exports.rows import carried, pairs

SCHEMA = pa.schema(
    [
        ("question_id", pa.string()),
        ("vote_id", pa.string()),
        ("conversation_id", pa.string()),
        ("campaign", pa.string()),
        ("model_a", pa.string()),
        ("model_b", pa.string()),
        ("winner", pa.string()),
        ("judge", pa.string()),
        ("conversation_a", MESSAGES),
        ("conversation_b", MESSAGES),
        ("turn", pa.int64()),
        ("language", pa.string()),
        ("category", pa.string()),
        ("tstamp", pa.float64()),
        ("strength", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("reason", pa.string()),
        ("edit", pa.string()),
        ("draw_probability", pa.float64()),
        ("leak", pa.bool_()),
        ("finish_reason_a", pa.string()),
        ("finish_reason_b", pa.string()),
        ("criteria", pa.list_(pa.struct([("name", pa.string()), ("winner", pa.string())]))),
        ("rater_kind", pa.string()),
        ("held", pa.bool_()),
    ]
)


def convert(record: BattleRecord, context: Context) -> Iterator[Outcome]:
    """One row a vote."""
    battle = record.battle
    answered = pairs.answers(record)
    if isinstance(answered, LeftOut):
        for vote in record.votes:
            yield LeftOut(reason=answered.reason, vote_id=vote.vote_id)
        return
    origin = record.origin
    asked = pairs.conversation(pairs.asked(record))
    conversation_a, conversation_b = (asked + pairs.answer(response.text) for response in answered)
    for vote in record.votes:
        row: Row = {
            "question_id": battle.battle_id,
            "vote_id": vote.vote_id,
            "conversation_id": battle.conversation_id,
            "campaign": battle.campaign,
            "model_a": battle.model_a,
            "model_b": battle.model_b,
            "winner": vote.winner.value,
            "judge": context.pseudonym(vote.rater_id),
            "conversation_a": conversation_a,
            "conversation_b": conversation_b,
            "turn": battle.turn,
            "language": record.language,
            "category": record.category,
            "tstamp": vote.cast_at.timestamp() if origin is None or origin.timed else None,
            "strength": None if vote.strength is None else vote.strength.value,
            "tags": [tag.value for tag in vote.tags],
            "reason": vote.reason,
            "edit": vote.edit,
            "draw_probability": battle.draw_probability,
            "leak": record.leak,
            "finish_reason_a": answered[0].finish_reason,
            "finish_reason_b": answered[1].finish_reason,
            "criteria": [{"name": name, "winner": winner.value} for name, winner in vote.criteria],
            "rater_kind": vote.rater_kind.value,
            "held": record.holds(vote),
        }
        yield Taken(rows=(row,), vote_id=vote.vote_id)


FORMAT = Format(
    name="battles",
    title="votes in LMArena's columns",
    unit=Unit.VOTE,
    schema=SCHEMA,
    convert=convert,
    command="python -m leaderboards data/train.parquet",
    command_purpose="rank the models, with Preference Arena installed",
    task_categories=("text-generation",),
    tags=("preference", "human-feedback", "rlhf", "chatbot-arena"),
    carries=frozenset(carried.PARTS) - {"media", "source", "tokens", "timing", "opens_first"},
    looks_at=LooksAt(),
    notes=(
        "`winner` is `model_a`, `model_b`, `tie` or `both_bad`; a tie and both bad are different outcomes.",
        "`question_id` is the battle: several votes on one battle share it, as several battles of one conversation "
        "share `conversation_id`. `turn` counts from 1.",
        "`judge` is a rater's pseudonym in this release: a keyed hash that changes with the selection and with the "
        "votes cast so far. That hides who a rater is, not that two releases hold the same vote: ids and texts stay.",
        "`tstamp` is in seconds since 1970, UTC. `draw_probability` is the chance with which this pair of models was "
        "drawn. `edit` is the rater's correction of the preferred answer.",
        "`language` and `category` are those of the source a vote was imported from, as it spells them. What a source "
        "does not say is empty, `tstamp` and `draw_probability` too.",
        "`leak` says whether an answer gave its model away. Empty where nobody looked. `held` says whether boards "
        'leave the vote out; held votes are rows only where the selection says `votes = "all"`.',
        "`finish_reason_a` and `finish_reason_b` say how each answer ended: `stop` by itself, `length` at its limit. "
        "Empty where the source of an import does not say.",
        "`criteria` holds what won by each criterion that the rater answered: `model_a`, `model_b` or `tie`. "
        "`rater_kind` is `person`, `program` or `judge`, a model that judges.",
        "Votes on empty answers are rows here, because leaderboards count them.",
        "System prompts and sampling settings of the models are not in the data.",
    ),
)
