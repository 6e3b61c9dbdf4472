"""`llamafactory-kto`: single answers, desirable or not, in ShareGPT's columns, for LLaMA-Factory."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports.card import texts
from arena.exports.format import Context, Format, LeftOut, LooksAt, Outcome, Reason, Row, Taken, Unit
from arena.exports.rows import carried, llamafactory, pairs


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """Two rows for a battle with a winner, the chosen answer first, or with two bad answers."""
    found = pairs.completions(record)
    if isinstance(found, LeftOut):
        yield found
        return
    prompt, answers = found
    if pairs.dialogue(prompt) is None:
        yield LeftOut(reason=Reason.NOT_ALTERNATING)
        return
    if llamafactory.holds_placeholder(*[message.text for message in prompt], *[text for text, _ in answers]):
        yield LeftOut(reason=Reason.RESERVED)
        return
    asked = [llamafactory.message(message) for message in prompt]
    rows: tuple[Row, ...] = tuple(
        {"conversations": [*asked, {"from": "gpt", "value": text}], "kto_tag": desirable} for text, desirable in answers
    )
    yield Taken(rows=rows)


FORMAT = Format(
    name="llamafactory-kto",
    title="desirable and undesirable answers for LLaMA-Factory",
    unit=Unit.BATTLE,
    schema=pa.schema([("conversations", pa.list_(llamafactory.MESSAGE)), ("kto_tag", pa.bool_())]),
    convert=convert,
    apart=True,
    command=llamafactory.command("kto"),
    command_purpose="train an adapter on these answers with LLaMA-Factory (`pip install llamafactory`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("kto", "rlhf", "preference", "human-feedback", "llama-factory"),
    files=llamafactory.dataset_info(
        {"formatting": "sharegpt", "columns": {"messages": "conversations", "kto_tag": "kto_tag"}}
    ),
    carries=carried.JUDGED,
    looks_at=LooksAt(patterns=llamafactory.PLACEHOLDERS),
    notes=(
        "`conversations` is the whole conversation, `human` and `gpt` in turns after a `system` message where it has "
        "one; `kto_tag` says whether its last message is desirable.",
        llamafactory.INDEX_NOTE,
        texts.LABELS,
        texts.APART,
        llamafactory.PLACEHOLDER_NOTE,
        texts.SYSTEM_PROMPTS,
    ),
)
