"""绑定规则 and 客户绑定."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.naming import NamesActors
from saleor_o2o.backoffice.columns import column, link_to, moment
from saleor_o2o.backoffice.privacy import masked_email, masked_person
from saleor_o2o.kernel.clock import today

from ..models import BindingMode, BindingRule, CustomerBinding
from .city import CityAdmin

BASIS = {**dict(BindingMode.choices), "transfer": "人工移交"}


@admin.register(BindingRule)
class BindingRuleAdmin(CityAdmin):
    """The city's rules; one whose day has come is history and stays as it was."""

    list_display = ("effective_from", "mode", "protection_days", "registration_hours", "note")
    fields = (("mode", "effective_from"), ("protection_days", "registration_hours"), "note")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.effective_from <= today():
            return False
        return super().has_change_permission(request, obj)


@admin.register(CustomerBinding)
class CustomerBindingAdmin(NamesActors, ReadOnlyAdmin):
    """Whose customer somebody is, and was."""

    list_display = ("c_customer", "c_channel", "c_basis", "c_bound", "c_protected", "c_ended", "end_reason")
    list_select_related = ("customer", "channel")
    list_filter = (("ended_at", titled(admin.EmptyFieldListFilter, "解绑时间")),)
    search_fields = ("=channel__code", "=customer__email")
    search_help_text = _("渠道代码或客户完整邮箱")
    details = (
        (
            None,
            (
                "c_customer",
                "c_channel",
                "c_basis",
                "c_bound",
                "c_protected",
                "c_ended",
                "end_reason",
                "c_actor",
            ),
        ),
    )

    c_channel = link_to("channel", "渠道", "o2o_channels_channel")
    c_basis = column("basis", "来由", lambda value: BASIS.get(value, value))
    c_bound = moment("bound_at", "绑定时间")
    c_protected = moment("protected_until", "保护至")
    c_ended = moment("ended_at", "解绑时间")

    @admin.display(description=_("客户"))
    def c_customer(self, row: CustomerBinding) -> str:
        return f"{masked_person(row.customer)} {masked_email(row.customer.email)}"
