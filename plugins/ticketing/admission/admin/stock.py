"""配额看板与占用记录: how many there are, who has them, what is kept back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, DateField, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import LessThan
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import at, column, link, link_to, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import SHANGHAI, today

from ..access import STOCK
from ..choices import SaleChannel, TakingState
from ..models import Quota, Reserve, Taking
from ..services.stock import let_go, reserve, resize_quota
from .fields import form_of, number, text

_CHANNELS: dict[str, Any] = dict(SaleChannel.choices)
_STATES: dict[str, Any] = dict(TakingState.choices)


@admin.register(Quota)
class QuotaAdmin(ActingAdmin):
    """Quotas: by day, session, slot and channel."""

    list_display = ("name", "c_product", "c_when", "c_channel", "capacity", "taken", "c_left", "c_alarm")
    list_filter = (choice("channel", "渠道", _CHANNELS),)
    list_filter_submit = True
    list_select_related = ("product", "session", "slot")
    search_fields = ("name", "product__name")
    date_hierarchy = "day"
    details = (
        (None, ("name", "c_product", "c_when", "c_channel", "c_classes", "capacity", "taken", "c_left", "alarm_below",
                "c_alarm")),
    )  # fmt: skip

    c_product = link_to("product", "产品", "o2o_admission_admissionproduct")
    c_channel = column("get_channel_display", "渠道", lambda show: show() or _("全部渠道"), order="channel")
    c_left = column("left", "剩余", order=None)
    c_alarm = moment("alarmed_at", "低库存提醒")

    @admin.display(description=_("日期、场次、时段"))
    def c_when(self, row: Quota) -> str:
        if row.session is not None:
            return f"{row.session.name} {at(row.session.starts_at)}".strip()
        return str(row.slot or row.day or _("不分日期"))

    @admin.display(description=_("票类"))
    def c_classes(self, row: Quota) -> str:
        return str(_("全部票类")) if row.for_all else "、".join(one.name for one in row.classes.all())

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Today first, then the days to come; what is over at the end, the latest of it first."""
        began = TruncDate("session__starts_at", tzinfo=SHANGHAI)
        day = Coalesce("day", "slot__day", began, Value(today()), output_field=DateField())
        over = Case(When(LessThan(day, Value(today())), then=day))
        return [over.desc(nulls_first=True), day.asc(), "product", "pk"]

    def tables(self, request: HttpRequest, obj: Quota) -> list[Table]:
        kept = [
            (link("o2o_admission_reserve", one.pk, str(one.quantity)), one.reason, at(one.made_at),
             at(one.released_at))
            for one in obj.reserves.all()[:50]
        ]  # fmt: skip
        takings = Taking.objects.filter(quotas__contains=[obj.pk]).exclude(state=TakingState.RELEASED)
        rows = [
            (one.hold, one.get_channel_display(), str(one.quantity), one.get_state_display(), at(one.made_at))
            for one in takings[:50]
        ]
        return [
            Table("工作票预留", ("数量", "用途", "预留时间", "释放时间"), kept),
            Table("占用（最近 50 笔）", ("占座号", "渠道", "数量", "状态", "时间"), rows),
        ]

    def doors(self, request: HttpRequest, obj: Quota) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, STOCK, obj):
            return ()
        return [
            door(_("调整总量"), "tune", self.address("resize", obj.pk)),
            door(_("预留工作票"), "lock", self.address("reserve", obj.pk)),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/resize/", self.resize_view, "resize"),
            self.own("<int:pk>/reserve/", self.reserve_view, "reserve"),
            *super().get_urls(),
        ]

    def resize_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another capacity."""
        row: Quota = self.row(request, pk, STOCK)
        kind = form_of(Quota, (), capacity=number(_("总量")), alarm_below=number(_("低于此数提醒")))
        form = kind(
            request.POST if request.method == "POST" else None,
            initial={"capacity": row.capacity, "alarm_below": row.alarm_below},
        )

        def do(told: dict[str, Any]) -> str:
            resize_quota(request.user, row, told["capacity"], told["alarm_below"])
            return str(_("已调整"))

        facts = [(_("已占"), row.taken), (_("剩余"), row.left)]
        return self.act(request, f"{_('调整配额')}：{row}", form, do, self.page_of(pk), facts=facts)

    def reserve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep units back."""
        row: Quota = self.row(request, pk, STOCK)
        kind = form_of(Quota, (), quantity=number(_("数量"), least=1), reason=text(_("用途"), 200))
        form = kind(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            reserve(request.user, row, told["quantity"], told["reason"])
            return str(_("已预留"))

        return self.act(
            request, f"{_('预留工作票')}：{row}", form, do, self.page_of(pk), facts=[(_("剩余"), row.left)]
        )


@admin.register(Reserve)
class ReserveAdmin(ActingAdmin):
    """What is kept back."""

    list_display = ("c_quota", "quantity", "reason", "c_by", "c_made", "c_released")
    list_select_related = ("quota", "made_by")
    details = ((None, ("c_quota", "quantity", "reason", "c_by", "c_made", "c_released")),)

    c_quota = link_to("quota", "配额", "o2o_admission_quota")
    c_by = column("made_by__first_name", "经办人")
    c_made = moment("made_at", "预留时间")
    c_released = moment("released_at", "释放时间")

    def doors(self, request: HttpRequest, obj: Reserve) -> Sequence[Mapping[str, Any]]:
        if obj.released_at is not None or not self.may(request, STOCK, obj):
            return ()
        return [door(_("释放"), "lock_open", self.address("release", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/release/", self.release_view, "release"), *super().get_urls()]

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sell again."""
        row: Reserve = self.row(request, pk, STOCK)

        def do(_told: dict[str, Any]) -> str:
            let_go(request.user, row)
            return str(_("已释放，恢复可售"))

        form = forms.Form(request.POST if request.method == "POST" else None)
        return self.act(request, f"{_('释放工作票')}：{row}", form, do, self.page_of(pk))


@admin.register(Taking)
class TakingAdmin(ReadOnlyAdmin):
    """Who has taken what."""

    list_display = ("hold", "c_class", "c_when", "c_channel", "quantity", "c_state", "c_until", "c_made")
    list_filter = (
        choice("state", "状态", _STATES), choice("channel", "渠道", _CHANNELS),
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("ticket_class__product", "session", "slot")
    search_fields = ("hold",)
    search_help_text = _("占座号（票务订单号）")
    details = (
        (None, ("hold", "c_class", "c_when", "c_channel", "quantity", "c_state", "c_until", "c_made")),
    )

    c_class = column("ticket_class", "票类", str, order=None)
    c_channel = column("get_channel_display", "渠道", lambda show: show(), order="channel")
    c_state = state("state", "状态", _STATES)
    c_until = moment("until", "占至")
    c_made = moment("made_at", "占用时间")

    @admin.display(description=_("日期、场次、时段"))
    def c_when(self, row: Taking) -> str:
        return at(row.session.starts_at) if row.session is not None else str(row.slot or row.day or "—")
