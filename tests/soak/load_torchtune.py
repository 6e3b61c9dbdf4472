"""Print as JSON what torchtune's preference dataset makes of a release, run in the folder of the release.

    python load_torchtune.py CONFIGURATION OVERRIDE...        as in the release's command

The configuration is the recipe's own, and the overrides are applied to it by torchtune's own code.
"""

import argparse
import json
import sys
from pathlib import Path

import omegaconf
import torchtune
from torchtune import config
from torchtune.config._utils import _merge_yaml_and_cli_args
from torchtune.data import Message

RECIPES = Path(torchtune.__file__).parents[1] / "recipes" / "configs"


class Listener:
    """Stands for a tokenizer: notes the messages it is given, which is what the model would read and learn."""

    def __init__(self) -> None:
        self.heard: list[list[tuple[str, str, bool]]] = []

    def tokenize_messages(self, messages: list[Message]) -> tuple[list[int], list[bool]]:
        self.heard.append([(message.role, message.text_content, message.masked) for message in messages])
        return list(range(len(messages))), [message.masked for message in messages]


def main(name: str, overrides: list[str]) -> None:
    recipe = argparse.Namespace(**omegaconf.OmegaConf.load(RECIPES / f"{name}.yaml"))
    settings = _merge_yaml_and_cli_args(recipe, overrides)
    listener = Listener()
    dataset = config.instantiate(settings.dataset, listener)
    for place in range(len(dataset)):
        dataset[place]
    sides = iter(listener.heard)
    print(json.dumps([{"chosen": chosen, "rejected": next(sides)} for chosen in sides]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
