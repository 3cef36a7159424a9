"""Why a network refuses, in words; each network has its own numbers for them."""

from __future__ import annotations

from typing import Any

#: Our word: the province's code, the other network's code, what people are told. `{…}` is filled in.
REFUSALS: dict[str, tuple[str, str, str]] = {
    "BAD_SIGNATURE": ("E1001", "90001", "签名不正确或已过期"),
    "REPLAYED": ("E1002", "90002", "请求重复"),
    "BAD_REQUEST": ("E1003", "90003", "参数不正确：{field}"),
    "BUSY": ("E1009", "90009", "系统繁忙，请稍后再试"),
    "OUT_OF_HOURS": ("E1010", "90010", "不在售票时间"),
    "NO_STATION": ("E2001", "10001", "没有这个车站"),
    "NO_STOP": ("E2002", "10002", "线路不存在"),
    "NO_SHIFT": ("E2003", "10003", "班次不存在"),
    "NOT_IN_PRESALE": ("E2004", "10004", "不在预售期"),
    "STOPPED_SALE": ("E2005", "10005", "班次已停止售票"),
    "SHIFT_CANCELLED": ("E2006", "10006", "班次已停班"),
    "NO_SEATS": ("E3001", "20001", "余票不足"),
    "PRICE_CHANGED": ("E3002", "20002", "票价已变动"),
    "CHILD_QUOTA": ("E3003", "20003", "免费儿童名额已满"),
    "CHILD_ALONE": ("E3004", "20004", "每名免费儿童须有一名成人同行"),
    "KIND_NOT_SOLD": ("E3005", "20005", "不售该票种"),
    "TOO_MANY": ("E3006", "20006", "每单最多 {most} 张"),
    "BAD_PASSENGER": ("E3007", "20007", "旅客信息不正确"),
    "SAME_PASSENGER": ("E3008", "20008", "同一旅客重复购票"),
    "NUMBER_REUSED": ("E3009", "20009", "订单号已用于其他内容"),
    "SEAT_GONE": ("E3010", "20010", "座位已售、已留或不归本网销售"),
    "NO_ORDER": ("E4001", "30001", "订单不存在"),
    "LOCK_OVER": ("E4002", "30002", "锁票已失效"),
    "WRONG_AMOUNT": ("E4003", "30003", "金额不对"),
    "ALREADY_ISSUED": ("E4004", "30004", "订单已出票"),
    "ISSUE_FAILED": ("E4005", "30005", "出票失败"),
    "CANNOT_RELEASE": ("E4006", "30006", "已出票，不能释放"),
    "NO_TICKET": ("E5001", "40001", "没有这张票"),
    "TICKET_USED": ("E5002", "40002", "车票已检"),
    "TICKET_REFUNDED": ("E5003", "40003", "车票已退或正在退票"),
    "TICKET_CHANGED": ("E5004", "40004", "车票已改签"),
    "TICKET_COLLECTED": ("E5005", "40005", "已取纸质车票，请到车站窗口办理"),
    "TOO_LATE": ("E5006", "40006", "已过办理时间"),
    "REFUND_REJECTED": ("E5007", "40007", "{reason}"),
    "NOT_STATIONS_FAULT": ("E5008", "40008", "班次正常，不属于车站原因"),
    "NO_REFUND": ("E5009", "40009", "退票单不存在"),
    "CHANGED_ONCE": ("E6001", "50001", "只能改签一次"),
    "NOT_THE_SAME_PARTY": ("E6002", "50002", "改签前后旅客不一致"),
    "ANOTHER_LINE": ("E6003", "50003", "只能改签同一发到地的班次"),
    "NOT_MISSED": ("E6005", "50005", "误班只能改乘当日后面的班次"),
    "NO_KEPT": ("E3011", "20011", "留座单不存在"),
    "NO_CHANGE": ("E6004", "50004", "改签单不存在"),
    "NOT_READY": ("E7001", "60001", "对账文件尚未生成"),
}


def words(code: str, more: dict[str, Any]) -> str:
    """A refusal in words."""
    text = REFUSALS[code][2]
    try:
        return text.format(**more)
    except KeyError:
        return text.replace("{field}", "").replace("{reason}", "车站不予退票")
