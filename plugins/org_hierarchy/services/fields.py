"""What may be typed about a unit: every field checked and tidied, for forms, the API and files alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..datum import check_position
from ..errors import OrgError, OrgErrorCode
from ..geometry import check_polygon
from ..levels import BusinessScope, Datum
from ..models import OrgUnit, Staff, StaffStatus
from ..models.unit import CODE
from .hours import check_hours

#: Metres; nobody delivers further from one office.
MAX_RADIUS = 200_000
_REGION = re.compile(r"\d{6}(\d{3}|\d{6})?")
_POSTCODE = re.compile(r"\d{6}")
_PHONE = re.compile(r"[0-9+＋()（） \-—转,，、/]{3,32}")
_PLAIN = re.compile(r"[0-9A-Za-z._\-]{1,40}")


def invalid(field: str, message: Any, hint: Any = None) -> OrgError:
    """An error of one field."""
    return OrgError(OrgErrorCode.INVALID, message, field=field, hint=hint)


def clean(values: Mapping[str, Any], unit: OrgUnit | None = None) -> tuple[dict[str, Any], list[OrgError]]:
    """Return the tidy values of the fields named, and everything that is wrong with the others.

    `lng` and `lat` come in the datum named by `datum` (GCJ-02 without it) and are turned into GCJ-02; `unit` is the
    row that is changed: a position that is the stored one is left as it is. Unknown fields are an error.
    """
    found: dict[str, Any] = {}
    errors: list[OrgError] = []
    for name, value in values.items():
        if name in ("lng", "lat", "datum"):
            continue
        check = _CHECKS.get(name)
        try:
            if check is None:
                raise invalid(name, _("没有这个字段，或不能这样修改"))
            found[name] = check(name, value)
        except OrgError as error:
            errors.append(error)
    if values.keys() & {"lng", "lat"}:
        try:
            found |= _position(values, unit)
        except OrgError as error:
            errors.append(error)
    return found, errors


def checked(values: Mapping[str, Any], unit: OrgUnit | None = None) -> dict[str, Any]:
    """Return the tidy values. Raises the first OrgError."""
    found, errors = clean(values, unit)
    if errors:
        raise errors[0]
    return found


def _position(values: Mapping[str, Any], unit: OrgUnit | None) -> dict[str, Any]:
    stored = (unit.lng, unit.lat) if unit is not None else (None, None)
    # An edit may name one of the two; the other stays.
    lng, lat = (values.get(name, old) for name, old in zip(("lng", "lat"), stored, strict=True))
    if lng in (None, "") and lat in (None, ""):
        return {"lng": None, "lat": None}
    if (lng, lat) == stored:
        return {}
    datum = values.get("datum") or Datum.GCJ02
    east, north = check_position(lng, lat, datum)
    return {"lng": east, "lat": north, "source_datum": datum}


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid(name, _("应是文字"))
    text = " ".join(value.split())
    if any(not character.isprintable() for character in text):
        raise invalid(name, _("含有不可见的字符"))
    longest = getattr(OrgUnit._meta.get_field(name), "max_length", None)
    if longest and len(text) > longest:
        raise invalid(name, _("最多 %(most)s 个字") % {"most": longest})
    return text


def _required(name: str, value: Any) -> str:
    text = _text(name, value)
    if not text:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写此项"), field=name)
    return text


def _code(name: str, value: Any) -> str:
    text = _required(name, value).upper()
    try:
        CODE(text)
    except ValidationError:
        raise invalid(name, CODE.message) from None
    return text


def _matching(pattern: re.Pattern[str], message: Any) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        text = _text(name, value)
        if text and not pattern.fullmatch(text):
            raise invalid(name, message)
        return text

    return check


def _manager(name: str, value: Any) -> Staff | None:
    if value is None:
        return None
    if not isinstance(value, Staff):
        raise invalid(name, _("请选择一名员工"))
    if value.status != StaffStatus.ACTIVE:
        raise OrgError(
            OrgErrorCode.STAFF_NOT_ACTIVE,
            _("%(name)s不在职，不能做负责人") % {"name": value.name},
            field=name,
        )
    return value


def _radius(name: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        metres = int(value)
    except (TypeError, ValueError, OverflowError):
        raise invalid(name, _("应是整数，单位米")) from None
    if isinstance(value, float) and value != metres:
        raise invalid(name, _("应是整数，单位米"))
    if not 0 < metres <= MAX_RADIUS:
        raise invalid(name, _("应在 1 到 %(most)s 米之间") % {"most": MAX_RADIUS})
    return metres


def _area(_name: str, value: Any) -> dict[str, Any] | None:
    return None if value in (None, "", {}) else check_polygon(value)


def _scope(name: str, value: Any) -> list[str]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple | set):
        raise invalid(name, _("应是业务范围的列表"))
    wrong = [one for one in value if one not in BusinessScope]
    if wrong:
        raise invalid(
            name,
            _("没有这种业务：%(names)s") % {"names": "、".join(map(str, wrong))[:60]},
            hint=_("可选：%(names)s") % {"names": "、".join(map(str, BusinessScope.labels))},
        )
    return [one.value for one in BusinessScope if one in value]


def _day(name: str, value: Any) -> date:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise invalid(name, _("应是日期，如 2026-07-01")) from None
    if not isinstance(value, date):
        raise invalid(name, _("应是日期，如 2026-07-01"))
    if not 1949 <= value.year <= 2100:
        raise invalid(name, _("年份不对"))
    return value


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "code": _code,
    "name": _required,
    "short_name": _text,
    "region_code": _matching(_REGION, _("应是 6、9 或 12 位数字的行政区划代码")),
    "manager": _manager,
    "duty_phone": _matching(_PHONE, _("电话只能有数字、加号、括号、短横线和“转”")),
    "address": _text,
    "postcode": _matching(_POSTCODE, _("应是 6 位数字")),
    "service_area": _area,
    "delivery_radius": _radius,
    "business_hours": lambda name, value: check_hours(value, name),
    "business_scope": _scope,
    "cost_centre": _matching(_PLAIN, _("只能有字母、数字、点和短横线")),
    "commission_template": _matching(_PLAIN, _("只能有字母、数字、点和短横线")),
    "effective_from": _day,
}
#: The fields that a person may give a unit; `datum` goes with the position.
FIELDS = (*_CHECKS, "lng", "lat", "datum")
