"""Who may enter a workspace, who reads its boards and what they show, and how much it takes on: set while the arena
runs.

Until something is set, the workspace of the configuration lets anonymous raters in, and its board is public where
`public_board` says so. Every other workspace begins closed.
"""

from arena.domain.campaign import Publishing
from arena.settings import Settings
from arena.store.instance import Instance


class WorkspaceRules:
    """The rules of one workspace as they are now."""

    def __init__(self, instance: Instance, workspace: str, settings: Settings) -> None:
        self._instance = instance
        self._workspace = workspace
        self._settings = settings
        self._is_default = workspace == settings.workspace

    @property
    def anonymous(self) -> bool:
        """Whether raters without an account are let in."""
        return bool(self._instance.workspaces.of(self._workspace).get("anonymous", self._is_default))

    @property
    def public_board(self) -> bool:
        """Whether raters read its boards."""
        before = self._is_default and self._settings.public_board
        return bool(self._instance.workspaces.of(self._workspace).get("public_board", before))

    @property
    def publish(self) -> Publishing:
        """What is shown of the campaign `default`, and of what was imported without a campaign."""
        before = self._settings.campaign.publish if self._is_default else Publishing.NOTHING
        return Publishing(self._instance.workspaces.of(self._workspace).get("publish", before))

    @property
    def live_battles(self) -> int:
        """Battles being written at the same time."""
        return self._at_most("live_battles", self._settings.limits.live_battles)

    @property
    def media_bytes(self) -> int:
        """The largest picture, sound or film that is taken in."""
        return self._at_most("media_bytes", self._settings.limits.media_bytes)

    def _at_most(self, name: str, most: int) -> int:
        """A limit of this workspace, which never exceeds that of the configuration."""
        return min(most, int(self._instance.workspaces.of(self._workspace).get(name, most)))
