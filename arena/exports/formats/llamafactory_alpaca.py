"""`llamafactory-alpaca`: preference pairs in Alpaca's columns, for LLaMA-Factory."""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import Format, LeftOut, LooksAt, Reason, Row, Unit
from arena.exports.rows import carried, llamafactory, pairs


@pairs.one_row
def convert(pair: pairs.Pair) -> Row | LeftOut:
    """One row for a decided battle."""
    turns = pairs.dialogue(pair.prompt)
    if turns is None:
        return LeftOut(reason=Reason.NOT_ALTERNATING)
    if llamafactory.holds_placeholder(pair.chosen, pair.rejected, *[message.text for message in pair.prompt]):
        return LeftOut(reason=Reason.RESERVED)
    return {
        "instruction": turns.question,
        "input": "",
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "system": turns.system,
        "history": [list(exchange) for exchange in turns.exchanges],
    }


FORMAT = Format(
    name="llamafactory-alpaca",
    title="preference pairs for LLaMA-Factory, in Alpaca's columns",
    unit=Unit.BATTLE,
    schema=pa.schema(
        [
            ("instruction", pa.string()),
            ("input", pa.string()),
            ("chosen", pa.string()),
            ("rejected", pa.string()),
            ("system", pa.string()),
            ("history", pa.list_(pa.list_(pa.string()))),
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
            "formatting": "alpaca",
            "columns": {
                "prompt": "instruction",
                "query": "input",
                "chosen": "chosen",
                "rejected": "rejected",
                "system": "system",
                "history": "history",
            },
        }
    ),
    carries=carried.PAIR,
    looks_at=LooksAt(patterns=llamafactory.PLACEHOLDERS),
    notes=(
        "`instruction` is the user's message and `history` what was said before it, as pairs of a message and its "
        "answer. `input` is always empty, and `system` wherever the conversation has no system message.",
        llamafactory.INDEX_NOTE,
        llamafactory.PLACEHOLDER_NOTE,
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
