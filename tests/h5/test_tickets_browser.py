"""Tickets in a real browser with a telephone's screen: a visit with names, a show with seats, a coach; at the gate and
back again; and a guest who has no account. What is gone through is said step by step."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from plugins.h5.journeys.buy import pay, sign_in
from plugins.members.journeys.login import Shopper
from plugins.ticketing.admission.journeys.visiting import hold
from plugins.ticketing.coach.journeys.riding import open_networks
from plugins.ticketing.kernel.journeys.buying import document, issued
from plugins.ticketing.kernel.journeys.buying import pay as settled
from saleor_o2o.cli.platform import Platform
from saleor_o2o.embedded.paths import var_dir
from saleor_o2o.journeys.browser import Phone, find_chromium, must_have_browser, phone
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today
from sandbox.client import SandboxClient

from .test_browser import AUDIT

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        CHROMIUM is None and not must_have_browser(),
        reason="没有找到 Chromium：浏览器测试未运行（安装 chromium，或用 O2O_CHROMIUM 指定）",
    ),
]
PICTURES = var_dir() / "screenshots" / "h5-tickets"
MOBILE = "19900000061"
#: The same as its owner is shown it.
MASKED = "199****0061"


def test_tickets_on_the_phone(platform: Platform) -> None:
    assert CHROMIUM is not None, "O2O_BROWSER=required, but there is no Chromium"
    world = World(platform.base_url, SandboxClient(platform.sandbox_url), platform.var, lambda _text: None)
    with phone(CHROMIUM, platform.base_url, PICTURES) as screen:
        try:
            sign_in(world, screen, MOBILE)
            looked_for(screen)
            number = visited(world, screen)
            shown_without_a_network(screen, number)
            number = moved(screen, number)
            given_back(screen, number)
            seated(screen)
            ridden(world, screen)
        except Exception:
            screen.picture("where-it-ended")
            raise
        assert screen.complaints == []


def seen(screen: Phone, name: str) -> None:
    """Keep a picture; the page is fit for fingers and for whoever does not see it."""
    screen.settle()
    screen.picture(name)
    wrong = screen.page.evaluate(AUDIT)
    assert wrong == [], wrong


def looked_for(screen: Phone) -> None:
    """The way in, words, and what is found."""
    page = screen.page
    screen.open("/")
    page.get_by_role("link", name="门票演出").tap()
    page.get_by_text("新年交响音乐会").wait_for()
    seen(screen, "01-tickets")
    page.get_by_placeholder("景区、演出、场馆、区县").fill("大足")
    page.keyboard.press("Enter")
    page.get_by_text("新年交响音乐会").wait_for(state="detached")
    page.get_by_text("大足石刻宝顶山门票").wait_for()


def visited(world: World, screen: Phone) -> str:
    """A day of the calendar, one who comes with his document, held, paid, issued; the ticket order's number."""
    page = screen.page
    screen.open("/tickets/tiansheng-day")
    page.get_by_text("成人票").first.wait_for()
    page.locator(".strip button").nth(1).tap()
    seen(screen, "02-visit")
    page.locator(".van-stepper__plus").first.tap()
    page.get_by_role("button", name="下一步").tap()
    # the member's own number is known, and shown masked
    page.locator("input[name=own-mobile]").wait_for()
    assert page.locator("input[name=own-mobile]").input_value() == MASKED
    assert MOBILE not in page.content()
    page.get_by_role("button", name="占座下单").tap()
    page.get_by_text("还有票没有选择旅客").wait_for()

    # somebody new, kept for next time; a wrong digit is seen before anything is sent
    page.get_by_text("成人票 1").tap()
    page.get_by_role("button", name="填写新的旅客").tap()
    page.locator("input[name=name]").fill("测试游客")
    right = document("19900307")
    page.locator("input[name=number]").fill(right[:-1] + ("0" if right[-1] != "0" else "1"))
    page.get_by_role("button", name="使用这位旅客").tap()
    page.get_by_text("身份证号不正确").wait_for()
    page.locator("input[name=number]").fill(right)
    screen.settle()
    screen.picture("03-person")
    page.get_by_role("button", name="使用这位旅客").tap()
    page.locator(".van-cell__value", has_text="测试游客").wait_for()
    seen(screen, "04-booking")
    page.get_by_role("button", name="占座下单").tap()

    page.wait_for_url("**/h5/checkout")
    page.get_by_text("占座剩余").wait_for()
    assert page.locator(".address").count() == 0
    seen(screen, "05-checkout")
    page.get_by_role("button", name="提交订单").tap()
    page.wait_for_url("**/h5/cashier/*")
    pay(world, screen)
    page.get_by_text("支付成功").wait_for()

    screen.open("/ticket-orders")
    page.locator("a.item").first.tap()
    page.get_by_text("没有网络也能打开").wait_for()
    seen(screen, "06-order")
    return page.url.rsplit("/", 1)[1]


