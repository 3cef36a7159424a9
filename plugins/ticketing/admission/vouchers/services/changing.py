"""A session is cancelled or put off: who bought is told; all money back, or a choice until a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import OrderState, RefundCause
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.batches import refund_cancelled
from plugins.ticketing.kernel.services.refunding import refund_without_asking
from plugins.ticketing.kernel.services.stopping import stop
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.locks import lock_rows

from ...candidates import Visit
from ...choices import SessionState
from ...models import Session, SessionChange, SessionChoice, Voucher
from ...services.wishing import title_of
from ...sold import session_of
from .. import telling
from ..choices import ChangeKind, ChoiceKind
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code

#: How long buyers of a postponed session may choose, at most until the new day begins.
CHOOSE = timedelta(days=7)


def session_cancelled(session_id: int, reason: str) -> None:
    """All tickets go back without a fee, order after order; who bought is told. Twice changes nothing.

    What has no tickets yet is let go (`stopping.stop`): what comes for it later goes back whole. Locks: the session,
    then as `refund_cancelled`; then, one transaction each, such orders.
    """
    with transaction.atomic():
        session = _locked(session_id)
        if session is None or session.state != SessionState.CANCELLED:
            return
        change, fresh = SessionChange.objects.get_or_create(
            session=session,
            kind=ChangeKind.CANCELLED,
            defaults={"was_at": session.starts_at, "reason": reason[:200]},
        )
        product = session.product
        if fresh:
            refund_cancelled(
                f"session-cancelled-{session.pk}", trade=product.trade, product=f"session:{session.pk}",
                starts_at=session.starts_at, unit=product.unit,
                reason=str(_("场次取消：%(why)s") % {"why": reason})[:200],
                title=title_of(Visit(product, (), "", session=session))[:120],
            )  # fmt: skip
            for order in _orders(session.pk):
                words = {"title": product.name[:40], "when": _local(change.was_at)}
                telling.tell(order, telling.CANCELLED, _key(change, order), words)
    stop(TicketOrder.objects.filter(key=f"session:{session_id}"), _("场次取消：%(why)s") % {"why": reason})


def session_postponed(session_id: int, before: datetime, after: datetime, reason: str) -> None:
    """Tickets and vouchers move along; who bought is told and may choose. Twice changes nothing.

    News of a session that has moved on meanwhile changes nothing either: the last one moves whatever is not yet where
    the session is, from whenever it was. Locks: the session, then order by order the order, its tickets, its vouchers.
    """
    with transaction.atomic():
        session = _locked(session_id)
        if session is None or session.starts_at != after:
            return
        rows = TicketOrder.objects.filter(key=f"session:{session.pk}")
        orders = lock_rows(rows.exclude(starts_at=after))
        known = SessionChange.objects.filter(
            session=session, kind=ChangeKind.POSTPONED, was_at=before, now_at=after
        )
        if not orders and known.exists():
            return
        change = SessionChange.objects.create(
            session=session, kind=ChangeKind.POSTPONED, was_at=before, now_at=after, reason=reason[:200],
            choose_until=min(now() + CHOOSE, after),
        )  # fmt: skip
        for start in sorted({order.starts_at for order in orders}):
            _move([order.pk for order in orders if order.starts_at == start], after - start)
        for order in orders:
            if order.state == OrderState.ISSUED:
                told = {
                    "title": session.product.name[:40], "was": _local(order.starts_at), "when": _local(after),
                    "until": _local(change.choose_until or after),
                }  # fmt: skip
                telling.tell(order, telling.POSTPONED, _key(change, order), told)


def align(order: TicketOrder) -> TicketOrder:
    """Bring an order that was held while its session was put off to the session's time, before it is issued.

    Its hold was made of the time of before, and committed after everything else had moved. For the transaction that
    issues. Locks: the order, its tickets, its vouchers. One statement where nothing has changed.
    """
    key = session_of(order)
    session = Session.objects.filter(pk=key).first() if key is not None else None
    if session is None or session.starts_at == order.starts_at or session.postponed_from is None:
        return order
    [fresh] = lock_rows(TicketOrder.objects.filter(pk=order.pk))
    shift = session.starts_at - fresh.starts_at
    if shift:
        _move([fresh.pk], shift)
        fresh.starts_at, fresh.ends_at = fresh.starts_at + shift, fresh.ends_at + shift
    return fresh


def _move(orders: Sequence[int], shift: timedelta) -> None:
    """*Locked* orders with their tickets and vouchers are for so much later. Locks: tickets, vouchers."""
    TicketOrder.objects.filter(pk__in=orders).update(
        starts_at=F("starts_at") + shift, ends_at=F("ends_at") + shift
    )
    moved = {"valid_from": F("valid_from") + shift, "valid_until": F("valid_until") + shift}
    for rows in (Ticket.objects, Voucher.objects):
        keys = [one.pk for one in lock_rows(rows.filter(ticket_order__in=orders))]
        rows.filter(pk__in=keys).update(**moved)


def open_change(order: TicketOrder) -> SessionChange | None:
    """The postponement about which the order's buyer may still choose."""
    key = session_of(order)
    if key is None:
        return None
    found = SessionChange.objects.filter(
        session=key, kind=ChangeKind.POSTPONED, choose_until__gt=now(), made_at__gte=order.made_at
    )
    return found.order_by("-pk").first()


def choose(order: TicketOrder, choice: ChoiceKind, by: Any) -> SessionChoice:
    """What the buyer of a postponed session's order wants; a refund is without a fee, and final.

    For a caller who has made sure that the order is the buyer's. Locks: the change; then what refunds lock. Raises
    WINDOW_OVER, ALREADY, and TicketError where nothing can go back.
    """
    with transaction.atomic():
        found = open_change(order)
        if found is None:
            raise VoucherError(
                Code.WINDOW_OVER, _("没有可选择的延期，或已过选择期"), hint=_("请按一般退票规则办理")
            )
        [change] = lock_rows(SessionChange.objects.filter(pk=found.pk), no_key=True)
        row = SessionChoice.objects.filter(change=change, ticket_order=order).first()
        if row is not None and row.choice == ChoiceKind.REFUND:
            if choice == ChoiceKind.REFUND:
                return row
            raise VoucherError(Code.ALREADY, _("已经选择全额退票，不能更改"))
        row = row or SessionChoice(change=change, ticket_order=order)
        row.choice, row.made_by, row.made_at = choice, by, now()
        if choice == ChoiceKind.REFUND:
            made = refund_without_asking(
                order, f"session-postponed-{change.pk}-{order.pk}", cause=RefundCause.CARRIER,
                reason=str(_("场次延期：%(why)s") % {"why": change.reason})[:200], by=by,
            )  # fmt: skip
            if made is None:
                raise VoucherError(Code.ALREADY, _("没有可退的票"))
            row.refund = made.number
        row.save()
    return row


def _locked(session_id: int) -> Session | None:
    rows = lock_rows(Session.objects.filter(pk=session_id).select_related("product__unit"), no_key=True)
    return rows[0] if rows else None


def _orders(session: int) -> list[TicketOrder]:
    return list(TicketOrder.objects.filter(key=f"session:{session}", state=OrderState.ISSUED).order_by("pk"))


def _key(change: SessionChange, order: TicketOrder) -> str:
    return f"session-change:{change.pk}:{order.number}"


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
