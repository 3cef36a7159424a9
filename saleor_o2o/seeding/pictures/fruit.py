"""Fruit."""

from __future__ import annotations

import math

from .canvas import (
    CREAM,
    LEAF,
    STEM,
    WHITE,
    Canvas,
    Colour,
    Palette,
    dark,
    hexed,
    light,
    mix,
    oval,
    place,
    smooth,
)


def _cut(canvas: Canvas, x: float, y: float, radius: float, peel: Colour, flesh: Colour, parts: int) -> None:
    """A cut citrus: peel, pith and segments."""
    canvas.ellipse(x, y, radius, radius, peel)
    canvas.ellipse(x, y, radius * 0.93, radius * 0.93, CREAM)
    for part in range(parts):
        turn = 360 * part / parts + 8
        wedge = [place(x, y, radius * 0.1, 0, turn)]
        half = 180 / parts * 0.86
        wedge += [place(x, y, radius * 0.85, 0, turn + half * step / 5) for step in range(-5, 6)]
        canvas.polygon(wedge, flesh)
        inner = [place(x, y, radius * 0.2, 0, turn)]
        inner += [place(x, y, radius * 0.78, 0, turn + half * 0.7 * step / 4) for step in range(-4, 5)]
        canvas.polygon(inner, light(flesh, 0.18))
    canvas.ellipse(x, y, radius * 0.07, radius * 0.07, CREAM)


def citrus(canvas: Canvas, palette: Palette) -> None:
    """Two oranges and a half."""
    main = palette.main
    canvas.shadow(500, 770, 330, 46)
    canvas.ball(620, 480, 205, 198, main)
    canvas.line([(612, 300), (620, 268)], 14, STEM)
    canvas.leaf(620, 280, 170, 92, -22)
    canvas.leaf(614, 284, 130, 70, 205, dark(LEAF, 0.1))
    canvas.ball(345, 590, 190, 184, main)
    for dx, dy in ((-60, 30), (20, 70), (60, -40), (-10, -10), (80, 60), (-90, -30), (-30, 110)):
        canvas.glow(345 + dx, 590 + dy, 5, 5, 60, dark(main))
        canvas.glow(630 + dx, 500 + dy, 5, 5, 60, dark(main))
    _cut(canvas, 585, 655, 148, main, mix(main, hexed("#ffb347"), 0.3), 10)


def lemon(canvas: Canvas, palette: Palette) -> None:
    """A lemon, a half and leaves."""
    main = palette.main
    canvas.shadow(500, 740, 320, 44)
    for x, y, turn in ((600, 460, -24), (360, 590, 18)):
        for end, size in ((-218, 46), (222, 40)):
            px, py = place(x, y, end, 0, turn)
            canvas.ellipse(px, py, size, size * 0.75, dark(main, 0.14), turn)
        canvas.ball(x, y, 220, 158, main, turn)
    canvas.leaf(790, 372, 150, 84, -40)
    _cut(canvas, 610, 660, 130, main, mix(main, WHITE, 0.25), 9)


def pomelo(canvas: Canvas, palette: Palette) -> None:
    """A pear-shaped pomelo and peeled segments."""
    main = palette.main
    flesh = hexed("#f3a7a0") if palette.main == hexed("#e58b8b") else hexed("#f7e7a6")
    skin = mix(main, hexed("#d8c24a"), 0.55) if flesh == hexed("#f3a7a0") else main
    canvas.shadow(490, 800, 330, 46)
    canvas.ellipse(430, 380, 120, 150, dark(skin, 0.12))
    canvas.ball(430, 560, 260, 246, skin)
    canvas.ball(430, 400, 116, 140, skin)
    canvas.ball(430, 560, 236, 226, skin)
    canvas.line([(430, 262), (436, 230)], 16, STEM)
    canvas.leaf(438, 246, 190, 100, -14)
    canvas.leaf(428, 248, 150, 84, 196, dark(LEAF, 0.12))
    for k, turn in enumerate((-18, 14)):
        x, y = 640 + 86 * k, 690 + 20 * k
        canvas.ellipse(x, y, 140, 74, CREAM, turn - 40)
        canvas.ellipse(x, y, 124, 58, flesh, turn - 40)
        canvas.ellipse(x - 12, y - 10, 84, 30, light(flesh, 0.3), turn - 40)


def plum(canvas: Canvas, palette: Palette) -> None:
    """Three crisp plums with bloom."""
    main = palette.main
    canvas.shadow(500, 745, 330, 46)
    for x, y, size in ((380, 470, 160), (640, 480, 156), (510, 620, 172)):
        canvas.ball(x, y, size, size * 0.95, main)
        arc = [(x + size * 0.16 * math.sin(k / 3.2), y - size * 0.9 + k * size * 0.16) for k in range(11)]
        canvas.line(arc, 6, dark(main, 0.18))
        canvas.glow(x - size * 0.2, y - size * 0.3, size * 0.55, size * 0.42, 34)
    canvas.line([(520, 452), (548, 340), (600, 286)], 12, STEM)
    canvas.leaf(596, 290, 180, 80, -18)
    canvas.leaf(560, 330, 170, 76, 208, dark(LEAF, 0.1))


def peach(canvas: Canvas, palette: Palette) -> None:
    """Two peaches, one cut with its stone."""
    main = palette.main
    canvas.shadow(500, 765, 330, 46)
    canvas.ball(600, 500, 214, 214, mix(main, hexed("#e8604c"), 0.28))
    canvas.line([(600, 292), (560, 420), (556, 540), (590, 690)], 8, dark(main, 0.3))
    canvas.leaf(606, 296, 190, 84, -20)
    canvas.leaf(598, 296, 150, 76, 200, dark(LEAF, 0.12))
    canvas.ellipse(370, 610, 190, 186, mix(main, hexed("#e8604c"), 0.4))
    canvas.ellipse(370, 610, 174, 170, main)
    canvas.ellipse(366, 604, 150, 146, light(main, 0.25))
    canvas.ball(370, 612, 66, 82, hexed("#9a5a3a"))


