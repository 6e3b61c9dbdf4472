"""The theme points at the tokens, in both themes, and fetches nothing."""

import re

from arena.ui import assets, theme

TOKENS = (assets.STATIC / "tokens.css").read_text(encoding="utf-8")


def token(name: str, dark: bool) -> str:
    """The colour a token has."""
    light, _, rest = TOKENS.partition(".dark {")
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}})", rest if dark else light)
    assert found
    return found[1]


def test_the_colours_painted_before_the_stylesheets_are_those_of_the_tokens() -> None:
    for name, colours in (("paper", theme.PAPER), ("ink", theme.INK)):
        assert colours == {"light": token(name, dark=False), "dark": token(name, dark=True)}


def test_every_token_the_theme_names_is_declared() -> None:
    declared = set(re.findall(r"--([a-z0-9-]+):", TOKENS))
    assert {*theme.TOKENS, *theme.FIXED} <= declared


def test_every_variable_is_one_gradio_knows_and_no_font_is_fetched() -> None:
    made = theme.arena_theme()  # refuses a name it does not know
    assert made._stylesheets == []
    assert made._font_css == []
    css = made._get_theme_css()  # type: ignore[no-untyped-call]
    assert "url(http" not in css
    assert "@import" not in css
    assert "--button-primary-background-fill: var(--accent)" in css
