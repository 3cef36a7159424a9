"""保险产品 and 保险单: what is on offer, and where each insurance stands."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, moment, money
from saleor_o2o.kernel import audit

from ..access import EXPORT, SUPPLIER_EDIT, may_for_city
from ..choices import INSURANCE, InsuranceState
from ..models import Insurance, InsuranceProduct, SupplierAccount

CHANGED = audit.action("ticketing.insurance_product", _("设置保险产品"))
STATE = dict(InsuranceState.choices)


@admin.register(InsuranceProduct)
class InsuranceProductAdmin(ScopedAdmin):
    """What is on offer, for the whole city. Only whether it is sold is changed; another price is another product."""

    list_display = ("code", "name", "c_trade", "c_insurer", "c_price", "c_share", "active")
    list_display_links = ("code", "name")
    list_select_related = ("insurer",)
    list_filter = (("trade", ChoicesDropdownFilter), "active")
    fields = ("code", "name", "trade", "insurer", "price", "share", "covers", "terms", "active")

    c_trade = column("get_trade_display", "票种", lambda show: show(), order="trade")
    c_insurer = column("insurer__name", "保险公司")
    c_price = money("price", "保费")
    c_share = money("share", "保险公司所得")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields[:-1] if obj is not None else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Insurers only."""
        if db_field.name == "insurer":
            kwargs["queryset"] = SupplierAccount.objects.filter(trade=INSURANCE).order_by("priority", "code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_for_city(request.user, SUPPLIER_EDIT)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_for_city(request.user, SUPPLIER_EDIT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(CHANGED, obj, before=before, after=audit.snapshot(obj))


@admin.register(Insurance)
class InsuranceAdmin(ActingAdmin):
    """Insurances of the tickets in reach."""

    list_display = (
        "number",
        "c_ticket",
        "product",
        "c_insurer",
        "c_price",
        "policy_number",
        "c_state",
        "c_made",
    )
    list_display_links = ("number",)
    list_select_related = ("ticket", "insurer")
    list_filter = (("state", ChoicesDropdownFilter), ("made_at", titled(RangeDateFilter, "投保时间")))
    list_filter_submit = True
    search_fields = ("number", "policy_number", "ticket__number")
    search_help_text = _("投保单号、保单号、票号")
    ordering = ("-pk",)
    details = (
        (None, ("number", "c_state", "c_ticket", "product", "c_insurer", "c_price", "c_share", "policy_number",
                "c_moves", "why", "c_made", "c_in_force", "c_cancelled")),
    )  # fmt: skip
    export = Export(
        "保险单", EXPORT,
        (
            Cell("投保单号", "number"), Cell("票号", "ticket__number"), Cell("险种", "product"),
            Cell("保险公司", "insurer__name"), Cell("保费", "price"), Cell("保险公司所得", "share"),
            Cell("保单号", "policy_number"), Cell("状态", lambda row: row.get_state_display()),
        ),
        related=("ticket", "insurer"),
    )  # fmt: skip

    c_ticket = column("ticket__number", "票号", order=None)
    c_moves = column("moves_to__number", "正在改到的票", order=None)
    c_insurer = column("insurer__name", "保险公司")
    c_price = money("price", "保费")
    c_share = money("share", "保险公司所得")
    c_made = moment("made_at", "投保时间")
    c_in_force = moment("in_force_at", "承保时间")
    c_cancelled = moment("cancelled_at", "退保时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Insurance) -> Any:
        return badge(row.state, STATE)
