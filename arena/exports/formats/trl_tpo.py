"""`trl-tpo`: preference pairs with a rater's correction as the reference, for TRL's TPO trainer."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports.card import texts
from arena.exports.format import MESSAGES, Context, Format, LeftOut, LooksAt, Outcome, Reason, Row, Taken, Unit
from arena.exports.rows import carried, pairs


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """One row for each correction of the chosen answer."""
    pair = pairs.pair(record)
    if isinstance(pair, LeftOut):
        yield pair
        return
    edits = [
        edit
        for vote in record.votes
        if pairs.WON_BY.get(vote.winner) is pair.chosen_side and (edit := pairs.edit(vote, record)) is not None
    ]
    if not edits:
        yield LeftOut(reason=Reason.NO_EDIT)
        return
    rows: tuple[Row, ...] = tuple(
        {
            "prompt": pairs.conversation(pair.prompt),
            "chosen": pairs.answer(pair.chosen),
            "rejected": pairs.answer(pair.rejected),
            "reference": pairs.answer(edit),
        }
        for edit in edits
    )
    yield Taken(rows=rows)


FORMAT = Format(
    name="trl-tpo",
    title="preference pairs with corrected answers for TRL",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES), ("reference", MESSAGES)]),
    convert=convert,
    command=(
        'python -c "import datasets; from trl.experimental import tpo; '
        "tpo.TPOTrainer(model='Qwen/Qwen2.5-0.5B-Instruct', args=tpo.TPOConfig(output_dir='../tpo-model'), "
        "train_dataset=datasets.load_dataset('parquet', data_files='data/train.parquet', split='train')).train()\""
    ),
    command_purpose="train a model on these rows with TRL (`pip install trl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("tpo", "dpo", "rlhf", "preference", "human-feedback", "trl"),
    carries=carried.PAIR | {"edit"},
    looks_at=LooksAt(),
    notes=(
        "`prompt` is the whole conversation up to and including the user's message; `chosen`, `rejected` and "
        "`reference` are one assistant message each.",
        "`reference` is the chosen answer as a rater corrected it. Battles without a correction are left out, and one "
        "that several raters corrected gives a row for each.",
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
