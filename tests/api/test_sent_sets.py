"""A lab sends its prompts, and answers to them, as files, without a shell on the arena's machine."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from arena.services import prompt_sets
from arena.services.jobs import StoppingError
from arena.services.open_workspace import OpenWorkspace
from arena.services.prompt_sets import SetImport
from tests import arenas
from tests.api.people import accept, browser, invited, program, refused
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
API = "/w/lab-far/api/v1"
BYTES = 4_000
"""The largest file of this arena, so that a test need send no more."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    data: Path = tmp_path_factory.mktemp("sent")
    with misbehaving.serve(listed=MODELS) as server, arenas.hurried():
        limits = {"body_bytes": 2_000, "upload_bytes": BYTES}
        with arenas.running(arenas.settings_for(data, server.endpoint, MODELS, limits=limits), pages=False) as running:
            yield running


@pytest.fixture(scope="module")
def lab(arena: arenas.Arena) -> Iterator[httpx.Client]:
    """Somebody of a lab that an operator hosts: an account in a workspace that is not the arena's own."""
    with arena.admin() as operator, browser(arena) as client, program(arena) as by:
        made = operator.post("/api/v1/workspaces", json={"name": "lab-far"}).raise_for_status().json()
        headers = {"Authorization": f"Bearer {Path(made['admin_token_file']).read_text().strip()}"}
        link = by.post(f"{API}/invitations", json={"role": "lab"}, headers=headers).raise_for_status().json()["token"]
        accept(client, link, "far@lab.example").raise_for_status()
        yield client


def lines(*rows: Any) -> bytes:
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows).encode()


def send(client: httpx.Client, name: str, file: str, content: bytes, **more: str) -> httpx.Response:
    parameters = {"file": file, **more}
    return client.post(f"{API}/prompt-sets/{name}/uploads", params=parameters, content=content)


def done(client: httpx.Client, name: str, sent: httpx.Response) -> dict[str, Any]:
    """What became of a file that was sent."""
    assert sent.status_code == 202, sent.text
    until = time.monotonic() + arenas.PATIENCE
    while time.monotonic() < until:
        told: dict[str, Any] = client.get(f"{API}/prompt-sets/{name}/imports/{sent.json()['import_id']}").json()
        if told["state"] != "reading":
            return told
        time.sleep(0.01)
    raise AssertionError("the import does not end")


def test_prompts_and_answers_that_were_sent_are_a_set_and_bad_lines_are_told_by_number(
    arena: arenas.Arena, lab: httpx.Client
) -> None:
    rows = lines(
        {"prompt_id": "p1", "prompt": "Why is the sky blue?", "language": "en"},
        "this is no JSON\n",
        {"prompt_id": "p2", "prompt": "Say hello.", "language": "en", "tags": ["greeting"]},
        {"prompt_id": "p3", "prompt": ""},
        {"prompt_id": "p4", "prompt": "Look.", "language": "en", "image": "../secret"},
    )
    told = done(lab, "far-set", send(lab, "far-set", "my prompts.jsonl", rows))
    assert (told["state"], told["entered"], told["here"], told["outside"]) == ("done", 2, 0, 3)
    assert [one.partition(":")[0] for one in told["told"]] == [f"row {n} of my prompts.jsonl" for n in (2, 4, 5)]
    assert "is no file beside my prompts.jsonl" in told["told"][2]
    again = done(lab, "far-set", send(lab, "far-set", "my prompts.jsonl", rows))
    assert (again["entered"], again["here"]) == (0, 2), "sent again, nothing is twice"
    other = lines({"prompt_id": "p9", "prompt": "New."}, {"prompt_id": "p1", "prompt": "Otherwise.", "language": "en"})
    changed = done(lab, "far-set", send(lab, "far-set", "other.jsonl", other))
    assert (changed["state"], changed["refused"], changed["entered"]) == ("failed", True, 0)
    assert "'p1'" in changed["problem"]
    answers = b"prompt_id,model,text\np1,first,Rayleigh.\np1,second,Paint.\np7,first,Nothing.\n"
    entered = done(lab, "far-set", send(lab, "far-set", "answers.csv", answers, kind="responses"))
    assert (entered["entered"], entered["outside"]) == (2, 1)
    assert entered["told"] == ["row 3 of answers.csv: set far-set has no prompt 'p7'."]
    (listed,) = lab.get(f"{API}/prompt-sets").json()["sets"]
    assert (listed["prompts"], listed["answers"]) == (2, {"first": 1, "second": 1})
    with arena.admin() as operator:
        assert operator.get("/api/v1/prompt-sets").json()["sets"] == [], "no other workspace has any of it"
    assert not list(arena.installation.settings.data_dir.rglob(f"{prompt_sets.ASIDE}*")), "nothing is left of the files"


