"""What waits for a person: places of networks that nobody has matched, invoices that nobody has issued, sheets
that are missing."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from .access import INVOICE_ISSUE, PAPER_STOCK, STATION_EDIT
from .choices import InvoiceState
from .models import CoachInvoice, PaperCount, SupplierStation
from .services.papers import differing

#: Shown at most.
MOST = 20


def places(user: Any) -> list[Todo]:
    """One entry for all of them. One statement where the user may not match."""
    if not user.has_perm(STATION_EDIT):
        return []
    waiting = rows_for(user, SupplierStation, STATION_EDIT).filter(station=None).order_by("seen_at")
    oldest = waiting.values_list("seen_at", flat=True).first()
    if oldest is None:
        return []
    count = waiting.count()
    return [
        Todo(
            _("确认客票网站点对应：%(count)d 个") % {"count": count},
            _("没有对应的站点，班次不会显示"),
            reverse("admin:o2o_coach_supplierstation_changelist") + "?matched=no",
            oldest,
        )
    ]


def invoices(user: Any) -> list[Todo]:
    """One entry for all invoices in reach that wait to be issued, red ones too."""
    if not user.has_perm(INVOICE_ISSUE):
        return []
    waiting = rows_for(user, CoachInvoice, INVOICE_ISSUE).filter(state=InvoiceState.WANTED)
    oldest = waiting.order_by("asked_at").values_list("asked_at", flat=True).first()
    if oldest is None:
        return []
    return [
        Todo(
            _("开具汽车票发票：%(count)d 张") % {"count": waiting.count()},
            _("开好后登记发票号码，客户在订单里看到"),
            reverse("admin:o2o_coach_coachinvoice_changelist") + "?state__exact=wanted",
            oldest,
        )
    ]


def counts(user: Any) -> list[Todo]:
    """Differences of paper tickets in reach that nobody has dealt with, the oldest first; not of one's own counts."""
    if not user.has_perm(PAPER_STOCK):
        return []
    waiting = differing(rows_for(user, PaperCount, PAPER_STOCK)).exclude(by_id=user.pk)
    return [
        Todo(
            _("纸票清点相差 %(count)d 张：%(unit)s") % {"count": one.difference, "unit": one.range.unit.name},
            one.note,
            reverse("admin:o2o_coach_papercount_settle", args=[one.pk]),
            one.at,
        )
        for one in waiting.select_related("range__unit").order_by("pk")[:MOST]
    ]
