"""`axolotl-chat`: preference pairs for Axolotl's `chat_template.default`.

Axolotl finds an answer by looking for its text in the rendered conversation "[[dummy_message]]" and answer, and keeps
what follows (prompt_strategies/dpo/chat_template.py of version 0.19.0). An answer such as "user" or "a" is found
too early, in the words around it, and would be trained on with those; such battles are left out.
"""

import pyarrow as pa

from arena.exports.card import texts
from arena.exports.format import MESSAGES, Format, LeftOut, LooksAt, Reason, Row, Unit
from arena.exports.rows import axolotl, carried, pairs

AROUND = "<|im_start|>user\n[[dummy_message]]<|im_end|>\n<|im_start|>assistant\n"
"""What stands before an answer where Axolotl looks for it, in the ChatML template of its configuration here."""
MESSAGE = MESSAGES.value_type


def found_too_early(answer: str) -> bool:
    """Whether Axolotl would find the answer in the words around it."""
    return (AROUND + answer).find(answer) < len(AROUND)


@pairs.one_row
def convert(pair: pairs.Pair) -> Row | LeftOut:
    """One row for a decided battle."""
    if found_too_early(pair.chosen) or found_too_early(pair.rejected):
        return LeftOut(reason=Reason.RESERVED)
    return {
        "messages": pairs.conversation(pair.prompt),
        "chosen": {"role": "assistant", "content": pair.chosen},
        "rejected": {"role": "assistant", "content": pair.rejected},
    }


FORMAT = Format(
    name="axolotl-chat",
    title="preference pairs for Axolotl",
    unit=Unit.BATTLE,
    schema=pa.schema([("messages", MESSAGES), ("chosen", MESSAGE), ("rejected", MESSAGE)]),
    convert=convert,
    command=axolotl.COMMAND,
    command_purpose="train an adapter on these pairs with Axolotl (`pip install axolotl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("dpo", "rlhf", "preference", "human-feedback", "axolotl"),
    files=axolotl.configuration("dpo", "type: chat_template.default"),
    carries=carried.PAIR,
    looks_at=LooksAt(around=AROUND),
    notes=(
        "`messages` is the whole conversation up to and including the user's message; `chosen` and `rejected` are one "
        "assistant message each. `axolotl.yml` tells Axolotl about them.",
        "Keep the ChatML template of `axolotl.yml`, or one that leaves the spaces around a message alone. Where a "
        "template trims them, as those of Llama 3 and Gemma do, Axolotl keeps only the last character of an answer "
        "that begins or ends with a space or a line break.",
        "Answers that Axolotl would mistake for the words around them, such as `a` or `user`, are left out.",
        texts.PAIRS,
        texts.SYSTEM_PROMPTS,
    ),
)
