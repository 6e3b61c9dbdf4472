"""A connection that breaks when it hurts: after the arena has answered, before the answer arrives."""

import contextlib
import select
import socket
import threading
import urllib.parse
from collections.abc import Iterator


@contextlib.contextmanager
def losing_the_first_answer(url: str) -> Iterator[tuple[str, list[bytes]]]:
    """An address before the arena, and the requests that came through it. The first answer is dropped."""
    upstream = urllib.parse.urlsplit(url)
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    client, _ = listener.accept()
                    with client, socket.create_connection((str(upstream.hostname), int(upstream.port or 80))) as arena:
                        _relay(client, arena, requests, ended)

        thread = threading.Thread(target=serve, name="proxy")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
        finally:
            ended.set()
            thread.join(10)


def _relay(client: socket.socket, arena: socket.socket, requests: list[bytes], ended: threading.Event) -> None:
    """Carry bytes both ways until either side closes; the first answer of all is where this one ends."""
    asked = b""
    while not ended.is_set():
        for ready in select.select([client, arena], [], [], 0.1)[0]:
            got = ready.recv(65536)
            if ready is client:
                asked += got
                arena.sendall(got)
            elif asked:
                requests.append(asked)
                asked = b""
                if len(requests) == 1:
                    return
            if ready is arena:
                client.sendall(got)
            if not got:
                return
