"""docs/ranking.md: its code runs from top to bottom; its notebook shows a board as a table and as a plot."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCKS = re.findall(r"```python\n(.*?)```", (DOCS / "ranking.md").read_text(encoding="utf-8"), flags=re.DOTALL)
NOTEBOOK = DOCS / "ranking.ipynb"


def test_the_code_of_the_page_runs_in_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(BLOCKS) >= 10
    known: dict[str, object] = {}
    for block in BLOCKS:
        exec(compile(block, "docs/ranking.md", "exec"), known)  # noqa: S102 - our own page
    said = capsys.readouterr().out
    assert "row 1 of the list of votes: winner is" in said
    assert "| aspen |" in said


def test_the_notebook_is_small_and_holds_no_output() -> None:
    assert NOTEBOOK.stat().st_size < 10_000
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells)
    known: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), NOTEBOOK.name, "exec"), known)  # noqa: S102 - our own notebook


@pytest.mark.soak
def test_nbconvert_shows_the_board_as_a_table_and_as_a_plot(tmp_path: Path) -> None:
    convert = [
        sys.executable,
        "-m",
        "nbconvert",
        "--execute",
        "--to",
        "html",
        "--output-dir",
        str(tmp_path),
        str(NOTEBOOK),
    ]
    subprocess.run(convert, check=True, capture_output=True, text=True)
    page = (tmp_path / "ranking.html").read_text(encoding="utf-8")
    table = page.index("<b>Leaderboard</b>: 5 models, 3,000 votes")
    plot = page.index("data:image/svg+xml;base64,", table)
    assert page[table:plot].count('scope="row"') == 5
    drawn = base64.b64decode(page[plot:].partition("base64,")[2].partition('"')[0]).decode()
    assert "Ratings with 95% intervals, 3,000 votes" in drawn
    assert "Traceback" not in page
