"""Figures: well-formed SVG that holds every model, PNG with Pillow, and a sentence without it."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import leaderboards
from leaderboards import cli
from leaderboards.showing import plots

ROWS = [
    ("x", "y", "model_a", "2026-01-05"),
    ("y", "x", "model_a", "2026-01-06"),
    ("y", "z<b>&", "model_a", "2026-02-01"),
    ("z<b>&", "y", "model_a", "2026-02-02"),
    ("x", "y", "tie", "2026-02-03"),
    ("star", "x", "model_a", "2026-02-03"),
]


def _root(figure: plots.Figure) -> ElementTree.Element:
    return ElementTree.fromstring(figure.to_svg())  # noqa: S314 - our own SVG


@pytest.fixture
def path(written: Callable[..., Path]) -> Path:
    return written(ROWS, "model_a,model_b,winner,tstamp")


@pytest.mark.parametrize("figure", plots.PLOTS)
def test_a_figure_is_well_formed_and_names_every_model(path: Path, figure: str) -> None:
    drawn = plots.PLOTS[figure](leaderboards.fit(path))
    text = "".join(_root(drawn).itertext())
    for model in ("x", "y", "z<b>&"):
        assert model in text
    assert ("star" in text) == (figure == "ratings")


def test_an_open_bound_runs_to_the_edge_and_claims_no_rating(path: Path) -> None:
    text = "".join(_root(plots.ratings(leaderboards.fit(path))).itertext())
    assert "over " in text


def test_ratings_over_time_have_a_point_for_each_window(path: Path) -> None:
    figure = plots.over_time(leaderboards.fit_by(path, "month"), ["x", "y"])
    dots = [mark for mark in figure.marks if isinstance(mark, plots.Dot)]
    assert len(dots) == 4
    upright = [mark for mark in figure.marks if isinstance(mark, plots.Stroke) and mark.x1 == mark.x2]
    assert len(upright) == 4, "each with its interval"


def test_a_png_has_the_size_of_the_figure(path: Path) -> None:
    figure = plots.ratings(leaderboards.fit(path))
    picture = Image.open(io.BytesIO(figure.to_png(scale=1)))
    assert picture.size == (round(figure.width), round(figure.height))
    assert len(picture.convert("L").getcolors() or []) > 2


def test_without_pillow_an_svg_is_written_and_a_png_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    figure = plots.ratings(leaderboards.fit(path))
    figure.save(tmp_path / "board.svg")
    with pytest.raises(leaderboards.InputError, match="needs the package pillow"):
        figure.save(tmp_path / "board.png")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--plot", "board.txt"], "is no .svg or .png file"),
        (["--plot", "board.svg", "--figure", "banana"], 'figure is "banana"'),
        (
            ["--plot", "board.svg", "--interval", "none", "--figure", "ranks"],
            "Without intervals there are no rank sets",
        ),
        (["--plot", "/nowhere/board.svg"], "cannot be written"),
    ],
)
def test_a_plot_that_cannot_be_is_refused(
    path: Path, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert cli.main([str(path), *options]) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.out == ""


def test_the_command_line_draws_beside_the_document(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([str(path), "--plot", str(tmp_path / "a.svg"), "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("model,")
    assert cli.main([str(path), "--plot", str(tmp_path / "b.png"), "--by", "month"]) == 0
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
