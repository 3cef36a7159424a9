"""Meat, fish, eggs, dishes."""

from __future__ import annotations

import math

from .canvas import CREAM, LEAF, WHITE, WOOD, Canvas, Colour, Palette, dark, hexed, light, mix, oval, place

FAT = hexed("#f6dfc4")
LEAN = hexed("#b5483a")


def _board(canvas: Canvas) -> None:
    canvas.shadow(500, 800, 390, 40)
    canvas.box(120, 690, 880, 800, 40, dark(WOOD, 0.22))
    canvas.box(120, 670, 880, 776, 40, WOOD)
    for y in (700, 730, 752):
        canvas.line([(190, y), (560, y + 4), (800, y)], 3, dark(WOOD, 0.12))


def _bowl(canvas: Canvas, inside: Colour, outside: Colour) -> None:
    canvas.shadow(500, 830, 300, 44)
    canvas.polygon([*oval(500, 540, 360, 300)[:31]], outside)
    canvas.box(380, 800, 620, 840, 14, dark(outside, 0.15))
    canvas.ellipse(500, 540, 360, 120, light(outside, 0.35))
    canvas.ellipse(500, 546, 334, 104, inside)
    canvas.veil([(190, 620), (250, 640), (330, 790), (300, 780)], 60)


def bacon(canvas: Canvas, palette: Palette) -> None:
    """A smoked slab and slices on a board."""
    _board(canvas)
    crust = mix(palette.main, hexed("#6e3a22"), 0.55)
    canvas.line([(500, 120), (500, 220)], 10, WOOD)
    canvas.box(330, 200, 670, 640, 46, crust)
    for k, shade in enumerate((LEAN, FAT, mix(LEAN, crust, 0.3), FAT, LEAN)):
        canvas.box(352 + k * 61, 222, 352 + k * 61 + 52, 618, 22, shade)
    canvas.veil([(345, 215), (420, 210), (400, 630), (345, 620)], 26)
    for k in range(4):
        x = 240 + k * 150
        canvas.ellipse(x + 40, 690, 110, 40, crust, -6)
        canvas.ellipse(x + 40, 684, 104, 34, FAT, -6)
        canvas.ellipse(x + 44, 688, 84, 18, LEAN, -6)
        canvas.ellipse(x + 40, 680, 50, 6, FAT, -6)


def sausage(canvas: Canvas, palette: Palette) -> None:
    """Linked sausages and slices."""
    _board(canvas)
    skin = mix(palette.main, hexed("#8c3b2a"), 0.4)
    for k, (x, y, turn) in enumerate(((330, 380, -60), (500, 330, -90), (670, 380, -120))):
        canvas.ball(x, y, 190, 62, skin, turn)
        for spot in range(9):
            px, py = place(x, y, -140 + spot * 35, 26 * math.sin(spot * 2.1 + k), turn)
            canvas.ellipse(px, py, 13, 9, FAT, turn)
        for end in (-196, 196):
            px, py = place(x, y, end, 0, turn)
            canvas.ellipse(px, py, 16, 16, WOOD)
    for k in range(6):
        x = 230 + k * 108
        canvas.ellipse(x, 660 + 12 * (k % 2), 66, 54, skin)
        canvas.ellipse(x - 4, 654 + 12 * (k % 2), 57, 45, LEAN)
        for spot in range(8):
            px, py = place(x - 4, 654 + 12 * (k % 2), 32, 0, spot * 45 + k * 9)
            canvas.ellipse(px, py * 0.98 + 13, 10, 8, FAT)


