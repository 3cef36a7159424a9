"""A paper ticket for a voucher, once: the guest's code ends when the sheet is printed, and the sheet's code lets in.

Printing is making the voucher's codes anew (`making.make_anew`): whatever the phone shows is void from then on, at
every gate, and lists without a network know the paper's code only. A sheet that is spoilt or comes back makes them anew
once more, so that the paper is worth nothing and the guest may have another one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.papers import Sheet, stock
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.locks import lock_rows, require_transaction
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ...models import Voucher
from ..access import EXCHANGE, REISSUE
from ..choices import PaperWay
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..locks import lock_vouchers_of
from .letters import post_again, unsent
from .making import make_anew

EXCHANGED = audit.action("ticketing.voucher_exchanged", _("换取纸票"))
PAPER_SPOILT = audit.action("ticketing.voucher_paper_spoilt", _("作废纸票，可重新换票"))
PAPER_BACK = audit.action("ticketing.voucher_paper_back", _("收回纸票"))
#: Tickets that are put on paper at once.
MOST = 50
#: What may be put on paper: nobody has come in with it, and it is not on its way back.
_GOOD = frozenset({TicketState.ISSUED})


def exchange(by: Any, pks: Collection[int], *, where: str = "") -> list[Voucher]:
    """Print paper tickets for vouchers at the clerk's desk, all of them or none; each once.

    `where`: how the window is called, the desk's unit if not told. Locks: tickets, vouchers, the clerk's paper. Raises
    OutOfScope, NotAllowed, LockTimeout; VoucherError REQUIRED, ON_PAPER for what is on paper already, VOID, STATE,
    TOO_LATE; what the stock refuses with.
    """
    desk = desk_of(by, EXCHANGE)
    if not 1 <= len(set(pks)) <= MOST:
        raise VoucherError(
            Code.REQUIRED, _("请选择要换的票，一次最多 %(most)d 张") % {"most": MOST}, "vouchers"
        )
    for pk in sorted(set(pks)):
        found = get_row(by, Voucher.objects.all(), pk=pk)
        require(by, EXCHANGE, found)
        if found.on_paper != PaperWay.ON_SITE:
            raise VoucherError(
                Code.STATE, _("%(title)s不是现场换票的票") % {"title": found.title}, "vouchers"
            )
    with transaction.atomic():
        tickets = lock_tickets_of(pks)
        return put_on_paper(by, desk, tickets, where=where)


def lock_tickets_of(pks: Collection[int]) -> list[Ticket]:
    """Lock the tickets of vouchers, in the order of their keys."""
    keys = Voucher.tickets.through.objects.filter(voucher__in=pks).values("ticket")
    return lock_rows(Ticket.objects.select_related("ticket_order").filter(pk__in=keys))


def put_on_paper(by: Any, desk: OrgUnit, tickets: Sequence[Ticket], *, where: str = "") -> list[Voucher]:
    """A sheet for each of these *locked* tickets (orders read along); their vouchers, by key. As `exchange`."""
    require_transaction()
    vouchers = lock_vouchers_of(tickets)
    ticket_of = dict(
        Voucher.tickets.through.objects.filter(voucher__in=vouchers).values_list("voucher_id", "ticket_id")
    )
    by_key = {one.pk: one for one in tickets}
    place, moment = (where or str(desk.name))[:80], now()
    for voucher in vouchers:
        ticket = by_key[ticket_of[voucher.pk]]
        _refuse(voucher, ticket)
        make_anew(voucher, ticket.ticket_order, str(_("已换纸票")), by, paper=(moment, place))
        sheet = stock().put(by, ticket)
        audit.record(
            EXCHANGED, voucher, after={"sheet": sheet.serial, "where": place}, actor=actor_label(by),
            org_path=desk.path,
        )  # fmt: skip
    return vouchers


def why_no_paper(voucher: Voucher, ticket: Ticket) -> tuple[Code, str] | None:
    """Why a voucher gets no paper now, in words for the window; None where it does. No statement."""
    if voucher.papered_at is not None:
        at = f"{voucher.papered_at.astimezone(SHANGHAI):%m-%d %H:%M}"
        return Code.ON_PAPER, str(_("已换票：%(at)s %(where)s") % {"at": at, "where": voucher.papered_where})
    if voucher.void_at is not None:
        return Code.VOID, str(_("已作废：%(why)s") % {"why": voucher.void_why})
    if ticket.state not in _GOOD:
        return Code.STATE, str(ticket.get_state_display())
    if now() >= voucher.valid_until:
        return Code.TOO_LATE, str(_("已过期"))
    return None


def _refuse(voucher: Voucher, ticket: Ticket) -> None:
    """Say why a *locked* voucher gets no paper now. Raises ON_PAPER, VOID, STATE, TOO_LATE."""
    found = why_no_paper(voucher, ticket)
    if found is None:
        return
    code, why = found
    again = _("一张票只换一次；纸票损坏的，请主管作废后重新换票")
    raise VoucherError(
        code, _("%(number)s %(why)s，不能换票") % {"number": voucher.number, "why": why}, "vouchers",
        again if code == Code.ON_PAPER else "",
    )  # fmt: skip


def spoil(by: Any, pk: int, reason: str) -> Voucher:
    """A supervisor voids the paper ticket that somebody else printed; the voucher may be exchanged again.

    Locks: ticket, voucher, sheet. Raises OutOfScope, NotAllowed, VoucherError REQUIRED, STATE, SAME_PERSON, IN_USE.
    """
    return _end(by, pk, reason, REISSUE, spoilt=True)


def take_back(by: Any, pk: int, reason: str) -> Voucher:
    """The paper is in the clerk's hand: its ticket may be given back or changed. As `spoil`, by whoever sells."""
    return _end(by, pk, reason, SELL, spoilt=False)


