"""The names that programs outside rely on are all there: targets, commands, routes, formats, fields.

The pages of `docs/` that are generated from the program say what it has; `test_generated_pages` holds them to it.
"""

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

import leaderboards
from arena.exports import FORMATS

ROOT = Path(__file__).resolve().parents[1]
TARGETS = "demo test check bench test-vllm"
COMMANDS = {
    "demo": "--port --data-dir",
    "serve": "--config --data-dir",
    "check": "--config",
    "models list": "",
    "models fetch": "",
    "models up": "",
    "rank": "--method --ties --both-bad --interval --level --cluster --controls --by --anchor --format --out --plot "
    "--map --outcome --unvoted --audit --data-dir --workspace",
    "import battles": "--map --outcome --unvoted --data-dir --workspace",
    "export": "--format --select --out --license --data-dir --workspace",
    "backup": "--data-dir --workspace",
    "restore": "--data-dir --workspace",
    "verify": "--data-dir --workspace",
    "release verify": "--key",
    "release diff": "",
    "release prove": "",
    "release settle": "",
    "release key": "--data-dir --workspace",
    "erase": "--data-dir --workspace",
    "ledger export": "--data-dir --workspace",
    "ledger verify": "",
    "tokens create": "--role --data-dir --workspace",
    "tokens list": "--data-dir --workspace",
    "tokens revoke": "--data-dir --workspace",
}
ROUTES = {
    "POST /api/v1/raters": "rater_id token",
    "POST /api/v1/battles": "prompt continues campaign battle_id",
    "GET /api/v1/battles/latest": "state cause next leak model_a model_b",
    "GET /api/v1/battles/{battle_id}": "",
    "GET /api/v1/battles/{battle_id}/stream": "",
    "POST /api/v1/battles/{battle_id}/votes": "winner strength tags reason edit vote_id model_a model_b receipt",
    "POST /api/v1/battles/{battle_id}/stop": "",
    "GET /api/v1/leaderboards/{board}": "",
    "POST /api/v1/exports": "format select release_id",
    "GET /api/v1/exports/{release_id}": "",
    "GET /healthz": "",
    "GET /readyz": "",
    "GET /metrics": "",
}
FORMAT_NAMES = (
    "trl-dpo trl-reward trl-kto trl-tpo openrlhf llamafactory-alpaca llamafactory-sharegpt llamafactory-kto "
    "axolotl-chat axolotl-intel axolotl-kto verl nemo-rl torchtune helpsteer3 battles sft"
)
DOCUMENT = "schema method ties scale interval controls votes entries islands unbounded input_sha256 version"
ENTRY = "model rating se lower upper rank rank_best rank_worst votes wins losses ties both_bad"


def section(page: str, heading: str) -> str:
    """The text of a generated page under one heading; empty where there is none."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} `([^`]+)`$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(heading, "")


def lacking(words: str, text: str) -> set[str]:
    """Those of these words that stand in no cell of a table."""
    return {word for word in words.split() if f"| `{word}" not in text}


def test_make_has_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in TARGETS.split():
        assert re.search(rf"^[\w -]*\b{target}\b[\w -]*:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_its_options(command: str) -> None:
    text = section("commands.md", f"arena {command}")
    assert text, f"no command arena {command}"
    assert not lacking(COMMANDS[command], text)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_has_its_fields(route: str) -> None:
    text = section("routes.md", route)
    assert text, f"no route {route}"
    assert not lacking(ROUTES[route], text)


def test_a_name_that_is_nowhere_is_missed() -> None:
    assert not section("commands.md", "arena nothing")
    assert lacking("--config --nothing", section("commands.md", "arena serve")) == {"--nothing"}


def test_every_format_is_there() -> None:
    assert set(FORMAT_NAMES.split()) <= set(FORMATS)


def test_a_board_has_its_fields() -> None:
    votes = pa.table({"model_a": ["x", "y", "x"], "model_b": ["y", "x", "y"], "winner": ["model_a", "model_a", "tie"]})
    board = leaderboards.fit(
        leaderboards.read(votes),
        method="bradley-terry",
        ties="half",
        interval="sandwich",
        level=0.95,
        cluster=None,
        controls=(),
    )
    document = json.loads(board.to_json())
    assert set(DOCUMENT.split()) <= set(document)
    assert document["schema"] == "leaderboard/1"
    assert set(ENTRY.split()) <= set(document["entries"][0])
    assert set(document["scale"]) >= {"base", "factor", "mean", "anchor"}
    assert set(document["interval"]) >= {"kind", "level", "cluster"}
    for name in ENTRY.split()[:9]:
        assert hasattr(board.entries[0], name), name
    for method in ("to_json", "to_arrow", "to_markdown"):
        assert callable(getattr(board, method)), method
