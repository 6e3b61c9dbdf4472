"""Makes the data folder of tests/old: what the program of an earlier commit wrote, and what it said of it.

Run it with the program of that commit, not with today's:

    git worktree add /tmp/then 6d1c148
    cd /tmp/then && PYTHONPATH=. python CHECKOUT/tests/old/make_workspace.py /tmp/workspace-6d1c148.tar.xz

The archive holds `data/`, the whole data folder after a clean stop, and `told.json`, what the program answered before
it stopped: every contribution with its receipt, proofs, the board, what a release holds.
"""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import httpx

from tests import arenas
from tests.api.test_exports import export
from tests.inference import misbehaving

MODELS = ("echo", "say:No.", "say:Rivers bend.", "lines")
PROMPTS = (
    "Why is the sky blue?",
    "Schreib ein Gedicht über Regen.",
    "Write a function that reverses a list.",
    "¿Qué es un río?",
    "My e-mail is anna@example.org: what does it tell you?",
)
WINNERS = ("model_a", "model_b", "tie", "both_bad")
FORMATS = ("battles", "trl-dpo", "trl-kto", "helpsteer3")


def main(target: Path) -> None:
    """Play an arena's life, note what it says, and pack its folder."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as scratch, misbehaving.serve(listed=MODELS) as server:
        data = Path(scratch) / "data"
        settings = arenas.settings_for(data, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings) as arena:
            told = {"commit": commit, **lived(arena, Path(scratch))}
        with tarfile.open(target, "w:xz", preset=9) as archive:
            archive.add(data, "data")
            content = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
            entry = tarfile.TarInfo("told.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    print(f"{target}: {target.stat().st_size} bytes, {len(told['raters'])} raters, {told['board']['votes']} votes")


def lived(arena: arenas.Arena, scratch: Path) -> dict[str, Any]:
    """Battles, votes, an import, releases, removals and settlements, and all that is told of them at the end."""
    raters = [rater(arena) for _ in range(6)]
    for number, (_, client) in enumerate(raters):
        for turn in range(5):
            prompt = PROMPTS[(number + turn) % len(PROMPTS)]
            battle_id = arenas.battle(client, prompt)
            winner = WINNERS[(number + turn) % 4]
            more: dict[str, Any] = {}
            if turn == 0 and winner.startswith("model"):
                more = {"strength": "clearly", "tags": ["correct", "clear"]}
            if turn == 1 and winner.startswith("model"):
                more = {"reason": f"the better of two, says rater {number}", "edit": "An edited answer.\nSecond line."}
            voted = arenas.vote(client, battle_id, winner, **more)
            assert voted.status_code == 201, voted.text
            if turn == 2 and winner.startswith("model"):
                follow = arenas.battle(client, "And why?", continues=battle_id)
                arenas.vote(client, follow, "model_a").raise_for_status()
    arenas.battle(raters[0][1], "Nobody votes on this one.")
    raters[1][1].put("/api/v1/me/consent", json={"scope": "private"}).raise_for_status()
    with arena.admin() as admin:
        imported(arena, admin, scratch)
        release = export(admin, format="battles")
        first, manifest = release["release_id"], release["manifest_sha256"]
        settled = admin.post("/api/v1/settlements", json={"release": manifest, "amount": 10_000, "unit": "EUR"})
        assert settled.status_code == 201, settled.text
        raters[2][1].post("/api/v1/me/withdrawal").raise_for_status()
        raters[3][1].request("DELETE", "/api/v1/me").raise_for_status()
        releases = {name: told_of(arena, admin, name) for name in FORMATS}
        proven = (first, releases["trl-dpo"]["release_id"])
        return {
            "admin_token": arena.admin_token,
            "key": admin.get("/api/v1/exports/key").json(),
            "settled": settled.json(),
            "releases": releases,
            "first": first,
            "removed": {"withdrawn": 2, "erased": 3},
            "raters": [told_by(client, token, proven) for token, client in raters],
            "board": admin.get("/api/v1/leaderboards/overall").raise_for_status().json(),
            "votes": sha256(admin.get("/api/v1/votes").raise_for_status().content),
            "verification": admin.get("/api/v1/verification").json(),
            "ledger": admin.get("/api/v1/ledger").raise_for_status().text,
        }


def rater(arena: arenas.Arena) -> tuple[str, httpx.Client]:
    """A new rater's token, and the program that holds it."""
    with arena.client() as anonymous:
        token: str = anonymous.post("/api/v1/raters").raise_for_status().json()["token"]
    return token, arena.client(token)


def imported(arena: arenas.Arena, admin: httpx.Client, scratch: Path) -> None:
    """Votes that were cast elsewhere, by the command line while the arena runs."""
    file = scratch / "elsewhere.jsonl"
    said = [{"role": "user", "content": "What is 2 + 2?"}]
    rows = [
        {
            "question_id": f"q{number}",
            "model_a": "old-one",
            "model_b": "old-two",
            "winner": WINNERS[number % 3],
            "judge": f"judge-{number % 2}",
            "conversation_a": [*said, {"role": "assistant", "content": f"4, says one {number}"}],
            "conversation_b": [*said, {"role": "assistant", "content": f"four, says two {number}"}],
            "tstamp": 1_700_000_000 + number,
        }
        for number in range(8)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, "-m", "arena", "import", "battles", str(file), "--from", "lmarena", "--source", "old"]
    command[1:3] = ["-c", "import arena.cli; arena.cli.main()"]
    subprocess.run([*command, "--data-dir", str(arena.services.settings.data_dir)], check=True)


def told_of(arena: arenas.Arena, admin: httpx.Client, format_name: str) -> dict[str, Any]:
    """A release of a format, and the hash of each file of rows."""
    status = export(admin, format=format_name)
    folder = arena.services.settings.data_dir / "releases" / status["release_id"]
    rows = {
        str(path.relative_to(folder)): sha256(path.read_bytes())
        for path in sorted(folder.rglob("*.jsonl"))
        if "data" in path.parts
    }
    assert rows, sorted(map(str, folder.rglob("*")))
    return {"release_id": status["release_id"], "rows": rows, "counts": status["manifest"]["counts"]}


def told_by(client: httpx.Client, token: str, releases: tuple[str, ...]) -> dict[str, Any]:
    """What a rater is told of their own votes; nothing where they were erased."""
    answer = client.get("/api/v1/me/contributions")
    if answer.status_code == 401:
        return {"token": token, "contributions": None, "proofs": []}
    own = answer.raise_for_status().json()
    paths = [f"/api/v1/exports/{one}/proofs/{vote['vote_id']}" for one in releases for vote in own["votes"]]
    found = [(path, client.get(path)) for path in paths]
    proofs = [{"path": path, "told": proof.json()} for path, proof in found if proof.status_code == 200]
    return {"token": token, "contributions": own, "proofs": proofs}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
