"""Purchases and refunds in which somebody dies. Each ends when nothing is on its way any more."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from . import cards, till
from .buying import Buying
from .shop import COMBINED

#: Seconds after which an order that nobody pays is too late.
DEADLINE = 16 * 60
EXPIRE = "saleor_o2o.cashier.tasks.expire_payments"
QUERY = "saleor_o2o.cashier.tasks.query_silent_payments"
#: Seconds after which a payer who does not type the password is too late.
TOO_SLOW = 60
Story = Callable[[Buying], None]


def scanned(buying: Buying) -> None:
    """扫码付款"""
    _bought(buying)


def storefront(buying: Buying) -> None:
    """商城六步下单，扫码付款"""
    order = buying.place_by_steps()
    buying.start(order)
    buying.pay()
    buying.settle()


def mixed(buying: Buying) -> None:
    """储值卡付一部分，其余扫码"""
    _mixed(buying)


def card_alone(buying: Buying) -> None:
    """储值卡全额付款"""
    order = buying.place()
    buying.compose(order, buying.card("900.00"), None)
    buying.settle()


def refunded_in_parts(buying: Buying) -> None:
    """付款后分两次退款"""
    order = _bought(buying)
    buying.refund(order, Decimal("5.00"), "first")
    buying.settle()
    buying.wait(70)  # the provider wants a minute between two
    buying.refund(order, Decimal("7.35"), "second")
    buying.settle()


def mixed_refunded_in_part(buying: Buying) -> None:
    """组合付款后按份额退一部分"""
    order = _mixed(buying)
    buying.refund(order, Decimal("33.33"), "part")
    buying.settle()


def mixed_refunded_whole(buying: Buying) -> None:
    """组合付款后全额退款"""
    order = _mixed(buying)
    buying.refund(order, buying.total(order), "whole")
    buying.settle()


def refunded_by_stock(buying: Buying) -> None:
    """付款后在原版后台全额退款"""
    order = _bought(buying)
    buying.refund_by_stock(order, buying.total(order))
    buying.settle()


def never_paid(buying: Buying) -> None:
    """占着储值卡和库存，到期未付"""
    order = buying.place()
    buying.compose(order, buying.card("30.00"), "20.00")
    buying.start(order)
    buying.settle()
    buying.wait(DEADLINE)
    buying.run(EXPIRE)
    buying.settle()


def paid_at_the_deadline(buying: Buying) -> None:
    """到期关单与付款同时发生"""
    order = buying.place()
    buying.start(order)
    buying.settle()
    buying.wait(DEADLINE)
    buying.at_once(lambda: buying.run(EXPIRE), lambda: buying.pay(after_close=True))
    buying.settle()


def paid_too_late(buying: Buying) -> None:
    """关单以后才付款，自动退回"""
    order = buying.place()
    buying.start(order)
    buying.wait(DEADLINE)
    buying.run(EXPIRE)
    buying.settle()
    buying.pay(after_close=True)
    buying.settle()


def paid_twice(buying: Buying) -> None:
    """换了付款方式，两个码都付了"""
    order = buying.place()
    buying.start(order)
    buying.start(order, "WECHAT_H5")
    buying.pay()
    buying.pay(0, after_close=True)
    buying.settle()


def cancelled(buying: Buying) -> None:
    """取消订单与付款同时发生"""
    order = buying.place()
    buying.start(order)
    buying.at_once(lambda: buying.cancel(order), lambda: buying.pay(after_close=True))
    buying.settle()


def cancelled_by_staff(buying: Buying) -> None:
    """店员在原版后台取消订单与付款同时发生"""
    order = buying.place()
    buying.start(order)
    buying.at_once(lambda: buying.cancel_by_staff(order), lambda: buying.pay(after_close=True))
    buying.settle()


def combined(buying: Buying) -> None:
    """两家各收各的，合单付款"""
    buying.goods = COMBINED
    _bought(buying)


def combined_refunded(buying: Buying) -> None:
    """合单付款后先退一部分，再退其余"""
    buying.goods = COMBINED
    order = _bought(buying)
    part = Decimal("10.01")
    buying.refund(order, part, "part")
    buying.settle()
    buying.wait(70)
    buying.refund(order, buying.total(order) - part, "rest")
    buying.settle()


def combined_at_the_deadline(buying: Buying) -> None:
    """合单到期关单与付款同时发生"""
    buying.goods = COMBINED
    paid_at_the_deadline(buying)


def combined_paid_too_late(buying: Buying) -> None:
    """合单关单以后才付款，各子单自动退回"""
    buying.goods = COMBINED
    paid_too_late(buying)


def phone_scanned(buying: Buying) -> None:
    """柜台扫付款码即付"""
    till.scan(buying, till.sell(buying), till.FIRST)
    buying.settle()


def phone_asks_for_the_password(buying: Buying) -> None:
    """柜台扫付款码，顾客输密码"""
    sale = till.sell(buying)
    buying.house.sandbox.fault("codepay", "userpaying")
    till.scan(buying, sale, till.FIRST)
    till.type_password(buying)
    buying.wait(6)
    till.look(buying, sale)
    buying.settle()


def phone_too_slow(buying: Buying) -> None:
    """柜台扫付款码超时撤销，再扫另一部手机"""
    sale = till.sell(buying)
    buying.house.sandbox.fault("codepay", "userpaying")
    till.scan(buying, sale, till.FIRST)
    buying.wait(TOO_SLOW)
    buying.run(QUERY)
    buying.settle()
    till.scan(buying, sale, till.SECOND)
    buying.settle()


def phone_password_at_the_end(buying: Buying) -> None:
    """柜台扫付款码，撤销与输密码同时发生"""
    sale = till.sell(buying)
    buying.house.sandbox.fault("codepay", "userpaying")
    till.scan(buying, sale, till.FIRST)
    buying.wait(TOO_SLOW)
    buying.at_once(lambda: buying.run(QUERY), lambda: till.type_password(buying))
    buying.settle()


def card_charged(buying: Buying) -> None:
    """刷卡付款"""
    cards.buy(buying)
    buying.settle()


def card_asked_by_the_bank(buying: Buying) -> None:
    """刷卡，发卡银行要求验证"""
    cart = cards.fill(buying, cards.ASKED)
    cards.complete(buying, cart)
    cards.answer_bank(buying)
    cards.complete(buying, cart)
    buying.settle()


def card_refunded(buying: Buying) -> None:
    """刷卡后退一部分"""
    order = cards.buy(buying)
    buying.settle()
    buying.refund_by_stock(order, Decimal("10.01"))
    buying.settle()


def card_captured_in_part(buying: Buying) -> None:
    """刷卡预授权，请款一部分"""
    with cards.keeping():
        order = cards.buy(buying)
        buying.settle()
        cards.capture(buying, order, buying.total(order) - Decimal("5.00"))
        buying.settle()


def card_voided(buying: Buying) -> None:
    """刷卡预授权，撤销"""
    with cards.keeping():
        order = cards.buy(buying)
        buying.settle()
        cards.void(buying, order)
        buying.settle()


def _bought(buying: Buying) -> dict[str, Any]:
    order = buying.place()
    buying.start(order)
    buying.pay()
    buying.settle()
    return order


def _mixed(buying: Buying) -> dict[str, Any]:
    order = buying.place()
    buying.compose(order, buying.card("50.00"), "20.00")
    buying.start(order)
    buying.pay()
    buying.settle()
    return order


STORIES: tuple[Story, ...] = (
    scanned, storefront, mixed, card_alone, refunded_in_parts, mixed_refunded_in_part, mixed_refunded_whole,
    never_paid, paid_at_the_deadline, paid_too_late, paid_twice, cancelled,
    cancelled_by_staff, refunded_by_stock,
    combined, combined_refunded, combined_at_the_deadline, combined_paid_too_late,
    phone_scanned, phone_asks_for_the_password, phone_too_slow, phone_password_at_the_end,
    card_charged, card_asked_by_the_bank, card_refunded, card_captured_in_part, card_voided,
)  # fmt: skip


def title(story: Story) -> str:
    """What a story is about, in words."""
    return (story.__doc__ or "").strip()
