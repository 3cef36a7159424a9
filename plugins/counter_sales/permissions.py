"""What may be permitted at the counter and with floats, and whose the rows are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, access_of, declare, scoped, staff_of
from saleor_o2o.kernel.scope import NotAllowed, policy_for, use_policy

SELL = "counter_order.create"
REFUND = "counter_order.refund"
TOP_UP = "float.topup"
ADJUST = "float.adjust"
REMIT = "float.remit"
CONFIGURE = "float.configure"
APPROVE = "counter_order.approve"
SHIFTS = "counter_order.shift"
MAKE_REMITTANCE = "remittance.make"
VERIFY_REMITTANCE = "remittance.verify"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models
    from .sellers import OwnerPolicy

    declare(
        "counter_order",
        _("柜台销售"),
        {
            "view": _("查看"),
            "create": _("下单、收款、打印、交付"),
            "refund": _("退款"),
            "approve": _("审批超限退款"),
            "shift": _("班次差异确认、代交班、台席与规则"),
            "export": _("导出"),
        },
    )
    declare(
        "float",
        _("备付金"),
        {
            "view": _("查看"),
            "topup": _("充值"),
            "remit": _("登记缴款"),
            "adjust": _("调整与复核"),
            "configure": _("开户、额度与冻结"),
            "export": _("导出"),
        },
    )
    declare(
        "remittance",
        _("缴款单"),
        {"view": _("查看"), "make": _("制单与提交"), "verify": _("核对、入账与退回"), "export": _("导出")},
    )
    # Owners of shops are not of the organisation, whose policy asks the one before it about such people.
    for model, channel in (
        (models.CounterSale, "channel_code"),
        (models.CashReceipt, "sale__channel_code"),
        (models.FloatAccount, "channel_code"),
        (models.FloatMovement, "account__channel_code"),
    ):
        use_policy(OwnerPolicy(policy_for(model), channel), model)
    scoped(models.CounterSale, "counter_order", unit="unit", owner="operator_id")
    scoped(models.CashReceipt, "counter_order", unit="sale__unit", owner="operator_id")
    scoped(models.PayLink, "counter_order", unit="sale__unit", owner="sent_by_id")
    scoped(models.PosReceipt, "counter_order", unit="sale__unit", owner="operator_id")
    scoped(models.CounterRules, "counter_order", unit="unit")
    scoped(models.Drawer, "counter_order", unit="unit")
    scoped(models.Shift, "counter_order", unit="unit", owner="clerk_id")
    scoped(models.Remittance, "remittance", unit="unit")
    scoped(models.SaleRefund, "counter_order", unit="sale__unit", owner="operator_id")
    scoped(models.RefundRequest, "counter_order", unit="sale__unit", owner="asked_by_id")
    scoped(models.CounterBasket, "counter_order", unit="operator__o2o_staff__unit", owner="operator_id")
    scoped(models.CounterCustomer, "counter_order", unit="unit")
    scoped(models.FloatAccount, "float", unit="unit")
    scoped(models.FloatMovement, "float", unit="account__unit")
    scoped(models.FloatAdjustment, "float", unit="account__unit")
    scoped(models.GoodsName, "product", city_wide=True)


def may_at(user: Any, permission: str, unit: OrgUnit) -> bool:
    """True when the user may do this at a unit; somebody who reaches 仅本人 may at the unit he belongs to."""
    if not getattr(user, "is_active", False):
        return False
    if getattr(user, "is_superuser", False):
        return True
    access = access_of(user)
    if access.may_at(permission, unit):
        return True
    staff = staff_of(user)
    own = access.reach(permission).own
    return own is not None and staff is not None and staff.unit_id == unit.pk


def require_at(user: Any, permission: str, unit: OrgUnit) -> None:
    """Raise NotAllowed unless the user may do this at the unit."""
    if not may_at(user, permission, unit):
        raise NotAllowed
