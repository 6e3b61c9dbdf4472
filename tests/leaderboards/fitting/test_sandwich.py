"""Standard errors of many models come from single precision where that is enough, and from double where it is not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy
import pyarrow
import pytest
from scipy import sparse

import leaderboards
from leaderboards.fitting import bradley_terry, cluster_scores, clusters, curvature, sandwich
from leaderboards.reading import counts

Cells = numpy.typing.NDArray[numpy.float64]
"""(clusters, pairs * 3)."""

MODELS = 450


def _fitted(reach: int, *, ties: str = "half") -> bradley_terry.Fit:
    """A fit over models each of which met others up to `reach` places away."""
    chance = numpy.random.default_rng(4)
    first = chance.integers(MODELS, size=40_000)
    second = (first + chance.integers(1, reach + 1, size=len(first))) % MODELS
    met = (first < second) if reach < MODELS // 2 else numpy.ones(len(first), dtype=bool)  # a ladder has ends
    low, high = numpy.minimum(first, second)[met], numpy.maximum(first, second)[met]
    keys, pair = numpy.unique(low * MODELS + high, return_inverse=True)
    cells = numpy.bincount(pair * 3 + chance.integers(3, size=len(pair)), minlength=3 * len(keys))
    weight = cells.reshape(-1, 3).astype(float)
    pairs = counts.Pairs(size=MODELS, low=keys // MODELS, high=keys % MODELS, weight=weight, weight_squared=weight)
    return bradley_terry.fit(pairs, ties=ties)


@pytest.mark.parametrize("ties", ["half", "davidson"])
@pytest.mark.parametrize("dense", [False, True])
def test_single_precision_keeps_five_digits(monkeypatch: pytest.MonkeyPatch, ties: str, dense: bool) -> None:
    found = _fitted(MODELS - 1, ties=ties)
    paired = sandwich.independent_meat(found)
    meat = cluster_scores.Clustered(scores=sandwich._scores(found, paired)) if dense else paired
    rough = sandwich.spread(found, meat).covariance
    monkeypatch.setattr(curvature, "MANY", MODELS + 1)
    exact = sandwich.spread(found, meat).covariance
    assert (rough.dtype, exact.dtype) == (numpy.float32, numpy.float64)
    assert numpy.sqrt(numpy.diag(rough)) == pytest.approx(numpy.sqrt(numpy.diag(exact)), rel=1e-5)
    assert numpy.abs(rough - exact).max() < 1e-5 * exact.max()


@pytest.mark.parametrize(("single", "dense"), [(False, False), (False, True), (True, False), (True, True)])
def test_draws_have_the_covariance_that_they_come_with(single: bool, dense: bool) -> None:
    found = _fitted(MODELS - 1) if single else _uneven("half")
    meat = sandwich.independent_meat(found)
    spread = sandwich.spread(found, cluster_scores.Clustered(scores=sandwich._scores(found, meat)) if dense else meat)
    assert spread.covariance.dtype == (numpy.float32 if single else numpy.float64)
    assert spread.drawn is not None
    draws = spread.drawn(4_000, numpy.random.default_rng(9))
    assert (draws.shape, draws.dtype) == ((4_000, found.pairs.size), numpy.float32)
    apart = draws[:, 0] - draws[:, 1:].T  # strengths are known but for a constant
    own = spread.covariance
    expected = own[0, 0] + numpy.diag(own)[1:] - 2 * own[0, 1:]
    assert apart.var(axis=1) == pytest.approx(expected, rel=0.12)
    assert numpy.abs(apart.mean(axis=1)).max() < 5 * numpy.sqrt(expected.max() / 4_000)


def test_a_ladder_of_models_is_computed_in_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _fitted(10)
    assert sandwich.spread(found).covariance.dtype == numpy.float64
    monkeypatch.setattr(sandwich, "_LOSS", 1e3)
    assert sandwich.spread(found).covariance.dtype == numpy.float32  # the control: only the bound kept it from that


def _halves() -> tuple[bradley_terry.Fit, cluster_scores.Clustered]:
    """Models that met those of the other half alone, and a cluster of many votes that are all for the first half."""
    half = MODELS // 2
    low, high = numpy.divmod(numpy.arange(half**2), half)
    weight = numpy.ones((half**2, 3))
    pairs = counts.Pairs(size=MODELS, low=low, high=half + high, weight=weight, weight_squared=weight)
    found = bradley_terry.fit(pairs)
    one_sided = sparse.csr_array(numpy.repeat([1.0, -1.0], half)[None] * half)
    ((_, alone),) = sandwich._scores(found, sandwich.independent_meat(found))
    return found, cluster_scores.Clustered(scores=((1.0, alone), (1.0, one_sided)))


@pytest.mark.parametrize("design", ["everybody met", "far apart", "halves"])
def test_single_precision_is_taken_up_to_the_loss_of_the_docstring(
    monkeypatch: pytest.MonkeyPatch, design: str
) -> None:
    """sqrt(n) * norm of the inverse squared * rounding, beside what the largest standard error leaves of it."""
    found, meat = _halves() if design == "halves" else (_fitted(MODELS - 1 if design == "everybody met" else 60), None)
    paired, middle = found.hessian.paired, meat or sandwich.independent_meat(found)
    loss = numpy.sqrt(MODELS) * 2.0**-24 * paired.stiffness() ** 2
    weight = (middle.diagonal() / paired.diagonal()).max()
    largest = (sandwich.spread(found, meat).covariance.diagonal() * paired.diagonal()[:MODELS]).max() / weight
    assert {"everybody met": 0.95 < largest < 1.05, "far apart": largest > 1.05, "halves": largest < 0.5}[design]
    bound = loss * max(1, 1 / largest)
    monkeypatch.setattr(curvature, "MANY", MODELS)
    for share, kind in ((0.98, numpy.float64), (1.02, numpy.float32)):
        monkeypatch.setattr(sandwich, "_LOSS", share * bound)
        assert sandwich.spread(found, meat).covariance.dtype == kind


def _log_chances(pairs: counts.Pairs, point: Cells, ties: str) -> Cells:
    """(pairs, 3): log-probability of each outcome, as the tie models are published."""
    gap, extra = point[pairs.low] - point[pairs.high], point[pairs.size]
    if ties == "davidson":
        mass = numpy.array([numpy.exp(gap / 2), numpy.exp(-gap / 2), numpy.full_like(gap, numpy.exp(extra))])
    else:
        won, lost = 1 / (1 + numpy.exp(extra - gap)), 1 / (1 + numpy.exp(extra + gap))
        mass = numpy.array([won, lost, 1 - won - lost])
    return numpy.log(mass / mass.sum(axis=0)).T


def _by_differences(found: bradley_terry.Fit) -> Cells:
    """The covariance with a tie model, from log-probabilities alone: all derivatives are differences of them."""
    pairs = found.pairs
    point = numpy.append(found.strengths, found.extra)
    near = 1e-4 * numpy.eye(len(point))

    def scores(place: Cells) -> Cells:
        ends = [_log_chances(pairs, place + sign * step, found.ties) for step in near for sign in (1, -1)]
        return numpy.array([(up - down).ravel() / 2e-4 for up, down in zip(ends[::2], ends[1::2], strict=True)])

    slopes = [(scores(point + step) - scores(point - step)) @ pairs.weight.ravel() / 2e-4 for step in near]
    inverse = numpy.linalg.pinv(-numpy.array(slopes), rcond=1e-6, hermitian=True)
    each = scores(point)
    covariance = inverse @ (each * pairs.weight_squared.ravel()) @ each.T @ inverse
    return covariance[: pairs.size, : pairs.size]


def _uneven(ties: str) -> bradley_terry.Fit:
    """Few models, far apart, some of whose votes weigh more than others."""
    chance = numpy.random.default_rng(8)
    low, high = numpy.triu_indices(6, 1)
    votes = chance.integers(1, 60, size=(len(low), 3)).astype(float)
    votes[:, 0] *= 1 + high
    once = chance.uniform(0.2, 3, size=(len(low), 1))
    return bradley_terry.fit(
        counts.Pairs(size=6, low=low, high=high, weight=votes * once, weight_squared=votes * once**2), ties=ties
    )


@pytest.mark.parametrize("drowned", [False, True])
@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_the_parameter_of_ties_is_part_of_the_sandwich(
    monkeypatch: pytest.MonkeyPatch, ties: str, drowned: bool
) -> None:
    """Whole, its row beside the strengths included: what it takes from each score shifts the others."""
    monkeypatch.setattr(sandwich, "drowned", lambda *_: drowned)
    found = _uneven(ties)
    expected = _by_differences(found)
    assert sandwich.spread(found).covariance == pytest.approx(expected, rel=1e-4, abs=1e-5 * expected.max())
    dense = cluster_scores.Clustered(scores=sandwich._scores(found, sandwich.independent_meat(found)))
    assert sandwich.spread(found, dense).covariance == pytest.approx(expected, rel=1e-4, abs=1e-5 * expected.max())


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_without_the_row_of_ties_errors_are_off(ties: str) -> None:
    """The control of the test before."""
    found = _uneven(ties)
    whole = sandwich.independent_meat(found)
    assert whole.border is not None
    bare = replace(whole, border=numpy.zeros_like(whole.border))
    errors = numpy.sqrt(numpy.diag(sandwich.spread(found, bare).covariance))
    assert errors != pytest.approx(numpy.sqrt(numpy.diag(_by_differences(found))), rel=0.01)


def _bridged(models: int, weight: float) -> counts.Pairs:
    """Two halves full of votes, joined by four of this weight."""
    chance = numpy.random.default_rng(5)
    half = models // 2
    first = chance.integers(half, size=50 * models)
    second = (first + chance.integers(1, half, size=len(first))) % half
    side = half * chance.integers(2, size=len(first))
    first, second = first + side, second + side
    low, high = numpy.minimum(first, second), numpy.maximum(first, second)
    keys, pair = numpy.unique(low * models + high, return_inverse=True)
    votes = numpy.bincount(pair * 3 + chance.integers(2, size=len(pair)), minlength=3 * len(keys)).reshape(-1, 3)
    place = numpy.searchsorted(keys, half)  # pairs are in order
    keys = numpy.insert(keys, place, half)
    weights, squares = (
        numpy.insert(votes.astype(float), place, [2 * w, 2 * w, 0], axis=0) for w in (weight, weight**2)
    )
    return counts.Pairs(size=models, low=keys // models, high=keys % models, weight=weights, weight_squared=squares)


def _vote_by_vote(found: bradley_terry.Fit) -> numpy.typing.NDArray[numpy.float64]:
    """Standard errors from the scores themselves, without their matrix M."""
    pairs, size = found.pairs, found.pairs.size
    chance = 1 / (1 + numpy.exp(found.strengths[pairs.high] - found.strengths[pairs.low]))
    bend = pairs.weight.sum(axis=1) * chance * (1 - chance)
    hessian = numpy.full((size, size), bend.mean() / size)
    for one, other, sign in (
        (pairs.low, pairs.low, 1),
        (pairs.high, pairs.high, 1),
        (pairs.low, pairs.high, -1),
        (pairs.high, pairs.low, -1),
    ):
        numpy.add.at(hessian, (one, other), sign * bend)
    inverse = numpy.linalg.inv(hessian)
    scores = pairs.weight_squared[:, 0] * (1 - chance) ** 2 + pairs.weight_squared[:, 1] * chance**2
    moved = (inverse[:, pairs.low] - inverse[:, pairs.high]) * numpy.sqrt(scores)
    moved -= moved.mean(axis=0)
    return numpy.sqrt((moved**2).sum(axis=1))


@pytest.mark.parametrize("models", [20, 450])
@pytest.mark.parametrize("weight", [1.0, 1e-3, 1e-5, 1e-7])
def test_parts_that_hang_together_by_little_are_as_uncertain_as_that_little_is(models: int, weight: float) -> None:
    found = bradley_terry.fit(_bridged(models, weight))
    errors = numpy.sqrt(numpy.diag(sandwich.spread(found).covariance))
    assert errors == pytest.approx(_vote_by_vote(found), rel=1e-4)


def test_without_adding_up_pairs_such_errors_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test before."""
    monkeypatch.setattr(sandwich, "drowned", lambda *_: False)
    found = bradley_terry.fit(_bridged(450, 1e-7))
    with numpy.errstate(invalid="ignore"):  # with another number of threads rounding leaves them below zero
        errors = numpy.sqrt(numpy.diag(sandwich.spread(found).covariance))
    assert errors != pytest.approx(_vote_by_vote(found), rel=0.1)


