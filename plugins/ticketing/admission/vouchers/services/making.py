"""Vouchers come with their tickets and go with them; a code that got out is made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import GONE
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.numbering import next_numbers
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ...choices import PAPER_WAYS, ExchangeMode, RealName, ValidMode, VerifyMode
from ...models import EntryRule, TicketClass, Voucher, VoucherOldCode
from ...sold import session_of
from .. import codes
from ..access import REISSUE
from ..entry import is_theirs
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..finding import code_index, tail_index
from ..locks import lock_voucher, lock_vouchers_of
from ..numbers import VOUCHER
from .expiring import unearn
from .keys import signing_key
from .sending import require_standing, tell_made

REISSUED = audit.action("ticketing.voucher_reissued", _("凭证作废重出"))


def people_of(ticket: Ticket) -> int:
    """How many people a ticket lets in altogether, those who are in included."""
    return ticket.used if ticket.state in GONE else ticket.uses - ticket.back


def make_vouchers(order: TicketOrder, tickets: Sequence[Ticket]) -> list[Voucher]:
    """One per ticket (逐人), else one per ticket class of the order. Again: none. In the transaction that issues."""
    require_transaction()
    done = set(
        Voucher.tickets.through.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).values_list(
            "ticket_id", flat=True
        )
    )
    new = [ticket for ticket in tickets if ticket.pk not in done]
    if not new:
        return []
    classes = {
        found.variant_id: found
        for found in TicketClass.objects.filter(
            variant__in={ticket.variant_id for ticket in new}
        ).select_related("product__entry_rule")
    }
    groups = _groups(new, classes)
    key = signing_key()
    made = [
        _voucher(order, group, classes[group[0].variant_id or 0], number, codes.new_nonce(key.code))
        for group, number in zip(groups, next_numbers(VOUCHER, [("", None)] * len(groups)), strict=True)
    ]
    Voucher.objects.bulk_create(made)
    link = Voucher.tickets.through
    link.objects.bulk_create(
        link(voucher_id=voucher.pk, ticket_id=ticket.pk)
        for voucher, group in zip(made, groups, strict=True)
        for ticket in group
    )
    by_text = [
        voucher
        for voucher, group in zip(made, groups, strict=True)
        if classes[group[0].variant_id or 0].exchange_mode in {ExchangeMode.SMS, ExchangeMode.ON_SITE}
    ]
    tell_made(order, made, by_text)
    return made


def tickets_gone(tickets: Iterable[Ticket]) -> None:
    """Tickets were given back, changed or voided, whole or for some people: their vouchers let in so many less, and
    what was earned when they expired is not any more. The caller has locked and saved the tickets.
    Locks: the vouchers."""
    require_transaction()
    tickets = list(tickets)
    unearn(tickets)
    for voucher in lock_vouchers_of(tickets):
        left = sum(people_of(ticket) for ticket in voucher.tickets.all())
        voucher.uses = max(left, voucher.used)
        voucher.out = min(voucher.out, voucher.used)
        if voucher.uses == 0:
            voucher.void_at, voucher.void_why = now(), str(_("票已退、改或作废"))
        voucher.save(update_fields=["uses", "out", "void_at", "void_why"])


def reissue(by: Any, pk: int, reason: str) -> Voucher:
    """A new code and a new QR code; the old ones let nobody in from now on. Locks: tickets, voucher.

    Raises OutOfScope, NotAllowed, REQUIRED, VOID, LockTimeout.
    """
    found = get_row(by, Voucher.objects.all(), pk=pk)
    require(by, REISSUE, found)
    told = reason.strip()[:200]
    if len(told) < 2:
        raise VoucherError(Code.REQUIRED, _("请写明为什么要重出"), "reason")
    with transaction.atomic():
        voucher, _tickets = lock_voucher(found.pk)
        require_standing(voucher)
        if voucher.papered_at is not None:
            raise VoucherError(
                Code.ON_PAPER,
                _("已换纸票，不能重出电子凭证"),
                hint=_("纸票遗失、损坏的，请作废纸票后重新换票"),
            )
        if is_theirs(found.ticket_order):
            raise VoucherError(
                Code.STATE, _("这张凭证凭景区的入园码入场，不能在这里重出"), hint=_("码外泄的，请退票后重买")
            )
        make_anew(voucher, found.ticket_order, told, by)
        audit.record(REISSUED, voucher, after={"reason": told}, actor=actor_label(by))
    return voucher


def make_anew(
    voucher: Voucher,
    order: TicketOrder,
    why: str,
    by: Any,
    *,
    paper: tuple[datetime | None, str] | None = None,
) -> None:
    """Give a *locked* voucher new codes; the ones before let nobody in from now on.

    `paper`: when and where it is put on paper with this, (None, "") where its paper ends. What is on paper is not found
    by its last digits and the telephone's. `by`: nobody for a guest.
    """
    require_transaction()
    VoucherOldCode.objects.create(
        voucher=voucher, code_index=voucher.code_index, nonce=voucher.nonce, why=why,
        ended_by=by if getattr(by, "is_authenticated", False) else None, was_paper=voucher.papered_at is not None,
    )  # fmt: skip
    short = codes.new_short()
    voucher.code, voucher.code_index = short, code_index(short)
    if paper is not None:
        voucher.papered_at, voucher.papered_where = paper
    voucher.tail_index = tail_index(order.mobile, short) if voucher.papered_at is None else ""
    voucher.nonce = codes.new_nonce(signing_key().code)
    voucher.save(update_fields=["code", "code_index", "tail_index", "nonce", "papered_at", "papered_where"])


def _groups(tickets: Sequence[Ticket], classes: Mapping[int, TicketClass]) -> list[list[Ticket]]:
    groups: dict[tuple[Any, ...], list[Ticket]] = {}
    for ticket in tickets:
        found = classes.get(ticket.variant_id or 0)
        if found is None:
            raise VoucherError(
                Code.NOT_FOUND, _("票号 %(number)s 没有对应的票类") % {"number": ticket.number}
            )
        alone = found.verify_mode == VerifyMode.EACH
        groups.setdefault((ticket.pk,) if alone else ("class", found.pk), []).append(ticket)
    return list(groups.values())


def _voucher(
    order: TicketOrder, tickets: Sequence[Ticket], of: TicketClass, number: str, nonce: str
) -> Voucher:
    short = codes.new_short()
    rule = getattr(of.product, "entry_rule", None) or EntryRule()
    named = any(ticket.passenger_id for ticket in tickets)
    way = PAPER_WAYS.get(of.exchange_mode, "")
    seats = "、".join(ticket.seat for ticket in tickets if ticket.seat)
    return Voucher(
        number=number, ticket_order=order, product=of.product, session_id=session_of(order),
        verify_mode=of.verify_mode, title=f"{order.title} {of.name} {seats}".strip()[:160], code=short,
        code_index=code_index(short), tail_index=tail_index(order.mobile, short), nonce=nonce,
        on_paper=way, rotating=rule.rotating and not way,  # a picture on paper does not change
        needs_document=rule.documents and of.real_name != RealName.NONE and named,
        unlimited=of.valid_mode == ValidMode.MULTI and of.uses == 0,
        valid_from=min(ticket.valid_from for ticket in tickets) - _doors(order, rule),
        valid_until=max(ticket.valid_until for ticket in tickets),
        uses=sum(ticket.uses - ticket.back for ticket in tickets),
    )  # fmt: skip


def _doors(order: TicketOrder, rule: EntryRule) -> timedelta:
    """How long before a session begins people are let in."""
    return timedelta(minutes=rule.doors_minutes if session_of(order) is not None else 0)
