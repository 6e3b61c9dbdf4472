"""A PostgreSQL server of the tests' own: a folder and a port of its own, made by Debian's programs."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import owned_folder

PREFIX = "arena-postgres-"
PATIENCE = 60.0
"""Seconds that a server may take to start or to stop."""
UNSYNCED = {"fsync": "off"}
"""For tests that end programs and no machine: what was written is there though nothing waits for the disk."""


@dataclass(slots=True, kw_only=True)
class Server:
    """A server that runs, or ran."""

    programs: Path
    folder: Path
    port: int
    user: str | None
    """Whose programs these have to be: the server refuses to run as root."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More of its own settings, by name."""
    database: str = "postgres"
    """The one that is used where no other is named."""
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def url(self, database: str | None = None) -> str:
        return f"postgresql://arena:secret@127.0.0.1:{self.port}/{database or self.database}"

    def make(self) -> None:
        """Make its folder anew."""
        secret = self.folder / "secret"
        secret.write_text("secret")
        if self.user is not None:
            for path in (self.folder, secret):
                shutil.chown(path, self.user)
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", "arena", "-A", "scram-sha-256", f"--pwfile={secret}",
            "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "recovery_init_sync_method": "syncfs",  # after a crash, one sync in place of one for each file
            **self.settings,
        }
        said = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *said],
                stdout=log, stderr=log, user=self.user, cwd=self.folder,
            )  # fmt: skip
        ends = time.monotonic() + PATIENCE
        while subprocess.run(
            [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < ends, f"PostgreSQL did not start within {PATIENCE} s"
            time.sleep(0.05)

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast`, or `immediate`, which is as if it crashed."""
        if not self.lives or self._process is None:
            return
        self._run("pg_ctl", "stop", "-D", str(self.folder / "data"), "-m", how)
        self._process.wait(PATIENCE)
        self._process = None

    @property
    def lives(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def session(self) -> Any:
        """A connection of one's own, past the arena."""
        import psycopg  # noqa: PLC0415 - of an extra

        return psycopg.connect(self.url(), autocommit=True)

    def processes(self) -> list[int]:
        """Its processes that are there now, by number."""
        assert self._process is not None
        first = self._process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user, cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def running(place: Path | None = None, **settings: str) -> Iterator[Server]:
    """A server for as long as the block lasts, in a folder of `place`. Skips where PostgreSQL or its drivers are
    absent."""
    for module in ("psycopg", "adbc_driver_postgresql"):
        pytest.importorskip(module, reason=f"{module} is absent; `make test-many` installs the extra postgres")
    programs = found_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is absent; install it (Debian: apt-get install postgresql) to run this test")
    clear_abandoned(place)
    with owned_folder.owned(PREFIX, place) as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        server = Server(programs=programs, folder=folder, port=port, user=_user(), settings=settings)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


def clear_abandoned(place: Path | None = None) -> None:
    """End and remove the servers of tests that were killed."""
    for folder in owned_folder.abandoned(PREFIX, place):
        with contextlib.suppress(OSError, ValueError):  # it had not started, or has ended
            process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            while str(folder).encode() in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGQUIT)
                time.sleep(0.05)
        shutil.rmtree(folder, ignore_errors=True)


def found_programs() -> Path | None:
    """The folder with the server's programs: Debian keeps them out of the path, by version."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    in_path = shutil.which("initdb")
    folders = [Path(in_path).parent] if in_path else []
    return next((one for one in (*known, *folders) if (one / "postgres").exists()), None)


def _user() -> str | None:
    """Debian's user `postgres` where the tests run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("Root may not run PostgreSQL, and there is no user postgres; install Debian's package")
