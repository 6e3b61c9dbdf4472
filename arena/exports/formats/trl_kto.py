"""`trl-kto`: single answers, desirable or not, for TRL's KTO trainer."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports.card import texts
from arena.exports.format import MESSAGES, Context, Format, LeftOut, LooksAt, Outcome, Row, Taken, Unit
from arena.exports.rows import carried, pairs


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """Two rows for a battle with a winner, the chosen answer first, or with two bad answers."""
    found = pairs.completions(record)
    if isinstance(found, LeftOut):
        yield found
        return
    prompt, answers = found
    asked = pairs.conversation(prompt)
    rows: tuple[Row, ...] = tuple(
        {"prompt": asked, "completion": pairs.answer(text), "label": desirable} for text, desirable in answers
    )
    yield Taken(rows=rows)


FORMAT = Format(
    name="trl-kto",
    title="desirable and undesirable answers for TRL",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", MESSAGES), ("completion", MESSAGES), ("label", pa.bool_())]),
    convert=convert,
    apart=True,
    command=(
        'trl kto --model_name_or_path Qwen/Qwen2.5-0.5B-Instruct --dataset_name "$PWD" '
        "--output_dir ../kto-model --learning_rate 5e-7"
    ),
    command_purpose="train a model on these answers with TRL (`pip install trl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("kto", "rlhf", "preference", "human-feedback", "trl"),
    carries=carried.JUDGED,
    looks_at=LooksAt(),
    notes=(
        "`prompt` is the whole conversation up to and including the user's message; `completion` is one assistant "
        "message; `label` says whether it is desirable.",
        texts.LABELS,
        texts.APART,
        texts.SYSTEM_PROMPTS,
    ),
)
