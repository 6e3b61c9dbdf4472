"""A release that masks: what was planted is in no file, and everything else is as it would be."""

import dataclasses
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.origin import Origin
from arena.domain.vote import Strength, Winner
from arena.errors import InvalidValue
from arena.exports import personal
from arena.exports.personal import PersonalKind
from arena.exports.proofs import verification
from arena.exports.writing import release
from tests.exports import making
from tests.exports.personal import test_names

PLANTED = {
    PersonalKind.MAIL: "planted.person@example.com",
    PersonalKind.PHONE: "+49 30 23125123",
    PersonalKind.CARD: "4111 1111 1111 1111",
    PersonalKind.IBAN: "DE89 3704 0044 0532 0130 00",
    PersonalKind.IP: "203.0.113.77",
    PersonalKind.KEY: "sk-proj-" + "aB3dE5fG7hI9" * 4,
    PersonalKind.NATIONAL_ID: "RSSMRA80A01H501U",
}
EVERYTHING = "; ".join(PLANTED.values())
MASK = [kind.value for kind in personal.STRUCTURED]
EACH_FORMAT = pytest.mark.parametrize("name", exports.FORMATS)


def records() -> list[BattleRecord]:
    """Planted values in every text: prompts, answers, what the rater wrote, and the history of a follow-up."""
    told: dict[str, Any] = {
        "strength": Strength.CLEARLY,
        "reason": f"It knows {EVERYTHING}.",
        "edit": f"No: {EVERYTHING}",
    }
    asked, answered = f"I am {EVERYTHING}.", f"Hello {EVERYTHING}!"
    return [
        making.record(1, prompt=asked, text_a=answered, text_b="Hello you.", votes=(making.vote(1, **told),)),
        making.record(
            2,
            prompt=f"Again: {EVERYTHING}",
            history=(("user", asked), ("assistant", answered)),
            text_a="Yes.",
            text_b=f"No {EVERYTHING}",
            votes=(making.vote(2, Winner.MODEL_B, **told),),
            conversation="c_1",
        ),
        making.record(3, prompt="Why is the sky blue?", votes=(making.vote(3, Winner.MODEL_A),)),
    ]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file; Parquet as the text of its rows, because its pages are packed."""
    return {
        path.relative_to(folder).as_posix(): (
            json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
            if path.suffix == ".parquet"
            else path.read_bytes()
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def written(folder: Path, name: str, given: list[BattleRecord] | None = None, **select: Any) -> dict[str, bytes]:
    release.write(folder, name, records() if given is None else given, making.facts(selection=select))
    return contents(folder)


def holding(found: dict[str, bytes]) -> set[PersonalKind]:
    return {kind for kind, value in PLANTED.items() if any(value.encode() in content for content in found.values())}


@pytest.mark.parametrize("name", ["battles", "helpsteer3"])
def test_what_an_import_calls_its_battles_is_masked_too(tmp_path: Path, name: str) -> None:
    origin = Origin(
        source="s", item="1", language=PLANTED[PersonalKind.IP], category=EVERYTHING, timed=True, digest="0" * 64
    )
    record = making.record(1)
    battle = dataclasses.replace(record.battle, campaign=f"Of {PLANTED[PersonalKind.MAIL]}")
    given = [dataclasses.replace(record, battle=battle, origin=origin)]
    assert holding(written(tmp_path / "open", name, given)) == set(PLANTED), "positive control"
    assert holding(written(tmp_path / "masked", name, given, mask=MASK)) == set()


@EACH_FORMAT
def test_what_was_planted_is_in_no_file_of_a_masked_release(tmp_path: Path, name: str) -> None:
    assert holding(written(tmp_path / "masked", name, mask=MASK)) == set()
    assert holding(written(tmp_path / "plain", name)) == set(PLANTED), "without masking all of it is there"


def test_only_the_kinds_that_were_asked_for_are_masked(tmp_path: Path) -> None:
    assert holding(written(tmp_path / "out", "battles", mask=["mail", "card"])) == set(PLANTED) - {
        PersonalKind.MAIL,
        PersonalKind.CARD,
    }


@EACH_FORMAT
def test_masking_changes_no_count_and_no_split(tmp_path: Path, name: str) -> None:
    plain = written(tmp_path / "plain", name, test_share=0.5)
    masked = written(tmp_path / "masked", name, test_share=0.5, mask=MASK)
    for table in ("items.parquet", "left_out.parquet", "removed.parquet"):
        assert masked[table] == plain[table]
    counts = [json.loads(files["manifest.json"])["counts"] for files in (plain, masked)]
    assert counts[0] == counts[1]


def test_the_manifest_counts_what_was_masked_in_battles_with_rows(tmp_path: Path) -> None:
    tie = making.record(4, prompt=f"Left out: {EVERYTHING}", winners=(Winner.TIE,))
    manifest = json.loads(written(tmp_path / "out", "trl-dpo", [*records(), tie], mask=MASK)["manifest.json"])
    assert manifest["masked"] == {
        "kinds": [kind.value for kind in personal.STRUCTURED],
        "found": dict.fromkeys(MASK, 4 + 6),
        "names": None,
    }


def test_a_release_that_masks_nothing_says_so(tmp_path: Path) -> None:
    files = written(tmp_path / "out", "trl-dpo")
    assert json.loads(files["manifest.json"])["masked"] is None
    assert b"Personal data was not searched for and not masked" in files["README.md"]


def test_the_card_of_a_masked_release_has_the_counts_and_the_recall_and_claims_no_more(tmp_path: Path) -> None:
    card = written(tmp_path / "out", "trl-dpo", mask=MASK)["README.md"].decode()
    assert "70 places were masked (`[EMAIL]` 10, `[PHONE]` 10" in card
    assert "% (recall)" in card
    assert "before personal data was masked" in card
    assert "not searched for and not masked" not in card
    assert "anonym" not in card.lower()


def test_the_same_selection_masks_to_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        release.write(tmp_path / folder, "battles", records(), making.facts(selection={"mask": MASK}))
    one, two = (
        {path.name: hashlib.sha256(path.read_bytes()).digest() for path in (tmp_path / folder).rglob("*.*")}
        for folder in ("one", "two")
    )
    assert one == two


def test_a_masked_release_verifies(tmp_path: Path) -> None:
    written(tmp_path / "out", "battles", mask=MASK)
    assert verification.release(tmp_path / "out").problems == ()


def test_names_are_masked_where_a_recogniser_is_plugged_in(tmp_path: Path) -> None:
    given = [making.record(1, prompt="I am Jane Roe.")]
    facts = making.facts(selection={"mask": ["name"]}, names=test_names.capitals)
    manifest = release.write(tmp_path / "out", "trl-dpo", given, facts)
    assert manifest.masked is not None
    assert manifest.masked.names == "tests.exports.personal.test_names:capitals"
    assert b"I am [NAME]." in contents(tmp_path / "out")["data/train.jsonl"]


def test_names_without_a_recogniser_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="name_recogniser"):
        written(tmp_path / "out", "trl-dpo", mask=["name"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mask", [["email"], ["mail", "names"], "phones"])
def test_an_unknown_kind_is_refused_in_a_sentence(mask: Any) -> None:
    with pytest.raises(
        InvalidValue, match=r"mask holds .* accepted: mail, phone, card, iban, ip, key, national_id, name\."
    ):
        making.facts(selection={"mask": mask})


def test_every_format_was_given_texts_of_every_kind() -> None:
    texts = [record.battle.prompt for record in records()[:2]]
    for text, (kind, value) in itertools.product(texts, PLANTED.items()):
        assert value in text
        assert kind in {one.kind for one in personal.find(text, personal.STRUCTURED)}
