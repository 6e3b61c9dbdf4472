"""A gate that stands alone, before an application that only notes what reached it.

So senders, schemes and settings can be anything, and a decision that is gone is seen at once.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import httpx
from starlette.types import Receive, Scope, Send

from arena.api.cookies import RATER as COOKIE
from arena.domain.name_key import NameKey
from arena.server.gate import Gate
from arena.services import clock
from arena.services.aliases import Aliases
from arena.services.fair_shares import FairShares
from arena.services.identity import Identity
from arena.services.installation import Installation
from arena.services.memberships import Memberships
from arena.services.signing_in import SigningIn
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store.instance import Instance

PAGES = frozenset({"/", "/leaderboard"})
OUTSIDE = "203.0.113.9"
HOME = "http://127.0.0.1:7860"


class Reached:
    """An application that notes each request that reaches it, and answers when it may."""

    def __init__(self) -> None:
        self.requests: list[Scope] = []
        self.go = asyncio.Event()
        self.go.set()
        self.body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append(scope)
        while (message := await receive()).get("more_body"):
            self.body += message.get("body", b"")
        await self.go.wait()
        headers = [(b"cache-control", b"public, max-age=9"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"reached"})


class Standing:
    """A gate with its application, its identities and one rater."""

    def __init__(self, instance: Instance, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(settings)
        self.identity = Identity(instance, b"a secret of these tests", "default", random.Random(1))
        self.app = Reached()
        self.shares = FairShares(self.settings.limits, lambda _: True)
        default = SimpleNamespace(
            name="default",
            identity=self.identity,
            rules=WorkspaceRules(instance, "default", self.settings),
            withdrawing=SimpleNamespace(gone=lambda _: False),
            aliases=Aliases(NameKey(workspace="default", secret=b"a secret of these tests"), ()),
        )
        self.memberships = Memberships(instance, lambda *_: self.identity.unsigned_rater(clock.now()))
        self.signing_in = SigningIn(instance, self.memberships, "default", self.shares, random.Random(2))
        installation = SimpleNamespace(
            settings=self.settings,
            shares=self.shares,
            instance=instance,
            holder=lambda token, _: instance.find_token(token),
            memberships=self.memberships,
            signing_in=self.signing_in,
            named=lambda name: default if name == "default" else None,
            find_rater=lambda value: (default, found) if (found := self.identity.rater(value)) else None,
        )
        self.gate = Gate(self.app, cast(Installation, installation), PAGES)
        self.token = self.identity.new_rater(clock.now()).token

    def client(self, address: str = "127.0.0.1", url: str = HOME) -> httpx.AsyncClient:
        """A client at this address."""
        transport = httpx.ASGITransport(self.gate, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url=url)

    def ask(self, method: str, path: str, *, sender: str = "127.0.0.1", url: str = HOME, **more: Any) -> httpx.Response:
        """One request from this address, to its end."""

        async def ask() -> httpx.Response:
            async with self.client(sender, url) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def bearer(self) -> dict[str, str]:
        """The headers of a program that is a rater."""
        return {"Authorization": f"Bearer {self.token}"}

    def cookie(self, origin: str | None = None) -> dict[str, str]:
        """The headers of a browser that is a rater."""
        return {"Cookie": f"{COOKIE}={self.token}"} | ({} if origin is None else {"Origin": origin})


Make = Callable[..., Standing]
"""Makes a gate with these settings."""
