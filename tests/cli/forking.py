"""Commands as processes of their own, each forked from one process that has imported every command.

An import takes a second or two, most commands a tenth of that. What a command does is the same: its folder,
environment, streams, exit status and end are those of a process. That a command also starts from nothing is shown once
for each, in test_entry.py.
"""

import dataclasses
import gc
import importlib
import json
import multiprocessing
import os
import pkgutil
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from arena import cli

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
"""How long a command may take."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Forking:
    """The process that commands are forked from."""

    process: subprocess.Popen[bytes]
    folder: Path
    """Where the output of a command is kept until it has ended."""

    def run(self, arguments: list[str], cwd: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run `arena ARGUMENTS` to its end."""
        out, err = self.folder / "out", self.folder / "err"
        asked = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": dict(environment),
            "out": str(out),
            "err": str(err),
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], SECONDS)[0]:
            raise subprocess.TimeoutExpired(["arena", *arguments], SECONDS)
        status = int(self.process.stdout.readline())
        return subprocess.CompletedProcess(["arena", *arguments], status, out.read_text(), err.read_text())


@contextmanager
def forking() -> Iterator[Forking]:
    """Start the process that commands are forked from, until the block ends."""
    command = [sys.executable, "-m", "tests.cli.forking"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
    ):
        try:
            yield Forking(process=process, folder=Path(folder))
        finally:
            process.kill()


def _serve() -> None:
    """Fork for each line on stdin, and answer with the exit status of the child."""
    for module in pkgutil.iter_modules(cli.__path__, "arena.cli."):
        importlib.import_module(module.name)
    gc.freeze()  # a child that collects no garbage of ours copies no page for it
    for line in sys.stdin.buffer:
        child = multiprocessing.get_context("fork").Process(target=_run, kwargs=json.loads(line))
        child.start()
        child.join()
        print(child.exitcode, flush=True)


def _run(*, arguments: list[str], cwd: str, environment: dict[str, str], out: str, err: str) -> None:
    """Take on what a process has of its own, and be the command."""
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
    sys.argv = [str(Path(sys.executable).parent / "arena"), *arguments]
    cli.main()


if __name__ == "__main__":
    _serve()
