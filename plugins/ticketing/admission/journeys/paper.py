"""Journey ``paper-ticket``: exchanged at a window and let in by the paper; posted to a home; a name changed once."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.journeys.buying import PREVIEW, enter, give_back
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today

from .house import House, gates
from .visiting import bought, codes_of, hold, visitor, vouchers

WINDOW = "/admin/o2o_admission/voucher/exchange/"
WORK = "/admin/o2o_admission/mailing/work/"
CHANGE = """mutation($ticket: String!, $name: String, $documentNumber: String) { ticketHolderChange(
  ticket: $ticket, name: $name, documentNumber: $documentNumber) { errors { message hint code } } }"""
HOLDERS = "query($n: String!) { ticketHolders(orderNumber: $n) { ticket open why } }"
ADDRESS = """mutation($n: String!, $to: AdmissionMailInput!) { ticketMailingChange(orderNumber: $n, mailTo: $to) {
  receiver errors { message hint code } } }"""
TO = {"name": "李桂英", "mobile": "13800138000", "area": "重庆市 渝中区", "street": "民族路 18 号"}


def play(world: World) -> None:
    """Two to 欢乐谷 by paper from the window, two from 宝顶山 by post, one to 天生三桥 who cannot come."""
    person = enter(world, "李桂英")
    with House(world) as house:
        _window(world, person, house)
        _post(world, person, house)
    _name(world, person)


def _window(world: World, person: Any, house: House) -> None:
    order = bought(world, person, "happyvalley-day", [{"ticketClass": "window"}] * 2, day=today().isoformat())
    first, second = vouchers(person, order["number"])
    world.expect("手机上没有入场二维码", [one["kept"] for one in (first, second)], [None, None])
    code = house.device("happyvalley-main")
    early = gates(world, "scan", code=code, text=first["code"])
    world.expect("换票码过闸机", early["answer"], "paper")
    keys, paper = _exchange(world, house, first["code"], 2)
    again = house.send(WINDOW, do="print", vouchers=keys).text
    world.expect("再换一次", "已换票" in again, True)
    passed = gates(world, "scan", code=code, text=paper[0])
    old = gates(world, "scan", code=code, text=first["code"])
    world.expect("纸票、换过票的码", (passed["answer"], old["answer"]), ("passed", "paper"))
    world.step(
        f"欢乐谷 2 张现场换票：手机上的码过不了闸机（{early['words']}），窗口扫码换 2 张纸票，凭纸票放行"
    )

    later = (today() + timedelta(days=4)).isoformat()
    order = bought(world, person, "happyvalley-day", [{"ticketClass": "window"}], day=later)
    [ticket] = [one["number"] for one in order["tickets"]]
    [key], [sheet] = _exchange(world, house, vouchers(person, order["number"])[0]["code"], 1)
    refused = person.ask(PREVIEW, tickets=[ticket])
    world.expect("手上有纸票时退票", codes_of(refused), ["ON_PAPER"])
    house.do(f"voucher/{key}/paper-back/", "已收回", reason="旅客退票")
    back, _quote = give_back(world, person, order["number"], ticket)
    world.expect("收回的纸票", gates(world, "scan", code=code, text=sheet)["answer"], "void")
    world.step(
        f"另一张要退：{refused['errors'][0]['message']}；柜台收回纸票后退 ¥{back:.2f}，那张纸票不再放行"
    )


def _exchange(world: World, house: House, code: str, count: int) -> tuple[list[str], list[str]]:
    """At the window: the vouchers of an order by their keys, and the codes of their paper tickets."""
    found = house.send(WINDOW, do="find", text=code).text
    keys = re.findall(r'name="vouchers" value="(\d+)"', found)
    world.expect("窗口查到整单", len(keys), count)
    paper = _codes(house.send(WINDOW, do="print", vouchers=keys).text)
    world.expect("打印的纸票", len(paper), count)
    return keys, paper


def _post(world: World, person: Any, house: House) -> None:
    day = (today() + timedelta(days=10)).isoformat()
    wanted = [{"ticketClass": "post"}] * 2
    nowhere = hold(person, "baodingshan-day", wanted, day=day)
    late = hold(person, "baodingshan-day", wanted, day=(today() + timedelta(days=2)).isoformat(), mailTo=TO)
    world.expect("没填地址、来不及寄", codes_of(nowhere) + codes_of(late), ["ADDRESS_NEEDED", "TOO_LATE"])
    order = bought(world, person, "baodingshan-day", wanted, day=day, mailTo=TO)
    world.expect("票款和邮费", order["paid"], Decimal("242.00"))

    page = house.read("mailing/work/")
    key = re.search(rf'letter=(\d+)">{order["number"]}<', page)
    world.expect("待寄纸票里有这一单", key is not None, True)
    letter = key[1] if key else ""
    printed = house.send(f"/admin/o2o_admission/mailing/{letter}/print/").text
    sheets = _codes(printed)
    world.expect("纸票和收件标签", (len(sheets), TO["street"] in printed), (2, True))
    waybill = f"EA{_number()}CN"
    moved = person.ask(ADDRESS, n=order["number"], to={**TO, "street": "高笋塘 1 号"})
    world.expect("更改收件地址", moved["errors"], [])
    stale = house.send(f"{WORK}?letter={letter}", letter=letter, waybill=waybill).text
    world.expect("旧标签不能寄", "收件地址刚刚更改过" in stale, True)
    printed = house.send(f"/admin/o2o_admission/mailing/{letter}/print/").text
    world.expect("重打的标签，同样的纸票", ("高笋塘 1 号" in printed, _codes(printed)), (True, sheets))
    done = house.send(f"{WORK}?letter={letter}", letter=letter, waybill=waybill).text
    world.expect("登记寄出", waybill in done and "已登记寄出" in done, True)
    shown = vouchers(person, order["number"])
    world.expect("买家看到的运单号", [one["paper"]["waybill"] for one in shown], [waybill] * 2)
    tickets = [one["number"] for one in order["tickets"]]
    late = person.ask(ADDRESS, n=order["number"], to=TO)
    world.expect("寄出后改地址", codes_of(late), ["STATE"])
    world.expect("寄出后退票", codes_of(person.ask(PREVIEW, tickets=tickets)), ["ON_PAPER"])
    world.step(
        f"宝顶山 2 张邮寄：没填地址、来不及寄的当场说明；付 ¥{order['paid']:.2f}（含邮费），"
        f"打印纸票和标签；买家改了地址，旧标签登记不了，重打后扫运单号 {waybill} 寄出，买家看得到；寄出后退票须交回纸票"
    )


def _name(world: World, person: Any) -> None:
    day = (today() + timedelta(days=6)).isoformat()
    first, other, third = (visitor(f"测试{one}", 30 + at) for at, one in enumerate("甲乙丙"))
    order = bought(world, person, "tiansheng-day", [{"ticketClass": "adult", **first}], day=day)
    [ticket] = order["tickets"]
    before = vouchers(person, order["number"])[0]["code"]
    child = person.ask(CHANGE, ticket=ticket["number"], name="测试", documentNumber="123")
    world.expect("证件号不对", len(child["errors"]), 1)
    done = person.ask(CHANGE, ticket=ticket["number"], **other)
    world.expect("更改实名", done["errors"], [])
    after = vouchers(person, order["number"])[0]["code"]
    again = person.ask(CHANGE, ticket=ticket["number"], **third)
    world.expect("第二次更改", codes_of(again), ["NAME_CHANGE"])
    [row] = person.ask(HOLDERS, n=order["number"])
    world.expect("换了新码，不能再改", (before != after, row["open"]), (True, False))
    world.step(f"天生三桥 1 张改给别人，换了新码；再改一次：{again['errors'][0]['message']}")


def _codes(page: str) -> list[str]:
    """The codes on the printed sheets."""
    return re.findall(r'<p class="code">([\d ]+)</p>', page)


def _number() -> str:
    """Nine digits of a letter that nobody has posted."""
    return f"{secrets.randbelow(10**9):09d}"
