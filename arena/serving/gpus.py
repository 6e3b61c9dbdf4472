"""Which GPUs there are, and which server gets which: none twice."""

import csv
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arena.errors import SettingsError

QUERY: Final = ("--query-gpu=index,uuid", "--format=csv,noheader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What one server asks for."""

    server: str
    count: int
    stated: tuple[int, ...] = ()
    """The GPUs it must have."""
    had: tuple[int, ...] = ()
    """Those it runs on at the moment, and keeps if it can."""


def present(visible: str | None) -> list[int] | None:
    """The GPUs of this machine by nvidia-smi's numbers; None where it has no nvidia-smi.

    `visible` is CUDA_VISIBLE_DEVICES of whoever starts the servers: what it leaves out is not ours.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    run = subprocess.run([program, *QUERY], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    if run.returncode:
        said = (run.stderr or run.stdout).strip().splitlines()[:1]
        raise SettingsError(
            f"nvidia-smi failed ({said[0] if said else run.returncode}); mend the driver, or state gpus = 0."
        )
    found = {int(row[0]): row[1].strip() for row in csv.reader(run.stdout.splitlines()) if len(row) > 1}
    if visible is None:
        return sorted(found)
    allowed = [word.strip() for word in visible.split(",")]
    return sorted(
        index
        for index, uuid in found.items()
        if any(word == str(index) or (len(word) > 4 and uuid.startswith(word)) for word in allowed)
    )


def assign(wants: Sequence[Want], there: Sequence[int] | None) -> dict[str, tuple[int, ...]]:
    """The GPUs of each server. `there` is None where nobody could say which exist.

    Raises `SettingsError` when a stated GPU does not exist, or there are too few.
    """
    given: dict[str, tuple[int, ...]] = {want.server: want.stated for want in wants if want.stated or not want.count}
    for server, gpus in given.items():
        missing = [gpu for gpu in gpus if there is not None and gpu not in there]
        if missing:
            raise SettingsError(f"{server} is to run on GPU {missing[0]}, and this machine offers {_listed(there)}.")
    open_wants = [want for want in wants if want.server not in given]
    if there is None and open_wants:
        raise SettingsError(
            f"nvidia-smi is not there to say which GPUs are free for {open_wants[0].server}. Install it, state the "
            "GPUs as gpus = [0, 1], or run the server without one by gpus = 0."
        )
    free = [gpu for gpu in there or () if gpu not in {gpu for gpus in given.values() for gpu in gpus}]
    for want in open_wants:  # first those who run already, so that nobody takes theirs
        if len(want.had) == want.count and set(want.had) <= set(free):
            given[want.server] = want.had
            free = [gpu for gpu in free if gpu not in want.had]
    for want in open_wants:
        if want.server in given:
            continue
        if len(free) < want.count:
            asked = sum(want.count for want in wants)
            raise SettingsError(
                f"The servers of this file ask for {asked} GPUs, and this machine offers {_listed(there)}: "
                f"{want.server} goes without. Take models out of the file, or lower their gpus."
            )
        given[want.server], free = tuple(free[: want.count]), free[want.count :]
    return given


def visible_devices(gpus: Sequence[int]) -> Mapping[str, str]:
    """The variables that show a server its GPUs alone, counted as nvidia-smi counts them."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus)), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def _listed(there: Sequence[int] | None) -> str:
    return f"GPUs {', '.join(map(str, there))}" if there else "none"
