"""A page with nothing of the arena but its files: to draw answers in a real browser without a battle."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator

from arena.server import gate
from arena.ui import assets

EMPTY = b"<!doctype html><div id=box></div>"
STYLED = (
    b"<!doctype html><html lang=en><title>Answers</title>"
    + b"".join(b"<link rel=stylesheet href=/static/%s>" % sheet.encode() for sheet in assets.SHEETS)
    + b"<body class=pa><main><div class=pa-prose id=box></div></main>"
)


class Bench(http.server.SimpleHTTPRequestHandler):
    """An empty page with or without the arena's policy, and the arena's static files."""

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            self.path = self.path.removeprefix("/static")
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path == "/with-policy":
            self.send_header("Content-Security-Policy", gate.CONTENT_SECURITY_POLICY)
        self.end_headers()
        self.wfile.write(STYLED if self.path == "/styled" else EMPTY)

    def end_headers(self) -> None:
        if self.path != "/with-policy":
            self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def listening(handler: type[http.server.BaseHTTPRequestHandler] | functools.partial[Bench]) -> Iterator[str]:
    """A server on loopback. Real, not a faked answer: Chromium keeps faked pages away from loopback by itself."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
