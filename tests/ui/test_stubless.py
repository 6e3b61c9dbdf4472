"""Gradio is imported without writing type stubs into its own package."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from arena.ui import stubless


def test_gradio_still_has_the_writer_and_it_writes_nothing_here() -> None:
    component_meta = importlib.import_module(stubless.MODULE)
    assert f"\ndef {stubless.WRITER}(" in inspect.getsource(component_meta), (
        "Gradio has changed: is there still a writer?"
    )
    assert getattr(component_meta, stubless.WRITER) is stubless.nothing


@pytest.mark.parametrize("installed", [True, False])
def test_a_class_made_after_the_import_writes_its_stub_only_without_the_finder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    (tmp_path / "stubbed").mkdir()
    (tmp_path / "stubbed" / "__init__.py").write_text("from stubbed import meta\n\nmeta.create_or_modify_pyi()\n")
    source = (
        "from pathlib import Path\n\n\ndef create_or_modify_pyi():\n    Path(__file__).with_suffix('.pyi').touch()\n"
    )
    (tmp_path / "stubbed" / "meta.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(stubless, "MODULE", "stubbed.meta")
    for name in ("stubbed", "stubbed.meta"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(
        sys, "meta_path", [finder for finder in sys.meta_path if type(finder) is not stubless.StublessFinder]
    )
    if installed:
        stubless.install()
    importlib.import_module("stubbed")
    assert (tmp_path / "stubbed" / "meta.pyi").exists() is not installed
    for name in ("stubbed", "stubbed.meta"):
        monkeypatch.delitem(sys.modules, name)