def shown_without_a_network(screen: Phone, number: str) -> None:
    """The code is on the phone: in a valley the page opens and shows it. Nobody's name stays on the phone."""
    page = screen.page
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.get_by_text("没有网络也能打开").tap()
    code = page.locator("svg[data-text]").get_attribute("data-text")
    seen(screen, "07-voucher")
    before = list(screen.complaints)
    page.context.set_offline(True)
    page.goto(f"{screen.base_url}/h5/vouchers/{number}")
    page.get_by_text("没有网络，显示手机里保存的门票").wait_for()
    screen.picture("08-voucher-offline")
    assert page.locator("svg[data-text]").get_attribute("data-text") == code
    # a page that was never opened cannot be had now: that is said, and is had with one tap later
    page.goto(f"{screen.base_url}/h5/coach")
    page.get_by_text("网络不通，这一页还没有打开").wait_for()
    screen.picture("09-never-opened")
    page.context.set_offline(False)
    page.get_by_role("button", name="再试一次").tap()
    page.get_by_role("button", name="查询班次").wait_for()
    stored = str(page.evaluate("() => JSON.stringify(localStorage)"))
    assert number in stored
    assert "测试游客" not in stored
    # the browser's own words about the network are no complaint of the page
    screen.complaints[:] = before


def moved(screen: Phone, number: str) -> str:
    """Another day for the same visitor: nothing is typed again, and the voucher is the new day's."""
    page = screen.page
    screen.open(f"/ticket-orders/{number}")
    page.get_by_role("button", name="改期换场").tap()
    page.locator(".van-checkbox").first.tap()
    page.get_by_role("button", name="选择新的日期或场次").tap()
    page.wait_for_url("**/h5/tickets/tiansheng-day?instead=*")
    page.locator(".strip button").nth(3).tap()
    page.get_by_text("票种和游客不变").wait_for()
    seen(screen, "30-another-day")
    page.get_by_role("button", name="下一步").tap()
    page.wait_for_url("**/h5/tickets/booking")
    seen(screen, "31-in-its-place")
    page.get_by_role("button", name="占座改签").tap()
    page.wait_for_url("**/change?target=*")
    confirm = page.get_by_role("button", name=re.compile("确认改签"))
    confirm.wait_for()
    seen(screen, "32-change-of-day")
    confirm.tap()
    page.locator(".state h1", has_text="已出票").wait_for()
    page.get_by_text("没有网络也能打开").wait_for()
    seen(screen, "33-moved")
    after = page.url.rsplit("/", 1)[1]
    assert after != number
    return after


def given_back(screen: Phone, number: str) -> None:
    """What it costs in words, then exactly that."""
    page = screen.page
    screen.open(f"/ticket-orders/{number}/refund")
    page.locator(".van-checkbox").first.tap()
    page.get_by_role("button", name="试算手续费").tap()
    page.get_by_role("button", name=re.compile("确认退票，退回 ¥")).wait_for()
    seen(screen, "09-refund")
    page.get_by_role("button", name=re.compile("确认退票，退回 ¥")).tap()
    page.get_by_text("退款进度").wait_for()
    seen(screen, "10-given-back")


