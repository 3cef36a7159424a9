"""Vegetables, mushrooms, roots, leaves."""

from __future__ import annotations

import math

from .canvas import CREAM, LEAF, STEM, WHITE, Canvas, Palette, dark, hexed, light, mix, place, smooth


def radish(canvas: Canvas, palette: Palette) -> None:
    """A stout radish with its greens."""
    main = palette.main
    canvas.shadow(500, 860, 210, 34)
    for turn, length in ((-130, 250), (-108, 300), (-90, 320), (-72, 300), (-50, 250)):
        canvas.leaf(500, 400, length, 96, turn, mix(LEAF, hexed("#7fb069"), abs(turn + 90) / 60))
    body = [(500 + dx * width, y) for dx, order in ((1, 1), (-1, -1)) for y, width in _taper()[::order]]
    canvas.polygon(body, dark(main, 0.12))
    canvas.polygon([(x * 0.86 + 62, y) for x, y in body], main)
    canvas.polygon([(x * 0.42 + 254, y * 0.9 + 40) for x, y in body], light(main, 0.35))
    canvas.ellipse(500, 400, 96, 26, mix(LEAF, main, 0.45))
    for y in (500, 590, 680):
        canvas.line([(440, y), (485, y + 8)], 5, dark(main, 0.2))


def _taper() -> list[tuple[float, float]]:
    """Half widths of a radish from its shoulder to its tip."""
    return [
        (390 + 470 * t, 172 * math.sin(math.pi * (0.28 + 0.72 * t)) ** 0.8)
        for t in [k / 20 for k in range(21)]
    ]


def sprout(canvas: Canvas, palette: Palette) -> None:
    """A head of sprouting mustard: buds around a stem."""
    canvas.shadow(500, 800, 260, 40)
    canvas.ball(500, 620, 190, 180, light(palette.main, 0.45))
    for ring, (count, radius, size) in enumerate(((9, 210, 84), (7, 140, 76), (4, 62, 70))):
        for k in range(count):
            x, y = place(500, 580 - ring * 46, radius, 0, k * 360 / count + ring * 20)
            canvas.leaf(x, y + size, size * 2.1, size * 1.15, -90 + (x - 500) * 0.12, palette.main)
            canvas.ball(x, y + size * 0.6, size * 0.6, size * 0.7, light(palette.main, 0.4))


def potato(canvas: Canvas, palette: Palette) -> None:
    """Potatoes, one cut."""
    skin = mix(palette.main, hexed("#b98a4b"), 0.6)
    canvas.shadow(500, 770, 340, 44)
    for x, y, rx, ry, turn in ((390, 480, 190, 148, -14), (640, 520, 180, 150, 16), (420, 650, 186, 132, 4)):
        canvas.ball(x, y, rx, ry, skin, turn)
        for k in range(6):
            px, py = place(x, y, rx * 0.6 * math.cos(k * 1.7), ry * 0.55 * math.sin(k * 2.3), turn)
            canvas.ellipse(px, py, 11, 6, dark(skin, 0.25), turn)
    canvas.ellipse(690, 680, 132, 100, skin, -8)
    canvas.ellipse(690, 676, 120, 88, hexed("#f6e3a1"), -8)
    canvas.ellipse(680, 668, 84, 54, hexed("#fbefc0"), -8)


def lotus(canvas: Canvas, palette: Palette) -> None:
    """Lotus root with two slices."""
    skin = hexed("#e6cdb1")
    canvas.shadow(500, 770, 350, 44)
    for x, y, rx in ((300, 500, 150), (540, 440, 160), (760, 390, 120)):
        canvas.ball(x, y, rx, 104, skin, -14)
    for x, y in ((420, 470), (660, 414)):
        canvas.ellipse(x, y, 16, 70, dark(skin, 0.3), -14)
    for x, y, size in ((380, 680, 130), (640, 670, 142)):
        canvas.ellipse(x, y, size, size, dark(skin, 0.1))
        canvas.ellipse(x, y, size * 0.92, size * 0.92, hexed("#fbf3e8"))
        for k in range(7):
            hx, hy = place(x, y, size * 0.54, 0, k * 360 / 7)
            canvas.ellipse(hx, hy, size * 0.17, size * 0.13, mix(skin, palette.main, 0.35), k * 360 / 7)
        canvas.ellipse(x, y, size * 0.12, size * 0.12, mix(skin, palette.main, 0.35))


