"""What the formats for LLaMA-Factory share: its index of data sets, and the words it takes for pictures.

LLaMA-Factory finds a data set by its name in `dataset_info.json` of the given folder (data/parser.py, version 0.9.5).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from arena.domain.battle import Message
from arena.exports.format import Row

NAME = "preference_arena"
"""LLaMA-Factory's name for the training rows; `_test` is added for the rows held out."""
PLACEHOLDERS = ("<image>", "<video>", "<audio>")
"""A model that sees or hears takes each for a file. With any other model, training stops at the row with an error."""
MESSAGE = pa.struct([("from", pa.string()), ("value", pa.string())])
"""One message in ShareGPT's words."""
SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
INDEX_NOTE = f"`dataset_info.json` tells LLaMA-Factory about the rows: `{NAME}`, and `{NAME}_test` for those held out."
PLACEHOLDER_NOTE = (
    "Battles with the words `<image>`, `<video>` or `<audio>` in a text are left out: LLaMA-Factory takes them for "
    "files that come with the row."
)


def dataset_info(entry: Mapping[str, Any]) -> Callable[[Mapping[str, int]], Mapping[str, str]]:
    """The file that lists the splits with rows, each described by `entry`."""

    def files(rows: Mapping[str, int]) -> Mapping[str, str]:
        names = {"train": NAME, "test": f"{NAME}_test"}
        listed = {
            names[split]: {"file_name": f"data/{split}.jsonl", **entry} for split, count in rows.items() if count > 0
        }
        return {"dataset_info.json": json.dumps(listed, indent=2) + "\n"}

    return files


def message(said: Message) -> Row:
    """A message as ShareGPT spells it."""
    return {"from": SPEAKERS[said.role], "value": said.text}


def command(stage: str) -> str:
    """Train an adapter on the rows in the folder; `stage` is LLaMA-Factory's word for the method."""
    return (
        f"llamafactory-cli train --stage {stage} --do_train --finetuning_type lora "
        "--model_name_or_path Qwen/Qwen2.5-0.5B-Instruct --template qwen "
        f"--dataset_dir . --dataset {NAME} --output_dir ../{stage}-model"
    )


def holds_placeholder(*texts: str) -> bool:
    """Whether LLaMA-Factory would look for a file because of one of these texts."""
    return any(placeholder in text for text in texts for placeholder in PLACEHOLDERS)
