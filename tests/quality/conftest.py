"""Made-up logs, small enough for fast tests."""

import numpy
from quality_worlds import Votes, World

from arena import quality
from arena.quality.log import Log


def world(seed: int = 1, **given: object) -> World:
    """A small population: 12 models, 150 raters, 6,000 votes."""
    return World(**{"seed": seed, "models": 12, "raters": 150, "votes": 6_000, **given})  # type: ignore[arg-type]


def log(votes: Votes) -> Log:
    """As the audit reads it."""
    return quality.read(*votes.columns())


def accounts(votes: Votes) -> tuple[set[str], set[str]]:
    """Names of honest and of bad accounts."""
    bad = {str(rater) for rater in numpy.unique(votes.rater[votes.bad])}
    return {str(rater) for rater in numpy.unique(votes.rater)} - bad, bad
