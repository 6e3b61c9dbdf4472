"""Images, read block by block: what draws the picture is kept byte for byte, and everything else is left out.

Left out are EXIF with the place and the camera, XMP, comments, texts, thumbnails and whatever stands behind the end. Of
EXIF only the orientation is kept, without which a photograph would lie on its side. Nothing is compressed anew, so the
same file gives the same bytes with any version of any library. Sources: PNG (W3C, 2025), JPEG (ITU T.81, T.871),
WebP container (RFC 9649), GIF89a (CompuServe 1990), EXIF 2.3 for the orientation.
"""

import struct
import zlib
from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n"
PNG_KEPT: Final = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP pHYs acTL fcTL fdAT".split())
JPEG_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length."""
JPEG_KEPT: Final = frozenset((*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDD)) - {0xC8}
WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_EXIF_AND_XMP: Final = 0b1100
"""The flags by which VP8X announces them."""


class BadImageError(ValueError):
    """The message finishes the sentence "the file ...", and says what is wrong with it."""


def png(data: bytes) -> bytes:
    """A PNG without what does not draw. Raises `BadImageError`."""
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunk = data[at : at + 12 + length]
        name, body = chunk[4:8], chunk[8:-4]
        if len(chunk) != 12 + length or struct.unpack(">I", chunk[-4:])[0] != zlib.crc32(name + body):
            raise BadImageError("is a PNG with a damaged block")
        if name in PNG_KEPT:
            kept.append(chunk)
        elif not name[0] & 0x20:
            raise BadImageError("is a PNG with a block that it cannot be drawn without and that is not known here")
        at += 12 + length
        if name == b"IEND":
            _nothing_behind(data, at)
            return b"".join(kept)
    raise BadImageError("is a PNG that ends too early")


def jpeg(data: bytes) -> bytes:
    """A JPEG without what does not draw; its orientation stays. Raises `BadImageError`."""
    kept, turned, at = [], b"", 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise BadImageError("is a damaged JPEG")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker == 0xD9:
            break
        elif marker in JPEG_ALONE:
            kept.append(data[at : at + 2])
            at += 2
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            segment = data[at : at + 2 + length]
            if length < 2 or len(segment) != 2 + length:
                raise BadImageError("is a JPEG that ends too early")
            if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
                turned = turned or _turned(segment[10:])
            if marker in JPEG_KEPT or _draws(marker, segment[4:]):
                kept.append(segment)
            at += 2 + length
            if marker == 0xDA:
                scan = _scan(data, at)
                kept.append(scan)
                at += len(scan)
    if data[at : at + 2] != b"\xff\xd9":
        raise BadImageError("is a JPEG that ends too early")
    _nothing_behind(data, at + 2)
    return b"".join((b"\xff\xd8", turned, *kept, b"\xff\xd9"))


def webp(data: bytes) -> bytes:
    """A WebP without what does not draw. Raises `BadImageError`."""
    (length,) = struct.unpack_from("<I", data, 4)
    _nothing_behind(data, 8 + length)
    kept, at = [], 12
    while at + 8 <= len(data):
        name, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        chunk = data[at : at + 8 + length + length % 2]
        if len(chunk) != 8 + length + length % 2:
            raise BadImageError("is a WebP that ends too early")
        if name == b"VP8X" and length:
            chunk = chunk[:8] + bytes((chunk[8] & ~WEBP_EXIF_AND_XMP,)) + chunk[9:]
        if name in WEBP_KEPT:
            kept.append(chunk)
        at += len(chunk)
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif(data: bytes) -> bytes:
    """A GIF without comments and texts; how often it repeats stays. Raises `BadImageError`."""
    if len(data) < 13:
        raise BadImageError("is a GIF that ends too early")
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    while at < len(data):
        begins, kind = at, data[at]
        if kind == 0x3B:
            _nothing_behind(data, at + 1)
            return b"".join((*kept, b"\x3b"))
        if kind == 0x2C and at + 11 <= len(data):
            at = _behind_blocks(data, at + 11 + _colours(data[at + 9]))
            kept.append(data[begins:at])
        elif kind == 0x21 and at + 2 < len(data):
            at = _behind_blocks(data, at + 2)
            label, name = data[begins + 1], data[begins + 3 : begins + 14]
            if label == 0xF9 or (label == 0xFF and name in (b"NETSCAPE2.0", b"ANIMEXTS1.0")):
                kept.append(data[begins:at])
        else:
            break
    raise BadImageError("is a GIF that ends too early")


def _nothing_behind(data: bytes, end: int) -> None:
    if len(data) > end:
        raise BadImageError(
            f"goes on for {len(data) - end:,} bytes behind the end of its image: it may be two files in one"
        )
    if len(data) < end:
        raise BadImageError("ends too early")


def _draws(marker: int, body: bytes) -> bool:
    """Whether an APPn segment changes the colours."""
    return (
        (marker == 0xE0 and body[:5] == b"JFIF\0" and len(body) == 14)
        or (marker == 0xE2 and body[:12] == b"ICC_PROFILE\0")
        or (marker == 0xEE and body[:5] == b"Adobe" and len(body) == 12)
    )


def _scan(data: bytes, at: int) -> bytes:
    """The compressed data from here to the next marker that is no part of it."""
    end = at
    while True:
        end = data.find(b"\xff", end)
        if end < 0 or end + 1 >= len(data):
            raise BadImageError("is a JPEG that ends too early")
        if data[end + 1] != 0 and not 0xD0 <= data[end + 1] <= 0xD7:
            return data[at:end]
        end += 2


def _turned(tiff: bytes) -> bytes:
    """An EXIF segment with the orientation alone; empty where the image is upright, or nothing can be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return b""
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, first)
        for entry in range(entries):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * entry)
            if (tag, kind, count) == (0x0112, 3, 1) and 2 <= value <= 8:
                short = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, value, 0, 0)
                return b"\xff\xe1" + struct.pack(">H", 8 + len(short)) + b"Exif\0\0" + short
    except struct.error:
        return b""
    return b""


def _colours(flags: int) -> int:
    """Bytes of the table of colours that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise BadImageError("is a GIF that ends too early")
    return at + 1
