"""`exports.proofs.verification`: whatever is done to a release is found, with the folder alone."""

import json
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from arena.errors import InvalidValue
from arena.exports.folder import files
from arena.exports.proofs import signing, statements, verification
from arena.exports.proofs.signing import Signer
from arena.exports.proofs.verification import Checked
from arena.exports.writing import release
from tests.exports import making, mutations

KEY = making.SIGNER.public_key
CLOSED = ("Opened are 0 of its 7 votes: what the rows of the others should say, only their raters can show.",)
"""Said of a release whose votes are committed to as a whole."""
MUTATIONS = 1000
FORMER = Path(__file__).parent / "former"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "out"
    release.write(folder, "llamafactory-alpaca", making.assorted(), making.facts(test_share=0.4))
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


def found(folder: Path, key: str | None = None) -> bool:
    """Whether a verification does not end well, by problems or by a refusal."""
    try:
        return bool(verification.release(folder, key).problems)
    except InvalidValue:
        return True


def test_an_untouched_release_has_no_problem_and_its_signer_is_unproven_without_a_key(made: Path) -> None:
    """Positive control of everything below."""
    assert verification.release(made) == Checked(problems=(), signer=KEY, proven=False, notes=CLOSED)
    assert verification.release(made, KEY) == Checked(problems=(), signer=KEY, proven=True, notes=CLOSED)


