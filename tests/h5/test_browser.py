"""The pages in a real browser with a telephone's screen, on a platform of their package's own.

Few tests, because one platform takes a minute to start: what they go through is said step by step.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugins.h5.journeys import buy
from plugins.official_account.journeys.buy import PERSON
from plugins.official_account.journeys.desk import PAGES, Desk
from plugins.official_account.journeys.follow import ACCOUNT, act
from saleor_o2o.cli.platform import Platform
from saleor_o2o.embedded.paths import var_dir
from saleor_o2o.journeys.browser import Phone, find_chromium, must_have_browser, phone
from saleor_o2o.journeys.world import World
from sandbox.client import SandboxClient

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        CHROMIUM is None and not must_have_browser(),
        reason="没有找到 Chromium：浏览器测试未运行（安装 chromium，或用 O2O_CHROMIUM 指定）",
    ),
]
PICTURES = var_dir() / "screenshots" / "h5"
#: Pages that everybody may open, and what each must show.
PUBLIC = {
    "": "全部好货",
    "categories": "全部",
    "search?q=茶": "共",
    "cart": "购物车",
    "mine": "登录 / 注册",
    "login": "验证码",
    "nearby": "附近网点",
    "agreement": "会员协议",
    "coupon-centre": "全场满百减十",
    "memberships": "可以开通的会员",
    "points-mall": "可兑商品",
    "no-such-page": "没有找到",
}
#: Pages of a member.
OWN = {
    "orders": "我的订单",
    "addresses": "李晓江",
    "settings": "退出登录",
    "settings/devices": "本机",
    "settings/password": "新密码",
    "settings/profile": "推荐人会员号",
    "settings/mobile": "新手机号",
    "settings/closing": "暂时不能注销",
    "after-sales": "没有售后记录",
    "survey": "现在没有等您回答的评价",
    "points": "可用积分",
    "level": "等级与权益",
    "balance": "充值",
    "coupons": "未使用",
    "passengers": "还没有常用旅客",
    "vehicles/new": "车牌号",
    "payers/new": "收费单位",
    "titles": "还没有发票抬头",
    "favourites": "还没有收藏",
    "footprints": "合川桃片",
}
#: CSS pixels below which a finger misses (WCAG 2.2, 2.5.8: 24 by 24).
TARGET = 24
BRIDGE = (Path(__file__).parent / "bridge.js").read_text(encoding="utf-8")
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile "
    "Safari/537.36 XWEB/1260 MMWEBSDK/20240501 MicroMessenger/8.0.50 WeChat/arm64 Language/zh_CN"
)
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8").replace("TARGET", str(TARGET))


def world_of(platform: Platform) -> World:
    """The platform as journeys play on it."""
    return World(platform.base_url, SandboxClient(platform.sandbox_url), platform.var, lambda _text: None)


def looked_at(screen: Phone, pages: dict[str, str], prefix: str) -> list[str]:
    """Open each page, keep its picture, and say what is wrong with it."""
    wrong = []
    for path, words in pages.items():
        screen.open(f"/{path}")
        screen.page.get_by_text(words).first.wait_for()
        name = re.sub(r"\d{6,}", "n", path.split("?")[0]).replace("/", "-") or "home"
        screen.picture(f"{prefix}-{name}")
        wrong += [f"{path}: {one}" for one in screen.page.evaluate(AUDIT)]
    return wrong


def kept(screen: Phone) -> None:
    """A passenger with a mistyped number, then the right one; a car by the keyboard of plates."""
    page = screen.page
    screen.open("/passengers")
    page.get_by_role("button", name="新增旅客").tap()
    page.locator("input[name=name]").fill("李晓江")
    page.locator("input[name=number]").fill("110105194912310021")
    page.get_by_role("button", name="保存").tap()
    page.get_by_text("身份证号不正确").wait_for()
    page.locator("input[name=number]").fill("11010519491231002X")
    page.get_by_role("button", name="保存").tap()
    page.get_by_text("110***********002X").wait_for()
    screen.open("/vehicles/new")
    page.locator("input[name=plate]").tap()
    screen.settle()
    for key in "AD12345":
        page.locator(".keys").get_by_role("button", name=key, exact=True).tap()
    screen.picture("own-plate")
    page.get_by_role("button", name="完成").tap()
    page.locator(".keys").wait_for(state="hidden")
    page.get_by_role("button", name="保存").tap()
    page.get_by_text("渝AD12345").wait_for()


def test_a_shopper_on_the_phone(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CHROMIUM is not None, "O2O_BROWSER=required, but there is no Chromium"
    world = world_of(platform)
    monkeypatch.setattr(buy, "pictures", lambda: Path(PICTURES))
    with phone(CHROMIUM, platform.base_url, PICTURES) as screen:
        page = screen.page

        # what anybody sees
        assert looked_at(screen, PUBLIC, "public") == []

        # a page of a member leads to the login, and back to it
        screen.open("/orders?tab=TO_PAY")
        page.wait_for_url(re.compile(r"/h5/login\?to=/orders\?tab(=|%3D)TO_PAY$"))

        # a purchase, from the first page to the paid order
        number = buy.buy(world, screen)
        assert f"/orders/{number}" in page.url

        # what a member sees
        bought = {
            f"orders/{number}/after-sale/{number}-01": "可退 1 件",
            f"orders/{number}/complain/{number}-01": "投诉类型",
        }
        assert looked_at(screen, {**OWN, **bought}, "own") == []

        # what a member does: a coupon is taken, the day signed for, a passenger and a car are kept
        screen.open("/coupon-centre")
        page.get_by_role("button", name="立即领取").first.tap()
        page.get_by_text("领取成功").wait_for()
        screen.open("/points")
        page.get_by_role("button", name="签到领积分").tap()
        page.get_by_text("今天已签到，连续 1 天").wait_for()
        kept(screen)

        # money on account: nobody asks where to
        screen.open("/balance")
        page.get_by_text("充 100 送 5").tap()
        page.get_by_role("button", name="去充值").tap()
        page.get_by_text("没有包裹，付款后自动到账").wait_for()
        page.get_by_text("新人礼").or_(page.get_by_text("¥100.00")).first.wait_for()
        assert page.locator(".address").count() == 0
        screen.picture("own-recharge")

        # nothing personal stays on the device but the token
        stored = page.evaluate("() => JSON.stringify(localStorage)")
        for private in ("李晓江", buy.STREET, "002X", "AD12345"):
            assert private not in stored

        # larger print, kept over a visit
        screen.open("/")
        page.get_by_role("button", name="关怀版").tap()
        screen.open("/")
        assert page.evaluate("() => document.documentElement.className") == "large"
        screen.picture("large-home")
        assert page.evaluate(AUDIT) == []

        # without a network: the shell is there, says so, and goes on when the network is back
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        screen.open("/cart")
        screen.open("/orders")
        before = list(screen.complaints)
        page.context.set_offline(True)
        page.reload()
        page.get_by_text("网络不通").first.wait_for()
        screen.picture("offline")
        page.context.set_offline(False)
        page.get_by_role("button", name="再试一次").tap()
        page.get_by_text("再来一单").first.wait_for()

        # a token that no longer counts: log in, and back to where one was
        page.evaluate("() => localStorage.setItem('o2o.h5.token', JSON.stringify('not-a-token'))")
        page.goto(f"{platform.base_url}/h5/orders/{number}")
        page.wait_for_url(re.compile(r"/h5/login\?to="))

        assert before == []


def test_a_neighbour_inside_wechat(platform: Platform) -> None:
    assert CHROMIUM is not None, "O2O_BROWSER=required, but there is no Chromium"
    in_wechat(world_of(platform), CHROMIUM, platform.sandbox_url)


def in_wechat(world: World, chromium: str, sandbox: str) -> None:
    """Follow, tap the menu, log in, buy, pay by the bridge, read the message; the next visit is logged in by itself."""
    act(world, "server", url=f"{world.base_url}/hooks/official_account/{ACCOUNT}", push_mode="aes")
    desk = Desk(world, "admin")
    desk.submit(f"{PAGES}menu/{desk.first('menu', account__id__exact=desk.account(ACCOUNT))}/publish/")
    with phone(chromium, world.base_url, PICTURES, agent=WECHAT) as screen:
        page = screen.page
        page.context.add_cookies([{"name": "sandbox_person", "value": PERSON, "url": sandbox}])
        page.expose_function("payInSandbox", lambda told: paid_in_sandbox(world, told))
        page.expose_function("scanInSandbox", lambda told: scanned_in_sandbox(world, told))
        page.expose_function("agreeInSandbox", lambda told: agreed_in_sandbox(world, told))
        page.add_init_script(BRIDGE)

        # given: she follows, and the menu is there
        page.goto(f"{sandbox}/phone/wechat/{ACCOUNT}")
        page.get_by_role("button", name="关注公众号").tap()
        page.locator("footer.speak").wait_for()
        mall = page.get_by_role("button", name="邮政商城")
        world.wait_for("菜单出现在手机上", lambda: page.reload() and mall.count())

        # when: the menu is tapped; who is no member yet simply looks on
        mall.tap()
        page.locator(".leads a").wait_for()
        page.goto(str(page.locator(".leads a").get_attribute("href")))
        page.get_by_text("全部好货").wait_for()
        assert page.evaluate("() => localStorage.getItem('o2o.h5.token')") is None
        page.get_by_role("tab", name="我的").tap()
        page.get_by_text("登录 / 注册").tap()
        page.get_by_role("button", name="微信登录").tap()
        page.get_by_text("继续即注册为邮政会员").wait_for()
        screen.picture("wechat-agree")
        page.get_by_role("button", name="微信登录").tap()
        page.wait_for_url("**/h5/mine")

        # when: she buys and pays in WeChat's own window
        screen.open(f"/search?q={buy.WORDS}")
        page.locator("a.product", has_text=buy.GOODS).first.tap()
        page.get_by_role("button", name="立即购买").tap()
        page.get_by_role("button", name=buy.KIND).tap()
        page.locator(".sheet .foot button").tap()
        buy.new_address(screen, "13800000003")
        page.get_by_role("button", name="提交订单").tap()
        page.wait_for_url("**/h5/cashier/*")
        number = page.url.rsplit("/", 1)[1]
        page.get_by_role("button", name=re.compile("立即支付 ¥")).tap()
        page.get_by_text("支付成功").wait_for()
        screen.picture("wechat-paid")

        # when: she lets herself be told of what follows, by WeChat's own button
        page.get_by_text("在微信里告诉您进展").wait_for()
        page.locator("wx-open-subscribe").tap()
        page.get_by_text("有消息在微信里告诉您").wait_for()

        # then: the account tells her of the payment, and knows that it may ask her once how it was
        def told() -> bool:
            page.goto(f"{sandbox}/phone/wechat/{ACCOUNT}")
            return page.get_by_text(re.compile(f"订单号：{number}")).count() > 0

        world.wait_for("收到付款通知", told)
        page.get_by_text("您允许了订阅通知").first.wait_for()
        world.wait_for("授权已记录", lambda: "SandboxNoticeSurvey" in desk.look("consent/"))

        # when: she comes again, another day
        screen.open("/mine")
        page.evaluate("() => { localStorage.removeItem('o2o.h5.token'); sessionStorage.clear(); }")
        page.goto(f"{world.base_url}/h5/orders")

        # then: logged in without a tap
        page.get_by_text("待发货").first.wait_for()
        assert page.url.endswith("/h5/orders")

        # when: she scans a code of ours, the signature being checked as WeChat does
        screen.open("/")
        page.get_by_role("button", name="扫一扫").tap()

        # then
        page.wait_for_url("**/h5/coupon-centre")

        # when: she logs out
        screen.open("/settings")
        page.get_by_role("button", name="退出登录", exact=True).tap()
        page.get_by_role("button", name="确认").tap()
        page.get_by_text("登录 / 注册").wait_for()
        page.evaluate("() => sessionStorage.clear()")
        screen.open("/mine")

        # then: she stays out until she says otherwise
        page.get_by_text("登录 / 注册").wait_for()
        assert screen.complaints == []


def paid_in_sandbox(world: World, told: dict[str, str]) -> str:
    """What WeChat's window answers after the payer has paid."""
    answer = world.sandbox.call("POST", "/wechat_pay/jsapi", {**told, "openid": PERSON})
    return str(answer["err_msg"])


def agreed_in_sandbox(world: World, templates: list[str]) -> None:
    """She taps 允许 in WeChat's window."""
    first, *more = templates
    asked = {"template": first, "more": next(iter(more), ""), "person": PERSON}
    world.sandbox.call("POST", "/official_account/agree", asked)


def scanned_in_sandbox(world: World, told: dict[str, str]) -> dict[str, str]:
    """What WeChat's scanner answers where it takes the page's signature: the address of a page of ours."""
    signed = {
        "appId": told["verifyAppId"], "timestamp": int(told["verifyTimestamp"]), "nonceStr": told["verifyNonceStr"],
        "signature": told["verifySignature"], "url": told["url"],
    }  # fmt: skip
    if world.sandbox.call("POST", "/official_account/jssdk", signed)["errMsg"] != "config:ok":
        return {"err_msg": "scanQRCode:fail"}
    return {"err_msg": "scanQRCode:ok", "resultStr": f"{world.base_url}/h5/coupon-centre"}
