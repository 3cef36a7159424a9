"""A part of journey ``counter-member``: recharged at the counter, spent at the till by code, with the best coupons."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from plugins.counter_sales.journeys.desk import Desk
from plugins.members.journeys.login import Shopper
from saleor_o2o.journeys.world import Differs, World

CLERK = "clerk_jiefangbei"
TILL = """query($text: String!) { counterMember(search: $text) {
  member { name balance points } errors { code message } } }"""


def at_till(world: World, number: str) -> dict[str, Any]:
    """What the clerk sees of the member."""
    found = world.ask(TILL, {"text": number}, who=CLERK)["counterMember"]
    world.expect("认出会员", found["errors"], [])
    member: dict[str, Any] = found["member"]
    return member


def spend_balance(world: World, person: Shopper, number: str, desk: Desk) -> dict[str, Any]:
    """Fifty yuan are paid in, most of a basket is paid with them; the sale."""
    packages = [one for one in desk.ask("goods", q="充值")["goods"] if Decimal(one["price"]) == 50]
    if not packages:
        raise Differs("没有 50 元的充值套餐")
    recharge = desk.place_order({**desk.basket((packages[0], 1)), "phone": person.mobile})
    desk.ask("cash", sale=recharge["id"], tendered="50")
    world.wait_for("充值到账", lambda: at_till(world, number)["balance"] == 50.0)
    world.step("柜台收现金充值 50 元，余额当场到账")

    goods = _dear(desk)
    basket = {**desk.basket((goods, 1)), "member": number, "phone": ""}
    quote = desk.ask("quote", **basket)["quote"]
    best = [one for one in quote["offers"].get("coupons", []) if one["best"]]
    basket["deductions"] = {"coupons": [one["value"] for one in best]}
    sale = desk.place_order(basket)
    lowered = (
        "，".join(f"{one['title']} 减 {one['amount']} 元" for one in sale["deductions"]) or "没有可用的优惠"
    )
    world.step(f"凭会员号开单 {goods['name']} {goods['price']} 元（{lowered}），应收 {sale['total']} 元")

    amount = min(Decimal(30), Decimal(sale["total"]) - 1)
    refused = desk.refused("consent", kind="balance", sale=sale["id"], text=number, amount="50.01")
    world.expect("多于余额或应收", refused["code"] in ("BALANCE_SHORT", "INVALID"), True)
    asked = desk.ask("consent", kind="balance", sale=sale["id"], text=number, amount=str(amount))
    consent = asked["consent"]
    if not asked["sent"]:
        world.wait_for(
            "再发验证码", lambda: "error" not in desk.try_("consent_code", id=consent["id"]), seconds=90
        )
    code = world.wait_for("收到短信", lambda: _code(world, person))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    world.expect("错的码", desk.refused("consent_give", id=consent["id"], code=wrong)["code"], "CODE_WRONG")
    parts = [{"method": "balance", "code": consent["number"], "amount": str(amount)}]
    early = desk.refused("mixed", sale=sale["id"], parts=parts)
    world.expect("没有会员确认", early["code"], "CONSENT_NEEDED")
    desk.ask("consent_give", id=consent["id"], code=code)
    other = [{"method": "balance", "code": consent["number"], "amount": str(amount - 1)}]
    world.expect("换了金额", desk.refused("mixed", sale=sale["id"], parts=other)["code"], "CONSENT_DIFFERS")
    rest = Decimal(sale["total"]) - amount
    parts.append({"method": "cash", "amount": str(rest)})
    paid: dict[str, Any] = desk.ask("mixed", sale=sale["id"], parts=parts)["sale"]
    world.expect("收齐", paid["state"], "paid")
    world.expect("余额", at_till(world, number)["balance"], float(50 - amount))
    world.wait_for("支付通知", lambda: any("用储值余额支付" in text for text in _texts(world, person)))
    world.step(f"短信写明网点和金额，会员念出验证码：储值余额付 {amount} 元，现金付 {rest} 元")
    world.step("错的码、会员还没确认、换了金额，都不收")
    return paid


def _dear(desk: Desk) -> dict[str, Any]:
    for phrase in ("橙", "茶", "米", "面", "豆", "油"):
        for one in desk.ask("goods", q=phrase)["goods"]:
            if one["left"] and Decimal(60) <= Decimal(one["price"]) <= 90:
                return dict(one)
    raise Differs("没有找到 60 至 90 元的商品")


def _code(world: World, person: Shopper) -> str:
    for text in _texts(world, person):
        found = re.search(r"验证码 (\d{6}).*支付 ", text)
        if found:
            return found[1]
    return ""


def _texts(world: World, person: Shopper) -> list[str]:
    return [str(one["text"]) for one in world.sandbox.texts(person.mobile)]
