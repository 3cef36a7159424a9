"""Journey ``exchange``: one thing is exchanged, one cannot be repaired and becomes money, one offer is declined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from . import buyer
from .after_sale import CHIEF, CLERK, OUTLETS, PRICE
from .desk import Desk

SWAPS = """query($token: String!) { afterSaleOffers(orderToken: $token) { swaps { lineId variantId name inStock } } }"""
ONE = """query($number: String!) { myAfterSale(number: $number) { kind state stateText outcome outCarrier outWaybill
  agreed answer } }"""
RECEIVE = """mutation($number: String!) { afterSaleReceive(number: $number) { afterSale { state }
  errors { message } } }"""
CHOOSE = """mutation($number: String!, $refund: Boolean!) { afterSaleChoose(number: $number, refund: $refund) {
  afterSale { state } errors { message } } }"""


def play(world: World) -> None:
    """An exchange to its end; a repair that ends as a refund; an offer that the buyer does not take."""
    [outlet] = world.ask(OUTLETS, who="liaison_jiefangbei")["salesChannels"]
    goods = buyer.find(world, "涪陵榨菜", 12)
    chief, clerk = Desk(world, CHIEF), Desk(world, CLERK)
    order = buyer.buy(world, goods, 3, outlet["code"])
    clerk.ship(order.own_number)
    buyer.receive(world, order)
    world.step(f"顾客买了 3 份榨菜并已收货，订单 {order.own_number}")
    _exchanged(world, chief, order, goods)
    with buyer.refunds_wait(world):
        _repaired(world, chief, order)
    _declined(world, chief, order)
    left = buyer.offer(world, order)["lines"][0]
    world.expect("余下可退", (left["quantity"], Decimal(str(left["amount"]))), (2, 2 * PRICE))
    world.step(f"账目：只退过 1 份的钱，余下 2 份仍可退 {format_yuan(2 * PRICE)}")


def _exchanged(world: World, chief: Desk, order: buyer.Bought, goods: str) -> None:
    [found] = world.ask(SWAPS, {"token": order.token}, who=buyer.WHO)["afterSaleOffers"]
    same = [one for one in found["swaps"] if one["inStock"]]
    world.expect("可换的规格里有原规格", goods in {one["variantId"] for one in same}, True)
    shelf, _held = buyer.stock(world, goods)
    number = buyer.ask_for(world, order, "EXCHANGE", "DAMAGED", "一份压坏了", 1, photos=1)
    page = chief.sale(number)
    if "现在有货，同意时预留" not in chief.page(page):
        raise Differs("售后单上没有写明是否有货")
    chief.act(page, "agree")
    world.expect("同意时从货架预留", buyer.stock(world, goods)[0], shelf - 1)
    world.step(f"顾客申请换货 1 份（{number}），支局看到有货后同意：换货商品当时就从货架预留")
    _send_back(world, number)
    chief.act(page, "take_in")
    refusal = chief.refused(page, "send", carrier="中国邮政", waybill="")
    chief.act(page, "send", carrier="中国邮政", waybill="ems 7654321098cq")
    sent = _one(world, number)
    world.expect("寄出的运单", (sent["state"], sent["outWaybill"]), ("SENT", "EMS7654321098CQ"))
    world.expect("换回的一份回到货架", buyer.stock(world, goods)[0], shelf)
    for _click in range(2):
        done = world.ask(RECEIVE, {"number": number}, who=buyer.WHO)["afterSaleReceive"]
        world.expect("确认收货的错误", done["errors"], [])
    world.expect(
        "结果", (_one(world, number)["state"], _one(world, number)["outcome"]), ("FINISHED", "SWAPPED")
    )
    world.step(f"换货寄出（不填运单号不行：{refusal}），顾客收到，换货完成，没有动钱")


def _repaired(world: World, chief: Desk, order: buyer.Bought) -> None:
    number = buyer.ask_for(world, order, "REPAIR", "QUALITY", "封口漏气，请重新封装", 1)
    page = chief.sale(number)
    chief.act(page, "agree")
    _send_back(world, number)
    chief.act(page, "take_in")
    world.expect("状态", _one(world, number)["stateText"], "维修中")
    chief.act(page, "offer", why="包装无法重新密封，建议退款")
    offered = _one(world, number)
    world.step(f"另一份申请维修（{number}），修不好：{offered['answer']}；{offered['stateText']}")
    done = world.ask(CHOOSE, {"number": number, "refund": True}, who=buyer.WHO)["afterSaleChoose"]
    world.expect("答复的错误", done["errors"], [])
    fields = chief.fields(page)
    [damaged] = [name for name in fields if name.startswith("damaged_")]
    chief.act(page, "inspect", **{damaged: "1"})
    refund = buyer.arrives(world, order, PRICE)
    buyer.wait_for_state(world, number, "DONE")
    world.step(f"顾客同意退款，商品已在支局，直接验货退款 {format_yuan(PRICE)}（{refund}）")


def _declined(world: World, chief: Desk, order: buyer.Bought) -> None:
    number = buyer.ask_for(world, order, "EXCHANGE", "QUALITY", "想换一份新鲜的", 1)
    page = chief.sale(number)
    chief.act(page, "offer", why="新货下周才到，建议退款")
    done = world.ask(CHOOSE, {"number": number, "refund": False}, who=buyer.WHO)["afterSaleChoose"]
    world.expect("不同意改退款", done["afterSale"], {"state": "CLOSED"})
    world.step(f"第三次申请换货（{number}）时无货，支局建议退款；顾客不愿意，售后关闭，以后还可以再申请")


def _send_back(world: World, number: str) -> None:
    sent = {"number": number, "carrier": "中国邮政", "waybill": "EMS1234567890CQ"}
    done = world.ask(buyer.SEND_BACK, sent, who=buyer.WHO)["afterSaleShipBack"]
    world.expect("寄回的错误", done["errors"], [])


def _one(world: World, number: str) -> dict[str, Any]:
    return dict(world.ask(ONE, {"number": number}, who=buyer.WHO)["myAfterSale"])