def _end(by: Any, pk: int, reason: str, right: str, *, spoilt: bool) -> Voucher:
    found = get_row(by, Voucher.objects.all(), pk=pk)
    if right == REISSUE:
        require(by, REISSUE, found)
    else:
        desk_of(by, right)
    told = reason.strip()[:200]
    if len(told) < 2:
        raise VoucherError(Code.REQUIRED, _("请写明事由"), "reason")
    with transaction.atomic():
        tickets = lock_tickets_of([pk])
        sheets = stock().lying([one.pk for one in tickets])
        if not tickets or tickets[0].pk not in sheets:
            raise VoucherError(Code.STATE, _("没有换过纸票，或纸票已作废、已收回"))
        end_paper(by, tickets[0], sheets[tickets[0].pk], spoilt, told)
        stock().end(by, tickets[0], told, spoilt=spoilt)
    return Voucher.objects.get(pk=pk)


def end_paper(by: Any, ticket: Ticket, sheet: Sheet, spoilt: bool, why: str) -> None:
    """What becomes of a *locked* ticket's voucher when its sheet ends (`kernel.papers.Ended`). Locks: the voucher."""
    require_transaction()
    for voucher in lock_vouchers_of([ticket]):
        if spoilt and by is not None:
            require(by, REISSUE, get_row(by, Voucher.objects.all(), pk=voucher.pk))
            if sheet.by == by.pk:
                raise VoucherError(
                    Code.SAME_PERSON, _("不能作废自己打印的纸票"), hint=_("请由另一位主管核对后作废")
                )
        if voucher.used:
            raise VoucherError(
                Code.IN_USE, _("已凭这张纸票入场，不能作废、收回"), hint=_("误检的请先撤销核销")
            )
        if voucher.papered_at is None:
            continue
        if spoilt:
            post_again(voucher)
        make_anew(voucher, ticket.ticket_order, why, by, paper=(None, ""))
        audit.record(
            PAPER_SPOILT if spoilt else PAPER_BACK, voucher, after={"sheet": sheet.serial, "reason": why},
            actor=actor_label(by),
        )  # fmt: skip


def postage_back(ticket: Ticket, *, changing: bool, carriers_fault: bool) -> bool | None:
    """Whether the postage of a ticket goes back with it; None where none was paid. One statement, two for a letter.

    A ticket whose paper left the house goes back, or is changed, only with it, unless the organiser is to blame; one by
    post is not changed at all. Raises VoucherError ON_PAPER."""
    voucher = ticket.vouchers.exclude(on_paper="").first()
    if voucher is None:
        return None
    posted = voucher.on_paper == PaperWay.MAIL
    if posted and changing:
        raise VoucherError(Code.ON_PAPER, _("邮寄的纸票不能改期、换场"), "tickets", _("请退票后重新购买"))
    inside = posted and unsent(ticket)
    if voucher.papered_at is not None and not inside and not carriers_fault:
        raise VoucherError(
            Code.ON_PAPER,
            _("已换纸票，不能直接退票、改期"),
            "tickets",
            _("请带纸票到网点柜台，由营业员收回后办理"),
        )
    # the postage of a letter that went is spent
    return (inside or carriers_fault) if posted else None