def test_clusters_that_leave_directions_without_spread_are_computed_as_plain_arithmetic_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandwich, "drowned", lambda *_: False)  # it would mend them, slowly
    found = _fitted(MODELS - 1)
    ((_, rows),) = sandwich._scores(found, sandwich.independent_meat(found))
    assert isinstance(rows, sparse.csr_array)
    few = cluster_scores.Clustered(scores=((1.0, rows[:40]),))
    covariance = sandwich.spread(found, few).covariance
    expected = found.inverse @ few.matrix @ found.inverse
    assert covariance.dtype == numpy.float64
    numpy.testing.assert_allclose(covariance, expected, rtol=1e-7, atol=1e-9 * expected.max())


def test_votes_that_say_more_than_alone_add_to_the_meat_as_pairs_do() -> None:
    found = _uneven("davidson")
    paired = sandwich.independent_meat(found)
    paired = replace(paired, values=paired.values + 1)
    dense = cluster_scores.Clustered(scores=sandwich._scores(found, paired))
    assert sandwich.spread(found, dense).covariance == pytest.approx(sandwich.spread(found, paired).covariance)


def test_pairs_that_have_no_factor_are_computed_as_plain_arithmetic_has_it() -> None:
    found = _uneven("half")
    paired = sandwich.independent_meat(found)
    values = paired.values.copy()
    values[0] = -values.sum()
    apart = found.inverse[:, found.pairs.low] - found.inverse[:, found.pairs.high]
    covariance = sandwich.spread(found, replace(paired, values=values)).covariance
    assert covariance == pytest.approx(apart * values @ apart.T, abs=1e-12)


