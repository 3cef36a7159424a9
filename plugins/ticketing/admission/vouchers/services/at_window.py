"""Who stands at the exchange window: the vouchers of the order that a code, a document or a telephone number names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.models import TicketPassenger
from plugins.ticketing.kernel.papers import stock
from plugins.ticketing.kernel.services.drafting import index_if_mobile
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.pace import retry_after
from saleor_o2o.kernel.scope import rows_for

from ...models import Voucher, VoucherOldCode
from .. import codes
from ..access import EXCHANGE
from ..choices import PaperWay
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..finding import code_index
from .papering import why_no_paper
from .recognising import MOST_TEXT, document_indexes

#: Codes, documents and telephones that one clerk may try in a minute.
TRIES = 60
MOST = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One ticket at the window: its voucher, who goes (masked), its sheet; `why` it gets none, "" if it does."""

    voucher: Voucher
    who: str
    sheet: str
    why: str


def at_window(by: Any, text: str) -> list[Waiting]:
    """All tickets of this order, person or telephone that are exchanged at windows and are within reach.

    `text`: the code of the phone, typed or scanned, a document's number, or the whole mobile number. Raises NotAllowed,
    VoucherError MALFORMED, TOO_OFTEN, NOT_FOUND.
    """
    desk_of(by, EXCHANGE)
    told = text.strip()
    if not told or len(told) > MOST_TEXT or "\0" in told:
        raise VoucherError(Code.MALFORMED, _("请扫换票码，或输入换票码、证件号、手机号"), "text")
    wait = retry_after("ticketing.exchange", f"u{by.pk}", TRIES)
    if wait:
        raise VoucherError(
            Code.TOO_OFTEN, _("试的次数太多，请 %(seconds)d 秒后再试") % {"seconds": wait}, "text",
            _("请扫换票码，或看清后再输入"),
        )  # fmt: skip
    rows = rows_for(by, Voucher.objects.filter(on_paper=PaperWay.ON_SITE), EXCHANGE)
    found = list(
        rows.filter(_named(told)).select_related("product", "session", "ticket_order")
        .prefetch_related("tickets__passenger").order_by("papered_at", "valid_from", "pk")[:MOST]
    )  # fmt: skip
    if not found:
        raise VoucherError(
            Code.NOT_FOUND, _("没有找到可换的票"), "text", _("请核对后再试；不是本窗口的票请到售票处查询")
        )
    sheets = stock().lying([ticket.pk for one in found for ticket in one.tickets.all()])
    return [_waiting(one, sheets) for one in found]


def _named(told: str) -> Q:
    short = codes.read_short(told)
    if short is not None:
        index = code_index(short)
        old = VoucherOldCode.objects.filter(code_index=index, was_paper=False)
        named = Voucher.objects.filter(Q(code_index=index) | Q(old_codes__in=old))
        return Q(ticket_order__in=named.values("ticket_order"))
    mobile = index_if_mobile(told)
    if mobile:
        return Q(ticket_order__mobile_index=mobile, valid_until__gt=now())
    indexes = document_indexes(told)
    if not indexes:
        return Q(pk__in=[])
    people = TicketPassenger.objects.filter(document_index__in=indexes)
    return Q(ticket_order__in=people.values("ticket_order"), valid_until__gt=now())


def _waiting(voucher: Voucher, sheets: Any) -> Waiting:
    [ticket] = voucher.tickets.all()
    sheet, refused = sheets.get(ticket.pk), why_no_paper(voucher, ticket)
    who = str(ticket.passenger) if ticket.passenger is not None else ""
    return Waiting(
        voucher, who, sheet.serial if sheet is not None else "", refused[1] if refused is not None else ""
    )