def seated(screen: Phone) -> None:
    """Two seats of the map by a tap, held until the time is over, held once more without typing, and let go."""
    page = screen.page
    screen.open("/tickets/new-year-concert")
    seen(screen, "11-show")
    page.locator("button.session").first.tap()
    page.locator("rect[data-free=true]").first.wait_for()
    page.get_by_role("button", name="放大").tap()
    screen.settle()
    seen(screen, "12-seats")
    for _one in range(2):
        page.locator("rect[data-free=true][stroke=none]").first.scroll_into_view_if_needed()
        page.locator("rect[data-free=true][stroke=none]").first.tap()
    page.get_by_text("已选 2 座").wait_for()
    seen(screen, "13-chosen")
    page.get_by_role("button", name="下一步").tap()
    page.get_by_role("button", name="换号码").tap()
    page.locator("input[name=mobile]:focus").fill(MOBILE)
    page.get_by_role("button", name="占座下单").tap()
    page.wait_for_url("**/h5/checkout")
    page.get_by_text("占座剩余").wait_for()
    seen(screen, "14-held")
    # a quarter of an hour goes by on the phone alone: from the next answer on it knows that its clock is wrong
    page.clock.install()
    page.clock.fast_forward("15:01")
    page.get_by_text("占座已失效").wait_for()
    page.get_by_role("button", name="重新占座").tap()
    page.get_by_text("占座剩余").wait_for()
    page.get_by_role("button", name="放弃占座").tap()
    page.get_by_role("button", name="确认").tap()
    page.get_by_text("座位已释放").wait_for()


