"""Programs as processes of their own, each forked from one process that has imported what they need.

An import takes seconds, what is tested often a tenth of one. What a program does is the same: its folder, environment,
streams, exit status and end are those of a process. That it also starts from nothing must be shown beside, once.
"""

import dataclasses
import gc
import importlib
import json
import multiprocessing
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120
"""How long a program may take."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Forking:
    """The process that programs are forked from."""

    process: subprocess.Popen[bytes]
    folder: Path
    """Where the output of a program is kept until it has ended."""

    def run(self, arguments: list[str], cwd: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, `arguments[0]` being its name."""
        self.start(arguments, cwd, environment)
        return self.ended(arguments)

    def start(self, arguments: list[str], cwd: Path, environment: Mapping[str, str]) -> int:
        """Start the program; its process id. The next one is started when this one has ended."""
        out, err = self.folder / "out", self.folder / "err"
        asked = {"arguments": arguments, "cwd": str(cwd), "environment": dict(environment), "out": str(out)}
        assert self.process.stdin
        self.process.stdin.write(json.dumps({**asked, "err": str(err)}).encode() + b"\n")
        self.process.stdin.flush()
        return self._told("started", arguments)

    def ended(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Wait for the end of the program that was started, which may be a kill."""
        status = self._told("ended", arguments)
        return subprocess.CompletedProcess(
            arguments, status, (self.folder / "out").read_text(), (self.folder / "err").read_text()
        )

    def _told(self, what: str, arguments: list[str]) -> int:
        """The number that is told with a word. What a test that failed did not wait for is passed over: the status of
        another program, taken for a process id, would be the id of everybody here."""
        assert self.process.stdout
        while select.select([self.process.stdout], [], [], SECONDS)[0]:
            word, number = self.process.stdout.readline().split()
            if word == what.encode():
                return int(number)
        raise subprocess.TimeoutExpired(arguments, SECONDS)


@contextmanager
def forking(program: str, modules: Iterable[str], environment: Mapping[str, str] | None = None) -> Iterator[Forking]:
    """Start the process for a program, `module:function`, with more modules to import first, until the block ends."""
    command = [sys.executable, "-m", "tests.forking", program, *modules]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            bufsize=0,  # `select` would not see a line that is in a buffer already
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process,
    ):
        try:
            yield Forking(process=process, folder=Path(folder))
        finally:
            process.kill()


def _serve(program: str, *modules: str) -> None:
    """Fork for each line on stdin, and answer with the exit status of the child."""
    place, _, name = program.partition(":")
    for module in modules:
        importlib.import_module(module)
    function = getattr(importlib.import_module(place), name)
    gc.freeze()  # a child that collects no garbage of ours copies no page for it
    for line in sys.stdin.buffer:
        child = multiprocessing.get_context("fork").Process(target=_run, args=(function,), kwargs=json.loads(line))
        child.start()
        print("started", child.pid, flush=True)
        child.join()
        print("ended", child.exitcode, flush=True)


def _run(
    function: Callable[[], None], *, arguments: list[str], cwd: str, environment: dict[str, str], out: str, err: str
) -> None:
    """Take on what a process has of its own, and be the program."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = arguments
    function()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
