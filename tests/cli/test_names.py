"""Names that would reach files elsewhere are refused by every command, before a file is touched."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command, refused

COMMANDS = (
    ("verify",),
    ("ledger", "export", "ledger.jsonl"),
    ("erase", "r_1"),
    ("export", "--format", "trl-dpo", "--out", "out"),
    ("backup", "copy"),
    ("restore", "copy"),
    ("tokens", "list"),
    ("rank",),
)
NAMES = ("../x", "..", "a/b", "", "/etc/passwd", "a\nb", "-x/y", "A B", "x" * 65)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_workspace_outside_the_data_cannot_be_named(arena: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    for name in ("../x", "a/b"):
        refused(arena(*command, f"--workspace={name}"), 2, "cannot name a workspace")
    assert not list(tmp_path.iterdir())


def test_no_such_name_is_taken(arena: Command, tmp_path: Path) -> None:
    for name in NAMES:
        refused(arena("verify", f"--workspace={name}"), 2, "cannot name a workspace")
    refused(arena("verify", "--workspace=default"), 2, "has no workspace default")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        ("export", "--format", "trl-dpo", "--out"),
        ("release", "verify"),
        ("ledger", "export"),
        ("import", "battles"),
    ],
    ids=" ".join,
)
def test_a_name_that_no_file_can_have_is_a_sentence(arena: Command, command: tuple[str, ...]) -> None:
    found = arena(*command, "x" * 300)
    assert found.returncode in (1, 2)
    assert "Traceback" not in found.stderr
    assert len(found.stderr.splitlines()) == 1, found.stderr


def test_data_where_no_folder_can_be_is_a_sentence(arena: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "copy").mkdir()
    for command in (("tokens", "list"), ("rank",), ("restore", "copy"), ("demo",)):
        refused(arena(*command, "--data-dir", "file"), 2, "cannot be used (Not a directory)", "name another place")
    refused(arena("restore", "nowhere"), 2, "nowhere is not a folder", "name the folder of a backup")
    refused(arena("verify", "--data-dir", "empty"), 2, "import votes", "--data-dir or --workspace")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\u06a9\u062a\u0627\u0628\u200c\u0647\u0627", None),
        ("\U0001f469\u200d\U0001f52c", None),
        ("Prix\u00a0: 5\u202f\u20ac", None),
        ("a\x1b[31mb\x9bc\td\x7f", "a?[31mb?c?d?"),
        ("a\u202eb\u2066c\u2028d", "a?b?c?d"),
    ],
)
def test_a_sentence_has_the_letters_of_every_language_and_steers_no_terminal(
    arena: Command, name: str, shown: str | None
) -> None:
    refused(arena("check", "--config", f"{name}.toml"), 2, f"arena: {shown or name}.toml cannot be read")
