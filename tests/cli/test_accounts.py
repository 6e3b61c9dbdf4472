"""`arena accounts` and `arena workspaces`: on the files, and through the arena that runs."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import arenas
from tests.cli.conftest import Command, refused

GOOD = "four quiet herons wade"
OTHER = "seven loud kettles rust"
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    with arenas.running(arenas.settings_for(tmp_path_factory.mktemp("arena"), NOWHERE, ()), pages=False) as found:
        yield found


def browser(running: arenas.Arena) -> httpx.Client:
    """A client that keeps cookies and acts from the arena's own page."""
    return httpx.Client(base_url=running.url, headers={"Origin": running.url}, timeout=30)


def token_of(link: str, before: str) -> str:
    """The token at the end of a printed link, which is all that was printed."""
    address, found, token = link.strip().partition(before)
    assert (address.startswith("http://127.0.0.1:"), bool(found)) == (True, True), link
    assert "\n" not in token
    return token


def accept(client: httpx.Client, token: str, email: str) -> httpx.Response:
    return client.post(f"/api/v1/invitations/{token}/accept", json={"email": email, "password": GOOD})


def sign_in(client: httpx.Client, email: str, password: str) -> int:
    return client.post("/api/v1/sessions", json={"email": email, "password": password}).status_code


@pytest.mark.slow
def test_people_are_invited_listed_given_a_new_password_and_disabled(arena: Command, running: arenas.Arena) -> None:
    data = ("--data-dir", running.installation.settings.data_dir)
    invited = arena("accounts", "invite", "--role", "lab", "--uses", "2", *data)
    assert invited.returncode == 0, invited.stderr
    token = token_of(invited.stdout, "/invite/invite_")
    with browser(running) as client:
        assert accept(client, f"invite_{token}", "ada@lab.example").json()["role"] == "lab"
        listed = arena("accounts", "list", *data).stdout.strip().split("\t")
        assert (listed[0], listed[1], listed[3]) == ("ada@lab.example", "lab", "valid")
        assert arena("accounts", "role", "ada@lab.example", "reader", "--reason", "Done.", *data).returncode == 0
        assert client.get("/api/v1/me").json()["role"] == "reader", "at once"
        refused(arena("accounts", "role", "ada@lab.example", "king", *data), 2, "accepted: rater, reader")
        reset = arena("accounts", "reset", "ada@lab.example", *data)
        link = token_of(reset.stdout, "/signin?link=")
        assert client.post(f"/api/v1/password-links/{link}", json={"password": OTHER}).status_code == 201
        assert [sign_in(client, "ada@lab.example", word) for word in (GOOD, OTHER)] == [401, 201]
        assert arena("accounts", "disable", "ada@lab.example", *data).returncode == 0
        assert sign_in(client, "ada@lab.example", OTHER) == 401
    assert arena("accounts", "list", *data).stdout.endswith("\tdisabled\n")
    refused(arena("accounts", "disable", "nobody@lab.example", *data), 2, "nobody@lab.example")
    refused(arena("accounts", "reset", "nobody@lab.example", *data), 2, "nobody@lab.example")
    refused(arena("accounts", "invite", "--role", "king", *data), 2, "king")
    refused(arena("accounts", "invite", "--role", "rater", "--workspace", "lab-x", *data), 2, "no workspace lab-x")


def test_workspaces_are_made_listed_and_removed_while_the_arena_runs(arena: Command, running: arenas.Arena) -> None:
    data = ("--data-dir", running.installation.settings.data_dir)
    made = arena("workspaces", "create", "lab-b", *data)
    assert made.returncode == 0, made.stderr
    token = Path(made.stdout.strip()).read_text().strip()
    refused(arena("workspaces", "create", "lab-b", *data), 1, "lab-b already")
    assert [line.split("\t")[0] for line in arena("workspaces", "list", *data).stdout.splitlines()] == [
        "default",
        "lab-b",
    ]
    link = token_of(arena("accounts", "invite", "--role", "rater", "--workspace", "lab-b", *data).stdout, "/invite/")
    with browser(running) as client, running.client(token) as admin:
        assert accept(client, link, "eve@lab-b.example").json()["workspace"] == "lab-b"
        assert admin.get("/w/lab-b/api/v1/workspace").json()["anonymous"] is False
        refused(arena("workspaces", "remove", "lab-b", *data), 2, "--yes")
        assert admin.get("/w/lab-b/api/v1/workspace").status_code == 200
        assert arena("workspaces", "remove", "lab-b", "--yes", *data).returncode == 0
        assert admin.get("/w/lab-b/api/v1/workspace").status_code == 401
    assert not Path(made.stdout.strip()).exists()
    again = arena("workspaces", "create", "lab-b", "--anonymous", *data)
    with running.client(Path(again.stdout.strip()).read_text().strip()) as admin:
        assert admin.get("/w/lab-b/api/v1/workspace").json()["anonymous"] is True
        assert admin.get("/w/lab-b/api/v1/accounts").json()["accounts"] == []
        told = [one["did"] for one in admin.get("/w/lab-b/api/v1/audit-log").json()["entries"]]
        assert told == ["made workspace"], "whoever had the name before is not told of"
        assert len(admin.get("/w/lab-b/api/v1/tokens").json()["tokens"]) == 1
    assert arena("workspaces", "remove", "lab-b", "--yes", *data).returncode == 0


