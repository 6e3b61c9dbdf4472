"""`openrlhf`: preference pairs as message lists, for OpenRLHF's reward and DPO trainers.

The keys are named by flags. Without one for the prompt, the trainer takes all but the last message of `chosen` for it,
which is nothing here.
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
    name="openrlhf",
    title="preference pairs for OpenRLHF",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES), ("margin", pa.float64())]),
    convert=convert,
    command=(
        "deepspeed --module openrlhf.cli.train_rm --model.model_name_or_path Qwen/Qwen2.5-0.5B-Instruct "
        "--data.dataset data/train.jsonl --data.prompt_key prompt --data.chosen_key chosen "
        "--data.rejected_key rejected --data.apply_chat_template --model.margin_loss_enable "
        "--data.max_len 4096 --ckpt.output_dir ../reward-model"
    ),
    command_purpose="train a reward model on these pairs with OpenRLHF (`pip install openrlhf`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "openrlhf"),
    carries=carried.PAIR | {"strength"},
    looks_at=LooksAt(),
    notes=(
        texts.ANSWERS + " `openrlhf.cli.train_dpo` reads them with the same flags for data.",
        "`--data.prompt_key prompt` is needed: without it OpenRLHF takes all but the last message of `chosen` for the "
        "prompt.",
        texts.MARGIN,
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
