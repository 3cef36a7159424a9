"""A reseller's order: written under its own number, held, placed, paid from the deposit; resumed where it stopped.

Every step is one that may be repeated: the hold, the order and the payment have keys made of this row. So a crash, or
an answer that never arrived, costs the time until the job comes and never a second order.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.models import Address

from plugins.org_hierarchy.interfaces import Claim, register_source
from plugins.ticketing.admission.choices import SaleChannel
from plugins.ticketing.admission.models import AdmissionProduct, Session, Slot, TicketClass
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.holding import close as close_hold
from saleor_o2o.cashier.interfaces import (
    Audience,
    Method,
    Payer,
    Wish,
    cancel_intent,
    compose_intent,
    gateway_offering,
    is_paid,
    live_intent,
)
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.idempotency import fingerprint_of
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.ordering.baskets import Basket
from saleor_o2o.ordering.services.basket_placing import place_basket

from ..choices import BuyState, NoticeKind
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..models import Reseller, ResellerOrder
from ..numbers import ORDER
from ..tenders import KIND
from .prices import Pays, offered, prices_for
from .telling import tell
from .visitors import passenger_of

logger = logging.getLogger(__name__)
#: After so long what stands still is driven by the job.
PATIENCE = timedelta(seconds=60)
#: After so long (as many tries of the job) people are told of what still stands: `todo`.
STUCK = timedelta(minutes=15)
#: The code of an order that something of our own broke at; the job goes on with it.
BROKEN = "BROKEN"
_buying: ContextVar[Reseller | None] = ContextVar("o2o_resale_buying", default=None)


@contextmanager
def _for(reseller: Reseller) -> Iterator[None]:
    token = _buying.set(reseller)
    try:
        yield
    finally:
        _buying.reset(token)


def _claim(_order: Any, _origin: Any) -> Claim | None:
    reseller = _buying.get()
    return Claim(reseller.unit, "reseller") if reseller is not None else None


def install_attribution() -> None:
    """Have orders of resellers count for the unit of their contract; called once when the app is ready."""
    register_source("reseller", 6, _claim)


def order(reseller: Reseller, their_number: str, asked: Mapping[str, Any]) -> ResellerOrder:
    """Buy what a reseller asks for; the same number again is the same order, however far it is.

    `asked`: product, lines [{class, price (yuan, as text), visitors: [..] or quantity}], day, session, slot, contact,
    mobile. Call outside transactions. Raises ResaleError: NUMBER_REUSED (another request), NOT_ACTIVE, NOT_FOUND,
    NOT_OFFERED, PRICE_CHANGED (with the prices of now), BALANCE_SHORT. What is refused later (sold out, papers that do
    not fit) is a FAILED row with its code, and its number stays used.
    """
    digest = blind_index(fingerprint_of(asked), "resale.order")
    known = ResellerOrder.objects.filter(reseller=reseller, their_number=their_number).first()
    if known is None:
        total = _check(reseller, asked)
        try:
            with transaction.atomic():
                kept: dict[str, Any] = {"asked": dict(asked), "total": total, "digest": digest}
                known = ResellerOrder.objects.create(
                    reseller=reseller, number=next_number(ORDER), their_number=their_number, **kept
                )
        except IntegrityError:  # the same number at the same moment: the other one does it
            known = ResellerOrder.objects.get(reseller=reseller, their_number=their_number)
        else:
            return drive(known.pk)
    if known.digest != digest:
        raise ResaleError(
            Code.NUMBER_REUSED, _("这个订单号已用于另一笔订单"), "outOrderNo", _("请换一个订单号")
        )
    return known


def _check(reseller: Reseller, asked: Mapping[str, Any]) -> Decimal:
    """What it comes to; before anything is written, so that such a refusal leaves the number free."""
    if not reseller.may_buy_on(today()):
        raise ResaleError(
            Code.NOT_ACTIVE, _("合作已暂停或不在合同期内，不能下单"), hint=_("请联系签约邮政机构")
        )
    product = offered(reseller, asked["product"])
    kinds = {one.code: one for one in product.classes.filter(active=True)}
    lines = asked["lines"]
    if any(line["class"] not in kinds for line in lines):
        raise ResaleError(Code.NOT_FOUND, _("没有这个票类"), "classCode", _("请查询可售产品"))
    day = _day(asked, product) or today()
    pays = prices_for(reseller, list(kinds.values()), [day])
    total = Decimal(0)
    for line in lines:
        own = pays.get((kinds[line["class"]].pk, day))
        if own is None or not own.sold:
            raise ResaleError(Code.NOT_OFFERED, _("这一天没有可用的渠道价"), "classCode", _("请查询可售产品"))
        total += own.price * _count(line)
    _same_prices(lines, kinds, pays, day)
    fresh = Reseller.objects.get(pk=reseller.pk)
    if total > fresh.available:
        raise ResaleError(Code.BALANCE_SHORT, _("预存款与授信额度不足"), "amount", _("请先充值"))
    return total


def _same_prices(
    lines: Any, kinds: Mapping[str, TicketClass], pays: Mapping[tuple[int, date], Pays], day: date
) -> None:
    now_is = {line["class"]: pays[kinds[line["class"]].pk, day].price for line in lines}
    if any(Decimal(line["price"]) != now_is[line["class"]] for line in lines):
        raise ResaleError(
            Code.PRICE_CHANGED, _("渠道价已变化"), "price", _("请按新价格重新下单"),
            told={"prices": {code: to_fen(price) for code, price in now_is.items()}},
        )  # fmt: skip


def _count(line: Mapping[str, Any]) -> int:
    return len(line["visitors"]) or int(line["quantity"])


def _day(asked: Mapping[str, Any], product: AdmissionProduct) -> date | None:
    """The day of the visit, for its price; None for tickets of any day."""
    if asked.get("session"):
        session = Session.objects.filter(product=product, pk=asked["session"]).first()
        if session is None:
            raise ResaleError(Code.NOT_FOUND, _("没有这个场次"), "session", _("请查询可售日期"))
        return session.starts_at.astimezone(SHANGHAI).date()
    if asked.get("slot"):
        slot = Slot.objects.filter(product=product, pk=asked["slot"]).first()
        if slot is None:
            raise ResaleError(Code.NOT_FOUND, _("没有这个时段"), "slot", _("请查询可售日期"))
        day: date = slot.day
        return day
    return date.fromisoformat(asked["day"]) if asked.get("day") else None


# -- buying --------------------------------------------------------------------------------------------------------


def drive(pk: int) -> ResellerOrder:
    """Bring an order as far as it goes: held, placed, paid. Twice, or in two workers: each step is done once.

    Call outside transactions. A refusal ends it: what it held is let go, what it paid goes back.
    """
    row = ResellerOrder.objects.select_related("reseller__unit", "ticket_order").get(pk=pk)
    if row.state != BuyState.WORKING:
        return row
    ResellerOrder.objects.filter(pk=pk).update(tried_at=now())
    try:
        held = _hold(row)
        placed = _place(row, held)
        state = _pay(row, placed)
    except DomainError as refusal:
        if _passes(refusal):
            logger.info("order %s of a reseller waits: %s", row.number, refusal.code)
            return row
        return _fail(row.pk, refusal)
    if state != "paid":  # people look at it first; the job comes again
        return ResellerOrder.objects.get(pk=pk)
    return _placed(row.pk, held.pk)


def _passes(refusal: DomainError) -> bool:
    """Whether it is worth trying again: nothing was refused, somebody else was at it."""
    return str(refusal.code.value) in {
        "LOCK_TIMEOUT",
        "IDEMPOTENCY_IN_PROGRESS",
        "PROVIDER_UNREACHABLE",
        "HOLD_PENDING",
    }


def _key(row: ResellerOrder) -> str:
    """What only we know: whoever has number and key of a hold may buy it."""
    return blind_index(f"{row.reseller_id}:{row.pk}", "resale.hold")[:48]


def _hold(row: ResellerOrder) -> TicketOrder:
    if row.ticket_order is not None:
        return row.ticket_order
    asked = row.asked
    product = AdmissionProduct.objects.get(code=asked["product"])
    kinds = {one.code: one for one in product.classes.all()}
    tickets = [
        TicketAsk(kinds[line["class"]].pk, passenger=who, mobile=asked.get("mobile", ""))
        for line in asked["lines"]
        for who in (
            [passenger_of(one) for one in line["visitors"]]
            if line["visitors"]
            else [None] * int(line["quantity"])
        )
    ]
    ask = Ask(
        product=product.pk, tickets=tickets, channel=SaleChannel.DISTRIBUTOR, session=asked.get("session"),
        slot=asked.get("slot"), day=date.fromisoformat(asked["day"]) if asked.get("day") else None,
        contact=asked.get("contact", ""), mobile=asked.get("mobile", ""),
        agreed={kinds[line["class"]].pk: Decimal(line["price"]) for line in asked["lines"]},
    )  # fmt: skip
    held = hold_admission(ask, key=_key(row), user=None, unit=row.reseller.unit, reseller=row.reseller_id)
    ResellerOrder.objects.filter(pk=row.pk).update(ticket_order=held)
    row.ticket_order = held
    return held


def _place(row: ResellerOrder, held: TicketOrder) -> int:
    reseller = row.reseller
    if held.order_id is not None:
        return int(held.order_id)
    address = Address(
        first_name=reseller.name[:200], company_name=reseller.name[:200], street_address_1=reseller.contract[:200],
        city="重庆市", country_area="重庆市", postal_code="400000", country="CN",
    )  # fmt: skip
    basket = Basket(
        lines=(), holds=[(held.number, _key(row))], billing_address=address,
        # nobody's: whoever could register with it would find the order among his
        email=f"{_key(row)[:32]}@reseller.invalid",
        note=f"{reseller.name} {row.their_number}"[:200],
    )  # fmt: skip
    with _for(reseller):
        placed = place_basket(
            f"resale-{_key(row)}", basket, user=AnonymousUser(), discounts=[],
            gateway=gateway_offering(Method.WECHAT_NATIVE), expected_total=row.total,
        )  # fmt: skip
    return int(placed.pk)


def _pay(row: ResellerOrder, order_id: int) -> str:
    if is_paid(order_id):
        return "paid"
    intent = live_intent(order_id)
    if intent is None:
        raise ResaleError(Code.CHANGED_MEANWHILE, _("订单超时未付款，已关闭"))
    return compose_intent(intent, [Wish(KIND, str(row.reseller_id))], Payer(None, Audience.PARTNER))


@transaction.atomic
def _placed(pk: int, held: int) -> ResellerOrder:
    [row] = lock_rows(ResellerOrder.objects.filter(pk=pk).select_related("ticket_order"), no_key=True)
    if row.state == BuyState.WORKING:
        row.state, row.asked, row.ticket_order_id = BuyState.PLACED, {}, held
        row.code, row.why = "", ""
        row.save(update_fields=["state", "asked", "ticket_order", "code", "why"])
    return row


def _fail(pk: int, refusal: DomainError) -> ResellerOrder:
    """It is not bought: tickets are let go, an unpaid order is closed (its deposit goes back), the reseller is told."""
    row = ResellerOrder.objects.select_related("ticket_order").get(pk=pk)
    held = row.ticket_order
    if held is not None and held.order_id is not None:
        intent = live_intent(held.order_id)
        if intent is not None:
            cancel_intent(intent, "RESALE_FAILED")
        if is_paid(held.order_id):  # it was refused after the money was there: it is bought
            return _placed(pk, held.pk)
    elif held is not None and held.state in (OrderState.HOLDING, OrderState.HELD):
        close_hold(held.pk, str(refusal.message)[:200])
    with transaction.atomic():
        [row] = lock_rows(ResellerOrder.objects.filter(pk=pk), no_key=True)
        if row.state == BuyState.WORKING:
            row.state, row.asked, row.open = BuyState.FAILED, {}, False
            row.code, row.why = str(refusal.code.value)[:40], refusal.in_words[:200]
            row.save(update_fields=["state", "asked", "open", "code", "why"])
            tell(
                row.reseller_id, NoticeKind.FAILED, f"order:{row.number}",
                {"orderNo": row.number, "outOrderNo": row.their_number, "code": row.code, "message": row.why},
            )  # fmt: skip
    return row


def drive_waiting(limit: int = 50) -> int:
    """Drive what stands still since a crash or a busy moment; how many were looked at."""
    late: datetime = now() - PATIENCE
    rows = ResellerOrder.objects.filter(state=BuyState.WORKING, tried_at__lt=late).order_by("tried_at")
    done = 0
    for pk in list(rows.values_list("pk", flat=True)[:limit]):
        try:
            drive(pk)
            done += 1
        except Exception:
            logger.exception("driving a reseller's order %s", pk)
            why = str(_("系统处理出错，正在重试"))
            ResellerOrder.objects.filter(pk=pk, state=BuyState.WORKING).update(code=BROKEN, why=why)
    return done
