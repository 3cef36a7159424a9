"""Journey ``channel-sale``: a manager opens an account and tops up, a travel agency buys over the signed interface."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

from plugins.ticketing.admission.journeys.house import House, gates
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import today

PARK, CLASS, GATE = "happyvalley-day", "重庆欢乐谷全日票 adult", "happyvalley-main"
_BASE = "/admin/o2o_resale/"
_FACT = r"<dt>{label}</dt><dd>([0-9A-Za-z]+)</dd>"


class Desk(House):
    """Somebody at the pages of resellers, logged in."""

    def look(self, address: str) -> str:
        """A page of resellers as text."""
        return self.page(f"{_BASE}{address}")

    def fill(self, address: str, said: str, **told: Any) -> str:
        """Fill in a form that must be taken with these words."""
        done = self.send(f"{_BASE}{address}", do="1", **told)
        if said not in done.text:
            raise Differs(f"{address}：没有看到“{said}”（{done.status_code}）")
        return str(done.text)

    def key_of(self, listed: str, word: str) -> str:
        """The key of the one row that a list finds."""
        return self.address_of(f"{_BASE}{listed}/", word).split("/")[-3]


def play(world: World) -> None:
    """An account of a day, one order of three: one comes in, one goes back, one stays."""
    code = f"agency-{secrets.token_hex(4)}"
    with Desk(world) as desk:
        account, secret = _open(world, desk, code)
        url = _connect(world, account, secret)
        order = _buy(world, url)
        used = _use(world, desk, order)
        _give_back(world, url, order, used)
        _settle(world, url, desk, code)


def _open(world: World, desk: Desk, code: str) -> tuple[str, str]:
    day, last = today().isoformat(), (today() + timedelta(days=30)).isoformat()
    with Desk(world, "city_ops") as second:
        # the contract is made and paid for by two people
        unit = re.search(r'<option value="(\d+)"[^>]*>', desk.look("reseller/make/"))
        if unit is None:
            raise Differs("没有可签约的机构")
        desk.fill(
            "reseller/make/", "已开户", unit=unit[1], code=code, name=f"演练旅行社 {code[-8:]}", contract=f"YL-{code}",
            first_day=day, last_day=last, credit="0", low_below="0",
            hook=f"{world.sandbox.base_url}/scenic/channel/hook",
        )  # fmt: skip
        row = desk.key_of("reseller", code)
        bank = f"YH{secrets.token_hex(6)}"
        desk.fill(
            f"reseller/{row}/topup/",
            "由另一位同事复核后入账",
            amount="1000.00",
            bank_number=bank,
            paid_on=day,
        )
        top_up = second.key_of("topup", bank)
        second.fill(f"topup/{top_up}/decide/", "已入账", note="银行流水一致")
    page = desk.look(f"reseller/{row}/price/")
    kind = re.search(rf'<option value="(\d+)"[^>]*>[^<]*{CLASS.split()[0]}[^<]*成人', page)
    if kind is None:
        raise Differs(f"渠道价页面没有 {PARK} 的成人票")
    desk.fill(
        f"reseller/{row}/price/",
        "渠道价低于结算价",
        ticket_class=kind[1],
        first_day=day,
        last_day=last,
        price="1.00",
    )
    desk.fill(
        f"reseller/{row}/price/", "已设置", ticket_class=kind[1], first_day=day, last_day=last, price="218.00"
    )
    shown = desk.fill(f"reseller/{row}/key/", "离开本页后不再显示")
    account, secret = (re.search(_FACT.format(label=label), shown) for label in ("接口账号", "密钥"))
    if account is None or secret is None:
        raise Differs("签发密钥后没有显示密钥")
    world.step(
        "给旅行社开户：充值 ¥1,000.00 由另一人复核入账；渠道价低于结算价被拦下，设为 ¥218.00；密钥只显示一次"
    )
    return account[1], secret[1]


def _connect(world: World, account: str, secret: str) -> str:
    """The agency's program gets the key and hears of its price; what it is told next fails once."""
    before = max((one["id"] for one in _received(world)), default=0)
    program = {"key": account, "secret": secret}
    world.sandbox.call("POST", "/scenic/channel", {**program, "fails": 0})

    def look() -> Any:
        return [
            one
            for one in _received(world)
            if one["id"] > before and (one["kind"], one["answered"]) == ("price.changed", 200)
        ]

    world.wait_for("收到渠道价通知", look, seconds=120)
    world.sandbox.call("POST", "/scenic/channel", {**program, "fails": 1})
    return f"{world.base_url}/hooks/ticketing/reseller"


def _received(world: World) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = world.sandbox.call("GET", "/scenic/received")["received"]
    return rows


def ask(world: World, url: str, method: str, **data: Any) -> tuple[str, dict[str, Any]]:
    """The agency's program asks, signed; code and data of the answer, whose signature it checked."""
    told = world.sandbox.call("POST", "/scenic/channel/ask", {"url": url, "method": method, "data": data})
    return told["code"], {**told["data"], "message": told.get("message", "")}


