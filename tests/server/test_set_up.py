"""The first account, made by whoever holds the admin token, once."""

from pathlib import Path

from tests import arenas

GOOD = "four quiet herons wade"


def test_the_admin_token_makes_the_first_account_and_nothing_makes_a_second(tmp_path: Path) -> None:
    settings = arenas.settings_for(tmp_path / "data", "http://127.0.0.1:9/v1", ["echo", "say"])
    with arenas.running(settings, pages=False) as arena, arena.client() as client:
        client.headers["Origin"] = arena.url
        body = {"token": "arena_of_somebody", "email": "root@lab.example", "password": GOOD, "name": "Ada"}
        wrong = client.post("/api/v1/setup", json=body)
        assert wrong.status_code == 401
        assert "begins with arena_ and has 49 characters; yours has 17" in wrong.json()["detail"]
        right = body | {"token": f" {arena.admin_token}\n"}
        assert client.post("/api/v1/setup", json=right | {"password": "short"}).status_code == 422
        made = client.post("/api/v1/setup", json=right)
        assert (made.status_code, made.json()["role"]) == (201, "admin")
        assert client.post("/api/v1/setup", json=right | {"email": "two@lab.example"}).status_code == 409
    with arenas.running(settings, pages=False) as again, again.client(made.json()["token"]) as admin:
        assert admin.get("/api/v1/account").json()["email"] == "root@lab.example", "a session outlives a restart"
        assert admin.get("/api/v1/tokens").status_code == 200
