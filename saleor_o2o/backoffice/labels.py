"""Chinese words and colours for Saleor's codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor.discount import DiscountValueType, VoucherType
from saleor.order import FulfillmentStatus, OrderEvents, OrderStatus
from saleor.payment import ChargeStatus, TransactionKind

from saleor_o2o.kernel.money import format_yuan, round_yuan

ORDER_STATUS = {
    OrderStatus.DRAFT: "草稿",
    OrderStatus.UNFULFILLED: "待发货",
    OrderStatus.PARTIALLY_FULFILLED: "部分发货",
    OrderStatus.FULFILLED: "已发货",
    OrderStatus.CANCELED: "已取消",
}
CHARGE_STATUS = {
    ChargeStatus.NOT_CHARGED: "未支付",
    ChargeStatus.PARTIALLY_CHARGED: "部分支付",
    ChargeStatus.FULLY_CHARGED: "已支付",
    ChargeStatus.PARTIALLY_REFUNDED: "部分退款",
    ChargeStatus.FULLY_REFUNDED: "已全额退款",
}
TRANSACTION_KIND = {
    TransactionKind.AUTH: "下单",
    TransactionKind.CAPTURE: "收款",
    TransactionKind.REFUND: "退款",
    TransactionKind.VOID: "作废",
    TransactionKind.CONFIRM: "确认",
}
#: Why a payment was closed before money came; what people typed in stands for itself.
CLOSE_REASONS = {
    "EXPIRED": "超时未付",
    "ORDER_CANCELLED": "订单取消",
    "REPLACED": "改用其他方式付款",
    "STAFF_VOID": "人工作废",
    "STAFF_CLOSED": "人工关闭",
    "RISK_REFUSED": "风控拒绝",
}
#: What a provider tells us, in the words of people who look after payments.
NOTIFICATION_KIND = {
    "TRANSACTION.SUCCESS": "付款成功",
    "REFUND.SUCCESS": "退款到账",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
    "PROFITSHARING.RETURN": "分账回退",
    "payment_intent.succeeded": "扣款成功",
    "payment_intent.amount_capturable_updated": "预授权成功",
    "payment_intent.requires_action": "银行要求验证",
    "payment_intent.payment_failed": "扣款失败",
    "payment_intent.canceled": "付款已取消",
    "charge.refunded": "退款",
    "charge.refund.updated": "退款状态变化",
    "charge.dispute.created": "持卡人拒付",
    "charge.dispute.closed": "拒付已了结",
}
#: Why a provider has not done it yet, or would not: what to think of, or to do. The code is for whoever asks it.
PROVIDER_ERRORS = {
    "NOT_ENOUGH": "商户可用余额不足，充值后系统用原单号重试",
    "TIMEOUT": "对方没有回音，系统会再问",
    "UNREACHABLE": "连不上对方，系统会再试",
    "UNVERIFIABLE_ANSWER": "答复验签不通过，请核对密钥",
    "NOT_JSON": "答复无法识别，系统会再问",
    "INCOMPLETE_ANSWER": "答复不完整，系统会再问",
    "NO_PLATFORM_CERTIFICATE": "还没有取到平台证书",
    "NOT_CONFIGURED": "商户密钥没有配置好",
    "SYSTEM_ERROR": "对方系统繁忙，系统会再试",
    "FREQUENCY_LIMITED": "请求过于频繁，系统会再试",
    "RATELIMIT_EXCEEDED": "请求过于频繁，系统会再试",
    "SIGN_ERROR": "对方验签不通过，请核对商户证书",
    "NO_AUTH": "商户号没有开通这项权限",
    "PARAM_ERROR": "对方不接受其中的内容",
    "INVALID_REQUEST": "对方认为不能这样办",
    "RESOURCE_NOT_EXISTS": "对方没有这一笔",
    "ORDER_NOT_EXIST": "对方没有这一笔",
    "ABNORMAL": "退款进不了顾客的账户，可改退到银行卡",
    "USER_ACCOUNT_ABNORMAL": "顾客账户异常，可改退到银行卡",
    "RULE_LIMIT": "超出对方的业务规则",
    "CLOSED": "对方已关闭",
    "STILL_PAYING": "顾客正在支付",
    "SHARES_PENDING": "分账还没有完成，完成后再退",
    "SHARES_RETURNING": "正在从分账接收方回退，到后再退",
    "SHARE_RETURN_FAILED": "分账回退失败，请在分账单处理",
    "BAD_SIGNATURE": "验签不通过，请核对密钥",
    "MALFORMED": "内容无法识别",
    "STALE": "时间戳与本机相差超过 5 分钟",
    "TOO_LARGE": "内容过大",
    "NOT_READY": "密钥没有配置好，对方会再通知",
    "UNKNOWN_EVENT": "没有用到的通知种类",
    "WRONG_MERCHANT": "不是这个商户号的",
    "WRONG_NUMBER": "单号对不上",
    "HASH_DIFFERS": "账单校验值不符，系统会重新下载",
    "BROKEN_FILE": "账单文件损坏，系统会重新下载",
    "STATEMENT_CREATING": "对方还在生成账单，系统会再取",
}
FULFILLMENT_STATUS = {FulfillmentStatus.FULFILLED: "已发货", FulfillmentStatus.CANCELED: "已撤销"}
VOUCHER_TYPE = {
    VoucherType.SHIPPING: "运费券",
    VoucherType.ENTIRE_ORDER: "整单券",
    VoucherType.SPECIFIC_PRODUCT: "商品券",
}
VALUE_TYPE = {DiscountValueType.FIXED: "减额", DiscountValueType.PERCENTAGE: "折扣"}
ORDER_EVENT = {
    OrderEvents.DRAFT_CREATED: "创建草稿",
    OrderEvents.DRAFT_ADDED_PRODUCTS: "草稿添加商品",
    OrderEvents.DRAFT_REMOVED_PRODUCTS: "草稿移除商品",
    OrderEvents.PLACED: "下单",
    OrderEvents.PLACED_FROM_DRAFT: "由草稿下单",
    OrderEvents.OVERSOLD_ITEMS: "超量下单",
    OrderEvents.CANCELED: "取消订单",
    OrderEvents.ORDER_MARKED_AS_PAID: "人工标记已付",
    OrderEvents.ORDER_FULLY_PAID: "全额支付",
    OrderEvents.UPDATED_ADDRESS: "修改地址",
    OrderEvents.EMAIL_SENT: "发送邮件",
    OrderEvents.PAYMENT_CAPTURED: "收款",
    OrderEvents.PAYMENT_REFUNDED: "退款",
    OrderEvents.PAYMENT_VOIDED: "支付作废",
    OrderEvents.PAYMENT_FAILED: "支付失败",
    OrderEvents.FULFILLMENT_CANCELED: "撤销发货",
    OrderEvents.FULFILLMENT_RESTOCKED_ITEMS: "退回库存",
    OrderEvents.FULFILLMENT_FULFILLED_ITEMS: "发货",
    OrderEvents.TRACKING_UPDATED: "更新运单号",
    OrderEvents.NOTE_ADDED: "备注",
    OrderEvents.OTHER: "其他",
}

#: An order that Saleor calls unfulfilled while no money has come.
AWAITING_PAYMENT = "awaiting-payment"
ORDER_STATE = {**ORDER_STATUS, AWAITING_PAYMENT: "待付款"}


def order_state(order: Any) -> str:
    """The order's status as people think of it: unpaid orders do not wait for the parcel but for the money."""
    unpaid = order.total_gross_amount > 0 and order.get_payment_status() == ChargeStatus.NOT_CHARGED
    return AWAITING_PAYMENT if unpaid and order.status == OrderStatus.UNFULFILLED else str(order.status)


