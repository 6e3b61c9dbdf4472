"""`verl`: preference pairs of single turns as strings, for verl's reward dataset."""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import Format, LeftOut, LooksAt, Reason, Row, Unit
from arena.exports.rows import carried, pairs


@pairs.one_row
def convert(pair: pairs.Pair) -> Row | LeftOut:
    """One row for a decided battle on a first prompt."""
    question = pairs.single(pair.prompt)
    if question is None:
        return LeftOut(reason=Reason.MULTI_TURN)
    return {"prompt": question, "chosen": pair.chosen, "rejected": pair.rejected}


FORMAT = Format(
    name="verl",
    title="preference pairs of single turns for verl",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", pa.string()), ("chosen", pa.string()), ("rejected", pa.string())]),
    convert=convert,
    command=(
        'python -c "from verl.utils.dataset import RMDataset; '
        "print(len(RMDataset('data/train.parquet', 'Qwen/Qwen2.5-0.5B-Instruct', max_length=4096)))\""
    ),
    command_purpose="read these pairs with verl's reward dataset (`pip install verl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("reward-model", "rlhf", "preference", "human-feedback", "verl"),
    carries=carried.PAIR,
    looks_at=LooksAt(),
    notes=(
        "`prompt` is the user's message; `chosen` and `rejected` are the answers. The texts are bare: verl puts the "
        "prompt and an answer one after the other without a chat template, cuts them at `max_length` tokens, and "
        "reads Parquet only.",
        texts.single_turns("verl"),
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
