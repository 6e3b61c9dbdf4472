"""What every page shares: the head of the document, and the top bar.

The stylesheets are linked rather than handed to Gradio: Gradio rewrites the selectors of CSS it is given, and
nested rules do not survive that. Until they have come the parts of a page are invisible, so nothing jumps.
"""

import html
from pathlib import Path

import gradio as gr

from arena.domain import principal as principals
from arena.errors import Unauthenticated

STATIC = Path(__file__).parent / "static"
"""Served by the server at /static."""

PAGES = (("Battle", "/"), ("Leaderboard", "/leaderboard"), ("Data", "/data"), ("My contributions", "/me"))
"""Name and address of each page there is."""

HEAD = """
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/tokens.css">
<link rel="stylesheet" href="/static/arena.css">
<link rel="stylesheet" href="/static/data.css">
<link rel="stylesheet" href="/static/pages.css">
<link rel="modulepreload" href="/static/frame.js">
"""

EARLY_CSS = ".nav-holder { display: none }"
"""Put in place by Gradio before our stylesheets come: else its own list of pages would stand above ours until then."""

BAR = """
<a class="skip unstyled" href="#main">Skip to content</a>
<header class="top unstyled"><div class="pa-wrap">
<a class="brand" href="/"><span class="g a" aria-hidden="true"></span>Preference Arena</a>
<nav aria-label="Pages"><ul class="nav">{links}</ul></nav>
<button class="tbtn menu" type="button" aria-expanded="false" data-menu>Menu</button>
<div class="who"><span data-workspace></span><span aria-hidden="true" data-slash hidden>/</span><span data-rater></span>
<button class="tbtn" type="button" data-theme>Dark</button></div>
</div></header>
"""


def bar(current: str) -> gr.HTML:
    """The top bar, with the page at address `current` marked as the one that is open."""
    links = "".join(
        f'<li><a href="{address}"{" aria-current=page" if address == current else ""}>{html.escape(name)}</a></li>'
        for name, address in PAGES
    )
    title = next(name for name, address in PAGES if address == current)
    script = f'import("/static/frame.js").then((frame) => frame.mount(element, "{title}"))'
    return part(BAR.format(links=links), script=script)


def part(markup: str, *, value: str | None = None, script: str | None = None) -> gr.HTML:
    """One part of a page: our own markup under `.pa`, without Gradio's default styles."""
    return gr.HTML(
        value,
        html_template=markup,
        js_on_load=script,
        apply_default_css=False,
        elem_classes="pa",
        container=False,
        padding=False,
    )


def principal(request: gr.Request) -> principals.Principal:
    """Who asks, as the server's gate has found out before Gradio sees a request."""
    if request.request is None:
        raise Unauthenticated("Open the page in a browser.")
    found: principals.Principal = request.request.scope["state"]["principal"]
    return found
