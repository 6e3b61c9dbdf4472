"""Sounds and films, read block by block to their end: nothing may stand behind it, or a file could be two in one.

Sources: WAVE (Microsoft RIFF, 1991), Ogg (RFC 3533), FLAC (RFC 9639), MPEG audio (ISO 11172-3) with ID3v2, ISO base
media (ISO 14496-12), WebM (RFC 9559 over EBML, RFC 8794).
"""

import struct
from typing import Final

WAV_KEPT: Final = (b"fmt ", b"data", b"fact")
BITRATES: Final = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III by MPEG version 1, or 2 and 2.5."""
RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples a second by the two bits that say the version."""
MP4_BOXES: Final = frozenset(b"ftyp moov mdat free skip wide uuid sidx moof mfra styp meta udta emsg prft pdin".split())
EBML: Final = 0x1A45DFA3
SEGMENT: Final = 0x18538067


class BadSoundError(ValueError):
    """The message finishes the sentence "the file ...", and says what is wrong with it."""


def wav(data: bytes) -> bytes:
    """A WAVE without titles, places and names. Raises `BadSoundError`."""
    (length,) = struct.unpack_from("<I", data, 4)
    _ends_at(data, 8 + length + length % 2, 8 + length)
    kept, at = [], 12
    while at + 8 <= len(data):
        name, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        chunk = data[at : at + 8 + length]
        if len(chunk) != 8 + length:
            raise BadSoundError("is a WAVE that ends too early")
        if name in WAV_KEPT:
            kept.append(chunk + b"\0" * (length % 2))
        at += 8 + length + length % 2
    if [chunk[:4] for chunk in kept].count(b"data") != 1:
        raise BadSoundError("is a WAVE without sound")
    body = b"WAVE" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def ogg(data: bytes) -> bytes:
    """An Ogg as it is. Raises `BadSoundError`."""
    at = 0
    while at < len(data):
        if data[at : at + 4] != b"OggS" or at + 27 > len(data):
            raise BadSoundError("is an Ogg with something else in it: it may be two files in one")
        segments = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + len(segments) + sum(segments)
    _ends_at(data, at)
    return data


def flac(data: bytes) -> bytes:
    """A FLAC without pictures, comments and names. Raises `BadSoundError`."""
    kept, at, last = [], 4, False
    while not last:
        if at + 4 > len(data):
            raise BadSoundError("is a FLAC that ends too early")
        last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        length = int.from_bytes(data[at + 1 : at + 4])
        if kind in (0, 3):
            kept.append((kind, data[at + 1 : at + 4 + length]))
        at += 4 + length
    if data[at : at + 2] not in (b"\xff\xf8", b"\xff\xf9") or not kept:
        raise BadSoundError("is a FLAC without sound")
    blocks = [bytes((kind | (0x80 if block is kept[-1][1] else 0),)) + block for kind, block in kept]
    return b"".join((b"fLaC", *blocks, data[at:]))


def mp3(data: bytes) -> bytes:
    """The frames of an MP3, without ID3. Raises `BadSoundError`."""
    at = 0
    if data[:3] == b"ID3":
        sizes = data[6:10]
        at = 10 + sum((size & 0x7F) << shift for size, shift in zip(sizes, (21, 14, 7, 0), strict=True))
    begins = at
    while at < len(data):
        length = _frame(data[at : at + 4])
        if not length:
            break
        at += length
    if at == begins:
        raise BadSoundError("is no MP3 that can be read")
    rest = data[at:]
    if at > len(data) or (rest and not (len(rest) == 128 and rest[:3] == b"TAG")):
        raise BadSoundError("is an MP3 that ends too early, or with something else behind it")
    return data[begins:at]


def mp4(data: bytes) -> bytes:
    """An MP4 as it is. Raises `BadSoundError`."""
    at = 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name not in MP4_BOXES:
            raise BadSoundError("is an MP4 with something else in it: it may be two files in one")
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length == 0:
            return data
        if length < 8:
            raise BadSoundError("is a damaged MP4")
        at += length
    _ends_at(data, at)
    return data


def webm(data: bytes) -> bytes:
    """A WebM as it is. Raises `BadSoundError`."""
    at = 0
    for wanted in (EBML, SEGMENT):
        name, at = _number(data, at, keep_marker=True)
        length, at = _number(data, at, keep_marker=False)
        if name != wanted:
            raise BadSoundError("is a WebM with something else in it: it may be two files in one")
        if wanted == EBML and b"\x42\x82\x84webm" not in data[at : at + length]:
            raise BadSoundError("is a Matroska file, and no WebM")
        if length < 0:  # recorded live, and open at its end
            return data
        at += length
    _ends_at(data, at)
    return data


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A number of EBML and where it ends; -1 for a length that is not known."""
    if at >= len(data) or not data[at]:
        raise BadSoundError("is a WebM that ends too early")
    size = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + size])
    if keep_marker:
        return value, at + size
    value &= (1 << 7 * size) - 1
    return (-1 if value == (1 << 7 * size) - 1 else value), at + size


def _frame(head: bytes) -> int:
    """Bytes of the layer III frame that begins so; 0 if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, padding = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 1 & 1
    bitrate = head[2] >> 4
    if version == 1 or rate == 3 or bitrate in (0, 15):
        return 0
    kilobits = BITRATES[1 if version == 3 else 2][bitrate]
    return (144 if version == 3 else 72) * kilobits * 1000 // RATES[version][rate] + padding


def _ends_at(data: bytes, *ends: int) -> None:
    if len(data) in ends:
        return
    if len(data) > max(ends):
        raise BadSoundError(f"goes on for {len(data) - max(ends):,} bytes behind its end: it may be two files in one")
    raise BadSoundError("ends too early")
