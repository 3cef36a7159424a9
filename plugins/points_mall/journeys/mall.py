"""Journey ``points-mall``: goods put up, exchanged, handed over; a limit, the last piece, a way back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

from saleor_o2o.journeys.office import Office, number_on
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.ordering.journeys.shipping import send_all

GATEWAY = "o2o.wechat_pay"
WHO = "shopper2"
OFFERS = "/admin/o2o_points_mall/malloffer/"
SWAPS = "/admin/o2o_points_mall/couponswap/"
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name variants { id sku } } } } }"""
MALL = "{ pointsMall { code title points yuan left mine short refusal variant { id } } }"
HAVE = "{ myLoyalty { standing { points } } }"
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { errors { message } quote {
  shippingMethods { id name } pickupMethods shipping { gross { amount } } total { gross { amount } }
  deductions { title amount } errors { code message hint } } } }"""
PLACE = f"""mutation($key: String!, $input: BasketInput!) {{
  orderPlace(key: $key, input: $input, gateway: "{GATEWAY}") {{
    number order {{ id token total {{ gross {{ amount }} }} }} errors {{ code message hint }} }} }}"""
ORDER = "query($number: String!) { myOrder(number: $number) { state total } }"
MINE = "{ myPointsExchanges { title quantity points yuan back orderNumber orderState } }"
CANCEL = "mutation($number: String!) { myOrderCancel(number: $number) { errors { message } } }"
COUPONS = "{ pointsMallCoupons { code title terms points short refusal } }"
SWAP = """mutation($code: String!, $key: String!) { pointsCouponSwap(code: $code, key: $key) {
  number errors { code message hint } } }"""
OWN = "{ myCoupons { number } }"
ADDRESS = {
    "firstName": "晓江", "lastName": "李", "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1", "city": "渝中区",
    "countryArea": "重庆市", "postalCode": "400015", "country": "CN", "phone": "+8613800000002",
}  # fmt: skip


def play(world: World) -> None:
    """Put up three offers; exchange, be refused, race, cancel."""
    goods = _goods(world)
    desk = _Desk(world)
    free = desk.offer(goods["sku"], points="10", per_member="1", period="month")
    last = desk.offer(goods["sku"], points="5", quota="1")
    half = desk.offer(goods["sku"], points="8", yuan="1.00")
    wrong = desk.put_up(goods["sku"], points="10", yuan="9999")
    world.expect("另付高于原价", "须低于商品原价" in wrong, True)
    coupon = desk.swap("积分兑换券", points="4")
    desk.http.close()
    world.step(f"运营上架 {goods['name']}：纯积分（每月限一件）、最后一件、积分加钱；另付高于原价的不让保存")

    have = _points(world)
    seen = {one["code"]: one for one in world.ask(MALL, {}, who=WHO)["pointsMall"]}
    world.expect("可以兑换", (seen[free]["refusal"], seen[free]["short"]), (None, 0))
    home, pickup = _ways(world, goods, free)
    freight = home["shipping"]["gross"]["amount"]
    world.step(f"会员有 {have} 积分；寄到家要付运费 ¥{freight:.2f}，到网点自提 ¥0.00，下单前都看得到")

    basket = _basket(goods, free, pickup)
    done = _place(world, basket)
    world.expect("兑换", done["errors"], [])
    world.expect("应付", done["order"]["total"]["gross"]["amount"], 0.0)
    world.expect("积分", _points(world), have - 10)
    world.expect("订单状态", _state(world, done["number"]), "PENDING_PICKUP")
    world.step(f"兑换一件，订单 {done['number']} 不用付款，直接待取货；积分当场扣 10 分")

    world.expect("交付", send_all(world, done["order"]["id"]), [])
    world.wait_for("取货完成", lambda: _state(world, done["number"]) in ("RECEIVED", "COMPLETED"))
    world.step("网点交给会员，订单已收货，与买来的一样")

    again = _place(world, basket)
    world.expect("再兑一件", [one["code"] for one in again["errors"]], ["LIMIT_REACHED"])
    world.step(f"想再兑一件：{again['errors'][0]['message']}")
    dear = _place(world, _basket(goods, half, pickup, 99))
    world.expect("兑不起", bool(dear["errors"]), True)

    _last_piece(world, _basket(goods, last, pickup))

    before = _points(world)
    paid = _place(world, _basket(goods, half, pickup))
    world.expect("积分加钱", paid["errors"], [])
    world.expect("待付", Decimal(str(paid["order"]["total"]["gross"]["amount"])), Decimal(1))
    world.expect("积分先占用", _points(world), before - 8)
    world.expect(
        "取消", world.ask(CANCEL, {"number": paid["number"]}, who=WHO)["myOrderCancel"]["errors"], []
    )
    world.wait_for("积分退回", lambda: _points(world) == before)
    [row, *_others] = world.ask(MINE, {}, who=WHO)["myPointsExchanges"]
    world.expect("兑换记录", (row["orderNumber"], row["back"]), (paid["number"], 1))
    world.step("8 积分加 1 元的订单没付款就取消：积分全部退回，兑换记录写明")
    _coupon(world, coupon)


def _coupon(world: World, code: str) -> None:
    shown = next(one for one in world.ask(COUPONS, {}, who=WHO)["pointsMallCoupons"] if one["code"] == code)
    world.expect("可以换券", (shown["points"], shown["short"]), (4, 0))
    before, told = _points(world), {"code": code, "key": secrets.token_hex(16)}
    first, again = (world.ask(SWAP, told, who=WHO)["pointsCouponSwap"] for _ in range(2))
    world.expect("换券", first["errors"], [])
    world.expect("同一请求再来一遍", again, first)
    world.expect("只扣一次积分", _points(world), before - 4)
    own = [one["number"] for one in world.ask(OWN, {}, who=WHO)["myCoupons"]]
    world.expect("在我的优惠券里", first["number"] in own, True)
    world.step(f"4 积分换一张“{shown['title']}”（{shown['terms']}）：断网重试不多扣，券在“我的优惠券”里")


def _last_piece(world: World, basket: Mapping[str, Any]) -> None:
    before, gate = _points(world), Barrier(2, timeout=30)

    def phone(_number: int) -> Any:
        gate.wait()
        return _place(world, basket)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(phone, range(2)))
    lost = [one for one in answers if one["errors"]]
    world.expect("只有一部手机兑到", len(lost), 1)
    world.expect("另一部", [one["code"] for one in lost[0]["errors"]], ["SOLD_OUT"])
    world.expect("只扣一次积分", _points(world), before - 5)
    world.step(f"最后一件，两部手机同时兑：一部兑到，另一部看到“{lost[0]['errors'][0]['message']}”")


class _Desk(Office):
    """Who runs the mall, in a browser."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "admin")
        form = self.http.get(f"{OFFERS}add/").text
        found = re.search(r'<select name="owner".*?<option value="(\d+)"', form, re.DOTALL)
        if found is None:
            raise Differs("上架页没有可选的发布机构")
        self.owner = found[1]

    def put_up(self, sku: str, **terms: str) -> str:
        """Fill in the form; the page that comes next."""
        told = {
            "sku": sku, "owner": self.owner, "yuan": "0.00", "period": "whole", "opens_at_0": "2026-01-01",
            "opens_at_1": "00:00", **terms,
        }  # fmt: skip
        return str(self.send(f"{OFFERS}add/", **told).text)

    def swap(self, title: str, **terms: str) -> str:
        """Put a coupon up; the code."""
        form = self.http.get(f"{SWAPS}add/").text
        options = re.search(r'<select name="template".*?</select>', form, re.DOTALL)
        found = re.search(rf'<option value="(\d+)"[^>]*>[^<]*{title}', options[0] if options else "")
        if found is None:
            raise Differs(f"没有可选的优惠券“{title}”")
        told = {
            "template": found[1],
            "owner": self.owner,
            "opens_at_0": "2026-01-01",
            "opens_at_1": "00:00",
            **terms,
        }
        page = str(self.send(f"{SWAPS}add/", **told).text)
        return number_on(page, "DQ", after="成功添加")

    def offer(self, sku: str, **terms: str) -> str:
        """Put goods up; the code."""
        page = self.put_up(sku, **terms)
        if "已上架" not in page:
            raise Differs(f"没有上架：{re.findall(r'errorlist[^>]*>(.*?)</ul>', page, re.DOTALL)[:2]}")
        return number_on(page, "DH", after="已上架")


