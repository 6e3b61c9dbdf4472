"""Print as JSON what OpenRLHF's reward dataset makes of a release, run in the folder of the release.

python load_openrlhf.py FLAG...        the flags of the release's command that begin with --data
"""

import argparse
import json
import sys
from types import SimpleNamespace

import tiny
from openrlhf.datasets import RewardDataset
from openrlhf.datasets.utils import blending_datasets


def main(flags: list[str]) -> None:
    parser = argparse.ArgumentParser()
    for name in ("dataset", "prompt_key", "chosen_key", "rejected_key"):
        parser.add_argument(f"--data.{name}", dest=name)
    parser.add_argument("--data.max_len", dest="max_len", type=int)
    parser.add_argument("--data.apply_chat_template", dest="apply_chat_template", action="store_true")
    data = parser.parse_args(flags)
    strategy = SimpleNamespace(args=SimpleNamespace(data=data, use_ms=False), print=lambda *_: None)
    strategy.is_rank_0 = lambda: False
    rows = blending_datasets(data.dataset, None, strategy)
    tokenizer = tiny.make_tokenizer([text for row in rows for text in tiny.texts(row)])
    found = {}
    for kind, is_dpo in (("reward", False), ("dpo", True)):
        loaded = RewardDataset(rows, tokenizer, data.max_len, strategy, is_dpo=is_dpo, num_processors=1)
        found[kind] = []
        for place in range(len(loaded)):
            chosen, chosen_mask, rejected, rejected_mask, extra = loaded[place]
            assert chosen_mask.all()
            assert rejected_mask.all()
            start = extra if is_dpo else 0
            found[kind].append(
                {
                    "prompt": tokenizer.decode(chosen[0][:start]),
                    "chosen": tokenizer.decode(chosen[0][start:]),
                    "rejected": tokenizer.decode(rejected[0][start:]),
                    "margin": None if is_dpo else extra,
                }
            )
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
