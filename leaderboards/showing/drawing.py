"""A figure as plain marks, and the two ways to write it: SVG by ourselves, PNG by Pillow where it is installed.

A figure is data, so a page may also draw the marks itself. Nothing here needs a plotting library.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax import saxutils

from leaderboards import errors

INK, PALE, ACCENT, PAPER = "#1f2a30", "#c9d2d6", "#0b6b75", "#ffffff"
FONT = 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A straight stroke."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str = INK
    width: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str = ACCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float = 4.0
    colour: str = ACCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A line of text; `y` is its middle."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    """start, middle or end."""
    colour: str = INK
    size: float = FONT


Mark = Stroke | Box | Dot | Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Marks in the order in which they are drawn, in points from the upper left corner."""

    title: str
    width: float
    height: float
    marks: tuple[Mark, ...]

    def to_svg(self) -> str:
        """A self-contained SVG document with the title for screen readers."""
        body = "\n".join(_svg(mark) for mark in self.marks)
        title = _plain(self.title)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}" role="img" font-family="sans-serif">\n'
            f"<title>{title}</title>\n"
            f'<rect width="100%" height="100%" fill="{PAPER}"/>\n{body}\n</svg>\n'
        )

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.to_svg()

    def to_png(self, scale: float = 2.0) -> bytes:
        """A picture, `scale` pixels a point. Raises InputError where Pillow is not installed."""
        try:
            from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - optional
        except ImportError as error:
            raise errors.InputError("A PNG needs the package pillow; install it, or write an .svg file.") from error
        image = Image.new("RGB", (round(self.width * scale), round(self.height * scale)), PAPER)
        pen = ImageDraw.Draw(image)
        for mark in self.marks:
            _paint(pen, mark, scale, ImageFont)
        stream = io.BytesIO()
        image.save(stream, "PNG")
        return stream.getvalue()

    def save(self, path: str | Path) -> None:
        """Write .svg or .png, by the end of the name. Raises InputError for another end."""
        path = Path(path)
        if path.suffix.lower() not in (".svg", ".png"):
            raise errors.InputError(f"{path.name} is no .svg or .png file; a plot is written as one of these.")
        content = self.to_svg().encode() if path.suffix.lower() == ".svg" else self.to_png()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise errors.InputError(f"{path} cannot be written: {error.strerror}.") from error


def _svg(mark: Mark) -> str:
    match mark:
        case Stroke():
            return (
                f'<line x1="{mark.x1:.2f}" y1="{mark.y1:.2f}" x2="{mark.x2:.2f}" y2="{mark.y2:.2f}" '
                f'stroke="{mark.colour}" stroke-width="{mark.width:g}"/>'
            )
        case Box():
            return (
                f'<rect x="{mark.x:.2f}" y="{mark.y:.2f}" width="{mark.width:.2f}" height="{mark.height:.2f}" '
                f'fill="{mark.colour}"/>'
            )
        case Dot():
            return f'<circle cx="{mark.x:.2f}" cy="{mark.y:.2f}" r="{mark.radius:g}" fill="{mark.colour}"/>'
        case Label():
            return (
                f'<text x="{mark.x:.2f}" y="{mark.y:.2f}" dy="0.35em" text-anchor="{mark.anchor}" '
                f'font-size="{mark.size:g}" fill="{mark.colour}">{_plain(mark.text)}</text>'
            )


def _plain(text: str) -> str:
    """Text without markup and without characters XML forbids."""
    return saxutils.escape("".join(c if c.isprintable() else "?" for c in text))


def _paint(pen: Any, mark: Mark, scale: float, fonts: Any) -> None:
    match mark:
        case Stroke():
            ends = [(mark.x1 * scale, mark.y1 * scale), (mark.x2 * scale, mark.y2 * scale)]
            pen.line(ends, fill=mark.colour, width=max(1, round(mark.width * scale)))
        case Box():
            right, bottom = (mark.x + mark.width) * scale, (mark.y + mark.height) * scale
            pen.rectangle((mark.x * scale, mark.y * scale, right, bottom), fill=mark.colour)
        case Dot():
            x, y, radius = mark.x * scale, mark.y * scale, mark.radius * scale
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=mark.colour)
        case Label():
            anchor = {"start": "lm", "middle": "mm", "end": "rm"}[mark.anchor]
            font = fonts.load_default(mark.size * scale)
            pen.text((mark.x * scale, mark.y * scale), mark.text, fill=mark.colour, font=font, anchor=anchor)
