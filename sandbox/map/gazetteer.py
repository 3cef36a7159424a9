"""What the pretended map knows: the districts of Chongqing, some towns and places; numbers of houses are made up."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

EARTH = 6_371_008.8

#: District, code, and where its seat is (GCJ-02).
DISTRICTS: dict[str, tuple[str, float, float]] = {
    "万州区": ("500101", 108.38, 30.81),
    "涪陵区": ("500102", 107.39, 29.70),
    "渝中区": ("500103", 106.5690, 29.5528),
    "大渡口区": ("500104", 106.4823, 29.4845),
    "江北区": ("500105", 106.5743, 29.6066),
    "沙坪坝区": ("500106", 106.4565, 29.5411),
    "九龙坡区": ("500107", 106.5109, 29.5021),
    "南岸区": ("500108", 106.5636, 29.5230),
    "北碚区": ("500109", 106.3964, 29.8054),
    "綦江区": ("500110", 106.6514, 29.0280),
    "大足区": ("500111", 105.7219, 29.7070),
    "渝北区": ("500112", 106.6311, 29.7182),
    "巴南区": ("500113", 106.5405, 29.4024),
    "黔江区": ("500114", 108.7709, 29.5332),
    "长寿区": ("500115", 107.0808, 29.8578),
    "江津区": ("500116", 106.2594, 29.2901),
    "合川区": ("500117", 106.2763, 29.9721),
    "永川区": ("500118", 105.9270, 29.3561),
    "南川区": ("500119", 107.0992, 29.1579),
    "璧山区": ("500120", 106.2274, 29.5920),
    "铜梁区": ("500151", 106.0564, 29.8448),
    "潼南区": ("500152", 105.8405, 30.1910),
    "荣昌区": ("500153", 105.5947, 29.4052),
    "开州区": ("500154", 108.3935, 31.1604),
    "梁平区": ("500155", 107.7697, 30.6544),
    "武隆区": ("500156", 107.7601, 29.3256),
    "城口县": ("500229", 108.6649, 31.9477),
    "丰都县": ("500230", 107.7309, 29.8635),
    "垫江县": ("500231", 107.3333, 30.3277),
    "忠县": ("500233", 108.0389, 30.2999),
    "云阳县": ("500235", 108.6972, 30.9306),
    "奉节县": ("500236", 109.4011, 31.0186),
    "巫山县": ("500237", 109.8790, 31.0746),
    "巫溪县": ("500238", 109.5700, 31.3986),
    "石柱土家族自治县": ("500240", 108.1140, 29.9990),
    "秀山土家族苗族自治县": ("500241", 109.0071, 28.4478),
    "酉阳土家族苗族自治县": ("500242", 108.7678, 28.8412),
    "彭水苗族土家族自治县": ("500243", 108.1655, 29.2937),
}

#: Places with a name: district, kind in 高德's words, position.
PLACES: dict[str, tuple[str, str, float, float]] = {
    "解放碑": ("渝中区", "兴趣点", 106.577033, 29.557236), "朝天门": ("渝中区", "兴趣点", 106.587556, 29.565500),
    "洪崖洞": ("渝中区", "兴趣点", 106.578800, 29.562400), "大坪": ("渝中区", "热点商圈", 106.518900, 29.539700),
    "重庆北站": ("渝北区", "兴趣点", 106.551100, 29.609300), "重庆西站": ("沙坪坝区", "兴趣点", 106.432300, 29.505000),
    "磁器口": ("沙坪坝区", "兴趣点", 106.449900, 29.580900), "观音桥": ("江北区", "热点商圈", 106.532700, 29.574900),
    "南坪": ("南岸区", "热点商圈", 106.566500, 29.526300), "杨家坪": ("九龙坡区", "热点商圈", 106.515600, 29.507000),
    "江北国际机场": ("渝北区", "兴趣点", 106.641700, 29.719200), "白帝城": ("奉节县", "兴趣点", 109.566700, 31.043000),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """Where an address is, and how exactly that is known."""

    address: str
    district: str
    code: str
    level: str
    lng: float
    lat: float


def find(address: str) -> Hit | None:
    """An address the way the provider reads it; None for what is not in the city."""
    text = "".join(address.split()).removeprefix("重庆市")
    if "查无此处" in text:
        return None
    district = next((name for name in DISTRICTS if name in text), "")
    for name, (home, level, lng, lat) in PLACES.items():
        if name in text and district in ("", home):
            exact = any(letter.isdigit() for letter in text)
            east, north = _beside(text, lng, lat, 300) if exact else (lng, lat)
            return Hit(
                f"重庆市{home}{text.removeprefix(home)}",
                home,
                DISTRICTS[home][0],
                "门牌号" if exact else level,
                east,
                north,
            )
    if not district:
        return None
    code, lng, lat = DISTRICTS[district]
    rest = text.replace(district, "", 1)
    if not rest:
        return Hit(f"重庆市{district}", district, code, "区县", lng, lat)
    level = (
        "门牌号" if any(letter.isdigit() for letter in rest) else "道路" if rest[-1] in "路街巷道" else "乡镇"
    )
    east, north = _beside(text, lng, lat, 2500)
    return Hit(f"重庆市{district}{rest}", district, code, level, east, north)


def nearest_district(lng: float, lat: float) -> tuple[str, str, float]:
    """The district whose seat is nearest: name, code, metres."""
    name = min(DISTRICTS, key=lambda one: metres(lng, lat, *DISTRICTS[one][1:]))
    code, east, north = DISTRICTS[name]
    return name, code, metres(lng, lat, east, north)


def around(lng: float, lat: float, keyword: str, radius: float) -> list[tuple[str, str, float, float, float]]:
    """Named places within a radius, nearest first: name, district, position, metres."""
    found = [
        (name, home, east, north, metres(lng, lat, east, north))
        for name, (home, _level, east, north) in PLACES.items()
        if keyword in name
    ]
    return sorted((one for one in found if one[4] <= radius), key=lambda one: one[4])


def metres(lng: float, lat: float, other_lng: float, other_lat: float) -> float:
    """Metres, good enough within a city."""
    x = math.radians(other_lng - lng) * math.cos(math.radians((lat + other_lat) / 2))
    return EARTH * math.hypot(x, math.radians(other_lat - lat))


def _beside(text: str, lng: float, lat: float, most: float) -> tuple[float, float]:
    """The same spot for the same text, up to `most` metres away."""
    number = hashlib.sha256(text.encode()).digest()
    angle, distance = number[0] / 256 * 2 * math.pi, most * number[1] / 256
    degree = math.radians(1) * EARTH
    return (
        round(lng + distance * math.cos(angle) / (degree * math.cos(math.radians(lat))), 6),
        round(lat + distance * math.sin(angle) / degree, 6),
    )
