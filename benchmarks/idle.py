"""How often an arena without visitors wakes up, and what of a core it uses.

    python benchmarks/idle.py [--seconds 20]

`arena serve` runs as a process of its own on an empty folder. Wakes are the context switches of all its threads, as
/proc counts them; a thread that is busy and is set aside for another counts as well.
"""

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

import filled
import served

SETTLING = 5.0
"""Seconds after the start that are not counted."""


def wakes(pid: int) -> int:
    """Context switches of all threads of a process so far."""
    counted = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if "ctxt_switches" in line:
                counted += int(line.split()[1])
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="idle-") as folder:
        filled.fill(Path(folder), 0, 1)
        with served.serving(Path(folder)) as (pid, _):
            time.sleep(SETTLING)
            woken, busy, started = wakes(pid), served.spent(pid), time.monotonic()
            time.sleep(given.seconds)
            took = time.monotonic() - started
            woken, busy = wakes(pid) - woken, served.spent(pid) - busy
    load = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{woken / took:.0f} wakes a second, {busy / took:.2%} of a core ({load})")


if __name__ == "__main__":
    main()
