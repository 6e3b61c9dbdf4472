"""`trl-dpo`: preference pairs for TRL's DPO, ORPO, CPO and reward trainers.

The prompt is explicit. Where it is not, the trainer takes the longest common beginning of both texts for the prompt,
and two answers that begin alike lose their opening words (tests/soak/test_trl_dpo.py shows both).
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
    }


FORMAT = Format(
    name="trl-dpo",
    title="preference pairs for TRL",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES)]),
    convert=convert,
    command=(
        'trl dpo --model_name_or_path Qwen/Qwen2.5-0.5B-Instruct --dataset_name "$PWD" '
        "--output_dir ../dpo-model --learning_rate 5e-7"
    ),
    command_purpose="train a model on these pairs with TRL (`pip install trl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "trl"),
    carries=carried.PAIR,
    looks_at=LooksAt(),
    notes=(
        texts.ANSWERS,
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
