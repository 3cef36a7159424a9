"""A member's addresses: stock's own rows, each with a place beside it and the unit that serves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.forms import get_address_form
from saleor.account.models import Address, User

from plugins.org_hierarchy.interfaces import OrgUnit, check_position
from plugins.service_map.interfaces import (
    MapError,
    Serving,
    city_name,
    serve_at,
    serving_of_address,
    unit_of_address,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..models import AddressPlace, Member
from ..values import clean_mobile
from .homes import match_home
from .profiles import one_line

#: Addresses that a member keeps at most. What stock adds when an order is placed is not refused, and counts.
MOST = 20
#: Provinces that are cities: their districts stand where others have the city.
MUNICIPAL = ("北京市", "上海市", "天津市", "重庆市")
#: What stock calls a part, and what our input does.
_FIELDS = {
    "country_area": "province", "city": "city", "city_area": "district", "street_address_1": "detail",
    "postal_code": "postcode", "phone": "mobile", "first_name": "name",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An address as somebody typed it. Position in degrees, GCJ-02; both or none."""

    name: str
    mobile: str
    district: str
    detail: str
    door: str = ""
    town: str = ""
    province: str = ""
    city: str = ""
    postcode: str = ""
    lng: float | None = None
    lat: float | None = None
    default: bool | None = None


def addresses_of(member: Member) -> list[Any]:
    """A member's addresses with their places, the default one (`o2o_default`) first.

    What stock changed meanwhile is looked at anew. Two statements where nothing changed. Asks nobody outside.
    """
    user = User.objects.get(pk=member.user_id)
    rows = list(user.addresses.select_related("o2o_place__unit").order_by("-pk"))
    stale = [one for one in rows if _place(one) is None]
    if stale:
        with transaction.atomic():
            lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
            for one in stale:
                _write_place(one, "", None, None, _known(one))
            member.user = user
            match_home(member)
        rows = list(user.addresses.select_related("o2o_place__unit").order_by("-pk"))
    for one in rows:
        one.o2o_default = one.pk == user.default_shipping_address_id
    return sorted(rows, key=lambda one: not one.o2o_default)


def save_address(member: Member, told: Told, *, key: int | None = None, asker: str = "") -> Address:
    """Write an address, new or one's own with this key; the first is the default one.

    One that is there already word for word is not written twice. May ask the map before the transaction (`asker` is
    counted there). Locks: the member. Raises MemberError NOT_FOUND, TOO_MANY, ADDRESS_INVALID and those of the
    fields, OrgError for an impossible position, LockTimeout.
    """
    position = check_position(told.lng, told.lat) if told.lng is not None and told.lat is not None else None
    cleaned, town = _cleaned(told)
    serving = _serving(cleaned, town, position, asker)
    if not cleaned["postal_code"]:
        cleaned["postal_code"] = _postcode(serving)
    _check(cleaned)
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        user = User.objects.get(pk=member.user_id)
        row = _row(user, key, cleaned)
        for name, value in cleaned.items():
            setattr(row, name, value)
        row.save()
        user.addresses.add(row)
        _write_place(row, town, position[0] if position else None, position[1] if position else None, serving)
        if told.default or user.default_shipping_address_id is None:
            _make_default(user, row)
        member.user = user
        match_home(member)
    return next(one for one in addresses_of(member) if one.pk == row.pk)


def drop_address(member: Member, key: int) -> None:
    """Take an address away; the newest of the others is the default one then. Orders keep theirs.

    Locks: the member. Raises MemberError NOT_FOUND, LockTimeout.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        user = User.objects.get(pk=member.user_id)
        row = user.addresses.filter(pk=key).first()
        if row is None:
            raise _gone()
        row.delete()
        user = User.objects.get(pk=member.user_id)
        if user.default_shipping_address_id is None:
            other = user.addresses.order_by("-pk").first()
            if other is not None:
                _make_default(user, other)
        member.user = user
        match_home(member)


def make_default(member: Member, key: int) -> None:
    """Make one's own address the default one. Locks: the member. Raises MemberError NOT_FOUND, LockTimeout."""
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        user = User.objects.get(pk=member.user_id)
        row = user.addresses.filter(pk=key).first()
        if row is None:
            raise _gone()
        _make_default(user, row)
        member.user = user
        match_home(member)


def require_room(user: Any) -> None:
    """Refuse one more address than a member keeps, under the lock of the member. Raises MemberError TOO_MANY."""
    lock_rows(Member.objects.filter(user_id=user.pk), no_key=True)
    if user.addresses.count() >= MOST:
        raise MemberError(
            Code.TOO_MANY, _("最多保存 %(most)d 个地址") % {"most": MOST}, None, _("请先删除不用的地址")
        )


