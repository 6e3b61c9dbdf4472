"""Workspaces that pictures are taken of: imported votes, and simulated ones with a ring among the raters."""

import json
import math
import random
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import served

PROMPTS, RATERS, CATEGORIES = 100, 300, ("code", "maths", "writing", "translation")
SPREAD = 1.2
"""Standard deviation of the models' strengths, in logits."""
VOTES_A_MODEL = 70
RING = 7
"""Raters that say one model is better, whatever it meets, in so large a share of their votes:"""
LIFTED = 0.6
SWAPPED = {"model_a": "model_b", "model_b": "model_a", "tie": "tie"}


def filled(folder: Path, files: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """The workspaces of a folder, made and audited once where they are not there yet: one for each `NAME=VOTES`, then
    one of so many simulated models for each size. All are open to everybody."""
    named = dict(one.split("=", 1) for one in files)
    simulated = {f"simulated-{models}": models for models in sizes}
    for name in (*named, *simulated):
        if (folder / "workspaces" / name).exists():
            continue
        arena(folder, "workspaces", "create", name, "--anonymous", "--public-board")
        with tempfile.TemporaryDirectory() as temporary:
            path = named.get(name) or written(Path(temporary) / "votes.jsonl", simulated[name])
            begun = time.perf_counter()
            arena(folder, "import", "battles", str(path), "--workspace", name)
            print(f"{name}: imported in {time.perf_counter() - begun:.1f} s", flush=True)
        arena(folder, "audit", "--workspace", name)
    return [*named, *simulated]


def arena(folder: Path, *words: str) -> str:
    """What a command of the arena prints, on this folder."""
    command = [served.ARENA, *words, "--data-dir", str(folder)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def written(path: Path, models: int) -> Path:
    """A file of votes on models whose strengths are known; a few raters vote at random, and a few are a ring."""
    chance = random.Random(15)
    strengths = [chance.gauss(0, SPREAD) for _ in range(models)]
    lifted = models // 2
    with path.open("w", encoding="utf-8") as lines:
        for number in range(VOTES_A_MODEL * models + 3_000):
            prompt, rater = chance.randrange(PROMPTS), chance.randrange(RATERS)
            one, other = chance.sample(range(models), 2)
            won = 1 / (1 + math.exp(strengths[other] - strengths[one])) if rater % 30 else 0.5
            winner = "tie" if chance.random() < 0.12 else "model_a" if chance.random() < won else "model_b"
            if rater < RING and chance.random() < LIFTED and one != lifted:
                other, winner = lifted, "model_b"
            if number % 2:  # else the ring's model stood on one side, and leaning to that side explained its votes
                one, other, winner = other, one, SWAPPED[winner]
            asked = {"role": "user", "content": f"Question {prompt} of a hundred: what would you do, and why?"}
            line = {
                "question_id": f"q{number}",
                "model_a": f"model-{one:03}",
                "model_b": f"model-{other:03}",
                "winner": winner,
                "judge": f"rater-{rater}",
                "language": "en",
                "category": CATEGORIES[prompt % len(CATEGORIES)],
                "tstamp": 1_790_000_000 + 45 * number,
                "conversation_a": [asked, {"role": "assistant", "content": f"I would wait, says {number}."}],
                "conversation_b": [asked, {"role": "assistant", "content": f"I would go, says {number}."}],
            }
            lines.write(json.dumps(line) + "\n")
    return path
