"""Build the documents as a site, and fail on a link or an anchor that leads nowhere.

    python -m scripts.docs_site     builds build/docs/site/index.html

The pages of docs/ are laid out in build/docs/pages, with the few of the root beside them. A file of the repository that
a page links to gets a page of its own, so that the tour can be followed inside the site. Zensical builds the rest;
docs/site.toml is its configuration.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(?P<before>\]\()(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?P<after>\))")
FENCE = re.compile(r"^(```+).*?^\1$", re.MULTILINE | re.DOTALL)
OF_THE_ROOT = ("CONTRIBUTING.md", "CHANGELOG.md", "THIRD_PARTY.md")
LANGUAGES = {".py": "python", ".toml": "toml", ".json": "json", ".jsonl": "json", ".sql": "sql", ".sh": "bash"}
LONGEST_SHOWN = 200_000
"""Characters of a file of the repository that has a page; a longer one is cut there, and says so."""


def main() -> int:
    """Lay out and build; exit status 1 where a link leads nowhere."""
    built = ROOT / "build" / "docs"
    shutil.rmtree(built, ignore_errors=True)
    for sentence in (broken := lay_out(ROOT, built)):
        print(sentence, file=sys.stderr)
    return 1 if broken else build(built)


def build(folder: Path) -> int:
    """Let zensical build what was laid out: it warns of pages and anchors that do not exist, and a warning fails."""
    program = Path(sys.executable).with_name("zensical")
    run = subprocess.run(  # noqa: S603 - of this environment
        [program, "build", "--clean", "--strict"], cwd=folder, capture_output=True, text=True, check=False
    )
    said, _, _ = f"{run.stdout}{run.stderr}".partition("Traceback")  # its way of ending where it is strict
    print(re.sub(r"\x1b\[[\d;]*m", "", said).strip())
    return run.returncode


def lay_out(root: Path, folder: Path) -> list[str]:
    """Write every page, and whatever the pages link to, below `folder`.

    Returns a sentence for each link to a file that does not exist: of those, zensical sees only the pages.
    """
    pages = folder / "pages"
    documents = [path.relative_to(root).as_posix() for path in sorted((root / "docs").rglob("*.md"))]
    linked: set[str] = set()
    broken: list[str] = []
    for document in (*documents, *OF_THE_ROOT):
        text = (root / document).read_text(encoding="utf-8")
        _write(pages / place(document), _relinked(root, document, text, linked, broken))
    for path in sorted(linked - {*documents, *OF_THE_ROOT}):
        _show(root, path, pages / place(path))
    shutil.copy(root / "docs" / "site.css", pages / "site.css")
    shutil.copy(root / "docs" / "site.toml", folder / "zensical.toml")
    return broken


def place(path: str) -> str:
    """Where a file of the repository lies among the pages."""
    if path in OF_THE_ROOT:
        return path.lower()
    if path.startswith("docs/"):
        inside = path.removeprefix("docs/")
        return inside.removesuffix("README.md") + "index.md" if inside.endswith("/README.md") else inside
    return f"source/{path}.md"


def _relinked(root: Path, document: str, text: str, linked: set[str], broken: list[str]) -> str:
    """A document whose links lead to the pages; the files they lead to are added to `linked`."""

    def lead(found: re.Match[str]) -> str:
        target = found["target"]
        if "://" in target or target.startswith("mailto:"):
            return found[0]
        path = os.path.normpath(PurePosixPath(document).parent / target)
        if not (root / path).is_file():
            broken.append(f"{document} links to {target}, and there is no such file.")
            return found[0]
        linked.add(path)
        here = os.path.relpath(place(path), PurePosixPath(place(document)).parent)
        return f"{found['before']}{here}{found['anchor'] or ''}{found['after']}"

    pieces, end = [], 0
    for fence in FENCE.finditer(text):  # code is no place for links
        pieces += [LINK.sub(lead, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*pieces, LINK.sub(lead, text[end:])])


def _show(root: Path, path: str, target: Path) -> None:
    """Give a file of the repository a page of its own, or lay it beside the pages where it is no text."""
    source = root / path
    if path.startswith("docs/"):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        return
    text = source.read_text(encoding="utf-8")
    cut = "" if len(text) <= LONGEST_SHOWN else f"The first {LONGEST_SHOWN:,} characters.\n\n"
    head = f"---\nsearch:\n  exclude: true\nhide:\n  - toc\n---\n\n# `{path}`\n\n{cut}"
    fence = "`" * (3 + max((len(run) for run in re.findall(r"`{3,}", text)), default=0))
    language = LANGUAGES.get(source.suffix, "text")
    _write(target, f"{head}{fence} {{.{language}}}\n{text[:LONGEST_SHOWN].rstrip()}\n{fence}\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
