"""Holding: a wish becomes a ticket order whose seats nobody else gets, at the first supplier that has them.

Our own inventory is asked inside the one short transaction that writes everything. A supplier elsewhere is asked after
the commit, without a lock; what it answers counts only while the order still waits for it, and is released otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from operator import methodcaller
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.numbering import numbers_of
from saleor_o2o.kernel.prepared import Prepared, insert
from saleor_o2o.kernel.states import move_all_locked, move_locked

from ..asks import candidate_of, lock_ask
from ..choices import CallKind, CallState, DeskKind, OrderState, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..locks import lock_call, lock_order, lock_orders, lock_tickets
from ..models import SupplierAccount, SupplierCall, Ticket, TicketOrder, TicketPassenger
from ..numbers import TICKET, TICKET_ORDER
from ..ports import Locked, Supplier, SupplierRefused, supplier_of
from ..settings import absorb
from ..trades import Want, Wish
from .calls import OPEN, Answer, ask, new_call, register_settler, settle
from .candidates import kept, sell_at
from .health import may_hold, usable
from .releasing import free, free_stray
from .wishes import check, refuse_no_change, refuse_overlap

S = OrderState
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_KNOWN = Prepared(
    "ticket_request", "SELECT 1 FROM o2o_ticketing_ticketorder WHERE request_key = %(key)s", {"key": "text"}
)
#: What the supplier's refusal means to the buyer.
_CODES = {
    "SOLD_OUT": (Code.SOLD_OUT, _("余票不足"), _("请换一个班次、场次或减少张数")),
    "PRICE_CHANGED": (Code.PRICE_CHANGED, _("票价已变化"), _("请重新查询后再下单")),
    "PASSENGER_REFUSED": (Code.PASSENGER_REFUSED, _("供应商不接受这位旅客的信息"), _("请核对姓名和证件号")),
    "NOT_ON_SALE": (Code.TOO_LATE, _("已停止售票"), _("请选择更晚的班次或场次")),
    "CANCELLED": (Code.TOO_LATE, _("班次（场次）已取消"), _("请换一个班次或场次")),
}
#: Tasks of the issue desk that people end by deciding how to go on.
DECIDING = (DeskKind.ISSUE, DeskKind.UNKNOWN)
#: Run in the transaction that writes the order, before its seats are taken: a trade's own limits.
Within = Callable[[TicketOrder, Sequence[Ticket]], None]


def mobile_index(mobile: str) -> str:
    """How ticket orders are found by the contact's mobile."""
    return blind_index(mobile, "ticketing.mobile") if mobile else ""


def request_key(key: str, user: Any, made_by: Any = None) -> str:
    """The client's key as the order keeps it: everybody's own. Raises TicketError KEY_INVALID."""
    if not _KEY.fullmatch(key):
        raise TicketError(
            Code.KEY_INVALID, _("请求号格式不正确"), "key", _("请刷新页面后重试")
        )  # fmt: skip
    if made_by is not None:
        return f"desk{made_by.pk}:{key}"
    return f"{user.pk}:{key}" if user is not None else f"guest:{key}"


def hold(
    wish: Wish,
    *,
    key: str,
    user: Any,
    unit: OrgUnit,
    made_by: Any = None,
    within: Within | None = None,
    instead_of: TicketOrder | None = None,
    looked: bool = False,
    accounts: Sequence[SupplierAccount] | None = None,
) -> TicketOrder:
    """Hold a wish for somebody (`user` None: a guest; `made_by`: the clerk); the same key again is the same order.

    Call outside transactions: a supplier elsewhere is asked in between. The answer is HELD, or HOLDING where nobody
    knows yet (a job asks until it is known or the time is over). `within` runs in the transaction that writes the
    order; `instead_of` is the order whose tickets are changed for this one: what is held so is sold by the change only,
    to the same people, and what was held for the same change before is let go; `looked`: the caller has just looked for the key;
    `accounts`: the candidates' accounts, where the caller has just read them. Nothing is charged. Locks, in one
    transaction: the passengers (advisory), then what `within` and our own inventory lock. Raises TicketError:
    KEY_INVALID, KEY_REUSED, INVALID_INPUT, TOO_LATE, TRIPS_OVERLAP, SUPPLIER_UNAVAILABLE, NOT_POSSIBLE and TARGET_WRONG
    for a change that is none, and SOLD_OUT, PRICE_CHANGED,
    PASSENGER_REFUSED, SUPPLIER_REFUSED where no supplier holds it; LockTimeout.
    """
    owner = user if getattr(user, "is_authenticated", False) else None
    own_key = request_key(key, owner, made_by)
    known = None if looked else order_of(own_key)
    if known is not None:
        return _again(known, wish)
    moment = now()
    check(wish, moment)
    if instead_of is not None:
        refuse_no_change(wish, instead_of)
    if accounts is None:
        able = usable([one.supplier for one in wish.candidates], wish.trade, moment)
    else:
        able = [one for one in accounts if one.trade == wish.trade and may_hold(one, moment)]
    late = {one.supplier for one in wish.candidates if one.paid_only}
    first = [one for one in able if one.code not in late]
    if not first:
        raise TicketError(
            Code.SUPPLIER_UNAVAILABLE, _("暂时不能购买这个班次（场次）"), "trip", _("请稍后再试，或换一个班次")
        )  # fmt: skip
    draft = _Draft(wish, own_key, owner, unit, made_by, within, instead_of, moment)
    try:
        order = _hold_first(draft, first, [one for one in able if one.code in late])
        if instead_of is not None:
            let_others_go(order)
        return order
    except (IntegrityError, TicketError):
        # the same request, sent twice at a time: one of the two takes what both want
        known = order_of(own_key)
        if known is None:
            raise
        return _again(known, wish)


