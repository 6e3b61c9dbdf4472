"""What a first visit to a page fetches: requests and bytes on the wire, ours and Gradio's, and again when cached.

    python benchmarks/page_weight.py [--each]

A real browser with an empty cache opens each page of an arena that has just started. Bytes are those of the network
(headers and compressed bodies), as the browser's own protocol counts them; ours is what comes from /static and /api.
What a page fetches on first need (the reader of Markdown, maths, highlighting) is not in a first visit.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright import sync_api

OURS = ("/static/", "/api/")
PAGES = ("/", "/leaderboard", "/data", "/me")
QUIET_MILLISECONDS = 2_000
"""After the page stands, for what it fetches late."""

PROGRAM = """
import pathlib, sys
from arena import settings
from arena.server import run
run.run(settings.load(pathlib.Path(sys.argv[1])), lambda url, services: print(url, flush=True))
"""
CONFIG = """
port = 0
data_dir = "{folder}/data"
[[models]]
name = "first"
endpoint = "http://127.0.0.1:9/v1"
served_name = "first"
[[models]]
name = "second"
endpoint = "http://127.0.0.1:9/v1"
served_name = "second"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One visit."""

    sizes: dict[str, int]
    """Bytes on the wire by path; 0 for what the browser kept."""

    @property
    def requests(self) -> int:
        """Requests that reached the network."""
        return sum(size > 0 for size in self.sizes.values())

    @property
    def total(self) -> int:
        return sum(self.sizes.values())

    @property
    def ours(self) -> int:
        return sum(size for path, size in self.sizes.items() if path.startswith(OURS))


def visit(context: sync_api.BrowserContext, url: str, path: str) -> Weight:
    """Open a page in a browser window of its own and count what comes."""
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    paths: dict[str, str] = {}
    sizes: dict[str, int] = {}
    kept: set[str] = set()

    def sent(event: dict[str, dict[str, str]]) -> None:
        paths[str(event["requestId"])] = event["request"]["url"].removeprefix(url)

    protocol.on("Network.requestWillBeSent", sent)
    protocol.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    protocol.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(url + path)
    page.wait_for_selector("#main h1", state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MILLISECONDS)
    page.close()
    counted: dict[str, int] = {}
    for number, path_asked in paths.items():
        if not path_asked.startswith("data:"):
            size = 0 if number in kept else sizes.get(number, 0)
            counted[path_asked] = counted.get(path_asked, 0) + size
    return Weight(sizes=counted)


@contextmanager
def arena() -> Iterator[str]:
    """The address of an arena in a process of its own, with models that are never asked."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "arena.toml"
        config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
        command = [sys.executable, "-c", PROGRAM, str(config)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().strip()
            finally:
                process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", action="store_true", help="every request of the first page, the heaviest first")
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no chromium on this machine; install it (Debian: apt-get install chromium).")
    with arena() as url, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        print(f"chromium {browser.version}, load {os.getloadavg()[0]:.1f}")
        print(f"{'page':<14}{'requests':>9}{'kB':>8}{'ours kB':>9}{'again kB':>10}")
        for path in PAGES:
            context = browser.new_context()
            first, again = visit(context, url, path), visit(context, url, path)
            context.close()
            kilobytes = [f"{size / 1000:.1f}" for size in (first.total, first.ours, again.total)]
            print(f"{path:<14}{first.requests:>9}{kilobytes[0]:>8}{kilobytes[1]:>9}{kilobytes[2]:>10}")
            if asked.each and path == PAGES[0]:
                for name, size in sorted(first.sizes.items(), key=lambda item: -item[1]):
                    print(f"  {size:>8,} {name}")
        browser.close()


if __name__ == "__main__":
    main()
