"""`axolotl-kto`: single answers, desirable or not, as strings for Axolotl's `user_defined` KTO type."""

from collections.abc import Iterator

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.exports.card import texts
from arena.exports.format import Context, Format, LeftOut, LooksAt, Outcome, Reason, Row, Taken, Unit
from arena.exports.rows import axolotl, carried, pairs

KIND = """\
type:
  field_prompt: prompt
  field_completion: completion
  field_label: label
  prompt_format: "<|im_start|>user\\n{prompt}<|im_end|>\\n<|im_start|>assistant\\n"
  completion_format: "{completion}<|im_end|>"
"""
"""The rows as Axolotl reads them: it puts the words of ChatML around the strings."""


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """Two rows for a battle with a winner, the chosen answer first, or with two bad answers."""
    found = pairs.completions(record)
    if isinstance(found, LeftOut):
        yield found
        return
    prompt, answers = found
    question = pairs.single(prompt)
    if question is None:
        yield LeftOut(reason=Reason.MULTI_TURN)
        return
    rows: tuple[Row, ...] = tuple(
        {"prompt": question, "completion": text, "label": desirable} for text, desirable in answers
    )
    yield Taken(rows=rows)


FORMAT = Format(
    name="axolotl-kto",
    title="desirable and undesirable answers for Axolotl",
    unit=Unit.BATTLE,
    schema=pa.schema([("prompt", pa.string()), ("completion", pa.string()), ("label", pa.bool_())]),
    convert=convert,
    apart=True,
    command=axolotl.COMMAND,
    command_purpose="train an adapter on these answers with Axolotl (`pip install axolotl`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("kto", "rlhf", "preference", "human-feedback", "axolotl"),
    files=axolotl.configuration("kto", KIND),
    carries=carried.JUDGED,
    looks_at=LooksAt(),
    notes=(
        "`prompt` is the user's message, `completion` an answer to it, and `label` says whether it is desirable. The "
        "texts are bare; `axolotl.yml` puts the words of ChatML around them.",
        texts.LABELS,
        texts.APART,
        texts.single_turns("Axolotl"),
        texts.SYSTEM_PROMPTS,
    ),
)
