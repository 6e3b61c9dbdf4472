"""A tokenizer and a model small enough to train in seconds, made here: nothing is downloaded.

Imported by the programs beside it, which run in the trainers' own environments and know nothing of the arena.
"""

from collections.abc import Iterable
from typing import Any

import tokenizers
import transformers

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def texts(value: Any) -> Iterable[str]:
    """Every text in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def make_tokenizer(said: Iterable[str]) -> transformers.PreTrainedTokenizerFast:
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
    model.train_from_iterator(said, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=model,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def make_model(tokenizer: transformers.PreTrainedTokenizerFast) -> transformers.LlamaForCausalLM:
    """A random Llama of two layers."""
    transformers.set_seed(0)
    return transformers.LlamaForCausalLM(_settings(tokenizer))


def make_reward_model(tokenizer: transformers.PreTrainedTokenizerFast) -> transformers.LlamaForSequenceClassification:
    """The same with one figure for a whole text."""
    transformers.set_seed(0)
    return transformers.LlamaForSequenceClassification(_settings(tokenizer, num_labels=1))


def _settings(tokenizer: transformers.PreTrainedTokenizerFast, **more: Any) -> transformers.LlamaConfig:
    return transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **more,
    )
