"""`nemo-rl`: preference pairs as ranked completions, for NeMo-RL's DPO and reward trainers.

Rank 0 is the best. The trainer takes exactly two completions and refuses equal ranks.
"""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import MESSAGES, Format, LooksAt, Row, Unit
from arena.exports.rows import carried, pairs

COMPLETION = pa.struct([("rank", pa.int64()), ("completion", MESSAGES)])


@pairs.one_row
def convert(pair: pairs.Pair) -> Row:
    """One row for a decided battle."""
    return {
        "context": pairs.conversation(pair.prompt),
        "completions": [
            {"rank": 0, "completion": pairs.answer(pair.chosen)},
            {"rank": 1, "completion": pairs.answer(pair.rejected)},
        ],
    }


FORMAT = Format(
    name="nemo-rl",
    title="preference pairs for NeMo-RL",
    unit=Unit.BATTLE,
    schema=pa.schema([("context", MESSAGES), ("completions", pa.list_(COMPLETION))]),
    convert=convert,
    command=(
        'release="$PWD" && cd "${NEMO_RL:-../RL}" && uv run examples/run_dpo.py '
        "data.train.dataset_name=PreferenceDataset ++data.train.data_path=$release/data/train.jsonl "
        "data.validation=null dpo.val_period=0 dpo.val_at_start=false checkpointing.metric_name=null"
    ),
    command_purpose="train a model on these pairs with NeMo-RL (`NEMO_RL` is your clone of it)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "nemo-rl"),
    carries=carried.PAIR,
    looks_at=LooksAt(),
    notes=(
        "`context` is the whole conversation up to and including the user's message. `completions` holds two answers, "
        "one assistant message each; rank 0 is the one that was preferred.",
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
