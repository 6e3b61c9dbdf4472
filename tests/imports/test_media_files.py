"""Pictures, sounds and films: known by their content, without a place in them, one file each."""

import contextlib
import io
from collections.abc import Callable

import pytest
from PIL import Image

from arena.domain.parts import MediaKind
from arena.errors import InvalidValue, TooLarge
from arena.imports import media_files
from tests.imports import media_samples as samples

LIMIT = 50 * 1024 * 1024
FILES: dict[str, Callable[[], bytes]] = {
    "image/png": lambda: samples.image("PNG"),
    "image/jpeg": lambda: samples.image("JPEG"),
    "image/webp": lambda: samples.image("WEBP"),
    "image/gif": lambda: samples.image("GIF"),
    "audio/wav": samples.wav,
    "audio/mpeg": samples.mp3,
    "audio/ogg": samples.ogg,
    "audio/flac": samples.flac,
    "video/mp4": samples.mp4,
    "video/webm": samples.webm,
}
PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize("media_type", FILES)
def test_a_file_is_known_by_its_content(media_type: str) -> None:
    found = media_files.read(FILES[media_type](), "file", LIMIT)
    assert (found.media.media_type, found.media.kind) == (media_type, MediaKind(media_type.partition("/")[0]))
    assert media_files.read(found.data, "file", LIMIT) == found  # once clean, it stays as it is


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_picture_is_kept_to_the_pixel(kind: str) -> None:
    data = samples.image(kind, colour="orchid")
    found = media_files.read(data, "file", LIMIT)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(found.data)) as after:
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_place_a_camera_and_a_comment_are_taken_out(kind: str) -> None:
    data = samples.photograph(kind)
    with Image.open(io.BytesIO(data)) as before:  # the control: it says them
        assert dict(before.getexif().get_ifd(0x8825))
        assert b"canary" in data
    found = media_files.read(data, "file", LIMIT)
    assert b"canary" not in found.data
    with Image.open(io.BytesIO(found.data)) as after:
        exif = after.getexif()
        assert not exif.get_ifd(0x8825)
        assert set(exif) <= {0x0112}


def test_a_comment_in_a_gif_is_taken_out() -> None:
    data = samples.image("GIF", comment=b"canary")
    assert b"canary" in data
    assert b"canary" not in media_files.read(data, "file", LIMIT).data


def test_a_photograph_stays_upright() -> None:
    found = media_files.read(samples.photograph("JPEG", orientation=6), "file", LIMIT)
    with Image.open(io.BytesIO(found.data)) as after:
        assert dict(after.getexif()) == {0x0112: 6}
    upright = media_files.read(samples.photograph("JPEG", orientation=1), "file", LIMIT)
    with Image.open(io.BytesIO(upright.data)) as after:
        assert not dict(after.getexif())


@pytest.mark.parametrize("make", [lambda: samples.titled(samples.wav()), samples.mp3, samples.flac])
def test_names_in_a_sound_are_taken_out(make: Callable[[], bytes]) -> None:
    assert b"canary" in make()
    assert b"canary" not in media_files.read(make(), "file", LIMIT).data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        PAGE,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xef\xbb\xbf  " + PAGE,
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"GIF89a/*" + b"\0" * 20 + b"*/=alert(1)//",
        b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
        b"RIFF\x04\0\0\0AVI ",
    ],
)
def test_what_could_run_or_is_none_of_the_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidValue):
        media_files.read(data, "file", LIMIT)


@pytest.mark.parametrize("media_type", [name for name in FILES if name != "audio/flac"])
def test_two_files_in_one_are_refused(media_type: str) -> None:
    """A picture with a page behind it is a picture to one program and a page to another."""
    media_files.read(FILES[media_type](), "file", LIMIT)  # the control: without the page it is taken
    with pytest.raises(InvalidValue):
        media_files.read(FILES[media_type]() + PAGE, "file", LIMIT)


@pytest.mark.parametrize("media_type", FILES)
def test_no_beginning_of_a_file_is_a_bug(media_type: str) -> None:
    """Cut off anywhere, a file is refused in a sentence, or was whole without its rest."""
    data = FILES[media_type]()
    for end in range(0, len(data), max(1, len(data) // 60)):
        with contextlib.suppress(InvalidValue):
            media_files.read(data[:end], "file", LIMIT)


def test_a_page_in_the_comment_of_a_picture_goes_with_it() -> None:
    data = samples.image("JPEG", comment=PAGE)
    assert PAGE in data
    assert PAGE not in media_files.read(data, "file", LIMIT).data


def test_a_picture_that_cannot_be_drawn_is_refused() -> None:
    data = samples.image("WEBP")
    with pytest.raises(InvalidValue, match="cannot be drawn"):
        media_files.read(data[:20] + bytes(len(data) - 20), "file", LIMIT)


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(InvalidValue, match="100,000,000 pixels"):
        media_files.read(samples.image("PNG", size=(10_000, 10_000), mode="1"), "file", LIMIT)


def test_a_file_beyond_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(TooLarge, match=r"file has .* bytes; media_bytes allows 100"):
        media_files.read(samples.image("PNG", size=(300, 300)), "file", 100)
