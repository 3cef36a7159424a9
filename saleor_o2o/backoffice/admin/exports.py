"""What the core's pages can be taken out as."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.models import IntentState, RefundState
from saleor_o2o.cashier.registry import gateway_title
from saleor_o2o.kernel.audit import action_label

from ..labels import CHARGE_STATUS, ORDER_STATE, TRANSACTION_KIND, close_words, error_words, order_state
from ..privacy import masked_address, masked_email, masked_person, masked_phone
from .export import Cell, Export
from .naming import name_actors, name_all

INTENT = dict(IntentState.choices)
REFUND = dict(RefundState.choices)
#: Whoever may see a customer whole may take him out whole.
UNMASK = "customer.unmask"


def _address(row: Any) -> Any:
    return row.shipping_address or row.billing_address


def _person(address: Any) -> str:
    return f"{address.last_name}{address.first_name}" if address is not None else ""


def _phone(address: Any) -> str:
    return getattr(address.phone, "as_e164", "") or "" if address is not None else ""


def _place(address: Any) -> str:
    if address is None:
        return ""
    parts = (
        address.country_area, address.city, address.city_area, address.street_address_1, address.street_address_2
    )  # fmt: skip
    return "".join(part for part in parts if part)


ORDERS = Export(
    _("订单"),
    "order.export",
    (
        Cell(_("订单号"), "pk"),
        Cell(_("下单时间"), "created"),
        Cell(_("订单状态"), lambda row: ORDER_STATE.get(order_state(row), order_state(row))),
        Cell(_("支付状态"), lambda row: CHARGE_STATUS.get(row.get_payment_status(), "")),
        Cell(_("订单金额"), "total_gross_amount"),
        Cell(_("其中运费"), "shipping_price_gross_amount"),
        Cell(_("已收"), lambda row: sum(payment.captured_amount for payment in row.payments.all())),
        Cell(_("邮箱"), lambda row: masked_email(row.user_email), whole="user_email"),
        Cell(_("收货人"), lambda row: masked_person(_address(row)), whole=lambda row: _person(_address(row))),
        Cell(
            _("手机号"),
            lambda row: masked_phone(_address(row).phone) if _address(row) else "",
            whole=lambda row: _phone(_address(row)),
        ),
        Cell(
            _("收货地址"), lambda row: masked_address(_address(row)), whole=lambda row: _place(_address(row))
        ),
        Cell(_("顾客留言"), "customer_note"),
    ),
    unmask=UNMASK,
    related=("shipping_address", "billing_address"),
    prefetched=("payments", "payment_intents"),
)

INTENTS = Export(
    _("支付单"),
    "payment.export",
    (
        Cell(_("支付单号"), "number"),
        Cell(_("订单号"), "order_id"),
        Cell(_("状态"), lambda row: INTENT.get(row.state, row.state)),
        Cell(_("应付金额"), "amount"),
        Cell(_("支付渠道"), lambda row: gateway_title(row.gateway)),
        Cell(_("创建时间"), "created_at"),
        Cell(_("支付截止"), "expires_at"),
        Cell(_("到账时间"), "paid_at"),
        Cell(_("关闭原因"), lambda row: close_words(row.close_reason)),
        Cell(_("需要处理"), "attention"),
    ),
)

PAYMENTS = Export(
    _("支付（Saleor）"),
    "payment.export",
    (
        Cell(_("编号"), "pk"),
        Cell(_("订单号"), "order_id"),
        Cell(_("支付渠道"), lambda row: gateway_title(row.gateway)),
        Cell(_("应付"), "total"),
        Cell(_("已收"), "captured_amount"),
        Cell(_("支付状态"), lambda row: CHARGE_STATUS.get(row.charge_status, row.charge_status)),
        Cell(_("有效"), "is_active"),
        Cell(_("创建时间"), "created"),
    ),
)

TRANSACTIONS = Export(
    _("交易流水"),
    "payment.export",
    (
        Cell(_("编号"), "pk"),
        Cell(_("时间"), "created"),
        Cell(_("订单号"), "payment__order_id"),
        Cell(_("类型"), lambda row: TRANSACTION_KIND.get(row.kind, row.kind)),
        Cell(_("金额"), "amount"),
        Cell(_("成功"), "is_success"),
        Cell(_("渠道号"), "token"),
    ),
    related=("payment",),
)

REFUNDS = Export(
    _("退款单"),
    "payment.export",
    (
        Cell(_("退款号"), "number"),
        Cell(_("订单号"), "attempt__intent__order_id"),
        Cell(_("状态"), lambda row: REFUND.get(row.state, row.state)),
        Cell(_("退款金额"), "amount"),
        Cell(_("原因"), "get_reason_display"),
        Cell(_("申请人"), "o2o_actor"),
        Cell(_("申请时间"), "created_at"),
        Cell(_("完成时间"), "finished_at"),
        Cell(_("最近错误"), lambda row: error_words(row.last_error) if row.last_error else ""),
    ),
    related=("attempt__intent",),
    prepare=lambda rows: name_actors(rows, "requested_by"),
)

CUSTOMERS = Export(
    _("用户"),
    "customer.export",
    (
        Cell(_("编号"), "pk"),
        Cell(_("邮箱"), lambda row: masked_email(row.email), whole="email"),
        Cell(_("姓名"), masked_person, whole=_person),
        Cell(
            _("手机号"),
            lambda row: (
                masked_phone(row.default_shipping_address.phone) if row.default_shipping_address else ""
            ),
            whole=lambda row: _phone(row.default_shipping_address),
        ),
        Cell(_("员工"), "is_staff"),
        Cell(_("启用"), "is_active"),
        Cell(_("注册时间"), "date_joined"),
    ),
    unmask=UNMASK,
    related=("default_shipping_address",),
)

AUDIT = Export(
    _("审计记录"),
    "audit.export",
    (
        Cell(_("编号"), "pk"),
        Cell(_("时间"), "at"),
        Cell(_("操作"), lambda row: action_label(row.action)),
        Cell(_("操作代码"), "action"),
        Cell(_("操作者"), "o2o_who"),
        Cell(_("操作者标识"), "actor"),
        Cell(_("对象类型"), "subject_type"),
        Cell(_("对象编号"), "subject_id"),
        Cell(_("机构"), "o2o_where"),
        Cell(_("机构路径"), "org_path"),
        Cell(_("变更前"), lambda row: row.before or ""),
        Cell(_("变更后"), lambda row: row.after or ""),
        Cell(_("来源地址"), "ip"),
        Cell(_("请求号"), "request_id"),
    ),
    prepare=name_all,
)
