"""Print as JSON what LLaMA-Factory's data loader makes of a release, run in the folder of the release.

    python load_llamafactory.py ARGUMENT...        the arguments of the release's command after `llamafactory-cli train`

The version needs no check: the environment holds what the loader takes, and the test says which.
"""

import json
import sys
from typing import Any

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.extras.constants import IGNORE_INDEX
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

STAGES = {"dpo": "rm", "kto": "kto"}
"""The kind of rows that each method of the command loads, as in the trainer's own workflows."""


def main(arguments: list[str]) -> None:
    values = dict(zip(arguments[::2], arguments[1::2], strict=True))
    options: dict[str, Any] = {name.removeprefix("--"): value for name, value in values.items()}
    model, data, training, finetuning, _ = get_train_args(options | {"do_train": True, "bf16": False})
    tokenizer = load_tokenizer(model)["tokenizer"]
    template = get_template_and_fix_tokenizer(tokenizer, data)
    loaded = get_dataset(template, model, data, training, STAGES[finetuning.stage], tokenizer)["train_dataset"]

    def spoken(tokens: list[int], labels: list[int]) -> tuple[str, str]:
        """What comes before the trained tokens, and those, as text."""
        start = next(place for place, label in enumerate(labels) if label != IGNORE_INDEX)
        return tokenizer.decode(tokens[:start]), tokenizer.decode(tokens[start:])

    rows = []
    for row in loaded:
        if finetuning.stage == "kto":
            prompt, completion = spoken(row["input_ids"], row["labels"])
            rows.append({"prompt": prompt, "completion": completion, "label": row["kto_tags"]})
        else:
            prompt, chosen = spoken(row["chosen_input_ids"], row["chosen_labels"])
            same, rejected = spoken(row["rejected_input_ids"], row["rejected_labels"])
            rows.append({"prompt": prompt, "prompt_of_rejected": same, "chosen": chosen, "rejected": rejected})
    print(json.dumps(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
