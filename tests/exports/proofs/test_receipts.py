"""`exports.proofs.receipts`: a proof that needs neither the release nor the arena, and says no to everything else."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from arena.domain import ledger
from arena.domain.ids import VoteId
from arena.errors import InvalidValue, NotFound
from arena.exports.folder import id_tables
from arena.exports.proofs import receipts, signing
from arena.exports.proofs.signing import Signer
from arena.exports.writing import release
from tests.exports import making

KEY = making.SIGNER.public_key


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "out"
    records = [*making.assorted(), *(making.record(number, prompt=f"{number}") for number in range(20, 60))]
    release.write(folder, "battles", records, making.facts(test_share=0.3, removed=making.REMOVED))
    return folder


def receipt(item: id_tables.Item) -> dict[str, Any]:
    return {"line": item.line, "hash": "f" * 64, "commitment": item.commitment, "salt": "00"}


def test_every_vote_in_a_release_is_proved_to_whoever_has_its_receipt(made: Path) -> None:
    found = list(id_tables.items(made))
    assert len(found) == 52
    for item in found:
        proof = receipts.read(json.loads(receipts.prove(made, item.vote_id).to_json()))
        assert receipts.check(proof, KEY, receipt(item)).proven
        assert not receipts.check(proof, KEY, receipt(item)).problems
        assert receipts.check(proof, KEY, {**receipt(item), "commitment": "0" * 64}).problems
        assert receipts.check(proof, KEY, {**receipt(item), "line": 0}).problems


def test_a_changed_proof_proves_nothing(made: Path) -> None:
    item = list(id_tables.items(made))[7]
    document = receipts.prove(made, item.vote_id).to_dict()
    other = list(id_tables.items(made))[8]
    path = list(document["path"])
    statement = document["release"]["statement"]
    for change in (
        {"commitment": other.commitment},
        {"index": other.index},
        {"path": path[1:]},
        {"path": [*path, path[0]]},
        {"path": ["zz", *path[1:]]},
        {"release": {**document["release"], "statement": {**statement, "proofs": None}}},
        {"release": {**document["release"], "signature": "0" * 128}},
    ):
        assert receipts.check(receipts.read({**document, **change})).problems, change
    assert not receipts.check(receipts.read(document)).problems


@pytest.mark.parametrize("change", [{"rater": "r_1"}, {"line": True}, {"index": False}])
def test_a_proof_that_says_more_or_otherwise_than_one_does_is_refused(made: Path, change: dict[str, Any]) -> None:
    document = receipts.prove(made, next(id_tables.items(made)).vote_id).to_dict()
    receipts.read(document)
    with pytest.raises(InvalidValue, match="no proof/1 document"):
        receipts.read({**document, **change})


def test_a_proof_under_another_signature_is_not_the_makers(made: Path) -> None:
    proof = receipts.prove(made, next(id_tables.items(made)).vote_id)
    forged = Signer(signing.new_key()).sign(proof.signed.statement)
    checked = receipts.check(receipts.read({**proof.to_dict(), "release": forged.to_dict()}), KEY)
    assert not checked.proven
    assert checked.problems


FORGED = ({"vote_id": "v_forged"}, {"line": 999}, {"vote_id": "v_forged", "line": 999})


def test_a_proof_that_names_another_vote_or_line_is_found_by_the_release(made: Path, tmp_path: Path) -> None:
    item, other = list(id_tables.items(made))[7:9]
    proof = receipts.prove(made, item.vote_id)
    assert list(receipts.missing(proof, made)) == []
    for change in (*FORGED, {"index": other.index}, {"vote_id": other.vote_id, "line": other.line}):
        forged = receipts.read({**proof.to_dict(), **change})
        (problem,) = receipts.missing(forged, made)
        assert f"does not list vote {forged.vote_id} with line {forged.line}" in problem
    release.write(tmp_path / "other", "battles", making.assorted(), making.facts())
    assert list(receipts.missing(proof, tmp_path / "other")) == ["The proof is of another release."]


SALT = "5a" * ledger.SALT_BYTES


@pytest.fixture(scope="module", params=[ledger.FIRST, ledger.VERSION])
def opened(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the arena sends to the rater: a proof with salt and content, in either version of the commitment."""
    record = making.record(1)
    (vote,) = record.votes

    def lines(vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Line]:
        committed = ledger.commitment(SALT, vote, record, request.param)
        return {one: dataclasses.replace(line, commitment=committed) for one, line in making.lines(vote_ids).items()}

    folder = tmp_path_factory.mktemp("opened") / "out"
    release.write(folder, "battles", [record], making.facts(lines=lines))
    proof = receipts.prove(folder, vote.vote_id).to_dict()
    return json.loads(
        json.dumps({"proof": proof, "salt": SALT, "content": ledger.content(vote, record, request.param)})
    )


def test_the_content_that_opens_the_commitment_shows_which_vote_it_is(opened: dict[str, Any]) -> None:
    proof = receipts.read(opened)
    told = {"line": proof.line, "commitment": proof.commitment, "salt": SALT, "vote_id": proof.vote_id}
    assert receipts.check(proof, KEY).problems == ()
    assert receipts.check(proof, KEY, told).problems == ()
    for change in ({"line": 999}, {"vote_id": "v_forged"}, {"salt": "00" * ledger.SALT_BYTES}):
        assert len(receipts.check(proof, KEY, {**told, **change}).problems) == 1


def test_a_forged_id_or_content_beside_a_proof_is_found(opened: dict[str, Any]) -> None:
    content = opened["content"]
    where = "fields" if "fields" in content else "vote"
    forged = {**content, where: {**content[where], "vote_id": "v_forged"}}
    proof = {**opened["proof"], "vote_id": "v_forged"}
    for change, problem in (
        ({"proof": proof}, "is not that of vote v_forged"),
        ({"proof": proof, "content": forged}, "do not open"),
        ({"content": {**content, where: {**content[where], "winner": "model_b"}}}, "do not open"),
        ({"content": {**content, "more": 1}}, "do not open"),
        ({"content": {"schema": "vote/2", "fields": {"vote_id": "v_101"}}}, "do not open"),
        ({"content": {}}, "do not open"),
        ({"content": {"vote": "\ud800"}}, "do not open"),
        ({"salt": SALT + "00"}, "do not open"),
        ({"salt": "é"}, "do not open"),
    ):
        (found,) = receipts.check(receipts.read({**opened, **change}), KEY).problems
        assert problem in found


def test_a_vote_that_is_not_there_is_told_why(made: Path) -> None:
    with pytest.raises(NotFound, match="erased or withdrawn"):
        receipts.prove(made, making.REMOVED[0].vote_id)
    with pytest.raises(NotFound, match="v_nowhere is not in"):
        receipts.prove(made, "v_nowhere")


def test_records_from_outside_a_ledger_make_a_release_without_proofs(tmp_path: Path) -> None:
    manifest = release.write(tmp_path / "out", "battles", making.assorted(), making.facts(lines=None))
    assert manifest.proofs is None
    with pytest.raises(NotFound, match="outside a ledger"):
        receipts.prove(tmp_path / "out", next(id_tables.items(tmp_path / "out")).vote_id)


@pytest.mark.parametrize("document", [None, [], {}, {"schema": "proof/2"}, {"schema": "proof/1", "vote_id": 1}])
def test_what_is_no_proof_is_refused(document: Any) -> None:
    with pytest.raises(InvalidValue, match="arena release prove"):
        receipts.read(document)


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"signature\.json"):
        receipts.prove(tmp_path, "v_1")
