"""Train a tiny random Llama for three steps on a release, and print as JSON what TRL's trainer made of it.

    python train_trl.py METHOD RELEASE WORK

A program of its own, so that the trainer's libraries see nothing of the test run. Nothing is downloaded: tokenizer
and model are made here, and left in WORK/model.
"""

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import tiny
import transformers
import trl
from trl.experimental import tpo

STEPS = 3
Tokenizer = transformers.PreTrainedTokenizerFast


def settings(kind: type[transformers.TrainingArguments], work: Path, **more: Any) -> transformers.TrainingArguments:
    return kind(
        output_dir=str(work / "out"),
        max_steps=STEPS,
        per_device_train_batch_size=2,
        learning_rate=1e-3,
        logging_steps=1,
        max_length=2048,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
        **more,
    )


def dpo(rows: datasets.Dataset, tokenizer: Tokenizer, work: Path) -> trl.DPOTrainer:
    model = tiny.make_model(tokenizer)
    return trl.DPOTrainer(
        model=model,
        ref_model=copy.deepcopy(model),
        args=settings(trl.DPOConfig, work),
        train_dataset=rows,
        processing_class=tokenizer,
    )


def reward(rows: datasets.Dataset, tokenizer: Tokenizer, work: Path) -> trl.RewardTrainer:
    return trl.RewardTrainer(
        model=tiny.make_reward_model(tokenizer),
        args=settings(trl.RewardConfig, work),
        train_dataset=rows,
        processing_class=tokenizer,
    )


def kto(rows: datasets.Dataset, tokenizer: Tokenizer, work: Path) -> trl.KTOTrainer:
    model = tiny.make_model(tokenizer)
    return trl.KTOTrainer(
        model=model,
        ref_model=copy.deepcopy(model),
        args=settings(trl.KTOConfig, work),
        train_dataset=rows,
        processing_class=tokenizer,
    )


def triple(rows: datasets.Dataset, tokenizer: Tokenizer, work: Path) -> tpo.TPOTrainer:
    return tpo.TPOTrainer(
        model=tiny.make_model(tokenizer),
        args=settings(tpo.TPOConfig, work),
        train_dataset=rows,
        processing_class=tokenizer,
    )


def sft(rows: datasets.Dataset, tokenizer: Tokenizer, work: Path) -> trl.SFTTrainer:
    return trl.SFTTrainer(
        model=tiny.make_model(tokenizer),
        args=settings(trl.SFTConfig, work),
        train_dataset=rows,
        processing_class=tokenizer,
    )


METHODS: dict[str, Callable[[datasets.Dataset, Tokenizer, Path], transformers.Trainer]] = {
    "trl-dpo": dpo,
    "trl-reward": reward,
    "trl-kto": kto,
    "trl-tpo": triple,
    "sft": sft,
}


def seen(trainer: transformers.Trainer, tokenizer: Tokenizer) -> list[dict[str, Any]]:
    """The rows as the trainer will feed them to the model: lists of tokens turned back into text."""
    return [
        {
            column.removesuffix("_ids"): tokenizer.decode(value) if column.endswith("_ids") else value
            for column, value in row.items()
        }
        for row in trainer.train_dataset
    ]


def implicit(row: dict[str, Any], tokenizer: Tokenizer) -> dict[str, str]:
    """A row without a prompt of its own: two texts, for the trainer to find out where the prompt ends."""
    return {
        side: tokenizer.apply_chat_template(row["prompt"] + row[side], tokenize=False)
        for side in ("chosen", "rejected")
    }


def main(method: str, release: Path, work: Path) -> None:
    lines = str(release / "data" / "train.jsonl")
    rows = datasets.load_dataset("json", data_files=lines, split="train", cache_dir=str(work / "cache"))
    by_card = datasets.load_dataset(str(release), split="train", cache_dir=str(work / "cache"))
    tokenizer = tiny.make_tokenizer([text for row in rows for text in tiny.texts(row)])
    trainer = METHODS[method](rows, tokenizer, work)
    before = copy.deepcopy(trainer.model.state_dict())
    result = trainer.train()
    after = trainer.model.state_dict()
    found = {
        "steps": result.global_step,
        "losses": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
        "moved": sum(not before[name].equal(after[name]) for name in before) / len(before),
        "same_by_card": by_card.to_list() == rows.to_list(),
        "rows": seen(trainer, tokenizer),
    }
    if method == "trl-dpo":
        without_prompt = datasets.Dataset.from_list([implicit(row, tokenizer) for row in rows])
        found["rows_with_implicit_prompt"] = seen(dpo(without_prompt, tokenizer, work), tokenizer)
    tiny.make_model(tokenizer).save_pretrained(work / "model")
    tokenizer.save_pretrained(work / "model")
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
