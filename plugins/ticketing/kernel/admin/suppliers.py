"""票务供应商: accounts and their health; every call that was made to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Avg, Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminTimeWidget,
    UnfoldBooleanSwitchWidget,
)

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, badge, column, link_to, moment, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now

from ..access import SUPPLIER_EDIT
from ..choices import INSURANCE, CallKind, CallState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..insurers import insurers
from ..models import SupplierAccount, SupplierCall, SupplierDeposit
from ..ports import adapters
from ..services.deposits import look, prepaid_of, set_alarm
from ..services.health import is_open, is_well

CHANGED = audit.action("ticketing.supplier_changed", _("修改票务供应商"))
WOKEN = audit.action("ticketing.supplier_woken", _("提前恢复票务供应商"))
CALLS = dict(CallState.choices)
_FIELDS = (
    "name", "account", "priority", "active", "opens", "closes", "hours_queue", "hold_minutes", "note",
)  # fmt: skip


class SupplierForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """What people set; code, trade and adapter stay what they were."""

    class Meta:
        model = SupplierAccount
        fields = ("code", "trade", "adapter", *_FIELDS)
        widgets = {
            "code": UnfoldAdminTextInputWidget, "trade": UnfoldAdminSelectWidget, "name": UnfoldAdminTextInputWidget,
            "account": UnfoldAdminTextInputWidget, "priority": UnfoldAdminIntegerFieldWidget,
            "active": UnfoldBooleanSwitchWidget, "opens": UnfoldAdminTimeWidget, "closes": UnfoldAdminTimeWidget,
            "hours_queue": UnfoldBooleanSwitchWidget, "hold_minutes": UnfoldAdminIntegerFieldWidget,
            "note": UnfoldAdminTextInputWidget,
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["adapter"] = forms.ChoiceField(
            label=_("接口"),
            choices=[(one, one) for one in (*adapters(), *insurers())],
            widget=UnfoldAdminSelectWidget,
        )
        if self.instance.pk is not None:
            for name in ("code", "trade", "adapter"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = {**(super().clean() or {})}
        if (given.get("opens") is None) != (given.get("closes") is None):
            self.add_error("closes", _("营业时间须同时填写开始和结束，或都不填"))
        if self.instance.pk is None and (given.get("trade") == INSURANCE) != (
            given.get("adapter") in insurers()
        ):
            self.add_error("adapter", _("保险公司的票种须选“保险”，接口须是保险公司的接口"))
        if not 1 <= (given.get("hold_minutes") or 0) <= 60:
            self.add_error("hold_minutes", _("占座时间须为 1 至 60 分钟"))
        return given


class DepositForm(forms.Form):
    """When people are told of a deposit."""

    alarm_below = forms.DecimalField(
        label=_("低于此数提醒（元）"), min_value=0, max_digits=11, decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    check_first = forms.BooleanField(
        label=_("每次占位前预判"), required=False, widget=UnfoldBooleanSwitchWidget,
        help_text=_("先问供应商证件、库存、价格是否接受，再占位；占位会慢一些。余额紧张时系统自动预判"),
    )  # fmt: skip


@admin.register(SupplierAccount)
class SupplierAdmin(ActingAdmin):
    """Everybody who sells us tickets, and how they are."""

    begins = ((_("新增供应商"), "add", "new", SUPPLIER_EDIT),)
    list_display = (
        "code", "name", "c_trade", "priority", "c_active", "c_health", "failures", "c_ok", "c_failure", "c_rests",
        "c_deposit",
    )  # fmt: skip
    list_display_links = ("code", "name")
    list_select_related = ("deposit",)
    list_filter = (("trade", ChoicesDropdownFilter), "active")
    search_fields = ("code", "name")
    search_help_text = _("代码或名称")
    ordering = ("trade", "priority", "code")
    details = (
        (
            None,
            (
                "code", "name", "c_trade", "adapter", "account", "priority", "c_active", "c_health", "opens", "closes",
                "c_queue", "hold_minutes", "failures", "c_ok", "c_failure", "c_rests", "c_deposit", "c_deposit_asked",
                "note",
            ),
        ),
    )  # fmt: skip

    c_trade = column("get_trade_display", "票种", lambda show: show(), order="trade")
    c_active = yes_no("active", "启用")
    c_queue = yes_no("hours_queue", "非营业时间排队出票")
    c_ok = moment("last_ok", "最近成功")
    c_failure = moment("last_failure", "最近失败")
    c_rests = moment("rests_until", "暂停至")

    @admin.display(description=_("预存款"))
    def c_deposit(self, row: SupplierAccount) -> str:
        deposit = getattr(row, "deposit", None)
        if deposit is None or deposit.amount is None:
            return "—"
        told = yuan(deposit.amount)
        return str(_("%(amount)s（不足）") % {"amount": told}) if deposit.low_since else told

    @admin.display(description=_("预存款查询"))
    def c_deposit_asked(self, row: SupplierAccount) -> str:
        deposit = getattr(row, "deposit", None)
        if deposit is None:
            return "—"
        words = [at(deposit.asked_at)]
        if deposit.trouble:
            words.append(str(_("最近一次没有查到：%(why)s") % {"why": deposit.trouble}))
        words.append(str(_("低于 %(least)s 提醒") % {"least": yuan(deposit.alarm_below)}))
        if deposit.check_first:
            words.append(str(_("每次占位前预判")))
        return "；".join(words)

    @admin.display(description=_("现状"))
    def c_health(self, row: SupplierAccount) -> str:
        """In a word: whether anything is asked of it now."""
        moment_ = now()
        if not row.active:
            return str(_("停用"))
        if row.rests_until is not None and row.rests_until > moment_:
            return str(_("连续失败，暂停中"))
        if not is_open(row, moment_):
            return str(_("非营业时间"))
        deposit = getattr(row, "deposit", None)
        if deposit is not None and deposit.low_since is not None:
            return str(_("预存款不足"))
        return str(_("正常") if not row.failures else _("有失败"))

    def tables(self, request: HttpRequest, obj: SupplierAccount) -> Sequence[Table]:
        """What came of the calls of the last day and the last week."""
        headers = ("业务", "次数", "成功", "被拒绝", "未知", "平均用时（秒）")
        found = [
            Table(str(_("近 24 小时")), headers, self._counts(obj, timedelta(days=1))),
            Table(str(_("近 7 天")), headers, self._counts(obj, timedelta(days=7))),
        ]
        readings = [(at(one.at), yuan(one.amount)) for one in obj.deposit_readings.order_by("-pk")[:20]]
        if readings:
            found.append(Table(str(_("预存款记录")), ("时间", "余额"), readings))
        return found

    def _counts(self, obj: SupplierAccount, span: timedelta) -> list[tuple[Any, ...]]:
        rows = (
            SupplierCall.objects.filter(supplier=obj, sent_at__gte=now() - span)
            .order_by()
            .values("kind")
            .annotate(
                all=Count("pk"),
                done=Count("pk", filter=Q(state=CallState.DONE)),
                refused=Count("pk", filter=Q(state=CallState.REFUSED)),
                unknown=Count("pk", filter=Q(state=CallState.UNKNOWN)),
                took=Avg(F("answered_at") - F("sent_at"), filter=Q(state=CallState.DONE, asked_again=0)),
            )
        )
        names = dict(CallKind.choices)
        return [
            (
                str(names[one["kind"]]), one["all"], one["done"], one["refused"], one["unknown"],
                f"{one['took'].total_seconds():.1f}" if one["took"] is not None else "—",
            )
            for one in sorted(rows, key=lambda one: list(names).index(one["kind"]))
        ]  # fmt: skip

    def doors(self, request: HttpRequest, obj: SupplierAccount) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, SUPPLIER_EDIT, obj):
            return []
        found = [door(_("修改"), "edit", self.address("edit", obj.pk))]
        if prepaid_of(obj) is not None:
            found.append(door(_("预存款提醒"), "savings", self.address("deposit", obj.pk)))
        if obj.rests_until is not None:
            found.append(door(_("恢复使用"), "restart_alt", self.address("wake", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/deposit/", self.deposit_view, "deposit"),
            self.own("<int:pk>/wake/", self.wake_view, "wake"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Another account."""
        self._require(request)
        form = SupplierForm(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            made = form.save()
            audit.record(CHANGED, made, after=audit.snapshot(made))
            return str(_("已新增供应商“%(name)s”") % {"name": made.name})

        return self.act(request, _("新增供应商"), form, do, reverse(f"admin:{self._page('changelist')}"))

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hours, order, switched on or off."""
        row: SupplierAccount = self.row(request, pk, SUPPLIER_EDIT)
        before = audit.snapshot(row)
        form = SupplierForm(request.POST if request.method == "POST" else None, instance=row)

        def do(_told: dict[str, Any]) -> str:
            # only what the form has: what suppliers' answers write meanwhile stays
            form.instance.save(update_fields=list(_FIELDS))
            audit.record(CHANGED, form.instance, before=before, after=audit.snapshot(form.instance))
            return str(_("已保存"))

        return self.act(
            request, f"{_('修改供应商')} {row.name}", form, do, self.page_of(pk),
            note=_("同一行程有几家供应商时，优先级数字小的先占座。"),
        )  # fmt: skip

    def wake_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It is asked whether it is back, before anybody's money depends on it."""
        row: SupplierAccount = self.row(request, pk, SUPPLIER_EDIT)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            if not is_well(row):
                raise TicketError(
                    Code.SUPPLIER_UNAVAILABLE, _("供应商接口仍无应答"), hint=_("请联系供应商；恢复后系统也会自动启用")
                )  # fmt: skip
            SupplierAccount.objects.filter(pk=pk).update(failures=0, rests_until=None, last_ok=now())
            audit.record(WOKEN, row)
            return str(_("已恢复使用"))

        facts = ((_("连续失败"), row.failures), (_("暂停至"), at(row.rests_until)))
        return self.act(request, f"{_('恢复使用')} {row.name}", form, do, self.page_of(pk), facts=facts)

    def deposit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """From how little on people are told; the supplier is asked at once."""
        row: SupplierAccount = self.row(request, pk, SUPPLIER_EDIT)
        deposit = SupplierDeposit.objects.filter(supplier=row).first()
        initial = {} if deposit is None else {
            "alarm_below": deposit.alarm_below, "check_first": deposit.check_first,
        }  # fmt: skip
        form = DepositForm(request.POST if request.method == "POST" else None, initial=initial)

        def do(told: dict[str, Any]) -> str:
            set_alarm(request.user, row, **told)
            fresh = look(row)
            if fresh is None or fresh.trouble or fresh.amount is None:
                return str(_("已保存；现在没有查到余额，稍后会自动再查"))
            return str(_("已保存；现在余额 %(amount)s") % {"amount": yuan(fresh.amount)})

        facts = (
            (_("上次查到的余额"), "—" if deposit is None or deposit.amount is None else yuan(deposit.amount)),
            (_("查询时间"), at(deposit.asked_at) if deposit is not None else "—"),
        )
        return self.act(
            request, f"{_('预存款提醒')} {row.name}", form, do, self.page_of(pk), facts=facts,
            note=_("每 10 分钟查询一次；余额不够支付已占和本单时，不再占位，改用下一家供应商。"),
        )  # fmt: skip

    def _require(self, request: HttpRequest) -> None:
        from django.core.exceptions import PermissionDenied

        from ..access import may_for_city

        if not may_for_city(request.user, SUPPLIER_EDIT):
            raise PermissionDenied


@admin.register(SupplierCall)
class SupplierCallAdmin(ReadOnlyAdmin):
    """Calls of the ticket orders in reach; an answer holds nothing personal."""

    list_display = (
        "number", "c_supplier", "c_order", "c_kind", "c_state", "their_number", "code", "words", "asked_again",
        "c_sent", "c_answered",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("supplier", "ticket_order")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), "supplier",
        ("sent_at", titled(RangeDateFilter, "发出时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number", "their_number", "ticket_order__number")
    search_help_text = _("我方流水号、供应商单号、票务订单号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_supplier", "c_order", "c_kind", "c_state", "their_number", "code", "words", "asked_again",
                "c_sent", "c_answered", "c_ask",
            ),
        ),
    )  # fmt: skip

    c_supplier = column("supplier__name", "供应商")
    c_order = link_to("ticket_order", "票务订单", "o2o_ticketing_ticketorder")
    c_kind = column("get_kind_display", "业务", lambda show: show(), order="kind")
    c_sent = moment("sent_at", "发出时间")
    c_answered = moment("answered_at", "应答时间")
    c_ask = moment("ask_at", "下次查询")

    @admin.display(description=_("结果"), ordering="state")
    def c_state(self, row: SupplierCall) -> Any:
        return badge(row.state, CALLS)
