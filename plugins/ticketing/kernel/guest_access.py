"""What opens an order that was bought without an account: the link of its text message, and the pass of an hour.

The link names an order and proves nothing: whoever has it may have a code sent to the order's telephone. Whoever types
that code gets a pass for everything that was bought without an account with that telephone. Both are signed and kept by
nobody; an order whose customer is forgotten has neither any more.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils.http import base36_to_int, int_to_base36

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index

from .models import TicketOrder

#: So long a telephone that was proven by a code acts for its orders.
GOOD_FOR = timedelta(hours=1)
_SALT = "ticketing.guest_pass"
#: Hexadecimal digits of a link's proof that we wrote it: 48 bits, and what it opens asks for a code.
_PROOF = 12

#: Whether an order's tickets were bought by somebody else than its telephone's owner.
Foreign = Callable[[TicketOrder], bool]
_foreign: list[Foreign] = []


def register_foreign(foreign: Foreign) -> None:
    """Say which orders are only looked at with a pass (a reseller's); apps call it when they are ready."""
    _foreign.append(foreign)


def is_foreign(order: TicketOrder) -> bool:
    """Whether the telephone's owner may show the tickets, and nothing else: somebody else bought them."""
    return any(foreign(order) for foreign in _foreign)


def link_of(order: TicketOrder) -> str:
    """The page of an order, for its text messages; short, and it says nothing of persons."""
    home = settings.PUBLIC_URL.rstrip("/")
    if order.user_id is not None:
        return f"{home}/h5/ticket-orders/{order.number}"
    return f"{home}/h5/g/{link_token(order)}"


def link_token(order: TicketOrder) -> str:
    """What stands in the link of an order without an account."""
    return f"{int_to_base36(order.pk)}-{_proof(order)}"


def order_of_link(token: str) -> TicketOrder | None:
    """The order of a link; None for a link that we did not write, or whose customer is forgotten. One statement."""
    told, _dash, proof = token[:40].partition("-")
    try:
        pk = base36_to_int(told)
    except ValueError:
        return None
    if not 0 < pk < 2**63 or not proof.isascii():
        return None
    order = TicketOrder.objects.select_related("order").filter(pk=pk, user=None).first()
    if order is None or not order.mobile_index or not hmac.compare_digest(_proof(order), proof.lower()):
        return None
    return order


def _proof(order: TicketOrder) -> str:
    return blind_index(f"{order.pk}:{order.mobile_index}", "ticketing.guest_link")[:_PROOF].lower()


def pass_for(order: TicketOrder) -> tuple[str, datetime]:
    """A pass for the orders without an account of this order's telephone, which was just proven; and its end."""
    until = int((now() + GOOD_FOR).timestamp())
    return _signer(order).sign(int_to_base36(until)), datetime.fromtimestamp(until, UTC)


def opens(order: TicketOrder, told: str) -> bool:
    """Whether this is a pass for the order's telephone, and good now. An account's order is opened by its account."""
    if order.user_id is not None or not order.mobile_index or not told or not told.isascii():
        return False
    try:
        until = base36_to_int(_signer(order).unsign(told))
    except (signing.BadSignature, ValueError):
        return False
    return until > now().timestamp()


def _signer(order: TicketOrder) -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}:{order.mobile_index}")
