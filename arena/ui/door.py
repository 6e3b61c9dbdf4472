"""The pages before there is a session, and the account's own: plain documents, without Gradio.

`static/door.js` sends their forms to the API and says what came back.
"""

import html
from collections.abc import Callable, Mapping

from arena.ui import assets
from arena.ui.document import NAME, PLAIN_STYLE, WITHOUT_SCRIPTS

SAYS = (
    '<div class="say"><h1>Two answers, one vote. Your judgement decides which model is better.</h1>'
    "<p>Prompts, votes and accounts stay on the machine of whoever runs this arena.</p>"
    '<div class="big4" role="img" aria-label="The four votes: A is better, B is better, Tie, Both bad">'
    '<span><span class="g a" aria-hidden="true"></span>A is better</span>'
    '<span><span class="g b" aria-hidden="true"></span>B is better</span>'
    '<span><span class="g t" aria-hidden="true"></span>Tie</span>'
    '<span><span class="g" aria-hidden="true"></span>Both bad</span></div></div>'
)
NOTE = (
    '<div class="note" role="alert" data-note hidden></div><div class="note ok" role="status" data-done hidden></div>'
)


def _field(name: str, label: str, kind: str, fill: str, *, help_text: str = "", required: bool = True) -> str:
    helped = f' aria-describedby="{name}-h"' if help_text else ""
    hint = f'<span class="h" id="{name}-h">{html.escape(help_text)}</span>' if help_text else ""
    needed = " required" if required else ""
    return (
        f'<div class="fld"><label for="{name}">{html.escape(label)}</label>'
        f'<input class="txt" id="{name}" name="{name}" type="{kind}" autocomplete="{fill}"{helped}{needed}>{hint}</div>'
    )


EMAIL = _field("email", "E-mail", "email", "username", help_text="A name to sign in with. Nothing is ever sent to it.")
NEW_PASSWORD = _field(
    "password",
    "New password",
    "password",
    "new-password",
    help_text="At least 12 characters. Four words that do not belong together are enough.",
)


def _form(name: str, title: str, fields: str, button: str, more: str = "") -> str:
    for attribute in ("for", "id", "aria-describedby"):  # two forms of a page may ask for the same
        fields = fields.replace(f' {attribute}="', f' {attribute}="{name}-')
    return (
        f'<section data-form="{name}"><h2>{title}</h2>{NOTE}<form>{fields}'
        f'<p><button class="btn pri" type="submit">{button}</button></p></form>{more}</section>'
    )


def _sign_in() -> str:
    fields = _field("email", "E-mail", "email", "username")
    fields += _field("password", "Password", "password", "current-password")
    more = '<p class="sm mute">Forgot your password? Ask the admin of this arena for a link that sets a new one.</p>'
    new = _form("link", "Set a new password", NEW_PASSWORD, "Set it and sign in")
    return _form("signin", "Sign in", fields, "Sign in", more) + new.replace("<section ", "<section hidden ", 1)


def _invite() -> str:
    name = _field("name", "Name", "text", "name", help_text="Only admins of the workspace see it.", required=False)
    more = '<p class="sm mute">You have an account here? Take its e-mail and its password.</p>'
    return _form("invite", "You are invited", EMAIL + name + NEW_PASSWORD, "Join", more)


def _set_up() -> str:
    token = _field(
        "token",
        "Admin token",
        "password",
        "off",
        help_text="The line in the file admin-token of the data folder. It begins with arena_.",
    )
    name = _field("name", "Name", "text", "name", required=False)
    return _form("setup", "Make the first account", token + EMAIL + name + NEW_PASSWORD, "Make it and sign in")


def _account() -> str:
    old = _field("old", "Present password", "password", "current-password")
    password = _form("password", "Change the password", old + NEW_PASSWORD, "Change it")
    closing = _field("closing", "Password", "password", "current-password")
    told = (
        '<p class="sm mute">E-mail, name and password are deleted. Your votes stay, under the pseudonyms they have. To '
        'take those out, withdraw or erase them first, under <a href="/me">My contributions</a>.</p>'
    )
    return (
        f'<section data-account><h1>Your account</h1>{NOTE}<dl class="kv"><dt>E-mail</dt><dd data-email></dd>'
        "<dt>Name</dt><dd data-name></dd></dl><h2>Workspaces</h2><ul data-places></ul>"
        '<h2>Where you are signed in</h2><ul class="sessions" data-sessions></ul>'
        '<p><button class="btn" type="button" data-others>Sign out everywhere else</button> '
        '<button class="btn" type="button" data-out>Sign out</button></p></section>'
        + password
        + _form("close", "Close the account", closing, "Close it for good", told)
    )


PAGES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "signin": ("Sign in", _sign_in),
    "invite": ("Invitation", _invite),
    "setup": ("Set up", _set_up),
    "account": ("Your account", _account),
}
"""Title and content of each, by the first part of its address."""


def page(name: str) -> str:
    """A whole document."""
    title, content = PAGES[name]
    inner = content()
    body = f'<div class="gate">{SAYS}<div class="in">{inner}</div></div>'
    if name == "account":
        body = f'<div class="own">{inner}</div>'
    modules = "".join(f'<link rel="modulepreload" href="{address}">' for address in assets.modules("door.js"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title} · {NAME}</title><link rel="icon" href="{assets.address("favicon.png")}">'
        f'<link rel="stylesheet" href="{assets.address(assets.STYLES)}">{modules}</head>'
        f'<body class="plain pa" data-page="{name}"><a class="skip" href="#main">Skip to content</a>'
        '<header class="top"><div class="pa-wrap"><a class="brand" href="/">'
        f'<span class="g a" aria-hidden="true"></span>{NAME}</a>'
        '<div class="who"><button class="tbtn" type="button" data-theme>Dark</button></div></div></header>'
        f'<main id="main" class="pa-wrap" tabindex="-1">{body}'
        f'<noscript><p style="{PLAIN_STYLE}">{html.escape(WITHOUT_SCRIPTS)}</p></noscript></main>'
        f'<script type="module" src="{assets.address("door.js")}"></script></body></html>'
    )
