"""`torchtune`: preference pairs as two whole conversations, for torchtune's preference dataset."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports import notes, pairs
from arena.exports.format import MESSAGES, Context, Format, LeftOut, Outcome, Row, Taken, Unit


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """One row for a decided battle."""
    pair = pairs.pair(record)
    if isinstance(pair, LeftOut):
        yield pair
        return
    asked = pairs.conversation(pair.prompt)
    row: Row = {"chosen": asked + pairs.answer(pair.chosen), "rejected": asked + pairs.answer(pair.rejected)}
    yield Taken(rows=(row,))


FORMAT = Format(
    name="torchtune",
    title="preference pairs for torchtune",
    unit=Unit.BATTLE,
    schema=pa.schema([("chosen", MESSAGES), ("rejected", MESSAGES)]),
    convert=convert,
    command=(
        "tune run lora_dpo_single_device --config llama3_1/8B_lora_dpo_single_device "
        "dataset=torchtune.datasets.preference_dataset dataset.source=json dataset.data_files=data/train.jsonl"
    ),
    command_purpose="train an adapter on these pairs with torchtune (`pip install torchtune`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "torchtune"),
    notes=(
        "`chosen` and `rejected` are whole conversations that differ in their last message, the answer.",
        notes.PAIRS,
        notes.SYSTEM_PROMPTS,
    ),
)