def pear(canvas: Canvas, palette: Palette) -> None:
    """Two pears."""
    main = palette.main
    canvas.shadow(500, 790, 310, 46)
    half = [
        (0, -300),
        (60, -292),
        (98, -240),
        (108, -170),
        (128, -90),
        (172, -20),
        (196, 60),
        (180, 140),
        (110, 200),
        (0, 212),
    ]
    for x, y, size in ((610, 560, 1.0), (370, 600, 0.92)):
        outline = [(x + dx * size, y + dy * size) for dx, dy in half]
        outline += [(x - dx * size, y + dy * size) for dx, dy in half[-2:0:-1]]
        canvas.lump(smooth(outline), x, y + 40 * size, main)
        canvas.line([(x, y - 290 * size), (x + 16, y - 372 * size)], 14, STEM)
        for dx, dy in ((-50, 40), (40, 80), (60, -30), (-20, 110), (-80, 60), (10, 10)):
            canvas.glow(x + dx, y + dy, 5, 5, 90, dark(main))
    canvas.leaf(624, 196, 170, 84, 8)


def kiwi(canvas: Canvas, palette: Palette) -> None:
    """A whole kiwi and two halves with a red heart."""
    skin = hexed("#8a6a3f")
    canvas.shadow(500, 755, 340, 46)
    canvas.ball(560, 440, 210, 168, skin, -12)
    for x, y, size in ((350, 610, 168), (660, 630, 158)):
        canvas.ellipse(x, y, size, size, skin)
        canvas.ellipse(x, y, size * 0.94, size * 0.94, palette.main)
        canvas.ellipse(x, y, size * 0.72, size * 0.72, light(palette.main, 0.2))
        for ray in range(24):
            canvas.line(
                [place(x, y, size * 0.2, 0, ray * 15), place(x, y, size * 0.42, 0, ray * 15)],
                7,
                hexed("#c2474b"),
            )
        canvas.ellipse(x, y, size * 0.24, size * 0.2, CREAM)
        for seed in range(26):
            sx, sy = place(x, y, size * (0.5 + 0.05 * (seed % 2)), 0, seed * 360 / 26)
            canvas.ellipse(sx, sy, 8, 5, hexed("#2b2416"), seed * 360 / 26)


def grapes(canvas: Canvas, palette: Palette) -> None:
    """A bunch of grapes."""
    canvas.shadow(500, 830, 220, 40)
    canvas.line([(500, 170), (505, 290)], 16, STEM)
    canvas.leaf(505, 250, 210, 140, -8)
    canvas.leaf(500, 250, 200, 130, 190, dark(LEAF, 0.12))
    other = hexed("#9bb84f")
    for row, count in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for k in range(count):
            x = 500 + (k - (count - 1) / 2) * 92 + canvas.random.uniform(-8, 8)
            y = 320 + row * 78 + canvas.random.uniform(-6, 6)
            canvas.ball(x, y, 54, 56, other if (row + k) % 4 == 3 else palette.main)


def cherries(canvas: Canvas, palette: Palette) -> None:
    """A cluster of small round fruit on a twig, one opened: longans."""
    canvas.shadow(500, 790, 300, 44)
    canvas.line([(220, 250), (420, 280), (620, 240), (780, 190)], 14, STEM)
    canvas.leaf(640, 236, 220, 84, 24)
    canvas.leaf(330, 262, 200, 80, -28, dark(LEAF, 0.12))
    spots = ((330, 420), (470, 440), (600, 400), (400, 540), (540, 560), (680, 520), (470, 660))
    for x, y in spots:
        canvas.line([(x, y - 60), ((x + 500) / 2, 268)], 8, STEM)
    for x, y in spots:
        canvas.ball(x, y, 80, 78, mix(palette.main, hexed("#c79a5b"), 0.5))
    canvas.ellipse(660, 690, 86, 84, hexed("#b58a52"))
    canvas.ball(656, 684, 72, 70, hexed("#f1ece2"))
    canvas.ellipse(664, 690, 26, 26, hexed("#4a2f22"))
    canvas.glow(640, 660, 16, 12, 150)


def gift(canvas: Canvas, palette: Palette) -> None:
    """A box of fruit with a handle and its lid open."""
    box, band = hexed("#2f7d4f"), hexed("#e9c46a")
    canvas.shadow(500, 810, 370, 46)
    canvas.polygon([(190, 470), (250, 330), (750, 330), (810, 470)], light(box, 0.18))
    for row, (count, y) in enumerate(((5, 420), (4, 476))):
        for k in range(count):
            canvas.ball(500 + (k - (count - 1) / 2) * 124, y, 70, 68, palette.main)
            if row:
                canvas.leaf(500 + (k - (count - 1) / 2) * 124, y - 60, 44, 24, -30)
    canvas.box(180, 500, 820, 800, 26, box)
    canvas.box(180, 500, 820, 560, 26, light(box, 0.1))
    canvas.box(180, 620, 820, 690, 0, band)
    canvas.ellipse(500, 655, 98, 98, CREAM)
    _cut(canvas, 500, 655, 82, palette.main, mix(palette.main, WHITE, 0.2), 10)
    canvas.polygon(oval(500, 330, 150, 120, 0)[30:], dark(box, 0.1))
    canvas.polygon(oval(500, 330, 122, 92, 0)[30:], mix(palette.top, palette.bottom, 0.3))
