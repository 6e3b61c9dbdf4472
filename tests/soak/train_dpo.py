"""Train a tiny random Llama for three steps on a release, and print as JSON what TRL's trainer made of it.

    python train_dpo.py RELEASE WORK

A program of its own, so that the trainer's libraries see nothing of the test run. Nothing is downloaded: tokenizer
and model are made here, and left in WORK/model.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import datasets
import tokenizers
import transformers
import trl

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
STEPS = 3


def make_tokenizer(texts: list[str]) -> transformers.PreTrainedTokenizerFast:
    """Byte-level, so that every text comes back as it went in."""
    model = tokenizers.Tokenizer(tokenizers.models.BPE())
    model.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    model.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|pad|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    model.train_from_iterator(texts, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=model,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def make_model(tokenizer: transformers.PreTrainedTokenizerFast) -> transformers.LlamaForCausalLM:
    transformers.set_seed(0)
    return transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=2048,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def make_trainer(rows: datasets.Dataset, tokenizer: transformers.PreTrainedTokenizerFast, work: Path) -> trl.DPOTrainer:
    model = make_model(tokenizer)
    return trl.DPOTrainer(
        model=model,
        ref_model=copy.deepcopy(model),
        args=trl.DPOConfig(
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
        ),
        train_dataset=rows,
        processing_class=tokenizer,
    )


def seen(trainer: trl.DPOTrainer, tokenizer: transformers.PreTrainedTokenizerFast) -> list[dict[str, str]]:
    """The rows as the trainer will feed them to the model, turned back into text."""
    return [
        {part: tokenizer.decode(row[f"{part}_ids"]) for part in ("prompt", "chosen", "rejected")}
        for row in trainer.train_dataset
    ]


def implicit(row: dict[str, Any], tokenizer: transformers.PreTrainedTokenizerFast) -> dict[str, str]:
    """A row without a prompt of its own: two texts, for the trainer to find out where the prompt ends."""
    return {
        side: tokenizer.apply_chat_template(row["prompt"] + row[side], tokenize=False)
        for side in ("chosen", "rejected")
    }


def main(release: Path, work: Path) -> None:
    lines = str(release / "data" / "train.jsonl")
    rows = datasets.load_dataset("json", data_files=lines, split="train", cache_dir=str(work / "cache"))
    by_card = datasets.load_dataset(str(release), split="train", cache_dir=str(work / "cache"))
    tokenizer = make_tokenizer([message["content"] for row in rows for side in row.values() for message in side])
    trainer = make_trainer(rows, tokenizer, work)
    before = copy.deepcopy(trainer.model.state_dict())
    result = trainer.train()
    after = trainer.model.state_dict()
    without_prompt = datasets.Dataset.from_list([implicit(row, tokenizer) for row in rows])
    found = {
        "steps": result.global_step,
        "losses": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
        "moved": sum(not before[name].equal(after[name]) for name in before) / len(before),
        "same_by_card": by_card.to_list() == rows.to_list(),
        "rows": seen(trainer, tokenizer),
        "rows_with_implicit_prompt": seen(make_trainer(without_prompt, tokenizer, work), tokenizer),
    }
    make_model(tokenizer).save_pretrained(work / "model")
    tokenizer.save_pretrained(work / "model")
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