def ginger(canvas: Canvas, palette: Palette) -> None:
    """A hand of young ginger."""
    skin = mix(palette.main, hexed("#ecd9a0"), 0.6)
    canvas.shadow(500, 740, 330, 40)
    knobs = (
        (300, 600, 120, 84, 20),
        (450, 560, 140, 100, -10),
        (620, 590, 140, 92, 14),
        (740, 520, 96, 70, -30),
        (420, 430, 84, 110, 12),
        (580, 440, 76, 104, -16),
        (700, 650, 100, 66, 28),
    )
    for x, y, rx, ry, turn in knobs:
        canvas.ball(x, y, rx, ry, skin, turn)
        for k in (-0.4, 0, 0.4):
            canvas.line(
                [place(x, y, rx * k, -ry * 0.6, turn), place(x, y, rx * k + 8, ry * 0.5, turn)],
                4,
                dark(skin, 0.16),
            )
    for x, y in ((420, 326), (590, 344), (800, 470)):
        canvas.ellipse(x, y, 30, 24, hexed("#e7a0a4"))
        canvas.leaf(x, y, 100, 40, -80, hexed("#9bbf6a"))


def waterleaf(canvas: Canvas, palette: Palette) -> None:
    """Water shield: floating leaves and rolled buds in a bowl."""
    canvas.shadow(500, 800, 330, 46)
    canvas.ellipse(500, 560, 360, 180, hexed("#e8eef0"))
    canvas.polygon([(140, 560), (860, 560), (700, 790), (300, 790)], hexed("#d3dde1"))
    canvas.ellipse(500, 790, 200, 26, hexed("#c1cdd2"))
    canvas.ellipse(500, 556, 330, 156, hexed("#bfe0d2"))
    for k in range(9):
        x, y = 300 + (k * 137) % 420, 470 + (k * 71) % 160
        canvas.ellipse(x, y, 70, 36, mix(palette.main, LEAF, k / 12), k * 24)
        canvas.line([(x, y), place(x, y, 66, 0, k * 24)], 4, light(palette.main, 0.4))
    for k in range(6):
        x, y = 340 + (k * 173) % 340, 480 + (k * 97) % 130
        canvas.ellipse(x, y, 56, 15, dark(palette.main, 0.12), -30 + k * 33)
        canvas.glow(x, y, 62, 22, 70)


def bamboo(canvas: Canvas, palette: Palette) -> None:
    """Three shoots with sheaths."""
    husk = hexed("#a98a58")
    canvas.shadow(500, 830, 300, 40)
    for x, top, width in ((300, 380, 88), (700, 350, 92), (500, 220, 112)):
        tall = 820 - top
        cone = [(x - width, 800), (x - width * 0.92, 820 - tall * 0.4), (x - 14, top), (x + 14, top)]
        cone += [(x + width * 0.92, 820 - tall * 0.4), (x + width, 800), (x, 830)]
        canvas.lump(smooth(cone), x, 700, hexed("#efe0b0"))
        for k in range(5):
            base = 800 - k * tall * 0.16
            side = -1 if k % 2 else 1
            shade = mix(husk, palette.main, 0.16 * k)
            reach = width * (1 - 0.15 * k)
            sheath = [
                (x - side * reach * 0.9, base - 10),
                (x + side * reach, base),
                (x + side * reach * 0.85, base - tall * 0.2),
                (x + side * reach * 0.1, base - tall * 0.46),
                (x - side * reach * 0.5, base - tall * 0.2),
            ]
            canvas.lump(smooth(sheath, 2), x, base - 60, shade)
    for k in range(3):
        canvas.ellipse(330 + k * 170, 806, 74, 46, dark(hexed("#efe0b0"), 0.14))
        canvas.ellipse(326 + k * 170, 800, 66, 38, hexed("#f8efcf"))
        canvas.ring(326 + k * 170, 800, 40, 22, 6, hexed("#e3d19a"))


def mushroom(canvas: Canvas, palette: Palette) -> None:
    """Three mushrooms, or ears of fungus when dark."""
    main = palette.main
    canvas.shadow(500, 790, 330, 44)
    if sum(main) < 260:
        for k in range(9):
            x, y = 280 + (k * 151) % 440, 460 + (k * 89) % 270
            canvas.ball(x, y, 124, 78, mix(main, hexed("#6b4b3e"), 0.15 * (k % 3)), k * 37)
            canvas.glow(x - 30, y - 20, 46, 16, 40)
        return
    for x, y, size in ((370, 500, 1.0), (660, 540, 0.86), (520, 650, 0.72)):
        canvas.box(x - 46 * size, y, x + 46 * size, y + 210 * size, 40 * size, hexed("#f0e3cc"))
        canvas.ellipse(x, y + 22 * size, 190 * size, 60 * size, hexed("#d9c3a0"))
        canvas.ball(x, y - 20 * size, 200 * size, 126 * size, main)
        for k in range(7):
            turn = k * 51
            canvas.line(
                [place(x, y - 50 * size, 20 * size, 0, turn), place(x, y - 50 * size, 82 * size, 0, turn)],
                9 * size,
                hexed("#e8d5b5"),
            )


