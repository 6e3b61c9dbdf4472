"""The site of the documents: every file a page links to is in it, and a link that leads nowhere ends the build."""

import tomllib
from pathlib import Path

import pytest

from scripts import docs_site

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small one of the same form."""
    root = tmp_path / "repository"
    (root / "docs" / "decisions").mkdir(parents=True)
    for name in docs_site.OF_THE_ROOT:
        (root / name).write_text("# A page\n\n[Home](docs/index.md)\n")
    (root / "docs" / "decisions" / "README.md").write_text("# Decisions\n\n[How](../../CONTRIBUTING.md)\n")
    (root / "docs" / "index.md").write_text("# Home\n\n## A part\n\n[Here](#a-part), [there](decisions/README.md)\n")
    (root / "docs" / "site.css").write_text("")
    nav = '{ "Home" = "index.md" }, { "Decisions" = "decisions/index.md" }, { "How" = "contributing.md" }'
    text = '[project]\nsite_name = "S"\ndocs_dir = "pages"\nsite_dir = "site"\nuse_directory_urls = false\n'
    (root / "docs" / "site.toml").write_text(f"{text}nav = [{nav}]\n[project.theme]\nfont = false\n")
    return root


def _add(repository: Path, line: str) -> None:
    with (repository / "docs" / "index.md").open("a") as page:
        page.write(f"\n{line}\n")


def test_a_page_leads_to_the_others_and_to_files_of_the_repository(repository: Path, tmp_path: Path) -> None:
    (repository / "arena").mkdir()
    (repository / "arena" / "vote.py").write_text('"""A vote: ````` and so on."""\n')
    _add(repository, "[code](../arena/vote.py), [web](https://example.org/a.py)")
    _add(repository, "```text\n[no link](nowhere.py)\n```")
    assert docs_site.lay_out(repository, tmp_path / "built") == []
    pages = tmp_path / "built" / "pages"
    home = (pages / "index.md").read_text()
    assert "[there](decisions/index.md)" in home
    assert "[code](source/arena/vote.py.md), [web](https://example.org/a.py)" in home
    assert "[no link](nowhere.py)" in home
    assert "[How](../contributing.md)" in (pages / "decisions" / "index.md").read_text()
    assert "``````" in (pages / "source" / "arena" / "vote.py.md").read_text()


@pytest.mark.parametrize("link", ["[x](nowhere.md)", "![x](pictures/none.png)", "[x](../arena/none.py)"])
def test_a_link_to_a_file_that_is_not_there_is_told(repository: Path, tmp_path: Path, link: str) -> None:
    _add(repository, link)
    assert len(docs_site.lay_out(repository, tmp_path / "built")) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "fails"),
    [("Nothing more.", False), ("[x](#no-part)", True), ("[x](decisions/README.md#no-part)", True)],
)
def test_an_anchor_that_leads_nowhere_ends_the_build(repository: Path, tmp_path: Path, line: str, fails: bool) -> None:
    pytest.importorskip("zensical", reason="`make docs` installs it")
    _add(repository, line)
    assert docs_site.lay_out(repository, tmp_path / "built") == []
    assert bool(docs_site.build(tmp_path / "built")) is fails
    assert (tmp_path / "built" / "site" / "index.html").exists() or fails


def test_every_document_is_in_the_navigation_or_linked_from_a_list_there(tmp_path: Path) -> None:
    docs_site.lay_out(ROOT, tmp_path)
    project = tomllib.loads((tmp_path / "zensical.toml").read_text())["project"]
    named = {page for part in project["nav"] for entries in part.values() for one in entries for page in one.values()}
    there = {path.relative_to(tmp_path / "pages").as_posix() for path in (tmp_path / "pages").rglob("*.md")}
    assert named <= there
    assert {path for path in there - named if not path.startswith(("source/", "decisions/"))} == set()
