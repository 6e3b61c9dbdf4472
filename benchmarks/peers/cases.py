"""The rows of the ranking benchmark: which log, who is measured on it, and the bar for each ratio."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peers import contenders

Contender = Callable[[Any], dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One log, and who is measured on it with which bar."""

    title: str
    models: int
    size: int
    mine: Contender
    peers: dict[str, tuple[Contender, float]]
    """By name: what it does, and the least ratio of its time to ours."""
    covariates: int = 0
    parquet: bool = False


def every() -> list[Case]:
    """The table. FastChat's release stands in where its repository could not be installed."""
    new = contenders.fastchat_is_new()

    def plain(arena_rank: float, evalica: float, fastchat: float) -> dict[str, tuple[Contender, float]]:
        return {
            "arena-rank": (contenders.arena_rank, arena_rank),
            "evalica": (contenders.evalica, evalica),
            "FastChat": (contenders.fastchat if new else contenders.fastchat_release, fastchat),
        }

    bootstraps: dict[str, tuple[Contender, float]] = {
        "arenakit": (contenders.arenakit, 2.5),
        "FastChat": (contenders.fastchat_bootstrap if new else contenders.fastchat_release_bootstrap, 30),
    }
    styled: dict[str, tuple[Contender, float]] = {"arena-rank": (contenders.arena_rank_styled, 18)}
    if new:
        styled["FastChat"] = (contenders.fastchat_styled, 9)
    mine = contenders.ours
    return [
        Case(title="20, 1e6, from a table", models=20, size=10**6, mine=mine, peers=plain(60, 18, 35)),
        Case(title="200, 1e6, from a table", models=200, size=10**6, mine=mine, peers=plain(25, 6, 13)),
        Case(title="200, 1e7", models=200, size=10**7, mine=mine, peers=plain(22, 11, 30)),
        Case(title="1000, 1e5", models=1000, size=10**5, mine=mine, peers=plain(8, 1, 2)),
        Case(title="200, 1e6, Parquet", models=200, size=10**6, mine=mine, peers=plain(10, 2.5, 5), parquet=True),
        Case(
            title="100 bootstraps, 200, 1e6",
            models=200,
            size=10**6,
            mine=contenders.ours_bootstrap,
            peers=bootstraps,
        ),
        Case(
            title="style, 4 covariates, 200, 1e6",
            models=200,
            size=10**6,
            mine=contenders.ours_styled,
            peers=styled,
            covariates=4,
        ),
    ]
