"""Fifty raters leave: nothing of theirs is in files, database and later releases, and a thousand proofs stay valid."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

from arena.domain.account import Member
from arena.domain.ids import AccountId, RaterId, ReleaseId
from arena.domain.principal import Role
from arena.domain.removal import RemovalKind
from arena.domain.selection import Selection
from arena.errors import Conflict
from arena.exports.folder import id_tables
from arena.exports.proofs import receipts, verification
from arena.services import exporting, withdrawing
from arena.services.exporting import Order
from arena.store import ledger
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.exports.making import SIGNER
from tests.services import making as opened
from tests.store import making

STAYING, LEAVING = 1000, 50
KEY = SIGNER.public_key


def fill(workspace: Workspace) -> list[commands.CastResult]:
    """A vote by each rater on a prompt of their own, with their number in every text."""
    opened = []
    for number in range(STAYING + LEAVING):
        word = f"canary{number}" if number % 21 == 0 else f"stays{number}"
        battle = making.battle(rater_id=RaterId(f"r_{word}"), prompt=f"prompt {word}", history=())
        workspace.submit(commands.OpenBattle(battle=battle))
        left, right = making.response(f"left {word}"), making.response(f"right {word}")
        completing = commands.CompleteBattle(
            battle_id=battle.battle_id, response_a=left, response_b=right, completed_at=making.NOW
        )
        opened.append((battle.battle_id, word, workspace.submit(completing)))
        if number % 500 == 0:
            opened[-1][2].result()  # the writer takes only so many that wait
    futures = []
    for battle_id, word, done in opened:
        done.result()
        vote = making.vote(battle_id, f"r_{word}", reason=f"reason {word}", edit=f"edit {word}")
        record = making.loaded(workspace, battle_id)
        futures.append(workspace.submit(commands.CastVote(vote=vote, record=record)))
    return [future.result() for future in futures]


def release(workspace: Workspace, folder: Path) -> None:
    wanted = Order(release_id=ReleaseId(folder.name), format="trl-tpo", selection=Selection())
    exporting.build(opened.here(workspace, folder.parent), wanted, folder)


def everything(root: Path) -> str:
    """Every byte of every file, those of Parquet tables also as they read."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    tables = [repr(pq.read_table(path).to_pylist()) for path in files if path.suffix == ".parquet"]
    return "".join([*(path.read_bytes().decode("latin-1") for path in files), *tables])


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """Inside it, what a proof reads of a folder is read once: the whole of it, for each of a thousand."""
    items, manifest = receipts.id_tables.items, receipts.manifest.read
    kept = functools.cache(lambda folder: tuple(items(folder)))
    with (
        mock.patch.object(receipts.id_tables, "items", kept),
        mock.patch.object(receipts.manifest, "read", functools.cache(manifest)),
    ):
        yield


@pytest.mark.slow
def test_a_thousand_proofs_outlive_fifty_erasures_and_no_canary_does(tmp_path: Path) -> None:
    path, releases = tmp_path / "workspaces" / "default.duckdb", tmp_path / "releases"
    with Workspace.open(path) as workspace:
        cast = fill(workspace)
        release(workspace, releases / "rel_1")
        told = {one.vote.vote_id: {"line": one.line.sequence, "commitment": one.line.commitment} for one in cast}
        with read_once():
            before = {vote_id: receipts.prove(releases / "rel_1", vote_id) for vote_id in told}
    assert "canary" in everything(tmp_path), "positive control: canaries can be found"
    gone = {one.vote.vote_id for one in cast if "canary" in one.vote.rater_id}
    assert len(gone) == LEAVING
    with Workspace.open(path) as workspace:
        here = opened.here(workspace, releases)
        for one in cast:
            if one.vote.vote_id in gone:
                withdrawing.remove_once(here, one.vote.rater_id, RemovalKind.ERASED)
        assert withdrawing.sweep(here) == (releases / "rel_1",)
    with Workspace.open(path) as workspace:  # which writes the file anew
        assert workspace.verify().problems == ()
        release(workspace, releases / "rel_2")
    found = everything(tmp_path)
    assert "canary" not in found
    assert "stays1" in found, "positive control: what stays is still found"

    staying = [vote_id for vote_id in told if vote_id not in gone]
    assert len(staying) == STAYING
    with read_once():
        after = {vote_id: receipts.prove(releases / "rel_2", vote_id) for vote_id in staying}
    for vote_id in staying:
        for proof in (before[vote_id], after[vote_id]):
            checked = receipts.check(proof, KEY, told[vote_id])
            assert (checked.problems, checked.proven) == ((), True)
    assert receipts.prove(releases / "rel_1", staying[0]) == before[staying[0]], "the kept ids prove it still"
    assert verification.release(releases / "rel_2", KEY).problems == ()
    assert {row["vote_id"] for row in id_tables.read(releases / "rel_2", id_tables.REMOVED)} == gone
    assert not gone & {item.vote_id for item in id_tables.items(releases / "rel_2")}
    assert ledger.verify(path).problems == ()


def test_a_command_erases_all_that_an_account_is(tmp_path: Path) -> None:
    one, other, stranger = RaterId("r_one"), RaterId("r_other"), RaterId("r_stranger")
    with (
        Workspace.open(tmp_path / "default.duckdb") as workspace,
        Instance.open(tmp_path / "instance.duckdb") as instance,
    ):
        cast = {rater: making.cast(workspace, rater).vote.vote_id for rater in (one, other, stranger)}
        instance.accounts.join(
            Member(
                account_id=AccountId("a_1"),
                workspace="default",
                role=Role.RATER,
                rater_id=one,
                others=(other,),
                since=making.NOW,
            )
        )
        here = opened.here(workspace, tmp_path / "releases")
        left = withdrawing.erase_once(here, instance, "command line", here.pseudonyms.name(one))
        assert {vote_id for _, vote_id in left.removal.votes} == {cast[one], cast[other]}
        with pytest.raises(Conflict, match="erased already"):
            withdrawing.erase_once(here, instance, "command line", other)
        left = withdrawing.erase_once(here, instance, "command line", stranger)
        assert [vote_id for _, vote_id in left.removal.votes] == [cast[stranger]]
        assert workspace.verify().problems == ()
