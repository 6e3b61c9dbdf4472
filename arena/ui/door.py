"""What stands in the pages before there is a session, and in the account's own.

`static/door.js` sends their forms to the API and says what came back.
"""

import html

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


CODE = _field(
    "code",
    "Code",
    "text",
    "one-time-code",
    help_text="The six digits that your device shows now, or one of your recovery codes.",
    required=False,
).replace('<div class="fld">', '<div class="fld" data-code hidden>')
"""Shown once the arena asks for it."""


def _form(name: str, title: str, fields: str, button: str, more: str = "") -> str:
    for attribute in ("for", "id", "aria-describedby"):  # two forms of a page may ask for the same
        fields = fields.replace(f' {attribute}="', f' {attribute}="{name}-')
    return (
        f'<section data-form="{name}"><h2>{title}</h2>{NOTE}<form>{fields}'
        f'<p><button class="btn pri" type="submit">{button}</button></p></form>{more}</section>'
    )


def _gate(content: str) -> str:
    return f'<div class="gate">{SAYS}<div class="in">{content}</div></div>'


def sign_in() -> str:
    """The content of the page where people sign in, or set a new password by a link."""
    fields = _field("email", "E-mail", "email", "username")
    fields += _field("password", "Password", "password", "current-password") + CODE
    more = (
        '<p data-organisation hidden><a class="btn" href="/api/v1/organisation/start">'
        "Sign in with your organisation</a></p>"
        '<p class="sm mute">Forgot your password? Ask the admin of this arena for a link that sets a new one.</p>'
    )
    device = _form("device", "Sign in on this device", "", "Sign in")
    new = device.replace("<section ", "<section hidden ", 1) + _form(
        "link", "Set a new password", NEW_PASSWORD + CODE, "Set it and sign in"
    )
    new = new.replace('<section data-form="link"', '<section hidden data-form="link"', 1)
    return _gate(_form("signin", "Sign in", fields, "Sign in", more) + new)


def invite() -> str:
    """The content of the page of an invitation."""
    name = _field("name", "Name", "text", "name", help_text="Only admins of the workspace see it.", required=False)
    more = '<p class="sm mute">You have an account here? Take its e-mail and its password.</p>'
    return _gate(_form("invite", "You are invited", EMAIL + name + NEW_PASSWORD + CODE, "Join", more))


def set_up() -> str:
    """The content of the page where the first account is made."""
    token = _field(
        "token",
        "Admin token",
        "password",
        "off",
        help_text="The line in the file admin-token of the data folder. It begins with arena_.",
    )
    name = _field("name", "Name", "text", "name", required=False)
    return _gate(_form("setup", "Make the first account", token + EMAIL + name + NEW_PASSWORD, "Make it and sign in"))


def account() -> str:
    """The content of the page of an account."""
    old = _field("old", "Present password", "password", "current-password")
    password = _form("password", "Change the password", old + NEW_PASSWORD + CODE, "Change it")
    again = _field("password", "Password", "password", "current-password", required=False)
    code = _field("code", "Code", "text", "one-time-code", help_text="The six digits that your device shows now.")
    offered = (
        "<div data-offered hidden><p>Read this with an authenticator on your phone, or type the letters into it.</p>"
        '<p><img class="qr" data-picture alt="QR code of the letters below"></p>'
        "<p><code data-secret></code></p></div>"
    )
    codes = (
        "<div data-codes hidden><p><b>Keep these recovery codes</b> where you will find them without your device. Each "
        'signs you in once; they are shown here only now.</p><ul class="codes" data-list></ul></div>'
    )
    step = _form(
        "step",
        "Second step",
        '<p data-said></p><p><button class="btn" type="button" data-offer>Set it up</button></p>'
        + offered
        + f"<div data-prove hidden>{again}{code}</div>",
        "Confirm",
        codes,
    )
    closing = _field("closing", "Password", "password", "current-password", required=False) + CODE
    told = (
        '<p class="sm mute">E-mail, name and password are deleted. Your votes stay, under the pseudonyms they have. To '
        'take those out, withdraw or erase them first, under <a href="/me">My contributions</a>. What you earned stays '
        'owed, to the name that <a href="/me/credits">Credits</a> shows: note it first, because nobody can tell '
        "afterwards that it was you.</p>"
    )
    return (
        f'<div class="own"><section data-own><h1>Your account</h1>{NOTE}'
        "<dl><dt>E-mail</dt><dd data-email></dd>"
        "<dt>Name</dt><dd data-name></dd></dl><h2>Workspaces</h2><ul data-places></ul>"
        '<h2>Where you are signed in</h2><ul class="sessions" data-sessions></ul>'
        '<p><a class="btn" href="/api/v1/me/everything" download>Everything about you, as a file</a></p>'
        '<p><button class="btn" type="button" data-device>Sign in on another device</button></p>'
        "<div data-linked hidden><p>Open this on the other device, within ten minutes. It works once.</p>"
        '<p><img class="qr" data-device-picture alt="QR code of the address below"></p>'
        "<p><code data-device-address></code></p></div>"
        '<p><button class="btn" type="button" data-others>Sign out everywhere else</button> '
        '<button class="btn" type="button" data-out>Sign out</button></p></section>'
        + password
        + step
        + _form("close", "Close the account", closing, "Close it for good", told)
        + "</div>"
    )
