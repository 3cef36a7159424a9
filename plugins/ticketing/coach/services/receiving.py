"""接待旅客: whoever stands at any counter of the city with his pick-up number or document is served there.

An order belongs to the unit that sold it, an online one to the branch nearest to the station. The texts send people
to "a branch", so a clerk anywhere opens exactly the order whose passenger proves himself, for a while, and everything
of it is written down. Guesses are counted per clerk and per order, in rows: a forgotten count would be a hole.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from plugins.ticketing.kernel.choices import OrderState, Trade
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.request import actor_label

from .. import lending
from ..access import RECEIVE
from ..choices import ReceiveWay
from ..codes import BETWEEN, MOST_NUMBERS, one_number, pick_index, pick_numbers
from ..errors import CoachError, TooOften
from ..errors import CoachErrorCode as Code
from ..locks import CoachLock
from ..models import CoachTrip, Reception
from .gate import indexes_of

RECEIVED = audit.action("coach.passenger_received", _("接待旅客"))
#: So long an order is served at a counter that did not sell it.
SERVED_FOR = timedelta(minutes=30)
#: Wrong proofs of a clerk in an hour, and at an order in a day, by whomever.
WRONG_OF_CLERK, WRONG_AT_ORDER = 10, 6
#: Trips that left longer ago are nobody's errand at a counter any more.
AFTER = timedelta(days=2)
#: Orders of one passenger that are opened at once.
MOST = 5


def receive(by: Any, way: str, told: str, proof: str) -> list[TicketOrder]:
    """Open the order of a passenger who is here, for this clerk and half an hour; again: half an hour from now.

    By NUMBER `told` is the pick-up number and `proof` its password (without one: the last four of a passenger's
    document); by DOCUMENT `told` is the document's number, `proof` the last four digits of the telephone of the order
    or the passenger, and all his coming trips are opened. Locks: the clerk (a name), then the order (a name). Raises
    NotAllowed, LockTimeout, CoachError INVALID_INPUT, NOT_FOUND (nothing there, or a wrong proof: nobody learns
    which), TooOften.
    """
    unit = desk_of(by, RECEIVE)
    number, secret = one_number(told), "".join(proof.split(BETWEEN)[0].split())[:20]
    if way not in (ReceiveWay.NUMBER, ReceiveWay.DOCUMENT):
        raise CoachError(Code.INVALID_INPUT, _("请选择凭什么查找"), "way")
    if not number or not secret:
        raise CoachError(Code.INVALID_INPUT, _("请填写完整"), "told" if not number else "proof")
    with transaction.atomic():
        advisory_lock(CoachLock.RECEIVE, f"clerk:{by.pk}")
        refuse_guessing(by)
        indexes = indexes_of(number) if way == ReceiveWay.DOCUMENT else ()
        looked = _by_number(number) if way == ReceiveWay.NUMBER else _by_document(indexes)
        if looked:
            advisory_lock(CoachLock.RECEIVE, *(f"order:{one.pk}" for one in looked))
        tried = _guessed_at(looked)
        good = [one for one in looked if one.pk not in tried and _proven(one, way, number, indexes, secret)]
        found = good[:MOST]
        write(by, unit, way, found, looked)
    # what was counted stays counted: the refusal comes after the commit
    if not found:
        raise CoachError(
            Code.NOT_FOUND, _("没有找到车票，或凭证不对"), "proof",
            _("请与旅客核对取票短信，或换用证件号和手机尾号；连续填错会暂停查找"),
        )  # fmt: skip
    lending.forget(by)
    return found


def refuse_guessing(by: Any) -> None:
    """Raises TooOften for a clerk who was wrong too often in the last hour. Under the clerk's lock."""
    since = now() - timedelta(hours=1)
    tries = Reception.objects.filter(by=by, until=None, first=True, at__gt=since).order_by("-at")
    wrong = list(tries.values_list("at", flat=True)[:WRONG_OF_CLERK])
    if len(wrong) >= WRONG_OF_CLERK:
        free = wrong[WRONG_OF_CLERK - 1] + timedelta(hours=1)
        raise TooOften(max(1, int((free - now()).total_seconds())))


def _guessed_at(orders: Sequence[TicketOrder]) -> set[int]:
    """Orders that were guessed at too often today."""
    since = now() - timedelta(days=1)
    rows = Reception.objects.filter(ticket_order__in=orders, until=None, at__gt=since)
    wrong = list(rows.values_list("ticket_order", flat=True))
    return {pk for pk in wrong if wrong.count(pk) >= WRONG_AT_ORDER and pk is not None}


def issued() -> Any:
    """Orders whose passengers may come to a counter."""
    return TicketOrder.objects.filter(
        trade=Trade.COACH, state=OrderState.ISSUED, starts_at__gt=now() - AFTER
    ).select_related("unit").prefetch_related("passengers")  # fmt: skip


def _by_number(number: str) -> list[TicketOrder]:
    index = pick_index(number)
    trips = CoachTrip.objects.filter(Q(pick_index=index) | Q(pick_more__contains=[index]))
    return list(issued().filter(pk__in=trips.values("ticket_order")).order_by("starts_at", "pk")[:MOST])


def _by_document(indexes: Collection[str]) -> list[TicketOrder]:
    if not indexes:
        return []
    rows = issued().filter(passengers__document_index__in=indexes).distinct()
    return list(rows.order_by("starts_at", "pk")[: 4 * MOST])


def _proven(order: TicketOrder, way: str, number: str, indexes: Collection[str], secret: str) -> bool:
    people = list(order.passengers.all())
    if way == ReceiveWay.NUMBER:
        password = pick_numbers(order.pick_code).get(number, "")
        if password:
            return _same(password, secret)
        return any(_same(one.document_number[-4:], secret) for one in people)
    mine = [one.mobile for one in people if one.document_index in indexes]
    return any(len(one) >= 4 and _same(one[-4:], secret) for one in (order.mobile, *mine))


def _same(kept: str, told: str) -> bool:
    return hmac.compare_digest(kept.upper().encode(), told.upper().encode())


def write(
    by: Any, unit: OrgUnit, way: str, found: Sequence[TicketOrder], looked: Sequence[TicketOrder]
) -> None:
    """Write down that orders are served here for a while; nothing `found`: that what was `looked` at was guessed at."""
    moment = now()
    if not found:
        Reception.objects.bulk_create(
            [
                Reception(ticket_order=one, unit=unit, by=by, way=way, at=moment, first=not place)
                for place, one in enumerate(looked or (None,))
            ]
        )
        return
    for one in found:
        Reception.objects.create(
            ticket_order=one, unit=unit, by=by, way=way, at=moment, until=moment + SERVED_FOR
        )
        after = {"way": way, "unit": unit.code, "until": (moment + SERVED_FOR).isoformat()}
        # to be read by the unit whose order it is, and by the one that served it
        for path in {one.unit.path, unit.path}:
            audit.record(RECEIVED, one, after=after, actor=actor_label(by), org_path=path)


def keep_pick_up(order: TicketOrder) -> None:
    """Write down by what the order's pick-up numbers are found; in the transaction that issues it."""
    indexes = [pick_index(one) for one in pick_numbers(order.pick_code)][:MOST_NUMBERS]
    CoachTrip.objects.filter(ticket_order=order).update(
        pick_index=indexes[0] if indexes else "", pick_more=indexes[1:]
    )
