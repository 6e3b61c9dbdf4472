"""The files of the pages, each under a name that holds its hash.

`battle.js` is served as `/static/battle.1f0c2e9a7b.js`: a browser keeps it for a year without asking again, and a
changed file has another name. Scripts name each other as `/static/NAME` and stylesheets by relative addresses, as if
nothing were hashed; here those addresses are replaced, from the leaves up, so that a file's hash covers all it loads.
The stylesheets of `SHEETS` are one file, in that order: four requests fewer.
"""

import functools
import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import brotli

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"
SHEETS = ("tokens.css", "arena.css", "frame.css", "data.css", "pages.css", "answers.css")
"""Of every page, in the order in which later rules win."""
STYLES = "styles.css"
"""The name of `SHEETS` in one file."""

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".woff2": "font/woff2"}
"""What the machine's own table may not know."""
TEXT = (".js", ".mjs", ".css", ".txt", ".svg", "LICENSE")
"""Ends of the names of files that are worth compressing."""

SCRIPT_ADDRESS = re.compile(r"""(["'])/static/([^"'\s]+)\1""")
SHEET_ADDRESS = re.compile(r"""url\((["']?)(?!data:|/|#)([^"')]+)\1\)""")
STATIC_IMPORT = re.compile(r"""^(?:import|export)\b[^;("']*(["'])/static/([^"'\s]+)\1""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as a browser gets it."""

    name: str
    """Below `static/`."""
    address: str
    digest: str
    """Of the content; part of the address."""
    content: bytes
    media_type: str
    imports: tuple[str, ...]
    """Names of the modules that a browser loads with this one."""

    @property
    def compressible(self) -> bool:
        return self.name.endswith(TEXT)


def address(name: str) -> str:
    """Where a file is served; raises `KeyError` for one that does not exist."""
    return catalogue()[name].address


def modules(*names: str) -> tuple[str, ...]:
    """Addresses of scripts and of everything they import at once, each once."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        asset = catalogue()[waiting.pop(0)]
        if asset.address not in found:
            found[asset.address] = None
            waiting.extend(asset.imports)
    return tuple(found)


@functools.cache
def catalogue() -> Mapping[str, Asset]:
    """Every file by its name. Read once: a changed file is served by the next start."""
    sources = {path.relative_to(STATIC).as_posix(): path for path in sorted(STATIC.rglob("*")) if path.is_file()}
    contents = {name: path.read_bytes() for name, path in sources.items()}
    contents[STYLES] = b"\n".join(contents[name] for name in SHEETS)
    made: dict[str, Asset] = {}
    for name in contents:
        _make(name, contents, made, ())
    return made


@functools.cache
def compressed(asset: Asset, coding: str) -> bytes:
    """A file in a content coding: `br` or `gzip`."""
    return encode(asset.content, coding)


def encode(content: bytes, coding: str, quality: int = 11) -> bytes:
    """Bytes in a content coding; the quality is brotli's, 0 to 11."""
    if coding == "br":
        return bytes(brotli.compress(content, quality=quality))
    return gzip.compress(content, compresslevel=9, mtime=0)


def _make(name: str, contents: Mapping[str, bytes], made: dict[str, Asset], above: tuple[str, ...]) -> Asset:
    """The asset of a name; those it names come first, as its hash covers their addresses."""
    if name in made:
        return made[name]
    if name in above:
        raise ValueError(f"{' -> '.join((*above, name))}: these files name each other in a ring. Break it.")
    if name not in contents:
        raise ValueError(f"{above[-1]} names {PREFIX}{name}, and there is no such file.")

    def hashed(named: str) -> str:
        return _make(named, contents, made, (*above, name)).address

    content, imports = contents[name], tuple[str, ...]()
    if name.endswith((".js", ".mjs")):
        text = content.decode()
        imports = tuple(match[2] for match in STATIC_IMPORT.finditer(text))
        content = SCRIPT_ADDRESS.sub(lambda match: f"{match[1]}{hashed(match[2])}{match[1]}", text).encode()
    elif name.endswith(".css"):
        folder = posixpath.dirname(name)
        content = SHEET_ADDRESS.sub(
            lambda match: f"url({hashed(posixpath.normpath(posixpath.join(folder, match[2])))})", content.decode()
        ).encode()
    stem, dot, ending = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:10]
    named = f"{stem}.{digest}.{ending}" if dot and "/" not in ending else f"{name}.{digest}"
    media_type = TYPES.get(f".{ending}") or mimetypes.guess_type(name)[0] or "text/plain"
    made[name] = Asset(
        name=name,
        address=PREFIX + named,
        digest=digest,
        content=content,
        media_type=media_type,
        imports=imports,
    )
    return made[name]
