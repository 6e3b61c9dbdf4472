"""A model server of our own that misbehaves on command: real HTTP on loopback, without a model.

    with misbehaving.serve() as server:
        model = Model(name=..., endpoint=server.endpoint, served_name="die-after-3")

The served name that is asked for chooses what happens. These behave:

    echo                the last message's words, back
    lines               ten numbered lines of made-up prose
    say:TEXT            TEXT
    those in `WHOLE`    "Whole answer.", in some unusual way

and the others are the keys of `BEHAVIOURS`; `die-after-N` takes a number of tokens (or 3) and `busy-N`
of refusals. Every name may end in
the time between two tokens (`lines-50ms`, `say:hello there-20ms`). `server.requests` holds what was asked,
`server.disconnects` the served names of requests whose client left early, `server.writing` how many answers are
being written now. `server.waiting`, once set, is what its /metrics says of its queue.
"""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Awaitable, Iterator, Sequence

from tests.inference.behaviours import BEHAVED, BEHAVIOURS, LINES, REFUSING, WHOLE, Asked, Reply, Server, behaviour

PATHS = ("/v1/chat/completions", "/v1/completions")

__all__ = [
    "BEHAVED",
    "BEHAVIOURS",
    "LINES",
    "REFUSING",
    "WHOLE",
    "Server",
    "behaviour",
    "closed_endpoint",
    "serve",
    "silent_endpoint",
]


@contextlib.contextmanager
def serve(listed: Sequence[str] = ()) -> Iterator[Server]:
    """Serve in a thread until the context ends. `listed` adds names to the list of models, beside `BEHAVIOURS`."""
    ready: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, Server]] = []
    started = threading.Event()

    async def run() -> None:
        server = Server(endpoint="", listed=(*BEHAVIOURS, *listed))
        stop = asyncio.Event()
        listener = await asyncio.start_server(
            lambda reader, writer: _connection(server, reader, writer), "127.0.0.1", 0
        )
        server.endpoint = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
        ready.append((asyncio.get_running_loop(), stop, server))
        started.set()
        await stop.wait()
        listener.close()
        for _ in range(3):  # what was just accepted gets its transport, which closes its socket when it is cancelled
            await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    started.wait()
    loop, stop, server = ready[0]
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def closed_endpoint() -> str:
    """An endpoint where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@contextlib.contextmanager
def silent_endpoint() -> Iterator[str]:
    """An endpoint that lets nobody connect: its queue of waiting connections is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


async def _connection(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # a cancelled connection task would be logged as an error when the server stops
    try:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _exchange(server, reader, writer)
    finally:  # whatever a test sent, and whatever it reads no more
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _exchange(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    body = json.loads(content) if content else {}
    asked = Asked(served_name=body.get("model", ""), body=body, headers=headers)
    if head[0].startswith("GET /metrics "):
        page = "" if server.waiting is None else f'vllm:num_requests_waiting{{engine="0"}} {float(server.waiting)}\n'
        await Reply(server, asked, 0, writer).whole(200, "text/plain; version=0.0.4", page.encode())
        return
    server.requests.append(asked)
    chosen, pause = behaviour(asked.served_name)
    reply = Reply(server, asked, pause, writer)
    if head[0].startswith("GET ") and head[0].split()[1] == "/v1/models":
        cards = [{"id": name, "object": "model", "owned_by": "vllm", "max_model_len": 2048} for name in server.listed]
        await reply.whole(200, "application/json", json.dumps({"object": "list", "data": cards}).encode())
    elif chosen is None or head[0].split()[:2] not in (["POST", path] for path in PATHS):
        await BEHAVIOURS["not-found"](reply)
    else:
        await _until_client_leaves(server, asked, chosen(reply), reader)


async def _until_client_leaves(
    server: Server, asked: Asked, answering: Awaitable[None], reader: asyncio.StreamReader
) -> None:
    """Run a behaviour; a client that closes its connection first stops it, and is noted."""
    server.writing += 1
    answer, left = asyncio.ensure_future(answering), asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((answer, left), return_when=asyncio.FIRST_COMPLETED)
        # what is written to a client that left may fail before its leaving is read
        if answer.done() and not isinstance(answer.exception(), ConnectionError):
            answer.result()
        else:
            server.disconnects.append(asked.served_name)
    finally:
        server.writing -= 1
        for task in (answer, left):
            task.cancel()
        await asyncio.gather(answer, left, return_exceptions=True)
