"""Where an arena keeps its files, and its clock: what every command and service starts from."""

from datetime import UTC, datetime
from pathlib import Path


def now() -> datetime:
    """The time, UTC, in the microseconds the store keeps."""
    return datetime.now(UTC)


def instance_path(data_dir: Path) -> Path:
    """The file that holds tokens; labs never share more than this."""
    return data_dir / "instance.duckdb"


def workspace_path(data_dir: Path, workspace: str) -> Path:
    """The file of one workspace: the wall between labs."""
    return data_dir / "workspaces" / f"{workspace}.duckdb"


def releases_path(data_dir: Path) -> Path:
    """Where releases are kept."""
    return data_dir / "releases"
