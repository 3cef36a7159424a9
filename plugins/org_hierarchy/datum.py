"""Positions: three coordinate systems in, GCJ-02 out, and words for what is wrong with a pair of numbers.

China's maps are shifted on purpose. 高德 and 腾讯 speak GCJ-02, 百度 BD-09, a GPS receiver WGS-84; the three lie some
hundred metres apart. We store GCJ-02 and remember what a position was given in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import prcoords
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .error_codes import OrgErrorCode
from .errors import OrgError
from .levels import Datum

#: Degrees that the country lies in, generously: west, south, east, north.
CHINA = (73.0, 3.0, 136.0, 54.0)
#: Chongqing with a margin; the setting O2O_CITY_BOUNDS says otherwise for another city.
CITY = (105.2, 28.1, 110.3, 32.3)
#: Stored positions have six digits: eleven centimetres.
DIGITS = 6
#: Metres of the projection of web maps start far above any degree.
_PROJECTED = 100_000.0

_HOPS: dict[tuple[Datum, Datum], Callable[..., Any]] = {
    (Datum.WGS84, Datum.GCJ02): prcoords.wgs_gcj,
    (Datum.WGS84, Datum.BD09): prcoords.wgs_bd,
    (Datum.GCJ02, Datum.WGS84): prcoords.gcj_wgs_bored,
    (Datum.GCJ02, Datum.BD09): prcoords.gcj_bd,
    (Datum.BD09, Datum.GCJ02): prcoords.bd_gcj_bored,
    (Datum.BD09, Datum.WGS84): prcoords.bd_wgs_bored,
}


def city_bounds() -> tuple[float, float, float, float]:
    """Return the degrees that the city lies in (GCJ-02): west, south, east, north."""
    west, south, east, north = (float(edge) for edge in getattr(settings, "O2O_CITY_BOUNDS", None) or CITY)
    return west, south, east, north


def convert(lng: float, lat: float, source: str, target: str) -> tuple[float, float]:
    """Convert degrees from one datum to another, unrounded, to about a centimetre and never worse than a decimetre.

    Raises OrgError(POSITION_INVALID) for a datum that does not exist and for a position outside China, where the
    shifts are not defined.
    """
    from_datum, to_datum = _datum(source), _datum(target)
    if not _inside(CHINA, lng, lat):
        raise _refusal(_("这个位置不在中国境内"), "lng")
    if from_datum == to_datum:
        return lng, lat
    there = _HOPS[from_datum, to_datum]((lat, lng))
    return float(there.lon), float(there.lat)


def check_position(lng: Any, lat: Any, datum: str = Datum.GCJ02) -> tuple[float, float]:
    """Return the position in GCJ-02, rounded to six digits.

    Takes numbers or their text. Raises OrgError(POSITION_INVALID), which says what is wrong: not a number, longitude
    and latitude swapped, metres instead of degrees, outside China, outside the city (setting O2O_CITY_BOUNDS).
    """
    source = _datum(datum)
    x, y = _number(lng, "lng"), _number(lat, "lat")
    if max(abs(x), abs(y)) >= _PROJECTED:
        raise _refusal(
            _("坐标应是经纬度（度），不是投影坐标（米）"), "lng",
            hint=_("请在拾取坐标时选择经纬度格式，如 106.577, 29.557"),
        )  # fmt: skip
    if not _inside(CHINA, x, y):
        if _inside(CHINA, y, x):
            raise _swapped(x, y)
        raise _refusal(_("这个位置不在中国境内"), "lng", hint=_about_the_city())
    east, north = (round(value, DIGITS) for value in convert(x, y, source, Datum.GCJ02))
    if not _inside(city_bounds(), east, north):
        raise _refusal(_("这个位置不在本市范围内"), "lng", hint=_about_the_city())
    return east, north


def _datum(value: str) -> Datum:
    try:
        return Datum(value)
    except ValueError:
        raise _refusal(
            _("没有这种坐标系"), "datum", hint=_("可选：gcj02（高德、腾讯）、wgs84（GPS）、bd09（百度）")
        ) from None


def _number(value: Any, field: str) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise _refusal(_("经度和纬度要一起填写"), field)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise _refusal(_("经度和纬度应是数字"), field, hint=_("单位是度，如 106.577, 29.557")) from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise _refusal(_("经度和纬度应是数字"), field, hint=_("单位是度，如 106.577, 29.557"))
    return number


def _inside(box: tuple[float, float, float, float], lng: float, lat: float) -> bool:
    west, south, east, north = box
    return west <= lng <= east and south <= lat <= north


def _swapped(lng: float, lat: float) -> OrgError:
    hint = _("经度在前，纬度在后：是不是 {lng}, {lat}？")
    return _refusal(_("经度和纬度写反了"), "lng", hint=str(hint).format(lng=f"{lat:g}", lat=f"{lng:g}"))


def _about_the_city() -> str:
    west, south, east, north = city_bounds()
    hint = _("本市经度 {west}–{east}，纬度 {south}–{north}；请核对坐标和坐标系")
    return str(hint).format(west=f"{west:g}", east=f"{east:g}", south=f"{south:g}", north=f"{north:g}")


def _refusal(message: Any, field: str, hint: Any = None) -> OrgError:
    return OrgError(OrgErrorCode.POSITION_INVALID, message, field=field, hint=hint)