def test_rounding_drowns_a_covariance_that_is_small_beside_what_it_magnifies() -> None:
    """The bounds of the module's docstring, for four strengths and a parameter of ties."""
    inverse, diagonal, meat = numpy.eye(5), numpy.full(5, 4.0), numpy.full(5, 8.0)
    bound = 2 * 2.0**-53 * 20**2 * 2 / 1e-4 / 4
    assert sandwich.drowned(inverse, diagonal, meat, 0.99 * bound * numpy.eye(4))
    assert not sandwich.drowned(inverse, diagonal, meat, 1.01 * bound * numpy.eye(4))


def test_an_inverse_that_rounding_spoils_is_refused() -> None:
    bound = 1e-2 / (2 * 2.0**-53 * 16)
    sandwich.known(0.99 * bound * numpy.eye(4), numpy.full(4, 4.0))
    with pytest.raises(leaderboards.InputError):
        sandwich.known(1.01 * bound * numpy.eye(4), numpy.full(4, 4.0))


def _clustered(found: bradley_terry.Fit, cells: Sequence[Cells]) -> cluster_scores.Clustered:
    """The meat of votes that lie in clusters by one column or by two."""

    def summed(names: Sequence[str]) -> sparse.csr_array:
        table = cells[int(names[0])] if len(names) == 1 else cells[-1]
        return sparse.csr_array(table) @ sandwich.scores(found)

    return clusters.combined(summed, ["0", "1"][: (len(cells) + 1) // 2])


def _cluster_by_cluster(found: bradley_terry.Fit, cells: Sequence[Cells]) -> numpy.typing.NDArray[numpy.float64]:
    """Standard errors from differences of H^-1 for each pair, added up in each cluster, without scores of models."""
    pairs = found.pairs
    apart = found.inverse[:, pairs.low] - found.inverse[:, pairs.high]
    apart -= apart.mean(axis=0)
    total = numpy.zeros((pairs.size, pairs.size))
    for table, sign in zip(cells, (1, 1, -1), strict=False):
        moved = apart @ (table.reshape(len(table), -1, 3) * found.terms.slope).sum(axis=2).T
        total += sign * len(table) / (len(table) - 1) * moved @ moved.T
    values, vectors = numpy.linalg.eigh(total)
    return numpy.sqrt(((vectors * numpy.maximum(values, 0)) @ vectors.T).diagonal())


def _dealt(pairs: counts.Pairs, number: int) -> list[Cells]:
    """The votes of each pair and outcome, dealt to the clusters of one column, or of two and of both together."""
    chance = numpy.random.default_rng(6)
    votes = numpy.rint(pairs.weight**2 / numpy.where(pairs.weight_squared > 0, pairs.weight_squared, 1)).astype(int)
    each = pairs.weight / numpy.maximum(votes, 1)
    dealt = chance.multinomial(votes.ravel(), numpy.full(35, 1 / 35)).T * each.ravel()
    if number == 1:
        return [dealt]
    return [dealt.reshape(5, 7, -1).sum(axis=1), dealt.reshape(5, 7, -1).sum(axis=0), dealt]


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("weight", [1.0, 1e-3, 1e-5, 1e-7])
def test_clusters_are_added_up_one_by_one_where_rounding_would_drown_them(weight: float, columns: int) -> None:
    found = bradley_terry.fit(_bridged(20, weight))
    cells = _dealt(found.pairs, columns)
    errors = numpy.sqrt(numpy.diag(sandwich.spread(found, _clustered(found, cells)).covariance))
    assert errors == pytest.approx(_cluster_by_cluster(found, cells), rel=1e-4)


@pytest.mark.parametrize("columns", [1, 2])
def test_without_that_the_errors_of_clusters_are_off(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """The control of the test before."""
    monkeypatch.setattr(sandwich, "drowned", lambda *_: False)
    found = bradley_terry.fit(_bridged(20, 1e-7))
    cells = _dealt(found.pairs, columns)
    errors = numpy.sqrt(numpy.diag(sandwich.spread(found, _clustered(found, cells)).covariance))
    assert errors != pytest.approx(_cluster_by_cluster(found, cells), rel=1e-2)  # by how much depends on the processor


SETTINGS: list[dict[str, str]] = [
    {},
    {"ties": "davidson"},
    {"cluster": "rater"},
    {"cluster": "rater,prompt"},
    {"ties": "rao-kupper", "cluster": "rater"},
    {"controls": "x"},
    {"controls": "x", "cluster": "rater,prompt"},
]


def _joined_by(weight: float) -> pyarrow.Table:
    """Votes inside two halves, joined by four votes of this weight between one model of each."""
    chance = numpy.random.default_rng(7)
    size = 1_500
    first = chance.integers(5, size=size)
    second = (first + chance.integers(1, 5, size=size)) % 5
    side = 5 * chance.integers(2, size=size)
    joint = numpy.zeros(4, dtype=int)
    ends = numpy.concatenate([first + side, joint]), numpy.concatenate([second + side, joint + 5])
    outcome = numpy.concatenate([chance.integers(3, size=size), [0, 1, 1, 2]])
    return pyarrow.table(
        {
            "model_a": [f"m{model}" for model in ends[0]],
            "model_b": [f"m{model}" for model in ends[1]],
            "winner": [("model_a", "model_b", "tie")[number] for number in outcome],
            "weight": numpy.concatenate([numpy.ones(size), numpy.full(4, weight)]),
            "rater": chance.integers(40, size=size + 4),
            "prompt": chance.integers(30, size=size + 4),
            "x": numpy.concatenate([chance.normal(size=size), numpy.zeros(4)]),
        }
    )


@pytest.mark.parametrize("given", SETTINGS, ids=str)
def test_the_weight_of_what_alone_joins_two_parts_does_not_matter(given: dict[str, str]) -> None:
    def errors(weight: float) -> list[float]:
        entries = leaderboards.fit(_joined_by(weight), **given).entries
        return [entry.se or 0.0 for entry in sorted(entries, key=lambda entry: entry.model)]

    once = 1e-3 if given.get("ties") else 1.0  # the parameter of ties is common to both parts and the joint
    assert errors(1e-7) == pytest.approx(errors(once), rel=1e-3)


@pytest.mark.parametrize("given", SETTINGS, ids=str)
def test_weights_so_far_apart_that_rounding_is_all_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(leaderboards.InputError):
        leaderboards.fit(_joined_by(1e-14), **given)


@pytest.mark.parametrize("weight", [1e-42, 1e38, 1e100])
def test_a_weight_of_all_votes_cancels_out_in_single_precision(weight: float) -> None:
    found = _fitted(MODELS - 1)
    pairs = replace(found.pairs, weight=weight * found.pairs.weight, weight_squared=weight**2 * found.pairs.weight)
    same = sandwich.spread(bradley_terry.fit(pairs)).covariance
    assert same.dtype == numpy.float32
    assert numpy.diag(same) == pytest.approx(numpy.diag(sandwich.spread(found).covariance), rel=1e-5)
