"""`leaderboards.fitting.cluster_scores`: sums of outer products are those of plain arithmetic, however they come."""

import dataclasses

import numpy
import pytest
import scipy.sparse

from leaderboards.fitting import cluster_scores, sandwich
from leaderboards.fitting.cluster_scores import Clustered, ClusterScores

SIZE, CLUSTERS, VOTES, WIDTH = 5, 7, 60, 3
CHANCE = numpy.random.default_rng(20260412)


def scores() -> ClusterScores:
    """Votes in no order, and two clusters without any."""
    rows = [CHANCE.choice(SIZE, WIDTH, replace=False) for _ in range(9)]
    ends = numpy.arange(0, 9 * WIDTH + 1, WIDTH)
    per_vote = scipy.sparse.csr_array((CHANCE.normal(size=9 * WIDTH), numpy.concatenate(rows), ends), shape=(9, SIZE))
    return ClusterScores(
        per_vote=per_vote,
        cell=CHANCE.integers(9, size=VOTES),
        mass=CHANCE.uniform(0.5, 2, VOTES),
        cluster=CHANCE.choice([0, 1, 3, 4, 5], VOTES),
        clusters=CLUSTERS,
    )


def summed(found: ClusterScores) -> numpy.ndarray:
    """(clusters, parameters), vote by vote."""
    total = numpy.zeros((CLUSTERS, SIZE))
    for cell, mass, cluster in zip(found.cell, found.mass, found.cluster, strict=True):
        total[cluster] += found.per_vote.toarray()[cell] * mass
    return total


@pytest.mark.parametrize("cells", [cluster_scores.CELLS, 2 * SIZE, 3 * SIZE + 1, 1])
@pytest.mark.parametrize("easier", [0, numpy.inf], ids=("element by element", "filled in"))
def test_the_squares_are_those_of_plain_arithmetic(monkeypatch: pytest.MonkeyPatch, cells: int, easier: float) -> None:
    monkeypatch.setattr(cluster_scores, "CELLS", cells)
    monkeypatch.setattr(cluster_scores, "_EASIER", easier)
    found = scores()
    expected = summed(found).T @ summed(found)
    numpy.testing.assert_allclose(found.rows().toarray(), summed(found), atol=1e-12)
    numpy.testing.assert_allclose(found.squared(), expected, atol=1e-12)
    assert found.squared().dtype == numpy.float64
    numpy.testing.assert_allclose(Clustered(scores=((1.0, found),)).diagonal(), expected.diagonal(), atol=1e-12)


def test_a_parameter_that_no_vote_has_keeps_its_place() -> None:
    found = scores()
    each = found.per_vote
    wider = scipy.sparse.csr_array((each.data, each.indices, each.indptr), shape=(9, SIZE + 1))
    found = dataclasses.replace(found, per_vote=wider)
    assert found.rows().shape == (CLUSTERS, SIZE + 1)


def test_a_minus_takes_away_and_rows_count_as_they_are() -> None:
    found, rows = scores(), scipy.sparse.csr_array(CHANCE.normal(size=(4, SIZE)))
    meat = Clustered(scores=((1.0, found), (-1.0, rows)))
    expected = summed(found).T @ summed(found) - rows.toarray().T @ rows.toarray()
    numpy.testing.assert_allclose(meat.matrix, expected, atol=1e-12)


@pytest.mark.parametrize("cells", [cluster_scores.CELLS, 2 * SIZE, 1])
@pytest.mark.parametrize("sign", [1.0, -0.5])
def test_what_each_score_adds_comes_to_the_same_as_all_of_them(
    monkeypatch: pytest.MonkeyPatch, cells: int, sign: float
) -> None:
    """With a minus, the nearest matrix that is one of squares."""
    monkeypatch.setattr(cluster_scores, "CELLS", cells)
    found, rows = scores(), scipy.sparse.csr_array(CHANCE.normal(size=(4, SIZE)))
    root = CHANCE.normal(size=(SIZE, SIZE))
    inverse, strengths = root @ root.T, SIZE - 1
    centred = inverse.copy()
    centred[:, :strengths] -= centred[:, :strengths].mean(axis=1)[:, None]
    meat = summed(found).T @ summed(found) + sign * (rows.toarray().T @ rows.toarray())
    expected = centred.T @ meat @ centred
    if sign < 0:
        values, vectors = numpy.linalg.eigh(expected)
        expected = vectors @ numpy.diag(numpy.maximum(values, 0)) @ vectors.T
    given = ((1.0, found), (sign, rows))
    numpy.testing.assert_allclose(sandwich.added_up(inverse, given, strengths), expected, rtol=1e-9, atol=1e-9)
