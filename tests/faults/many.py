"""An installation of three processes over one PostgreSQL, behind a proxy, with all that can be taken from it.

raters -> sticky proxy -> three arenas -> a line each -> PostgreSQL
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests import arenas, owned_folder, postgres
from tests.faults import broken_leases
from tests.faults.lines import Line, lines
from tests.faults.programs import ArenaProgram, Program, free_ports
from tests.faults.raters import Crowd
from tests.faults.sticky_proxy import chosen
from tests.inference import misbehaving

COUNT = 3
SCHEMA = "workspace_default"
MODELS = ("lines-30ms", "lines-40ms")
"""Each answer takes some seconds, so that something is being written whenever a fault comes."""
DISK = "arena-disk-"
DISK_BYTES = 400 * 1024 * 1024
SMALL_WAL = {"max_wal_size": "64MB", "min_wal_size": "32MB", "max_connections": "60"}
GIVE_UP_SECONDS = 120.0
"""How long is waited for a service that is to be back within 30 s."""
CONFIG = """
public_url = "http://127.0.0.1:{proxy}"
audit_hours = 0
[limits]
live_battles = 256
battles_per_address = 256
raters_per_minute = 100000
requests_per_address = 2000
[deadlines]
abandoned = {abandoned}
"""
MODEL = '[[models]]\nname = "river-{number}"\nendpoint = "{endpoint}"\nserved_name = "{served}"\n'


@dataclass(slots=True, kw_only=True)
class Many:
    """What runs."""

    server: postgres.Server
    disk: Path | None
    """The small disk that the database is on, where one could be mounted."""
    arenas: list[ArenaProgram]
    proxy: Program
    lines: list[Line]
    lease_seconds: int
    probes: dict[int, str] = field(default_factory=dict)
    """For each process the token of a rater who belongs to it, and who does nothing else."""
    crowd: Crowd = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    def new_rater(self) -> str:
        """Their token."""
        answer = httpx.post(f"{self.url}/api/v1/raters", timeout=60, verify=arenas.PLAIN).raise_for_status()
        token: str = answer.json()["token"]
        return token

    def wait(self) -> None:
        """Until every process is ready."""
        for arena in self.arenas:
            arena.wait()

    def served(self, number: int) -> tuple[float, float]:
        """When a battle that a rater of a process opens now was there, and when they had voted."""
        return self.crowd.served(self.probes[number], GIVE_UP_SECONDS)

    def session(self) -> Any:
        """A connection to the database, to look for oneself."""
        session = self.server.session()
        session.execute(f'SET search_path = "{SCHEMA}"')
        return session

    @contextlib.contextmanager
    def without_room(self) -> Iterator[None]:
        """The disk of the database is full while the block lasts."""
        assert self.disk is not None
        stone = self.disk / "stone"
        with stone.open("wb", buffering=0) as written, contextlib.suppress(OSError):
            while True:
                written.write(b"\0" * 65_536)
        try:
            yield
        finally:
            stone.unlink()

    def problems(self) -> list[str]:
        """What each process finds wrong with the chain."""
        token = (self.arenas[0].log.parent / "data-0" / "admin-token").read_text().strip()
        found: list[str] = []
        for arena in self.arenas:
            answer = httpx.get(
                f"{arena.url}/api/v1/verification", headers={"Authorization": f"Bearer {token}"}, timeout=240,
                verify=arenas.PLAIN,
            )  # fmt: skip
            found.extend(answer.raise_for_status().json()["problems"])
        return found


@contextlib.contextmanager
def running(folder: Path, raters: int, reading: float, lease_seconds: int, seed: int) -> Iterator[Many]:
    """Everything, with raters who are there but do nothing yet."""
    with contextlib.ExitStack() as opened:
        disk = opened.enter_context(small_disk())
        server = opened.enter_context(postgres.running(disk, **SMALL_WAL))
        ways = opened.enter_context(lines(server.port, COUNT, Line))
        models = opened.enter_context(misbehaving.serve(listed=MODELS))
        proxy_port, *ports = free_ports(COUNT + 1)
        config = folder / "arena.toml"
        tables = [
            MODEL.format(number=number, endpoint=models.endpoint, served=served) for number, served in enumerate(MODELS)
        ]
        config.write_text(CONFIG.format(proxy=proxy_port, abandoned=2 * lease_seconds) + "".join(tables))
        programs = [
            ArenaProgram(
                [
                    "tests.faults.arena_program", str(lease_seconds), "serve", "--config", str(config),
                    "--data-dir", str(folder / f"data-{number}"), "--port", str(port),
                ],
                port, folder / f"arena-{number}.log",
                {"ARENA_DATABASE": server.url().replace(f":{server.port}/", f":{way.port}/")},
            )
            for number, (port, way) in enumerate(zip(ports, ways, strict=True))
        ]  # fmt: skip
        proxy = Program(
            ["tests.faults.sticky_proxy", str(proxy_port), *map(str, ports)], proxy_port, folder / "proxy.log", {}
        )
        many = Many(server=server, disk=disk, arenas=programs, proxy=proxy, lines=ways, lease_seconds=lease_seconds)
        for program in (*programs, proxy):
            opened.callback(program.kill)
            program.start()
            if program is programs[0]:
                programs[0].wait()  # the first one makes the schemas and the secrets
        many.wait()
        _wait_for(many)
        with many.session() as session:
            broken_leases.watch(session, SCHEMA)
        while len(many.probes) < COUNT:
            token = many.new_rater()
            many.probes[chosen(token.encode(), COUNT)] = token
        many.crowd = Crowd(many.url, [many.new_rater() for _ in range(raters)], reading, seed)
        yield many


@contextlib.contextmanager
def small_disk() -> Iterator[Path | None]:
    """A disk of some hundred megabytes, in memory; None where none may be mounted."""
    if os.geteuid() != 0:
        yield None
        return
    for left in owned_folder.abandoned(DISK):
        postgres.clear_abandoned(left)
        subprocess.run(["umount", "--lazy", left], check=False)
        left.rmdir()
    with tempfile.TemporaryDirectory(prefix=DISK) as place:
        Path(place).chmod(0o755)  # PostgreSQL's own user finds its folder in it
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0755", "tmpfs", place]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            yield None
            return
        owned_folder.claim(Path(place))
        try:
            yield Path(place)
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


def _wait_for(many: Many) -> None:
    ends = time.monotonic() + 60
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{many.url}/readyz", timeout=5, verify=arenas.PLAIN).status_code == 200:
                return
        assert time.monotonic() < ends, many.proxy.log.read_text()
        time.sleep(0.1)
