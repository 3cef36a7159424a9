"""Whether a wish can be held at all: what no trade may ask for, and nobody in two places at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
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


def refuse_no_change(wish: Wish, old: TicketOrder) -> None:
    """Refuse a hold that is to replace tickets which cannot be changed, or of other people: it is free of the limits
    of a purchase because it is none. One statement; what counts is looked at again when the change is submitted.

    Raises TicketError NOT_POSSIBLE, TARGET_WRONG.
    """
    tickets = old.tickets.filter(state=TicketState.ISSUED, used=0, back=0)
    left: Counter[str | None] = Counter(tickets.values_list("passenger__document_index", flat=True))
    if old.trade != wish.trade or old.state != OrderState.ISSUED or not left:
        raise TicketError(
            Code.NOT_POSSIBLE,
            _("原订单没有可以改签的票"),
            "insteadOf",
            _("请到订单里查看；要另买的请直接下单"),
        )
    wanted: Counter[str | None] = Counter(
        want.passenger.index if want.passenger is not None else None for want in wish.wants
    )
    if wanted - left:
        raise TicketError(
            Code.TARGET_WRONG, _("改签的乘客（观众）须与原票相同"), "passengers", _("其他人请另外购票")
        )


def refuse_overlap(wish: Wish, user: Any, instead_of: TicketOrder | None = None) -> None:
    """Refuse a passenger who is on another trip at that time; `instead_of`: the order that is changed for this one,
    which does not count, nor does what is held for the same change and was not asked for yet (`let_others_go`).

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
        .values_list(
            "document_index", "ticket_order__starts_at", "ticket_order__ends_at", "ticket_order__title",
            "ticket_order__user",
        )
    )  # fmt: skip
    if instead_of is not None:
        rows = rows.exclude(_of_change(instead_of))
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


def _of_change(old: TicketOrder) -> Q:
    waiting = (OrderState.HOLDING, OrderState.HELD)
    return Q(ticket_order=old) | Q(
        ticket_order__instead_of=old, ticket_order__state__in=waiting, ticket_order__change_of=None
    )
