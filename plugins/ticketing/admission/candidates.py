"""Whose a product is: our own inventory, or a supplier whose adapter says what it calls a visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.trades import Candidate

from .models import AdmissionProduct, Session, Slot, TicketClass

#: The adapter of our own inventory.
OWN = "own"
_CODES = {Trade.SCENIC.value: "OWN-SCENIC", Trade.SHOW.value: "OWN-SHOW"}
OWN_CODES = list(_CODES.values())
_NAMES = {Trade.SCENIC.value: "自营景区票库", Trade.SHOW.value: "自营演出票库"}


@dataclass(frozen=True, slots=True)
class Visit:
    """What is wanted of a product: a session, a slot, a day, or none of them; in a channel."""

    product: AdmissionProduct
    classes: Sequence[TicketClass]
    channel: str
    session: Session | None = None
    slot: Slot | None = None
    day: date | None = None


#: Tells what a supplier calls a visit: the `product` of `kernel.trades.Candidate`.
Caller = Callable[[Visit], Mapping[str, Any]]
_callers: dict[str, Caller] = {}


def register_caller(adapter: str, caller: Caller) -> None:
    """Say how visits are called by an adapter's suppliers; apps do it when they are ready."""
    _callers[adapter] = caller


def own_account(trade: str) -> SupplierAccount:
    """The account of our own inventory for a trade; made at the first call."""
    found, _new = SupplierAccount.objects.get_or_create(
        code=_CODES[trade],
        defaults={"name": _NAMES[trade], "trade": trade, "adapter": OWN, "hold_minutes": 15},
    )
    return found


def is_own(product: AdmissionProduct) -> bool:
    """Whether it is sold from our own inventory."""
    return product.supplier is None or product.supplier.adapter == OWN


def candidate_for(visit: Visit, costs: Mapping[str, Decimal]) -> Candidate:
    """The supplier of a visit and what it calls it; `costs`: yuan by class code. Raises AdmissionError NOT_ON_SALE."""
    account = visit.product.supplier or own_account(visit.product.trade)
    if account.adapter == OWN:
        return Candidate(account.code, own_product(visit), costs)
    caller = _callers.get(account.adapter)
    if caller is None or not account.active:
        from .errors import AdmissionError, AdmissionErrorCode

        raise AdmissionError(
            AdmissionErrorCode.NOT_ON_SALE, _("这个产品暂时不能购买"), "product", _("请稍后再试")
        )
    return Candidate(account.code, caller(visit), costs)


def own_product(visit: Visit) -> dict[str, Any]:
    """What our own inventory calls a visit: keys, and classes by code."""
    session = visit.session
    return {
        "product": visit.product.pk,
        "session": session.pk if session is not None else None,
        "seat_map": session.seat_map_id if session is not None else None,
        "slot": visit.slot.pk if visit.slot is not None else None,
        "day": visit.day.isoformat() if visit.day is not None else None,
        "channel": visit.channel,
        "classes": {one.code: [one.pk, one.category] for one in visit.classes},
    }
