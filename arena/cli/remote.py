"""Reaching the arena that runs on a data directory, through its HTTP API, as its admin.

Commands never need the database's lock: with an arena running they ask it, otherwise they open the file.
"""

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena import errors
from arena.server import running
from arena.services.identity import admin_token_path
from arena.services.paths import workspace_path

TIMEOUT_SECONDS = 600
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A running arena and the admin's token for it."""

    url: str
    """With the workspace that is asked, where that is not the default one."""
    token: str
    """Empty: nobody in particular."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send JSON, return JSON. Raises the `ArenaError` that the arena answered with."""
        data = self.fetch(method, path, body)
        return json.loads(data) if data else None

    def every(self, path: str, name: str) -> Iterator[Any]:
        """Every entry of a list, page by page."""
        after = ""
        while True:
            page = self.call("GET", f"{path}?limit={PAGE}{after}")
            yield from page[name]
            if page["next"] is None:
                return
            after = f"&after={urllib.parse.quote(str(page['next']), safe='')}"

    def fetch(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """The bytes of an answer."""
        with self._open(method, path, body) as response:
            content: bytes = response.read()
        return content

    def download(self, path: str, target: Path) -> None:
        """Copy an answer to a file, whatever its size."""
        with self._open("GET", path, None) as response, target.open("wb") as file:
            shutil.copyfileobj(response, file)

    def _open(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        request = urllib.request.Request(  # noqa: S310 - the address is our own server's
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} | authorization,
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return opener.open(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            raise errors.BY_STATUS.get(error.code, errors.ArenaError)(_detail(error)) from error
        except OSError as error:
            raise errors.StoreHeld(
                f"The arena at {self.url} holds the data and does not answer ({error}). Stop it, then try again."
            ) from error


def find(data_dir: Path, workspace: str) -> Remote | None:
    """The arena running on a data directory, or None.

    Raises `NotFound` when it has no such workspace, and `Forbidden` when its admin token cannot be read.
    """
    arena = running.find(data_dir)
    if arena is None:
        return None
    if workspace != arena.workspace and not workspace_path(data_dir, workspace).parent.exists():
        raise errors.NotFound(
            f"The arena on {data_dir} has no workspace {workspace}; name another with --workspace, or make it with "
            "`arena workspaces create`."
        )
    path = admin_token_path(data_dir, workspace)
    try:
        url = arena.url if workspace == arena.workspace else f"{arena.url}/w/{workspace}"
        return Remote(url=url, token=path.read_text().strip())
    except OSError as error:
        raise errors.Forbidden(
            f"An arena runs on {data_dir} and only its admin may ask it, but {path} cannot be read ({error.strerror})."
        ) from error


def find_any(data_dir: Path) -> Remote | None:
    """The arena running on a data directory, whichever workspace it serves; None when there is none."""
    arena = running.find(data_dir)
    return None if arena is None else find(data_dir, arena.workspace)


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the arena answered {error.code} to {error.url}"
