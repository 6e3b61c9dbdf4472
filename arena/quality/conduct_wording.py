"""What somebody's conduct is told as: plain sentences, told word for word to whoever they are about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What others do."""

    usual: float
    """The share in which they are right."""
    seconds: float
    """What is too short a time."""
    median: float
    """The time that a vote takes."""


def record(kind: str, right: int, seen: int, side: int, told: Told) -> str:
    """About one kind of check, `gold`, `repeat`, `quick` or agreement on shared items: `right` of `seen` were as they
    should be. `side`: of the repeats that differ, those in which the same side won again."""
    others = f"{told.usual:.0%}"
    if kind == "gold":
        return f"{right:,} of {_counted(seen, 'known answer')} were found; others find about {others} of them."
    if kind == "repeat":
        kept = f" In {side:,} of them the same side won again, with the other answer on it." if side else ""
        return (
            f"{_counted(seen, 'item')} came twice, sides swapped, and {right:,} got the same outcome again; others "
            f"repeat about {others}.{kept}"
        )
    if kind == "quick":
        return (
            f"{seen - right:,} of {_counted(seen, 'vote')} came within {told.seconds:.1f} seconds, before two answers "
            f"can be read; votes take {told.median:.0f} seconds as a rule."
        )
    return (
        f"{right:,} of {_counted(seen, 'vote')} on shared items agree with most others'; others agree in about "
        f"{others}. To differ is no fault: read the votes."
    )


def straight(same: int, seen: int) -> str:
    """About sides that follow the vote before."""
    again = same * 2 > seen
    return (
        f"{same if again else seen - same:,} of {_counted(seen, 'vote')} are for "
        f"{'the same side as' if again else 'the other side than'} the vote before, whichever models met."
    )


def skips(model: str, skipped_with: int, met_with: int, skipped_without: int, met_without: int) -> str:
    """About battles left until one model comes."""
    return (
        f"{skipped_without:,} of {_counted(met_without, 'battle')} without {model} were skipped or stopped, and "
        f"{skipped_with:,} of {met_with:,} with it, as if it was looked for."
    )


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
