"""Codes are told: once when they are made, and again when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Told
from plugins.ticketing.kernel.guest_access import is_foreign
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.ports import SupplierRefused, SupplierSilent
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ...models import Mailing, Voucher
from ...sold import days_words
from .. import telling
from ..access import REISSUE
from ..choices import MailState, PaperWay
from ..entry import entry_of
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code

SENT = audit.action("ticketing.voucher_sent", _("重发凭证短信"))
#: Text messages of one voucher altogether, and how soon after the last one.
MOST_SENT = 5
AGAIN_AFTER = timedelta(minutes=1)
#: Vouchers of an order that are sent at once; an order may have more.
MOST_AT_ONCE = 10

#: Has a supplier send its codes again: its order's number, a telephone. Raises SupplierRefused, SupplierSilent.
Resend = Callable[[str, str], None]
_resends: dict[str, Resend] = {}


def register_resend(adapter: str, resend: Resend) -> None:
    """Say that an adapter's suppliers send their codes themselves; apps do it when they are ready."""
    _resends[adapter] = resend


def resend(by: Any, pk: int) -> Voucher:
    """The text message with the code again, to the buyer's telephone. Locks: voucher.

    Raises OutOfScope, NotAllowed, VOID, NOT_SENT, TOO_OFTEN.
    """
    found = get_row(by, Voucher.objects.all(), pk=pk)
    require(by, REISSUE, found)
    sent = send_again(found)
    audit.record(SENT, sent, after={"count": sent.sent_count}, actor=actor_label(by))
    return sent


def send_again(found: Voucher) -> Voucher:
    """As `resend`, for a voucher that the caller may have: the buyer's own. Call it outside transactions: a supplier
    that sends its codes itself is asked after the lock, and the message counts whatever it answers."""
    order = found.ticket_order
    theirs = _resends.get(order.supplier.adapter) if order.supplier is not None else None
    with transaction.atomic():
        voucher = Voucher.objects.select_for_update(of=("self",)).get(pk=found.pk)
        require_standing(voucher)
        _require_code(voucher)
        _require_pace(order, voucher)
        voucher.ticket_order = order
        if theirs is None and telling.by_text(order, _occasion(voucher), words_of(voucher)) != Told.TEXT:
            raise VoucherError(Code.NOT_SENT, _("订单的联系手机收不到短信"), hint=_("请当面出示或打印"))
        _count_sent(voucher)
    if theirs is not None:
        _ask(theirs, order)
    return voucher


def text_again(order: TicketOrder) -> None:
    """The codes of an order's vouchers that still let somebody in, once more, each under its own limits; of paper that
    was posted the number of its letter. Raises as `send_again` where not one was sent."""
    letter = Mailing.objects.filter(ticket_order=order, state=MailState.SENT).first()
    if letter is not None:
        if telling.by_text(order, telling.POSTED, posted_words(letter)) != Told.TEXT:
            raise VoucherError(Code.NOT_SENT, _("订单的联系手机收不到短信"), hint=_("请看订单里的运单号"))
        return
    rows = Voucher.objects.filter(ticket_order=order, void_at=None).select_related(
        "ticket_order__supplier", "product"
    )
    if rows.filter(on_paper=PaperWay.MAIL).exists():
        if _tell_where(order, 0) != Told.TEXT:
            raise VoucherError(Code.NOT_SENT, _("订单的联系手机收不到短信"), hint=_("请在订单里查看"))
        return
    refusal: VoucherError | None = None
    sent = 0
    # a supplier that sends them itself sends all of an order at once
    for voucher in rows.order_by("pk")[: 1 if _sends_itself(order) else MOST_AT_ONCE]:
        try:
            send_again(voucher)
            sent += 1
        except VoucherError as error:
            refusal = error
    if not sent:
        raise refusal or VoucherError(Code.NOT_SENT, _("没有可以发送的码"), hint=_("请看订单里的取票凭证"))


def posted_words(letter: Mailing) -> dict[str, str]:
    """What a message says of a letter on its way."""
    return {"title": letter.ticket_order.title[:40], "carrier": letter.carrier, "number": letter.waybill}


def _sends_itself(order: TicketOrder) -> bool:
    return order.supplier is not None and order.supplier.adapter in _resends