def chilli(canvas: Canvas, palette: Palette) -> None:
    """A handful of upright chillies."""
    canvas.shadow(500, 800, 320, 44)
    for k, (x, turn) in enumerate(
        ((500, -90), (360, -116), (640, -62), (430, -101), (570, -77), (300, -134), (700, -44))
    ):
        length, width = 440 - 34 * (k % 3), 92
        y = 770 - 20 * (k % 3)
        shade = mix(palette.main, hexed("#e0392b"), 0.18 * (k % 4))
        outline = []
        for side in (1, -1):
            ts = [t / 14 for t in range(15)]
            outline += [
                place(
                    x,
                    y,
                    t * length,
                    side * width / 2 * math.sin(math.pi * (0.32 + 0.68 * t)) + 26 * math.sin(t * 2.6),
                    turn,
                )
                for t in (ts if side == 1 else ts[::-1])
            ]
        canvas.polygon(outline, shade)
        canvas.line(
            [place(x, y, t * length, -10 + 26 * math.sin(t * 2.6), turn) for t in (0.2, 0.4, 0.6)],
            10,
            light(shade, 0.4),
        )
        canvas.ellipse(x, y, 46, 30, LEAF, turn + 90)
        canvas.line([(x, y), place(x, y, -64, 12, turn)], 14, dark(LEAF, 0.15))


def peppercorn(canvas: Canvas, palette: Palette) -> None:
    """Green Sichuan pepper on a twig."""
    canvas.shadow(500, 800, 280, 40)
    canvas.line([(240, 760), (430, 560), (560, 380), (640, 220)], 15, STEM)
    for x, y, turn in (
        (330, 660, 200),
        (430, 560, -10),
        (500, 470, 190),
        (560, 380, -6),
        (610, 280, 200),
        (640, 220, -50),
    ):
        canvas.leaf(x, y, 190, 70, turn)
    for cx, cy in ((430, 470), (620, 500), (480, 300), (700, 320), (360, 720), (560, 680)):
        canvas.line([(cx, cy), ((cx + 500) / 2, (cy + 470) / 2)], 7, STEM)
        for k in range(9):
            px, py = place(cx, cy, 52 if k else 0, 0, k * 45)
            canvas.ball(px, py, 32, 31, mix(palette.main, hexed("#5f8f3e"), 0.25 + 0.2 * (k % 2)))


def root(canvas: Canvas, palette: Palette) -> None:
    """A tied bundle of long roots."""
    skin = mix(palette.main, hexed("#c9a56b"), 0.6)
    canvas.shadow(500, 700, 370, 40)
    for k in range(9):
        y = 400 + k * 30
        shade = mix(skin, dark(skin, 0.35), (k % 3) / 3)
        wave = [(170 + 66 * s, y + 16 * math.sin(s * 0.9 + k) + (s - 5) * (k - 4) * 1.2) for s in range(11)]
        canvas.line(wave, 42, shade)
        canvas.line([(x, py - 10) for x, py in wave], 10, light(shade, 0.25))
        for s in range(1, 10, 2):
            canvas.line(
                [(wave[s][0], wave[s][1] - 16), (wave[s][0] + 6, wave[s][1] + 16)], 4, dark(shade, 0.18)
            )
        canvas.ellipse(170, wave[0][1], 22, 24, CREAM)
    canvas.box(450, 370, 520, 680, 20, hexed("#c0392b"))
    canvas.leaf(485, 380, 120, 50, -130, hexed("#c0392b"))
    canvas.leaf(485, 380, 120, 50, -50, hexed("#c0392b"))


def flower(canvas: Canvas, palette: Palette) -> None:
    """Honeysuckle: white and gold tubes on a vine."""
    canvas.shadow(500, 800, 260, 38)
    canvas.line([(230, 800), (360, 620), (520, 480), (640, 300), (700, 190)], 13, dark(LEAF, 0.25))
    for x, y, turn in (
        (330, 660, 190),
        (400, 580, 20),
        (520, 480, 200),
        (580, 400, 10),
        (660, 270, 195),
        (700, 190, -40),
    ):
        canvas.leaf(x, y, 190, 96, turn)
    for k, (x, y) in enumerate(((420, 540), (540, 430), (620, 330), (680, 230), (350, 650))):
        for turn in (-70, -105, -30, -140):
            shade = palette.main if (k + turn) % 2 else WHITE
            tip = place(x, y, 150, 0, turn)
            canvas.line([(x, y), place(x, y, 90, 0, turn), tip], 17, shade)
            canvas.ellipse(*tip, 28, 16, shade, turn)
            canvas.line([tip, place(*tip, 40, 8, turn)], 4, light(palette.main, 0.2))
