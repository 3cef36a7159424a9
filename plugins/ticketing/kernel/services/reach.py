"""Who may do something with tickets: whoever bought them, a guest with the order's token, the staff in reach."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from plugins.members.interfaces import member_of, primary_mobile
from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, require, rows_for

from ..access import CARRIERS_FAULT
from ..choices import ChangeCause, GivenCause, RefundCause
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..guest_access import is_foreign, opens
from ..models import Ticket, TicketOrder

_KEY = re.compile(r"[A-Za-z0-9_:.-]{8,64}")
#: Causes that somebody may say.
GIVEN = frozenset({*GivenCause.values, ChangeCause.MISSED})
#: Tickets that can be handled at once.
MOST = 200


def typed(text: str, most: int = 24) -> str:
    """A number or word as it came over the line: nothing that a database chokes on."""
    return (text or "").replace("\x00", "").strip()[:most]


def typed_key(told: Any) -> int:
    """A row's key as it came over the line; 0, which no row has, for what is none."""
    text = str(told or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def check_key(key: str) -> str:
    """A client's key: 8 to 64 letters, digits, `-`, `_`, `.`, `:`. Raises TicketError KEY_INVALID."""
    if not _KEY.fullmatch(key or ""):
        raise TicketError(Code.KEY_INVALID, _("请求号须为 8 到 64 位字母、数字、-、_、. 或 :"), "key")
    return key


def own_mobile(by: Any) -> str:
    """The mobile of the member who asks, for what he books without typing it: he is shown it masked. Empty for guests,
    the staff, and members without one. Two statements."""
    member = member_of(by)
    return primary_mobile(member) if member is not None else ""


def is_buyer(by: Any, order: TicketOrder, token: str = "") -> bool:
    """Whether it is one's own: by login, or as a guest who knows the token of the order, or has a pass of an hour."""
    if order.user_id is not None:
        return bool(getattr(by, "is_authenticated", False)) and order.user_id == by.pk
    if not token or not token.isascii():
        return False
    if order.order is not None and hmac.compare_digest(order.order.token.encode(), token.encode()):
        return True
    return opens(order, token) and not is_foreign(order)


def unit_for(by: Any, order: TicketOrder, right: str, *, token: str = "", cause: str = "") -> OrgUnit:
    """The unit at which somebody does this with an order: the order's for its buyer, the own one of the staff.

    Raises OutOfScope (neither), NotAllowed (not this, or not as the carrier's fault), TicketError INVALID_INPUT for a
    cause that nobody says: that money went back elsewhere, or that nothing was issued, is found out.
    """
    if is_buyer(by, order, token):
        # who missed his bus changes by a rule of its own, which knows the bus, the hour and the network
        if cause and cause not in (RefundCause.PASSENGER, ChangeCause.MISSED):
            raise NotAllowed
        unit: OrgUnit = order.unit
        return unit
    if not getattr(by, "is_authenticated", False):
        raise OutOfScope
    require(by, right, order)
    if cause and cause not in GIVEN:
        raise TicketError(Code.INVALID_INPUT, _("不能按这个原因办理"), "cause", _("请重新选择原因方"))
    if cause and cause not in (RefundCause.PASSENGER, ChangeCause.MISSED):
        require(by, CARRIERS_FAULT, order)
    return order.unit if by.is_superuser else desk_of(by, right)


def tickets_for(by: Any, numbers: Collection[str], token: str = "") -> list[Ticket]:
    """Tickets by their numbers, all of one order, for its buyer or the staff in reach, in their order.

    Raises OutOfScope, TicketError INVALID_INPUT.
    """
    wanted = list(dict.fromkeys(typed(str(one)) for one in numbers))
    if not wanted or len(wanted) > MOST:
        raise TicketError(Code.INVALID_INPUT, _("请选择车票（门票）"), "tickets")
    rows = Ticket.objects.filter(number__in=wanted).select_related(
        "ticket_order__order", "ticket_order__unit"
    )
    found = sorted(rows, key=lambda one: one.pk)
    orders = {one.ticket_order_id for one in found}
    if len(found) != len(wanted) or len(orders) != 1:
        if len(orders) > 1 and all(reaches(by, one.ticket_order, token) for one in found):
            raise TicketError(Code.INVALID_INPUT, _("请一次只办理一张订单的票"), "tickets")
        raise OutOfScope
    if not reaches(by, found[0].ticket_order, token):
        raise OutOfScope
    return found


def reaches(by: Any, order: TicketOrder, token: str) -> bool:
    """Whether somebody sees an order at all."""
    if is_buyer(by, order, token):
        return True
    if not getattr(by, "is_authenticated", False):
        return False
    return rows_for(by, TicketOrder).filter(pk=order.pk).exists()
