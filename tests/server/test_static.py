"""Files and documents on the wire: compressed as asked, kept as long as their name holds, with a head of ours."""

from collections.abc import Iterator

import httpx
import pytest

from arena.server.static import chosen
from arena.ui import assets, document
from tests import arenas
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
PUBLIC = "https://arena.example.org/"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """A running arena with a public address."""
    with misbehaving.serve(listed=MODELS) as server:
        folder = tmp_path_factory.mktemp("static")
        with arenas.running(arenas.settings_for(folder, server.endpoint, MODELS, public_url=PUBLIC)) as running:
            yield running


@pytest.fixture
def client(arena: arenas.Arena) -> Iterator[httpx.Client]:
    with arena.client() as made:
        yield made


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("identity", None),
        ("", None),
        ("br;q=nonsense", None),
    ],
)
def test_the_coding_is_the_one_that_is_asked_for(accepted: str, coding: str | None) -> None:
    assert chosen(accepted) == coding


@pytest.mark.parametrize("coding", ["br", "gzip", None])
def test_a_file_is_the_same_in_every_coding_and_kept_for_a_year(client: httpx.Client, coding: str | None) -> None:
    address = assets.address("vendor/markdown-it/markdown-it.esm.min.mjs")
    answer = client.get(address, headers={"Accept-Encoding": coding or "identity"})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == assets.catalogue()["vendor/markdown-it/markdown-it.esm.min.mjs"].content
    head = client.head(address, headers={"Accept-Encoding": coding or "identity"})
    assert (head.headers["content-length"], head.content) == (answer.headers["content-length"], b"")


def test_a_plain_name_is_asked_about_each_time_and_not_sent_twice(client: httpx.Client) -> None:
    first = client.get("/static/battle.js")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/static/battle.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_cannot_shrink_is_sent_as_it_is(client: httpx.Client) -> None:
    answer = client.get(assets.address("favicon.png"), headers={"Accept-Encoding": "br"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/static/absent.js"), ("POST", "/static/battle.js"), ("GET", "/static/battle.0000000000.js"),
     ("GET", "/static/../app.py"), ("GET", "/static/%2e%2e/app.py")],
)  # fmt: skip
def test_nothing_else_is_served(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code in (403, 404)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", list(document.PREVIEWS))
def test_a_link_s_preview_is_ours_and_nothing_in_the_document_names_another_house(
    client: httpx.Client, path: str
) -> None:
    page = client.get(path, headers={"Accept": "text/html", "Accept-Encoding": "br"})
    assert page.headers["content-encoding"] == "br"
    assert page.headers["vary"] == "Accept-Encoding"
    assert f'<meta property="og:description" content="{document.PREVIEWS[path]}">' in page.text
    assert f'<meta property="og:url" content="{PUBLIC.rstrip("/")}{path}">' in page.text
    assert page.text.count('property="og:title"') == 1
    for foreign in ("Click to try out the app!", "@Gradio", "githubusercontent", 'gradio.app/"', "manifest.json"):
        assert foreign not in page.text, foreign
    image = f"{PUBLIC.rstrip('/')}{assets.address('preview.png')}"
    assert f'<meta property="og:image" content="{image}">' in page.text
    assert client.get(assets.address("preview.png")).headers["content-type"] == "image/png"
    assert document.WITHOUT_SCRIPTS in page.text


def test_a_document_names_every_script_of_its_page_in_its_head(client: httpx.Client) -> None:
    head = client.get("/", headers={"Accept": "text/html"}).text.split("<base")[0]
    for name in ("frame.js", "battle.js", "battle/view.js", "battle/state.js"):
        assert f'<link rel="modulepreload" href="{assets.address(name)}">' in head
    assert assets.address("battle/markdown.js") not in head  # fetched when a prompt is written


def test_a_person_at_a_wrong_address_gets_a_page_and_a_program_a_problem(client: httpx.Client) -> None:
    page = client.get("/bord", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is no such page." in page.text
    assert "There is nothing at /bord." in page.text
    assert 'href="/leaderboard"' in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert client.get("/bord").headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/bord", headers={"Accept": "text/html"}).headers["content-type"].endswith("problem+json")


def test_an_address_cannot_write_into_the_page_about_it(client: httpx.Client) -> None:
    page = client.get("/<script>alert(1)</script>", headers={"Accept": "text/html"})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
