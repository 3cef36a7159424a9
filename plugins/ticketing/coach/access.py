"""Who sees stations, buses and paper tickets, checks tickets at the gate, and keeps what networks call our places."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, register_secret, scoped

VIEW = "coach.view"
CHECK = "coach.check"
RESERVE = "coach.reserve"
RECEIVE = "coach.receive"
REPORT = "coach.report"
EXPORT = "coach.export"
KEYS = "coach.keys"
STATION_VIEW = "coach_station.view"
STATION_EDIT = "coach_station.edit"
PAPER_VIEW = "coach_paper.view"
PAPER_STOCK = "coach_paper.stock"
PAPER_PRINT = "coach_paper.print"
PAPER_EXPORT = "coach_paper.export"
INVOICE_VIEW = "coach_invoice.view"
INVOICE_ASK = "coach_invoice.ask"
INVOICE_ISSUE = "coach_invoice.issue"
INVOICE_EXPORT = "coach_invoice.export"
INVOICE_UNMASK = "coach_invoice.unmask"


def install() -> None:
    """Declare the resources and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "coach", _("汽车票"),
        {
            "view": _("查看班次"), "check": _("检票"), "receive": _("接待旅客"),
            "reserve": _("预留座位"), "report": _("查看报表"), "export": _("导出"),
            "keys": _("进站码密钥"),
        },
    )  # fmt: skip
    declare(
        "coach_station",
        _("汽车站点"),
        {"view": _("查看"), "create": _("新建"), "edit": _("设置站点、对应关系、购票限制")},
    )
    declare(
        "coach_paper", _("纸票"),
        {
            "view": _("查看"), "stock": _("入库、发放、收回"), "print": _("打印、作废、清点"), "export": _("导出"),
        },
    )  # fmt: skip
    declare(
        "coach_invoice", _("汽车票发票"),
        {
            "view": _("查看"), "ask": _("代客申请"), "issue": _("登记开具、失败、冲红"), "export": _("导出"),
            "unmask": _("查看接收邮箱"),
        },
    )  # fmt: skip
    for model in (
        models.Station, models.Season, models.SupplierStation, models.SupplierLine, models.SaleLimit,
    ):  # fmt: skip
        scoped(model, "coach_station", city_wide=True)
    for bus in (
        models.Line, models.LineStop, models.Shift, models.ShiftFare, models.ShiftDay, models.ShiftOffer,
        models.Refresh,
    ):  # fmt: skip
        scoped(bus, "coach", city_wide=True)
    scoped(models.GateKey, "coach", city_wide=True)
    scoped(models.CoachTrip, "ticket", unit="ticket_order__unit")
    scoped(models.FareProof, "ticket", unit="ticket__ticket_order__unit")
    scoped(models.SeatBlock, "coach", unit="unit")
    scoped(models.Reception, "coach", unit="unit")
    scoped(models.GateCheck, "coach", unit="unit")
    scoped(models.PaperRange, "coach_paper", unit="unit", owner="holder_id")
    scoped(models.PaperSheet, "coach_paper", unit="range__unit", owner="printed_by_id")
    scoped(models.PaperCount, "coach_paper", unit="range__unit", owner="by_id")
    scoped(models.CoachInvoice, "coach_invoice", unit="ticket_order__unit")
    register_secret(models.CoachInvoice, INVOICE_UNMASK, lambda row: [(_("接收邮箱"), row.email or "—")])
