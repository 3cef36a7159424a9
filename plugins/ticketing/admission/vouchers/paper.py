"""What is printed on a paper ticket: a sheet for each voucher that was put on paper, drawn for the clerk's browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from plugins.ticketing.kernel.drawing import qr
from plugins.ticketing.kernel.papers import stock
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.masking import mask_id_number, mask_name, mask_phone

from ..models import Mailing, Voucher
from ..sold import visit_words
from .choices import MailState, PaperWay
from .codes import in_fours
from .showing import printed
from .validity import valid_words


@dataclass(frozen=True, slots=True)
class PaperTicket:
    """A sheet: its number, the words of the visit, who goes (the whole name, as gates compare it: 0122), its codes."""

    serial: str
    title: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)
    number: str
    code: str = field(repr=False)
    svg: Any = field(repr=False)


def sheets_of(vouchers: Sequence[Voucher]) -> list[PaperTicket]:
    """The sheets of vouchers whose paper lies printed, in their order."""
    keys = [one.pk for one in vouchers]
    rows = Voucher.objects.select_related("ticket_order").filter(pk__in=keys)
    found = {one.pk: one for one in rows.prefetch_related("tickets__passenger")}
    lying = stock().lying([ticket.pk for one in found.values() for ticket in one.tickets.all()])
    sheets = []
    for key in keys:
        voucher = found[key]
        [ticket] = voucher.tickets.all()
        sheet = lying.get(ticket.pk)
        if sheet is not None and voucher.papered_at is not None:
            sheets.append(_sheet(voucher, ticket, sheet.serial))
    return sheets


@dataclass(frozen=True, slots=True)
class PaperTold:
    """What the buyer is told of a voucher that gets onto paper; fields as the API says them."""

    way: str
    words: str
    exchange_qr: str = field(repr=False)
    exchanged_at: datetime | None
    where: str
    carrier: str
    waybill: str
    sent_at: datetime | None
    receiver: str
    address_open: bool


def paper_told(voucher: Voucher) -> PaperTold | None:
    """Where the paper of a voucher is; None for one that needs none. Reads its order, and the `mailing` of a letter."""
    if not voucher.on_paper:
        return None
    at = voucher.papered_at
    letter = getattr(voucher.ticket_order, "mailing", None) if voucher.on_paper == PaperWay.MAIL else None
    open_ = voucher.void_at is None and at is None and voucher.on_paper == PaperWay.ON_SITE
    sent = letter if letter is not None and letter.state == MailState.SENT else None
    return PaperTold(
        voucher.on_paper, _words(voucher, letter), voucher.code if open_ else "", at if not letter else None,
        voucher.papered_where if not letter else "", sent.carrier if sent else "", sent.waybill if sent else "",
        sent.sent_at if sent else None,
        f"{mask_name(letter.name)} {mask_phone(letter.mobile)} {letter.area}" if letter and letter.area else "",
        letter is not None and letter.state == MailState.WAITING and voucher.void_at is None,
    )  # fmt: skip


def _words(voucher: Voucher, letter: Mailing | None) -> str:
    if voucher.void_at is not None:
        return _("已作废")
    if letter is not None:
        if letter.state == MailState.SENT:
            return _("纸票已寄出，凭纸票入场；退票须带纸票到网点柜台")
        by = f"{letter.send_by.astimezone(SHANGHAI):%m-%d}"
        return _("纸票最晚 %(by)s 寄出，寄出后短信告诉您运单号") % {"by": by}
    if voucher.papered_at is not None:
        at = f"{voucher.papered_at.astimezone(SHANGHAI):%m-%d %H:%M}"
        told = {"at": at, "where": voucher.papered_where}
        return _("%(at)s 已在%(where)s换纸票，凭纸票入场；退票须带纸票到网点柜台") % told
    return _("到换票窗口出示本码或证件换取纸票，凭纸票入场；本码不能直接入场")


def _sheet(voucher: Voucher, ticket: Any, serial: str) -> PaperTicket:
    person = ticket.passenger
    rows = visit_words(voucher.ticket_order)  # not where a letter is: whoever reads it has it in the hand
    rows.append((_("票类"), f"{ticket.fare_name} ¥{ticket.face}"))
    if ticket.seat:
        rows.append((_("座位"), ticket.seat))
    if voucher.uses > 1:
        rows.append((_("人次"), str(voucher.uses)))
    if person is not None:
        rows.append((_("观众"), f"{person.name} {mask_id_number(person.document_number)}"))
    rows.append((_("有效期"), valid_words(voucher)))
    text = printed(voucher) or voucher.code
    return PaperTicket(serial, voucher.title, tuple(rows), ticket.number, in_fours(voucher.code), qr(text))
