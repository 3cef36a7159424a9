"""A small drawing board: units of a thousandth of the height, drawn at twice the size and reduced."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

WHITE: Colour = (255, 255, 255)
LEAF: Colour = (92, 148, 70)
STEM: Colour = (110, 84, 52)
CREAM: Colour = (253, 246, 227)
WOOD: Colour = (196, 154, 108)


def hexed(text: str) -> Colour:
    """`#f28c28` as numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour `share` (0 to 1) of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def dark(colour: Colour, share: float = 0.25) -> Colour:
    """A darker, slightly warm shade."""
    return mix(colour, (40, 22, 12), share)


def light(colour: Colour, share: float = 0.35) -> Colour:
    """A lighter tint."""
    return mix(colour, WHITE, share)


@dataclass(frozen=True)
class Palette:
    """What a motif is painted with: the main colour, and the two ends of the background."""

    main: Colour
    top: Colour
    bottom: Colour


class Canvas:
    """Shapes on an opaque picture; (0, 0) is the upper left corner, one unit is 1/1000 of the height."""

    SUPER = 2

    def __init__(self, width: int, height: int, top: Colour, bottom: Colour, seed: int) -> None:
        self.size = (width, height)
        self.unit = height * self.SUPER / 1000
        strip = Image.new("RGB", (1, 2))
        strip.putpixel((0, 0), top)
        strip.putpixel((0, 1), bottom)
        self.image = strip.resize((width * self.SUPER, height * self.SUPER), Image.Resampling.BILINEAR)
        self._solid = ImageDraw.Draw(self.image)
        self._glaze = ImageDraw.Draw(self.image, "RGBA")
        self.random = random.Random(seed)  # noqa: S311  # for looks only

    # -- shapes ----------------------------------------------------------------------
    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, turn: float = 0) -> None:
        """Fill an ellipse around (x, y), turned by degrees clockwise."""
        if turn:
            self.polygon(oval(x, y, rx, ry, turn), colour)
        else:
            self._solid.ellipse(self._box(x, y, rx, ry), fill=colour)

    def ring(self, x: float, y: float, rx: float, ry: float, width: float, colour: Colour) -> None:
        """Draw the outline of an ellipse."""
        self._solid.ellipse(self._box(x, y, rx, ry), outline=colour, width=max(1, round(width * self.unit)))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self._solid.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=colour)

    def box(
        self, left: float, top: float, right: float, bottom: float, radius: float, colour: Colour
    ) -> None:
        """Fill a rectangle with round corners."""
        unit = self.unit
        self._solid.rounded_rectangle(
            (left * unit, top * unit, right * unit, bottom * unit), radius=radius * unit, fill=colour
        )

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line with round joints and ends."""
        scaled = [(x * self.unit, y * self.unit) for x, y in points]
        thick = max(1, round(width * self.unit))
        self._solid.line(scaled, fill=colour, width=thick, joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            self._solid.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)

    def glow(self, x: float, y: float, rx: float, ry: float, alpha: int, colour: Colour = WHITE) -> None:
        """Lay a translucent ellipse over what is there: a highlight, a haze."""
        self._glaze.ellipse(self._box(x, y, rx, ry), fill=(*colour, alpha))

    def veil(self, points: Sequence[Point], alpha: int, colour: Colour = WHITE) -> None:
        """Lay a translucent polygon over what is there."""
        self._glaze.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=(*colour, alpha))

    # -- things made of shapes ---------------------------------------------------------
    def ball(self, x: float, y: float, rx: float, ry: float, colour: Colour, turn: float = 0) -> None:
        """An ellipse lit from the upper left."""
        for share, shrink, shade in _lit(colour):
            self.ellipse(x - rx * 0.26 * share, y - ry * 0.3 * share, rx * shrink, ry * shrink, shade, turn)
        self.glow(x - rx * 0.34, y - ry * 0.42, rx * 0.2, ry * 0.13, 90)

    def lump(self, outline: Sequence[Point], x: float, y: float, colour: Colour) -> None:
        """Any outline around (x, y), lit from the upper left."""
        for share, shrink, shade in _lit(colour):
            dx, dy = x - 34 * share, y - 20 * share
            self.polygon([(dx + (px - x) * shrink, dy + (py - y) * shrink) for px, py in outline], shade)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.28) -> None:
        """A soft shadow on the table."""
        small = 16
        width, height = (side // small for side in self.image.size)
        mask = Image.new("L", (width, height))
        scale = self.unit / small
        ImageDraw.Draw(mask).ellipse(
            ((x - rx) * scale, (y - ry) * scale, (x + rx) * scale, (y + ry) * scale),
            fill=round(255 * strength),
        )
        mask = mask.filter(ImageFilter.GaussianBlur(2.2))
        left, right = max(0, x - rx - 90) * self.unit, (x + rx + 90) * self.unit
        upper, lower = max(0, y - ry - 90) * self.unit, (y + ry + 90) * self.unit
        area = tuple(int(side // small) for side in (left, upper, right, lower))
        piece = mask.crop((area[0], area[1], min(area[2], width), min(area[3], height)))
        big = piece.resize((piece.width * small, piece.height * small), Image.Resampling.BILINEAR)
        self.image.paste((48, 34, 24), (area[0] * small, area[1] * small), big)

    def leaf(
        self, x: float, y: float, length: float, width: float, turn: float, colour: Colour = LEAF
    ) -> None:
        """A pointed leaf that starts at (x, y) and grows to `turn` (0 is right, degrees clockwise)."""
        outline = [
            place(x, y, t * length, side * width * math.sin(math.pi * t) ** 0.85 / 2, turn)
            for side, ts in ((1, _steps(0, 1)), (-1, _steps(1, 0)))
            for t in ts
        ]
        self.polygon(outline, colour)
        half = [
            place(x, y, t * length, -width * math.sin(math.pi * t) ** 0.85 / 2, turn) for t in _steps(0, 1)
        ]
        self.polygon(half, light(colour, 0.14))
        self.line([(x, y), place(x, y, length * 0.92, 0, turn)], max(3.0, width * 0.05), dark(colour, 0.18))

    def drawn(self) -> bytes:
        """The finished picture as JPEG."""
        out = io.BytesIO()
        self.image.reduce(self.SUPER).save(out, "JPEG", quality=82)
        return out.getvalue()

    def _box(self, x: float, y: float, rx: float, ry: float) -> tuple[float, float, float, float]:
        unit = self.unit
        return (x - rx) * unit, (y - ry) * unit, (x + rx) * unit, (y + ry) * unit


def place(x: float, y: float, along: float, aside: float, turn: float) -> Point:
    """The point `along` and `aside` from (x, y) in a frame turned by degrees clockwise."""
    angle = math.radians(turn)
    return (
        x + along * math.cos(angle) - aside * math.sin(angle),
        y + along * math.sin(angle) + aside * math.cos(angle),
    )


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0, steps: int = 60) -> list[Point]:
    """The outline of a turned ellipse."""
    return [
        place(x, y, rx * math.cos(2 * math.pi * k / steps), ry * math.sin(2 * math.pi * k / steps), turn)
        for k in range(steps)
    ]


def smooth(outline: Sequence[Point], rounds: int = 3) -> list[Point]:
    """Round the corners of a closed outline (Chaikin's cutting)."""
    points = list(outline)
    for _ in range(rounds):
        cut: list[Point] = []
        for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
            cut += [
                (ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25),
                (ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75),
            ]
        points = cut
    return points


def _lit(colour: Colour) -> list[tuple[float, float, Colour]]:
    """The rings of a lit body: how far in (0 to 1), how large, which shade."""
    edge, heart, steps = dark(colour, 0.17), light(colour, 0.3), 24
    shares = [step / (steps - 1) for step in range(steps)]
    return [(share, 1 - 0.92 * share, mix(edge, heart, share**0.6)) for share in shares]


def _steps(first: float, last: float, count: int = 14) -> list[float]:
    return [first + (last - first) * k / (count - 1) for k in range(count)]
