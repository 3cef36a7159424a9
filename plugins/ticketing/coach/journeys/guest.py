"""Journey ``ticket-guest``: somebody without an account buys, opens the link of his text by a code to his telephone,
goes with another bus, and gives that ticket back; a stranger with the same link gets nowhere."""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import arrived, issued, pay
from saleor_o2o.journeys.world import World

from .riding import HOLD, buses, hold, leaves, open_networks, rider

LINK = "query($l: String!) { ticketGuestLink(link: $l) { number mobile errors { code message } } }"
SEND = """mutation($l: String!) { ticketGuestCodeSend(link: $l) { againAfter errors { code message } } }"""
OPEN = """mutation($l: String!, $c: String!) { ticketGuestOpen(link: $l, code: $c) {
  number token until onlyShown errors { code message } } }"""
ORDER = """query($n: String!, $t: String) { ticketOrder(number: $n, token: $t) {
  number state tickets { number state seat price } } }"""
HOLD_AGAIN = HOLD.replace("$old: String)", "$old: String, $t: String)").replace(
    "insteadOf: $old)", "insteadOf: $old, token: $t)"
)
QUOTE = """mutation($tickets: [String!]!, $new: String!, $k: String!, $t: String) {
  ticketChangePreview(tickets: $tickets, target: $new, targetKey: $k, token: $t) {
    quotes { ticket token fee toPay allowed words } errors { code message } } }"""
CHANGE = """mutation($key: String!, $tickets: [TicketChangeInput!]!, $new: String!, $k: String!, $t: String) {
  ticketChange(key: $key, tickets: $tickets, target: $new, targetKey: $k, token: $t) {
    change { number state } words errors { code message hint } } }"""
PREVIEW = """mutation($tickets: [String!]!, $t: String) { ticketRefundPreview(tickets: $tickets, token: $t) {
  back quotes { ticket token fee back words } errors { code message } } }"""
REFUND = """mutation($key: String!, $tickets: [TicketRefundInput!]!, $t: String) {
  ticketRefund(key: $key, tickets: $tickets, token: $t) { refund { number state due } errors { code message } } }"""
TEXT = """mutation($n: String!, $t: String) { ticketTextSend(orderNumber: $n, token: $t) {
  mobile errors { code message hint } } }"""
REFUNDS = """query($n: String!, $t: String) { ticketRefunds(order: $n, token: $t) { number state due
  money { amount state arrivedAt } } }"""


