"""Print as JSON what Axolotl makes of a release and its configuration, run in the folder of the release.

    python load_axolotl.py WORK

Axolotl validates the configuration and turns each row into text with the strategy that it names. What it does after
that, it does with the tokenizer of a model.
"""

import json
import sys
from pathlib import Path

import datasets
import tiny
import yaml
from axolotl.prompt_strategies.dpo import load as load_dpo
from axolotl.prompt_strategies.kto import load as load_kto
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault

COLUMNS = ("prompt", "chosen", "rejected", "completion", "label")


def main(work: Path) -> None:
    written = yaml.safe_load(Path("axolotl.yml").read_text())
    source = written["datasets"][0]
    rows = datasets.load_dataset(source["ds_type"], data_files=source["path"], split=source["split"])
    tokenizer = tiny.make_tokenizer([text for row in rows for text in tiny.texts(row)])
    tiny.make_model(tokenizer).save_pretrained(work / "model")
    settings = validate_config(DictDefault(written | {"base_model": str(work / "model")}))
    kind = settings["datasets"][0]["type"]
    name = kind if isinstance(kind, str) else "user_defined.default"
    strategy = {"dpo": load_dpo, "kto": load_kto}[written["rl"]](name, settings, dataset_idx=0)
    transform = strategy[0] if isinstance(strategy, tuple) else strategy
    more = {"tokenizer": tokenizer} if name.startswith("chat_template") else {}
    made = [transform(dict(row), **more) for row in rows]
    print(json.dumps([{column: row[column] for column in COLUMNS if column in row} for row in made]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
