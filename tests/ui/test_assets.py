"""Files under names that hold their hash: what a script loads is covered by its own, and nothing is named in vain."""

import gzip
import re
from pathlib import Path

import brotli
import pytest

from arena.ui import assets


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files in place of the program's own."""
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    monkeypatch.setattr(assets, "catalogue", assets.catalogue.__wrapped__)
    for name in assets.SHEETS:
        (tmp_path / name).write_text("p { color: red; }")
    (tmp_path / "page.js").write_text(
        'import { far } from "/static/near.js";\nconst later = () => import("/static/late.js");'
    )
    (tmp_path / "near.js").write_text('export * from "/static/far.js";')
    (tmp_path / "far.js").write_text("export const far = 1;")
    (tmp_path / "late.js").write_text("export default 2;")
    return tmp_path


def test_every_script_asks_the_api_of_its_own_workspace() -> None:
    asked = {
        path.name
        for path in assets.STATIC.rglob("*.js")
        if "vendor" not in path.parts and re.search(r"""[`"']/(api/v1|w/default)""", path.read_text(encoding="utf-8"))
    }
    assert asked == set()


def test_a_change_anywhere_below_a_script_changes_its_address(made: Path) -> None:
    before = {name: assets.address(name) for name in ("page.js", "near.js", "far.js", "late.js")}
    (made / "far.js").write_text("export const far = 3;")
    after = {name: assets.address(name) for name in before}
    assert [name for name in before if before[name] != after[name]] == ["page.js", "near.js", "far.js"]


def test_scripts_name_each_other_by_hashed_addresses(made: Path) -> None:
    content = assets.catalogue()["page.js"].content.decode()
    assert re.findall(r'"(/static/[^"]+)"', content) == [assets.address("near.js"), assets.address("late.js")]


def test_what_a_script_imports_at_once_is_told_and_what_it_imports_later_is_not(made: Path) -> None:
    assert assets.modules("page.js") == tuple(assets.address(name) for name in ("page.js", "near.js", "far.js"))


def test_a_sheet_names_its_fonts_by_hashed_addresses(made: Path) -> None:
    (made / "fonts").mkdir()
    (made / "fonts" / "a.woff2").write_bytes(b"font")
    (made / assets.SHEETS[0]).write_text('@font-face { src: url("fonts/a.woff2"); } i { background: url(data:,x); }')
    content = assets.catalogue()[assets.STYLES].content.decode()
    assert f"url({assets.address('fonts/a.woff2')})" in content
    assert "url(data:,x)" in content


@pytest.mark.parametrize(
    ("imported", "sentence"),
    [("/static/absent.js", "there is no such file"), ("/static/page.js", "name each other in a ring")],
)
def test_a_script_that_names_nothing_or_itself_ends_the_start(made: Path, imported: str, sentence: str) -> None:
    (made / "far.js").write_text(f'import "{imported}";')
    with pytest.raises(ValueError, match=sentence):
        assets.catalogue()


def test_the_program_s_own_files_are_whole_in_every_coding() -> None:
    name = "battle.js"
    asset = assets.catalogue()[name]
    assert brotli.decompress(assets.compressed(asset, "br")) == asset.content
    assert gzip.decompress(assets.compressed(asset, "gzip")) == asset.content
