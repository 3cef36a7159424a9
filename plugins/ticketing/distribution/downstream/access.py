"""Who sees resellers, makes and suspends them, sets their prices, writes top-ups and books them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "reseller.view"
EDIT = "reseller.edit"
PRICE = "reseller.price"
TOP_UP = "reseller.top_up"
CONFIRM = "reseller.confirm"
SEND = "reseller.send"
REPORT = "reseller.report"
EXPORT = "reseller.export"


def install() -> None:
    """Declare the resource and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "reseller", _("渠道分销"),
        {
            "view": _("查看"), "edit": _("开户、停用、密钥、额度"), "price": _("设置可售产品和渠道价"),
            "top_up": _("登记充值"), "confirm": _("复核充值"), "send": _("补发通知"), "report": _("查看对账单"),
            "export": _("导出对账单"),
        },
    )  # fmt: skip
    scoped(models.Reseller, "reseller", unit="unit")
    for model in (
        models.ResellerKey, models.ResellerEntry, models.TopUp, models.ResellerOffer, models.ResellerPrice,
        models.ResellerOrder, models.ResellerNotice,
    ):  # fmt: skip
        scoped(model, "reseller", unit="reseller__unit")
