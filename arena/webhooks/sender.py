"""One event as one signed POST.

    X-Arena-Signature: sha256=HMAC-SHA256(secret, body)
    X-Arena-Event: votes
    X-Arena-Delivery: ID/NUMBER

The same event has the same delivery, however often it is sent, so that whoever got it and could not say so may tell.
"""

import asyncio
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

import httpx

SECONDS: Final = 10.0
"""For one delivery."""
THREADS: Final = 4


class WebhookSender:
    """Sends to addresses that are told of events, in threads of its own: looking up the name of a host may take long,
    and everything else that waits in a thread must not wait behind it. An async context manager."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def send(
        self, url: str, secret: str, event: str, delivery: str, body: bytes
    ) -> tuple[int | None, str | None]:
        """The status that the address answered, and why the event did not arrive; None for each that there is not."""
        headers = {
            "Content-Type": "application/json",
            "X-Arena-Event": event,
            "X-Arena-Delivery": delivery,
            "X-Arena-Signature": signature(secret, body),
        }
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, url, headers, body)

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str | None]:
        try:
            with self._client.stream("POST", url, content=body, headers=headers) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, f"{type(error).__name__}: {error}".rstrip(": ")
        return status, None if httpx.codes.is_success(status) else f"It answered {status}."


def signature(secret: str, body: bytes) -> str:
    """What the header says of a body."""
    return f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