def _buy(world: World, url: str) -> dict[str, Any]:
    sold = ask(world, url, "product.list")[1]["products"]
    world.expect("可售产品", [one["productCode"] for one in sold], [PARK])
    number = f"OTA-{secrets.token_hex(6)}"
    line = {"classCode": "adult", "price": 20000, "quantity": 3}
    wish = {"outOrderNo": number, "productCode": PARK, "day": today().isoformat(), "lines": [line]}
    code, changed = ask(world, url, "order.create", **wish)
    world.expect("价格不对", (code, changed["prices"]), ("PRICE_CHANGED", {"adult": 21800}))
    line["price"] = 21800
    code, made = ask(world, url, "order.create", **wish)
    world.expect("接口下单", (code, made["amount"]), ("0", 65400))
    again = ask(world, url, "order.create", **wish)[1]
    world.expect("同一单号再下一次", again["orderNo"], made["orderNo"])

    def look() -> Any:
        found = ask(world, url, "order.query", outOrderNo=number)[1]
        return found if found["status"] == "ISSUED" else None

    order: dict[str, Any] = world.wait_for("出票", look, seconds=90)
    left = ask(world, url, "balance.get")[1]
    world.expect("下单后余额", left["balance"], 34600)
    heard = _heard(world, "order.issued", number, copies=2)
    world.expect("先失败一次，再送到", [one["answered"] for one in heard], [500, 200])
    world.expect("同一个通知号", len({one["number"] for one in heard}), 1)
    world.step(
        f"接口下单 3 张：旧价格被拒并告知新价；按 ¥218.00 下单成功，重复提交还是同一单；"
        f"预存款扣 ¥654.00，出票通知第一次对方故障、第二次送到，{len(order['vouchers'])} 个入园码"
    )
    return order


def _heard(world: World, kind: str, number: str, *, copies: int = 1) -> list[dict[str, Any]]:
    def look() -> Any:
        mine = [
            one for one in _received(world) if one["kind"] == kind and one["data"].get("outOrderNo") == number
        ]
        return mine if len(mine) >= copies else None

    found: list[dict[str, Any]] = world.wait_for(f"收到 {kind} 通知", look, seconds=120)
    world.expect("通知签名", {one["signed"] for one in found}, {1})
    return found


def _use(world: World, desk: Desk, order: dict[str, Any]) -> str:
    """One at the gate; the agency hears of it."""
    code = desk.device(GATE)
    shown = order["vouchers"][0]
    said = gates(world, "scan", code=code, text=shown["code"], people=1)
    world.expect("闸机", (said["answer"], said["admitted"]), ("passed", 1))
    [heard] = _heard(world, "order.consumed", order["outOrderNo"])
    world.expect("核销通知", (heard["data"]["useQuantity"], heard["data"]["orderQuantity"]), (1, 3))
    world.step("游客凭码入园 1 人，旅行社收到核销通知：3 人已用 1 人")
    return str(shown["voucherNo"])


def _give_back(world: World, url: str, order: dict[str, Any], used: str) -> None:
    """Who bought for today goes by the rule of the day; who bought for another day has it back."""
    fresh = ask(world, url, "order.query", orderNo=order["orderNo"])[1]
    ticket = next(one["ticketNo"] for one in fresh["tickets"] if not one["used"])
    _code, told = ask(world, url, "refund.preview", orderNo=order["orderNo"], tickets=[{"ticketNo": ticket}])
    world.expect("当天的票不可退", [one["allowed"] for one in told.get("tickets", [])] in ([], [False]), True)
    other = _another_day(world, url)
    ticket = other["tickets"][0]["ticketNo"]
    code, told = ask(world, url, "refund.preview", orderNo=other["orderNo"], tickets=[{"ticketNo": ticket}])
    world.expect("退票试算", code, "0")
    [quote] = told["tickets"]
    wish = {"ticketNo": ticket, "token": quote["token"]}
    number = f"RF-{secrets.token_hex(6)}"
    before = ask(world, url, "balance.get")[1]["balance"]
    code, done = ask(
        world,
        url,
        "refund.create",
        outRefundNo=number,
        orderNo=other["orderNo"],
        tickets=[wish],
        reason="行程取消",
    )
    world.expect("退票", code, "0")
    world.wait_for(
        "退票到账",
        lambda: ask(world, url, "refund.query", outRefundNo=number)[1]["status"] == "DONE",
        seconds=90,
    )
    after = ask(world, url, "balance.get")[1]["balance"]
    world.expect("退回预存款", after - before, quote["refundAmount"])
    [heard] = _heard(world, "order.refunded", other["outOrderNo"])
    world.expect(
        "退票通知", (heard["data"]["reQuantity"], heard["data"]["refundAmount"]), (1, done["refundAmount"])
    )
    world.step(
        f"当天的票按规则不退；另一天的退 1 张：{quote['words']}，¥{quote['refundAmount'] / 100:.2f} 退回预存款，"
        f"退票通知送到（凭证 {used} 不受影响）"
    )


def _another_day(world: World, url: str) -> dict[str, Any]:
    day = (today() + timedelta(days=3)).isoformat()
    number = f"OTA-{secrets.token_hex(6)}"
    lines = [{"classCode": "adult", "price": 21800, "quantity": 1}]
    code, _told = ask(world, url, "order.create", outOrderNo=number, productCode=PARK, day=day, lines=lines)
    world.expect("改天再买一张", code, "0")

    def look() -> Any:
        found = ask(world, url, "order.query", outOrderNo=number)[1]
        return found if found["status"] == "ISSUED" else None

    found: dict[str, Any] = world.wait_for("出票", look, seconds=90)
    return found


def _settle(world: World, url: str, desk: Desk, code: str) -> None:
    """What there was and what came and went is what is left: here and there."""
    entries = ask(world, url, "ledger.list")[1]["entries"]
    left = ask(world, url, "balance.get")[1]["balance"]
    world.expect("明细合计等于余额", sum(one["amount"] for one in entries), left)
    world.expect("明细的种类", [one["kind"] for one in entries], ["TOP_UP", "ORDER", "ORDER", "REFUND"])
    page = desk.look("reseller/report/")
    world.expect("对账单上的期末余额", f"¥{left / 100:,.2f}" in page and code[-8:] in page, True)
    world.step(
        f"对账：充值 1 笔、购票 2 笔、退票 1 笔，合计等于余额 ¥{left / 100:.2f}，与机构的渠道对账单一致"
    )
