"""Journey ``follow-to-buy``: an outlet's code → follow → menu → login → buy → pay in WeChat → its message → points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.ordering.journeys.clocks import run_clocks
from saleor_o2o.ordering.journeys.shipping import send_all

from .desk import PAGES, Desk
from .follow import ACCOUNT, a_code, act

PERSON, NAME = "oSandboxPersonWangDayong0003", "王大勇"
BEGIN = """mutation($to: String!) { wechatLoginStart(returnTo: $to) { url browserKey errors { code message } } }"""
LOGIN = """mutation($code: String!, $state: String!, $key: String!, $agreement: String) {
  wechatLogin(code: $code, state: $state, browserKey: $key, agreement: $agreement) {
    token created follows errors { code message } } }"""
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name isAvailable variants { id quantityAvailable } } } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id name } } checkoutErrors { field message } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { message } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  paymentErrors { message } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token number } checkoutErrors { field message code } } }"""
START = """mutation($token: String!, $payer: String) { paymentStart(
  orderToken: $token, method: WECHAT_JSAPI, payerId: $payer) {
  jsapi { appId timeStamp nonceStr package signType paySign } errors { message code } } }"""
INTENT = "query($token: String!) { paymentIntent(orderToken: $token) { state } }"
MINE = "{ myOrders { items { number stateLabel } } }"
RECEIVE = """mutation($number: String!) { myOrderReceive(number: $number) { order { state } errors { message } } }"""
POINTS = "{ myLoyalty { standing { points owed } rung { level { pointsPercent } } } }"
WORTH = """query($token: UUID!) { orderByToken(token: $token) {
  total { gross { amount } } shippingPrice { gross { amount } } } }"""
ADDRESS = {
    "firstName": "大勇", "lastName": "王", "streetAddress1": "民权路 28 号", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN", "phone": "+8613800000003",
}  # fmt: skip


class Neighbour:
    """Somebody inside WeChat: the telephone and, once logged in, a token."""

    def __init__(self, world: World) -> None:
        self.world, self.token = world, ""

    def ask(self, query: str, **told: Any) -> Any:
        """One operation; its answer. Raises Differs for an error of the interface."""
        headers = {"Authorization": f"JWT {self.token}"} if self.token else {}
        body = {"query": query, "variables": told}
        answer = self.world.http.post("/graphql/", json=body, headers=headers).json()
        self.world.expect("接口", answer.get("errors"), None)
        return next(iter(answer["data"].values()))

    def does(self, what: str, **body: Any) -> dict[str, Any]:
        """Something with the telephone."""
        return act(self.world, what, person=PERSON, **body)

    def heard(self) -> list[dict[str, Any]]:
        """What the account has said, the oldest first."""
        told = self.world.sandbox.call("GET", "/official_account/messages", account=ACCOUNT, person=PERSON)
        return [one for one in told["messages"] if one["side"] == "account"]

    def log_in(self, page: str) -> dict[str, Any]:
        """Out to WeChat and back, agreeing to become a member."""
        begun = self.ask(BEGIN, to=page)
        self.world.expect("发起微信登录", begun["errors"], [])
        with self.world.browser() as wechat:
            wechat.cookies.set("sandbox_person", PERSON)
            answer = wechat.get(begun["url"].split("#")[0], follow_redirects=False)
        back = answer.headers.get("location", "")
        told = parse_qs(urlsplit(back).query)
        if "code" not in told:
            raise Differs("微信没有带回 code")
        agreement = self.ask("{ memberAgreement }")
        found: dict[str, Any] = self.ask(
            LOGIN, code=told["code"][0], state=told["state"][0], key=begun["browserKey"], agreement=agreement
        )
        self.world.expect("微信登录", found["errors"], [])
        self.token = found["token"]
        return found