def duck(canvas: Canvas, palette: Palette) -> None:
    """A roast duck on a plate."""
    skin = mix(palette.main, hexed("#b5642a"), 0.6)
    canvas.shadow(500, 790, 380, 46)
    canvas.ellipse(500, 720, 400, 104, hexed("#e9eef0"))
    canvas.ellipse(500, 706, 340, 76, WHITE)
    for k in range(8):
        canvas.leaf(500 + (k - 4) * 78, 730, 110, 50, 20 + k * 18, mix(LEAF, hexed("#8fbf6a"), (k % 3) / 3))
    canvas.ball(480, 560, 280, 186, skin, -6)
    canvas.line([(690, 520), (790, 420), (770, 320), (700, 300)], 74, skin)
    canvas.line([(700, 508), (776, 420), (758, 330)], 26, light(skin, 0.22))
    canvas.ball(690, 300, 66, 54, skin)
    canvas.polygon([(640, 290), (560, 316), (640, 328)], hexed("#d9a441"))
    canvas.ellipse(690, 288, 9, 9, hexed("#3a2417"))
    canvas.ball(430, 560, 150, 94, dark(skin, 0.08), -28)
    canvas.ball(300, 640, 120, 60, dark(skin, 0.05), 24)
    canvas.line([(210, 690), (150, 720)], 30, FAT)
    canvas.glow(450, 470, 110, 26, 70)


def chicken(canvas: Canvas, palette: Palette) -> None:
    """A free-range hen."""
    body = mix(palette.main, hexed("#b8763a"), 0.45)
    canvas.shadow(500, 850, 260, 34)
    for x in (450, 560):
        canvas.line([(x, 740), (x, 836)], 16, hexed("#e0a83a"))
        for dx in (-40, 0, 40):
            canvas.line([(x, 834), (x + dx, 850)], 12, hexed("#e0a83a"))
    for k, turn in enumerate((-150, -135, -120, -105)):
        canvas.leaf(300, 560, 300 - 20 * k, 110, turn, mix(dark(body, 0.4), body, k / 5))
    canvas.ball(500, 600, 246, 190, body)
    canvas.polygon([(600, 640), (600, 400), (660, 300), (756, 330), (740, 560)], body)
    canvas.ball(690, 340, 84, 80, body)
    for x, y in ((650, 262), (690, 246), (730, 262)):
        canvas.ellipse(x, y, 30, 34, hexed("#d63f31"))
    canvas.polygon([(762, 330), (850, 352), (762, 378)], hexed("#e8b23a"))
    canvas.ellipse(768, 404, 20, 36, hexed("#d63f31"))
    canvas.ellipse(706, 330, 13, 13, hexed("#2a1a12"))
    canvas.glow(702, 326, 4, 4, 220)
    for k in range(4):
        canvas.leaf(590 - k * 16, 560 + k * 40, 240 - k * 34, 92, 172, mix(dark(body, 0.14), body, k / 4))


def steak(canvas: Canvas, palette: Palette) -> None:
    """Cuts of meat with herbs on a board."""
    _board(canvas)
    for x, y, size, turn in ((380, 560, 1.0, -12), (640, 590, 0.86, 16)):
        canvas.ellipse(x, y + 18, 220 * size, 150 * size, dark(LEAN, 0.3), turn)
        canvas.ellipse(x, y, 220 * size, 150 * size, FAT, turn)
        canvas.ellipse(x + 6, y + 4, 196 * size, 126 * size, mix(LEAN, palette.main, 0.4), turn)
        for k in range(7):
            a = place(x, y, 130 * size * math.cos(k * 1.3), 70 * size * math.sin(k * 1.9), turn)
            canvas.line([a, place(*a, 60 * size, 16, turn + k * 40)], 6, FAT)
        canvas.ellipse(x - 90 * size, y - 30 * size, 36 * size, 34 * size, CREAM)
        canvas.ring(x - 90 * size, y - 30 * size, 36 * size, 34 * size, 8, dark(FAT, 0.15))
    for k in range(5):
        canvas.leaf(560 + k * 24, 430, 150, 40, -120 + k * 26)


