"""Write the generated pages of docs/ anew.

python -m scripts.pages    docs/settings.md, docs/commands.md, docs/schema.md and docs/routes.md
"""

from collections.abc import Callable
from pathlib import Path

from scripts import commands_page, routes_page, schema_page, settings_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page.page,
    "commands.md": commands_page.page,
    "schema.md": schema_page.page,
    "routes.md": routes_page.page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
