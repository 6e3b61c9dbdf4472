"""Small pictures, sounds and films, made by code."""

import io
import struct
import wave

from PIL import Image


def image(
    kind: str, *, colour: str = "teal", size: tuple[int, int] = (24, 16), mode: str = "RGB", **options: object
) -> bytes:
    """An image of one colour, as PNG, JPEG, WEBP or GIF."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


def photograph(kind: str, orientation: int = 6) -> bytes:
    """An image with a place, a camera and an orientation in its EXIF, and a comment where it can have one."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x0110] = "canary-camera"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    exif.get_ifd(0x8825)[1] = "N"
    return image(kind, exif=exif.tobytes(), **({"comment": b"canary-comment"} if kind in ("JPEG", "GIF") else {}))


def wav(seconds: float = 0.2, *, rate: int = 8000) -> bytes:
    """A WAVE with a tone."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(rate)
        sound.writeframes(bytes(128 + (64 if number // 10 % 2 else -64) for number in range(int(seconds * rate))))
    return file.getvalue()


def titled(sound: bytes) -> bytes:
    """A WAVE with the name of a person in it."""
    body = sound[8:] + b"LIST" + struct.pack("<I", 14) + b"INFOIARTcanary"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3(frames: int = 3) -> bytes:
    """Silent frames of 128 kbit/s and 44,100 samples a second, behind an ID3 that names somebody."""
    name = b"canary"
    return b"ID3\x04\0\0" + bytes((0, 0, 0, len(name))) + name + (b"\xff\xfb\x90\x64" + bytes(413)) * frames


def ogg() -> bytes:
    """One page without sound."""
    return b"OggS" + bytes(22) + b"\x02\x03\x02" + b"abcde"


def flac() -> bytes:
    """A FLAC whose comments name somebody."""
    info, comment = bytes(34), b"canary"
    return (
        b"fLaC\x00"
        + len(info).to_bytes(3)
        + info
        + b"\x84"
        + len(comment).to_bytes(3)
        + comment
        + b"\xff\xf8"
        + bytes(9)
    )


def mp4() -> bytes:
    """The boxes of an MP4, without a film."""
    boxes = ((b"ftyp", b"isom\0\0\0\0isom"), (b"moov", bytes(8)), (b"mdat", bytes(16)))
    return b"".join(struct.pack(">I", 8 + len(body)) + name + body for name, body in boxes)


def webm() -> bytes:
    """The head of a WebM, without a film."""
    head = b"\x42\x82\x84webm"
    return b"\x1a\x45\xdf\xa3" + bytes((0x80 | len(head),)) + head + b"\x18\x53\x80\x67" + b"\x84" + bytes(4)
