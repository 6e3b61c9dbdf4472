"""`exports.proofs.chain`: the ledger as a file, in which any change is found offline."""

import hashlib
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from arena.domain import ledger
from arena.errors import InvalidValue
from arena.exports.proofs import chain, signing
from arena.exports.proofs.signing import Signer
from tests.exports import making, mutations

KEY = making.SIGNER.public_key


def lines(count: int, name: str = "v") -> list[ledger.Line]:
    made: list[ledger.Line] = []
    for number in range(count):
        commitment = hashlib.sha256(f"{name}{number}".encode()).hexdigest()
        made.append(ledger.follow(made[-1] if made else None, f"{name}_{number}", commitment))
    return made


def write(path: Path, made: list[ledger.Line], signer: Signer = making.SIGNER) -> list[bytes]:
    content = list(chain.text(made, signer))
    path.write_bytes(b"".join(content))
    return content


def test_an_untouched_file_has_no_problem(tmp_path: Path) -> None:
    """Positive control of everything below."""
    for count in (0, 1, 2, 50):
        made = lines(count)
        write(tmp_path / "ledger", made)
        found = chain.check(tmp_path / "ledger", KEY)
        assert (found.checked.problems, found.checked.proven, found.lines) == ((), True, count)
        assert found.head == (made[-1] if made else None)
        assert not chain.check(tmp_path / "ledger").checked.proven


@pytest.mark.slow
def test_a_thousand_mutations_of_an_exported_ledger_are_all_found(tmp_path: Path) -> None:
    chance, path = random.Random(20260402), tmp_path / "ledger"
    content = write(path, lines(40))
    whole = b"".join(content)
    done: Counter[str] = Counter()
    for number in range(1000):
        kind = mutations.KINDS[number % 5]
        by_line = number % 2
        changed = (
            b"".join(mutations.of_lines(chance, kind, content)) if by_line else mutations.of_bytes(chance, kind, whole)
        )
        path.write_bytes(changed)
        assert chain.check(path).checked.problems, f"{number}: {kind}, {'line' if by_line else 'bytes'}"
        done[kind] += 1
    assert done == dict.fromkeys(mutations.KINDS, 200)
    path.write_bytes(whole)
    assert not chain.check(path).checked.problems


def test_lines_cut_off_and_signed_anew_are_found_with_the_key(tmp_path: Path) -> None:
    other = Signer(signing.new_key())
    write(tmp_path / "ledger", lines(10)[:7], other)
    assert not chain.check(tmp_path / "ledger").checked.problems
    assert chain.check(tmp_path / "ledger", KEY).checked.problems


def test_true_is_not_the_number_of_the_first_line(tmp_path: Path) -> None:
    """In Python it would be equal."""
    content = write(tmp_path / "ledger", lines(1))
    first = {**json.loads(content[0]), "sequence": True}
    (tmp_path / "ledger").write_bytes(ledger.canonical(first) + b"\n" + content[1])
    assert chain.check(tmp_path / "ledger").checked.problems


def test_lines_of_a_release_are_looked_for(tmp_path: Path) -> None:
    made = lines(20)
    write(tmp_path / "ledger", made)
    release = "the release"
    wanted = [chain.Mention(line.sequence, line.subject, line.commitment, release) for line in made[3:9]]
    wanted.append(chain.Mention(20, None, made[-1].hash, release))
    assert not list(chain.missing(tmp_path / "ledger", wanted))
    rewritten = lines(20, "w")
    wanted = [
        chain.Mention(5, rewritten[4].subject, rewritten[4].commitment, release),
        chain.Mention(6, "v_made_up", made[5].commitment, release),
        chain.Mention(21, None, "0" * 64, release),
    ]
    assert list(chain.missing(tmp_path / "ledger", wanted)) == [
        "Line 5 of the ledger is not the one the release speaks of for w_4.",
        "Line 6 of the ledger is not the one the release speaks of for v_made_up.",
        "The ledger ends with line 20, and the release speaks of line 21: get a later ledger.",
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"\xff" * 100, b"[" * 100_000, b"{}\n" * 1000])
def test_what_is_no_ledger_is_a_problem_and_not_a_crash(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger").write_bytes(content)
    assert chain.check(tmp_path / "ledger").checked.problems


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="cannot be read"):
        chain.check(tmp_path / "absent")
