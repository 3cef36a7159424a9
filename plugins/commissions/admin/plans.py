"""佣金方案: the plans that bind me, the rules in them, opening one; the calculator lives here too."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, may_at
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import badge, column, link, moment, yes_no
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..access import CALCULATE, EDIT, EXPORT, IMPORT
from ..choices import ChangeKind, ChangeState
from ..loading import rule_of
from ..models import CommissionPlan, RateChange
from ..services.plans import create_plan
from ..services.retiring import submit_standing
from . import calculator, exchange
from .forms import PlanForm, StandingForm
from .pages import (
    RATES,
    STANDING,
    OwnPagesAdmin,
    address,
    button,
    dimension_text,
    kind_text,
    need,
    page,
    row_or_404,
    summary_of,
    with_buttons,
)  # fmt: skip


def new_plan(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Open a plan."""
    need(request, EDIT)
    owners = [
        unit
        for unit in rows_for(request.user, OrgUnit).filter(level__lt=Level.OUTLET).order_by("path")
        if may_at(request.user, EDIT, unit)
    ]
    form = PlanForm(owners, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            plan = create_plan(request.user, given["owner"], given["code"], given["name"], given["note"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("方案已建立，请添加规则"))
            return HttpResponseRedirect(address("commissionplan_change", plan.pk))
    return page(
        model_admin, request, "form.html", _("新建佣金方案"), form=form, button=_("建立"),
        back=address("commissionplan_changelist"), media=model_admin.media + form.media,
        note=_("市中心的方案决定全市各级的费率；下级机构的方案只在上级留给它的范围内，分配给更下的各级。"),
    )  # fmt: skip


def standing(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a plan is retired, or revived."""
    plan: CommissionPlan = row_or_404(request, CommissionPlan.objects.select_related("owner"), pk)
    if not may_at(request.user, EDIT, plan.owner):
        raise PermissionDenied
    kind = ChangeKind.RETIRE if plan.is_active else ChangeKind.REVIVE
    form = StandingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = submit_standing(request.user, plan, kind, form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("已提交，由另一位有复核权限的人员确认后执行"))
            return HttpResponseRedirect(address("ratechange_change", change.pk))
    return page(
        model_admin, request, "form.html", f"{kind.label} · {plan}", form=form, button=_("提交复核"),
        back=address("commissionplan_change", plan.pk), media=model_admin.media + form.media,
        note=_("停用后下单的不再按这个方案计佣；已下的订单仍按当时记录的规则。")
        if kind == ChangeKind.RETIRE
        else _("恢复后下单的重新按这个方案里仍有效的规则计佣。"),
    )  # fmt: skip


@admin.register(CommissionPlan)
class CommissionPlanAdmin(OwnPagesAdmin):
    """Plans of the units in reach, and those of the units above, to be read."""

    pages = (
        ("new/", "plan_new", new_plan),
        ("<int:pk>/standing/", "plan_standing", standing),
        ("calculator/", "calculator", calculator.calculator),
        ("<int:pk>/import/", "plan_import", exchange.upload),
        ("<int:pk>/export/", "plan_export", exchange.download),
        ("import-template/", "import_template", exchange.template),
    )
    list_display = ("c_code", "c_name", "c_owner", "c_default", "c_active", "rules_", "waiting")
    list_display_links = ("c_code",)
    list_select_related = ("owner",)
    search_fields = ("code", "name", "owner__name")
    search_help_text = _("方案代码、名称、机构")
    ordering = ("owner__path", "code")
    details = ((None, ("c_code", "c_name", "c_owner", "c_default", "c_active", "c_created", "c_note")),)

    c_code = column("code", "方案代码")
    c_name = column("name", "方案名称")
    c_owner = column("owner__name", "所属机构", order="owner__path")
    c_default = yes_no("is_default", "默认")
    c_active = yes_no("is_active", "启用")
    c_created = moment("created_at", "建立时间")
    c_note = column("note", "说明")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counts = {
            "rules_count": Count("rules", filter=Q(rules__in_force=True), distinct=True),
            "waiting_count": Count("changes", filter=Q(changes__state=ChangeState.PENDING), distinct=True),
        }
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description=_("已确认规则"))
    def rules_(self, plan: Any) -> int:
        return int(plan.rules_count)

    @admin.display(description=_("待复核变更"))
    def waiting(self, plan: Any) -> Any:
        return badge("pending", {"pending": f"{plan.waiting_count} 张"}) if plan.waiting_count else "—"

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        rules = obj.rules.filter(in_force=True).select_related("plan__owner")
        rows = [
            (link("o2o_commissions_commissionrule", one.pk, dimension_text(one)), kind_text(one),
             summary_of(rule_of(one)), str(one.valid_from), str(one.valid_to or "—"), f"v{one.version}",
             STANDING[one.standing])
            for one in sorted(rules, key=lambda one: (one.standing == "past", one.business, one.category_name,
                                                      one.channel_type, one.valid_from))
        ]  # fmt: skip
        changes = [
            (link("o2o_commissions_ratechange", one.pk, f"#{one.pk}"), one.reason,
             badge(one.state, dict(ChangeState.choices)), one.made_at.strftime("%Y-%m-%d"))
            for one in rows_for(request.user, RateChange).filter(plan=obj)[:20]
        ]  # fmt: skip
        headers = (
            "业务线 · 分类 · 渠道",
            "计佣方式",
            RATES,
            "生效",
            "失效",
            "版本",
            "状态",
        )
        return [
            Table("规则", headers, rows),
            Table("最近的变更单", ("变更单", "原因", "状态", "提交日期"), changes),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        buttons = []
        if user.has_perm(CALCULATE):
            buttons.append(button(_("佣金试算"), "calculate", address("calculator")))
        if user.has_perm(EDIT):
            buttons.append(button(_("新建方案"), "add", address("plan_new"), strong=True))
        return with_buttons(super().changelist_view(request, extra_context), "actions_list", buttons)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        response = super().change_view(request, object_id, form_url, extra_context)
        plan = (getattr(response, "context_data", None) or {}).get("original")
        if plan is None:
            return response
        buttons = []
        if may_at(request.user, EXPORT, plan.owner):
            buttons.append(button(_("导出规则"), "download", address("plan_export", plan.pk)))
        if may_at(request.user, IMPORT, plan.owner):
            buttons.append(button(_("导入规则"), "upload_file", address("plan_import", plan.pk)))
        if may_at(request.user, EDIT, plan.owner):
            title = _("停用方案") if plan.is_active else _("恢复方案")
            if not plan.is_default:
                buttons.append(button(title, "block", address("plan_standing", plan.pk)))
            buttons.append(button(_("新增规则"), "add", address("rule_new", plan.pk), strong=True))
        return with_buttons(response, "actions_detail", buttons)
