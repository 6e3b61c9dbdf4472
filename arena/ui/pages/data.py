"""The data page: one part, drawn once here and run by static/data.js.

The part asks the HTTP API with the token of a trainer, as any other program would. Nothing of the workspace is in this
markup: the formats and the questions of a selection are the program's own.
"""

import html
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from arena import exports
from arena.domain.selection import Several, Thinking
from arena.exports import personal
from arena.ui import frame

Choice = TypeVar("Choice", bound=StrEnum)

TEMPLATE = Path(__file__).with_name("data.html")

TRAINERS = {
    "TRL": {
        "trl-dpo": ("TRL DPO", "ORPO, CPO too", "preference pairs"),
        "trl-reward": ("TRL reward", "uses strength", "preference pairs"),
        "trl-kto": ("TRL KTO", "keeps Both bad", "judged answers"),
        "trl-tpo": ("TRL TPO", "edits as reference", "preference pairs"),
        "sft": ("TRL SFT", "edits as answers", "corrected answers"),
    },
    "OpenRLHF": {"openrlhf": ("OpenRLHF", "reward and DPO", "preference pairs")},
    "LLaMA-Factory": {
        "llamafactory-alpaca": ("LLaMA-Factory Alpaca", "", "preference pairs"),
        "llamafactory-sharegpt": ("LLaMA-Factory ShareGPT", "", "preference pairs"),
        "llamafactory-kto": ("LLaMA-Factory KTO", "keeps Both bad", "judged answers"),
    },
    "Axolotl": {
        "axolotl-chat": ("Axolotl chat_template", "", "preference pairs"),
        "axolotl-intel": ("Axolotl chatml.intel", "single turns", "preference pairs"),
        "axolotl-kto": ("Axolotl KTO", "keeps Both bad", "judged answers"),
    },
    "verl": {"verl": ("verl", "single turns", "preference pairs")},
    "NeMo-RL": {"nemo-rl": ("NeMo-RL", "", "preference pairs")},
    "torchtune": {"torchtune": ("torchtune", "", "preference pairs")},
    "Any trainer": {
        "helpsteer3": ("HelpSteer3", "keeps ties and every vote", "judged pairs"),
        "battles": ("Battles", "keeps all four outcomes", "votes"),
    },
}
"""By trainer and format: what the format is called, a remark, and what its rows are."""

SEVERAL = {Several.MAJORITY: "Most agree", Several.UNANIMOUS: "All agree", Several.EACH: "Each vote"}
THINKING = {Thinking.KEEP: "Keep", Thinking.STRIP: "Take out", Thinking.DROP: "Leave out"}
LICENCES = ("apache-2.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc0-1.0", "mit", "odc-by", "other")
"""Proposed for the card, as the Hugging Face hub spells them."""


def build() -> None:
    """Put the page into the Blocks that is open."""
    frame.bar("/data")
    frame.part(markup(), script=frame.mounted("data.js"))


def markup() -> str:
    """The whole page, in its first state."""
    page = TEMPLATE.read_text(encoding="utf-8")
    pieces = {
        "formats": "".join(_trainer(trainer, formats) for trainer, formats in TRAINERS.items()),
        "several": _choices("several", SEVERAL),
        "thinking": _choices("thinking", THINKING),
        "licences": "".join(f'<option value="{name}"></option>' for name in LICENCES),
        "kinds": "".join(_kind(kind) for kind in personal.STRUCTURED),
    }
    for name, piece in pieces.items():
        page = page.replace("{" + name + "}", piece)
    return page


def _trainer(trainer: str, formats: dict[str, tuple[str, str, str]]) -> str:
    labels = "".join(_format(name, *words) for name, words in formats.items())
    return f'<div class="by" role="group" aria-label="{html.escape(trainer)}">{labels}</div>'


def _format(name: str, title: str, remark: str, rows: str) -> str:
    form = exports.FORMATS[name]
    columns: Iterable[str] = form.schema.names
    return (
        f'<label><input type="radio" name="format" value="{name}" data-title="{html.escape(title)}" '
        f'data-rows="{html.escape(rows)}" data-purpose="{_escaped(form.command_purpose)}">'
        f'<b translate="no">{html.escape(title)}</b><span class="xs mute">{html.escape(remark)}</span>'
        f'<span class="k" translate="no">{html.escape(", ".join(columns))}</span></label>'
    )


def _escaped(words: str) -> str:
    """Words in markup that Gradio reads as a JavaScript template: a backtick would end it."""
    return html.escape(words).replace("`", "&#96;")


def _choices(key: str, words: Mapping[Choice, str]) -> str:
    """The values of a key of the selection, of which one is chosen; the first asks for nothing."""
    return "".join(
        f'<label><input type="radio" name="{key}" value="{value}" data-choice="{key}">{said}</label>'
        for value, said in words.items()
    )


def _kind(kind: personal.PersonalKind) -> str:
    words = personal.TITLES[kind]
    return f'<label class="ck"><input type="checkbox" data-mask="{kind.value}">{words[:1].upper()}{words[1:]}</label>'
