"""Whose order it is, as far as channels know: asked by the organisation when an order is written.

10 the shop named on the checkout; 15 the customer's binding; 18 the counter of the operator's unit; 85 the website.
Between 30 and 80 is room for the branch that serves an address.
"""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import Claim, access_of, register_source, staff_of

from .types import OPEN, ChannelType


def install() -> None:
    """Register the sources; called once when the app is ready."""
    register_source("channel_code", 10, _named)
    register_source("channel_binding", 15, _bound)
    register_source("channel_counter", 18, _counter)
    register_source("channel_web", 85, _web)


def _operator(origin: Any) -> Any:
    staff = staff_of(origin.user) if origin.user is not None else None
    return staff.user if staff is not None else None


def _claim(channel: Any, basis: str, origin: Any) -> Claim:
    return Claim(channel.unit, basis, channel.type, channel.code, _operator(origin))


def _named(order: Any, origin: Any) -> Claim | None:
    from .models import Channel
    from .pricing import channel_code_of

    code = channel_code_of(order)
    if not code:
        return None
    channel = Channel.objects.select_related("unit").filter(code=code, status__in=OPEN).first()
    return _claim(channel, "shop_code", origin) if channel is not None else None


def _bound(order: Any, origin: Any) -> Claim | None:
    """The customer's channel. An order that staff make counts for it only where they could see it afterwards."""
    from .models import CustomerBinding

    if order.user_id is None:
        return None
    bound = (
        CustomerBinding.objects.select_related("channel__unit")
        .filter(customer_id=order.user_id, ended_at__isnull=True, channel__status__in=OPEN)
        .first()
    )
    if bound is None:
        return None
    staff = staff_of(origin.user) if origin.user is not None else None
    if staff is not None and not access_of(origin.user).may_at("order.view", bound.channel.unit):
        return None
    return _claim(bound.channel, "binding", origin)


def _counter(_order: Any, origin: Any) -> Claim | None:
    """A member of the staff makes it at an outlet: the outlet's own channel."""
    staff = staff_of(origin.user) if origin.user is not None else None
    if staff is None:
        return None
    from .models import Channel

    counter = Channel.objects.filter(unit_id=staff.unit_id, type=ChannelType.OUTLET, status__in=OPEN).first()
    if counter is None:
        return None
    return Claim(staff.unit, "operator", counter.type, counter.code, staff.user)


def _web(_order: Any, _origin: Any) -> Claim | None:
    """Nobody else's: the company's website, if it is written down as a channel of the city."""
    from .models import Channel

    site = (
        Channel.objects.select_related("unit")
        .filter(type=ChannelType.WEB, status__in=OPEN, unit__parent__isnull=True)
        .order_by("pk")
        .first()
    )
    return Claim(site.unit, "city", site.type, site.code) if site is not None else None
