"""`torchtune`: preference pairs as two whole conversations, for torchtune's preference dataset."""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import MESSAGES, Format, LooksAt, Row, Unit
from arena.exports.rows import carried, pairs


@pairs.one_row
def convert(pair: pairs.Pair) -> Row:
    """One row for a decided battle."""
    asked = pairs.conversation(pair.prompt)
    return {"chosen": asked + pairs.answer(pair.chosen), "rejected": asked + pairs.answer(pair.rejected)}


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
    carries=carried.PAIR,
    looks_at=LooksAt(),
    notes=(
        "`chosen` and `rejected` are whole conversations that differ in their last message, the answer.",
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
