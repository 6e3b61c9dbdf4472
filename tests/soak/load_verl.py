"""Print as JSON what verl's reward dataset makes of a release.

python load_verl.py RELEASE WORK
"""

import json
import sys
from pathlib import Path

import pandas
import tiny
from verl.utils.dataset import RMDataset


def main(release: Path, work: Path) -> None:
    file = str(release / "data" / "train.parquet")
    said = [text for row in pandas.read_parquet(file).to_dict("records") for text in tiny.texts(row)]
    tokenizer = tiny.make_tokenizer(said)
    loaded = RMDataset(file, tokenizer, max_length=2048, cache_dir=str(work / "cache"))
    rows = []
    for place in range(len(loaded)):
        item = loaded[place]
        chosen, rejected = (
            tokenizer.decode(tokens[mask.bool()].tolist())
            for tokens, mask in zip(item["input_ids"], item["attention_mask"], strict=True)
        )
        rows.append({"chosen": chosen, "rejected": rejected})
    print(json.dumps(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
