"""The detector that is told which votes are dishonest, and holds those and nothing else.

Of an account that votes honestly at first it keeps the first half, for those votes are as good as anybody's. What it
does not reach, nobody reaches without holding honest votes for who cast them.
"""

from pathlib import Path

import numpy
from quality_worlds import Votes, turns

from detecting.detectors import Detector, Scene, Verdict


def detector() -> Detector:
    """Named `told`."""
    return Detector(name="told", judge=_judge, sources=(Path(__file__),))


def _judge(scene: Scene) -> Verdict:
    return Verdict(weight=1.0 - dishonest(scene.votes, scene.situation.attack))


def dishonest(votes: Votes, attack: str | None) -> numpy.ndarray:
    """Of each vote, whether it is an attacker's who does not vote as an honest person would."""
    if attack != "slow-burn":
        return votes.bad
    late = turns(votes.rater) >= numpy.bincount(votes.rater)[votes.rater] / 2
    return votes.bad & late