def let_others_go(order: TicketOrder) -> None:
    """Close what was held for the same change and people before, where no change was asked for with it.

    Whoever looks at a second bus does not keep the first one from others. A transaction of its own. Locks: the orders
    in pk order, their tickets. Raises LockTimeout.
    """
    people = order.passengers.values_list("document_index", flat=True)
    others = TicketOrder.objects.filter(
        instead_of=order.instead_of_id, state__in=(S.HOLDING, S.HELD), pk__lt=order.pk,
        passengers__document_index__in=list(people),
    )  # fmt: skip
    keys = set(others.values_list("pk", flat=True))
    if not keys:
        return
    with transaction.atomic():
        rows = lock_orders(keys)
        asked = set(TicketOrder.objects.filter(pk__in=keys, change_of__isnull=False).values_list("pk", flat=True))
        for row in rows:
            if row.pk not in asked and row.state in (S.HOLDING, S.HELD):
                end(row, str(_("改签另选了班次（场次）")))


def order_of(own_key: str) -> TicketOrder | None:
    """The order that was made for a `request_key`. One statement for a new key, which most are."""
    if not _KNOWN.rows({"key": own_key}):
        return None
    return TicketOrder.objects.select_related("supplier").filter(request_key=own_key).first()


def _again(known: TicketOrder, wish: Wish) -> TicketOrder:
    if (known.trade, known.key, known.starts_at) != (wish.trade, wish.key, wish.starts_at):
        raise TicketError(Code.KEY_REUSED, _("这个请求号已用于另一张票"), "key", _("请刷新页面后重试"))
    if known.state == S.HOLD_FAILED:
        last = known.calls.filter(kind=CallKind.LOCK).first()
        raise refused(last.code if last is not None else "", known.why)
    return known


def refused(code: str, words: str = "") -> TicketError:
    """A supplier's refusal as the buyer reads it."""
    known = _CODES.get(code)
    if known is not None:
        return TicketError(known[0], known[1], "trip", known[2])
    return TicketError(
        Code.SUPPLIER_REFUSED, _("没有占到座位"), "trip", _("没有扣款；请稍后再试，或换一个班次（场次）")
    )


