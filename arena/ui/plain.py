"""A page that is a plain document, without Gradio: bar, line of pages, content, one script.

Nothing of anybody is in it but the navigation of their role; the script asks the HTTP API for the rest.
"""

import html

from arena.domain.principal import Role
from arena.ui import assets, bar, catalogue_markup, document, language
from arena.ui.plain_pages import Needs, Page


def page(shown: Page, role: Role) -> str:
    """The whole document, for somebody who is this in the workspace; a door looks the same to everybody."""
    is_door = shown.needs is Needs.NOTHING
    sheets = "".join(
        f'<link rel="stylesheet" href="{assets.address(name)}">' for name in (assets.STYLES, "parts.css", *shown.styles)
    )
    modules = "".join(f'<link rel="modulepreload" href="{address}">' for address in assets.modules(shown.module))
    under = "" if is_door else bar.sub(shown.bar, shown.under or shown.address, role)
    body = (
        f"{bar.markup(shown.bar, role, bare=is_door)}{under}"
        f'<main id="main" class="pa-wrap" tabindex="-1">{shown.markup}'
        f'<noscript><p style="{document.PLAIN_STYLE}">{html.escape(document.WITHOUT_SCRIPTS)}</p></noscript></main>'
    )
    return (
        f'<!doctype html><html {language.attributes()}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(language.say(shown.title))} · {bar.NAME}</title>"
        f'<link rel="icon" href="{assets.address("favicon.png")}">{sheets}{modules}{document.THEME}'
        f"{document.words(shown.name)}</head>"
        f'<body class="plain pa" data-page="{shown.name}">{catalogue_markup.translated(body)}'
        f'<script type="module" src="{assets.address(shown.module)}"></script></body></html>'
    )
