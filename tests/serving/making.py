"""A `vllm` of our own on a PATH of its own, configurations for it, and a census of what it leaves behind."""

import os
import socket
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

FAKE = Path(__file__).with_name("fake_vllm.py")
HF_TOKEN = "hf_canaryCANARYcanaryCANARY"
VLLM_KEY = "a-key-in-the-form-of-nothing"
SECRETS = (HF_TOKEN, VLLM_KEY, "q" * 9)
"""What the fake prints, each time it starts."""


def program(folder: Path) -> Path:
    """Write the program `vllm` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "vllm"
    said = "\\033[31mkey $VLLM_API_KEY and token $HF_TOKEN\\033[0m\\n"  # by the shell: Python may still be starting
    path.write_text(f'#!/bin/sh\nprintf "{said}"\nexec {sys.executable} -I -S {FAKE} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def environment(folder: Path, cell: str) -> dict[str, str]:
    """The variables of a supervisor with our `vllm`, and a mark by which every process of it can be counted."""
    return {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "HF_TOKEN": HF_TOKEN,
        "LAB_ENTRANCE": VLLM_KEY,
        "ARENA_TEST_CELL": cell,
    }


def left(cell: str) -> list[int]:
    """The processes that live and carry the mark, other than this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            marked = f"ARENA_TEST_CELL={cell}\0".encode() in (folder / "environ").read_bytes()
            zombie = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        if marked and not zombie:
            found.append(int(folder.name))
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def configuration(folder: Path, models: Mapping[str, str]) -> Path:
    """A file that serves these models: by name, the lines of each one's [models.serve]."""
    text = f'data_dir = "{folder / "data"}"\n'
    for name, serve in models.items():
        text += (
            f'[[models]]\nname = "{name}"\nserved_name = "{name}"\napi_key_env = "LAB_ENTRANCE"\n'
            f'endpoint = "http://127.0.0.1:{free_port()}/v1"\n[models.serve]\n{serve}\n'
        )
    path = folder / "served.toml"
    path.write_text(text)
    return path