def _goods(world: World) -> dict[str, str]:
    [first, *_others] = world.ask(SEARCH, {"text": "涪陵榨菜"})["products"]["edges"]
    variant = first["node"]["variants"][0]
    return {"name": first["node"]["name"], "id": variant["id"], "sku": variant["sku"]}


def _basket(goods: Mapping[str, str], code: str, method: str | None, pieces: int = 1) -> dict[str, Any]:
    return {
        "lines": [{"variantId": goods["id"], "quantity": pieces}], "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS, "shippingMethod": method,
        "deductions": [{"source": "exchange", "values": [code]}],
    }  # fmt: skip


def _ways(world: World, goods: Mapping[str, str], code: str) -> tuple[Any, str]:
    """What sending home costs, and the way that is fetched for nothing."""
    asked = _quote(world, _basket(goods, code, None))
    pickup = next(iter(asked["pickupMethods"]))
    home = next(one["id"] for one in asked["shippingMethods"] if one["id"] not in asked["pickupMethods"])
    world.expect("自提应付", _quote(world, _basket(goods, code, pickup))["total"]["gross"]["amount"], 0.0)
    return _quote(world, _basket(goods, code, home)), str(pickup)


def _quote(world: World, basket: Mapping[str, Any]) -> Any:
    return world.ask(QUOTE, {"input": basket}, who=WHO)["basketQuote"]["quote"]


def _place(world: World, basket: Mapping[str, Any]) -> Any:
    return world.ask(PLACE, {"key": secrets.token_hex(16), "input": basket}, who=WHO)["orderPlace"]


def _points(world: World) -> int:
    return int(world.ask(HAVE, {}, who=WHO)["myLoyalty"]["standing"]["points"])


def _state(world: World, number: str) -> str:
    return str(world.ask(ORDER, {"number": number}, who=WHO)["myOrder"]["state"])
