"""Pictures of the pages behind a board at two widths, and the time to the first board, over votes of three kinds.

    python benchmarks/board_pages.py --pictures FOLDER [--file NAME=VOTES ...] [--models 600] [--votes 40000]

Each file of votes becomes a workspace of its name, public and open; `simulated` is one of so many models, whose
strengths are drawn from a normal distribution, with a hundred prompts. Each is audited once, as it would be at night;
the first one publishes its battles. The first board of a workspace is asked for when nothing is kept. With `--dir` the
data is kept there, and used again.
"""

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import served
from playwright import sync_api

SIMULATED = "simulated"
PROMPTS, RATERS, CATEGORIES = 100, 300, ("code", "maths", "writing", "translation")
SPREAD = 1.2
"""Standard deviation of the models' strengths, in logits."""
WIDTHS = (1440, 390)
PAGES = ("", "/model", "/compare", "/history", "/change", "/prompts", "/transparency")
PATIENCE = 120_000
"""Milliseconds."""
DRAWN = "#main h1, #board h1, .pa h1"
CONFIG = """
port = 0
data_dir = "{folder}"
workspace = "{first}"
[campaign]
publish = "battles"
[limits]
requests_per_address = 10000
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pictures", type=Path, required=True, help="the folder that pictures are written into")
    parser.add_argument("--file", action="append", default=[], metavar="NAME=VOTES", help="a workspace, and its votes")
    parser.add_argument("--models", type=int, default=600, help="simulated models; 0: none")
    parser.add_argument("--votes", type=int, default=40_000, help="votes on them")
    parser.add_argument("--languages", default="en", help="languages of the pages, with commas between them")
    parser.add_argument("--dir", type=Path, default=None, help="where the data is, or is written; a temporary folder")
    given = parser.parse_args()
    given.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.dir or Path(temporary) / "data"
        names = filled(folder, given.file, given.models, given.votes)
        config = Path(temporary) / "arena.toml"
        config.write_text(CONFIG.format(folder=folder, first=names[0]), encoding="utf-8")
        with served.arena(config) as (_, url):
            firsts(url, names)
            pictures(url, names, given.pictures, given.languages.split(","))


def filled(folder: Path, files: Sequence[str], models: int, votes: int) -> list[str]:
    """The workspaces of a folder, made where they are not there yet."""
    named = dict(one.split("=", 1) for one in files)
    names = [*named, *([SIMULATED] if models else [])]
    for name in names:
        if (folder / "workspaces" / name).exists():
            continue
        arena(folder, "workspaces", "create", name, "--anonymous", "--public-board")
        with tempfile.TemporaryDirectory() as temporary:
            path = named.get(name) or simulated(Path(temporary) / "votes.jsonl", models, votes)
            begun = time.perf_counter()
            arena(folder, "import", "battles", str(path), "--workspace", name)
            print(f"{name}: imported in {time.perf_counter() - begun:.1f} s", flush=True)
            arena(folder, "audit", "--workspace", name)
    return names


def arena(folder: Path, *words: str) -> None:
    subprocess.run([served.ARENA, *words, "--data-dir", str(folder)], check=True, stdout=subprocess.DEVNULL)


def simulated(path: Path, models: int, votes: int) -> Path:
    """A file of votes on models whose strengths are known; a few raters vote at random."""
    chance = random.Random(15)
    strengths = [chance.gauss(0, SPREAD) for _ in range(models)]
    with path.open("w", encoding="utf-8") as written:
        for number in range(votes):
            prompt, rater = chance.randrange(PROMPTS), chance.randrange(RATERS)
            one, other = chance.sample(range(models), 2)
            won = 1 / (1 + math.exp(strengths[other] - strengths[one])) if rater % 30 else 0.5
            winner = "tie" if chance.random() < 0.12 else "model_a" if chance.random() < won else "model_b"
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
            written.write(json.dumps(line) + "\n")
    return path


def firsts(url: str, names: Sequence[str]) -> None:
    """Print how long the first board takes by the API."""
    print(f"load {os.getloadavg()[0]:.1f}")
    for name in names:
        token = served.Client(url, "").ask("POST", f"/w/{name}/api/v1/raters")["token"]
        client = served.Client(url, token)
        for said in ("first", "again"):
            begun = time.perf_counter()
            told = client.ask("GET", f"/w/{name}/api/v1/leaderboards/overall")
            seconds = time.perf_counter() - begun
            print(f"{name}: {said} board, {told['votes']:,} votes, {len(told['entries'])} models: {seconds:.2f} s")


def pictures(url: str, names: Sequence[str], folder: Path, languages: Sequence[str]) -> None:
    """Pictures of every page, and what a browser waits for the first board."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no chromium on this machine; install it (Debian: apt-get install chromium).")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        for language in languages:
            for name in names:
                for width in WIDTHS:
                    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
                    page = context.new_page()
                    for path in PAGES:
                        begun = time.perf_counter()
                        page.goto(f"{url}/w/{name}/leaderboard{path}")
                        page.wait_for_selector(DRAWN, timeout=PATIENCE)
                        page.wait_for_function("() => !document.querySelector('[aria-busy=true]')", timeout=PATIENCE)
                        seconds = time.perf_counter() - begun
                        shown = path.strip("/") or "board"
                        height = page.evaluate("document.documentElement.scrollHeight")
                        print(f"{name} {shown} {width} {language}: {seconds:.1f} s, {height:,} px high", flush=True)
                        picture = folder / f"{name}-{shown}-{width}-{language}.png"
                        page.screenshot(path=picture, full_page=height < 16_000)
                    context.close()
        browser.close()


if __name__ == "__main__":
    main()
