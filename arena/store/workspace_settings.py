"""What was set for each workspace while the arena ran."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from arena.store.instance_file import InstanceFile

SETTINGS = {"workspace": "VARCHAR", "name": "VARCHAR", "value": "VARCHAR", "set_at": "TIMESTAMP"}


class WorkspaceSettings:
    """The settings of every workspace, in memory."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched("SELECT workspace, name, value FROM workspace_settings ORDER BY set_at")
        self._set: dict[str, dict[str, Any]] = {}
        for workspace, name, value in found:
            self._set.setdefault(workspace, {})[name] = json.loads(value)

    def of(self, workspace: str) -> Mapping[str, Any]:
        """What was set for a workspace, by name."""
        return self._set.get(workspace, {})

    def change(self, workspace: str, changes: Mapping[str, Any], now: datetime) -> None:
        """Set these names to these values."""
        with self._file.transaction():
            for name, value in changes.items():
                self._file.append("workspace_settings", SETTINGS, (workspace, name, json.dumps(value), now))
        self._set.setdefault(workspace, {}).update(changes)

    def forget(self, workspace: str) -> None:
        """Drop everything that was set for a workspace that is removed."""
        self._file.change("DELETE FROM workspace_settings WHERE workspace = ?", [workspace])
        self._set.pop(workspace, None)
