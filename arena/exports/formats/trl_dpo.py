"""`trl-dpo`: preference pairs for TRL's DPO, ORPO, CPO and reward trainers.

The prompt is explicit. Where it is not, the trainer takes the longest common beginning of both texts for the prompt,
and two answers that begin alike lose their opening words (tests/soak/test_trl_dpo.py shows both).
"""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports import pairs
from arena.exports.format import MESSAGES, Context, Format, LeftOut, Outcome, Row, Taken, Unit


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """One row for a decided battle."""
    pair = pairs.pair(record)
    if isinstance(pair, LeftOut):
        yield pair
        return
    row: Row = {
        "prompt": pairs.conversation(pair.prompt),
        "chosen": pairs.answer(pair.chosen),
        "rejected": pairs.answer(pair.rejected),
    }
    yield Taken(rows=(row,))


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
    notes=(
        "`prompt` is the whole conversation up to and including the user's message; `chosen` and `rejected` are one "
        "assistant message each.",
        "Ties, both-bad outcomes and empty answers make no pair. Where several raters voted on one battle, the outcome "
        "with the most votes counts, and a battle without such an outcome is left out.",
        "System prompts are not in the data. They belong to the models, which may differ in them, and not to the "
        "conversation: an answer may follow an instruction that the prompt does not show.",
    ),
)
