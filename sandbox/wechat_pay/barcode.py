"""Code 128, set C: pairs of digits as bars, the way a payment code is shown. After ISO/IEC 15417."""

from __future__ import annotations

# Widths of bar, space, bar, space, bar, space for each of the 106 symbols; the stop has a seventh.
_WIDTHS = (
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232",
)  # fmt: skip
_START_C, _STOP = 105, "2331112"


def code128c(digits: str, *, module: int = 2, height: int = 80) -> str:
    """An SVG of the bars. Raises ValueError for anything but an even number of digits."""
    if not digits.isascii() or not digits.isdigit() or len(digits) % 2:
        raise ValueError("set C takes pairs of digits")
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    check = (_START_C + sum(position * value for position, value in enumerate(pairs, 1))) % 103
    widths = "".join([*(_WIDTHS[value] for value in (_START_C, *pairs, check)), _STOP])
    bars, at = [], 10
    for position, width in enumerate(widths):
        if position % 2 == 0:
            bars.append(f"M{at * module} 0h{int(width) * module}v{height}h-{int(width) * module}z")
        at += int(width)
    whole = (at + 10) * module
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height}" role="img">'
        f'<rect width="{whole}" height="{height}" fill="#fff"/>'
        f'<path fill="#111" stroke="none" d="{"".join(bars)}"/></svg>'
    )
