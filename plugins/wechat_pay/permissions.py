"""What may be permitted with merchant accounts, bills and shares, and whose the rows are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, access_of, declare, scoped
from saleor_o2o.kernel.scope import NotAllowed

VIEW = "merchant_account.view"
PROPOSE = "merchant_account.propose"
DECIDE = "merchant_account.decide"
REDIRECT = "merchant_account.redirect"
BILL_VIEW, BILL_FETCH = "payment_bill.view", "payment_bill.fetch"
SHARE_VIEW, SHARE = "profit_share.view", "profit_share.share"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare(
        "merchant_account",
        _("微信商户号"),
        {
            "view": _("查看"),
            "propose": _("申请新增、换密钥、停用"),
            "redirect": _("申请异常退款改退银行卡"),
            "decide": _("复核"),
        },
    )
    declare(
        "payment_bill", _("微信账单"), {"view": _("查看"), "fetch": _("下载与重新下载"), "export": _("导出")}
    )
    declare("profit_share", _("分账"), {"view": _("查看"), "share": _("登记接收方、分账、解冻、回退")})
    scoped(models.MerchantAccount, "merchant_account", unit="unit")
    scoped(models.AccountKey, "merchant_account", unit="account__unit")
    scoped(models.Change, "merchant_account", unit="unit")
    scoped(models.Bill, "payment_bill", unit="account__unit")
    scoped(models.BillLine, "payment_bill", unit="bill__account__unit")
    scoped(models.Receiver, "profit_share", unit="account__unit")
    scoped(models.Share, "profit_share", unit="account__unit")
    scoped(models.ShareLine, "profit_share", unit="share__account__unit")
    scoped(models.ShareReturn, "profit_share", unit="line__share__account__unit")


def require_at(user: Any, permission: str, unit: OrgUnit | None) -> None:
    """Raise NotAllowed unless the user may do this at the unit; without one: unless his permission reaches
    everything."""
    if getattr(user, "is_superuser", False) and user.is_active:
        return
    access = access_of(user)
    allowed = access.may_at(permission, unit) if unit is not None else access.reach(permission).everything
    if not user.is_active or not allowed:
        raise NotAllowed
