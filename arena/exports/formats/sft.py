"""`sft`: conversations that end in an answer a rater corrected, for supervised fine-tuning."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports.card import texts
from arena.exports.format import MESSAGES, Context, Format, LeftOut, LooksAt, Outcome, Reason, Row, Taken, Unit
from arena.exports.rows import carried, pairs


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """One row for each vote with a correction, whatever the other raters preferred."""
    answered = LeftOut(reason=Reason.MEDIA) if record.has_media else pairs.answers(record)
    for vote in record.votes:
        if isinstance(answered, LeftOut):
            yield LeftOut(reason=answered.reason, vote_id=vote.vote_id)
            continue
        edit = pairs.edit(vote, record)
        if edit is None:
            yield LeftOut(reason=Reason.NO_EDIT, vote_id=vote.vote_id)
            continue
        row: Row = {"messages": pairs.conversation(pairs.asked(record)) + pairs.answer(edit)}
        yield Taken(rows=(row,), vote_id=vote.vote_id)


FORMAT = Format(
    name="sft",
    title="answers corrected by raters, for supervised fine-tuning",
    unit=Unit.VOTE,
    schema=pa.schema([("messages", MESSAGES)]),
    convert=convert,
    command=(
        'trl sft --model_name_or_path Qwen/Qwen2.5-0.5B-Instruct --dataset_name "$PWD" '
        "--output_dir ../sft-model --learning_rate 2e-5"
    ),
    command_purpose="train a model on these answers with TRL (`pip install trl`)",
    task_categories=("text-generation",),
    tags=("sft", "human-feedback", "trl"),
    carries=carried.CONVERSATION | {"edit"},
    looks_at=LooksAt(),
    notes=(
        "`messages` is the whole conversation; its last message is an answer as a rater corrected it. Assistant "
        "messages before it were written by models and corrected by nobody.",
        "Each vote with a correction that changes something gives a row; the others are left out.",
        texts.SYSTEM_PROMPTS,
    ),
)
