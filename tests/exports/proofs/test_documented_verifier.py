"""The verifier of docs/verification.md and `verification` agree: on what is whole, and on whatever is done to it."""

import dataclasses
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arena.domain import ledger, removal
from arena.domain.ids import BattleId, VoteId
from arena.domain.removal import RemovalKind
from arena.errors import InvalidValue
from arena.exports.folder import files, id_tables
from arena.exports.proofs import chain, kept, receipts, signing, statements, verification
from arena.exports.proofs.signing import Signer
from arena.exports.writing import release
from arena.exports.writing.release_inputs import RemovedVote
from tests.exports import making, mutations
from tests.exports.proofs import documented
from tests.exports.proofs.test_verification import relist, resign

KEY = making.SIGNER.public_key
RECORDS = making.assorted()
SALT = "ab" * 16
GONE = (RemovedVote(battle_id=BattleId("b_90"), vote_id=VoteId("v_9001")),)


def commitment(vote_id: str) -> str:
    """Of each vote, really: the salt is the same for all."""
    for record in RECORDS:
        for vote in record.votes:
            if vote.vote_id == vote_id:
                return ledger.commitment(SALT, vote, record)
    raise LookupError(vote_id)


def chained() -> list[ledger.Line]:
    """A ledger of all votes, and of a removal at its end."""
    made: list[ledger.Line] = []
    for vote_id in (vote.vote_id for record in RECORDS for vote in record.votes):
        made.append(ledger.follow(made[-1] if made else None, vote_id, commitment(vote_id)))
    gone = removal.commitment("x_1", RemovalKind.WITHDRAWN, [one.vote_id for one in GONE])
    return [*made, ledger.follow(made[-1], "x_1", gone)]


LINES = chained()


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as a stranger saves it."""
    programs = documented.programs()
    assert sorted(programs) == ["verify.py", "votes.py"]
    folder = tmp_path_factory.mktemp("stranger")
    for name, code in programs.items():
        assert len(code.splitlines()) <= 200
        (folder / name).write_text(code)
    return folder / "verify.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, the ledger beside it, a proof with its opening, and a receipt."""
    folder = tmp_path_factory.mktemp("made")
    known = {line.subject: line for line in LINES}
    removed = [dataclasses.replace(one, removal_id="x_1", kind=RemovalKind.WITHDRAWN, line=len(LINES)) for one in GONE]
    facts = making.facts(
        test_share=0.4,
        ledger_head=LINES[-1],
        lines=lambda ids: {one: known[one] for one in ids},
        removed=removed,
        openers=lambda ids: dict.fromkeys(ids, ledger.Opener(SALT, ledger.VERSION)),
    )
    release.write(folder / "release", "trl-dpo", RECORDS, facts)
    (folder / "ledger").write_bytes(b"".join(chain.text(LINES, making.SIGNER)))
    vote_id = next(id_tables.items(folder / "release")).vote_id
    record = next(one for one in RECORDS if vote_id in [vote.vote_id for vote in one.votes])
    vote = next(vote for vote in record.votes if vote.vote_id == vote_id)
    content = json.loads(ledger.canonical(ledger.content(vote, record)))
    proof = receipts.prove(folder / "release", vote_id).to_dict()
    (folder / "proof.json").write_text(json.dumps({"proof": proof, "salt": SALT, "content": content}))
    line = known[vote_id]
    signed = making.SIGNER.sign(statements.receipt(vote_id, line)).to_dict()
    told = {"line": line.sequence, "hash": line.hash, "commitment": line.commitment, "salt": SALT, "signature": signed}
    (folder / "receipt.json").write_text(json.dumps({"vote_id": vote_id, "receipt": told, "content": content}))
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


