"""Keeps the promise of earlier releases: a prompt that a release held out for good is in no later release."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arena.domain.selection import Selection
from arena.errors import DoesNotFit
from arena.store.releases import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a selection has to hold out to keep every promise."""

    share: float
    """The least share of first prompts to hold out; 0 where nothing was promised."""
    by_cluster: bool
    releases: tuple[int, ...]
    """Numbers of the releases that promised."""

    @property
    def select(self) -> dict[str, Any]:
        """The same as keys of a selection."""
        asked = Selection(held_out_share=self.share, split_by_cluster=self.by_cluster)
        return asked.to_mapping()


def promised(promises: Sequence[Promise]) -> Promised:
    """What keeps all of these promises."""
    return Promised(
        share=max((promise.share for promise in promises), default=0.0),
        by_cluster=any(promise.by_cluster for promise in promises),
        releases=tuple(promise.number for promise in promises),
    )


def refuse_to_break(chosen: Selection, promises: Sequence[Promise]) -> None:
    """Raise when a selection would release prompts that an earlier release held out of every release."""
    broken = [
        promise
        for promise in promises
        if chosen.held_out_share < promise.share or chosen.split_by_cluster < promise.by_cluster
    ]
    if not broken:
        return
    needed = promised(promises)
    wanted = " and ".join(f"{key}={json.dumps(value)}" for key, value in needed.select.items())
    most_of_all = max(broken, key=lambda promise: (promise.share, promise.by_cluster))
    raise DoesNotFit(
        f"Release {most_of_all.number} ({most_of_all.release_id}) promised that prompts it held out are in no later "
        f"release, and this selection would release some of them. Select {wanted}, or hold out more."
    )
