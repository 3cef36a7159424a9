"""Journey ``h5-buy``: a neighbour with a telephone buys something, from the first page to the paid order."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from saleor_o2o.embedded.paths import var_dir
from saleor_o2o.journeys.browser import Phone, find_chromium, must_have_browser, phone
from saleor_o2o.journeys.world import Differs, World

WORDS, GOODS, KIND = "桃片", "合川桃片", "椒盐味250克"
STREET = "上清寺街道中山四路 81 号"


def pictures() -> Path:
    """Where the pictures of this journey are kept."""
    return var_dir() / "screenshots" / "h5-buy"


def play(world: World) -> None:
    """Open, log in, search, choose, put in, settle, pay, and see it paid."""
    chromium = find_chromium()
    if chromium is None:
        if must_have_browser():
            raise Differs("没有找到 Chromium")
        world.step("没有找到 Chromium：略过（安装 chromium 或用 O2O_CHROMIUM 指定）")
        return
    with phone(chromium, world.base_url, pictures()) as screen:
        try:
            number = buy(world, screen)
        except Exception:
            screen.picture("where-it-ended")
            raise
        world.expect("页面没有报错", screen.complaints, [])
    world.step(f"订单 {number} 已付款；截图保存在 {pictures()}")


def buy(world: World, screen: Phone) -> str:
    """The whole purchase; the number of the order."""
    page, mobile = screen.page, f"199{secrets.randbelow(10**8):08d}"
    screen.open("/")
    page.get_by_text("全部好货").wait_for()
    screen.picture("01-home")
    world.step("打开首页：网点、分类、好货")

    sign_in(world, screen, mobile)
    world.step(f"短信验证码登录，新会员 {mobile[:3]}****{mobile[-4:]}")

    screen.open(f"/search?q={WORDS}")
    page.locator("a.product", has_text=GOODS).first.tap()
    page.get_by_text("商品参数").wait_for()
    page.get_by_role("button", name="加入购物车").first.tap()
    page.get_by_role("button", name=KIND).tap()
    screen.settle()
    screen.picture("02-specification")
    page.locator(".sheet .foot button").tap()
    page.get_by_text("已加入购物车").wait_for()
    world.step(f"搜索“{WORDS}”，选规格“{KIND}”，加入购物车")

    screen.open("/cart")
    screen.picture("03-cart")
    page.get_by_role("button", name="去结算").tap()
    new_address(screen, mobile)
    page.get_by_role("button", name="提交订单").wait_for()
    screen.settle()
    screen.picture("05-checkout")
    world.step("填写收货地址（省市区逐级选），看到配送方式、运费和应付")

    page.get_by_role("button", name="提交订单").tap()
    page.wait_for_url("**/h5/cashier/*")
    number = page.url.rsplit("/", 1)[1]
    page.get_by_role("button", name=re.compile("立即支付 ¥")).wait_for()
    screen.picture("06-cashier")
    pay(world, screen)
    page.get_by_text("支付成功").wait_for()
    screen.settle()
    screen.picture("07-paid")
    world.step("收银台跳到沙箱手机，付款，回到支付结果页：支付成功")

    page.get_by_role("link", name="查看订单").or_(page.get_by_role("button", name="查看订单")).first.tap()
    page.get_by_text("待发货").first.wait_for()
    screen.settle()
    screen.picture("08-order")
    return number


def sign_in(world: World, screen: Phone, mobile: str) -> None:
    """A code by text message, read off the sandbox's phone; the agreement is ticked."""
    page = screen.page
    screen.open("/login")
    page.locator("input[name=mobile]").fill(mobile)
    page.get_by_role("button", name="获取验证码").tap()
    texts: list[dict[str, Any]] = world.wait_for("收到短信", lambda: world.sandbox.texts(mobile))
    [digits] = re.findall(r"\b\d{6}\b", texts[0]["text"])
    page.locator("input[name=code]").fill(digits)
    page.locator(".agree .van-checkbox").tap()
    page.get_by_role("button", name="登录 / 注册").tap()
    page.wait_for_url("**/h5/mine")


def new_address(screen: Phone, mobile: str) -> None:
    """Fill in the first address on the way through the checkout."""
    page = screen.page
    page.get_by_text("新增收货地址").tap()
    page.get_by_placeholder("姓名").fill("李晓江")
    page.get_by_placeholder("11 位手机号").fill(mobile)
    page.get_by_placeholder("省 / 市 / 区县").tap()
    page.locator(".van-cascader__option", has_text="重庆市").tap()
    page.locator(".van-cascader__option", has_text="渝中区").tap()
    page.locator(".van-cascader").wait_for(state="hidden")
    page.get_by_placeholder("街道、小区").fill(STREET)
    screen.settle()
    screen.picture("04-address")
    page.get_by_role("button", name="保存").tap()
    page.wait_for_url("**/h5/checkout")


def pay(world: World, screen: Phone) -> None:
    """Pay on the sandbox's page, as WeChat's H5 cashier would be, and come back."""
    page = screen.page
    page.get_by_role("button", name=re.compile("立即支付 ¥")).tap()
    page.wait_for_url(f"{world.sandbox.base_url}/**")
    page.get_by_role("button", name="立即支付").tap()
    page.get_by_text("返回商家").tap()
    page.wait_for_url("**/h5/paid/*")