def mark_of(address: Address) -> str:
    """A keyed digest of what an address says of where it is."""
    said = (
        address.country_area,
        address.city,
        address.city_area,
        address.street_address_1,
        address.street_address_2,
    )
    return blind_index("\0".join(said), "members.address")


def _place(address: Address) -> AddressPlace | None:
    place = getattr(address, "o2o_place", None)
    return place if place is not None and place.mark == mark_of(address) else None


def _cleaned(told: Told) -> tuple[dict[str, Any], str]:
    """What stock's columns take, and the town."""
    name, detail = one_line(told.name, 40), one_line(told.detail, 120)
    for field, value, words in (
        ("name", name, _("请填写收件人")), ("district", told.district.strip(), _("请选择区县")),
        ("detail", detail, _("请填写街道、小区和门牌号")),
    ):  # fmt: skip
        if not value:
            raise MemberError(Code.REQUIRED, words, field)
    mobile, town = clean_mobile(told.mobile), one_line(told.town, 30)
    province = one_line(told.province, 30) or city_name()
    district, city = one_line(told.district, 30), one_line(told.city, 30)
    municipal = province in MUNICIPAL
    if not municipal and not city:
        raise MemberError(Code.REQUIRED, _("请选择城市"), "city")
    return {
        "first_name": name, "last_name": "", "phone": f"+86{mobile}", "country": "CN", "country_area": province,
        "city": district if municipal else city, "city_area": "" if municipal else district,
        "street_address_1": detail if detail.startswith(town) else f"{town}{detail}",
        "street_address_2": one_line(told.door, 60), "postal_code": told.postcode.strip()[:6], "company_name": "",
    }, town  # fmt: skip


def _check(cleaned: dict[str, Any]) -> None:
    """By stock's own form, so that a checkout takes the address later. Raises ADDRESS_INVALID."""
    form, _preview = get_address_form(dict(cleaned), "CN")
    if form.is_valid():
        return
    field = next(iter(form.errors))
    raise MemberError(
        Code.ADDRESS_INVALID, _("地址不正确：%(part)s") % {"part": _PARTS.get(field, _("请核对"))},
        _FIELDS.get(field), _("省、市、区县请从列表里选择，用全称，如：重庆市 渝中区"),
    )  # fmt: skip


_PARTS = {
    "country_area": _("没有这个省份"), "city": _("没有这个城市或区县"), "city_area": _("没有这个区县"),
    "postal_code": _("邮编应是 6 位数字"), "phone": _("手机号不正确"),
}  # fmt: skip


def _serving(
    cleaned: dict[str, Any], town: str, position: tuple[float, float] | None, asker: str
) -> Serving | None:
    """Who serves the address: by its position, else by its words. None beyond the city, and where nobody knows."""
    if cleaned["country_area"] != city_name():
        return None
    if position is not None:
        return serve_at(*position)
    try:
        street = f"{cleaned['street_address_1']}{cleaned['street_address_2']}"
        return serving_of_address(cleaned["city"], street, asker).serving
    except MapError:
        return None


def _known(address: Address) -> Serving | None:
    if address.country_area not in ("", city_name()):
        return None
    return unit_of_address(address.city, f"{address.street_address_1}{address.street_address_2}")


def _postcode(serving: Serving | None) -> str:
    """The serving unit's, or that of a unit above it: nobody knows the postcode at home by heart."""
    unit: OrgUnit | None = serving.unit if serving is not None else None
    while unit is not None:
        if unit.postcode:
            return unit.postcode
        unit = unit.parent
    return "000000"


def _row(user: User, key: int | None, cleaned: dict[str, Any]) -> Address:
    if key is not None:
        row = user.addresses.filter(pk=key).first()
        if row is None:
            raise _gone()
        return row
    same = user.addresses.filter(**cleaned).first()
    if same is not None:
        return same
    require_room(user)
    return Address()


def _write_place(
    address: Address, town: str, lng: float | None, lat: float | None, serving: Serving | None
) -> None:
    AddressPlace.objects.update_or_create(
        address=address,
        defaults={
            "mark": mark_of(address), "town": town, "lng": lng, "lat": lat,
            "unit": serving.unit if serving is not None else None,
            "basis": str(serving.basis) if serving is not None else "",
            "told": serving.text[:200] if serving is not None else "", "found_at": now(),
        },
    )  # fmt: skip


def _make_default(user: User, address: Address) -> None:
    user.default_shipping_address = address
    user.default_billing_address = address
    user.save(update_fields=["default_shipping_address", "default_billing_address"])


def _gone() -> DomainError:
    return MemberError(Code.NOT_FOUND, _("没有这个地址，或已删除"), "id")


def in_words(addresses: Iterable[Address]) -> list[str]:
    """Addresses as people write them."""
    return [
        "".join((one.country_area, one.city, one.city_area, one.street_address_1, one.street_address_2))
        for one in addresses
    ]
