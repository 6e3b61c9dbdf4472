"""Whether a text gives a model away: it names one of the two models of its battle, or who made it.

What counts as a name: the whole name of the model here and the name its server gives it, with or without the marks
between their parts ("GPT-4o", "gpt 4o"); the family, where it is one of those below ("smollm" of smollm2-135m-terse);
and the family's maker. A family that is also a common word (command, solar) is not looked for by itself; a rarer word
(llama, gemini) is, because whoever asks for this filter would rather lose a text about the animal. Only the two models
of the battle are looked for: an answer by one model that names a third tells nothing about who wrote it.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.domain.battle import Battle, BattleRecord, Response, Side
from arena.domain.ids import ModelName

MAKERS: Mapping[str, tuple[str, ...]] = {
    "alpaca": ("Stanford",),
    "aya": ("Cohere",),
    "baichuan": (),
    "bard": ("Google",),
    "chatglm": ("Zhipu",),
    "chatgpt": ("OpenAI",),
    "claude": ("Anthropic",),
    "command": ("Cohere",),
    "dbrx": ("Databricks",),
    "deepseek": (),
    "dolly": ("Databricks",),
    "ernie": ("Baidu",),
    "exaone": ("LG AI Research",),
    "falcon": ("TII", "Technology Innovation Institute"),
    "gemini": ("Google", "DeepMind"),
    "gemma": ("Google", "DeepMind"),
    "glm": ("Zhipu", "Z.ai"),
    "gpt": ("OpenAI", "ChatGPT"),
    "granite": ("IBM",),
    "grok": ("xAI",),
    "hermes": ("Nous Research",),
    "internlm": ("Shanghai AI Laboratory",),
    "jamba": ("AI21",),
    "kimi": ("Moonshot AI",),
    "koala": ("Berkeley",),
    "lfm": ("Liquid AI",),
    "llama": ("Meta AI",),
    "minicpm": ("OpenBMB",),
    "minimax": (),
    "mistral": (),
    "mixtral": ("Mistral",),
    "mpt": ("MosaicML", "Databricks"),
    "nemotron": ("NVIDIA",),
    "nova": ("Amazon",),
    "olmo": ("Allen Institute", "Ai2"),
    "openchat": (),
    "palm": ("Google", "DeepMind"),
    "phi": ("Microsoft",),
    "pythia": ("EleutherAI",),
    "qwen": ("Alibaba",),
    "qwq": ("Qwen", "Alibaba"),
    "reka": (),
    "smollm": ("Hugging Face", "HuggingFace"),
    "solar": ("Upstage",),
    "stablelm": ("Stability AI",),
    "starling": ("Nexusflow",),
    "tulu": ("Allen Institute", "Ai2"),
    "vicuna": ("LMSYS",),
    "wizardlm": ("Microsoft",),
    "yi": ("01.AI",),
    "zephyr": ("Hugging Face", "HuggingFace"),
}
"""Families of models by the word their names begin with, and who makes them; a maker named like the family is left
out."""
COMMON = frozenset(("command", "falcon", "granite", "koala", "nova", "palm", "phi", "solar", "starling", "yi"))
"""Families that are common words, or parts of them, in texts about something else."""
PART = re.compile(r"[^\W\d_]+|\d+")
"""A run of letters or of digits: what marks part, or a digit beside a letter."""
LATIN = "[a-z\u00e0-\u024f]"
"""A letter beside which a name is part of a longer word; other scripts set no space beside one."""
SHORTEST = 3
"""Characters of the shortest name of a model that is looked for."""
INSIDE = 5
"""Characters of the shortest family that is found inside a longer word of a model's name, as in codellama."""


class Finder:
    """Looks for the names of models; what it looks for is worked out once a pair of models."""

    def __init__(self, served: Mapping[ModelName, str] | None = None) -> None:
        self._served = served or {}
        self._wanted: dict[tuple[ModelName, ModelName], _Wanted] = {}

    def leaks(self, record: BattleRecord) -> bool:
        """Whether the prompt, what was said before it, or an answer names a model of the battle or its maker."""
        wanted = self._looked_for(record.battle)
        return any(wanted.found(text) for text in _texts(record))

    def marked(self, battle: Battle, responses: Mapping[Side, Response]) -> tuple[Response, Response]:
        """Both answers of a battle, each with whether it gives its model away."""
        wanted = self._looked_for(battle)
        left, right = (dataclasses.replace(responses[side], leak=wanted.found(responses[side].text)) for side in Side)
        return left, right

    def _looked_for(self, battle: Battle) -> "_Wanted":
        pair = battle.model_a, battle.model_b
        if pair not in self._wanted:
            self._wanted[pair] = _wanted({name for model in pair for name in self._names(model)})
        return self._wanted[pair]

    def _names(self, model: ModelName) -> set[str]:
        return names(model) | names(self._served.get(model, "").rpartition("/")[2])


def names(model: str) -> set[str]:
    """What gives a model of this name away: itself, its family and its maker."""
    found = {model} if len(model) >= SHORTEST else set()
    for word in PART.findall(model.casefold()):
        for family, makers in MAKERS.items():
            if word == family or (len(family) >= INSIDE and family in word):
                found |= {*makers} if family in COMMON else {family, *makers}
    return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Names to look for."""

    beginnings: tuple[str, ...]
    """The first part of each: where none of them is in a text, which is quickly seen, no name is."""
    pattern: re.Pattern[str]

    def found(self, text: str) -> bool:
        small = text.lower()
        return any(part in small for part in self.beginnings) and self.pattern.search(small) is not None


def _wanted(names: set[str]) -> _Wanted:
    parts = [found for name in sorted(names) if (found := PART.findall(name.lower()))]
    spelt = "|".join(r"[-_. /]?".join(map(re.escape, found)) for found in parts)
    beginnings = tuple(sorted({found[0] for found in parts}))
    return _Wanted(beginnings, re.compile(rf"(?<!{LATIN})(?:{spelt})(?!{LATIN})"))


def _texts(record: BattleRecord) -> Iterable[str]:
    yield record.battle.prompt
    for message in record.battle.history:
        yield message.content
    for response in (record.response_a, record.response_b):
        if response is not None:
            yield response.text
