"""Paying from afar: a clerk on the telephone sends the payer a link, which opens a page of this one sale.

Whoever has the link may pay, and see what is paid for; nothing else. It cannot be guessed (128 random bits), ends
with the time to pay, with the sale, and with the next link that is sent.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import send_text
from saleor_o2o.cashier.interfaces import (
    ask_now,
    intent_facts,
    live_intent,
    parts_of,
    start_code,
    start_page,
)
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.masking import mask_phone
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import get_row, require

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_sale
from ..models import CounterSale, PayLink, SaleState
from ..permissions import SELL
from ..phones import clean_phone, phone_index
from ..places import place_of_sale
from .codes import note_money, open_code

LINK_SENT = audit.action("counter.pay_link_sent", _("发送付款链接"))
#: The texts that go out, by template.
TEXTS = {
    "counter_pay_link": _(
        "您在%(place)s订购的商品应付 %(amount)s，请在 %(until)s 前打开 %(link)s 付款。"
        "工作人员不会索要密码或验证码。"
    ),
    "counter_pickup": _("您在%(place)s的订单已付款，取货码 %(code)s，凭码取货，请勿转发。"),
}
#: What pages call them.
TEXT_TITLES = {"counter_pay_link": _("付款链接"), "counter_pickup": _("取货码通知")}
#: Links for one sale, and for one telephone in a day: a counter must not become a way to pester people.
MOST_OF_A_SALE = 3
MOST_OF_A_MOBILE = 5
#: Less time than this is no time to pay in.
LEAST = timedelta(minutes=3)


def send_link(user: Any, sale_pk: int, mobile: str = "") -> PayLink:
    """Send a link to `mobile`, or to the sale's own number for "". No transaction may be open; nothing is charged.

    Locks, while writing: sale, order; then the sale. Raises OutOfScope, NotAllowed, CounterError PHONE_INVALID,
    ALREADY_PAID, SALE_CLOSED, TOO_MANY_TRIES, and what the cashier refuses (NOT_CONFIGURED …).
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    if not mobile.strip() and not sale.phone:
        raise CounterError(Code.PHONE_INVALID, _("请填写付款人的手机号"), "linkPhone")
    number = clean_phone(mobile if mobile.strip() else sale.phone, "linkPhone")
    until, _state = intent_facts(open_code(sale.pk, timedelta(minutes=settings.O2O_COUNTER["HOLD_MINUTES"])))
    if until < now() + LEAST:
        raise CounterError(
            Code.SALE_CLOSED, _("这一单的付款时间快到了，来不及发链接"), hint=_("请取消后重开一单")
        )
    token = secrets.token_urlsafe(16)
    with transaction.atomic():
        sale = lock_sale(sale.pk)
        if sale.state != SaleState.PLACED:
            raise CounterError(Code.ALREADY_PAID, _("这笔销售已收款或已结束"), hint=_("请刷新后查看"))
        _require_pace(sale, number)
        PayLink.objects.filter(sale=sale, ended_at__isnull=True).update(ended_at=now())
        link = PayLink.objects.create(
            sale=sale, token_index=_index(token), mobile=number, mobile_index=phone_index(number), sent_by=user,
            expires_at=until,
        )  # fmt: skip
        address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('o2o-counter-pay', args=[token])}"
        send_text(
            number, "counter_pay_link",
            {
                "place": place_of_sale(sale).name, "amount": format_yuan(sale.total), "link": address,
                "until": f"{localtime(until):%H:%M}",
            },
            expires_after=until - now(),
        )  # fmt: skip
        audit.record(
            LINK_SENT, sale, after={"sent_to": mask_phone(number), "until": until}, org_path=sale.unit.path
        )
    return link


def link_of(token: str) -> PayLink | None:
    """The link that a token belongs to, whether it still counts or not; None for a token that nobody was sent."""
    if not token or len(token) > 64:
        return None
    return (
        PayLink.objects.select_related("sale__unit", "sale__order").filter(token_index=_index(token)).first()
    )


def counts(link: PayLink) -> bool:
    """True while a sale can be paid by this link."""
    return link.sale.state == SaleState.PLACED and link.ended_at is None and link.expires_at > now()


def open_link_of(sale: CounterSale) -> PayLink | None:
    """The link by which an unpaid sale can be paid now. One statement."""
    found = PayLink.objects.filter(sale=sale, ended_at__isnull=True, expires_at__gt=now()).first()
    return found if sale.state == SaleState.PLACED else None


def due_of(link: PayLink) -> Decimal:
    """What is still to be paid, in yuan."""
    return Decimal(link.sale.total - sum((one.amount for one in parts_of(link.sale.order_id)), Decimal(0)))


def pay_by_page(link: PayLink, payer_ip: str | None) -> str:
    """The provider's page on which the payer's phone pays. Calls the provider: no transaction may be open.

    Raises CounterError SALE_CLOSED, and what the cashier refuses; asking again resumes the same trade.
    """
    return start_page(_intent(link), payer_ip)


def pay_by_code(link: PayLink, payer_ip: str | None) -> str:
    """The content of a code that another phone scans. As `pay_by_page`."""
    return start_code(_intent(link), payer_ip)


def look_again(link: PayLink) -> None:
    """Ask the provider whether the money is here, for a notification that does not come."""
    intent = live_intent(link.sale.order_id)
    if intent is not None:
        ask_now(intent)
    note_money(link.sale.order_id)
    link.sale = CounterSale.objects.select_related("unit", "order").get(pk=link.sale_id)


def tell_pickup_code(sale: CounterSale) -> None:
    """Text the code to the customer of a sale that was paid from afar: nobody stands here to be given a slip.

    Called once for each sale; the text leaves after the commit.
    """
    if sale.pickup_code and sale.phone and PayLink.objects.filter(sale=sale).exists():
        send_text(sale.phone, "counter_pickup", {"place": place_of_sale(sale).name, "code": sale.pickup_code})


def _intent(link: PayLink) -> int:
    intent = live_intent(link.sale.order_id) if counts(link) else None
    if intent is None:
        raise CounterError(Code.SALE_CLOSED, _("付款链接已失效"), hint=_("请向网点重新索取"))
    return intent


def _require_pace(sale: CounterSale, number: str) -> None:
    today = PayLink.objects.filter(mobile_index=phone_index(number), sent_at__gt=now() - timedelta(days=1))
    if PayLink.objects.filter(sale=sale).count() >= MOST_OF_A_SALE or today.count() >= MOST_OF_A_MOBILE:
        raise CounterError(
            Code.TOO_MANY_TRIES,
            _("付款链接已发送多次"),
            "linkPhone",
            _("请与付款人核对手机号，或改用其他方式收款"),
        )


def _index(token: str) -> str:
    """How a link is found: only a keyed hash of its token can be searched."""
    return blind_index(token, "counter_sales.pay_link")
