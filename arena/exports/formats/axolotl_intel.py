"""`axolotl-intel`: preference pairs of single turns for Axolotl's `chatml.intel`."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports import axolotl, notes, pairs
from arena.exports.format import Context, Format, LeftOut, Outcome, Reason, Row, Taken, Unit


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """One row for a decided battle on a first prompt."""
    pair = pairs.pair(record)
    if isinstance(pair, LeftOut):
        yield pair
        return
    turns = pairs.turns(pair.prompt)
    if turns is None or turns.exchanges:
        yield LeftOut(reason=Reason.MULTI_TURN)
        return
    row: Row = {"system": turns.system, "question": turns.question, "chosen": pair.chosen, "rejected": pair.rejected}
    yield Taken(rows=(row,))


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
    notes=(
        "`question` is the user's message; `chosen` and `rejected` are the answers. `system` is empty wherever the "
        "conversation has no system message. Axolotl writes the words of ChatML around them; `axolotl.yml` tells it "
        "so.",
        notes.single_turns("Axolotl") + " `axolotl-chat` holds them.",
        notes.PAIRS,
        notes.SYSTEM_PROMPTS,
    ),
)