def jerky(canvas: Canvas, palette: Palette) -> None:
    """A bowl of dried beef."""
    _bowl(canvas, hexed("#5a2f22"), hexed("#9c4a34"))
    meat = mix(palette.main, hexed("#7a2e1e"), 0.5)
    for k in range(22):
        x, y = 260 + (k * 113) % 480, 470 + (k * 47) % 100 - 40 * math.sin(math.pi * ((k * 113) % 480) / 480)
        shade = mix(meat, hexed("#a3452c"), (k % 4) / 4)
        turn = (k * 61) % 180
        canvas.polygon(
            [place(x, y, a, b, turn) for a, b in ((-70, -20), (66, -26), (74, 18), (-64, 24))], shade
        )
        canvas.line([place(x, y, -50, -8, turn), place(x, y, 50, -10, turn)], 5, light(shade, 0.3))
    for k in range(16):
        canvas.ellipse(290 + (k * 97) % 420, 450 + (k * 41) % 110, 7, 4, hexed("#f3dca6"), k * 30)


def eggs(canvas: Canvas, palette: Palette) -> None:
    """Eggs in straw."""
    canvas.shadow(500, 780, 360, 46)
    straw = hexed("#d9b46a")
    for k in range(90):
        x, y = 170 + (k * 127) % 660, 640 + (k * 53) % 130
        canvas.line(
            [place(x, y, -80, 0, k * 17 % 50 - 25), place(x, y, 80, 0, k * 17 % 50 - 25)],
            9,
            mix(straw, dark(straw), (k % 5) / 6),
        )
    shell = hexed("#e7b48c")
    for x, y, turn, share in (
        (320, 560, -16, 0.0),
        (680, 560, 14, 0.3),
        (500, 500, 0, 0.15),
        (410, 650, -6, 0.4),
        (600, 650, 10, 0.1),
    ):
        canvas.ball(x, y, 106, 138, mix(shell, CREAM, share), turn)
    for k in range(46):
        x, y = 180 + (k * 139) % 640, 730 + (k * 37) % 60
        canvas.line(
            [place(x, y, -70, 0, k * 23 % 40 - 20), place(x, y, 70, 0, k * 23 % 40 - 20)],
            8,
            mix(straw, WHITE, (k % 4) / 8),
        )


def fish(canvas: Canvas, palette: Palette) -> None:
    """A grilled fish in its pan."""
    canvas.shadow(500, 790, 420, 46)
    canvas.box(80, 470, 920, 780, 90, hexed("#3a3f44"))
    canvas.box(104, 480, 896, 744, 80, dark(palette.main, 0.3))
    canvas.box(118, 486, 882, 732, 76, palette.main)
    skin = hexed("#b98248")
    canvas.polygon([(720, 600), (850, 520), (826, 610), (850, 700)], dark(skin, 0.15))
    canvas.ball(460, 606, 300, 100, skin)
    canvas.polygon([(380, 520), (520, 470), (580, 530)], dark(skin, 0.2))
    for k in range(6):
        canvas.line([(320 + k * 70, 540), (290 + k * 70, 670)], 9, dark(skin, 0.35))
    canvas.ellipse(226, 590, 22, 22, CREAM)
    canvas.ellipse(226, 590, 11, 11, hexed("#2a1a12"))
    canvas.line([(280, 540), (296, 606), (280, 668)], 9, dark(skin, 0.3))
    for k in range(16):
        x, y = 170 + (k * 151) % 660, 510 + (k * 67) % 200
        canvas.ellipse(x, y, 26, 11, hexed("#d8321f") if k % 3 else LEAF, k * 43)
    for k in range(4):
        x = 330 + k * 120
        canvas.line([(x, 420), (x + 22, 370), (x - 10, 320), (x + 16, 270)], 10, mix(palette.top, WHITE, 0.6))


