"""An open workspace as services are given it, with the secrets, chance and clock of tests."""

import random
from pathlib import Path
from typing import Any

from arena.domain.name_key import NameKey
from arena.services.open_workspace import OpenWorkspace
from arena.store.workspace import Workspace
from tests.exports.making import SIGNER
from tests.store.making import NOW


def here(store: Workspace, releases: Path, **changes: Any) -> OpenWorkspace:
    """A workspace with its releases in this folder."""
    given: dict[str, Any] = {
        "name": "default",
        "store": store,
        "releases": releases,
        "secret": b"secret of the tests",
        "name_key": NameKey(workspace="default", secret=b"secret of the tests"),
        "signer": SIGNER,
        "chance": random.Random(7),
        "now": lambda: NOW,
    }
    return OpenWorkspace(**given | changes)
