"""Who sees, tries, changes and publishes fee rules. They are the city's: who changes one has to reach all of it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, may_for_city, scoped

__all__ = ["may_for_city"]

VIEW = "ticket_fee.view"
TRY = "ticket_fee.try"
EDIT = "ticket_fee.edit"
PUBLISH = "ticket_fee.publish"
ORDER_VIEW = "ticket.view"
SELL = "ticket.sell"
REFUND = "ticket.refund"
REFUND_AUDIT = "ticket.audit"
CARRIERS_FAULT = "ticket.carriers_fault"
DESK = "ticket.desk"
BATCH = "ticket.batch"
EXPORT = "ticket.export"
REPORT = "ticket.report"
REPLY_VIEW = "refund_reply.view"
REPLY_ANSWER = "refund_reply.answer"
REPLY_EXPORT = "refund_reply.export"
SUPPLIER_VIEW = "ticket_supplier.view"
SUPPLIER_EDIT = "ticket_supplier.edit"
SETTLE = "ticket_supplier.settle"


def install() -> None:
    """Declare the resource and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "ticket_fee", _("退改规则"),
        {"view": _("查看"), "try": _("试算"), "edit": _("提交"), "publish": _("复核发布")},
    )  # fmt: skip
    scoped(models.FeeRule, "ticket_fee", city_wide=True)
    declare(
        "ticket", _("票务订单"),
        {
            "view": _("查看"), "sell": _("柜台售票"), "refund": _("退票、改签"), "audit": _("退票审核"),
            "carriers_fault": _("按承运方（主办方）原因办理"), "desk": _("出票台处理"), "batch": _("批量退票"),
            "export": _("导出"),
            "report": _("查看报表"),
        },
    )  # fmt: skip
    declare(
        "ticket_supplier", _("票务供应商"),
        {"view": _("查看"), "edit": _("设置、启停"), "settle": _("对账、核销")},
    )  # fmt: skip
    # a merchant's own people have this and nothing else of the orders
    declare("refund_reply", _("商家退票答复"), {"view": _("查看"), "answer": _("答复"), "export": _("导出")})
    scoped(models.RefundReply, "refund_reply", unit="unit")
    scoped(models.TicketOrder, "ticket", unit="unit", owner="made_by_id")
    scoped(models.Segment, "ticket", unit="ticket_order__unit")
    scoped(models.TicketPassenger, "ticket", unit="ticket_order__unit")
    scoped(models.Ticket, "ticket", unit="ticket_order__unit")
    scoped(models.FeeLine, "ticket", unit="ticket__ticket_order__unit")
    scoped(models.RefundRequest, "ticket", unit="ticket_order__unit")
    scoped(models.RefundItem, "ticket", unit="refund__ticket_order__unit")
    scoped(models.ChangeRequest, "ticket", unit="ticket_order__unit")
    scoped(models.ChangeItem, "ticket", unit="change__ticket_order__unit")
    scoped(models.MoneyBack, "ticket", unit="unit")
    scoped(models.RefundBatch, "ticket", unit="unit")
    scoped(models.DeskTask, "ticket", unit="ticket_order__unit")
    scoped(models.Insurance, "ticket", unit="ticket__ticket_order__unit")
    scoped(models.SupplierCall, "ticket", unit="ticket_order__unit")
    scoped(models.SupplierAccount, "ticket_supplier", city_wide=True)
    scoped(models.SupplierDeposit, "ticket_supplier", city_wide=True)
    scoped(models.DepositReading, "ticket_supplier", city_wide=True)
    scoped(models.AgencyRate, "ticket_supplier", city_wide=True)
    scoped(models.SupplierNotice, "ticket_supplier", city_wide=True)
    scoped(models.InsuranceProduct, "ticket_supplier", city_wide=True)
    scoped(models.SupplierStatement, "ticket_supplier", city_wide=True)
    scoped(models.StatementLine, "ticket_supplier", city_wide=True)
    # a quote is its ticket's: pages of tickets show it, nobody looks through all of them
    scoped(models.FeeQuote, "ticket_fee")
