"""Run by vLLM's Python: a model that can think, and an adapter of random weights, both made of a model that is there.

    python make_model.py MODEL FOLDER

FOLDER/model is MODEL with two unused tokens of its vocabulary renamed to <think> and </think>, and a chat template of
ours that opens a thought when it is told `thinking`. FOLDER/adapter is a LoRA adapter for it.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

RENAMED = {"<reponame>": "<think>", "<file_sep>": "</think>"}
RANK = 8
SCALE = 0.05
"""Of the random weights: enough to change the answer, too little to leave nothing but line ends."""
TEMPLATE = """\
{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if note is defined %}{{ note }}{% endif %}{% if thinking is defined and thinking %}<think>
{% endif %}{% endif %}"""


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    model = folder / "model"
    model.mkdir(parents=True)
    for file in source.iterdir():
        if file.name not in {"tokenizer.json", "chat_template.jinja"}:
            (model / file.name).symlink_to(file)
    text = (source / "tokenizer.json").read_text(encoding="utf-8")
    for before, after in RENAMED.items():
        text = text.replace(json.dumps(before), json.dumps(after))
    (model / "tokenizer.json").write_text(text, encoding="utf-8")
    (model / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    make_adapter(json.loads((source / "config.json").read_text()), folder / "adapter")


def make_adapter(config: dict, folder: Path) -> None:
    """An adapter of random weights."""
    folder.mkdir()
    hidden = config["hidden_size"]
    values = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    torch.manual_seed(7)
    weights = {}
    for layer in range(config["num_hidden_layers"]):
        for name, size in (("q_proj", hidden), ("v_proj", values)):
            stem = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            weights[f"{stem}.lora_A.weight"] = torch.randn(RANK, hidden) * SCALE
            weights[f"{stem}.lora_B.weight"] = torch.randn(size, RANK) * SCALE
    save_file(weights, folder / "adapter_model.safetensors")
    adapter = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": RANK,
        "lora_alpha": 2 * RANK,
        "target_modules": ["q_proj", "v_proj"],
        "bias": "none",
    }
    (folder / "adapter_config.json").write_text(json.dumps(adapter))


main()