def play(world: World) -> None:
    """A ticket of tomorrow, all of it without an account."""
    open_networks(world)
    guest, stranger = Shopper(world, "过路客"), Shopper(world, "陌生人")
    found = buses(world, guest, "CQ-CJP", "CQ-DZ")
    early, late = found[-2], found[-1]
    key, who = secrets.token_hex(12), rider("测试壬", 36)
    held = hold(guest, early, [who], key=key)
    world.expect("占座", held["errors"], [])
    paid = pay(world, guest, held["number"], key=key)
    [old] = issued(world, guest, held["number"], key=key)["tickets"]
    link = _link(world, guest)
    world.step(f"没有登录，买 {leaves(early)} 的票，付 ¥{paid}；出票短信里有链接 …/h5/g/{link}")

    told = guest.ask(LINK, l=link)
    masked = f"{guest.mobile[:3]}****{guest.mobile[-4:]}"
    world.expect("链接只说订单号和遮盖的手机号", (told["number"], told["mobile"]), (held["number"], masked))
    bare = stranger.ask(PREVIEW, tickets=[old["number"]], t=link)
    world.expect("凭链接本身不能退票", [one["code"] for one in bare["errors"]], ["NOT_FOUND"])
    token = _open(world, guest, link)
    texts = len(world.sandbox.texts(guest.mobile))
    world.expect(
        "别人不能让短信重发",
        [one["code"] for one in stranger.ask(TEXT, n=held["number"], t=link)["errors"]],
        ["NOT_FOUND"],
    )
    world.expect("重发短信", guest.ask(TEXT, n=held["number"], t=token), {"mobile": masked, "errors": []})
    world.expect(
        "马上再发",
        [one["code"] for one in guest.ask(TEXT, n=held["number"], t=token)["errors"]],
        ["TOO_OFTEN"],
    )
    world.wait_for("重发的短信", lambda: len(world.sandbox.texts(guest.mobile)) > texts)
    world.step(f"打开链接，验证码发到 {masked}，输入后打开订单，短信可以重发；只有链接的人什么也办不了")

    target = guest.ask(
        HOLD_AGAIN, key=key + "-1", shift=late["id"], goal=late["goal"]["code"], mobile="", old=held["number"], t=token,
        passengers=[{"ticket": old["number"], "fare": "FULL"}],
    )  # fmt: skip
    world.expect("占新班次的座", target["errors"], [])
    new = {"new": target["number"], "k": key + "-1", "t": token}
    quoted = guest.ask(QUOTE, tickets=[old["number"]], **new)
    world.expect("改签试算", quoted["errors"], [])
    done = guest.ask(CHANGE, key=secrets.token_hex(12), tickets=_taken(quoted), **new)
    world.expect("改签", done["errors"], [])

    def changed() -> Any:
        order = guest.ask(ORDER, n=target["number"], t=token)
        return order if order["state"] == "ISSUED" else None

    [ticket] = world.wait_for("改签完成", changed, seconds=90)["tickets"]
    gone = guest.ask(ORDER, n=held["number"], t=token)["tickets"]
    world.expect("原票已改签", [one["state"] for one in gone], ["CHANGED"])
    world.step(f"自己改到 {leaves(late)}：{'；'.join(quoted['quotes'][0]['words'])}，新座位 {ticket['seat']}")

    quoted = guest.ask(PREVIEW, tickets=[ticket["number"]], t=token)
    world.expect("退票试算", quoted["errors"], [])
    refused = stranger.ask(REFUND, key=secrets.token_hex(12), tickets=_taken(quoted), t=link)
    world.expect("别人退不了", [one["code"] for one in refused["errors"]], ["NOT_FOUND"])
    given = guest.ask(REFUND, key=secrets.token_hex(12), tickets=_taken(quoted), t=token)
    world.expect("退票", given["errors"], [])
    back = Decimal(str(quoted["back"]))
    world.expect("应退与试算一致", Decimal(str(given["refund"]["due"])), back)

    def money() -> Any:
        [row] = guest.ask(REFUNDS, n=target["number"], t=token)
        return row if row["state"] == "DONE" else None

    world.expect("到账与试算一致", arrived(world.wait_for("退款到账", money, seconds=90)), back)
    world.step(f"再退掉：{'；'.join(quoted['quotes'][0]['words'])}，¥{back} 原路退回，已到账")


def _taken(quoted: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"ticket": one["ticket"], "token": one["token"]} for one in quoted["quotes"]]


def _link(world: World, guest: Shopper) -> str:
    """What stands in the link of the text that the tickets came with."""

    def look() -> Any:
        return [
            found[1]
            for one in world.sandbox.texts(guest.mobile)
            if (found := re.search(r"/h5/g/([0-9a-z-]+)", one["text"]))
        ]

    return str(world.wait_for("出票短信", look)[0])


def _open(world: World, guest: Shopper, link: str) -> str:
    """The code that came, typed: the pass of an hour."""
    before = len(world.sandbox.texts(guest.mobile))
    world.expect("获取验证码", guest.ask(SEND, l=link)["errors"], [])
    world.wait_for("收到验证码", lambda: len(world.sandbox.texts(guest.mobile)) > before)
    text = next(one["text"] for one in world.sandbox.texts(guest.mobile) if "验证码" in one["text"])
    [digits] = re.findall(r"\b\d{6}\b", text)
    opened = guest.ask(OPEN, l=link, c=digits)
    world.expect("打开订单", (opened["errors"], opened["onlyShown"]), ([], False))
    again = guest.ask(OPEN, l=link, c=digits)
    world.expect("验证码只能用一次", [one["code"] for one in again["errors"]], ["CODE_WRONG"])
    return str(opened["token"])
