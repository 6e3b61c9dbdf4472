"""Who a signed value belongs to, and what answers call them."""

import hashlib
import hmac
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.domain.ids import RaterId, ours
from arena.domain.principal import Principal, Role
from arena.services import places
from arena.services.identity import Identity
from arena.services.pseudonyms import Pseudonyms
from arena.store.instance import Instance

SECRET = b"a secret of these tests"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance file without tokens."""
    with Instance.open(tmp_path / "instance.duckdb") as opened:
        yield opened


def identity(instance: Instance, workspace: str = "ours") -> Identity:
    """The identities of a workspace."""
    return Identity(instance, SECRET, workspace, random.Random(1))


def earlier(rater_id: str, workspace: str = "ours") -> str:
    """A value as it was signed before values hid the stored id: cookies last a year."""
    return f"{rater_id}.{hmac.new(SECRET, f'rater:{workspace}:{rater_id}'.encode(), hashlib.sha256).hexdigest()}"


def test_a_raters_value_is_worth_something_only_in_the_workspace_it_was_made_in(instance: Instance) -> None:
    made = identity(instance).new_rater(places.now())
    found = identity(instance).bearer(made.token)
    assert found is not None
    assert (identity(instance).shown(found), found.workspace) == (made.name, "ours")
    assert identity(instance, "theirs").bearer(made.token) is None


def test_the_stored_id_is_in_neither_the_value_nor_the_name(instance: Instance) -> None:
    made = identity(instance).new_rater(places.now())
    found = identity(instance).rater(made.token)
    assert found is not None
    assert ours(found.id)
    assert ours(made.name)
    assert found.id not in (made.name, made.token.partition(".")[0])


def test_a_value_of_an_earlier_arena_is_the_same_rater_still(instance: Instance) -> None:
    stored = "r_01K7QX4M8ZJ5T0W3N6R9V2C4E1"
    found = identity(instance).rater(earlier(stored))
    assert found == Principal(id=stored, role=Role.RATER, workspace="ours")
    assert stored not in identity(instance).shown(found)
    assert identity(instance, "theirs").rater(earlier(stored)) is None


def test_a_value_is_not_worth_anything_under_the_other_signature(instance: Instance) -> None:
    """Who knows a stored id, or a name, cannot make a value of it."""
    made = identity(instance).new_rater(places.now())
    found = identity(instance).rater(made.token)
    assert found is not None
    _, _, signature = made.token.partition(".")
    for forged in (f"{found.id}.{signature}", f"{made.name}.{signature}", f"{made.token}x", signature, ""):
        assert identity(instance).rater(forged) is None


def test_a_token_is_called_by_its_own_id(instance: Instance) -> None:
    lab = Principal(id="t_1", role=Role.LAB, workspace="ours")
    assert identity(instance).shown(lab) == "t_1"


def test_a_name_differs_by_workspace_and_installation_and_is_found_again() -> None:
    stored = [RaterId(f"r_{number}") for number in range(9)]
    names = Pseudonyms(SECRET, "ours")
    assert len({names.name(one) for one in stored}) == 9
    for others in (Pseudonyms(SECRET, "theirs"), Pseudonyms(b"another secret", "ours")):
        assert others.name(stored[3]) != names.name(stored[3])
    assert names.find(names.name(stored[3]), stored) == stored[3]
    assert names.find(stored[3], stored) == stored[3]
    assert names.find(Pseudonyms(SECRET, "theirs").name(stored[3]), stored) is None