#: Colours of unfold's labels by state, of Saleor's rows and of ours.
COLOURS = {
    AWAITING_PAYMENT: "warning",
    OrderStatus.UNFULFILLED: "info",
    OrderStatus.PARTIALLY_FULFILLED: "info",
    OrderStatus.FULFILLED: "success",
    OrderStatus.CANCELED: "default",
    ChargeStatus.NOT_CHARGED: "warning",
    ChargeStatus.PARTIALLY_CHARGED: "info",
    ChargeStatus.FULLY_CHARGED: "success",
    ChargeStatus.PARTIALLY_REFUNDED: "info",
    ChargeStatus.FULLY_REFUNDED: "default",
    "pending_payment": "warning",
    "pending_shipment": "info",
    "partly_shipped": "info",
    "pending_pickup": "info",
    "pending_verification": "info",
    "shipped": "success",
    "completed": "success",
    "closed": "default",
    "pending": "warning",
    "created": "warning",
    "open": "warning",
    "requested": "warning",
    "processing": "info",
    "received": "warning",
    "closing": "info",
    "paid": "success",
    "succeeded": "success",
    "processed": "success",
    "done": "success",
    "finished": "success",
    "refused": "danger",
    "dead": "danger",
    "failed": "danger",
    "abnormal": "danger",
    "review": "warning",
    "held": "info",
    "captured": "success",
    "released": "default",
    "refunded": "default",
    "waiting": "warning",
    "submitted": "warning",
    "checked": "info",
    "confirmed": "success",
    "running": "info",
    "active": "success",
    "stored": "success",
    "empty": "default",
    "repaired": "success",
}


def yuan(amount: Decimal | int | None) -> str:
    """`1234.5` as `¥1,234.50`, `-13.8` as `-¥13.80`; nothing is zero, parts of a fen are rounded for the eye."""
    return format_yuan(round_yuan(Decimal(amount or 0)))


def close_words(reason: str) -> str:
    """Why a payment was closed; what people typed in as it is."""
    return CLOSE_REASONS.get(reason, reason)


def error_words(told: str) -> str:
    """What a provider's last error means, its code behind it; "—" for none, unknown codes as they are."""
    code = (told or "").partition(" ")[0].rstrip(":：")
    words = PROVIDER_ERRORS.get(code)
    return f"{words}（{told}）" if words else told or "—"
