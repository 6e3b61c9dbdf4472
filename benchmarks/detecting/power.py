"""What one account's votes tell, beside the test that knows the attack: shares found at 0.5 % false alarms.

Accounts of exactly so many votes are held against a board of honest raters. The evidence of the audit is taken by kind,
each against its own honest quantile, and together at 0.5 % of honest accounts: a number that says how much the kinds
know, whatever the bars of the audit are. `knows` is `knowing.likelihood_ratio`. `pooled` is the share of the bad votes
that the whole audit removes where a tenth of a log comes from such accounts: what rings and pools add to looking at
accounts one by one.
"""

import numpy
from quality_worlds import Votes, World

from arena import quality
from arena.quality import evidence, ground
from detecting import knowing

HONEST, BAD = 1200, 300
COUNTS = (30, 100, 300)
ATTACKS = ("apathetic", "gold-farmer", "target", "rival", "omnipresent", "ring", "slow-burn")
ASKED = {(300, name): 0.9 for name in ATTACKS} | {(100, "omnipresent"): 0.95, (100, "apathetic"): 0.65}


def report(seed: int) -> None:
    """One line for each attack and number of votes."""
    print(
        f"\npower at {knowing.FALSE_ALARMS:.1%} false alarms: {HONEST} honest and {BAD} bad accounts of so many votes"
    )
    print(f"{'attack':14}{'votes':>6} {'audit':>6} {'knows':>6} {'ratio':>6} {'pooled':>6}  asked of the ratio")
    for votes in COUNTS:
        world = World(seed=seed)
        honest = world.evenly("honest", HONEST, votes)
        for attack in ATTACKS:
            audit, knows = found(world, attack, votes, honest)
            asked = ASKED.get((votes, attack))
            ratio = audit / max(knows, 1e-9)
            verdict = "" if asked is None else f">= {asked} {'holds' if ratio >= asked else 'MISSED'}"
            together = pooled(world, attack, votes)
            print(f"{attack:14}{votes:6} {audit:6.2f} {knows:6.2f} {ratio:6.2f} {together:6.2f}  {verdict}", flush=True)


def found(world: World, attack: str, votes: int, honest: Votes) -> tuple[float, float]:
    """Shares of bad accounts found by the audit's evidence, and by the test that knows."""
    bad = world.evenly(attack, BAD, votes)
    both = honest.beside(bad)
    is_bad = numpy.arange(HONEST + BAD) >= HONEST
    knows = knowing.likelihood_ratio(both, world, attack)
    line = numpy.quantile(knows[~is_bad], 1 - knowing.FALSE_ALARMS)
    return _share(_unlikely(both, is_bad), is_bad), float((knows[is_bad] > line).mean())


def pooled(world: World, attack: str, votes: int) -> float:
    """Share of the votes of an attacker's accounts that the whole audit removes, a tenth of a log."""
    honest = world.clean()
    mixed = honest.beside(world.evenly(attack, max(1, round(len(honest.rater) / 9 / votes)), votes))
    return float(quality.audit(quality.read(*mixed.columns())).held[mixed.bad].mean())


def _unlikely(votes: Votes, is_bad: numpy.ndarray) -> numpy.ndarray:
    """(accounts,): the least share of honest accounts that pass this one, by any kind of the audit's evidence."""
    log = quality.read(*votes.columns())
    place = numpy.array([int(name) for name in log.raters])
    laid = ground.lay(log, ~is_bad[place], quality.Spreads())
    said = evidence.weighed(laid)
    by_kind = [*said.plain.values(), said.push.max(axis=(0, 2)), said.total]
    shares = []
    for values in by_kind:
        ordered = numpy.sort(values[~is_bad[place]])
        passed = len(ordered) - numpy.searchsorted(ordered, values, side="left")
        # beyond all honest accounts, the further the less likely
        beyond = numpy.maximum(values - ordered[-1], 0.0)
        shares.append((passed + numpy.exp(-beyond)) / (len(ordered) + 1))
    least = numpy.min(shares, axis=0)
    found = numpy.empty_like(least)
    found[place] = least
    return found


def _share(unlikely: numpy.ndarray, is_bad: numpy.ndarray) -> float:
    line = numpy.quantile(unlikely[~is_bad], knowing.FALSE_ALARMS, method="lower")
    return float((unlikely[is_bad] < line).mean())
