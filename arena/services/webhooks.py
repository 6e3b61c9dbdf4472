"""Webhooks: addresses of labs that are told of events, one event after the other, each until it arrived.

What an address was told last is kept, so that a restart tells nothing twice and leaves nothing out. While an address
does not answer, it is tried again, less and less often; of votes and boards it then gets how they stand. Of processes
that share a workspace one delivers; when it ends or dies, another goes on where it was.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self

from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, DoesNotFit, InvalidValue, NotFound
from arena.inference.allowed import Allowed
from arena.services import acting_for, feed, made_by
from arena.services.auditing import Auditing, noted
from arena.services.feed import Feed, NewsEvent
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.sole_work import SoleWork
from arena.settings import Settings
from arena.store.instance import Instance
from arena.store.webhooks import Delivery, Webhook
from arena.webhooks import sender
from arena.webhooks.sender import Reach, WebhookSender, is_closed

log = logging.getLogger(__name__)

MOST: Final = 20
"""Webhooks of one workspace."""
URL_LIMIT: Final = 2000
SECRET_BYTES: Final = 32
FIRST_WAIT: Final = 1.0
"""Seconds before an event is sent again; twice as many each time."""
LONGEST_WAIT: Final = 60.0
FOLLOW_SECONDS: Final = 1.0
"""How often whoever delivers for several processes looks which webhooks there are."""


class Webhooks:
    """The webhooks of one workspace. An async context manager: leaving it ends the deliveries."""

    def __init__(self, here: OpenWorkspace, instance: Instance, news: Feed, settings: Settings) -> None:
        self._here = here
        self._instance = instance
        self._feed = news
        self._audit = Auditing(instance)
        self._reach: Reach = settings.endpoints.webhooks if here.name == settings.workspace else "listed"
        self._allowed = Allowed.of(settings.endpoints.of(here.name), ())
        self._sender = WebhookSender()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._alone = SoleWork(here.store.others, "webhooks")
        self._taking_turns: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._sender.__aenter__()
        if self._here.store.shared:
            self._taking_turns = asyncio.create_task(self._take_turns())
        else:
            await self._follow()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._taking_turns is not None:
            self._taking_turns.cancel()
            await asyncio.gather(self._taking_turns, return_exceptions=True)
        await self._end()
        await self._sender.__aexit__(None, None, None)

    def listed(self, principal: Principal) -> list[Webhook]:
        """Those there are, oldest first."""
        demand(principal, Permission.CONDUCT)
        return self._instance.webhooks.of(self._here.name)

    async def add(self, principal: Principal, url: str, events: Sequence[str], now: datetime) -> Webhook:
        """Tell an address of these kinds of events from now on."""
        demand(principal, Permission.CONDUCT)
        unknown = [kind for kind in events if kind not in feed.KINDS]
        if unknown or not events:
            said = repr(unknown[0]) if unknown else "empty"
            raise InvalidValue(f"events is {said}; accepted: {', '.join(feed.KINDS)}.")
        address = self._address(url)
        if len(self._instance.webhooks.of(self._here.name)) >= MOST:
            raise Conflict(f"This workspace has {MOST} webhooks, and no more; delete one first.")
        made = Webhook(
            webhook_id=f"wh_{secrets.token_hex(8)}",
            workspace=self._here.name,
            url=url,
            events=tuple(dict.fromkeys(events)),
            secret=secrets.token_urlsafe(SECRET_BYTES),
            made_by=noted(principal),
            created_at=now,
        )

        def store() -> None:
            with self._instance.transaction():
                acting_for.refuse_ended(self._instance, principal)
                self._instance.webhooks.add(made)
                self._audit.note(principal, "added webhook", made.webhook_id, now, address)

        await asyncio.to_thread(store)
        if not self._here.store.shared:  # else whoever delivers finds it
            self._start(made)
        return made

    async def remove(self, principal: Principal, webhook_id: str, now: datetime) -> None:
        """Tell an address nothing any more."""
        self._found(principal, webhook_id)

        def forget() -> None:
            with self._instance.transaction():
                self._instance.webhooks.remove(webhook_id)
                self._audit.note(principal, "deleted webhook", webhook_id, now)

        await asyncio.to_thread(forget)
        if webhook_id in self._tasks:
            self._tasks.pop(webhook_id).cancel()

    def deliveries(self, principal: Principal, webhook_id: str) -> list[Delivery]:
        """What an address was sent, newest first."""
        self._found(principal, webhook_id)
        return self._instance.webhooks.deliveries(webhook_id)

    def _found(self, principal: Principal, webhook_id: str) -> Webhook:
        demand(principal, Permission.CONDUCT)
        found = self._instance.webhooks.find(webhook_id)
        if found is None or found.workspace != self._here.name:
            raise NotFound(f"There is no webhook {webhook_id}; GET /api/v1/webhooks lists those there are.")
        return found

    def _address(self, url: str) -> str:
        """Host and port of an address. Raises for one that is none, or that this workspace may send nothing to."""
        try:
            found = sender.checked_url(url)
        except ValueError:
            found = None
        if found is None or len(url) > URL_LIMIT:
            raise InvalidValue(
                "url is to be http:// or https://, a host without name or password, and a port from 1 to 65535 if any; "
                f"at most {URL_LIMIT:,} characters."
            )
        told = found.netloc.decode("ascii")
        if not self._allowed.has(url) and is_closed(found.raw_host.decode("ascii"), self._reach):
            raise DoesNotFit(
                f"{told} is not on this arena's list of allowed hosts. An admin adds it in the configuration under "
                "[endpoints], allow."
            )
        return told

    async def _take_turns(self) -> None:
        """Deliver while no other process does."""
        while True:
            try:
                async with self._alone.turn():
                    await self._take_turn()
            except Exception:  # what was told last is kept: whoever delivers next goes on from there
                log.exception("webhooks of workspace %s are told nothing for now", self._here.name)
                await asyncio.sleep(FOLLOW_SECONDS)

    async def _take_turn(self) -> None:
        """Deliver until another process does; when this ends nothing is on its way any more."""
        try:
            while await self._alone.goes_on():
                await self._follow()
                await asyncio.sleep(FOLLOW_SECONDS)
        finally:
            await self._end()

    async def _follow(self) -> None:
        """Tell those there are whose makers have a right to them, and nobody else; what ended, as where nothing could
        be noted, begins again."""
        await asyncio.to_thread(made_by.end_left_webhooks, self._instance, self._here.name, self._here.now())
        known = {one.webhook_id: one for one in self._instance.webhooks.of(self._here.name)}
        for webhook_id in [one for one, task in self._tasks.items() if one not in known or task.done()]:
            self._tasks.pop(webhook_id).cancel()
        for webhook_id, webhook in known.items():
            if webhook_id not in self._tasks:
                self._start(webhook)

    async def _end(self) -> None:
        tasks, self._tasks = [*self._tasks.values()], {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, webhook: Webhook) -> None:
        self._tasks[webhook.webhook_id] = asyncio.create_task(self._tell(webhook))

    async def _tell(self, webhook: Webhook) -> None:
        async for event in self._feed.listen(feed.number(webhook.told), lambda: self._is_there(webhook)):
            if event is not None and event.kind in webhook.events:
                await self._deliver(webhook, event)

    def _is_there(self, webhook: Webhook) -> bool:
        return self._instance.webhooks.find(webhook.webhook_id) is not None

    async def _deliver(self, webhook: Webhook, event: NewsEvent) -> None:
        """Send an event until it arrived, or until the webhook ended: by hand, or with the role of who made it."""
        body = json.dumps({"id": event.id, "event": event.kind, "data": json.loads(event.data)}).encode()
        attempts, wait = 0, FIRST_WAIT
        while self._is_there(webhook):
            attempts += 1
            delivery = f"{webhook.webhook_id}/{event.id}"
            reach = None if self._allowed.has(webhook.url) else self._reach
            status, problem = await self._sender.send(
                webhook.url, webhook.secret, event.kind, delivery, body, reach=reach
            )
            sent = Delivery(
                webhook_id=webhook.webhook_id,
                event_id=event.id,
                event=event.kind,
                attempts=attempts,
                status=status,
                problem=problem,
                sent_at=self._here.now(),
            )
            await asyncio.to_thread(self._instance.webhooks.note, sent)
            if problem is None:
                return
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
