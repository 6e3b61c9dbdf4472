"""What `test_loading` runs in a process of its own: a release, read by the trainers' loader in each of its ways."""

import json
import os
import sys


def main() -> None:
    """Compare what the loader reads of a folder with its lines; prints parts, rows and columns."""
    import datasets  # noqa: PLC0415 - takes a second, and nothing else here needs it

    _, folder, cache, share = sys.argv
    by_card = datasets.load_dataset(folder, cache_dir=cache)
    expected = ["train", "test"] if share == "0.4" else ["train"]
    assert list(by_card) == expected, by_card
    for part in expected:
        with open(f"{folder}/data/{part}.jsonl", encoding="utf-8") as file:  # noqa: PTH123 - as the trainers do
            rows = [json.loads(line) for line in file]
        lines = datasets.load_dataset("json", data_files=f"{folder}/data/{part}.jsonl", split="train", cache_dir=cache)
        assert by_card[part].to_list() == rows == lines.to_list(), part
        print(part, len(rows), *by_card[part].column_names)
    stream = datasets.load_dataset(folder, split="train", streaming=True)
    assert list(stream) == by_card["train"].to_list()
    sys.stdout.flush()
    os._exit(0)  # on a busy machine, threads of the streaming reader abort an ordinary exit now and then
