"""Journey ``goods-faults``: WeChat fails in every way it can; each time the end is clean.

Clean means one of two: paid once with the stock allocated, or unpaid with the stock free. Where the fault is a time
running out, the journey moves the order's deadline (in the platform's own database) instead of waiting for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from saleor_o2o.journeys.world import Differs, World

from .shopping import (
    CANCEL,
    Placed,
    allocated,
    captures,
    find_variant,
    intent,
    place,
    staff_order,
    start_paying,
    trades,
    wait_until_paid,
)

#: Beat's intervals and the query schedule together; generous for a slow machine.
PATIENCE = 90.0


def play(world: World) -> None:
    """Every fault in turn."""
    variant = find_variant(world, "涪陵榨菜")
    for title, story in STORIES:
        before = allocated(world, variant["id"])
        world.sandbox.clear_faults()
        order = place(world, variant["id"])
        ending = story(world, order)
        _check_clean(world, order, allocated(world, variant["id"]) - before)
        world.step(f"{title} → {ending}")


def _check_clean(world: World, order: Placed, held: int) -> None:
    seen = staff_order(world, order)
    state = intent(world, order)["state"]
    if state == "PAID":
        world.expect("收款", captures(seen), [float(order.total)])
        world.expect("占用的库存", held, 1)
    elif state == "CLOSED":
        world.expect("收款", captures(seen), [])
        world.expect("占用的库存", held, 0)
        world.expect("订单状态", seen["status"], "CANCELED")
    else:
        raise Differs(f"结局既不是已支付也不是已关闭，而是 {state}")


def _pay(world: World, order: Placed) -> str:
    number = str(trades(world, order)[0]["out_trade_no"])
    world.sandbox.pay(number)
    return number


def _start_again_then_pay(fault: str, **params: Any) -> Callable[[World, Placed], str]:
    def story(world: World, order: Placed) -> str:
        world.sandbox.fault("prepay", fault, **params)
        first = start_paying(world, order)
        world.expect(
            "第一次发起支付的答复", [one["code"] for one in first["errors"]], ["PROVIDER_UNREACHABLE"]
        )
        second = start_paying(world, order)
        world.expect("再点一次支付的错误", second["errors"], [])
        world.expect("微信那边的交易数", len(trades(world, order)), 1)
        _pay(world, order)
        wait_until_paid(world, order, PATIENCE)
        return "提示没有扣款、请再点一次；再点后同一笔付款成功"

    return story


def _notification(kind: str, ending: str, **params: Any) -> Callable[[World, Placed], str]:
    def story(world: World, order: Placed) -> str:
        start_paying(world, order)
        world.sandbox.fault("notify", kind, **params)
        _pay(world, order)
        wait_until_paid(world, order, PATIENCE)
        return ending

    return story


def _query_fails(world: World, order: Placed) -> str:
    start_paying(world, order)
    world.sandbox.fault("notify", "drop")
    world.sandbox.fault("query", "http_500", times=2)
    _pay(world, order)
    wait_until_paid(world, order, PATIENCE)
    return "通知丢了、查单又报错两次，之后查到已付款"


def _deadline(world: World, order: Placed) -> None:
    """The payment deadline passes now."""
    from saleor_o2o.cashier.models import PaymentIntent

    moved = PaymentIntent.objects.filter(order__token=order.token).update(expires_at=timezone.now())
    world.expect("可拨动的支付期限", moved, 1)


def _closed(world: World, order: Placed) -> None:
    world.wait_for("关闭", lambda: intent(world, order)["state"] == "CLOSED", seconds=PATIENCE)


def _never_paid(world: World, order: Placed) -> str:
    start_paying(world, order)
    _deadline(world, order)
    _closed(world, order)
    world.expect("微信那边的交易", trades(world, order)[0]["trade_state"], "CLOSED")
    return "先在微信关单，再取消订单、释放库存"


def _close_fails(kind: str, **params: Any) -> Callable[[World, Placed], str]:
    def story(world: World, order: Placed) -> str:
        start_paying(world, order)
        world.sandbox.fault("close", kind, **params)
        _deadline(world, order)
        _closed(world, order)
        world.expect("微信那边的交易", trades(world, order)[0]["trade_state"], "CLOSED")
        return "没得到答复时库存不动；再问清楚后关单、释放库存"

    return story


def _paid_at_the_last_moment(world: World, order: Placed) -> str:
    start_paying(world, order)
    world.sandbox.fault("notify", "drop")
    _pay(world, order)
    _deadline(world, order)
    wait_until_paid(world, order, PATIENCE)
    return "关单时发现已付款：订单照常有效"


def _paid_after_close(world: World, order: Placed) -> str:
    start_paying(world, order)
    _deadline(world, order)
    _closed(world, order)
    number = str(trades(world, order)[0]["out_trade_no"])
    world.sandbox.pay(number, after_close=True)
    world.wait_for("自动退回晚到的钱", lambda: world.sandbox.order(number)["refunds"], seconds=PATIENCE)
    (refund,) = world.sandbox.order(number)["refunds"]
    world.expect("退回的金额（分）", refund["amount"]["refund"], int(order.total * 100))
    return "订单已关闭，晚到的钱自动全额退回一次"


def _cancelled_by_staff(world: World, order: Placed) -> str:
    start_paying(world, order)
    done = world.ask(CANCEL, {"id": order.id}, who="clerk")["orderCancel"]
    world.expect("取消订单的错误", done["orderErrors"], [])
    _closed(world, order)
    world.expect("微信那边的交易", trades(world, order)[0]["trade_state"], "CLOSED")
    return "微信那边随即关单，顾客不能再付"


STORIES: tuple[tuple[str, Callable[[World, Placed], str]], ...] = (
    ("下单接口报 500", _start_again_then_pay("http_500")),
    ("下单接口被限流", _start_again_then_pay("http_429")),
    ("下单成功但答复丢了", _start_again_then_pay("answer_lost")),
    ("下单答复的签名是错的", _start_again_then_pay("bad_signature")),
    ("下单答复带探测签名", _start_again_then_pay("signtest")),
    ("下单接口超时", _start_again_then_pay("timeout", delay=12)),
    ("通知来了三份", _notification("duplicate", "只收款一次", copies=3)),
    ("通知丢失", _notification("drop", "主动查单发现已付款")),
    ("通知晚到", _notification("late", "查单或通知先到者入账，只入一次", delay=6)),
    ("通知签名错误", _notification("bad_signature", "拒收；重发或查单后入账")),
    ("通知带探测签名", _notification("signtest", "按微信要求拒收；重发或查单后入账")),
    ("通知丢失且查单报错", _query_fails),
    ("顾客一直没付", _never_paid),
    ("关单接口报 500", _close_fails("http_500")),
    ("关单成功但答复丢了", _close_fails("answer_lost")),
    ("最后一刻付款", _paid_at_the_last_moment),
    ("关单后才付款", _paid_after_close),
    ("店员取消未付款订单", _cancelled_by_staff),
)
