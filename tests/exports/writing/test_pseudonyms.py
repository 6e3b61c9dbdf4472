"""`exports.writing.pseudonyms`: the same rater within a release, nobody across releases, nothing without the secret."""

import hashlib

from arena.domain import ledger
from arena.domain.ids import RaterId
from arena.domain.name_key import NameKey
from arena.exports.writing import pseudonyms
from tests.exports import making

SECRET = b"a secret"
KEY = NameKey(workspace="default", secret=SECRET)
RATER = RaterId("r_01K7QX4M8ZJ5T0W3N6R9V2C4E1")


def test_a_rater_has_one_name_in_a_release_and_two_raters_have_two() -> None:
    name = pseudonyms.keyed(KEY, {}, making.HEAD)
    assert name(RATER) == name(RATER) != name(RaterId("r_other"))


def test_the_same_release_built_again_gives_the_same_names() -> None:
    selection = {"b": 1, "a": 2}
    again = dict(reversed(selection.items()))
    first = pseudonyms.keyed(KEY, selection, making.HEAD)(RATER)
    assert first == pseudonyms.keyed(KEY, again, making.HEAD)(RATER)


def test_secret_workspace_selection_and_ledger_head_each_change_the_name() -> None:
    later = ledger.follow(making.HEAD, "v_2", "d" * 64)
    names = {
        pseudonyms.keyed(NameKey(workspace=workspace, secret=secret), selection, head)(RATER)
        for secret, workspace, selection, head in [
            (SECRET, "default", {}, making.HEAD),
            (b"another", "default", {}, making.HEAD),
            (SECRET, "lab", {}, making.HEAD),
            (SECRET, "default", {"test_share": 0.1}, making.HEAD),
            (SECRET, "default", {}, later),
            (SECRET, "default", {}, None),
        ]
    }
    assert len(names) == 6


def test_a_name_is_no_plain_hash_of_the_rater() -> None:
    name = pseudonyms.keyed(KEY, {}, making.HEAD)(RATER).removeprefix("rater-")
    plain = [hashlib.new(kind, RATER.encode()).hexdigest() for kind in ("sha256", "sha1", "md5", "blake2b")]
    assert len(name) == 32
    assert not any(name in digest for digest in plain)