def test_a_workspace_leaves_and_is_taken_in_with_the_arena_running_and_without(
    arena: Command, running: arenas.Arena, tmp_path: Path
) -> None:
    data, elsewhere = ("--data-dir", running.installation.settings.data_dir), ("--data-dir", tmp_path / "elsewhere")
    assert arena("workspaces", "create", "lab-c", *data).returncode == 0
    left = arena("workspaces", "export", "lab-c", "left", *data)
    assert (left.returncode, left.stdout) == (0, f"{tmp_path / 'left'}\n"), left.stderr
    assert "the key that signs its releases" in left.stderr
    refused(arena("workspaces", "export", "lab-c", "left", *data), 2, "exists already")
    refused(arena("workspaces", "export", "lab-x", "x", *data), 2, "no workspace lab-x")
    refused(arena("workspaces", "import", "left", *data), 1, "lab-c already")
    back = arena("workspaces", "import", "left", "--as", "lab-d", *data)
    assert back.returncode == 0, back.stderr
    with running.client(Path(back.stdout.strip()).read_text().strip()) as admin:
        assert admin.get("/w/lab-d/api/v1/verification").json() == {"lines": 0, "problems": []}
    for name in ("lab-c", "lab-d"):
        assert arena("workspaces", "remove", name, "--yes", *data).returncode == 0
    taken = arena("workspaces", "import", "left", "--as", "lab-e", *elsewhere)
    assert (taken.returncode, taken.stdout) == (0, f"{tmp_path / 'elsewhere/admin-token-lab-e'}\n"), taken.stderr
    assert arena("verify", "--workspace", "lab-e", *elsewhere).stdout.startswith("ledger of 0 lines")
    again = arena("workspaces", "export", "lab-e", "again", *elsewhere)
    assert again.returncode == 0, again.stderr
    refused(arena("workspaces", "import", "data", *elsewhere), 2, "is no workspace")
    (tmp_path / "again" / "names").write_text("changed")
    refused(arena("workspaces", "import", "again", "--as", "lab-f", *elsewhere), 1, "is not what workspace.sha256 says")


@pytest.mark.slow
def test_all_of_it_on_the_files_when_no_arena_runs(arena: Command, tmp_path: Path) -> None:
    first = token_of(arena("accounts", "invite", "--role", "admin").stdout, "/invite/")
    written = Path(arena("workspaces", "create", "lab-b").stdout.strip())
    assert written.parent == tmp_path / "data"
    refused(arena("workspaces", "create", "lab-b"), 1, "lab-b already")
    refused(arena("accounts", "invite", "--role", "rater", "--workspace", "lab-x"), 2, "no workspace lab-x")
    second = token_of(arena("accounts", "invite", "--role", "reader", "--workspace", "lab-b").stdout, "/invite/")
    with (
        arenas.running(arenas.settings_for(tmp_path / "data", NOWHERE, ()), pages=False) as running,
        browser(running) as client,
    ):
        assert accept(client, first, "root@lab.example").json()["role"] == "admin"
        assert accept(client, second, "root@lab.example").json()["workspace"] == "lab-b"
        assert sign_in(client, "root@lab.example", GOOD) == 201
    listed = [arena("accounts", "list", "--workspace", name).stdout.split("\t")[1] for name in ("default", "lab-b")]
    assert listed == ["admin", "reader"]
    link = token_of(arena("accounts", "reset", "root@lab.example").stdout, "/signin?link=")
    assert link.startswith("link_")
    assert arena("accounts", "disable", "root@lab.example").returncode == 0
    assert arena("accounts", "list").stdout.endswith("\tdisabled\n")
    assert "lab-b\t" in arena("workspaces", "list").stdout
    refused(arena("workspaces", "remove", "lab-b"), 2, "--yes")
    refused(arena("workspaces", "remove", "default", "--yes"), 2, "default workspace cannot be removed")
    assert arena("workspaces", "remove", "lab-b", "--yes").returncode == 0
    assert "lab-b" not in arena("workspaces", "list").stdout
    assert not written.exists()
    refused(arena("workspaces", "remove", "lab-b", "--yes"), 2, "no workspace lab-b")
