"""Whether a wish can be held at all: what no trade may ask for, and nobody in two places at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
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
from ..models import Segment, TicketOrder, TicketPassenger
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
    _check_legs(wish)


def _check_legs(wish: Wish) -> None:
    """Legs follow one another, fill the trip, and somebody goes on each. Raises TicketError INVALID_INPUT."""
    legs = wish.legs
    if not legs:
        if any(want.leg for want in wish.wants):
            raise TicketError(Code.INVALID_INPUT, _("没有这一程"), "trip", _("请重新选择行程"))
        return
    in_order = all(one.ends_at <= after.starts_at for one, after in pairwise(legs)) and all(
        one.starts_at <= one.ends_at for one in legs
    )
    fills = (legs[0].starts_at, legs[-1].ends_at) == (wish.starts_at, wish.ends_at)
    if len(legs) < 2 or not in_order or not fills:
        raise TicketError(Code.INVALID_INPUT, _("各程的时间前后不连贯"), "trip", _("请重新选择行程"))
    if {want.leg for want in wish.wants} != set(range(len(legs))):
        raise TicketError(Code.INVALID_INPUT, _("每一程都须有人乘坐"), "tickets", _("请重新选择行程"))
    for want in wish.wants:
        if want.carried_by is not None and wish.wants[want.carried_by].leg != want.leg:
            raise TicketError(Code.INVALID_INPUT, _("随行儿童须与成人同程"), "tickets")


def _check_want(want: Want, index: int, wants: Sequence[Want]) -> None:
    try:
        amounts = [to_fen(one) for one in (want.face, want.price, want.service, want.full_fare)]
    except InvalidAmount as error:
        raise TicketError(Code.INVALID_INPUT, error.message, "tickets") from error
    if min(amounts) < 0 or want.service > want.price:
        raise TicketError(Code.INVALID_INPUT, _("票价不正确"), "tickets", _("请重新查询后再下单"))
    if not 1 <= want.uses <= 500:
        raise TicketError(Code.INVALID_INPUT, _("人次须为 1 至 500"), "tickets")
    if want.parts and (min(want.parts.values()) < 0 or sum(want.parts.values()) > want.face):
        raise TicketError(Code.INVALID_INPUT, _("票价组成不正确"), "tickets", _("请重新查询后再下单"))
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

    An order of several legs takes nobody's time between them. In the transaction that writes the passengers. Locks:
    each person by name (advisory), until it ends. Where the other trip is somebody else's purchase the refusal does not
    tell which. Raises TicketError TRIPS_OVERLAP, LockTimeout.
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
            "ticket_order__user", "tickets__segment",
        )
    )  # fmt: skip
    if instead_of is not None:
        rows = rows.exclude(_of_change(instead_of))
    found = overlapping(_trips_of(wish), _trips_there(list(rows), user))
    if found is None:
        return
    named = found[1].name
    words = (
        _("同一位旅客在这段时间已有行程：%(trip)s") % {"trip": named}
        if named
        else _("同一位旅客在这段时间已有行程")
    )
    raise TicketError(Code.TRIPS_OVERLAP, words, "passengers", _("请先退票或改签原来的行程，或换一个时间"))


def _trips_of(wish: Wish) -> list[Trip]:
    """Where the wish's people would be, leg by leg."""
    spans = [(one.starts_at, one.ends_at) for one in wish.legs] or [(wish.starts_at, wish.ends_at)]
    going = {(want.passenger.index, want.leg) for want in wish.wants if want.passenger is not None}
    return [Trip(index, *spans[leg]) for index, leg in sorted(going)]


def _trips_there(rows: Sequence[tuple[Any, ...]], user: Any) -> list[Trip]:
    """Where they are already; legs of longer orders are read where there are any."""
    legs = Segment.objects.in_bulk({segment for *_rest, segment in rows if segment is not None})
    found = []
    for index, start, end, title, owner, segment in rows:
        leg = legs.get(segment)
        at = (start, end, title) if leg is None else (leg.starts_at, leg.ends_at, leg.title)
        found.append(Trip(index, at[0], at[1], at[2] if user and owner == user.pk else ""))
    return found


def _of_change(old: TicketOrder) -> Q:
    waiting = (OrderState.HOLDING, OrderState.HELD)
    return Q(ticket_order=old) | Q(
        ticket_order__instead_of=old, ticket_order__state__in=waiting, ticket_order__change_of=None
    )
