"""Journey ``pay-jsapi``: inside WeChat, from the openid to the bridge whose "ok" nobody believes."""

from __future__ import annotations

from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.money import format_yuan

from .shopping import PAY_IN_WECHAT, find_variant, intent, place, trades, wait_until_paid

OPENID = "oSandboxPersonChenYujiang001"


def play(world: World) -> None:
    """Official account, then mini-program; a forged bridge call; a lost notification."""
    variant = find_variant(world, "脐橙")
    order = place(world, variant["id"], 1, who="shopper1")
    world.step(f"顾客在公众号里下单：订单 {order.number}，应付 {format_yuan(order.total)}")

    missing = world.ask(PAY_IN_WECHAT, {"token": order.token, "method": "WECHAT_JSAPI", "payer": ""})[
        "paymentStart"
    ]
    world.expect("没有 openid 的错误", [error["code"] for error in missing["errors"]], ["PAYER_REQUIRED"])
    told = world.ask(PAY_IN_WECHAT, {"token": order.token, "method": "WECHAT_JSAPI", "payer": OPENID})[
        "paymentStart"
    ]
    world.expect("发起支付的错误", told["errors"], [])
    world.step("没有 openid 被拒绝；带上 openid，得到调起参数")

    bridge = {**told["jsapi"], "openid": OPENID}
    forged = world.sandbox.call("POST", "/wechat_pay/jsapi", {**bridge, "package": "prepay_id=wx0000"})
    world.expect("篡改后的调起", forged["err_msg"], "get_brand_wcpay_request:fail")
    turned = world.sandbox.call("POST", "/wechat_pay/jsapi", {**bridge, "cancel": True})
    world.expect("顾客取消", turned["err_msg"], "get_brand_wcpay_request:cancel")
    world.expect("取消后的状态", intent(world, order)["state"], "PENDING")
    world.step("参数被篡改时微信拒绝调起；顾客取消后订单仍可付")

    world.sandbox.fault("notify", "drop")
    paid = world.sandbox.call("POST", "/wechat_pay/jsapi", bridge)
    world.expect("微信端的结果", paid["err_msg"], "get_brand_wcpay_request:ok")
    wait_until_paid(world, order)
    [trade] = trades(world, order)
    world.expect("付款人", trade["payer"]["openid"], OPENID)
    world.step("页面收到 ok，通知却丢了：系统自己查单，确认到账后才算数")

    mini = place(world, variant["id"], 1, who="shopper1")
    told = world.ask(PAY_IN_WECHAT, {"token": mini.token, "method": "WECHAT_MINI", "payer": OPENID})[
        "paymentStart"
    ]
    world.expect("小程序发起支付的错误", told["errors"], [])
    world.expect("小程序用自己的 AppID", told["jsapi"]["appId"] != bridge["appId"], True)
    world.sandbox.call("POST", "/wechat_pay/jsapi", {**told["jsapi"], "openid": OPENID})
    wait_until_paid(world, mini)
    world.step(f"同一位顾客在小程序里再买一箱：订单 {mini.number}，用小程序的 AppID 付款到账")
