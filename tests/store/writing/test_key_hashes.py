"""The hashes in memory never miss a key that the table holds."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.store import rows
from arena.store.writing import key_hashes
from arena.store.writing.key_hashes import Presence

KEYS = st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=50)


@settings(max_examples=min(30, settings.default.max_examples))
@given(stored=KEYS, added=KEYS, others=KEYS)
def test_every_key_stored_or_added_may_be_held_and_no_other(
    stored: list[tuple[str, str]], added: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE keys (rater VARCHAR, key VARCHAR)")
        rows.append(connection, "keys", {"rater": "VARCHAR", "key": "VARCHAR"}, stored)
        present = Presence.of(connection, "keys", "rater", "key")
    for one in added:
        present.add(key_hashes.hashed(*one))

    held = {key_hashes.SEPARATOR.join(one) for one in (*stored, *added)}
    for one in (*stored, *added, *others):
        assert present.may_hold(key_hashes.hashed(*one)) == (key_hashes.SEPARATOR.join(one) in held)


def test_new_hashes_are_still_held_once_they_join_the_sorted_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_hashes, "MERGE_AT", 10)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE keys (key VARCHAR)")
        present = Presence.of(connection, "keys", "key")
    keys = [key_hashes.hashed(str(number)) for number in range(95)]
    for key in keys:
        present.add(key)

    assert all(present.may_hold(key) for key in keys)
    assert not present.may_hold(key_hashes.hashed("95"))
