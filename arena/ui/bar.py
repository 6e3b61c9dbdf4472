"""The top bar of every page, and the line of pages under it: what a role may open, and nothing else.

A plain document knows who asks and is drawn right at once. Gradio's pages are drawn before anybody asks: every link is
in them with the roles it is for, and `static/frame.js` shows those of whoever is there.
"""

import html
from collections.abc import Iterator, Mapping

from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Role
from arena.ui import language, plain_pages

NAME = "Preference Arena"
CONTRIBUTIONS, LAB, BOARDS = "My contributions", "Lab", "Leaderboard"
"""Entries with a line of pages under them."""
FIRST: Mapping[str, tuple[tuple[str, str, Permission | None], ...]] = {
    CONTRIBUTIONS: (("Votes and data", "/me", Permission.TAKE_PART),),
    BOARDS: (("Board", "/leaderboard", None),),
}
"""What stands in such a line before the plain pages: words, address and the permission it needs, if any."""

WAITING = {"/lab/campaigns": "disputed", "/lab/raters": "findings", "/lab/review": "appeals reports"}
"""Addresses whose words a number stands beside: how many of these wait for a person (`GET /api/v1/waiting`)."""

BAR = """
<a class="skip unstyled" href="#main">Skip to content</a>
<header class="top unstyled"><div class="pa-wrap">
<a class="brand" href="/" translate="no"><span class="g a" aria-hidden="true"></span>Preference Arena</a>
<nav aria-label="Pages"><ul class="nav">{links}{phone}</ul></nav>
<button class="tbtn menu" type="button" aria-expanded="false" data-menu>Menu</button>
<div class="who"><span data-workspace></span><span aria-hidden="true" data-slash hidden>/</span><span data-rater></span>
{account}{languages}<button class="tbtn" type="button" data-theme>Dark</button></div>
</div></header>
"""
PHONE = (
    '<li class="ph" data-account hidden><a href="/account">Account and sessions</a></li>'
    '<li class="ph" data-sign-in hidden><a href="/signin">Sign in</a></li>'
)
ACCOUNT = """<details class="acct" data-account hidden><summary data-member></summary><div class="pop">
<h2>Workspace</h2><ul data-places-of-account></ul>
<ul class="end"><li><a href="/account">Account and sessions</a></li>
<li><button type="button" data-sign-out>Sign out</button></li></ul></div></details>
<a href="/signin" data-sign-in hidden>Sign in</a>
"""


def entries(role: Role) -> Iterator[tuple[str, str]]:
    """Words and address of each entry of the top bar, for a role.

    Whoever conducts campaigns has the lab's bar. Whoever has no account may hold a trainer's token, which the Data page
    asks for.
    """
    may = PERMISSIONS[role]
    conducts = Permission.CONDUCT in may
    work = next((page for page in plain_pages.PAGES if page.name == "work"), None)
    if work is not None and work.opens_to(role) and not conducts:
        yield work.title, work.address
    if Permission.TAKE_PART in may:
        yield "Battle", "/"
    yield "Leaderboard", "/leaderboard"
    if lab := list(line(LAB, role)):
        yield LAB, lab[0][1]
    if Permission.EXPORT in may or role is Role.ANONYMOUS:
        yield "Data", "/data"
    if Permission.TAKE_PART in may:
        yield CONTRIBUTIONS, "/me"


def line(entry: str, role: Role) -> Iterator[tuple[str, str]]:
    """Words and address of each page of an entry that a role may open."""
    yield from (
        (words, address)
        for words, address, needs in FIRST.get(entry, ())
        if needs is None or needs in PERMISSIONS[role]
    )
    for page in plain_pages.PAGES:
        if page.bar == entry and page.sub and page.opens_to(role):
            yield page.sub, page.address


def markup(entry: str, role: Role | None, *, bare: bool = False) -> str:
    """The bar with one entry marked as open; for everybody where `role` is None, without entries where it is `bare`."""
    links = "" if bare else "".join(_links(entry, role))
    return BAR.format(links=links, phone="" if bare else PHONE, account="" if bare else ACCOUNT, languages=_languages())


def sub(entry: str, current: str, role: Role) -> str:
    """The line of pages under the bar, with the one at an address marked; empty for an entry that has none."""
    pages = list(line(entry, role))
    here = max((address for _, address in pages if f"{current}/".startswith(f"{address}/")), key=len, default="")
    links = "".join(
        f'<li><a href="{address}"{_current(address == here)}>{html.escape(words)}{_waiting(address)}</a></li>'
        for words, address in pages
    )
    label = {LAB: "Lab pages", CONTRIBUTIONS: "My pages", BOARDS: "Leaderboard pages"}.get(entry)
    if not label or not links:
        return ""
    return f'<nav class="subnav unstyled" aria-label="{label}"><ul class="pa-wrap">{links}</ul></nav>'


def _languages() -> str:
    """The chooser; each language is written as it calls itself."""
    options = "".join(f'<option value="{code}" lang="{code}">{name}</option>' for code, name in language.NAMES.items())
    return (
        '<label><span class="vh">Language</span>'
        f'<select class="langs" translate="no" autocomplete="off" data-language>{options}</select></label>'
    )


def _links(entry: str, role: Role | None) -> Iterator[str]:
    shown = Role.ANONYMOUS if role is None else role
    known: dict[tuple[str, str], list[Role]] = {}
    for one in Role if role is None else (role,):
        for found in entries(one):
            known.setdefault(found, []).append(one)
    order = ("My work", "Battle", "Leaderboard", LAB, "Data", CONTRIBUTIONS)
    for (words, address), roles in sorted(known.items(), key=lambda item: order.index(item[0][0])):
        hidden = "" if shown in roles else " hidden"
        yield (
            f'<li data-roles="{" ".join(roles)}"{hidden}>'
            f'<a href="{address}"{_current(words == entry)}>{html.escape(words)}</a></li>'
        )


def _waiting(address: str) -> str:
    """The place of a number, which `static/waiting.js` fills in."""
    return f'<span class="ct" data-waits="{WAITING[address]}" hidden></span>' if address in WAITING else ""


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""
