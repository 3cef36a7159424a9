"""Where somebody sells: the unit of the clerk, one within reach, or a channel of one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.channels.interfaces import BINDING_TYPES, OPEN, Channel, ChannelType, owned_channels
from plugins.org_hierarchy.interfaces import Claim, Level, OrgUnit, register_source, staff_of
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for

from .error_codes import CounterErrorCode
from .errors import CounterError
from .models import CounterSale, FloatAccount
from .permissions import SELL, may_at, require_at

#: Channels that are the unit itself: one over its counter, one over the telephone. Cash goes to the unit's own float.
OF_THE_UNIT = (ChannelType.OUTLET, ChannelType.TELEPHONE)
#: Channels of the own unit that its people sell through: partners' shops, and the telephone.
STAFFED = (*BINDING_TYPES, ChannelType.TELEPHONE)
#: How many places the workbench offers for choice.
OFFERED = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A selling place: a unit's own counter, or one of its channels."""

    unit: OrgUnit
    channel: Channel | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        if self.channel is not None and self.channel.type != ChannelType.OUTLET:
            return str(self.channel.name)
        return str(self.unit.name)

    @property
    def address(self) -> str:
        """Where the goods are fetched."""
        own = self.shop.address if self.shop is not None else ""
        return str(own or self.unit.address)

    @property
    def channel_code(self) -> str:
        return self.channel.code if self.channel is not None else ""

    @property
    def channel_type(self) -> str:
        return self.channel.type if self.channel is not None else ""

    @property
    def shop(self) -> Channel | None:
        """The channel whose own prices count here; None at the company's own counters."""
        return self.channel if self.channel is not None and self.channel.type in BINDING_TYPES else None

    @property
    def is_open(self) -> bool:
        """True when it sells now."""
        return bool(self.unit.is_open and (self.channel is None or self.channel.is_open))

    @property
    def float_code(self) -> str:
        """The channel code that the float is kept under: a unit's own counter and telephone have the unit's float."""
        return "" if self.channel_type in ("", *OF_THE_UNIT) else self.channel_code

    @property
    def key(self) -> str:
        """How pages and programs name it: the unit's code, or `unit/channel`."""
        counter = self.channel_type in ("", ChannelType.OUTLET)
        return str(self.unit.code) if counter else f"{self.unit.code}/{self.channel_code}"


def home_of(user: Any) -> Place | None:
    """The counter of the unit that the user belongs to, or the shop that he owns.

    None for people without a file, or who may not sell there.
    """
    if not user.is_staff:
        return next(iter(_owned(user)), None)
    staff = staff_of(user)
    if staff is None or not may_at(user, SELL, staff.unit):
        return None
    return _counter_of(staff.unit)


def telephone_of(user: Any) -> Place | None:
    """The telephone of the user's own unit, if it sells over one now; None for those who may not sell there."""
    home = home_of(user)
    if home is None or not user.is_staff or not home.unit.is_open:
        return None
    channel = _open_channels().filter(unit=home.unit, type=ChannelType.TELEPHONE).order_by("pk").first()
    return Place(home.unit, channel) if channel is not None else None


def place_of(user: Any, key: str = "") -> Place:
    """The place that a key names, or the user's own for none, if it sells now.

    Raises OutOfScope for a place out of reach, NotAllowed, CounterError PLACE_CLOSED and PERMISSION_DENIED.
    """
    place = named_place(user, key)
    if not place.is_open:
        raise CounterError(CounterErrorCode.PLACE_CLOSED, _("这个销售点没有营业，不能下单"), "place")
    return place


def named_place(user: Any, key: str = "") -> Place:
    """The place that a key names, or the user's own for none, whether it sells now or not. Errors as `place_of`."""
    if key:
        return _named(user, key)
    place = home_of(user)
    if place is None:
        raise CounterError(
            CounterErrorCode.PERMISSION_DENIED,
            _("您没有可以销售的网点或店铺"),
            "place",
            _("请联系支局长或区县中心分配岗位"),
        )
    return place


