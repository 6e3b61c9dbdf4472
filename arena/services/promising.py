"""What releases promised for good: prompts that one of them held out of every release are in no later one."""

from collections.abc import Sequence

from arena.domain.selection import Selection
from arena.errors import InvalidValue
from arena.store.releases import Promise


def refuse_to_break(chosen: Selection, promises: Sequence[Promise]) -> None:
    """Raise when a selection would release prompts that an earlier release held out of every release."""
    broken = [
        promise
        for promise in promises
        if chosen.held_out_share < promise.share or chosen.split_by_cluster < promise.by_cluster
    ]
    if not broken:
        return
    by_cluster = any(promise.by_cluster for promise in promises)
    most = max(promise.share for promise in promises)
    wanted = f"held_out_share={most:g}{' and split_by_cluster=true' if by_cluster else ''}"
    most_of_all = max(broken, key=lambda promise: (promise.share, promise.by_cluster))
    raise InvalidValue(
        f"Release {most_of_all.number} ({most_of_all.release_id}) promised that prompts it held out are in no later "
        f"release, and this selection would release some of them. Select {wanted}, or hold out more."
    )
