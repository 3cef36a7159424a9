"""Whole pictures: a motif before misty hills, and wide banners of them."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable

from . import fruit, garden, kitchen, packs
from .canvas import WHITE, Canvas, Colour, Palette, hexed, mix

SIDE = 1080
BANNER = (1520, 620)

_COLOURS: dict[str, str] = {
    "orange": "#f28c28",
    "amber": "#eea236",
    "vermilion": "#e2552d",
    "blood": "#c43a2b",
    "lemon": "#f4d03f",
    "pomelo": "#d9c94e",
    "gold": "#e4b53f",
    "spring": "#a9c356",
    "jade": "#6fae74",
    "rose": "#e58b8b",
    "kiwi": "#93b84a",
    "violet": "#6a4c93",
    "bark": "#8b6443",
    "smoke": "#9a5b38",
    "ink": "#3b3230",
    "white": "#f4f0e6",
}

MOTIFS: dict[str, Callable[[Canvas, Palette], None]] = {
    name: getattr(module, name)
    for module, names in (
        (fruit, "citrus lemon pomelo plum peach pear kiwi grapes cherries gift"),
        (garden, "radish sprout potato lotus ginger waterleaf bamboo mushroom chilli peppercorn root flower"),
        (kitchen, "bacon sausage duck chicken steak jerky eggs fish pot bowl noodles vermicelli"),
        (packs, "jar urn pouch bottle honey sack tea tuocha slices crunchy twist blocks tofu"),
    )
    for name in names.split()
}


def palette(colour: str) -> Palette:
    """The paints for a colour's name. Raises KeyError for an unknown one."""
    main = hexed(_COLOURS[colour])
    tint = hexed("#a8c0a0") if colour in ("white", "ink") else main
    return Palette(main, mix(tint, WHITE, 0.86), mix(tint, WHITE, 0.62))


def produce_picture(name: str, motif: str, colour: str) -> bytes:
    """A square JPEG of `SIDE` pixels; the same name, motif and colour give the same bytes."""
    paints = palette(colour)
    canvas = Canvas(SIDE, SIDE, paints.top, paints.bottom, zlib.crc32(name.encode()))
    canvas.glow(500, 460, 400, 400, 70)
    _hills(canvas, 1000, paints, zlib.crc32(name.encode()))
    MOTIFS[motif](canvas, paints)
    return canvas.drawn()


def banner(name: str, motif: str, colour: str) -> bytes:
    """A wide JPEG of `BANNER` pixels for a category or collection: hills and sun, the motif at the right."""
    paints = palette(colour)
    width, height = BANNER
    reach = 1000 * width / height
    canvas = Canvas(width, height, paints.top, paints.bottom, zlib.crc32(name.encode()))
    canvas.glow(reach * 0.2, 330, 150, 150, 120)
    _hills(canvas, reach, paints, zlib.crc32(name.encode()))
    shifted = _Shifted(canvas, reach - 1080)
    MOTIFS[motif](shifted, paints)
    return canvas.drawn()


class _Shifted(Canvas):
    """The same picture with the origin moved to the right."""

    def __init__(self, under: Canvas, right: float) -> None:
        self.__dict__.update(under.__dict__)
        self._right = right
        self._solid = _Moved(under._solid, right * under.unit)  # type: ignore[assignment]
        self._glaze = _Moved(under._glaze, right * under.unit)  # type: ignore[assignment]

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.28) -> None:
        super().shadow(x + self._right, y, rx, ry, strength)


class _Moved:
    """Pillow's drawing methods with every x moved."""

    def __init__(self, draw: object, by: float) -> None:
        self._draw = draw
        self._by = by

    def __getattr__(self, name: str) -> Callable[..., None]:
        method = getattr(self._draw, name)

        def moved(where: object, **options: object) -> None:
            if isinstance(where, tuple):
                left, top, right, bottom = where
                where = (left + self._by, top, right + self._by, bottom)
            elif isinstance(where, list):
                where = [(x + self._by, y) for x, y in where]
            method(where, **options)

        return moved


def _hills(canvas: Canvas, reach: float, paints: Palette, seed: int) -> None:
    """Three ridges in mist, as the city has them, and the river before."""
    phase = seed % 628 / 100
    for layer, (base, swing, share) in enumerate(((540, 80, 0.10), (640, 60, 0.24), (735, 40, 0.40))):
        ridge: list[tuple[float, float]] = []
        for step in range(61):
            x = reach * step / 60
            wave = math.sin(x / 170 + phase + layer * 1.9) + 0.5 * math.sin(x / 71 + phase * 2 + layer)
            ridge.append((x, base - swing * wave))
        shade: Colour = mix(paints.bottom, paints.main if sum(paints.main) < 660 else (150, 180, 150), share)
        canvas.polygon([*ridge, (reach, 1000), (0, 1000)], mix(shade, WHITE, 0.3))
    canvas.polygon([(0, 770), (reach, 770), (reach, 1000), (0, 1000)], mix(paints.bottom, WHITE, 0.5))
