"""A real browser, a real arena, and a model server of our own that answers as the name of a model says."""

import json
import shutil
import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from unittest import mock

import pytest
from playwright import sync_api

from tests import arenas
from tests.browser import demo as demonstration
from tests.browser.contexts import Contexts
from tests.browser.driver import EVERY_LOOK, BattlePage
from tests.browser.served import Served
from tests.inference import misbehaving

WITHOUT = (
    "WebUIOmniboxPopup",  # the address bar's list: two pages of its own for every page that opens, half of the time
    "WebUIOmniboxAimPopup",
    "AimEnabled",  # from here on what Playwright turns off itself: only the last such argument counts
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "SpareRendererForSitePerProcess",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # pages of a context share a process, and so what it has compiled (contexts.py)
    f"--disable-features={','.join(WITHOUT)}",
)

PROSE = """The average divides the month's total by the number of sales, which is 0.

Type `=IF(C4=0, "", B4/C4)`."""

LISTED = """## Why you see #DIV/0!

- **Quick fix:** `=IFERROR(B4/C4, 0)`

| Cell | Holds |
|---|---:|
| B4 | 1200 |"""

SERVED = (f"say:{PROSE}-5ms", f"say:{LISTED}-5ms")
NAMES = ("canary-heron-14b", "canary-whimbrel-8b")
"""Names of the two models: they must not be anywhere before a vote."""

Opened = Callable[..., BattlePage]


def models(endpoint: str, served: Sequence[str] = SERVED) -> list[dict[str, str]]:
    """The two models of these tests."""
    return [{"name": name, "endpoint": endpoint, "served_name": what} for name, what in zip(NAMES, served, strict=True)]


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there is taken. The headless shell is Chromium without windows, tabs and bars of its own: opening a
page takes it three fifths of the CPU."""


def chromium() -> str | None:
    """Where the browser is."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[sync_api.Browser]:
    """Chromium, as Debian packages it."""
    executable = chromium()
    if executable is None:
        pytest.skip(
            f"no chromium on this machine; install it (Debian: apt-get install {BROWSERS[0]}) to test the pages"
        )
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="package", autouse=True)
def _looks(pytestconfig: pytest.Config) -> Iterator[None]:
    """What was asked for on the command line."""
    looks = EVERY_LOOK if pytestconfig.getoption("--every-look") else BattlePage.looks
    pictures = pytestconfig.getoption("--pictures")
    with mock.patch.multiple(BattlePage, looks=looks, pictures=pictures):
        yield


@pytest.fixture(scope="package")
def model_server() -> Iterator[misbehaving.Server]:
    """The model server of our own."""
    with misbehaving.serve() as server:
        yield server


@pytest.fixture(scope="package")
def arena(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with two models that answer."""
    data_dir: Path = tmp_path_factory.mktemp("arena")
    settings = arenas.settings_for(data_dir, model_server.endpoint, (), models=models(model_server.endpoint))
    with arenas.running(settings) as running:
        yield running


@pytest.fixture(scope="package")
def contexts(browser: sync_api.Browser) -> Contexts:
    """Those of the browser that tests use one after the other."""
    return Contexts(browser)


PAGES = pytest.StashKey[list[BattlePage]]()
"""The pages a test opened."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails says what its pages were doing."""
    report = yield
    if call.when == "call" and report.failed:
        for page in item.stash.get(PAGES, []):
            try:
                doing = page.doing()
            except sync_api.Error as error:
                doing = f"{page.url}: {error}"
            report.sections.append(("a page of this test", doing))
    return report


@pytest.fixture
def opened(contexts: Contexts, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Opens the battle page of an arena in a browser of its own, as a new rater; checks afterwards that every request
    stayed with the arena and that no script failed. With an empty path the rater is known and no page is open yet."""
    pages = request.node.stash[PAGES] = []

    def open_page(url: str, width: int = 1440, height: int = 900, path: str = "/", **context: object) -> BattlePage:
        page = BattlePage(url, contexts.take(**context))
        page.page.set_viewport_size({"width": width, "height": height})
        pages.append(page)
        if path:
            page.visit(path)
        else:
            page.known()
        return page

    yield open_page
    for page in pages:
        contexts.give_back(page.context, page.url)
    for page in pages:
        assert page.outside == []
        assert page.failures == []


@pytest.fixture
def served(model_server: misbehaving.Server, tmp_path: Path) -> Iterator[Served]:
    """An arena in a process of its own, not started yet."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = [f"port = {port}", f"data_dir = {json.dumps(str(tmp_path / 'data'))}"]
    slowly = [what.replace("-5ms", "-60ms") for what in SERVED]  # a kill comes before their end
    for model in models(model_server.endpoint, slowly):
        lines += ["[[models]]", *(f"{key} = {json.dumps(value)}" for key, value in model.items())]
    config = tmp_path / "arena.toml"
    config.write_text("\n".join(lines), encoding="utf-8")
    arena = Served(config=config, data_dir=tmp_path / "data", port=port)
    yield arena
    arena.kill()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """The address of a running `arena demo`, with its real models."""
    with demonstration.running(tmp_path) as url:
        yield url
