"""Journey ``scan-coupon``: an outlet's code gives a follower a coupon, once; used, it counts for the outlet."""

from __future__ import annotations

import re
import secrets
from typing import Any

from saleor_o2o.journeys.office import words_of
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import now

from .buy import ADDRESS, INTENT, NAME, PERSON, START, Neighbour
from .desk import Desk
from .follow import ACCOUNT, a_code, act

COUPONS = "/admin/o2o_coupons/"
MINE = "query($state: CouponState) { myCoupons(state: $state) { number title state } }"
SCAN = "mutation($code: String!) { couponScan(code: $code) { coupons { number title } fresh errors { message } } }"
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  isAvailable variants { id quantityAvailable } } } } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { quote { shippingMethods { id name }
  total { gross { amount } } errors { code message } } errors { code message } } }"""
PLACE = """mutation($key: String!, $input: BasketInput!, $expected: Decimal) {
  orderPlace(key: $key, input: $input, gateway: "o2o.wechat_pay", expectedTotal: $expected) {
    order { id token } errors { code message } } }"""


def play(world: World) -> None:
    """A manager lets an outlet's code give coupons; a neighbour scans it at the counter and again, buys, pays."""
    desk, neighbour = Desk(world, "admin"), Neighbour(world)
    act(world, "server", url=f"{world.base_url}/hooks/official_account/{ACCOUNT}", push_mode="aes")
    code = world.wait_for("生成二维码", lambda: a_code(world, desk))
    neighbour.does("scan", content=code["url"])
    neighbour.log_in(f"{world.base_url}/h5/coupons")

    title = f"到店有礼{secrets.token_hex(3)}"
    outlet = _offer(world, desk, title, code)
    world.step(f"主管建“{title}”（满 20 减 5，平台承担 60%、机构 40%），扫“{code['name']}”的码就送")

    neighbour.does("scan", content=code["url"])
    coupon = world.wait_for("收到优惠券", lambda: _mine(neighbour, title, "UNUSED"))[0]
    world.step(f"{NAME}在柜台扫码：券到账，{coupon['number']}")
    neighbour.does("scan", content=code["url"])
    again = neighbour.ask(SCAN, code=outlet["code"])
    world.expect("再扫", (again["errors"], again["fresh"]), ([], False))
    world.expect("只有一张", len(_mine(neighbour, title)), 1)
    world.step("公众号里再扫、手机页面里又扫：说今天已经领过，还是那一张")

    order, total, saved = _buy(world, neighbour, coupon["number"])
    world.expect("少付", saved, 5.0)
    begun = neighbour.ask(START, token=order["token"], payer=PERSON)
    world.expect("发起支付", begun["errors"], [])
    world.sandbox.call("POST", "/wechat_pay/jsapi", {**begun["jsapi"], "openid": PERSON})
    world.wait_for("到账", lambda: neighbour.ask(INTENT, token=order["token"])["state"] == "PAID")
    world.wait_for("券已使用", lambda: _mine(neighbour, title, "USED"))
    world.step(f"下单用这张券，少付 ¥5.00，微信付 ¥{total:.2f}")

    asked = {"first": f"{now():%Y-%m-%d}", "last": f"{now():%Y-%m-%d}", "unit": outlet["unit"]}
    report = words_of(desk.page(f"{COUPONS}coupontemplate/report/", **asked))
    row = re.search(rf"{title} 1 ¥5\.00 ¥0\.00 ¥5\.00 ¥3\.00 ¥2\.00 ¥0\.00", report)
    world.expect(f"机构 {outlet['unit']} 的核销报表", row is not None, True)
    world.step("核销报表按网点的机构查：这张券 ¥5.00，平台承担 ¥3.00，机构承担 ¥2.00")
    desk.http.close()


def _offer(world: World, desk: Desk, title: str, code: dict[str, Any]) -> dict[str, str]:
    """A template and a giving by the code's channel; the channel's code and its unit's."""
    form = desk.http.get(f"{COUPONS}coupontemplate/add/").text
    city = re.search(r'<option value="(\d+)"[^>]*>\s*\d+ [^<]*市邮政市中心', form)
    page = desk.look(f"scenecode/{code['pk']}/change/")
    named = re.search(r"渠道或微店 (\S+)", page)
    if city is None or named is None:
        raise Differs("没有市中心，或二维码没有渠道")
    said = desk.submit(
        f"{COUPONS}coupontemplate/add/", code=f"J{secrets.token_hex(4)}", name=title, owner=city[1], kind="amount",
        threshold="20", amount="5", scope="all", valid_days="30", per_member="1", grace_days="0", with_sale="on",
        with_member_price="on", with_voucher="on", with_points="on", stacking="alone", platform_share="60",
        unit_share="40", merchant_share="0",
    )  # fmt: skip
    world.expect("建模板", "已建立草稿" in said, True)
    [template, *_more] = re.findall(
        rf"{COUPONS}coupontemplate/(\d+)/change/",
        desk.http.get(f"{COUPONS}coupontemplate/", params={"q": title}).text,
    )
    desk.submit(f"{COUPONS}coupontemplate/{template}/publish/move/", do="1")
    form = desk.http.get(f"{COUPONS}coupongiving/add/").text
    option = re.search(rf'<option value="(\d+)"[^>]*>\s*(\S+) {re.escape(named[1])}\s*<', form)
    if option is None:
        raise Differs(f"发放活动里选不到“{named[1]}”")
    told = desk.submit(
        f"{COUPONS}coupongiving/add/", template=template, mode="scan", pieces="1", least="0", channel=option[1],
        is_active="on", starts_at_0=f"{now():%Y-%m-%d}", starts_at_1="00:00",
    )  # fmt: skip
    world.expect("建发放活动", "成功" in told, True)
    unit = re.search(r"所属机构 (\S+)", page)
    pages = desk.page("/admin/o2o_org_hierarchy/orgunit/", q=unit[1] if unit else "")
    found = re.search(r"\b(5\d{3}(?:-\d+)*)\b", words_of(pages))
    if found is None:
        raise Differs("没有找到网点的机构代码")
    return {"code": option[2], "unit": found[1]}


def _mine(neighbour: Neighbour, title: str, state: str | None = None) -> list[dict[str, Any]]:
    return [one for one in neighbour.ask(MINE, state=state) if one["title"] == title]


def _buy(world: World, neighbour: Neighbour, coupon: str) -> tuple[dict[str, Any], float, float]:
    edges = neighbour.ask(SEARCH, text="脐橙")["edges"]
    goods = [one["node"] for one in edges if one["node"]["isAvailable"]]
    variant = next((v for one in goods for v in one["variants"] if v["quantityAvailable"] > 0), None)
    if variant is None:
        raise Differs("没有找到有货的脐橙")
    basket: dict[str, Any] = {
        "lines": [{"variantId": variant["id"], "quantity": 1}], "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
    }  # fmt: skip
    methods = neighbour.ask(QUOTE, input=basket)["quote"]["shippingMethods"]
    basket["shippingMethod"] = next(one["id"] for one in methods if "自提" not in one["name"])
    plain = neighbour.ask(QUOTE, input=basket)["quote"]["total"]["gross"]["amount"]
    basket["deductions"] = [{"source": "coupons", "values": [coupon]}]
    total = neighbour.ask(QUOTE, input=basket)["quote"]["total"]["gross"]["amount"]
    placed = neighbour.ask(PLACE, key=secrets.token_hex(16), input=basket, expected=str(total))
    world.expect("下单", placed["errors"], [])
    return placed["order"], float(total), round(float(plain) - float(total), 2)
