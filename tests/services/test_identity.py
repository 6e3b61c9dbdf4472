"""Who a signed value belongs to."""

import random
from pathlib import Path

from arena.services import places
from arena.services.identity import Identity
from arena.store.instance import Instance

SECRET = b"a secret of these tests"


def test_a_raters_value_is_worth_something_only_in_the_workspace_it_was_made_in(tmp_path: Path) -> None:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        ours, theirs = (Identity(instance, SECRET, name, random.Random(1)) for name in ("ours", "theirs"))
        made = ours.new_rater(places.now())
        found = ours.bearer(made.token)
        assert found is not None
        assert (found.id, found.workspace) == (made.rater_id, "ours")
        assert theirs.bearer(made.token) is None
