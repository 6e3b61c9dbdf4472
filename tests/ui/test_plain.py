"""The plain pages: every row has its files, every role its own navigation, and nothing in a page is read as markup."""

import re

import pytest

from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Role
from arena.ui import assets, bar, plain, plain_pages
from arena.ui.plain_pages import Needs, Page

PAGES = pytest.mark.parametrize("page", plain_pages.PAGES, ids=lambda page: page.name)


@PAGES
def test_a_page_is_one_whole_document_with_its_script_and_its_styles(page: Page) -> None:
    document = plain.page(page, Role.ADMIN)
    assert document.count("<main ") == document.count("<header ") == document.count("<noscript>") == 1
    assert f"<title>{page.title} · Preference Arena</title>" in document
    assert f'src="{assets.address(page.module)}"' in document
    assert "page.js" in assets.catalogue()[page.module].imports or page.module == "page.js"
    ids = re.findall(r' id="([^"]+)"', document)
    assert len(ids) == len(set(ids))
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", document) == []


@PAGES
def test_a_page_is_at_its_own_address_and_at_no_other(page: Page) -> None:
    path = re.sub(r"\{\w+\}", "some-name", page.address)
    assert plain_pages.at(path) is page
    assert plain_pages.at(path + "/more") is not page
    if page.address not in plain_pages.AT:
        assert [other for pattern, other in plain_pages.PATTERNS if pattern.fullmatch(path)] == [page]


@PAGES
@pytest.mark.parametrize("role", list(Role))
def test_no_bar_names_a_page_that_the_role_may_not_open(page: Page, role: Role) -> None:
    if page.needs is Needs.NOTHING or not page.opens_to(role):
        return
    document = plain.page(page, role)
    shown = re.findall(r"<li(?: data-roles=\"[^\"]*\")?><a href=\"([^\"]+)\"", document)
    closed = {other.address for other in plain_pages.PAGES if not other.opens_to(role)}
    assert closed.isdisjoint(shown)


def test_the_bar_is_that_of_the_role() -> None:
    words = {role: [name for name, _ in bar.entries(role)] for role in Role}
    assert "Data" not in words[Role.RATER]
    assert "My work" not in words[Role.LAB]
    assert {"Leaderboard", "Data"} <= set(words[Role.TRAINER])
    assert {"Battle", "My contributions"}.isdisjoint(words[Role.TRAINER])
    for role in (Role.RATER, Role.ANONYMOUS):
        assert {"Battle", "Leaderboard", "My contributions"} <= set(words[role])
        assert "Lab" not in words[role]


def test_gradios_bar_has_the_links_of_every_role_and_shows_an_anonymous_raters() -> None:
    markup = bar.markup("Battle", None)
    shown = re.findall(r'<li data-roles="([^"]+)"( hidden)?>', markup)
    assert {role for roles, _ in shown for role in roles.split()} == set(Role)
    for roles, hidden in shown:
        assert bool(hidden) != (Role.ANONYMOUS in roles.split())


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("lab", "/lab"),
        ("lab-campaign", "/lab/campaigns"),
        ("lab-campaign-new", "/lab/campaigns"),
        ("lab-model-new", "/lab/models"),
        ("lab-finding", "/lab/raters"),
        ("account", None),
    ],
)
def test_one_page_of_the_line_is_marked_or_none(name: str, marked: str | None) -> None:
    (page,) = (one for one in plain_pages.PAGES if one.name == name)
    (line,) = re.findall(r"<nav class=\"subnav.*?</nav>", plain.page(page, Role.ADMIN)) or [""]
    assert re.findall(r'href="([^"]+)" aria-current', line) == ([] if marked is None else [marked])


def test_a_page_that_needs_a_permission_opens_to_the_roles_that_have_it() -> None:
    page = Page(name="x", address="/lab/x", title="X", needs=Permission.CONDUCT)
    assert {role for role in Role if page.opens_to(role)} == {
        role for role, permitted in PERMISSIONS.items() if Permission.CONDUCT in permitted
    }