class _Draft:
    """All that one hold is made of, until it is written."""

    def __init__(
        self, wish: Wish, key: str, user: Any, unit: OrgUnit, made_by: Any, within: Within | None,
        instead_of: TicketOrder | None, moment: datetime,
    ) -> None:  # fmt: skip
        self.wish, self.key, self.user, self.unit, self.made_by = wish, key, user, unit, made_by
        self.within, self.instead_of, self.moment = within, instead_of, moment

    def until(self, account: SupplierAccount) -> datetime:
        """The latest moment that we promise, whoever holds it."""
        latest = self.moment + timedelta(minutes=account.hold_minutes)
        return min(latest, self.wish.latest) if self.wish.latest is not None else latest

    def write(
        self, account: SupplierAccount, state: OrderState, accounts: Sequence[SupplierAccount]
    ) -> tuple[TicketOrder, list[Ticket]]:
        """The order with its passengers and tickets, in bulk. Locks: the passengers (advisory)."""
        refuse_overlap(self.wish, self.user, self.instead_of)
        order, tickets = self._rows(account, state, accounts)
        self._save(order, tickets)
        if self.within is not None:
            self.within(order, tickets)
        return order, tickets

    def write_held(
        self, account: SupplierAccount, adapter: Supplier, accounts: Sequence[SupplierAccount]
    ) -> TicketOrder:
        """The order as our own inventory holds it. Locks: the passengers, then what the inventory locks.

        Where nothing has to be written before the inventory is asked, its answer is written with the order, in one go:
        whoever is refused has written nothing. Raises SupplierRefused.
        """
        refuse_overlap(self.wish, self.user, self.instead_of)
        order, tickets = self._rows(account, S.HELD, accounts)
        # a trade's own rows point to the order; a ticket for a child names the adult's
        before = self.within is not None or any(want.carried_by is not None for want in self.wish.wants)
        if before:
            self._save(order, tickets)
        if self.within is not None:
            self.within(order, tickets)
        locked = adapter.lock(lock_ask(order, tickets, order.number, candidate_of(order, account.code)))
        changed = _seat(tickets, locked)
        until = min(order.held_until, locked.until) if order.held_until is not None else locked.until
        given = {
            "their_number": locked.their_number or order.number, "supplier_until": locked.until, "held_until": until,
        }  # fmt: skip
        for name, value in given.items():
            setattr(order, name, value)
        if not before:
            self._save(order, tickets)
        else:
            if changed:
                Ticket.objects.bulk_update(changed, ["seat", "cost"])
            TicketOrder.objects.filter(pk=order.pk).update(**given)
        if locked.last is not None:
            locked.last()
        return order

    def _rows(
        self, account: SupplierAccount, state: OrderState, accounts: Sequence[SupplierAccount]
    ) -> tuple[TicketOrder, list[Ticket]]:
        """The order and its tickets, with their numbers; not written yet. One statement."""
        wants = self.wish.wants
        kinds = [TICKET_ORDER, *[TICKET] * len(wants)]
        number, *numbers = numbers_of([(kind, "", self.moment) for kind in kinds])
        order = self._order(account, state, accounts, number)
        return order, self._tickets(order, numbers)

    def _order(
        self, account: SupplierAccount, state: OrderState, accounts: Sequence[SupplierAccount], number: str
    ) -> TicketOrder:
        wish = self.wish
        known = {one.supplier: one for one in wish.candidates}
        chosen = known[account.code]
        return TicketOrder(
            number=number, request_key=self.key, trade=wish.trade, state=state,
            title=wish.title[:120], key=wish.key, place=_place(wish),
            starts_at=wish.starts_at, ends_at=wish.ends_at, supplier=account, product=dict(chosen.product),
            candidates=[kept(known[one.code]) for one in accounts], user=self.user, unit=self.unit,
            instead_of=self.instead_of, made_by=self.made_by, contact=wish.contact, mobile=wish.mobile, mobile_index=mobile_index(wish.mobile),
            face=sum(want.face for want in wish.wants), service=sum(want.service for want in wish.wants),
            total=sum(want.price for want in wish.wants), held_until=self.until(account), made_at=self.moment,
        )  # fmt: skip

    def _tickets(self, order: TicketOrder, numbers: Sequence[str]) -> list[Ticket]:
        costs = candidate_of(order, order.supplier.code)["costs"]
        rows = []
        for number, want in zip(numbers, self.wish.wants, strict=True):
            person = None
            if (one := want.passenger) is not None:
                person = TicketPassenger(
                    ticket_order=order, name=one.name, document=one.document, document_number=one.number,
                    document_index=one.index, birth=one.birth, type=one.type, mobile=want.mobile,
                )  # fmt: skip
            rows.append(_ticket(order, want, number, person, costs, self.wish))
        return rows

    def _save(self, order: TicketOrder, rows: Sequence[Ticket]) -> None:
        """Write them, in bulk; whom a ticket goes with before it."""
        insert([order])
        people = [row.passenger for row in rows if row.passenger is not None]
        if people:
            insert(people)
        both = list(zip(rows, self.wish.wants, strict=True))
        insert([row for row, want in both if want.carried_by is None])
        carried = [(row, want.carried_by) for row, want in both if want.carried_by is not None]
        for row, adult in carried:
            row.carried_by = rows[adult]
        insert([row for row, _adult in carried])


def _place(wish: Wish) -> dict[str, Any]:
    """What the order keeps of the trip."""
    return {**wish.place, **({"extra": dict(wish.extra)} if wish.extra else {})}
