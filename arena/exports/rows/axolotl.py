"""What the formats for Axolotl share: the configuration file that `axolotl train` is given."""

from collections.abc import Callable, Mapping

COMMAND = "axolotl train axolotl.yml"
CONFIGURATION = """\
# Train with: axolotl train axolotl.yml
base_model: Qwen/Qwen2.5-0.5B-Instruct
chat_template: chatml
rl: {method}
remove_unused_columns: false
datasets:
  - path: data/train.jsonl
    ds_type: json
    split: train
{kind}
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_linear: true
sequence_len: 4096
micro_batch_size: 1
gradient_accumulation_steps: 8
num_epochs: 1
optimizer: adamw_torch
lr_scheduler: cosine
learning_rate: 0.000005
output_dir: ../{method}-model
"""


def configuration(method: str, kind: str) -> Callable[[Mapping[str, int]], Mapping[str, str]]:
    """The configuration file that reads the training rows as `kind`, some lines of YAML. The same for every release."""

    def files(_rows: Mapping[str, int]) -> Mapping[str, str]:
        indented = "\n".join(f"    {line}" for line in kind.splitlines())
        return {"axolotl.yml": CONFIGURATION.format(method=method, kind=indented)}

    return files
