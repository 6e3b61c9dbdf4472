"""`arena check` finds what is wrong with a configuration and says where."""

import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

MODEL = '[[models]]\nname = "{name}"\nendpoint = "{endpoint}"\nserved_name = "{served_name}"\n'


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with misbehaving.serve(listed=("echo", "lines")) as server:
        yield server.endpoint


class Page(http.server.BaseHTTPRequestHandler):
    """Answers everything with a web page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Welcome</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    """The address of a web server that serves no models."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def written(folder: Path, text: str) -> Path:
    path = folder / "arena.toml"
    path.write_text(text)
    return path


def model(name: str, endpoint: str, served_name: str = "echo") -> str:
    return MODEL.format(name=name, endpoint=endpoint, served_name=served_name)


def test_a_good_configuration_passes(arena: Command, tmp_path: Path, endpoint: str) -> None:
    done = arena("check", "--config", written(tmp_path, model("river", endpoint) + model("lantern", endpoint)))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" (")[0] for line in lines] == ["river: answers", "lantern: answers"]
    assert re.fullmatch(
        r"first text after \d\.\d s, [\d,]+ tokens/s, 8 tokens, ended with stop\)", lines[0].split(" (")[1]
    )


def test_what_one_real_answer_shows_is_told(arena: Command, tmp_path: Path) -> None:
    names = ("thinks-aloud", "thinks", "thinks-too-long", "wrong-model", "unauthorized", "say:Short.", "reasoning-only")
    with misbehaving.serve(listed=("say:Short.",)) as server:
        entries = "".join(
            model(f"m-{number}", server.endpoint, name)
            + {"thinks-aloud": "", "say:Short.": "[models.sampling]\nmax_tokens = 1900\n"}.get(name, "")
            for number, name in enumerate(names)
        )
        small = model("m-small", server.endpoint, "echo") + "[models.sampling]\nmax_tokens = 4096\n"
        done = arena("check", "--config", written(tmp_path, entries + small.replace('"echo"', '"say:Short."')))
    assert done.returncode == 1
    assert "3 of 8 models do not answer" in done.stderr
    told = dict(re.findall(r"^(m-\w+): (.*?)(?=^m-|\Z)", done.stdout, re.MULTILINE | re.DOTALL))
    assert "Its thoughts are inside the text, where raters read them: start vLLM with --reasoning-parser" in told["m-0"]
    assert "It thought first, for 12 tokens, which raters do not see." in told["m-1"]
    assert "The answer was cut off at the limit, thoughts included. Raise max_tokens." in told["m-2"]
    assert "The server signs as 'another-model' though 'wrong-model' was asked" in told["m-3"]
    assert "status 401: Incorrect API key: nothing" in told["m-4"]
    assert "The server's context of 2,048 tokens leaves 148 for the conversation" in told["m-5"]
    assert "thinking took 2 of the 1,024 tokens it was allowed. Raise max_tokens" in told["m-6"]
    assert "max_tokens is 4,096 and the server's context is 2,048, so that no conversation fits" in told["m-small"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1\n", ("arena.toml, line 1", "prot", "not a setting")),
        ("port = 1\n\n[deadlines]\nfirst_tokken = 3\n", ("line 4", "deadlines.first_tokken", "not a setting")),
        ("port = 99999\n", ("port", "99999")),
        ('port = "x"\n', ("port", "'x'")),
        ("port = \n", ("is not TOML", "line 1")),
        (model("same", "http://127.0.0.1:1/v1") * 2, ("model 2", "same", "model 1")),
        (model("Not A Slug", "http://127.0.0.1:1/v1"), ("models.1.name", "Not A Slug")),
        ('[[models]]\nname = "river"\n', ("models.1.served_name", "missing")),
        (
            model("one", "http://127.0.0.1:1/v1") + "extra_body = { temperature = 1, n = 2, guided = true }\n",
            ("models.1: extra_body holds n, temperature, which the arena sets itself",),
        ),
        (
            model("one", "http://127.0.0.1:1/v1") + "extra_body = { bias = nan }\n",
            ("models.1.extra_body", "which JSON cannot say"),
        ),
        (model("one", "http://127.0.0.1:1/v1") + "extra_body = { day = 2026-01-01 }\n", ("models.1.extra_body",)),
        (model("one", "http://127.0.0.1:1/v1") + 'plain_template = "dialogue"\n', ("models.1: plain_template is for",)),
        (
            model("one", "http://127.0.0.1:1/v1") + 'api = "completions"\nchat_template_kwargs = { x = 1 }\n',
            ("models.1: chat_template_kwargs and reasoning_effort are for",),
        ),
        (model("river", "ftp://x/v1"), ("models.1.endpoint", "ftp")),
        (model("river", "http://127.0.0.1:1/v1"), ("1 model configured", "needs two")),
    ],
)
def test_a_wrong_configuration_is_refused_where_it_is_wrong(
    arena: Command, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    refused(arena("check", "--config", written(tmp_path, text)), 2, "arena.toml", *words)


def test_a_file_that_is_not_there_is_refused(arena: Command) -> None:
    refused(arena("check", "--config", "nowhere.toml"), 2, "nowhere.toml")


def test_every_model_that_does_not_answer_is_named(arena: Command, tmp_path: Path, endpoint: str, page: str) -> None:
    """A dead endpoint, one that answers with a page, and a name the server does not serve."""
    text = (
        model("river", endpoint)
        + model("dead", "http://127.0.0.1:9/v1")
        + model("page", page)
        + model("misnamed", endpoint, "nobody")
    )
    done = arena("check", "--config", written(tmp_path, text))
    assert done.returncode == 1
    answers = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert answers["river"].startswith("answers (first text after")
    assert "127.0.0.1:9" in answers["dead"]
    assert "nobody" in answers["misnamed"]
    assert answers["page"] != "answers"
    assert "3 of 4 models do not answer" in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_says_which_process_answers_where_an_arena_runs(arena: Command, tmp_path: Path, endpoint: str) -> None:
    settings = arenas.settings_for(tmp_path / "data", endpoint, ("echo", "lines"))
    text = f'data_dir = "{settings.data_dir}"\n' + model("river", endpoint) + model("lantern", endpoint)
    with arenas.running(settings, pages=False) as running:
        done = arena("check", "--config", written(tmp_path, text))
    assert done.returncode == 0, done.stderr
    told = f"process {running.installation.process} answers at {running.url}, on {settings.data_dir}"
    assert told in done.stdout.splitlines()
