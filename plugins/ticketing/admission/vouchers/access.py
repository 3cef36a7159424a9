"""Who sees vouchers and scans, lets people in, takes it back, keeps gates and devices."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Reach, declare, scoped

VIEW = "voucher.view"
REDEEM = "voucher.redeem"
REVERSE = "voucher.reverse"
REISSUE = "voucher.reissue"
EXCHANGE = "voucher.exchange"
RESOLVE = "voucher.resolve"
REPORT = "voucher.report"
EXPORT = "voucher.export"
KEYS = "voucher.keys"
RULES = "voucher.rules"
SETTLE = "voucher.settle"
DEVICE_VIEW = "gate.view"
DEVICE_EDIT = "gate.edit"
DEVICE_SWITCH = "gate.switch"


def install() -> None:
    """Declare the resources and register the rule of every model; called once when the app is ready."""
    from .. import models

    declare(
        "voucher", _("电子凭证与核销"),
        {
            "view": _("查看"), "redeem": _("核销"), "reverse": _("撤销核销"), "reissue": _("重发、作废重出"),
            "exchange": _("窗口换票、寄纸票"),
            "resolve": _("处理检票冲突"), "report": _("查看报表"), "export": _("导出"), "keys": _("凭证密钥"),
            "rules": _("入场规则"), "settle": _("结算约定、确认结算单、登记付款"),
        },
    )  # fmt: skip
    declare("gate", _("检票设备"), {"view": _("查看"), "edit": _("登记、设置"), "switch": _("远程开闭")})
    # whoever has the product, whoever sold it, and whoever lets in
    scoped(models.Voucher, "voucher", rows=_of("product__unit", "ticket_order__unit"))
    scoped(
        models.VoucherOldCode, "voucher", rows=_of("voucher__product__unit", "voucher__ticket_order__unit")
    )
    scoped(models.Scan, "voucher", rows=_of("unit", "voucher__product__unit"))
    scoped(models.Redemption, "voucher", rows=_of("unit", "seller"))
    scoped(models.ScanConflict, "voucher", rows=_of("unit", "voucher__product__unit"))
    scoped(models.EntryRule, "voucher", unit="product__unit")
    scoped(models.SessionChange, "voucher", rows=_of("session__product__unit"))
    scoped(models.SessionChoice, "voucher", rows=_of("ticket_order__unit", "change__session__product__unit"))
    scoped(models.Mailing, "voucher", rows=_of("ticket_order__unit"))
    scoped(models.NameChange, "voucher", rows=_of("ticket__ticket_order__unit"))
    scoped(models.SettlementTerm, "voucher", unit="unit")
    scoped(models.SettlementSheet, "voucher", unit="unit")
    scoped(models.SettlementItem, "voucher", unit="sheet__unit")
    scoped(models.VoucherKey, "voucher", city_wide=True)
    scoped(models.Device, "gate", unit="unit")


def _of(*lookups: str) -> Callable[[Reach], Q]:
    def rows(reach: Reach) -> Q:
        condition = Q(pk__in=[])
        for lookup in lookups:
            condition |= reach.on_units(lookup)
        return condition

    return rows
