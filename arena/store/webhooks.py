"""Addresses that are told of events, and what was sent to each."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime

from arena.store.instance_file import InstanceFile

WEBHOOKS = {
    "webhook_id": "VARCHAR",
    "workspace": "VARCHAR",
    "url": "VARCHAR",
    "events": "VARCHAR",
    "secret": "VARCHAR",
    "made_by": "VARCHAR",
    "created_at": "TIMESTAMP",
    "told": "VARCHAR",
}
DELIVERIES = {
    "webhook_id": "VARCHAR",
    "event_id": "VARCHAR",
    "event": "VARCHAR",
    "attempts": "INTEGER",
    "status": "INTEGER",
    "problem": "VARCHAR",
    "sent_at": "TIMESTAMP",
}
KEPT = 100
"""Deliveries that are kept of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One address."""

    webhook_id: str
    workspace: str
    url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
    made_by: str
    created_at: datetime
    told: str = ""
    """Id of the last event that arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one address."""

    webhook_id: str
    event_id: str
    event: str
    attempts: int
    status: int | None
    problem: str | None
    """Why it did not arrive yet; None where it did."""
    sent_at: datetime


class WebhookRows:
    """Every webhook of the installation. They are few, so all live in memory."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched(f"SELECT {', '.join(WEBHOOKS)} FROM webhooks ORDER BY created_at, webhook_id")
        named = [dict(zip(WEBHOOKS, row, strict=True)) for row in found]
        self._all = {one["webhook_id"]: Webhook(**{**one, "events": tuple(json.loads(one["events"]))}) for one in named}

    def of(self, workspace: str) -> list[Webhook]:
        """Those of a workspace, oldest first."""
        return [one for one in self._all.values() if one.workspace == workspace]

    def find(self, webhook_id: str) -> Webhook | None:
        """The webhook with an id."""
        return self._all.get(webhook_id)

    def add(self, webhook: Webhook) -> None:
        """Store a new one."""
        values = {name: getattr(webhook, name) for name in WEBHOOKS}
        values["events"] = json.dumps(webhook.events)
        self._file.append("webhooks", WEBHOOKS, list(values.values()))
        self._all[webhook.webhook_id] = webhook

    def remove(self, webhook_id: str) -> None:
        """Tell an address nothing any more, and forget what it was told."""
        with self._file.transaction():
            self._file.change("DELETE FROM deliveries WHERE webhook_id = ?", [webhook_id])
            self._file.change("DELETE FROM webhooks WHERE webhook_id = ?", [webhook_id])
        self._all.pop(webhook_id, None)

    def forget(self, workspace: str) -> None:
        """Remove those of a workspace that is removed."""
        for one in self.of(workspace):
            self.remove(one.webhook_id)

    def deliveries(self, webhook_id: str) -> list[Delivery]:
        """What was sent to an address, newest first."""
        found = self._file.fetched(
            f"SELECT {', '.join(DELIVERIES)} FROM deliveries WHERE webhook_id = ? ORDER BY sent_at DESC, event_id DESC",
            [webhook_id],
        )
        return [Delivery(**dict(zip(DELIVERIES, row, strict=True))) for row in found]

    def note(self, sent: Delivery) -> None:
        """Note how far an event came: it stands once, whatever the attempts. Of a webhook that ended meanwhile nothing
        is noted."""
        with self._file.transaction():
            if sent.webhook_id not in self._all:
                return
            self._file.change(
                "DELETE FROM deliveries WHERE webhook_id = ? AND event_id = ?", [sent.webhook_id, sent.event_id]
            )
            self._file.append("deliveries", DELIVERIES, [getattr(sent, name) for name in DELIVERIES])
            if sent.problem is None:
                self._file.change("UPDATE webhooks SET told = ? WHERE webhook_id = ?", [sent.event_id, sent.webhook_id])
        if sent.problem is None and sent.webhook_id in self._all:
            self._all[sent.webhook_id] = replace(self._all[sent.webhook_id], told=sent.event_id)
