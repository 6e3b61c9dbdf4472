"""What every page shares: the head of the document, and the top bar.

The stylesheet is linked rather than handed to Gradio: Gradio rewrites the selectors of CSS it is given, and
nested rules do not survive that. Until it has come the parts of a page are invisible, so nothing jumps.
"""

import json

import gradio as gr

from arena.domain import principal as principals
from arena.domain.principal import Role
from arena.errors import Unauthenticated
from arena.ui import assets
from arena.ui import bar as bars

PAGES = (("Battle", "/"), ("Leaderboard", "/leaderboard"), ("Data", "/data"), ("My contributions", "/me"))
"""Name and address of each page there is."""

HEAD = f"""
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{assets.address(assets.STYLES)}">
"""
"""What Gradio puts at the end of the head, after its own stylesheets: where two rules weigh the same, ours win."""

EARLY_CSS = ".nav-holder { display: none }"
"""Put in place by Gradio before our stylesheets come: else its own list of pages would stand above ours until then."""


def bar(current: str) -> gr.HTML:
    """The top bar, and the line of pages under it, with the page at address `current` marked as open."""
    title = next(name for name, address in PAGES if address == current)
    under = bars.sub(title, current, Role.ANONYMOUS)
    return part(bars.markup(title, None) + under, script=mounted("frame.js", title))


def mounted(script: str, *arguments: str, given: tuple[str, ...] = ("element",)) -> str:
    """What Gradio runs for a part: load one of our scripts and hand it the part's element, or more that is `given`
    there, such as `trigger` and `watch`.

    The address is whole: where a browser has one process for pages of several arenas of a site, it compiles the same
    text once, and looks for a bare address at the arena that came first.
    """
    handed = ", ".join((*given, *map(json.dumps, arguments)))
    return f'import(location.origin + "{assets.address(script)}").then((script) => script.mount({handed}))'


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