def ridden(world: World, screen: Phone) -> None:
    """From and to by initials, a bus of tomorrow, the passenger who is kept; paid, issued, and changed."""
    open_networks(world)
    page = screen.page
    screen.open("/coach")
    page.locator("button.end").first.tap()
    page.locator(".stations .van-cell--clickable").nth(1).wait_for()
    page.get_by_placeholder("名称、拼音").fill("chenjiaping")
    page.locator(".stations .van-cell--clickable").nth(1).wait_for(state="detached")
    screen.settle()
    screen.picture("15-station")
    page.locator(".stations .van-cell--clickable", has_text="陈家坪").tap()
    page.locator(".stations").wait_for(state="hidden")
    page.locator("button.end").nth(1).tap()
    page.get_by_placeholder("名称、拼音").fill("大足")
    page.locator(".stations:visible .van-cell--clickable").nth(1).wait_for(state="detached")
    screen.settle()
    page.locator(".stations .van-cell--clickable", has_text="大足").tap()
    page.locator(".stations").wait_for(state="hidden")
    seen(screen, "16-coach")
    page.get_by_role("button", name="查询班次").tap()
    page.locator(".days button").nth(1).tap()
    page.locator("a.shift").first.wait_for()
    seen(screen, "17-shifts")
    page.locator("a.shift").last.tap()
    page.get_by_role("button", name="添加乘客").tap()
    page.locator(".people .van-cell--clickable", has_text="测试游客").tap()
    # the member's own number is known, and shown masked
    page.locator("input[name=own-mobile]").wait_for()
    assert page.locator("input[name=own-mobile]").input_value() == MASKED
    # a seat by its number, where the network tells them
    page.locator(".van-cell", has_text="选座位").tap()
    sheet = page.locator(".bus-seats")
    sheet.locator(".foot button").wait_for()
    screen.settle()
    seen(screen, "18-seats")
    if sheet.locator(".seats button:enabled").count():
        sheet.locator(".seats button:enabled").last.tap()
    sheet.locator(".foot button").tap()
    sheet.wait_for(state="hidden")
    seen(screen, "18-shift")
    page.get_by_role("button", name="占座下单").tap()
    page.wait_for_url(re.compile("/h5/(checkout|ticket-orders/.+)"))
    if "ticket-orders" in page.url:
        page.get_by_role("button", name="去付款").tap()
        page.wait_for_url("**/h5/checkout")
    page.get_by_text("占座剩余").wait_for()

    # an insurance is there to be chosen, and nobody has chosen it for her
    ours = page.locator(".product [role=checkbox]")
    ours.wait_for()
    assert ours.get_attribute("aria-checked") == "false"
    before = page.locator(".van-submit-bar__price").inner_text()
    ours.tap()
    page.locator(".van-submit-bar__price", has_text=before).wait_for(state="detached")
    assert fen(page.locator(".van-submit-bar__price").inner_text()) - fen(before) == 300
    seen(screen, "19-insured")
    page.get_by_role("button", name="提交订单").tap()
    page.wait_for_url("**/h5/cashier/*")
    pay(world, screen)
    page.get_by_text("支付成功").wait_for()
    screen.open("/ticket-orders")
    page.locator("a.item").first.tap()
    page.get_by_role("button", name="改签").wait_for(timeout=60_000)
    page.get_by_text("乘意险").wait_for()
    seen(screen, "20-coach-order")

    # the code for the station's gate is on the phone, without a network too
    order = page.url
    page.get_by_text("到站扫码进站").tap()
    page.locator("svg[data-text]").wait_for()
    code = page.locator("svg[data-text]").get_attribute("data-text")
    assert str(code).startswith("KP1.")
    seen(screen, "20-pass")
    before_offline = list(screen.complaints)
    page.context.set_offline(True)
    page.goto(page.url)
    page.get_by_text("没有网络，显示手机里保存的进站码").wait_for()
    assert page.locator("svg[data-text]").get_attribute("data-text") == code
    page.context.set_offline(False)
    screen.complaints[:] = before_offline
    page.goto(order)
    page.get_by_role("button", name="改签").wait_for()

    # another bus: the same passenger, without typing anything again
    page.get_by_role("button", name="改签").tap()
    page.locator(".van-checkbox").first.tap()
    page.get_by_role("button", name="查看班次").tap()
    page.locator("a.shift").first.tap()
    page.get_by_role("button", name="选这一班").tap()
    confirm = page.get_by_role("button", name=re.compile("确认改签"))
    confirm.wait_for()
    seen(screen, "21-change")
    confirm.tap()
    page.get_by_text("改签已受理").wait_for()
    # where it stands is followed until the new ticket is out; nothing is to be paid meanwhile
    page.locator(".state h1", has_text="已出票").wait_for(timeout=60_000)
    seen(screen, "22-changed")


def fen(price: str) -> int:
    """A price on the screen in fen."""
    return int("".join(one for one in price if one.isdigit()))


def test_a_guest_on_the_phone(platform: Platform) -> None:
    """Bought without an account: found by a code to the order's telephone, or by the link; there without a network."""
    assert CHROMIUM is not None, "O2O_BROWSER=required, but there is no Chromium"
    world = World(platform.base_url, SandboxClient(platform.sandbox_url), platform.var, lambda _text: None)
    guest, key = Shopper(world, "游客"), "guest-key-00000001"
    day = (today() + timedelta(days=2)).isoformat()
    person = {"ticketClass": "adult", "name": "测试访客", "documentNumber": document("19880808")}
    held = hold(guest, "tiansheng-day", [person], key=key, day=day)
    assert held["errors"] == []
    number = held["number"]
    settled(world, guest, number, key=key)
    issued(world, guest, number, key=key)
    with phone(CHROMIUM, platform.base_url, PICTURES) as screen:
        try:
            code = found_by_telephone(world, screen, guest, number)
            opened_by_link(screen, number, key, code)
        except Exception:
            screen.picture("where-the-guest-ended")
            raise
        assert screen.complaints == []


