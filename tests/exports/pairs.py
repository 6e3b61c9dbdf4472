"""Pairs of prompts by kind, written by hand: `prompt_pairs.txt` by who wrote the code, the others by people who had not
seen it."""

import json
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two prompts, and whether the second asks the same as the first."""

    language: str
    kind: str
    one: str
    other: str
    same: bool


def own() -> list[Pair]:
    """Blocks of a prompt and other wordings of it; a line that begins with neither `=` nor `!` continues the last."""
    pairs: list[Pair] = []
    for block in HERE.joinpath("prompt_pairs.txt").read_text(encoding="utf-8").split("\n["):
        lines = block.split("\n")
        language, _, prompt = lines[0].partition("] ")
        if not prompt:
            continue
        wordings: list[str] = []
        for line in lines[1:]:
            if line.startswith(("= ", "! ")):
                wordings.append(line)
            elif wordings:
                wordings[-1] += f"\n{line}"
        for wording in wordings:
            kind, _, text = wording[2:].partition(": ")
            pairs.append(Pair(language=language, kind=kind, one=prompt, other=text.strip(), same=wording[0] == "="))
    return pairs


def seen() -> list[Pair]:
    """A set by somebody who had not seen the code; what it showed to be missing was mended, so it flatters since."""
    return _read("seen_pairs.jsonl")


def fresh() -> list[Pair]:
    """A second such set, looked at by nobody who changes the code: what it says was so at first sight."""
    return _read("fresh_pairs.jsonl")


def _read(name: str) -> list[Pair]:
    rows = map(json.loads, HERE.joinpath(name).read_text(encoding="utf-8").splitlines())
    return [
        Pair(language=row["language"], kind=row["kind"], one=row["a"], other=row["b"], same=row["same"]) for row in rows
    ]
