"""Filters of the order desk."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from saleor_o2o.backoffice.admin.filters import below, told

from ..choices import BusinessLine
from ..models import Seller, SubOrder

OWN = "own"


class LineFilter(DropdownFilter):
    """Orders with a part of a business line."""

    title = _("业务线")
    parameter_name = "line"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in BusinessLine.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in BusinessLine.values:
            return queryset
        return queryset.filter(pk__in=SubOrder.objects.filter(line=self.value()).values("order_id"))


class SellerFilter(DropdownFilter):
    """Orders with a part of a seller's."""

    title = _("销售方")
    parameter_name = "seller"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sellers = Seller.objects.order_by("code").values_list("code", "name")[:200]
        return [(OWN, str(_("自营"))), *((code, name) for code, name in sellers)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        whose = Q(seller__isnull=True) if self.value() == OWN else Q(seller__code=told(self.value()))
        return queryset.filter(pk__in=SubOrder.objects.filter(whose).values("order_id"))


class PaidFilter(DropdownFilter):
    """Paid, or waiting for the money."""

    title = _("付款")
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", str(_("已付款"))), ("no", str(_("未付款"))), ("back", str(_("有退款")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "yes":
                return queryset.filter(paid_at__isnull=False)
            case "no":
                return queryset.filter(paid_at__isnull=True)
            case "back":
                return queryset.filter(refunded__gt=0)
        return queryset


class FlagFilter(DropdownFilter):
    """Marked by the staff, or looking like a repetition."""

    title = _("标记")
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        from ..choices import Flag

        flags = [(value, str(label)) for value, label in Flag.choices]
        return [("any", str(_("有标记"))), *flags, ("twin", str(_("疑似重复下单")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        if self.value() == "any":
            return queryset.exclude(flag="")
        if self.value() == "twin":
            return queryset.filter(duplicate_of__isnull=False)
        return queryset.filter(flag=told(self.value()))


class UnitFilter(TextFilter):
    """Orders of a unit and what was below it when they were made, by its code."""

    title = _("机构代码（含下级）")
    parameter_name = "unit"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = told(self.value())
        if not code:
            return queryset
        return queryset.filter(below(code))


class ChannelFilter(TextFilter):
    """Orders of a sales channel, by its code."""

    title = _("渠道代码")
    parameter_name = "channel"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = told(self.value())
        return queryset.filter(channel_code__iexact=code) if code else queryset
