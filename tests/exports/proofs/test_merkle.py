"""`exports.proofs`: a path leads from each vote to the root, and nothing else does."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.exports.proofs import merkle

COMMITMENTS = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(1000)]
SIZES = [*range(1, 34), 63, 64, 65, 100, 255, 256, 257]


def by_definition(leaves: list[bytes]) -> bytes:
    """The tree hash as RFC 6962, section 2.1, writes it down."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + by_definition(leaves[:left]) + by_definition(leaves[left:])).digest()


@pytest.mark.parametrize("size", [0, *SIZES])
def test_the_root_is_the_one_of_the_rfc(size: int) -> None:
    leaves = [bytes.fromhex(commitment) for commitment in COMMITMENTS[:size]]
    assert merkle.root(COMMITMENTS[:size]) == by_definition(leaves).hex()


@pytest.mark.parametrize("size", SIZES)
def test_every_vote_has_a_path_that_leads_to_the_root(size: int) -> None:
    votes = COMMITMENTS[:size]
    root = merkle.root(votes)
    for index, vote in enumerate(votes):
        hashes = merkle.path(votes, index)
        assert len(hashes) <= (size - 1).bit_length()
        assert merkle.leads(vote, index, size, hashes, root)


@pytest.mark.slow
def test_a_thousand_proofs_are_valid_and_none_of_a_thousand_false_ones_is() -> None:
    chance = random.Random(5)
    root = merkle.root(COMMITMENTS)
    for index, vote in enumerate(COMMITMENTS):
        hashes = merkle.path(COMMITMENTS, index)
        assert merkle.leads(vote, index, len(COMMITMENTS), hashes, root)
        assert not merkle.leads(*falsified(chance, vote, index, hashes, root))


def falsified(
    chance: random.Random, vote: str, index: int, hashes: tuple[str, ...], root: str
) -> tuple[str, int, int, tuple[str, ...], str]:
    """The same proof with one thing changed."""
    size, place = len(COMMITMENTS), chance.randrange(len(hashes))
    other = chance.choice(COMMITMENTS).replace("a", "b")
    match chance.randrange(6):
        case 0:
            return other, index, size, hashes, root
        case 1:
            return vote, (index + chance.randrange(1, size)) % size, size, hashes, root
        case 2:
            return vote, index, size, (*hashes[:place], other, *hashes[place + 1 :]), root
        case 3:
            return vote, index, size, (*hashes[:place], *hashes[place + 1 :]), root
        case 4:
            return vote, index, size, (*hashes, other), root
    return vote, index, size, hashes, other


@given(st.integers(1, 40), st.integers(-3, 60), st.lists(st.sampled_from(COMMITMENTS), max_size=8))
def test_a_path_made_up_leads_nowhere(size: int, index: int, hashes: list[str]) -> None:
    assert not merkle.leads(COMMITMENTS[0], index, size, hashes, COMMITMENTS[1])


def test_a_node_does_not_pass_for_a_leaf() -> None:
    """With one hash for both, the concatenation of two leaves would prove a vote that never was."""
    first, second = (merkle.leaf(vote) for vote in COMMITMENTS[:2])
    assert hashlib.sha256(b"\0" + first + second).digest() != merkle.node(first, second)


def test_a_vote_that_is_not_there_has_no_path() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.path(COMMITMENTS[:3], index)
