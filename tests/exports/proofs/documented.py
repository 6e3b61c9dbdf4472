"""The programs of docs/verification.md, as a stranger saves them."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "verification.md"


def programs() -> dict[str, str]:
    """Each by the name of its file."""
    found = re.findall(r"^`(\w+\.py)`:\n\n```python\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return dict(found)
