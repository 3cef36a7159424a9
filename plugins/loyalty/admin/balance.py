"""储值账户、充值记录、充值套餐: what members have in yuan, each recharge, a refund to source, freezing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from plugins.members.interfaces import members_by_text
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, column, link, moment, money, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.backoffice.privacy import masked_person

from ..kinds import Book
from ..models import Balance, Recharge, RechargePackage
from ..permissions import BALANCE_FREEZE, BALANCE_REFUND, RULES, RULES_NEW
from ..selectors import statement
from ..services.packages import change_package, make_package
from ..services.recharging import ask_refund, set_frozen

SHOWN = 50


@admin.register(Balance)
class BalanceAdmin(ActingAdmin):
    """Balances of the members in reach."""

    list_display = ("c_number", "c_name", "c_balance", "c_owed", "c_frozen", "c_home")
    list_display_links = ("c_number",)
    list_select_related = ("member__user", "member__home_unit")
    search_fields = ("member__number",)
    search_help_text = _("完整的会员号、手机号、卡号、证件号、用户名或邮箱")
    list_filter = ("is_frozen",)
    ordering = ("-pk",)
    details = ((None, ("c_number", "c_name", "c_balance", "c_owed", "c_frozen", "frozen_reason", "c_home")),)
    export = Export(
        "储值账户", "balance.export",
        (
            Cell("会员号", "member__number"), Cell("余额（元）", "balance"), Cell("欠款（元）", "owed"),
            Cell("冻结", lambda row: "是" if row.is_frozen else "否"),
        ),
        related=("member",),
    )  # fmt: skip

    c_number = column("member__number", "会员号")
    c_home = column("member__home_unit__name", "归属机构", order="member__home_unit__path")
    c_balance = money("balance", "余额")
    c_owed = money("owed", "欠款")
    c_frozen = column("is_frozen", "状态", lambda frozen: "已冻结" if frozen else "正常")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(book=Book.BALANCE)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(member__in=[one.pk for one in members_by_text(search_term)]), False

    @admin.display(description=_("姓名"))
    def c_name(self, row: Balance) -> str:
        return masked_person(row.member.user)

    def called(self, obj: Balance) -> str:
        return obj.member.number

    def tables(self, request: HttpRequest, obj: Balance) -> Sequence[Table]:
        lines = [
            (at(line.entry.at), line.entry.get_kind_display(), yuan(line.amount), yuan(line.balance_after or 0),
             line.get_side_display(), line.entry.unit.name, line.entry.biz_id)
            for line in statement(obj.member_id, Book.BALANCE)[:SHOWN]
        ]  # fmt: skip
        filled = [
            (link("o2o_loyalty_recharge", one.pk, at(one.at)), yuan(one.paid), yuan(one.bonus), yuan(one.kept_paid),
             one.unit.name)
            for one in obj.member.recharges.select_related("unit")[:SHOWN]
        ]  # fmt: skip
        return [
            Table(str(_("余额明细")), ("时间", "类型", "变动", "变动后", "账户", "机构", "业务编号"), lines),
            Table(str(_("充值")), ("时间", "充值", "赠送", "未退", "收款机构"), filled),
        ]

    def doors(self, request: HttpRequest, obj: Balance) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, BALANCE_FREEZE, obj):
            return []
        words, icon = (_("解冻"), "lock_open") if obj.is_frozen else (_("冻结"), "ac_unit")
        return [door(words, icon, self.address("freeze", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/freeze/", self.freeze_view, "freeze"), *super().get_urls()]

    def freeze_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Nothing goes out of a frozen balance."""
        row = self.row(request, pk, BALANCE_FREEZE)
        wanted = not row.is_frozen
        words = _("冻结余额") if wanted else _("解冻余额")

        def do(told: dict[str, Any]) -> str:
            set_frozen(request.user, pk, wanted, told["reason"])
            return str(_("已冻结，余额不能使用和退款") if wanted else _("已解冻"))

        form = ReasonForm(request.POST if request.method == "POST" else None)
        facts = ((_("会员号"), row.member.number), (_("余额"), yuan(row.balance)))
        return self.act(request, words, form, do, self.page_of(pk), facts=facts)


