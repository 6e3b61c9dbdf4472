"""Running the arena: bind the port, open the data, serve until told to stop."""

import asyncio
import gc
import resource
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from arena.errors import SettingsError
from arena.server import connections, logs, running
from arena.server.logs import LogFormat
from arena.services import installation, paths
from arena.services.installation import Installation
from arena.settings import Settings

ACCEPTED = 32
"""Connections taken on in one pass of the event loop, so that a crowd of them does not hold up who is there."""
WAITING = 2048
"""Connections that may wait in the system meanwhile."""
BATTLES_SECONDS = 20
"""How long battles that are being written may finish after a stop; those that have not are void then."""
COLLECTED = (20_000, 20, 20)
"""After how many new objects garbage is collected: battles leave hardly any, and each look for it costs them time."""
REQUESTS_SECONDS = 3
"""How long open requests may finish after that."""


def run(
    settings: Settings, started: Callable[[str, Installation], None], log_format: LogFormat = LogFormat.TEXT
) -> None:
    """Serve until SIGINT or SIGTERM. `started` is told the address once requests are accepted."""
    logs.configure(log_format)
    _allow_connections()
    listener = _bind(settings.host, settings.port)
    with (
        paths.private_files(),
        listener,
        running.announced(settings.data_dir, url_of(settings.host, listener), settings.workspace),
    ):
        asyncio.run(_serve(settings, listener, started))


def url_of(host: str, listener: socket.socket) -> str:
    """The address a person on this machine opens."""
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{name}]' if ':' in name else name}:{listener.getsockname()[1]}"


def _allow_connections() -> None:
    """As many open files as the machine allows this user: many systems start with 1,024, which one address can fill."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio lets small writes go at once only where the protocol is named. Without it, Nagle's algorithm holds the
    # body of each answer back until its head is acknowledged: 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(f"Cannot listen on {host}:{port} ({error.strerror}). Choose another --port.") from error
    return listener


class _Server(uvicorn.Server):
    """Says when it accepts requests, and lets battles finish before it stops."""

    def __init__(
        self, config: uvicorn.Config, on_started: Callable[[], None], drain: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._drain = drain
        self._draining: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal and be done: uvicorn's own would raise it again afterwards, and a clean stop would fail."""
        loop = asyncio.get_running_loop()
        stops = (signal.SIGINT, signal.SIGTERM)
        for number in stops:
            loop.add_signal_handler(number, self._stop, number)
        try:
            yield
        finally:
            for number in stops:
                loop.remove_signal_handler(number)

    def _stop(self, number: int) -> None:
        """Answer requests until the battles have finished; asked again, stop at once."""
        if self._draining is not None or not self.started:
            self.handle_exit(number, None)
            return
        self._draining = asyncio.create_task(self._drain())
        self._draining.add_done_callback(lambda _: self.handle_exit(number, None))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING)
        gc.collect()
        gc.freeze()  # a full collection over all that was imported stands still for half a second (decision 0056)
        gc.set_threshold(*COLLECTED)
        self._on_started()


async def _serve(settings: Settings, listener: socket.socket, started: Callable[[str, Installation], None]) -> None:
    # Gradio takes seconds to import, and commands that serve nothing must not wait for it.
    from arena.server import app  # noqa: PLC0415

    async with installation.opened(settings) as arena:
        application = app.build(arena)
        await asyncio.sleep(0)  # a stop asked for while Gradio was built ends here, before uvicorn calls it a failure
        config = configuration(application, arena, log_level="warning", stop_seconds=REQUESTS_SECONDS)
        await _Server(
            config,
            lambda: started(url_of(settings.host, listener), arena),
            lambda: arena.drain(BATTLES_SECONDS),
        ).serve([listener])


def configuration(application: ASGIApp, arena: Installation, *, log_level: str, stop_seconds: int) -> uvicorn.Config:
    """How uvicorn serves an arena."""
    return uvicorn.Config(
        application,
        http=connections.bounded(arena.settings, arena.shares),
        backlog=ACCEPTED,
        proxy_headers=False,  # uvicorn believes whatever is on loopback; the gate believes trusted_proxies
        log_level=log_level,
        access_log=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=stop_seconds,
        server_header=False,
    )
