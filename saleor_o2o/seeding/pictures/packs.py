"""Jars, bags, bottles, tins, cakes, sweets: what a shop's shelf holds."""

from __future__ import annotations

import math

from .canvas import CREAM, LEAF, WHITE, WOOD, Canvas, Colour, Palette, dark, hexed, light, mix, oval, place


def _seal(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """A round label with hills and a river: the mark of the shop, drawn and not written."""
    canvas.ellipse(x, y, size, size, CREAM)
    canvas.ring(x, y, size * 0.9, size * 0.9, size * 0.06, colour)
    for dx, height, share in ((-0.3, 0.5, 0.3), (0.24, 0.72, 0.0), (0.52, 0.36, 0.45)):
        peak = [
            (x + (dx - 0.36) * size, y + size * 0.34),
            (x + dx * size, y + size * (0.34 - height)),
            (x + min(0.74, dx + 0.36) * size, y + size * 0.34),
        ]
        canvas.polygon(peak, mix(colour, CREAM, share))
    for k in range(2):
        wave = [
            (x + (-0.6 + 0.1 * s) * size, y + size * (0.47 + 0.14 * k + 0.04 * math.sin(s * 1.3)))
            for s in range(13 - 2 * k)
        ]
        canvas.line(wave, size * 0.05, colour)


def jar(canvas: Canvas, palette: Palette) -> None:
    """A glass jar with a tied lid."""
    main = palette.main
    canvas.shadow(500, 845, 260, 40)
    canvas.box(290, 330, 710, 850, 80, hexed("#dfe8e6"))
    canvas.box(308, 380, 692, 836, 66, dark(main, 0.12))
    for k in range(60):
        x, y = 340 + (k * 89) % 320, 410 + (k * 131) % 400
        canvas.ellipse(x, y, 30, 20, mix(main, light(main, 0.4), (k % 5) / 5), k * 29)
    canvas.veil([(330, 360), (372, 352), (372, 830), (330, 810)], 80)
    canvas.box(300, 220, 700, 340, 30, dark(WOOD, 0.35))
    canvas.box(300, 220, 700, 280, 30, dark(WOOD, 0.2))
    canvas.line([(300, 336), (700, 336)], 16, hexed("#c0392b"))
    canvas.box(308, 520, 692, 740, 0, CREAM)
    _seal(canvas, 500, 630, 92, dark(main, 0.3))


def urn(canvas: Canvas, palette: Palette) -> None:
    """An earthen jar with a red cloth."""
    clay = mix(palette.main, hexed("#7a4a2c"), 0.6)
    canvas.shadow(500, 860, 260, 40)
    canvas.ball(500, 600, 290, 262, clay)
    canvas.ellipse(500, 846, 150, 22, dark(clay, 0.3))
    canvas.box(380, 300, 620, 380, 20, clay)
    canvas.polygon([(340, 330), (380, 230), (620, 230), (660, 330), (600, 400), (400, 400)], hexed("#b8342b"))
    canvas.ellipse(500, 234, 122, 40, hexed("#cf4a3d"))
    canvas.line([(376, 350), (624, 350)], 16, hexed("#e3c06a"))
    canvas.polygon([(500, 450), (640, 590), (500, 730), (360, 590)], hexed("#b8342b"))
    _seal(canvas, 500, 590, 84, hexed("#b8342b"))


def pouch(canvas: Canvas, palette: Palette) -> None:
    """A standing bag."""
    main = palette.main
    canvas.shadow(500, 860, 260, 36)
    canvas.polygon([(270, 200), (730, 200), (760, 820), (700, 862), (300, 862), (240, 820)], dark(main, 0.16))
    canvas.polygon([(282, 216), (718, 216), (740, 806), (690, 846), (310, 846), (260, 806)], main)
    canvas.box(270, 190, 730, 262, 8, light(main, 0.3))
    for k in range(23):
        canvas.line([(282 + k * 20, 196), (282 + k * 20, 256)], 4, main)
    canvas.veil([(300, 270), (370, 270), (350, 830), (290, 820)], 46)
    _seal(canvas, 500, 430, 120, dark(main, 0.25))
    canvas.polygon(
        [(262, 640), (738, 600), (742, 806), (690, 846), (310, 846), (258, 806)], light(main, 0.75)
    )
    for k in range(14):
        x, y = 320 + (k * 97) % 370, 680 + (k * 53) % 130
        canvas.ellipse(x, y, 42, 15, mix(main, LEAF if k % 3 == 0 else hexed("#e8b04a"), 0.5), k * 33)


def bottle(canvas: Canvas, palette: Palette) -> None:
    """A bottle of oil or vinegar."""
    main = palette.main
    canvas.shadow(500, 880, 190, 32)
    canvas.box(446, 110, 554, 210, 18, hexed("#2f2a26"))
    canvas.box(456, 200, 544, 360, 10, mix(main, WHITE, 0.35))
    canvas.polygon(
        [(456, 320), (544, 320), (660, 450), (660, 500), (340, 500), (340, 450)], mix(main, WHITE, 0.2)
    )
    canvas.box(340, 440, 660, 880, 44, dark(main, 0.12))
    canvas.box(356, 470, 644, 866, 36, main)
    canvas.veil([(372, 450), (414, 440), (414, 860), (372, 856)], 80)
    canvas.box(340, 560, 660, 790, 0, CREAM)
    canvas.box(340, 560, 660, 576, 0, dark(main, 0.3))
    canvas.box(340, 774, 660, 790, 0, dark(main, 0.3))
    _seal(canvas, 500, 675, 84, dark(main, 0.35))


def honey(canvas: Canvas, palette: Palette) -> None:
    """A honey jar and a dipper."""
    gold = mix(palette.main, hexed("#e09a1f"), 0.4)
    canvas.shadow(480, 850, 270, 40)
    canvas.box(250, 370, 690, 850, 110, hexed("#efe6cf"))
    canvas.box(268, 400, 672, 836, 96, dark(gold, 0.1))
    canvas.box(286, 420, 654, 820, 84, gold)
    canvas.veil([(300, 430), (350, 420), (350, 820), (300, 790)], 90)
    canvas.box(262, 270, 678, 390, 26, hexed("#f3e2b8"))
    canvas.box(262, 340, 678, 366, 0, dark(gold, 0.1))
    for row in range(3):
        for k in range(3 - row % 2):
            x, y = 400 + k * 76 + (row % 2) * 38, 560 + row * 66
            canvas.polygon(oval(x, y, 40, 40, 30, 6), CREAM)
            canvas.polygon(oval(x, y, 31, 31, 30, 6), light(gold, 0.25))
    canvas.line([(640, 300), (820, 120)], 20, WOOD)
    for k in range(5):
        px, py = place(620, 320, k * 26, 0, 135)
        canvas.ellipse(px, py, 20, 54 - abs(k - 2) * 6, WOOD if k % 2 else dark(WOOD, 0.2), 135)


def sack(canvas: Canvas, palette: Palette) -> None:
    """A sack of rice, open, with a scoop of grains."""
    cloth = mix(hexed("#d9c29a"), palette.main, 0.12)
    canvas.shadow(500, 860, 320, 44)
    canvas.polygon(
        [(260, 360), (740, 360), (800, 700), (760, 850), (240, 850), (200, 700)], dark(cloth, 0.14)
    )
    canvas.polygon([(276, 372), (716, 372), (770, 700), (730, 836), (262, 836), (222, 700)], cloth)
    canvas.ellipse(500, 350, 260, 82, dark(cloth, 0.22))
    canvas.ellipse(500, 336, 228, 62, hexed("#fbf7ec"))
    canvas.ellipse(500, 310, 150, 44, WHITE)
    for k in range(34):
        canvas.ellipse(310 + (k * 71) % 380, 306 + (k * 29) % 66, 13, 6, hexed("#e9e0cc"), k * 37)
    for k in range(2):
        canvas.line([(250 + k * 12, 420 + k * 8), (330, 600), (270, 820)], 5, dark(cloth, 0.12))
    _seal(canvas, 500, 610, 132, dark(palette.main, 0.3))
    for turn in (-60, -90, -120):
        canvas.line([(760, 860), place(760, 860, 250, 0, turn)], 6, hexed("#c9a227"))
        for k in range(7):
            gx, gy = place(760, 860, 130 + k * 18, 12 * (-1) ** k, turn)
            canvas.ellipse(gx, gy, 17, 8, hexed("#e3bf4a"), turn + 20 * (-1) ** k)


def tea(canvas: Canvas, palette: Palette) -> None:
    """A tea tin and a cup."""
    main = mix(palette.main, hexed("#3f6b4a"), 0.35) if sum(palette.main) < 690 else hexed("#7fa58a")
    liquor = hexed("#b5562c") if palette.main[0] > palette.main[1] + 30 else hexed("#cfd77a")
    canvas.shadow(430, 820, 250, 40)
    canvas.shadow(730, 820, 170, 30)
    canvas.box(240, 300, 580, 820, 24, dark(main, 0.1))
    canvas.box(258, 300, 540, 820, 20, main)
    canvas.ellipse(410, 300, 170, 44, light(main, 0.25))
    canvas.ellipse(410, 274, 136, 36, dark(main, 0.2))
    canvas.ellipse(410, 262, 136, 36, light(main, 0.1))
    canvas.veil([(274, 320), (310, 330), (310, 816), (274, 810)], 60)
    _seal(canvas, 410, 560, 112, dark(main, 0.2))
    canvas.polygon(oval(730, 680, 130, 130)[:31], WHITE)
    canvas.ellipse(730, 680, 130, 40, hexed("#e6ece8"))
    canvas.ellipse(730, 682, 112, 31, liquor)
    canvas.ellipse(716, 680, 46, 9, light(liquor, 0.4))
    canvas.ellipse(730, 812, 84, 14, hexed("#dfe5e2"))
    for k in range(2):
        x = 700 + k * 56
        canvas.line([(x, 600), (x + 18, 556), (x - 10, 510), (x + 10, 466)], 10, mix(palette.top, WHITE, 0.7))
    canvas.leaf(560, 860, 150, 62, -12)
    canvas.leaf(566, 862, 120, 50, 30, dark(LEAF, 0.1))


def tuocha(canvas: Canvas, palette: Palette) -> None:
    """Bowl-shaped cakes of pressed tea."""
    canvas.shadow(500, 790, 350, 46)
    brown = mix(palette.main, hexed("#4a3626"), 0.6)
    for x, y, size in ((620, 520, 210), (390, 630, 230)):
        canvas.ball(x, y, size, size * 0.74, brown)
        canvas.ellipse(x, y - size * 0.3, size * 0.46, size * 0.24, dark(brown, 0.35))
        for k in range(50):
            px, py = place(x, y, size * 0.86 * ((k * 61) % 100) / 100, 0, k * 47)
            py = y + (py - y) * 0.72
            canvas.ellipse(px, py, 22, 6, mix(brown, hexed("#8d7250"), (k % 5) / 6), k * 53)
    canvas.leaf(640, 770, 190, 76, -14)


def slices(canvas: Canvas, palette: Palette) -> None:
    """Thin slices of walnut cake, fanned out."""
    pale = mix(hexed("#f7efe2"), palette.main, 0.1)
    canvas.shadow(500, 790, 380, 46)
    canvas.ellipse(500, 720, 400, 110, hexed("#dfe7ea"))
    canvas.ellipse(500, 706, 350, 84, WHITE)
    for k in range(13):
        turn = -60 + k * 10
        corners = [
            place(500, 860, a, b, turn - 90) for a, b in ((190, -64), (500, -64), (500, 64), (190, 64))
        ]
        canvas.polygon([(x + 5, y + 6) for x, y in corners], dark(pale, 0.22))
        canvas.polygon(corners, pale)
        for spot in range(5):
            nx, ny = place(500, 860, 230 + spot * 56, 34 * math.sin(spot * 2 + k), turn - 90)
            canvas.ellipse(nx, ny, 17, 11, hexed("#b98b5c"), spot * 40 + turn)
        canvas.line([corners[0], corners[1]], 4, dark(pale, 0.14))


def crunchy(canvas: Canvas, palette: Palette) -> None:
    """Puffed rice bars."""
    canvas.shadow(500, 800, 350, 44)
    base = mix(palette.main, hexed("#f0d9a0"), 0.65)
    for x, y in ((330, 640), (560, 660), (440, 470)):
        canvas.polygon(
            [(x - 110, y), (x + 150, y - 40), (x + 220, y + 20), (x - 40, y + 66)], light(base, 0.25)
        )
        canvas.polygon(
            [(x - 110, y), (x - 40, y + 66), (x - 40, y + 150), (x - 110, y + 84)], dark(base, 0.16)
        )
        canvas.polygon([(x - 40, y + 66), (x + 220, y + 20), (x + 220, y + 104), (x - 40, y + 150)], base)
        for k in range(60):
            u, v = ((k * 37) % 100) / 100, ((k * 61) % 100) / 100
            top = (x - 110 + 260 * u + 70 * v, y - 40 * u + 66 * v)
            front = (x - 40 + 260 * u, y + 66 - 46 * u + 84 * v)
            for gx, gy in (top, front):
                canvas.ellipse(
                    gx, gy, 12, 7, mix(CREAM, hexed("#b98a4b"), 0.8 if k % 6 == 0 else 0.05 * (k % 5)), k * 29
                )


def twist(canvas: Canvas, palette: Palette) -> None:
    """Fried dough twists."""
    dough = mix(palette.main, hexed("#c98a3c"), 0.5)
    canvas.shadow(500, 800, 360, 44)
    for y, shift in ((430, 0), (570, 40), (710, -20)):
        for half in (0, 1):
            for k in range(9):
                x = 200 + shift + k * 72
                lean = 34 if half else -34
                canvas.ball(x, y, 62, 36, mix(dough, light(dough), 0.2 * (k % 2)), lean)
        for k in range(22):
            canvas.ellipse(190 + shift + (k * 97) % 620, y - 26 + (k * 31) % 54, 8, 5, CREAM, k * 41)


def blocks(canvas: Canvas, palette: Palette) -> None:
    """Lumps of brown sugar."""
    canvas.shadow(500, 800, 340, 44)
    brown = mix(palette.main, hexed("#8a4a22"), 0.6)
    for x, y in ((360, 560), (600, 560), (480, 400), (300, 700), (540, 710), (740, 700)):
        _cube(canvas, x, y, 110, brown)


def tofu(canvas: Canvas, palette: Palette) -> None:
    """Pressed bean curd."""
    canvas.shadow(500, 800, 350, 44)
    curd = mix(palette.main, hexed("#b5793f"), 0.5)
    for x, y in ((330, 640), (560, 660), (450, 500), (680, 560)):
        _cube(canvas, x, y, 140, curd, 0.5)
    for k in range(7):
        canvas.ellipse(330 + (k * 89) % 380, 520 + (k * 61) % 150, 22, 8, hexed("#c8321f"), k * 37)
    canvas.leaf(640, 470, 120, 52, -40)


def _cube(canvas: Canvas, x: float, y: float, size: float, colour: Colour, height: float = 0.8) -> None:
    """A block seen from above, its upper corner at (x, y - size / 2)."""
    high = size * height
    top = [(x, y - size * 0.5), (x + size, y), (x, y + size * 0.5), (x - size, y)]
    canvas.polygon([top[3], top[2], (x, y + size * 0.5 + high), (x - size, y + high)], dark(colour, 0.12))
    canvas.polygon([top[2], top[1], (x + size, y + high), (x, y + size * 0.5 + high)], dark(colour, 0.3))
    canvas.polygon(top, light(colour, 0.2))
    canvas.line([top[3], top[2], top[1]], 4, light(colour, 0.35))
