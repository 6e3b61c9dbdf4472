"""What each contender does with the same votes: every function takes a relation or a path and gives ratings.

Ours ends with intervals and simultaneous rank sets, the peers' with what their documentation shows; arena-rank's with
intervals, evalica's and FastChat's without. FastChat is measured as its repository has it (`rating_systems`) where that
could be installed, else as its last release, 0.2.36, which has no style control and whose matrix of votes times models
needs 16 bytes a cell.
"""

# ruff: noqa: PLC0415 - the peers exist only in the second environment
import sys
from typing import Any

RELEASE_ROUNDS = 2
"""Bootstraps of FastChat's release that are run; each takes as long as the one before."""


def fastchat_is_new() -> bool:
    """Whether FastChat is installed from its repository."""
    from importlib import util

    return util.find_spec("fastchat.serve.monitor.rating_systems") is not None


def frame(source: Any) -> Any:
    """The votes as pandas with text columns, which is what the peers take."""
    loaded = source().df()
    for column in ("model_a", "model_b", "winner"):
        loaded[column] = loaded[column].astype(str)
    return loaded


def ours(source: Any) -> dict[str, float]:
    import leaderboards

    return {entry.model: entry.rating for entry in leaderboards.fit(source()).entries}


def ours_styled(source: Any) -> dict[str, float]:
    import leaderboards

    board = leaderboards.fit(source(), controls=["x0", "x1", "x2", "x3"])
    return {entry.model: entry.rating for entry in board.entries}


def ours_bootstrap(source: Any) -> dict[str, float]:
    import leaderboards

    board = leaderboards.fit(source(), interval="bootstrap", replicates=100)
    return {entry.model: entry.rating for entry in board.entries}


def arena_rank(source: Any) -> dict[str, float]:
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    dataset = PairDataset.from_pandas(frame(source))
    result = BradleyTerry(n_competitors=dataset.n_competitors).compute_ratings_and_cis(dataset)
    return dict(zip(result["competitors"], map(float, result["ratings"]), strict=True))


def arena_rank_styled(source: Any) -> dict[str, float]:
    from arena_rank.models.contextual_bradley_terry import ContextualBradleyTerry
    from arena_rank.utils.data_utils import ContextualPairDataset

    dataset = ContextualPairDataset.from_pandas(frame(source), ["x0", "x1", "x2", "x3"], reweighted=False)
    model = ContextualBradleyTerry(n_competitors=dataset.n_competitors, n_features=4)
    result = model.compute_ratings_and_cis(dataset)
    return dict(zip(result["competitors"], map(float, result["ratings"]), strict=True))


def evalica(source: Any) -> dict[str, float]:
    import evalica as package
    import numpy

    loaded = frame(source)
    winners = loaded["winner"].map(
        {"model_a": package.Winner.X, "model_b": package.Winner.Y, "tie": package.Winner.Draw}
    )
    scores = package.bradley_terry(loaded["model_a"], loaded["model_b"], winners).scores
    logs = numpy.log(scores) * 400 / numpy.log(10)
    return dict((logs - logs.mean() + 1000).items())


def fastchat_release(source: Any) -> dict[str, float]:
    return dict(_fastchat_analysis().compute_elo_mle_with_tie(frame(source)).items())


def fastchat_release_bootstrap(source: Any) -> dict[str, float]:
    analysis = _fastchat_analysis()
    drawn = analysis.get_bootstrap_result(frame(source), analysis.compute_elo_mle_with_tie, num_round=RELEASE_ROUNDS)
    return dict(drawn.median().items())


def _fastchat_analysis() -> Any:
    """The module imports the whole server; its rating functions need none of that."""
    import types

    for name, offered in {
        "fastchat.model": (),
        "fastchat.model.model_registry": ("get_model_info",),
        "fastchat.serve.monitor.basic_stats": ("get_log_files",),
        "fastchat.serve.monitor.clean_battle_data": ("clean_battle_data",),
    }.items():
        module = sys.modules.setdefault(name, types.ModuleType(name))
        for attribute in offered:
            setattr(module, attribute, None)
    from fastchat.serve.monitor import elo_analysis

    return elo_analysis


def fastchat(source: Any) -> dict[str, float]:
    from fastchat.serve.monitor import rating_systems

    return dict(rating_systems.compute_bt(frame(source)).items())


def fastchat_bootstrap(source: Any) -> dict[str, float]:
    from fastchat.serve.monitor import rating_systems

    return dict(rating_systems.compute_bootstrap_bt(frame(source), 100).median().items())


def fastchat_styled(source: Any) -> dict[str, float]:
    """Its fit alone: the covariates come as columns, which spares it a loop in Python over conversations."""
    import numpy
    from fastchat.serve.monitor import rating_systems

    loaded = frame(source)
    matchups, outcomes, models = rating_systems.preprocess_for_elo(loaded)
    measured = loaded[["x0", "x1", "x2", "x3"]].to_numpy()
    features = (measured - measured.mean(axis=0)) / measured.std(axis=0)
    found = rating_systems.fit_contextual_bt(matchups, features, outcomes, models)
    return dict(zip(models, (400 * numpy.asarray(found[: len(models)]) + 1000).tolist(), strict=True))


def arenakit(source: Any) -> dict[str, float]:
    import numpy
    from arenakit import boot, schema

    loaded = frame(source)
    arena = object.__new__(schema.Arena)  # its constructor takes a list of a million validated objects
    names, codes = numpy.unique(numpy.concatenate([loaded["model_a"], loaded["model_b"]]), return_inverse=True)
    arena.models = names.tolist()
    arena.a, arena.b = (side.astype(numpy.int32) for side in numpy.split(codes, 2))
    outcome = {"model_a": schema.A_WINS, "model_b": schema.B_WINS, "tie": schema.TIE}
    arena.y = loaded["winner"].map(outcome).to_numpy(numpy.int8)
    arena.item = arena.voter = None
    result = boot.bootstrap(arena, n_resamples=100)
    logs = (result.point - result.point.mean()) * 400 / numpy.log(10) + 1000
    return dict(zip(arena.models, logs.tolist(), strict=True))
