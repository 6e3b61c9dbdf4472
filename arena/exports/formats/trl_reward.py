"""`trl-reward`: preference pairs with a margin, for TRL's reward trainer.

The trainer asks for a margin in every row or in none, so where no rater said how much better an answer is, it is 0,
which changes nothing about the loss.
"""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import MESSAGES, Format, LooksAt, Row, Unit
from arena.exports.rows import carried, pairs


@pairs.one_row
def convert(pair: pairs.Pair) -> Row:
    """One row for a decided battle."""
    return {
        "prompt": pairs.conversation(pair.prompt),
        "chosen": pairs.answer(pair.chosen),
        "rejected": pairs.answer(pair.rejected),
        "margin": pair.margin,
    }


FORMAT = Format(
    name="trl-reward",
    title="preference pairs with margins for TRL's reward trainer",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES), ("margin", pa.float64())]),
    convert=convert,
    command=(
        'trl reward --model_name_or_path Qwen/Qwen2.5-0.5B-Instruct --dataset_name "$PWD" '
        "--output_dir ../reward-model --learning_rate 1e-5"
    ),
    command_purpose="train a reward model on these pairs with TRL (`pip install trl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("reward-model", "rlhf", "preference", "human-feedback", "trl"),
    carries=carried.PAIR | {"strength"},
    looks_at=LooksAt(),
    notes=(
        texts.ANSWERS,
        texts.MARGIN,
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