@pytest.mark.slow
def test_a_thousand_mutations_of_a_release_are_all_found(made: Path, tmp_path: Path) -> None:
    chance = random.Random(20260401)
    folder = shutil.copytree(made, tmp_path / "copy")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    done: Counter[str] = Counter()
    for number in range(MUTATIONS):
        kind, path = mutations.KINDS[number % 5], chance.choice(paths)
        content = path.read_bytes()
        other = chance.choice(paths)
        if number % 10 == 1:  # the whole file
            path.unlink()
        elif number % 10 == 2 and path.read_bytes() != other.read_bytes():
            swapped = other.read_bytes()
            other.write_bytes(content)
            path.write_bytes(swapped)
            assert found(folder), f"{number}: {path.name} and {other.name} swapped"
            other.write_bytes(swapped)
        elif number % 10 == 3:
            extra = path.with_name(chance.choice((".hidden", "extra.json", "-")))
            extra.write_bytes(content)
            assert found(folder), f"{number}: {extra.name} inserted"
            extra.unlink()
            path.write_bytes(mutations.of_bytes(chance, "insert", content))
        else:
            path.write_bytes(mutations.of_bytes(chance, kind, content))
        assert found(folder), f"{number}: {kind} in {path.relative_to(folder)}"
        path.write_bytes(content)
        done[kind] += 1
    assert done == dict.fromkeys(mutations.KINDS, MUTATIONS // 5)
    assert not found(folder, KEY)


def test_each_change_is_named(copy: Path) -> None:
    (copy / "data" / "train.jsonl").write_bytes(b"x" + (copy / "data" / "train.jsonl").read_bytes()[1:])
    (copy / "README.md").unlink()
    (copy / "data" / "more.jsonl").write_text("{}\n")
    (copy / "empty").mkdir()
    (copy / "left_out.parquet").write_bytes(b"")
    problems = verification.release(copy).problems
    assert len(problems) == 5
    assert "'data/more.jsonl' is there and does not belong to the release." in problems
    assert "'empty' is there and does not belong to the release." in problems
    assert "README.md is missing." in problems
    assert "data/train.jsonl was changed." in problems
    assert any(problem.startswith("left_out.parquet has 0 bytes instead of") for problem in problems)


@pytest.mark.parametrize("name", ["manifest.json", "signature.json"])
def test_a_missing_document_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert f"{name} is missing." in verification.release(copy).problems


def test_a_link_is_not_a_file_of_the_release(copy: Path, tmp_path: Path) -> None:
    (copy / "README.md").rename(tmp_path / "README.md")
    (copy / "README.md").symlink_to(tmp_path / "README.md")
    assert "README.md is not a file of its own." in verification.release(copy).problems


def forge(folder: Path, signer: Signer) -> None:
    """Change the card, and everything above it, as somebody would who has all but the key."""
    card = folder / "README.md"
    card.write_text(card.read_text() + "Trained on this, every model is the best.\n")
    relist(folder, "README.md", signer)


def relist(folder: Path, name: str, signer: Signer = making.SIGNER) -> None:
    """List a file as it is now, and sign that."""
    manifest = json.loads((folder / "manifest.json").read_text())
    entry = next(entry for entry in manifest["files"] if entry["path"] == name)
    entry["sha256"], entry["bytes"] = files.sha256(folder / name), (folder / name).stat().st_size
    resign(folder, manifest, signer)


def resign(folder: Path, manifest: dict[str, object], signer: Signer) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    statement = statements.release(manifest, files.sha256(folder / "manifest.json"))
    (folder / "signature.json").write_text(signer.sign(statement).to_json())


def test_a_forgery_signed_by_another_is_found_with_the_key_and_unproven_without(copy: Path) -> None:
    other = Signer(signing.new_key())
    forge(copy, other)
    assert verification.release(copy) == Checked(problems=(), signer=other.public_key, proven=False, notes=CLOSED)
    checked = verification.release(copy, KEY)
    assert not checked.proven
    assert checked.problems == (f"The signer is {other.public_key}, not the holder of the key given.",)


def test_votes_that_do_not_lead_to_the_signed_root_are_found(copy: Path) -> None:
    """Even when the maker signed them."""
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["proofs"]["root"] = "0" * 64
    resign(copy, manifest, making.SIGNER)
    assert verification.release(copy, KEY).problems == ("The votes in items do not lead to the root that was signed.",)


def test_a_statement_that_says_something_else_than_the_manifest_is_found(copy: Path) -> None:
    signature = json.loads((copy / "signature.json").read_text())
    statement = {**signature["statement"], "proofs": {**signature["statement"]["proofs"], "leaves": 99}}
    (copy / "signature.json").write_text(making.SIGNER.sign(statement).to_json())
    assert verification.release(copy, KEY).problems == (
        "What was signed in signature.json is not what manifest.json says.",
    )


def test_a_release_by_a_newer_arena_is_refused_with_what_to_do(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    resign(copy, {**manifest, "schema": "release/3"}, making.SIGNER)
    with pytest.raises(InvalidValue, match=r"newer arena \(release/3; .*Install that version"):
        verification.release(copy)


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "data/../../x", "a\\b", "", "data//x", "./README.md"])
def test_a_path_that_leaves_the_folder_is_never_read(copy: Path, path: str) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"].append({"path": path, "bytes": 1, "sha256": "0" * 64, "rows": None})
    resign(copy, manifest, making.SIGNER)
    assert verification.release(copy).problems == ("manifest.json does not list files as a release does.",)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": 7}', '{"files": {}}', "[" * 200_000, "\ufeff{}"])
@pytest.mark.parametrize("name", ["manifest.json", "signature.json"])
def test_a_document_that_is_none_is_a_problem_and_not_a_crash(copy: Path, name: str, text: str) -> None:
    (copy / name).write_text(text)
    assert verification.release(copy).problems


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", Path(__file__)):
        with pytest.raises(InvalidValue, match="is not a folder"):
            verification.release(path)


def test_a_release_of_an_earlier_version_is_whole_and_says_what_is_not_promised() -> None:
    """`former` was written by the version before `release/2`, with the key and the records of `making`."""
    assert verification.release(FORMER, KEY) == Checked(
        problems=(),
        signer=KEY,
        proven=True,
        notes=(
            "It is of an older arena: its ids are Parquet alone, and its removals name no lines of the ledger.",
            *CLOSED,
        ),
    )


def test_a_change_to_a_release_of_an_earlier_version_is_found(tmp_path: Path) -> None:
    folder = shutil.copytree(FORMER, tmp_path / "copy")
    (folder / "items.parquet").write_bytes((folder / "items.parquet").read_bytes()[:-1])
    assert verification.release(folder, KEY).problems