def found_by_telephone(world: World, screen: Phone, guest: Shopper, number: str) -> str:
    """The way in for whoever is not logged in; what is missing is said beside it; what the picture holds."""
    page = screen.page
    screen.open("/mine")
    page.get_by_text("未登录买的票").tap()
    page.get_by_role("button", name="获取验证码").tap()
    page.get_by_text("请填写票务订单号").wait_for()
    page.locator("input[name=number]").fill(number.lower())
    page.locator("input[name=mobile]").fill("13800000000")
    page.get_by_role("button", name="获取验证码").tap()
    page.get_by_text("没有这张订单").wait_for()
    page.get_by_role("button", name="知道了").tap()
    page.locator("input[name=mobile]").fill(guest.mobile)
    before = len(world.sandbox.texts(guest.mobile))
    page.get_by_role("button", name="获取验证码").tap()
    world.wait_for("收到短信", lambda: len(world.sandbox.texts(guest.mobile)) > before)
    [digits] = re.findall(r"验证码 (\d{6})", world.sandbox.texts(guest.mobile)[0]["text"])
    page.locator("input[name=code]").fill(digits)
    seen(screen, "40-guest")
    page.get_by_role("button", name="打开订单").tap()
    page.get_by_role("link", name="电子门票").wait_for()
    seen(screen, "40-guest-order")
    page.get_by_role("button", name="退票").tap()
    page.get_by_role("heading", name="选择要退的票").wait_for()
    page.go_back()
    page.get_by_role("link", name="电子门票").tap()
    page.locator("svg[data-text]").wait_for()
    seen(screen, "41-guest-vouchers")
    code = str(page.locator("svg[data-text]").get_attribute("data-text"))
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    screen.settle()
    before_offline = list(screen.complaints)
    page.context.set_offline(True)
    page.goto(f"{screen.base_url}/h5/vouchers/{number}")
    page.get_by_text("没有网络，显示手机里保存的门票").wait_for()
    assert page.locator("svg[data-text]").get_attribute("data-text") == code
    page.context.set_offline(False)
    screen.complaints[:] = before_offline
    # with a network again it is the platform's word, as long as the pass lasts
    page.goto(f"{screen.base_url}/h5/vouchers/{number}")
    page.get_by_text("下载 PDF").wait_for()
    # when that is over it says that what stands there is as old as the code, and the order asks for another one
    page.evaluate("""() => { const all = JSON.parse(localStorage.getItem('o2o.h5.guests'));
        for (const one of Object.values(all)) one.until = '2020-01-01T00:00:00Z';
        localStorage.setItem('o2o.h5.guests', JSON.stringify(all)); }""")
    page.goto(f"{screen.base_url}/h5/vouchers/{number}")
    page.get_by_text("显示上次查到的状态").wait_for()
    seen(screen, "42-guest-as-kept")
    page.goto(f"{screen.base_url}/h5/ticket-orders/{number}")
    page.get_by_role("button", name="打开订单").wait_for()
    assert page.locator("input[name=number]").input_value() == number
    return code


def opened_by_link(screen: Phone, number: str, key: str, code: str) -> None:
    """What opens it does not stay in the address; the file can be had."""
    page = screen.page
    page.evaluate("() => localStorage.clear()")
    page.goto("about:blank")
    screen.open(f"/vouchers/{number}#key={key}")
    page.locator("svg[data-text]").wait_for()
    assert page.locator("svg[data-text]").get_attribute("data-text") == code
    page.wait_for_function("() => !location.hash")
    page.get_by_text("下载 PDF").wait_for()
    seen(screen, "43-guest-link")
    # asked again it is still the platform's word
    screen.open(f"/vouchers/{number}")
    page.get_by_text("下载 PDF").wait_for()
    assert page.locator(".van-notice-bar").count() == 0