def test_a_file_may_be_larger_than_another_body_and_not_larger_than_a_file(lab: httpx.Client) -> None:
    row = lines({"prompt": "x" * 2_500, "language": "en"})
    assert done(lab, "far-large", send(lab, "far-large", "large.jsonl", row))["entered"] == 1
    refused(send(lab, "far-large", "larger.jsonl", row + b" " * BYTES), 413)
    refused(lab.post(f"{API}/campaigns", json={"name": "x" * 2_500}), 413)


@pytest.mark.parametrize(
    "file", ["", "prompts", "p.parquet", "p.jsonl.gz", "p.jsonl.zst", "../p.jsonl", "a/p.jsonl", "p\n.jsonl", ".", ".."]
)
def test_what_cannot_be_sent_is_refused(lab: httpx.Client, file: str) -> None:
    refused(send(lab, "far-odd", file, b"{}"), 422)


def test_only_who_may_change_sets_sends_one(arena: arenas.Arena, lab: httpx.Client) -> None:
    with arena.rater() as rater, arena.admin() as admin, browser(arena) as reviewer:
        accept(reviewer, invited(admin, "reviewer"), "reviewer@lab.example").raise_for_status()
        for client, status in ((rater, 403), (reviewer, 403), (admin, 202)):
            sent = client.post("/api/v1/prompt-sets/near/uploads?file=p.jsonl", content=lines({"prompt": "Hello."}))
            assert sent.status_code == status, sent.text
    refused(send(lab, "no set", "p.jsonl", b"{}"), 422)


def test_no_more_than_a_few_wait(lab: httpx.Client) -> None:
    with mock.patch.object(prompt_sets, "MOST_WAITING", 0):
        refused(send(lab, "far-busy", "p.jsonl", lines({"prompt": "Hello."})), 409)
    assert done(lab, "far-busy", send(lab, "far-busy", "p.jsonl", lines({"prompt": "Hello."})))["entered"] == 1


def test_no_more_than_a_few_start_of_many_that_are_sent_at_once(arena: arenas.Arena, lab: httpx.Client) -> None:
    """Each is a while in the audit trail, so that all of them are looked at before the first is there."""
    over, note = threading.Event(), OpenWorkspace.note

    def slow(*given: Any) -> None:
        time.sleep(0.1)
        note(*given)

    def held(*_: Any) -> None:
        over.wait(arenas.PATIENCE)

    content = lines({"prompt": "Hello."}, " " * 1_000)
    with (
        mock.patch.object(prompt_sets, "import_once", held),
        mock.patch.object(OpenWorkspace, "note", slow),
        ThreadPoolExecutor(30) as many,
    ):
        sent = list(many.map(lambda _: send(lab, "far-many", "p.jsonl", content), range(30)))
        said = Counter(one.status_code for one in sent)
        kept = list(arena.installation.settings.data_dir.rglob(f"{prompt_sets.ASIDE}*/p.jsonl"))
        sizes = [one.stat().st_size for one in kept]
        over.set()
        for one in sent:
            if one.status_code == 202:
                done(lab, "far-many", one)
    assert said[202] == prompt_sets.MOST_WAITING, said
    assert said.keys() <= {202, 409, 429}, said
    assert sizes == [len(content)] * prompt_sets.MOST_WAITING, "each lies on the disk until its turn is over"
    assert not list(arena.installation.settings.data_dir.rglob(f"{prompt_sets.ASIDE}*"))


def test_of_a_file_that_stops_halfway_nothing_is_left(arena: arenas.Arena, lab: httpx.Client) -> None:
    def half() -> Iterator[bytes]:
        yield b" " * 100
        raise ConnectionError("the sender went away")

    for _ in range(prompt_sets.MOST_WAITING + 1):
        with pytest.raises(ConnectionError):
            lab.post(f"{API}/prompt-sets/far-half/uploads", params={"file": "p.jsonl"}, content=half())
    until = time.monotonic() + arenas.PATIENCE
    while list(arena.installation.settings.data_dir.rglob(f"{prompt_sets.ASIDE}*")):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert done(lab, "far-half", send(lab, "far-half", "p.jsonl", lines({"prompt": "Hello."})))["entered"] == 1