def play(world: World) -> None:
    """A neighbour comes by the code on the counter and has bought, and been told of it, without leaving WeChat."""
    desk, neighbour = Desk(world, "admin"), Neighbour(world)
    act(world, "server", url=f"{world.base_url}/hooks/official_account/{ACCOUNT}", push_mode="aes")
    code = world.wait_for("生成二维码", lambda: a_code(world, desk))
    menu = desk.first("menu", account__id__exact=desk.account(ACCOUNT))
    desk.submit(f"{PAGES}menu/{menu}/publish/")

    neighbour.does("leave")
    told = len(neighbour.heard())
    world.expect("扫码进入的公众号", neighbour.does("scan", content=code["url"])["account"], ACCOUNT)
    greeting = neighbour.heard()[told]["text"]
    world.step(f"{NAME}扫“{code['name']}”柜台上的二维码，关注公众号：{greeting}")

    page = world.wait_for("菜单出现在手机上", lambda: _shop(neighbour))
    world.step(f"点菜单“邮政商城”，微信里打开 {urlsplit(page).path}")
    done = neighbour.log_in(page)
    world.expect("登录时已关注", done["follows"], True)
    world.step(f"微信里直接登录，不用输密码：{'注册为会员' if done['created'] else '认出是老会员'}")

    order, total = _buy(world, neighbour)
    world.step(f"买一箱奉节脐橙送到家：订单 {order['number']}，应付 {format_yuan(total)}")
    told = len(neighbour.heard())
    begun = neighbour.ask(START, token=order["token"], payer=PERSON)
    world.expect("发起支付", begun["errors"], [])
    paid = world.sandbox.call("POST", "/wechat_pay/jsapi", {**begun["jsapi"], "openid": PERSON})
    world.expect("微信支付", paid["err_msg"], "get_brand_wcpay_request:ok")
    world.wait_for("到账", lambda: neighbour.ask(INTENT, token=order["token"])["state"] == "PAID")
    world.step("在微信里付款，到账")

    message = world.wait_for("收到付款通知", lambda: _message(neighbour, told, "付款成功通知"))
    number = neighbour.ask(MINE)["items"][0]["number"]
    world.expect("通知里的订单号", f"订单号：{number}" in message["text"], True)
    first = message["text"].replace("\n", "，")
    world.step(f"公众号发来“{message['title']}”：{first}")

    before = neighbour.ask(POINTS)
    world.expect("发货", send_all(world, order["id"]), [])
    world.expect("确认收货", neighbour.ask(RECEIVE, number=number)["errors"], [])
    world.step("店员发货，收到后点“确认收货”")
    worth = _worth(neighbour, order["token"], before["rung"]["level"]["pointsPercent"])
    had = _points(before)
    world.wait_for("积分到账", lambda: run_clocks(number) and _points(neighbour.ask(POINTS)) == had + worth)
    world.step(f"售后期过了，订单完成，得 {worth} 分")

    fan = desk.first("fan", account__id__exact=desk.account(ACCOUNT), is_following__exact="1")
    shown = desk.look(f"fan/{fan}/change/")
    world.expect("粉丝已是会员", "已是会员" in shown, True)
    world.step("后台的粉丝页上，他已是会员，首次来源记在他扫的第一个二维码名下")


def _shop(neighbour: Neighbour) -> str:
    """Where the menu's second button leads, once the menu is there."""
    found = neighbour.world.sandbox.call("GET", "/official_account/menu", account=ACCOUNT, person=PERSON)[
        "button"
    ]
    names = [one["name"] for one in found]
    if "邮政商城" not in names:
        return ""
    return str(neighbour.does("tap", top=names.index("邮政商城"))["url"])


def _buy(world: World, neighbour: Neighbour) -> tuple[dict[str, Any], Decimal]:
    edges = neighbour.ask(SEARCH, text="脐橙")["edges"]
    goods = [one["node"] for one in edges if one["node"]["isAvailable"]]
    variant = next((v for one in goods for v in one["variants"] if v["quantityAvailable"] > 0), None)
    if variant is None:
        raise Differs("没有找到有货的脐橙")
    lines = [{"variantId": variant["id"], "quantity": 1}]
    wanted = {
        "lines": lines,
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
        "email": "neighbour@example.com",
    }
    made = neighbour.ask(CREATE, input=wanted)
    world.expect("建购物车", made["checkoutErrors"], [])
    checkout = made["checkout"]
    method = next(
        one["id"] for one in checkout["availableShippingMethods"] if "自提" not in one["name"]
    )  # to the door, as the step says
    shipped = neighbour.ask(SHIP, id=checkout["id"], method=method)["checkout"]
    amount = shipped["totalPrice"]["gross"]["amount"]
    chosen = {"gateway": "o2o.wechat_pay", "token": "cart", "amount": amount}
    world.expect("选择微信支付", neighbour.ask(PAYMENT, id=checkout["id"], input=chosen)["paymentErrors"], [])
    done = neighbour.ask(COMPLETE, id=checkout["id"])
    world.expect("下单", done["checkoutErrors"], [])
    return done["order"], Decimal(str(amount))


def _worth(neighbour: Neighbour, token: str, percent: int) -> int:
    """A point for each yuan of the goods, times what the level gives."""
    order = neighbour.ask(WORTH, token=token)
    total, shipping = (Decimal(str(order[name]["gross"]["amount"])) for name in ("total", "shippingPrice"))
    return int((total - shipping) * percent / 100)


def _points(mine: dict[str, Any]) -> int:
    """What the member has, less what is owed."""
    return int(mine["standing"]["points"]) - int(mine["standing"]["owed"])


def _message(neighbour: Neighbour, since: int, title: str) -> dict[str, Any] | None:
    return next((one for one in neighbour.heard()[since:] if one.get("title") == title), None)
