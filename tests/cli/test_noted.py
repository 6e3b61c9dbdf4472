"""What commands change while no arena runs is in the audit log as if one ran."""

import json
from pathlib import Path

from arena.services import paths
from arena.store.instance import Instance
from tests.cli.conftest import Command
from tests.cli.test_campaign_settling import alone
from tests.imports import making


def noted(data_dir: Path) -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    with Instance.open(paths.instance_path(data_dir)) as instance:
        return [(one.who, one.did) for one in instance.audit.of("default")]


def test_what_a_command_does_alone_is_in_the_audit_log(arena: Command, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    battles = making.write(tmp_path / "log.jsonl", [making.lmarena(), making.lmarena()])
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(json.dumps({"prompt_id": "p1", "prompt": "Why?"}))
    with alone(data_dir):
        assert arena("import", "battles", battles).returncode == 0
        assert not paths.instance_path(data_dir).exists(), "where nobody has an account there is no log"
        assert noted(data_dir) == []
        before = [
            ("campaigns", "settle", "default", "1000", "--print-only"),
            ("audit", "--dry-run"),
            ("campaigns", "list"),
            ("verify",),
        ]
        commands = {
            ("import", "battles", battles): "imported votes",
            ("import", "prompts", prompts, "--set", "asked"): "imported prompts",
            ("campaigns", "settle", "default", "1000"): "settled a campaign at 1,000 EUR-cent",
            ("export", "--format", "battles", "--out", tmp_path / "release"): "began release as battles",
            ("release", "settle", tmp_path / "release", "500"): "settled a release at 500 EUR-cent",
            ("audit",): "audited votes",
            ("backup", tmp_path / "backup"): "backed up the workspace",
            ("workspaces", "export", "default", tmp_path / "moved"): "exported the workspace",
        }
        for command in (*before, *commands):
            done = arena(*command)
            assert done.returncode == 0, done.stderr
        made = [one for one in noted(data_dir) if "token" not in one[1]]
        assert made == [("command line", did) for did in commands.values()]
