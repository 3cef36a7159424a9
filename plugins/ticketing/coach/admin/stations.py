"""汽车站点、节假日预售期、购票限制: what the city keeps of them; every change is written down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from plugins.ticketing.kernel.choices import RuleState, Trade
from plugins.ticketing.kernel.models import FeeRule
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, yes_no
from saleor_o2o.kernel import audit

from ..choices import PickMode
from ..models import SaleLimit, Season, Station
from ..names import pinyin_of

CHANGED = audit.action("coach.master_data", _("汽车票基础资料变更"))


class _Kept(ScopedAdmin):
    """Rows that people write themselves."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(CHANGED, obj, before=before, after=audit.snapshot(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _rules() -> list[tuple[str, Any]]:
    """What rules of refunds and changes stations may name, and what stations name already."""
    rules = FeeRule.objects.filter(trade=Trade.COACH, state=RuleState.PUBLISHED).exclude(supplier="")
    named: dict[str, set[str]] = {}
    for key, name in rules.values_list("supplier", "name"):
        named.setdefault(key, set()).add(name)
    used = Station.objects.exclude(rule_key="").order_by().values_list("rule_key", flat=True).distinct()
    keys = sorted({*named, *used})
    return [("", _("通用规则")), *((key, f"{key}　{'、'.join(sorted(named.get(key, ())))}") for key in keys)]


@admin.register(Station)
class StationAdmin(_Kept):
    """Stations and destinations."""

    list_display = (
        "code", "name", "c_city", "c_county", "boards_", "presale_days", "c_stop", "rule_key", "c_unit", "active_",
    )  # fmt: skip
    list_display_links = ("code", "name")
    list_select_related = ("unit",)
    list_filter = ("city", "boards", "active")
    search_fields = ("code", "name", "aliases", "pinyin", "initials")
    search_help_text = _("代码、名称、别名、拼音")
    ordering = ("code",)
    autocomplete_fields = ()
    raw_id_fields = ("unit",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("code", "name"), "aliases", ("city", "county"), "address", ("lng", "lat"), "unit", "rule_key",
                    ("boards", "active"),
                )
            },
        ),
        (
            _("售票"),
            {
                "fields": (
                    ("presale_days", "season_days"), "stop_minutes", ("opens", "closes"), ("needs_id", "e_ticket"),
                )
            },
        ),
        (
            _("票类"),
            {"fields": (("sells_half", "half_online"), ("sells_free", "free_online"), "by_height")},
        ),
        (_("取票与检票"), {"fields": ("pick_modes", ("gate_minutes", "missed_same_day"))}),
    )  # fmt: skip

    c_city = column("city", "城市")
    c_county = column("county", "区县")
    c_stop = column("stop_minutes", "停售", lambda value: f"发车前 {value} 分钟")
    c_unit = column("unit__name", "就近机构", order=None)
    boards_ = yes_no("boards", "可上车")
    active_ = yes_no("active", "启用")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "pick_modes":
            return forms.MultipleChoiceField(
                label=db_field.verbose_name, choices=PickMode.choices,
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
            )  # fmt: skip
        if db_field.name == "rule_key":
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=_rules, required=False, widget=UnfoldAdminSelectWidget,
                help_text=_("没有专门规则的车站按通用规则；规则在“退改规则”里设置"),
            )  # fmt: skip
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pinyin, obj.initials = pinyin_of(obj.name)
        super().save_model(request, obj, form, change)


@admin.register(Season)
class SeasonAdmin(_Kept):
    """Days that are sold earlier."""

    list_display = ("name", "first", "last")
    fields = ("name", ("first", "last"))


def _limit(most: int) -> str:
    return str(most) if most else str(_("不限"))


@admin.register(SaleLimit)
class SaleLimitAdmin(_Kept):
    """What a channel allows."""

    list_display = ("c_channel", "c_orders", "c_tickets", "c_cancels")
    fields = ("channel", "orders_day", "tickets_order", "cancels_day")

    c_orders = column("orders_day", "每账号每天订单", _limit, order="orders_day")
    c_tickets = column("tickets_order", "每单张数（携童不计）", _limit, order="tickets_order")
    c_cancels = column("cancels_day", "每账号每天取消", _limit, order="cancels_day")
    c_channel = column("get_channel_display", "渠道", lambda show: show(), order="channel")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("channel",) if obj is not None else ()
