"""Journey ``merge``: one person with two members; a service agent merges them, and both histories are one's."""

from __future__ import annotations

import secrets
from typing import Any

from saleor_o2o.journeys.office import Office
from saleor_o2o.journeys.world import World

from .histories import days_left, join, live, seen
from .login import PASSWORD, SET, SIGN_IN, Shopper

LIST = "/admin/o2o_members/member/"
MINE = "{ myMember { number mobile identities { kind masked isPrimary } } me { addresses { city } } }"
NUMBER = "{ myMember { number } }"
ADDRESS = """mutation($input: AddressInput!) { accountAddressCreate(input: $input) {
  address { id } accountErrors { field message } } }"""
HOME = {
    "firstName": "小渝", "streetAddress1": "中山四路示例小区 1 栋", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN",
}  # fmt: skip


def play(world: World) -> None:
    """Two numbers, two members, one person."""
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    old, new = Shopper(world, "旧号"), Shopper(world, "新号")
    numbers = []
    for one in (old, new):
        made = one.ask(SIGN_IN, mobile=one.mobile, code=one.code(), agreement=agreement, name="小渝")
        world.expect(f"{one.name}注册", made["errors"], [])
        one.token = made["token"]
        numbers.append(made["member"]["number"])
    world.expect("旧号加地址", old.ask(ADDRESS, input=HOME)["accountErrors"], [])
    world.step(f"同一个人用两个号码注册了两次：{numbers[0]}（有收货地址）、{numbers[1]}")
    before = [live(world, one) for one in (old, new)]
    world.step("两个会员各下了一单、各签到得了积分、各领了一张券")
    for one in (old, new):
        join(world, one)
    days = [days_left(one) for one in (old, new)]
    world.step(f"两个会员又各买了一张年卡，各还剩 {days[0]} 天")

    with Office(world, "admin") as office:
        page = f"{LIST}{office.key_of(LIST, numbers[1])}/merge/"
        own = office.send(page, look="1", other=numbers[1]).text
        world.expect("与自己合并", "不能与自己合并" in own, True)
        looked = office.send(page, look="1", other=old.mobile).text
        world.expect("看到另一个", numbers[0] in looked and "不能撤销" in looked, True)
        world.step("客服先看两个会员：与自己合并被拒绝，另一个并排显示，提示不能撤销")
        done = office.send(page, do="1", other=numbers[0], reason="顾客本人来电，两个号码均已核验").text
        world.expect("合并", f"已将 {numbers[0]} 并入 {numbers[1]}" in done, True)
        world.step(f"合并：{numbers[0]} 并入 {numbers[1]}，页面留下记录")
        page = f"{LIST}{office.key_of(LIST, numbers[0])}/merge/"
        again = office.send(page, look="1", other=numbers[1]).text
        world.expect("反过来再合并", "已经合并过" in again, True)
        world.step("反过来再合并一次：已经合并过，没有任何变更")

    headers = {"Authorization": f"JWT {old.token}"}
    old.token = ""
    refused = world.http.post("/graphql/", json={"query": "{ me { id } }"}, headers=headers).json()
    world.expect("旧号的登录", "errors" in refused, True)
    answer: Any = world.http.post(
        "/graphql/", json={"query": MINE}, headers={"Authorization": f"JWT {new.token}"}
    ).json()["data"]
    world.expect("两个手机号", len(answer["myMember"]["identities"]), 2)
    world.expect("地址跟过来了", {one["city"] for one in answer["me"]["addresses"]}, {"渝中区"})
    secret = secrets.token_hex(6)
    world.expect("设密码", new.ask(SET, password=secret, code=new.code("CONFIRM"))["errors"], [])
    old.token = old.ask(PASSWORD, login=old.mobile, password=secret)["token"]
    world.expect("旧号码登录", old.ask(NUMBER)["number"], numbers[1])
    after = seen(old)
    orders = {*before[0]["orders"], *before[1]["orders"]}
    world.expect(
        "两份订单和两张年卡的订单",
        (orders - {*after["orders"]}, len(after["orders"])),
        (set(), len(orders) + 2),
    )
    world.expect("积分相加", after["points"] >= before[0]["points"] + before[1]["points"], True)
    world.expect("年卡的天数接起来", days_left(old) in (sum(days), sum(days) + 1), True)
    missing = (before[0]["coupons"] | before[1]["coupons"]) - after["coupons"]
    world.expect("两份优惠券", missing, set())
    world.step(
        "旧号码的登录随之退出；再用旧号码登录，进的就是保留的会员：两份订单、积分、优惠券、地址都在，年卡天数接起来"
    )
