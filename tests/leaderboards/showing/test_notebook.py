"""A board shows itself: one line, a table, a picture, a frame; and is asked for models by name."""

import builtins
import html.parser
import sys
from typing import Any
from xml.etree import ElementTree

import pytest

import leaderboards
from leaderboards.showing import notebook

EVIL = "<script>alert(1)</script>\"'&\u202e\x00"
VOTES = [
    {"model_a": "alpha", "model_b": EVIL, "winner": "model_a", "month": "may"},
    {"model_a": EVIL, "model_b": "alpha", "winner": "model_a", "month": "may"},
    {"model_a": "alpha", "model_b": "gamma", "winner": "tie", "month": "june"},
    {"model_a": "alpha", "model_b": "gamma", "winner": "model_a", "month": "june"},
    {"model_a": "star", "model_b": "gamma", "winner": "model_a", "month": "june"},
]


class _Page(html.parser.HTMLParser):
    """Tags and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def board() -> leaderboards.Board:
    return leaderboards.fit(VOTES)


def test_a_board_is_walked_through_and_asked_by_name(board: leaderboards.Board) -> None:
    assert [entry.model for entry in board] == [entry.model for entry in board.entries]
    assert len(board) == 4
    assert "alpha" in board
    assert "Alpha" not in board
    assert board["gamma"] in board


@pytest.mark.parametrize(("asked", "said"), [("Gama", '"gamma"'), (0, "board.entries[0]"), (None, 'there is "')])
def test_a_name_that_is_not_there_names_the_nearest(board: leaderboards.Board, asked: Any, said: str) -> None:
    with pytest.raises(leaderboards.InputError) as refused:
        board[asked]
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_missing_name_is_a_key_error_too(board: leaderboards.Board) -> None:
    with pytest.raises(KeyError):
        board["nobody"]


def test_one_line_says_how_many_and_who_leads(board: leaderboards.Board) -> None:
    assert repr(board).startswith("<Board of 4 models, 5 votes, bradley-terry: ")
    assert repr(board).isprintable()
    assert len(repr(board)) < 200
    assert repr(leaderboards.read(VOTES)) == "<Votes: 5 on 4 models, from the list of votes>"
    assert repr(leaderboards.fit_by(VOTES, "month")) == "<Boards by month: 2>"


def test_names_in_the_table_are_text(board: leaderboards.Board) -> None:
    page = _Page(board._repr_html_())
    assert "script" not in [tag for tag, _ in page.tags]
    assert any("<script>alert(1)</script>" in text for text in page.texts), "the name itself is shown"
    assert "\u202e" not in board._repr_html_()


def test_the_table_says_what_its_cells_are(board: leaderboards.Board) -> None:
    page = _Page(board._repr_html_())
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert scopes.count("col") == 5
    assert scopes.count("row") == len(board)
    assert all(attributes.get("aria-hidden") == "true" for tag, attributes in page.tags if tag == "svg")
    assert "caption" in [tag for tag, _ in page.tags]
    assert "http" not in board._repr_html_(), "nothing is loaded from elsewhere"


def test_the_picture_is_svg_and_nothing_where_nobody_is_rated(board: leaderboards.Board) -> None:
    picture = board._repr_svg_()
    assert picture is not None
    assert ElementTree.fromstring(picture).tag.endswith("svg")  # noqa: S314 - our own picture
    assert leaderboards.plots.ratings(board)._repr_svg_() == picture
    nobody = leaderboards.fit([{"model_a": "x", "model_b": "y", "winner": "model_a"}])
    assert nobody._repr_svg_() is None
    assert "nobody rated" in repr(nobody)
    assert "<table" in nobody._repr_html_()


def test_a_long_board_shows_its_top_and_says_how_many_more() -> None:
    names = [f"m{number:03d}" for number in range(notebook.SHOWN + 12)]
    votes = [{"model_a": a, "model_b": b, "winner": "tie"} for a, b in zip(names, names[1:] + names[:1], strict=True)]
    long = leaderboards.fit(votes)
    assert "12 more; to_pandas" in long._repr_html_()
    assert long._repr_html_().count('scope="row"') == notebook.SHOWN


def test_boards_are_sections_and_reasons() -> None:
    apart = [*VOTES, {"model_a": "p", "model_b": "q", "winner": "tie", "month": "july"}]
    apart.append({"model_a": "r", "model_b": "s", "winner": "tie", "month": "july"})
    page = leaderboards.fit_by(apart, "month")._repr_html_()
    assert page.count("<details") == 2
    assert page.count(" open>") == 1
    assert "july: These groups share no vote" in page


def test_frames_hold_the_entries(board: leaderboards.Board) -> None:
    frame = board.to_pandas()
    assert frame["model"].tolist() == [entry.model for entry in board]
    assert str(frame["rank"].dtype) == "Int64"
    assert str(frame["votes"].dtype) == "int64"
    assert board.to_polars()["rating"].to_list() == [entry.rating for entry in board]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_without_the_package_a_sentence_says_what_to_install(
    board: leaderboards.Board, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(leaderboards.InputError, match=f"pip install {package}"):
        getattr(board, f"to_{package}")()