@pytest.mark.parametrize(("looks", "entered"), [(0, 0), (2, 2), (3, 4)])
def test_prompts_enter_a_page_at_a_time_and_an_import_that_was_stopped_goes_on(
    lab: httpx.Client, looks: int, entered: int
) -> None:
    """It looks whether it is to stop twice while these five rows are read, and after each page of two."""
    name, left = f"far-stopped-{looks}", iter(range(looks))
    rows = lines(*[{"prompt_id": f"p{9 - number}", "prompt": f"Say {number}."} for number in range(5)])

    def stop(_: SetImport) -> None:
        if next(left, None) is None:
            raise StoppingError("It was stopped.")

    with mock.patch.object(prompt_sets, "PAGE", 2):
        with mock.patch.object(SetImport, "breathe", stop):
            told = done(lab, name, send(lab, name, "p.jsonl", rows))
        assert (told["state"], told["refused"], told["entered"]) == ("failed", False, entered)
        assert told["problem"] == "It was stopped. Send or import the same file again; nothing enters twice."
        again = done(lab, name, send(lab, name, "p.jsonl", rows))
    assert (again["state"], again["entered"], again["here"]) == ("done", 5 - entered, entered)
    listed = lab.get(f"{API}/prompt-sets/{name}/prompts").json()["prompts"]
    assert [one["prompt_id"] for one in listed] == ["p9", "p8", "p7", "p6", "p5"], "in the order of the file"


def test_nothing_enters_of_a_file_whose_last_page_says_something_else(lab: httpx.Client) -> None:
    first = {"prompt_id": "p1", "prompt": "Hello.", "language": "en"}
    done(lab, "far-last", send(lab, "far-last", "p.jsonl", lines(first)))
    rows = lines(*[{"prompt_id": f"q{number}", "prompt": "Hello."} for number in range(5)], {**first, "prompt": "No."})
    with mock.patch.object(prompt_sets, "PAGE", 2):
        told = done(lab, "far-last", send(lab, "far-last", "p.jsonl", rows))
    assert (told["state"], told["refused"], told["entered"]) == ("failed", True, 0)
    assert told["problem"].startswith("row 6 of p.jsonl: prompt 'p1' is in set far-last with another content")
    (listed,) = [one for one in lab.get(f"{API}/prompt-sets").json()["sets"] if one["name"] == "far-last"]
    assert listed["prompts"] == 1


@pytest.mark.parametrize("kind", ["prompts", "responses"])
def test_a_file_of_too_many_rows_is_refused_whole(lab: httpx.Client, kind: str) -> None:
    name = f"far-many-{kind}"
    done(lab, name, send(lab, name, "p.jsonl", lines({"prompt_id": "p1", "prompt": "Hello."})))
    rows = [{"prompt_id": "p1", "prompt": "Hello."} if kind == "prompts" else {"prompt_id": "p1", "text": "Hi."}] * 4
    with mock.patch.object(prompt_sets, "SENT_ROWS", 3):
        told = done(lab, name, send(lab, name, "p.jsonl", lines(*rows), kind=kind, model="first"))
        assert (told["state"], told["refused"], told["entered"]) == ("failed", True, 0)
        assert told["problem"] == (
            "p.jsonl has more than 3 rows, so nothing was entered; send it as several files, one after another, for "
            "the same set."
        )
        assert done(lab, name, send(lab, name, "p.jsonl", lines(*rows[:3]), kind=kind, model="first"))["here"] >= 2


@pytest.mark.parametrize(
    ("file", "content"),
    [("p.csv", b"prompt\nHello.\n\xff\xfa\n"), ("p.csv", b""), ("p.json", b"[1, 2"), ("p.tsv", b"a\ta\n1\t2\n")],
)
def test_what_is_told_of_a_sent_file_has_its_name_and_nothing_of_the_machine(
    arena: arenas.Arena, lab: httpx.Client, file: str, content: bytes
) -> None:
    told = done(lab, "far-odd", send(lab, "far-odd", file, content))
    assert (told["state"], told["refused"]) == ("failed", True)
    assert told["problem"].startswith(f"{file} cannot be read after row "), told
    assert prompt_sets.ASIDE not in json.dumps(told)
    assert str(arena.installation.settings.data_dir) not in json.dumps(told)
    assert prompt_sets.WHAT_THEN not in told["problem"], "the same file again would be refused again"
