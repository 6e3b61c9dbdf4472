"""`arena release` and `arena ledger`: by a stranger with a folder, and by whoever runs the arena."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")


@pytest.fixture
def voted(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """Data of an arena that has stopped, with three votes; what was answered to each."""
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as rater:
            yield [arenas.vote(rater, arenas.battle(rater, f"{number}?"), "model_a").json() for number in range(3)]


def test_a_stranger_checks_a_release_and_a_proof_with_nothing_but_the_key(
    arena: Command, voted: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert arena("export", "--format", "trl-dpo", "--out", "release").returncode == 0
    key = arena("release", "key").stdout.strip()
    assert (tmp_path / "data/workspaces/default/release-key").stat().st_mode & 0o777 == 0o600
    proof = arena("release", "prove", "release", voted[1]["vote_id"])
    assert proof.returncode == 0, proof.stderr
    (tmp_path / "proof.json").write_text(proof.stdout)
    (tmp_path / "receipt.json").write_text(json.dumps(voted[1]))
    (tmp_path / "other.json").write_text(json.dumps(voted[2]))
    assert arena("ledger", "export", "ledger.jsonl").returncode == 0
    stranger = {"ARENA_DATA_DIR": str(tmp_path / "nowhere")}

    unproven = arena("release", "verify", "release", **stranger)
    assert (unproven.returncode, unproven.stderr) == (0, "")
    assert f"signer is unproven: ask the maker whether {key} is theirs" in unproven.stdout
    proven = arena("release", "verify", "release", "--key", key, "--ledger", "ledger.jsonl", **stranger)
    assert (proven.returncode, proven.stderr) == (0, "")
    assert proven.stdout.count("by the holder of the key given") == 2
    included = arena(
        "release", "verify", "--proof", "proof.json", "--receipt", "receipt.json", "--key", key, **stranger
    )
    assert (included.returncode, included.stderr) == (0, "")
    receipt, shown, not_shown = included.stdout.splitlines()
    assert f"receipt.json: the receipt of vote {voted[1]['vote_id']} is as it was signed, by the holder" in receipt
    assert f"the commitment {voted[1]['receipt']['commitment']} is in the release, by the holder" in shown
    assert (
        f"not shown: that this is the commitment of vote {voted[1]['vote_id']} at line 2, as the receipt" in not_shown
    )
    listed = arena("release", "verify", "release", "--proof", "proof.json", **stranger)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert f"vote {voted[1]['vote_id']} is in the release" in listed.stdout
    assert "not shown" not in listed.stdout
    (tmp_path / "forged.json").write_text(json.dumps({**json.loads(proof.stdout), "vote_id": "v_forged"}))
    alone = arena("release", "verify", "--proof", "forged.json", "--key", key, **stranger)
    assert alone.returncode == 0
    assert "v_forged is in the release" not in alone.stdout
    assert "not shown: that this is the commitment of vote v_forged" in alone.stdout
    against = ("release", "verify", "--proof", "forged.json", "--receipt", "receipt.json", "--key", key)
    forged = arena(*against, **stranger)
    assert forged.returncode == 1
    assert "v_forged is in the release" not in forged.stdout
    assert f"The receipt is that of vote {voted[1]['vote_id']}; the proof names v_forged." in forged.stderr
    forged = arena("release", "verify", "release", "--proof", "forged.json", "--key", key, **stranger)
    assert forged.returncode == 1
    assert "items does not list vote v_forged" in forged.stderr
    assert arena("ledger", "verify", "ledger.jsonl", "--key", key, **stranger).returncode == 0
    assert not (tmp_path / "nowhere").exists()

    other = arena("release", "verify", "--proof", "proof.json", "--receipt", "other.json", **stranger)
    assert other.returncode == 1
    assert "receipt is that of another vote" in other.stderr
    assert arena("release", "verify", "release", "--key", "0" * 64, **stranger).returncode == 1
    shutil.copytree(tmp_path / "release", tmp_path / "changed")
    (tmp_path / "changed/data/train.jsonl").write_text("{}\n")
    changed = arena("release", "verify", "changed", **stranger)
    assert (changed.returncode, changed.stdout) == (1, "")
    assert "data/train.jsonl has 3 bytes" in changed.stderr
    lines = (tmp_path / "ledger.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_text("".join([*lines[:1], *lines[2:]]))
    cut = arena("ledger", "verify", "cut.jsonl", **stranger)
    assert (cut.returncode, cut.stdout) == (1, "")


def test_releases_are_compared_by_id(arena: Command, voted: list[dict[str, Any]], tmp_path: Path) -> None:
    assert arena("export", "--format", "battles", "--out", "one").returncode == 0
    assert arena("export", "--format", "battles", "--out", "two").returncode == 0
    same = arena("release", "diff", "one", "two")
    assert (same.returncode, same.stdout) == (0, "3 votes unchanged, 0 added, 0 changed\n")
    as_json = json.loads(arena("release", "diff", "one", "two", "--json").stdout)
    assert (as_json["unchanged"], as_json["unit"]) == (3, "vote")
    assert (tmp_path / "one/signature.json").read_bytes() == (tmp_path / "two/signature.json").read_bytes()
    assert all(answer["vote_id"] not in same.stdout for answer in voted)


def test_an_amount_is_shared_out_exactly_and_only_once(
    arena: Command, voted: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert len(voted) == 3
    assert arena("export", "--format", "battles", "--out", "one").returncode == 0
    key, nowhere = arena("release", "key").stdout.strip(), str(tmp_path / "nowhere")
    unproven = arena("release", "settle", "one", "1001", "--print-only", ARENA_DATA_DIR=nowhere)
    assert unproven.stderr == f"the signer is unproven: ask the maker whether {key} is theirs, or use --key\n"
    shown = arena("release", "settle", "one", "1001", "--print-only", "--key", key, ARENA_DATA_DIR=nowhere)
    assert (shown.returncode, shown.stderr) == (0, "")
    settled = arena("release", "settle", "one", "1001", "--unit", "EUR-cent")
    assert settled.returncode == 0, settled.stderr
    assert settled.stderr == "1 part in line 4 of the ledger\n"
    for printed, line in ((shown, ""), (settled, "4")):
        header, *parts = printed.stdout.splitlines()
        assert header == "contributor,weight,amount,unit,line"
        assert sum(int(part.split(",")[2]) for part in parts) == 1001
        assert parts[0].split(",")[4] == line
    again = arena("release", "settle", "one", "1001")
    assert (again.returncode, again.stdout.splitlines()) == (0, ["contributor,weight,amount,unit,line"])
    assert "settled before; nothing is to be paid" in again.stderr
    assert (
        arena("export", "--format", "battles", "--out", "same").returncode == 0
    )  # another ledger head: another release
    corrected = arena("release", "settle", "one", "1000")
    assert corrected.stdout.splitlines()[1].split(",")[2:] == ["-1", "EUR-cent", "5"]
    assert arena("verify").stdout == "ledger of 5 lines: every vote is as it was recorded\n"
    shutil.copytree(tmp_path / "one", tmp_path / "changed")
    manifest = (tmp_path / "changed/manifest.json").read_text()
    (tmp_path / "changed/manifest.json").write_text(manifest.replace('"weight": 3', '"weight": 4'))
    refused(arena("release", "settle", "changed", "2000"), 2, "recorded no release with the manifest")
    refused(arena("release", "settle", "changed", "2000", "--print-only"), 1, "manifest.json is not the one that was")
    refused(arena("release", "settle", "one", "10", "--print-only", "--key", "0" * 64), 1, "not the holder of the key")
    refused(arena("release", "settle", "one", "10", "--key", key), 2, "--key is for --print-only")
    refused(arena("release", "settle", "one", "10", "--unit", "=1+1"), 2, "unit")
    refused(arena("release", "settle", "one", "10", "--unit", "points"), 1, "was settled in EUR-cent")
    refused(arena("release", "settle", "data", "10"), 2, "manifest.json")


def test_a_release_by_a_newer_arena_is_refused_by_every_command(
    arena: Command, voted: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert arena("export", "--format", "battles", "--out", "old").returncode == 0
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    manifest = tmp_path / "new/manifest.json"
    manifest.write_text(manifest.read_text().replace('"schema": "release/2"', '"schema": "release/3"'))
    for command in (
        ("diff", "old", "new"),
        ("diff", "new", "old"),
        ("prove", "new", voted[0]["vote_id"]),
        ("settle", "new", "10"),
        ("settle", "new", "10", "--print-only"),
    ):
        refused(arena("release", *command), 2, "newer arena (release/3; this one reads up to release/2)")
    (tmp_path / "new/signature.json").unlink()
    refused(arena("release", "verify", "new"), 2, "newer arena (release/3; this one reads up to release/2)")


def test_wrong_input_ends_with_2_and_one_sentence(arena: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "noise").write_text("noise")
    refused(arena("release", "verify"), 2, "--proof")
    refused(arena("release", "verify", "absent"), 2, "absent is not a folder")
    refused(arena("release", "verify", "empty", "--key", "short"), 2, "64 hex digits")
    refused(arena("release", "verify", "--proof", "noise"), 2, "noise cannot be read as JSON")
    refused(arena("release", "verify", "empty", "--receipt", "noise"), 2, "noise cannot be read as JSON")
    refused(arena("release", "diff", "empty", "empty"), 2, "manifest.json")
    refused(arena("release", "prove", "empty", "v_1"), 2, "signature.json")
    refused(arena("ledger", "verify", "absent"), 2, "absent")
    refused(arena("ledger", "export", "noise"), 2, "exists already")
    refused(arena("ledger", "export", "fresh"), 2, "has no workspace")
    assert not (tmp_path / "fresh").exists()