class Stranger:
    """Runs the documented program in this process: a start of Python for each mutation would take minutes."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._code = compile(path.read_text(), str(path), "exec")

    def finds(self, *words: str, monkeypatch: pytest.MonkeyPatch) -> bool:
        monkeypatch.setattr(sys, "argv", ["verify.py", *words])
        monkeypatch.syspath_prepend(str(self._folder))
        with pytest.raises(SystemExit) as ended:
            exec(self._code, {"__name__": "__main__"})  # noqa: S102 - it is our own page
        return bool(ended.value.code)


def ours(folder: Path) -> dict[str, bool]:
    """What our own checks find wrong with each of the four."""

    def wrong(check: Callable[[], Any]) -> bool:
        try:
            return bool(check())
        except InvalidValue:
            return True

    def of_release() -> list[str]:
        checked = verification.release(folder / "release", KEY)
        held = chain.check(folder / "ledger", KEY).checked
        more = (
            []
            if checked.problems or held.problems
            else [
                *chain.other_signer(held, checked.signer),
                *chain.missing(folder / "ledger", chain.of_release(folder / "release")),
            ]
        )
        return [*checked.problems, *held.problems, *more]

    def of_proof() -> list[str]:
        found = receipts.read(_json(folder / "proof.json"))
        problems = [*receipts.check(found, KEY).problems, *verification.release(folder / "release", KEY).problems]
        return problems or [*receipts.missing(found, folder / "release")]

    def of_receipt() -> list[str]:
        told = receipts.read_receipt(_json(folder / "receipt.json"))
        if told is None:
            return ["no receipt"]
        problems = [*receipts.receipt(told, KEY).problems]
        if not problems and not chain.check(folder / "ledger", KEY).checked.problems:
            said = chain.Mention(told["line"], told["vote_id"], told["commitment"], "the receipt")
            problems += chain.missing(folder / "ledger", [said])
        return problems

    return {
        "release": wrong(of_release),
        "ledger": wrong(lambda: chain.check(folder / "ledger", KEY).checked.problems),
        "proof": wrong(of_proof),
        "receipt": wrong(of_receipt),
    }


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InvalidValue("no JSON") from error


WORDS = {
    "release": ("release", "ledger"),
    "ledger": ("ledger",),
    "proof": ("proof.json", "release"),
    "receipt": ("receipt.json", "ledger"),
}


def both(stranger: Stranger, folder: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, bool]:
    words = [str(folder / name) for name in WORDS[what]]
    return ours(folder)[what], stranger.finds(what, *words, "--key", KEY, monkeypatch=monkeypatch)


def test_it_runs_as_a_program_of_its_own_and_says_who_signed(verifier: Path, made: Path) -> None:
    for what, names in WORDS.items():
        words = [str(made / name) for name in names]
        done = subprocess.run([sys.executable, verifier, what, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"all is as it was signed by {KEY}; ask whether that key is theirs" in done.stdout


@pytest.mark.parametrize("what", WORDS)
def test_what_is_whole_is_whole_for_both(
    verifier: Path, made: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both(Stranger(verifier), made, what, monkeypatch) == (False, False)


@pytest.mark.slow
def test_mutations_by_others_are_found_by_both(verifier: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, stranger = random.Random(20261128), Stranger(verifier)
    paths = sorted(path for path in (copy / "release").rglob("*") if path.is_file())
    changed = 0
    for number in range(172):
        what = ("release", "ledger", "proof", "receipt")[number % 4]
        path = chance.choice(paths) if what == "release" else copy / WORDS[what][0]
        content = path.read_bytes()
        path.write_bytes(mutations.of_bytes(chance, mutations.KINDS[number % 5], content))
        found = both(stranger, copy, what, monkeypatch)
        assert found[0] == found[1], f"{number}: {path.name}"
        changed += found[0]
        path.write_bytes(content)
    assert changed >= 167  # a document may be spelt otherwise, and a receipt be handed on without what opens it


def rewritten(
    folder: Path, name: str, change: Callable[[list[dict[str, Any]]], None], lines_only: bool = False
) -> None:
    """Change the rows of a table, in both of its files, and sign that."""
    lines, table = folder / f"{name}.jsonl", folder / f"{name}.parquet"
    schema = pq.read_schema(table)
    rows = [json.loads(line) for line in lines.read_bytes().splitlines()]
    change(rows)
    lines.write_bytes(b"".join(map(files.json_line, rows)))
    relist(folder, f"{name}.jsonl")
    if not lines_only:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), table)
        relist(folder, f"{name}.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        if entry["path"] in (f"{name}.jsonl", f"{name}.parquet"):
            entry["rows"] = len(rows)
    resign(folder, manifest, making.SIGNER)


def manifested(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        change(manifest)
        resign(folder, manifest, making.SIGNER)

    return act


def without(name: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / name).unlink()
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"] = [entry for entry in manifest["files"] if entry["path"] != name]
        resign(folder, manifest, making.SIGNER)

    return act


def _exchange(row: dict[str, Any]) -> None:
    row["chosen"], row["rejected"] = row["rejected"], row["chosen"]


def _without_an_opening(folder: Path) -> None:
    lines = (folder / "openings.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "openings.jsonl").write_bytes(b"".join(lines[1:]))
    relist(folder, "openings.jsonl")
    manifest = json.loads((folder / "manifest.json").read_text())
    resign(folder, manifest, making.SIGNER)


def _more_credit(manifest: dict[str, Any]) -> None:
    manifest["credit"]["shares"][0]["weight"] += 1


def _counted(name: str) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        manifest["counts"][name] += 1

    return change


BY_THE_SIGNER: dict[str, Callable[[Path], None]] = {
    "a made-up row": lambda folder: rewritten(folder, "data/train", lambda rows: rows.append(dict(rows[0]))),
    "exchanged answers": lambda folder: rewritten(folder, "data/train", lambda rows: _exchange(rows[0])),
    "another prompt": lambda folder: rewritten(
        folder, "data/train", lambda rows: rows[0]["prompt"][-1].update(content="Else?")
    ),
    "an opening less": _without_an_opening,
    "a row less": lambda folder: rewritten(folder, "data/train", lambda rows: rows.pop() and None),
    "JSON lines unlike Parquet": lambda folder: rewritten(
        folder, "data/train", lambda rows: _exchange(rows[0]), lines_only=True
    ),
    "an item twice": lambda folder: rewritten(folder, "items", lambda rows: rows.append(dict(rows[0]))),
    "an item less": lambda folder: rewritten(folder, "items", lambda rows: rows.pop() and None),
    "a made-up vote id": lambda folder: rewritten(folder, "items", lambda rows: rows[0].update(vote_id="v_made_up")),
    "a made-up line": lambda folder: rewritten(folder, "items", lambda rows: rows[0].update(line=rows[1]["line"])),
    "another place": lambda folder: rewritten(folder, "items", lambda rows: rows[0].update(row=10_000)),
    "a removal of another vote": lambda folder: rewritten(
        folder, "removed", lambda rows: rows[0].update(vote_id="v_9002")
    ),
    "a removal of a vote in the rows": lambda folder: rewritten(
        folder, "removed", lambda rows: rows[0].update(vote_id=next(id_tables.items(folder)).vote_id)
    ),
    "a removal less": lambda folder: rewritten(folder, "removed", list.clear),
    "a reason less": lambda folder: rewritten(folder, "left_out", lambda rows: rows.pop() and None),
    "another reason": lambda folder: rewritten(folder, "left_out", lambda rows: rows[0].update(reason="void")),
    "credit": manifested(_more_credit),
    "credit in all": manifested(lambda manifest: manifest["credit"].update(total=manifest["credit"]["total"] + 1)),
    "raters": manifested(lambda manifest: manifest.update(raters=manifest["raters"] + 1)),
    "removed": manifested(lambda manifest: manifest.update(removed=manifest["removed"] + 1)),
    "leaves": manifested(lambda manifest: manifest["proofs"].update(leaves=manifest["proofs"]["leaves"] + 1)),
    "root": manifested(lambda manifest: manifest["proofs"].update(root="0" * 64)),
    "head": manifested(lambda manifest: manifest["ledger_head"].update(hash="0" * 64)),
    **{f"count of {name}": manifested(_counted(name)) for name in ("votes", "units", "taken")},
    **{
        f"{name} missing": without(name)
        for name in (
            *id_tables.NAMES,
            "README.md",
            "data/train.jsonl",
            "data/train.parquet",
            "data/test.jsonl",
            "data/test.parquet",
        )
    },
}


@pytest.mark.parametrize("lie", BY_THE_SIGNER)
def test_lies_of_the_signer_are_found_by_both(
    lie: str, verifier: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    BY_THE_SIGNER[lie](copy / "release")
    assert both(Stranger(verifier), copy, "release", monkeypatch) == (True, True)


def test_two_signers_are_found_by_both(verifier: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copy / "ledger").write_bytes(b"".join(chain.text(LINES, Signer(signing.new_key()))))
    words = ("release", str(copy / "release"), str(copy / "ledger"))
    assert Stranger(verifier).finds(*words, monkeypatch=monkeypatch)
    held = chain.check(copy / "ledger").checked
    assert not held.problems
    assert list(chain.other_signer(held, KEY))


def test_exchanged_answers_that_nobody_opened_are_found_with_the_opening_of_the_vote(copy: Path) -> None:
    """The one lie about a row of an earlier arena that nobody but its rater can show."""
    shutil.rmtree(copy / "release")
    known = {line.subject: line for line in LINES}
    lines = making.facts(test_share=0.4, ledger_head=LINES[-1], lines=lambda ids: {one: known[one] for one in ids})
    release.write(copy / "release", "trl-dpo", RECORDS, lines)
    again = receipts.prove(copy / "release", receipts.read(_json(copy / "proof.json")).vote_id).to_dict()
    (copy / "proof.json").write_text(json.dumps({**_json(copy / "proof.json"), "proof": again}))
    proof = receipts.read(_json(copy / "proof.json"))
    assert list(receipts.missing(proof, copy / "release")) == []
    split, row = next((item.split, item.row) for item in id_tables.items(copy / "release"))
    rewritten(copy / "release", f"data/{split}", lambda rows: _exchange(rows[row]))
    assert verification.release(copy / "release", KEY).problems == ()
    signed = signing.read(_json(copy / "release" / "signature.json"))
    assert signed is not None
    lie = dataclasses.replace(proof, signed=signed)
    assert list(receipts.missing(lie, copy / "release")) == [
        f"Row {row} of data/{split}.jsonl does not say what vote {proof.vote_id} says."
    ]


def test_ids_that_are_kept_without_texts_are_whole_for_both_and_say_why(
    verifier: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.forget_texts(copy / "release", making.SIGNER, kept.ERASED)
    assert not (copy / "release" / "data").exists()
    assert both(Stranger(verifier), copy, "release", monkeypatch) == (False, False)
    notes = verification.release(copy / "release", KEY).notes
    assert notes == ("Its texts are not here: a rater in it was erased. Its ids, proofs and signature are.",)
    (copy / "release" / kept.KEPT).unlink()
    assert both(Stranger(verifier), copy, "release", monkeypatch) == (True, True)
