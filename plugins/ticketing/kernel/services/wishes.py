"""Whether a wish can be held at all: what no trade may ask for, and nobody in two places at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.money import InvalidAmount, to_fen

from ..choices import OrderState, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..locks import TicketLock
from ..models import TicketOrder, TicketPassenger
from ..passengers import Trip, overlapping
from ..trades import Want, Wish

#: Tickets of one order; more is a group, which people make an offer for.
MOST = 50
_LIVE = (OrderState.HOLDING, OrderState.HELD, OrderState.PAID, OrderState.ISSUING, OrderState.ISSUED)
_COUNTS = (
    TicketState.HELD,
    TicketState.ISSUED,
    TicketState.PART_USED,
    TicketState.USED,
    TicketState.REFUNDING,
    TicketState.CHANGING,
)


def check(wish: Wish, moment: datetime) -> None:
    """Refuse what cannot be held. Raises TicketError INVALID_INPUT, TOO_LATE."""
    if not 1 <= len(wish.wants) <= MOST:
        raise TicketError(
            Code.INVALID_INPUT, _("每单可买 1 至 %(most)d 张") % {"most": MOST}, "tickets", _("请分开下单")
        )
    if wish.ends_at < wish.starts_at:
        raise TicketError(Code.INVALID_INPUT, _("结束时间早于开始时间"), "trip")
    if wish.ends_at <= moment or (wish.latest is not None and wish.latest <= moment):
        raise TicketError(
            Code.TOO_LATE, _("已停止售票"), "trip", _("请选择更晚的班次或场次")
        )  # fmt: skip
    for index, want in enumerate(wish.wants):
        _check_want(want, index, wish.wants)


def _check_want(want: Want, index: int, wants: Sequence[Want]) -> None:
    try:
        amounts = [to_fen(one) for one in (want.face, want.price, want.service, want.full_fare)]
    except InvalidAmount as error:
        raise TicketError(Code.INVALID_INPUT, error.message, "tickets") from error
    if min(amounts) < 0 or want.service > want.price:
        raise TicketError(Code.INVALID_INPUT, _("票价不正确"), "tickets", _("请重新查询后再下单"))
    if not 1 <= want.uses <= 500:
        raise TicketError(Code.INVALID_INPUT, _("人次须为 1 至 500"), "tickets")
    with_whom = want.carried_by
    if with_whom is not None and (
        not 0 <= with_whom < len(wants) or with_whom == index or wants[with_whom].carried_by is not None
    ):
        raise TicketError(Code.INVALID_INPUT, _("随行儿童须有购票的成人"), "tickets")


def refuse_overlap(wish: Wish, user: Any, instead_of: TicketOrder | None = None) -> None:
    """Refuse a passenger who is on another trip at that time; `instead_of`: the order that is changed for this one.

    In the transaction that writes the passengers. Locks: each person by name (advisory), until it ends. Where the
    other trip is somebody else's purchase the refusal does not tell which. Raises TicketError TRIPS_OVERLAP,
    LockTimeout.
    """
    people = sorted({want.passenger.index for want in wish.wants if want.passenger is not None})
    if not wish.overlap or not people:
        return
    advisory_lock(TicketLock.PERSON, *people)
    rows = (
        TicketPassenger.objects.filter(
            document_index__in=people, ticket_order__state__in=_LIVE, ticket_order__starts_at__lt=wish.ends_at,
            ticket_order__ends_at__gt=wish.starts_at, tickets__state__in=_COUNTS,
        )
        .exclude(ticket_order__state__in=(OrderState.HOLDING, OrderState.HELD), ticket_order__held_until__lt=now())
        .exclude(ticket_order=instead_of)
        .values_list(
            "document_index", "ticket_order__starts_at", "ticket_order__ends_at", "ticket_order__title",
            "ticket_order__user",
        )
    )  # fmt: skip
    there = [
        Trip(index, start, end, title if user and owner == user.pk else "")
        for index, start, end, title, owner in rows
    ]
    found = overlapping([Trip(index, wish.starts_at, wish.ends_at) for index in people], there)
    if found is None:
        return
    named = found[1].name
    words = (
        _("同一位旅客在这段时间已有行程：%(trip)s") % {"trip": named}
        if named
        else _("同一位旅客在这段时间已有行程")
    )
    raise TicketError(Code.TRIPS_OVERLAP, words, "passengers", _("请先退票或改签原来的行程，或换一个时间"))
