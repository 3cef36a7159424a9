"""Vouchers read with what tells whether their people have been in all places: lists ask for all of them at once."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from ..models import AdmissionProduct, Redemption, Voucher
from .choices import UseKind


def with_visits(rows: QuerySet[Voucher]) -> QuerySet[Voucher]:
    """These vouchers, each with its `been` and `places` (`Voucher.used_up`); no more statements."""
    been = Redemption.objects.filter(voucher=OuterRef("pk")).exclude(kind=UseKind.EXPIRED).order_by()
    spots = AdmissionProduct.spots.through.objects.filter(admissionproduct=OuterRef("product")).order_by()
    return rows.annotate(
        been=_counted(been.values("voucher").annotate(n=Sum("quantity"))),
        places=_counted(spots.values("admissionproduct").annotate(n=Count("pk"))),
    )


def shown(rows: QuerySet[Voucher]) -> QuerySet[Voucher]:
    """These vouchers for whoever bought them, with all that is told of them; two statements for any number."""
    read = rows.select_related("ticket_order__supplier", "ticket_order__mailing", "product")
    return with_visits(read.prefetch_related("tickets").order_by("pk"))


def _counted(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), Value(0))
