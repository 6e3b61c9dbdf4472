"""`llamafactory-sharegpt`: preference pairs in ShareGPT's columns, for LLaMA-Factory."""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import Format, LeftOut, LooksAt, Reason, Row, Unit
from arena.exports.rows import carried, llamafactory, pairs


@pairs.one_row
def convert(pair: pairs.Pair) -> Row | LeftOut:
    """One row for a decided battle."""
    if pairs.dialogue(pair.prompt) is None:
        return LeftOut(reason=Reason.NOT_ALTERNATING)
    if llamafactory.holds_placeholder(pair.chosen, pair.rejected, *[message.text for message in pair.prompt]):
        return LeftOut(reason=Reason.RESERVED)
    return {
        "conversations": [llamafactory.message(message) for message in pair.prompt],
        "chosen": {"from": "gpt", "value": pair.chosen},
        "rejected": {"from": "gpt", "value": pair.rejected},
    }


FORMAT = Format(
    name="llamafactory-sharegpt",
    title="preference pairs for LLaMA-Factory, in ShareGPT's columns",
    unit=Unit.BATTLE,
    schema=pa.schema(
        [
            ("conversations", pa.list_(llamafactory.MESSAGE)),
            ("chosen", llamafactory.MESSAGE),
            ("rejected", llamafactory.MESSAGE),
        ]
    ),
    convert=convert,
    command=llamafactory.command("dpo"),
    command_purpose="train an adapter on these pairs with LLaMA-Factory (`pip install llamafactory`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "llama-factory"),
    files=llamafactory.dataset_info(
        {
            "ranking": True,
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
        }
    ),
    carries=carried.PAIR,
    looks_at=LooksAt(patterns=llamafactory.PLACEHOLDERS),
    notes=(
        "`conversations` is the whole conversation up to and including the user's message, `human` and `gpt` in turns "
        "after a `system` message where it has one; `chosen` and `rejected` are one message by `gpt` each.",
        llamafactory.INDEX_NOTE,
        llamafactory.PLACEHOLDER_NOTE,
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