def places_for(user: Any) -> list[Place]:
    """The places that the user may choose from, the own one first.

    For the staff branches and outlets in reach, at most fifty, and the shops and the telephone of the own unit; for an
    owner his shops.
    """
    if not user.is_staff:
        return _owned(user)
    found = [home] if (home := home_of(user)) else []
    reach = rows_for(user, OrgUnit, SELL).filter(level__gte=Level.BRANCH).order_by("path")[:OFFERED]
    units = [unit for unit in reach if unit.is_open]
    counters = {
        one.unit_id: one
        for one in _open_channels().filter(unit__in=units, type=ChannelType.OUTLET).select_related("unit")
    }
    own = found[0].unit.pk if found else None
    shops = _open_channels().filter(unit_id=own, type__in=STAFFED).order_by("name")[:OFFERED]
    return [
        *found,
        *(Place(found[0].unit, shop) for shop in shops),
        *(Place(unit, counters.get(unit.pk)) for unit in units if unit.pk != own),
    ]


def _owned(user: Any) -> list[Place]:
    return [Place(one.unit, one) for one in owned_channels(user).select_related("unit")]


def _named(user: Any, key: str) -> Place:
    if not user.is_staff:
        for place in _owned(user):
            if place.key == key:
                return place
        raise OutOfScope
    code, _slash, channel_code = key.partition("/")
    unit = OrgUnit.objects.filter(code=code).first()
    if unit is None or not may_at(user, SELL, unit):
        raise OutOfScope
    require_at(user, SELL, unit)
    if not channel_code:
        return _counter_of(unit)
    channel = _open_channels().filter(code=channel_code, unit=unit).first()
    if channel is None:
        raise OutOfScope
    return Place(unit, channel)


def _counter_of(unit: OrgUnit) -> Place:
    return Place(unit, _open_channels().filter(unit=unit, type=ChannelType.OUTLET).first())


def _open_channels() -> QuerySet[Channel]:
    return Channel.objects.filter(status__in=OPEN)


def place_of_sale(sale: CounterSale) -> Place:
    """Where a sale was made, as it is called now. One statement."""
    code = sale.channel_code
    channel = Channel.objects.select_related("shop").filter(code=code).first() if code else None
    return Place(sale.unit, channel)


def float_of(place: Place) -> FloatAccount | None:
    """The float that cash at this place is booked on: its own, or for an outlet without one its branch's."""
    if place.float_code:
        return FloatAccount.objects.filter(channel_code=place.float_code).first()
    own = FloatAccount.objects.filter(unit=place.unit, channel_code="").first()
    if own is not None or place.unit.level != Level.OUTLET:
        return own
    return FloatAccount.objects.filter(unit_id=place.unit.parent_id, channel_code="").first()


def require_place(user: Any, place: Place) -> None:
    """Raise NotAllowed unless the user may sell at the place."""
    if user.is_staff or user.is_superuser:
        require_at(user, SELL, place.unit)
    elif place.channel is None or place.channel.owner_user_id != user.pk:
        raise NotAllowed


_selling: ContextVar[tuple[Place, Any] | None] = ContextVar("o2o_counter_selling_at", default=None)


@contextmanager
def selling_at(place: Place, user: Any) -> Iterator[None]:
    """Have orders written in this block count for the place and the clerk."""
    token = _selling.set((place, user))
    try:
        yield
    finally:
        _selling.reset(token)


def _claim(_order: Any, _origin: Any) -> Claim | None:
    selling = _selling.get()
    if selling is None:
        return None
    place, user = selling
    return Claim(place.unit, "counter", place.channel_type, place.channel_code, user)


def install() -> None:
    """Register the attribution of counter sales, before every other; called once when the app is ready."""
    register_source("counter_sale", 5, _claim)