def _ask(send: Resend, order: TicketOrder) -> None:
    try:
        send(order.their_number, order.mobile)
    except SupplierRefused as refusal:
        raise VoucherError(
            Code.NOT_SENT, _("景区没有重发：%(why)s") % {"why": refusal.words}, hint=_("请打开订单出示入园码")
        ) from None
    except SupplierSilent:
        raise VoucherError(
            Code.NOT_SENT, _("景区没有答复，短信可能已发"),
            hint=_("请先看手机短信；没有收到请一分钟后再试，或打开订单出示入园码"),
        ) from None  # fmt: skip


def _require_pace(order: TicketOrder, voucher: Voucher) -> None:
    if not order.mobile:
        raise VoucherError(Code.NOT_SENT, _("订单没有联系手机"), hint=_("请当面出示或打印"))
    if voucher.sent_count >= MOST_SENT:
        raise VoucherError(
            Code.TOO_OFTEN, _("这张凭证已发送 %(count)d 次，不能再发") % {"count": MOST_SENT},
            hint=_("请打开订单出示二维码，或到柜台打印"),
        )  # fmt: skip
    if voucher.sent_at is not None and now() < voucher.sent_at + AGAIN_AFTER:
        raise VoucherError(Code.TOO_OFTEN, _("刚刚发送过"), hint=_("请一分钟后再试"))


def _occasion(voucher: Voucher) -> str:
    return telling.EXCHANGE_CODE if voucher.on_paper else telling.MADE


def _require_code(voucher: Voucher) -> None:
    """Raises ON_PAPER where no code is told: the paper ticket alone lets in."""
    if voucher.papered_at is not None or voucher.on_paper == PaperWay.MAIL:
        raise VoucherError(Code.ON_PAPER, _("凭纸票入场，没有可以发送的码"), hint=_("请出示纸票"))


def require_standing(voucher: Voucher) -> None:
    """Raises VOID for a voucher that lets nobody in any more."""
    if voucher.void_at is not None:
        raise VoucherError(Code.VOID, _("凭证已作废：%(why)s") % {"why": voucher.void_why})


def tell_made(order: TicketOrder, made: Sequence[Voucher], by_text: Sequence[Voucher]) -> None:
    """Once for the order where the buyer follows, with the first code; else each code that was sold as a text."""
    words = words_of(made[0])
    if len(made) > 1:
        words["title"] = str(
            _("%(title)s 等 %(count)d 张") % {"title": words["title"][:30], "count": len(made)}
        )
    told = telling.tell(order, telling.MADE, f"voucher:{made[0].number}", words, text=False)
    if told == Told.WECHAT:
        return
    for voucher in by_text:
        if telling.by_text(order, _occasion(voucher), words_of(voucher)) == Told.TEXT:
            _count_sent(voucher)
    if not by_text:
        _tell_where(order, len(made))


def _tell_where(order: TicketOrder, count: int) -> Told:
    """What was not sold as a text: when paper is posted, and who has no account where his tickets are. NOWHERE for who
    finds them in his account, and for what a reseller sold."""
    letter = Mailing.objects.filter(ticket_order=order, state=MailState.WAITING).first()
    if letter is not None:
        by = f"{letter.send_by.astimezone(SHANGHAI):%m-%d}"
        return telling.by_text(order, telling.TO_POST, {"title": order.title[:40], "by": by})
    if order.user_id is None and not is_foreign(order):
        return telling.by_text(order, telling.TO_SEE, {"title": order.title[:40], "count": str(count)})
    return Told.NOWHERE


def tell_anew(order: TicketOrder, voucher: Voucher) -> None:
    """The code that was made anew, by text message: it was sold as one. In the caller's transaction."""
    if telling.by_text(order, _occasion(voucher), words_of(voucher)) == Told.TEXT:
        _count_sent(voucher)


def words_of(voucher: Voucher) -> dict[str, str]:
    """What a message says of a voucher."""
    days = days_words(voucher.valid_from, voucher.valid_until)
    return {"title": voucher.title[:40], "code": entry_of(voucher, pictures=False).told, "days": days}


def _count_sent(voucher: Voucher) -> None:
    voucher.sent_count += 1
    voucher.sent_at = now()
    voucher.save(update_fields=["sent_count", "sent_at"])
