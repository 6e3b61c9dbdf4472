"""What this process has used of the machine so far."""

import resource
from pathlib import Path


def peak() -> float:
    """The most memory this process held, in MB. `getrusage` would also tell of the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def spent() -> float:
    """CPU seconds, over all threads and over child processes that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
