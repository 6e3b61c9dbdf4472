"""A picture, a sound or a film as it may be shown: known by its content, without a place in it, and one file only.

What a file is called says nothing. What begins like none of the known kinds is refused, so that SVG and HTML, which can
run scripts, never get in; and so is a file with something behind its end. An image must also be drawn whole once.
"""

import hashlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

from arena.domain.parts import Media, MediaKind
from arena.errors import InvalidValue, TooLarge
from arena.imports import image_files, sound_files
from arena.imports.image_files import BadImageError
from arena.imports.sound_files import BadSoundError

PIXELS: Final = 64_000_000
"""Of an image: more would fill the memory of a browser."""
KNOWN: Final = "PNG, JPEG, WebP, GIF, WAV, MP3, Ogg, FLAC, MP4 and WebM"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file as it is stored."""

    media: Media
    data: bytes


def read(data: bytes, name: str, limit: int) -> MediaFile:
    """What may be stored of a file. `name` is for the sentence, `limit` in bytes.

    Raises `TooLarge`, and `InvalidValue` for everything that is not one whole file of a known kind.
    """
    if len(data) > limit:
        raise TooLarge(f"{name} has {len(data):,} bytes; media_bytes allows {limit:,}.")
    media_type, clean = _recognised(data, name)
    kind = MediaKind(media_type.partition("/")[0])
    try:
        found = clean(data)
        if kind is MediaKind.IMAGE:
            _draw(found)
    except (BadImageError, BadSoundError) as error:
        raise InvalidValue(f"{name} {error}; save it again as one of {KNOWN}.") from error
    digest = hashlib.sha256(found).hexdigest()
    return MediaFile(media=Media(kind=kind, sha256=digest, media_type=media_type), data=found)


def _recognised(data: bytes, name: str) -> tuple[str, Callable[[bytes], bytes]]:
    """The media type of a file, by its first bytes, and how it is read."""
    match data[:4], data[8:12]:
        case b"\x89PNG", _ if data.startswith(image_files.PNG):
            return "image/png", image_files.png
        case b"GIF8", _ if data[4:6] in (b"7a", b"9a"):
            return "image/gif", image_files.gif
        case b"RIFF", b"WEBP":
            return "image/webp", image_files.webp
        case b"RIFF", b"WAVE":
            return "audio/wav", sound_files.wav
        case b"OggS", _:
            return "audio/ogg", sound_files.ogg
        case b"fLaC", _:
            return "audio/flac", sound_files.flac
        case b"\x1aE\xdf\xa3", _:
            return "video/webm", sound_files.webm
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", image_files.jpeg
    if data[4:8] == b"ftyp":
        return "video/mp4", sound_files.mp4
    if data.startswith(b"ID3") or (data[:1] == b"\xff" and data[1:2] in (b"\xfb", b"\xf3", b"\xf2", b"\xfa")):
        return "audio/mpeg", sound_files.mp3
    raise InvalidValue(f"{name} is none of {KNOWN} by its content; only those can be shown.")


def _draw(data: bytes) -> None:
    """Draw an image once. Raises `BadImageError` where that fails or would take too much."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the bound here is ours
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
                if image.width * image.height > PIXELS:
                    raise BadImageError(f"has {image.width * image.height:,} pixels, and {PIXELS:,} can be shown")
                image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, BadImageError):
            raise
        raise BadImageError("is an image that cannot be drawn") from error
