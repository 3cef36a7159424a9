"""Journey ``bill-download``: the day after, an accountant fetches the bill; the first file is broken."""

from __future__ import annotations

import re
from datetime import timedelta

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.money import format_yuan

from .desk import BackOffice
from .shopping import find_variant, place, start_paying, trades, wait_until_paid

BILLS, LINES = "/admin/o2o_wechat_pay/bill/", "/admin/o2o_wechat_pay/billline/"
#: What the page says of a bill just taken in, and of one that was here. The bare "已入库" is also a choice of the
#: list's filter.
TAKEN_IN, FINAL = "已入库，共 ", "账单已入库，不会再变"


def play(world: World) -> None:
    """Pay, let a day pass, fetch a broken file, fetch again, find the payment by its number."""
    variant = find_variant(world, "腊肉")
    order = place(world, variant["id"], 1, who="shopper1")
    start_paying(world, order)
    [trade] = trades(world, order)
    number = trade["out_trade_no"]
    world.sandbox.pay(number)
    wait_until_paid(world, order)
    world.sandbox.age(1)
    world.step(f"昨天卖出一份腊肉 {format_yuan(order.total)}（商户订单号 {number}）")

    desk = BackOffice(world, "admin")
    form = desk.http.get(f"{BILLS}fetch/").text
    found = re.search(r'<option value="(\d+)"[^>]*>重庆邮政便民生活', form)
    if found is None:
        raise Differs("下载账单的页面没有默认商户号")
    day = today() - timedelta(days=1)
    asked = {"account": found[1], "day": f"{day:%Y-%m-%d}", "kind": "trade"}

    world.sandbox.fault("bill_file", "corrupt")
    answer = desk.submit(f"{BILLS}fetch/", **asked)
    while FINAL in answer:  # the journey was played on this platform before: let another day pass
        world.sandbox.age(1)
        day -= timedelta(days=1)
        asked["day"] = f"{day:%Y-%m-%d}"
        answer = desk.submit(f"{BILLS}fetch/", **asked)
    if TAKEN_IN in answer:
        raise Differs("损坏的账单被当成好的入库了")
    world.expect("损坏的文件被识破", "HASH_DIFFERS" in answer, True)
    world.step("财务下载账单，第一份文件在路上损坏：按解压后的字节核对 SHA1，不入库，稍后再取")

    answer = desk.submit(f"{BILLS}fetch/", **asked)
    world.expect("入库", TAKEN_IN in answer, True)
    page = desk.http.get(LINES, params={"q": number}).text
    world.expect("按单号查到明细", page.count(number) >= 2, True)
    world.expect("付款人已脱敏", trade["out_trade_no"] in page and "oSandboxPerson" not in page, True)
    world.step("再取一次，汇总与明细逐项相符，入库；按商户订单号查到这一笔，付款人标识已脱敏")

    fixed = desk.submit(f"{BILLS}fetch/", **asked)
    world.expect("入库后不再改变", FINAL in fixed, True)
    flow = desk.submit(f"{BILLS}fetch/", **{**asked, "kind": "flow"})
    world.expect("资金账单入库", TAKEN_IN in flow, True)
    world.step("再点下载被拒绝：入库的账单不会变；资金账单也已入库")
