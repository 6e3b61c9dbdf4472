"""`arena export --select`: by name, by file, key by key; and what is no selection writes nothing."""

import json
from pathlib import Path

import pytest

from arena import settings
from arena.cli import selecting
from arena.domain.selection import Selection
from arena.errors import InvalidValue, SettingsError
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")


@pytest.fixture
def voted(tmp_path: Path) -> None:
    """Data with three votes, and no arena running on it."""
    with misbehaving.serve(listed=MODELS) as server:
        made = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(made, pages=False) as running, running.rater() as rater:
            arenas.vote(rater, arenas.battle(rater, "One?"), "model_a", strength="clearly").raise_for_status()
            arenas.vote(rater, arenas.battle(rater, "Two?"), "model_b").raise_for_status()
            arenas.vote(rater, arenas.battle(rater, "Three?"), "tie").raise_for_status()


def selected(tmp_path: Path, name: str) -> tuple[dict[str, object], dict[str, object]]:
    manifest = json.loads((tmp_path / name / "manifest.json").read_text())
    return manifest["selection"], manifest["counts"]


def test_a_release_says_what_was_selected_and_what_left(arena: Command, voted: None, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('strengths = ["clearly"]\n')
    by_file = arena("export", "--format", "battles", "--out", "one", "--select", "mine.toml")
    assert by_file.returncode == 0, by_file.stderr
    selection, counts = selected(tmp_path, "one")
    assert selection == {"strengths": ["clearly"]}
    assert counts["not_selected"] == {"battles": {"strength": 2}, "votes": {"strength": 2}}
    by_key = arena("export", "--format", "battles", "--out", "two", "--select", "strengths=clearly")
    assert by_key.returncode == 0, by_key.stderr
    for name in ("manifest.json", "data/train.jsonl", "left_out.parquet", "README.md", "signature.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    for word, *told in (("../x", "no selection '../x'", "strict"), ("languages=zu", "Nothing to export", "language 3")):
        refused(arena("export", "--format", "trl-dpo", "--out", "none", "--select", word), 2, *told)
    assert not (tmp_path / "none").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["strcit"], "no selection 'strcit'.*strict"),
        (["nowhere.toml"], r"nowhere\.toml cannot be read \(No such file or directory\)"),
        (["langauges=en"], "did you mean 'languages'"),
        (["languages="], "languages is empty"),
        (["minimum_votes=many"], "minimum_votes is 'many'"),
        (["everything", "strict"], "name one selection"),
        (["ties=keep", "ties=drop"], "says ties twice"),
    ],
)
def test_what_is_no_selection_is_refused_by_what_is_wrong_with_it(tmp_path: Path, words: list[str], told: str) -> None:
    with pytest.raises((InvalidValue, SettingsError), match=told):
        selecting.read(words, tmp_path)


def test_every_shipped_selection_is_one(tmp_path: Path) -> None:
    shipped = settings.selections(tmp_path)
    assert {"everything", "margins", "strict"} <= shipped.keys()
    for name in shipped:
        assert selecting.read([name], tmp_path).to_mapping()


def test_the_commented_keys_of_everything_are_all_keys_with_values_they_take(tmp_path: Path) -> None:
    lines = settings.selections(tmp_path)["everything"].read_text().splitlines()
    commented = [line.removeprefix("# ") for line in lines if " = " in line]
    (tmp_path / "all.toml").write_text("\n".join(commented))
    read = settings.selection(str(tmp_path / "all.toml"), tmp_path)
    assert read.keys() == {*Selection.__dataclass_fields__}
    assert Selection.from_mapping(read).to_mapping()


def test_a_file_that_is_no_selection_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("minimum_votes = 'x'\n")
    with pytest.raises(InvalidValue, match=r"bad\.toml: minimum_votes is 'x'"):
        selecting.read([str(tmp_path / "bad.toml")], tmp_path)
    (tmp_path / "no.toml").write_text("minimum_votes = \n")
    with pytest.raises(SettingsError, match=r"no\.toml is not TOML"):
        selecting.read([str(tmp_path / "no.toml")], tmp_path)
    assert selecting.read([], tmp_path) == Selection()
    assert selecting.read(["everything", "ties=drop", "test_share=0"], tmp_path).to_mapping() == {"ties": "drop"}


def test_a_selection_of_ones_own_is_found_by_name_and_comes_before_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text("minimum_votes = 9\n")
    assert selecting.read(["strict", "leaks=drop"], tmp_path).to_mapping() == {"leaks": "drop", "minimum_votes": 9}
