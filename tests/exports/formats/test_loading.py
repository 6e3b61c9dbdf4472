"""The trainers' loader, `datasets`, on releases: by the card's configuration, and file by file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import exports
from arena.exports.writing import release
from tests.exports import making
from tests.forking import Forking, forking


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forking]:
    """A process that has imported the loader: offline, and with nothing of the user's."""
    pytest.importorskip("datasets")
    home = tmp_path_factory.mktemp("home")
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "PATH": "/usr/bin:/bin", "HOME": str(home)}
    with forking("tests.exports.formats.loading:main", ["datasets"], offline) as process:
        yield process


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.4])
@pytest.mark.parametrize("name", exports.FORMATS)
def test_datasets_reads_a_release_as_it_is(loader: Forking, tmp_path: Path, name: str, share: float) -> None:
    """In a process of its own, offline: the loader must need nothing but the folder."""
    hostile = [
        making.record(number, prompt=text, text_a=text + "!", votes=(making.vote(number, edit=text + "."),))
        for number, text in enumerate(making.HOSTILE, start=20)
    ]
    records = [*making.assorted(), *hostile]
    manifest = release.write(tmp_path / "out", name, records, making.facts(test_share=share))
    words = ["loading", str(tmp_path / "out"), str(tmp_path / "cache"), str(share)]
    done = loader.run(words, tmp_path, {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    columns = " ".join(exports.FORMATS[name].schema.names)
    assert done.stdout.splitlines() == [
        f"{part} {count} {columns}" for part, count in manifest.counts.rows.items() if count
    ]
