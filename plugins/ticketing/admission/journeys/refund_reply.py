"""Journey ``refund-reply``: a spot is asked before its tickets go back; its no is for the platform to look at."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import PREVIEW, REFUND, arrived, enter, issued, refunded
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import today

from .house import House
from .visiting import bought

PRODUCT = "jinfoshan-day"
NOTICE = "mutation($tickets: [String!]!) { ticketRefundPreview(tickets: $tickets) { notice } }"
STANDING = (
    "query($order: String!) { ticketRefunds(order: $order) { number state title replyUntil replyWords } }"
)
WITHDRAW = """mutation($number: String!) { ticketRefundWithdraw(number: $number) {
  refund { state } errors { code message } } }"""
_REPLY = "/admin/o2o_ticketing/refundreply/"
_REFUND = "/admin/o2o_ticketing/refundrequest/"


def play(world: World) -> None:
    """Two tickets: one that is taken back and asked for again, the spot agrees; one that it does not agree to and the
    platform gives back all the same."""
    person = enter(world, "李桂英")
    with House(world) as house:
        key = house.find("admissionproduct", PRODUCT)
        _agree_on(house, key, needed=True)
        try:
            _play(world, house, person)
        finally:
            _agree_on(house, key, needed=False)


def _agree_on(house: House, key: str, *, needed: bool) -> None:
    """What the product says of refunds, by its page."""
    page = house.read(f"admissionproduct/{key}/reply/")
    units = re.findall(r'<option value="(\d+)"', page[page.index('name="unit"') :])
    told = {"needed": "on"} if needed else {}
    house.do(
        f"admissionproduct/{key}/reply/", "已保存", unit=units[0], hours="24", silence="agree", reason="与景区的协议",
        **told,
    )  # fmt: skip


def _play(world: World, house: House, person: Shopper) -> None:
    day = (today() + timedelta(days=5)).isoformat()
    # two orders: of one payment WeChat gives back only once a minute
    order, other = [bought(world, person, PRODUCT, [{"ticketClass": "adult"}], day=day) for _turn in range(2)]
    [first], [second] = [[one["number"] for one in each["tickets"]] for each in (order, other)]
    notice = person.ask(NOTICE, tickets=[first])["notice"]
    world.expect("提交前就说明", notice.startswith("这种票退票须商家先答复"), True)
    world.step(f"金佛山门票约定退票须景区 24 小时内答复；试算退票时就告诉客户：{notice}")

    kept = _ask_back(world, person, order["number"], first)
    taken = person.ask(WITHDRAW, number=kept)
    world.expect("撤回", (taken["errors"], taken["refund"]["state"]), ([], "WITHDRAWN"))
    _answer(house, kept, "agree", "客户已撤回退票")
    states = [one["state"] for one in issued(world, person, order["number"])["tickets"]]
    world.expect("票恢复有效", states, ["ISSUED"])
    world.step("第一张：申请后改了主意，自己撤回，票恢复有效；景区再点同意，得知客户已撤回")

    yes = _ask_back(world, person, order["number"], first)
    states = [one["state"] for one in issued(world, person, order["number"])["tickets"]]
    world.expect("其间票停用", states, ["REFUNDING"])
    _answer(house, yes, "agree", "已同意")
    done = refunded(world, person, order["number"], yes)
    world.expect("商家的答复", _standing(person, order["number"], yes)["replyWords"], "商家已同意")
    world.step(f"第一张再次申请：待商家答复，票停用；景区同意，¥{arrived(done):.2f} 原路退回")

    no = _ask_back(world, person, other["number"], second)
    _answer(house, no, "refuse", "转平台审核", said="游客已换取纸质票")
    told = _standing(person, other["number"], no)
    world.expect("不是直接拒绝", told["state"], "AUDIT")
    world.expect("告诉客户", told["replyWords"], "商家不同意：游客已换取纸质票")
    page = _key(house, _REFUND, no)
    done = house.send(f"{_REFUND}{page}/audit/", do="1", **_audit(house, page))
    if "已决定退款" not in done.text:
        raise Differs(f"退票审核没有办成（{done.status_code}）")
    refund = refunded(world, person, other["number"], no)
    world.step(f"第二张：景区不同意，转平台审核；平台查明没有换票，决定退款，¥{arrived(refund):.2f} 原路退回")


def _ask_back(world: World, person: Shopper, order: str, ticket: str) -> str:
    """A ticket is asked back for what the preview said, and waits for the merchant; the refund's number."""
    [quote] = person.ask(PREVIEW, tickets=[ticket])["quotes"]
    told = [{"ticket": ticket, "token": quote["token"]}]
    done = person.ask(REFUND, key=secrets.token_hex(12), tickets=told)
    world.expect("申请退票", done["errors"], [])
    number = str(done["refund"]["number"])
    standing = _standing(person, order, number)
    world.expect("待商家答复", (standing["state"], standing["replyUntil"] is not None), ("MERCHANT", True))
    world.expect("应退与试算一致", Decimal(str(done["refund"]["due"])), Decimal(str(quote["back"])))
    return number


def _standing(person: Shopper, order: str, number: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = person.ask(STANDING, order=order)
    return next(one for one in rows if one["number"] == number)


def _key(house: House, listed: str, number: str) -> str:
    """The key of the one row that a list of the kernel's finds."""
    page = house.http.get(listed, params={"q": number})
    found = set(re.findall(rf"{listed}(\d+)/change/", page.text))
    if page.status_code != 200 or len(found) != 1:
        raise Differs(f"{listed} 列表里查不到 {number}（{page.status_code}）")
    return str(found.pop())


def _answer(house: House, number: str, button: str, words: str, **told: str) -> None:
    """The spot's people answer on their page."""
    address = f"{_REPLY}{_key(house, _REPLY, number)}/answer/"
    done = house.send(address, **{button: "1"}, **told)
    if words not in done.text:
        raise Differs(f"答复退票没有办成（{done.status_code}）")


def _audit(house: House, pk: str) -> dict[str, str]:
    """What the audit's form asks for, as it is proposed."""
    page = house.http.get(f"{_REFUND}{pk}/audit/").text
    dues = re.findall(r'name="(due_\d+)" value="([0-9.]+)"', page)
    return {"decision": "pay", "note": "查明没有换过纸质票", **dict(dues)}