@admin.register(Recharge)
class RechargeAdmin(ActingAdmin):
    """Recharges of the members and units in reach."""

    list_display = ("c_at", "c_member", "c_paid", "c_bonus", "c_kept", "c_unit", "c_order")
    list_display_links = ("c_at",)
    list_select_related = ("member__user", "unit")
    list_filter = (("at", titled(RangeDateFilter, "充值时间")),)
    list_filter_submit = True
    search_fields = ("member__number",)
    search_help_text = _("会员号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_at",
                "c_member",
                "c_name",
                "c_paid",
                "c_bonus",
                "c_kept",
                "c_kept_bonus",
                "c_unit",
                "c_order",
            ),
        ),
        ("退款", ("c_asked", "reason")),
    )
    export = Export(
        "充值记录", "balance.export",
        (
            Cell("时间", "at"), Cell("会员号", "member__number"), Cell("充值（元）", "paid"),
            Cell("赠送（元）", "bonus"), Cell("未退（元）", "kept_paid"),
            Cell("收款机构", "unit__name"), Cell("订单", "order_id"),
        ),
        related=("member", "unit"),
    )  # fmt: skip

    c_at = moment("at", "充值时间")
    c_member = column("member__number", "会员号")
    c_unit = column("unit__name", "收款机构", order="unit__path")
    c_paid = money("paid", "充值金额")
    c_bonus = money("bonus", "赠送金额")
    c_kept = money("kept_paid", "未退金额")
    c_kept_bonus = money("kept_bonus", "未收回赠送")
    c_asked = money("asked", "申请退款")

    @admin.display(description=_("姓名"))
    def c_name(self, row: Recharge) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("订单"))
    def c_order(self, row: Recharge) -> Any:
        return link("o2o_backoffice_order", row.order_id, row.order_id)

    def doors(self, request: HttpRequest, obj: Recharge) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, BALANCE_REFUND, obj) or obj.kept_paid <= 0:
            return []
        return [door(_("原路退款"), "undo", self.address("refund", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/refund/", self.refund_view, "refund"), *super().get_urls()]

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is left of it goes back to whoever paid."""
        row = self.row(request, pk, BALANCE_REFUND)

        def do(told: dict[str, Any]) -> str:
            before = row.kept_paid
            done = ask_refund(request.user, pk, told["reason"])
            return str(_("已退款 %(sum)s，原路返回") % {"sum": yuan(before - done.kept_paid)})

        form = ReasonForm(request.POST if request.method == "POST" else None)
        facts = (
            (_("会员号"), row.member.number), (_("充值金额"), yuan(row.paid)), (_("赠送金额"), yuan(row.bonus)),
        )  # fmt: skip
        note = _("这笔充值还没有用掉的本金原路退回，赠送按比例收回；余额不能提现。")
        return self.act(request, _("充值原路退款"), form, do, self.page_of(pk), facts=facts, note=note)


class PackageForm(forms.Form):
    """What is paid, and what is given on top."""

    amount = forms.DecimalField(
        label=_("充值金额（元）"), max_digits=8, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    bonus = forms.DecimalField(
        label=_("赠送金额（元）"),
        max_digits=8,
        decimal_places=2,
        initial=0,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    note = forms.CharField(label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)


class ChangeForm(forms.Form):
    """What is given on top from now on, and whether it is sold."""

    bonus = forms.DecimalField(
        label=_("赠送金额（元）"), max_digits=8, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    is_active = forms.BooleanField(label=_("在售"), required=False)
    note = forms.CharField(label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)


@admin.register(RechargePackage)
class RechargePackageAdmin(ActingAdmin):
    """What may be recharged, for the whole city."""

    begins = ((_("新建套餐"), "add", "make", RULES_NEW),)
    list_display = ("c_name", "c_bonus", "c_active", "note")
    list_display_links = ("c_name",)
    list_select_related = ("variant__product",)
    ordering = ("pk",)
    details = ((None, ("c_name", "c_bonus", "c_active", "note", "c_made")),)

    c_name = column("variant__name", "充值")
    c_bonus = money("bonus", "赠送金额")
    c_active = yes_no("is_active", "在售")
    c_made = moment("created_at", "创建时间")

    def called(self, obj: RechargePackage) -> str:
        return obj.variant.name

    def doors(self, request: HttpRequest, obj: RechargePackage) -> Sequence[Mapping[str, Any]]:
        return (
            [door(_("修改"), "edit", self.address("edit", obj.pk))] if self.may(request, RULES, obj) else []
        )

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A new amount."""
        user: Any = request.user
        if not user.has_perm(RULES_NEW):
            raise PermissionDenied
        form = PackageForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = make_package(user, told["amount"], told["bonus"], told["note"])
            return str(_("已新建：充 %(name)s") % {"name": made.variant.name})

        note = _("预付卡受法律限制，单笔不超过 5000 元；上线前请法务确认。余额不能提现。")
        return self.act(
            request, _("新建充值套餐"), form, do, reverse(f"admin:{self._page('changelist')}"), note=note
        )

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What counts for recharges from now on."""
        row = self.row(request, pk, RULES)
        first = {"bonus": row.bonus, "is_active": row.is_active, "note": row.note}
        form = ChangeForm(request.POST if request.method == "POST" else None, initial=first)

        def do(told: dict[str, Any]) -> str:
            change_package(request.user, pk, told["bonus"], told["is_active"], told["note"])
            return str(_("已保存，以后的充值按它赠送"))

        return self.act(request, f"{_('修改套餐')} {row.variant.name}", form, do, self.page_of(pk))
