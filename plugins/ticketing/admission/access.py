"""Who sees, keeps and holds back what is on sale. What a unit sells, the units below it sell too."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Reach, declare, scoped

VIEW = "admission.view"
EDIT = "admission.edit"
STOCK = "admission.stock"
CANCEL = "admission.cancel"
EXPORT = "admission.export"


def install() -> None:
    """Declare the resource and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "admission", _("景区演出"),
        {
            "view": _("查看"), "edit": _("维护产品、价格、场次、座位图"), "stock": _("配额、留座、工作票"),
            "cancel": _("取消、延期场次"), "export": _("导出"),
        },
    )  # fmt: skip

    def below(lookup: str) -> Any:
        def rows(reach: Reach) -> Q:
            return reach.on_units_and_above(lookup)

        return rows

    for model, lookup in {
        models.Venue: "unit",
        models.ScenicSpot: "unit",
        models.Hall: "venue__unit",
        models.SeatMap: "hall__venue__unit",
        models.Seat: "seat_map__hall__venue__unit",
        models.AdmissionProduct: "unit",
        models.TicketClass: "product__unit",
        models.PriceDay: "ticket_class__product__unit",
        models.Session: "product__unit",
        models.SessionSeat: "session__product__unit",
        models.Slot: "product__unit",
        models.Quota: "product__unit",
        models.Reserve: "quota__product__unit",
        models.Taking: "ticket_class__product__unit",
        models.LimitRule: "product__unit",
        models.ReplyRule: "product__unit",
        models.SaleQueue: "product__unit",
        models.Draw: "ticket_class__product__unit",
        models.Waiting: "ticket_class__product__unit",
        models.DrawEntry: "draw__ticket_class__product__unit",
    }.items():
        scoped(model, "admission", rows=below(lookup))
    scoped(
        models.Gate, "admission",
        rows=lambda reach: reach.on_units_and_above("venue__unit") | reach.on_units_and_above("spot__unit"),
    )  # fmt: skip
    # what is on its way back to a quota, who has how many of what is limited, who stands where: nobody looks through it
    for model in (models.Returning, models.LimitUse, models.LimitEntry, models.QueuePlace):
        scoped(model, "admission")
