"""Pictures of the pages for visitors and for the lab at two widths, and the time to the first board.

    python benchmarks/pictures.py --pictures FOLDER [--file NAME=VOTES ...] [--models 6,600] [--keep docs/pictures]

Each file of votes becomes a workspace of its name, public and open; `simulated-N` is one of so many models, whose
strengths are drawn from a normal distribution, with a hundred prompts and a ring of raters. Each is audited once, as it
would be at night. The workspace `desk` has models that answer, campaigns, and something on every page of the lab. The
first board of a workspace is asked for when nothing is kept. With `--dir` the data is kept there, and used again. With
`--keep` the pictures that docs/pictures.md shows are written anew.
"""

import argparse
import contextlib
import http.server
import io
import itertools
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import filled
import pictured
import served
from pictured import desk
from PIL import Image
from playwright import sync_api

WIDTHS = (1440, 390)
BOARDS = {
    "board": "/leaderboard",
    "board-model": "/leaderboard/model",
    "board-compare": "/leaderboard/compare",
    "board-history": "/leaderboard/history",
    "board-change": "/leaderboard/change",
    "board-prompts": "/leaderboard/prompts",
    "transparency": "/leaderboard/transparency",
}
LAB = {
    "lab": "/lab",
    "lab-models": "/lab/models",
    "lab-model-new": "/lab/new-model",
    "lab-campaigns": "/lab/campaigns",
    "lab-campaign": "/lab/campaigns/first-words",
    "lab-campaign-new": "/lab/new-campaign",
    "lab-raters": "/lab/raters",
    "lab-review": "/lab/review",
    "lab-people": "/lab/people",
    "lab-releases": "/lab/releases",
    "lab-trials": "/lab/trials",
    "data": "/data",
}
FINDING = "lab-finding"
Look = tuple[str, Literal["light", "dark"], int]
"""Language, theme and width."""
DESK = "desk"
OF_VOTES = ("lab", "lab-models", "lab-raters", "data")
"""Pages of the lab that are looked at beside many votes, too."""
LIVE = ("heron-14b", "whimbrel-8b", "godwit-4b")
"""Models that answer, in the workspace of the desk."""
PATIENCE = 120_000
"""Milliseconds."""
DRAWN = """() => {
  const shown = (selector) => [...document.querySelectorAll(selector)].some((one) => one.checkVisibility());
  const busy = shown('[aria-busy=true], [data-counting], [data-screen=loading]');
  return shown('#main :is(h1, .statement)') && !busy && document.fonts.status === 'loaded';
}"""
HIGHEST = 16_000
"""Pixels up to which a picture is of the whole page."""
KEPT = 1500
"""Pixels from the top that are kept of a picture."""
QUALITY = 45
PASSWORD = "four quiet herons wade"  # noqa: S105 - of an account that lives as long as a picture is taken
CONFIG = """
port = 0
data_dir = "{folder}"
workspace = "{desk}"
[limits]
requests_per_address = 10000
"""
MODEL = """
[[models]]
name = "{name}"
endpoint = "{endpoint}"
served_name = "{served}"
"""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pictures", type=Path, required=True, help="the folder that pictures are written into")
    parser.add_argument("--file", action="append", default=[], metavar="NAME=VOTES", help="a workspace, and its votes")
    parser.add_argument("--models", default="6,600", help="sizes of simulated boards, with commas between them")
    parser.add_argument("--languages", default="en", help="languages of the pages, with commas between them")
    parser.add_argument("--themes", default="light", help="light, dark, or both with a comma between them")
    parser.add_argument("--only", default="", help="names of pages, with commas between them; all of them otherwise")
    parser.add_argument("--dir", type=Path, default=None, help="where the data is, or is written; a temporary folder")
    parser.add_argument("--keep", type=Path, default=None, help="where small pictures are written for the documents")
    given = parser.parse_args()
    given.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.dir or Path(temporary) / "data"
        names = pictured.filled(folder, given.file, [int(size) for size in given.models.split(",") if size])
        if not (folder / "workspaces" / DESK).exists():
            pictured.arena(folder, "workspaces", "create", DESK, "--anonymous", "--public-board")
        tokens = {
            name: pictured.arena(folder, "tokens", "create", "--role", "admin", "--workspace", name).split()[-1]
            for name in (*names, DESK)
        }
        with _served(folder, Path(temporary) / "arena.toml") as url:
            firsts(url, names)
            desk.laid(url, DESK, tokens[DESK], LIVE)
            only = set(filter(None, given.only.split(",")))
            looks = [*itertools.product(given.languages.split(","), given.themes.split(","), WIDTHS)]
            pictures(url, tokens, given.pictures, looks, only)
    if given.keep:
        kept(given.pictures, names, given.keep)