def pot(canvas: Canvas, palette: Palette) -> None:
    """A bubbling hot pot with nine squares."""
    canvas.shadow(500, 800, 370, 50)
    iron = hexed("#3d3a3b")
    canvas.box(90, 520, 190, 590, 30, iron)
    canvas.box(810, 520, 910, 590, 30, iron)
    canvas.polygon(oval(500, 540, 370, 270)[:31], iron)
    canvas.ellipse(500, 540, 370, 190, light(iron, 0.2))
    canvas.ellipse(500, 540, 340, 168, dark(palette.main, 0.15))
    canvas.ellipse(500, 546, 326, 156, mix(palette.main, hexed("#e04a24"), 0.35))
    for k in range(46):
        x, y = place(500, 546, 300 * ((k * 37) % 100) / 100, 0, k * 47)
        y = 546 + (y - 546) * 0.46
        if k % 4 == 0:
            canvas.ellipse(x, y, 30, 11, hexed("#9c1f14"), k * 31)
        elif k % 4 == 1:
            canvas.ellipse(x, y, 10, 8, hexed("#5b7a34"))
        else:
            canvas.ring(x, y, 18, 11, 4, hexed("#f6a04d"))
    for offset in (-110, 110):
        canvas.line([(500 + offset, 396), (500 + offset, 694)], 12, hexed("#c9ced1"))
        canvas.line([(184, 546 + offset * 0.48), (816, 546 + offset * 0.48)], 12, hexed("#c9ced1"))
    for k in range(5):
        x = 300 + k * 100
        canvas.line(
            [(x, 350), (x + 22, 300), (x - 14, 250), (x + 12, 200)], 11, mix(palette.top, WHITE, 0.65)
        )


def bowl(canvas: Canvas, palette: Palette) -> None:
    """A bowl of something soft and a small dish of dip."""
    soft = mix(palette.main, WHITE, 0.7)
    _bowl(canvas, dark(soft, 0.08), hexed("#4d7c8a"))
    for k in range(7):
        canvas.ball(320 + (k * 67) % 360, 520 + (k * 31) % 60, 92, 50, soft)
    for k in range(12):
        canvas.ellipse(
            300 + (k * 83) % 400, 490 + (k * 37) % 90, 12, 6, hexed("#d8432f") if k % 2 else LEAF, k * 31
        )
    canvas.shadow(770, 800, 110, 22)
    canvas.ellipse(770, 770, 120, 48, WHITE)
    canvas.ellipse(770, 764, 96, 34, hexed("#b02a1a"))
    canvas.ellipse(756, 758, 40, 12, hexed("#d9553c"))


def noodles(canvas: Canvas, palette: Palette) -> None:
    """Two tied sheaves of dried noodles."""
    straw = mix(hexed("#f1dca7"), palette.main, 0.1)
    canvas.shadow(500, 790, 330, 44)
    for base, lean in ((380, -26), (620, 30)):
        for k in range(26):
            x = base - 100 + k * 8
            shade = mix(straw, dark(straw, 0.3), (k * 7 % 10) / 12)
            canvas.line([(x + lean * 2, 230 + (k * 13) % 26), (x, 500), (x - lean * 0.4, 770)], 9, shade)
        canvas.box(base - 116, 470, base + 116, 560, 20, palette.main)
        canvas.box(base - 116, 490, base + 116, 502, 0, light(palette.main, 0.5))
        canvas.box(base - 116, 528, base + 116, 540, 0, light(palette.main, 0.5))


def vermicelli(canvas: Canvas, palette: Palette) -> None:
    """Coils of clear sweet-potato noodles."""
    canvas.shadow(500, 770, 340, 46)
    glass = hexed("#c9b7a0")
    for cx, cy, size in ((380, 520, 190), (640, 560, 180), (500, 660, 170)):
        canvas.ellipse(cx, cy, size, size * 0.66, dark(glass, 0.2))
        for k in range(13):
            shrink = 1 - k * 0.07
            canvas.ring(
                cx + 4 * math.sin(k),
                cy - 3 * math.cos(k),
                size * shrink,
                size * 0.66 * shrink,
                8,
                mix(glass, WHITE, (k % 4) / 4),
            )
