"""Settlements in the store: lines of the ledger, exact, never paid twice and never overwritten."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from arena import errors
from arena.domain.settlement import Part
from arena.store import ledger, ledger_rows
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

RELEASE = "a" * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "default.duckdb"


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path) as opened:
        yield opened


def settling(name: str, amounts: dict[str, int], **changes: Any) -> commands.Settle:
    parts = tuple(Part(contributor=one, weight=1, amount=amount) for one, amount in amounts.items())
    given: dict[str, Any] = {"release": RELEASE, "root": "b" * 64, "unit": "EUR-cent", "parts": parts}
    return commands.Settle(settlement_id=f"s_{name}", settled_at=making.NOW, **(given | changes))


def settle(workspace: Workspace, name: str, amounts: dict[str, int], **changes: Any) -> dict[str, int]:
    settled = workspace.submit(settling(name, amounts, **changes)).result()
    return {one.entry.part.contributor: one.entry.part.amount for one in settled.parts}


def problems(path: Path) -> tuple[str, ...]:
    return ledger.verify(path).problems


def test_each_part_is_a_line_of_the_chain_and_votes_go_on_after_it(workspace: Workspace) -> None:
    making.cast(workspace)
    settled = workspace.submit(settling("1", {"rater-1": 7, "rater-2": 3})).result()
    making.cast(workspace)
    with workspace.reading() as connection:
        chain = list(ledger_rows.lines(connection))
    assert [line.subject for line in chain[1:3]] == ["s_1-1", "s_1-2"]
    assert chain[1:3] == [one.line for one in settled.parts]
    assert [one.entry.commitment(one.salt) for one in settled.parts] == [line.commitment for line in chain[1:3]]
    assert len({one.salt for one in settled.parts}) == 2
    assert len(chain) == 4
    assert workspace.verify().problems == ()


def test_the_same_amount_again_pays_nobody_and_writes_nothing(path: Path) -> None:
    amounts = {"rater-1": 7, "rater-2": 3}
    with Workspace.open(path) as workspace:
        assert settle(workspace, "1", amounts) == amounts
        assert settle(workspace, "2", amounts) == {}
    with Workspace.open(path) as workspace:
        assert settle(workspace, "3", amounts) == {}
        assert settle(workspace, "4", amounts, release="c" * 64) == amounts, "positive control: another release"
    assert ledger.verify(path).lines == 4
    assert problems(path) == ()


def test_two_settlements_at_once_pay_once(workspace: Workspace) -> None:
    futures = [workspace.submit(settling(str(number), {"rater-1": 10})) for number in range(20)]
    refusals = [future.exception() for future in futures]
    assert all(refusal is None or isinstance(refusal, errors.Conflict) for refusal in refusals)
    paid = [one for future in futures if future.exception() is None for one in future.result().parts]
    assert [one.entry.part.amount for one in paid] == [10]
    assert workspace.verify().problems == ()


def test_a_correction_is_new_lines_that_hold_the_difference(path: Path) -> None:
    with Workspace.open(path) as workspace:
        settle(workspace, "1", {"rater-1": 7, "rater-2": 3})
        with workspace.reading() as connection:
            before = list(ledger_rows.lines(connection))
        assert settle(workspace, "2", {"rater-1": 10, "rater-2": 3, "rater-3": 2}) == {"rater-1": 3, "rater-3": 2}
        assert settle(workspace, "3", {"rater-1": 1}) == {"rater-1": -9, "rater-2": -3, "rater-3": -2}
        with workspace.reading() as connection:
            assert list(ledger_rows.lines(connection))[:2] == before
    assert problems(path) == ()


def test_random_corrections_always_sum_to_what_was_asked_last(path: Path) -> None:
    chance = random.Random(3)
    sums: Counter[str] = Counter()
    with Workspace.open(path) as workspace:
        for number in range(30):
            wanted = {f"rater-{one}": chance.randrange(50) for one in range(chance.randrange(1, 6))}
            sums.update(settle(workspace, str(number), wanted))
            assert {name: amount for name, amount in sums.items() if amount} == {
                name: amount for name, amount in wanted.items() if amount
            }
    assert problems(path) == ()


def test_another_unit_is_refused_until_the_first_is_taken_back(workspace: Workspace) -> None:
    settle(workspace, "1", {"rater-1": 7})
    with pytest.raises(errors.Conflict, match="was settled in EUR-cent"):
        settle(workspace, "2", {"rater-1": 7}, unit="points")
    assert settle(workspace, "3", {"rater-1": 0}) == {"rater-1": -7}
    assert settle(workspace, "4", {"rater-1": 7}, unit="points") == {"rater-1": 7}
    assert workspace.verify().problems == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE settlements SET amount = amount + 1 WHERE contributor = 'rater-1'",
        "UPDATE settlements SET contributor = 'rater-9' WHERE contributor = 'rater-1'",
        "UPDATE settlements SET unit = 'USD-cent'",
        "UPDATE settlements SET total = 11",
        "UPDATE settlements SET release = repeat('c', 64)",
        "UPDATE settlements SET weight = 2 WHERE contributor = 'rater-1'",
        "UPDATE settlements SET salt = 'not hexadecimal'",
        "UPDATE settlements SET sequence = 9 - sequence",
        "DELETE FROM settlements WHERE contributor = 'rater-1'",
        "DELETE FROM settlements",
        "DELETE FROM ledger WHERE subject = 's_1-2'",
        "INSERT INTO settlements SELECT sequence, subject || 'x', settlement_id, release, root, total, unit, "
        "contributor, weight, amount, salt, settled_at FROM settlements",
        "INSERT INTO settlements SELECT * FROM settlements",
    ],
)
def test_whatever_is_changed_past_the_writer_is_found(path: Path, statement: str) -> None:
    with Workspace.open(path) as workspace:
        settle(workspace, "1", {"rater-1": 7, "rater-2": 3})
    assert problems(path) == (), "positive control"
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    assert problems(path)