@contextlib.contextmanager
def _served(folder: Path, config: Path) -> Iterator[str]:
    """The address of an arena on the folder, whose desk has models that answer."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), served.ModelServer) as models:
        threading.Thread(target=models.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{models.server_address[1]}/v1"
        tables = "".join(
            MODEL.format(name=name, endpoint=endpoint, served=served_name)
            for name, served_name in zip(LIVE, filled.names(), strict=False)
        )
        config.write_text(CONFIG.format(folder=folder, desk=DESK) + tables, encoding="utf-8")
        try:
            with served.arena(config) as (_, url):
                yield url
        finally:
            models.shutdown()


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


def pictures(url: str, tokens: dict[str, str], folder: Path, looks: Sequence[Look], only: set[str]) -> None:
    """Pictures of the pages for visitors beside every kind of votes, and of the lab's."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        sys.exit(f"There is no chromium on this machine; install it (Debian: apt-get install {BROWSERS[0]}).")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--headless", "--no-sandbox"])
        for (language, theme, width), (name, token) in itertools.product(looks, tokens.items()):
            viewport: sync_api.ViewportSize = {"width": width, "height": 900}
            context = browser.new_context(viewport=viewport, locale=language, color_scheme=theme)
            after = f"-{width}-{language}{'-dark' if theme == 'dark' else ''}"
            shot = Shots(context, f"{url}/w/{name}", folder / f"{name}-", after, only)
            if name != DESK:
                shot.each(BOARDS)
            shot.signed_in(token)
            shot.each(LAB if name == DESK else {page: LAB[page] for page in OF_VOTES} | shot.finding(token))
            context.close()
        browser.close()


@dataclass(frozen=True, slots=True)
class Shots:
    """Pictures of one workspace in one window."""

    context: sync_api.BrowserContext
    home: str
    before: Path
    after: str
    only: set[str]

    def each(self, pages: Mapping[str, str]) -> None:
        """Of these pages, by name and path."""
        page = self.context.new_page()
        for name, path in pages.items():
            if self.only and name not in self.only:
                continue
            begun = time.perf_counter()
            page.goto(self.home + path)
            page.wait_for_function(DRAWN, timeout=PATIENCE)
            seconds = time.perf_counter() - begun
            height = page.evaluate("document.documentElement.scrollHeight")
            print(f"{self.before.name}{name}{self.after}: {seconds:.1f} s, {height:,} px high", flush=True)
            page.screenshot(path=f"{self.before}{name}{self.after}.png", full_page=height < HIGHEST)
        page.close()

    def signed_in(self, token: str) -> None:
        """Be an admin from now on; `token` is one's."""
        invitation = self._asked(token, "/invitations", {"role": "admin"})["token"]
        body = {"email": f"ada-{time.monotonic_ns()}@lab.example", "password": PASSWORD}
        accept = f"{self.home}/api/v1/invitations/{invitation}/accept"
        origin = {"Origin": self.home.partition("/w/")[0]}
        assert self.context.request.post(accept, data=body, headers=origin).status == 201

    def finding(self, token: str) -> dict[str, str]:
        """The page of the finding that most votes speak for, rings first; none where nothing was found."""
        found = self._asked(token, "/findings")["findings"]
        if not found:
            return {}
        most = max(found, key=lambda one: (one["kind"] == "ring", one["votes"]))
        return {FINDING: f"/lab/findings/{most['finding_id']}"}

    def _asked(self, token: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        method = "GET" if body is None else "POST"
        return self.context.request.fetch(f"{self.home}/api/v1{path}", method=method, headers=headers, data=body).json()


def kept(pictures: Path, names: Sequence[str], folder: Path) -> None:
    """Small pictures of each page: beside the first votes, the boards of the others, and the desk's."""
    first, *others = names
    sources = {name: f"{first}-{name}" for name in (*BOARDS, "lab-raters", "data", FINDING)}
    sources |= {name: f"{DESK}-{name}" for name in LAB if name not in sources}
    sources |= {f"board-of-{name}": f"{name}-board" for name in others}
    sources["board-history"] = f"{names[-1]}-board-history"  # its votes have times
    size = 0
    for name, source in sources.items():
        for width in WIDTHS:
            with Image.open(pictures / f"{source}-{width}-en.png") as whole:
                cut = whole.crop((0, 0, width, min(whole.height, KEPT))).convert("RGB")
            written = io.BytesIO()
            cut.save(written, "WEBP", quality=QUALITY, method=6)
            (folder / f"{name}-{width}.webp").write_bytes(written.getvalue())
            size += len(written.getvalue())
    print(f"{len(WIDTHS) * len(sources)} pictures kept, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
