"""Webhooks: addresses of a lab that are told of events."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, TypeAdapter

from arena.api import lists
from arena.api.bodies import Body
from arena.api.lists import Limit, Number
from arena.api.who import Arena, Who
from arena.services import clock
from arena.store.webhooks import Webhook as Known

router = APIRouter(prefix="/api/v1/webhooks", tags=["models"])

Kind = Literal["votes", "board", "model"]
LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,60}[A-Za-z0-9])?"
OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
HOST = rf"(({LABEL}\.){{0,7}}[A-Za-z]([A-Za-z0-9-]{{0,60}}[A-Za-z0-9])?|({OCTET}\.){{3}}{OCTET})"
ADDRESS = rf"^https?://{HOST}(:[1-9][0-9]{{0,3}})?(/[A-Za-z0-9._~/?&=-]{{0,1000}})?$"
"""What the document says of one. The service takes every host that can be looked up, by IPv6 or in any alphabet too."""


class NewWebhook(Body):
    """Where events are sent, and which."""

    url: Annotated[str, Field(json_schema_extra={"pattern": ADDRESS})]
    events: Annotated[list[Kind], Field(json_schema_extra={"minItems": 1})]


class Webhook(Body):
    webhook_id: str
    url: str
    events: list[Kind]
    created_at: datetime
    told: str | None
    """The last event that arrived; null before the first."""


class MadeWebhook(Webhook):
    """A webhook with its secret, which is shown only now."""

    secret: str
    """Each delivery says `X-Arena-Signature: sha256=HMAC-SHA256(secret, body)` in hex."""


class WebhookList(Body):
    webhooks: list[Webhook]
    next: int | None = None


class Delivered(Body):
    """One event on its way."""

    event_id: str
    event: Kind
    attempts: int
    status: int | None
    problem: str | None
    """Why it did not arrive yet; null where it did."""
    sent_at: datetime


class DeliveryList(Body):
    """The last events that were sent, newest first."""

    deliveries: list[Delivered]
    next: int | None = None


@router.post("", status_code=201)
async def add_webhook(arena: Arena, who: Who, body: NewWebhook) -> MadeWebhook:
    """Tell an address of events from now on: one signed POST each, in order, again until it answers with 2xx."""
    made = await arena.webhooks.add(who, body.url, body.events, clock.now())
    return MadeWebhook(**_webhook(made).model_dump(), secret=made.secret)


@router.get("")
async def list_webhooks(arena: Arena, who: Who, after: Number = 0, limit: Limit = 100) -> WebhookList:
    """Every webhook of the workspace, oldest first."""
    found, following = lists.numbered(arena.webhooks.listed(who), after, limit)
    return WebhookList(webhooks=list(map(_webhook, found)), next=following)


@router.get("/{webhook_id}/deliveries")
def list_deliveries(arena: Arena, who: Who, webhook_id: str, after: Number = 0, limit: Limit = 100) -> DeliveryList:
    """What an address was sent, at most the last hundred events."""
    found, following = lists.numbered(arena.webhooks.deliveries(who, webhook_id), after, limit)
    names = Delivered.model_fields
    told = [Delivered(**{name: getattr(one, name) for name in names}) for one in found]
    return DeliveryList(deliveries=told, next=following)


@router.delete("/{webhook_id}", status_code=204)
async def delete_webhook(arena: Arena, who: Who, webhook_id: str) -> None:
    """Tell an address nothing any more."""
    await arena.webhooks.remove(who, webhook_id, clock.now())


def _webhook(known: Known) -> Webhook:
    events = TypeAdapter(list[Kind]).validate_python(list(known.events))
    return Webhook(
        webhook_id=known.webhook_id,
        url=known.url,
        events=events,
        created_at=known.created_at,
        told=known.told or None,
    )
