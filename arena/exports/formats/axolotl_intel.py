"""`axolotl-intel`: preference pairs of single turns for Axolotl's `chatml.intel`."""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import Format, LeftOut, LooksAt, Reason, Row, Unit
from arena.exports.rows import axolotl, carried, pairs


@pairs.one_row
def convert(pair: pairs.Pair) -> Row | LeftOut:
    """One row for a decided battle on a first prompt."""
    turns = pairs.dialogue(pair.prompt)
    if turns is None or turns.exchanges:
        return LeftOut(reason=Reason.MULTI_TURN)
    return {"system": turns.system, "question": turns.question, "chosen": pair.chosen, "rejected": pair.rejected}


FORMAT = Format(
    name="axolotl-intel",
    title="preference pairs of single turns for Axolotl",
    unit=Unit.BATTLE,
    schema=pa.schema(
        [("system", pa.string()), ("question", pa.string()), ("chosen", pa.string()), ("rejected", pa.string())]
    ),
    convert=convert,
    command=axolotl.COMMAND,
    command_purpose="train an adapter on these pairs with Axolotl (`pip install axolotl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "axolotl"),
    files=axolotl.configuration("dpo", "type: chatml.intel"),
    carries=carried.PAIR,
    looks_at=LooksAt(),
    notes=(
        "`question` is the user's message; `chosen` and `rejected` are the answers. `system` is empty wherever the "
        "conversation has no system message. Axolotl writes the words of ChatML around them; `axolotl.yml` tells it "
        "so.",
        texts.single_turns("Axolotl") + " `axolotl-chat` holds them.",
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
