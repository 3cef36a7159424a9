"""佣金规则: versions of rules, what a new one would change, and submitting it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import choice, titled
from saleor_o2o.backoffice.columns import column, link, link_to, money
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..access import EDIT
from ..calculating import effects, limited_below
from ..channel_types import CHANNEL_TYPES
from ..choices import Rank
from ..errors import UnsoundRules
from ..loading import rule_of
from ..models import CommissionPlan, CommissionRule, RateChange
from ..services.changes import check, for_plan, submit, submit_end
from .forms import EndForm, RuleForm, initial_of
from .pages import (
    BUSINESS,
    RATES,
    STANDING,
    STANDING_COLOURS,
    OwnPagesAdmin,
    address,
    button,
    dimension_text,
    effect_rows,
    kind_text,
    need,
    page,
    row_or_404,
    summary_of,
    tiers_table,
    with_buttons,
)  # fmt: skip


def _plan(request: HttpRequest, pk: int) -> CommissionPlan:
    plan: CommissionPlan = row_or_404(request, CommissionPlan.objects.select_related("owner"), pk)
    need(request, EDIT, plan.owner)
    return plan


def new_rule(model_admin: Any, request: HttpRequest, plan_pk: int) -> HttpResponse:
    """A rule for a dimension that has none, or a version of one that has."""
    return _rule_page(model_admin, request, _plan(request, plan_pk), {}, _("新增规则"))


def new_version(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """A version that follows another one: the form begins with its values."""
    row = _rule(request, pk)
    return _rule_page(
        model_admin, request, _plan(request, row.plan_id), initial_of(rule_of(row)), _("变更规则")
    )


def _rule_page(
    model_admin: Any, request: HttpRequest, plan: CommissionPlan, initial: dict[str, Any], title: Any
) -> HttpResponse:
    """Fill in, look at the effect, submit: three presses of two buttons; a refusal keeps what was typed."""
    form = RuleForm(plan, request.POST or None, initial=initial)
    shown, limited, looked = [], [], False
    if request.method == "POST" and form.is_valid():
        rule = for_plan(plan, form.rule())
        try:
            check(plan, [rule])
            if "submit" in request.POST:
                change = submit(request.user, plan, [rule], form.cleaned_data["reason"])
                messages.success(request, _("已提交，等待另一位有复核权限的人员确认"))
                return HttpResponseRedirect(address("ratechange_change", change.pk))
            shown, looked = effects(plan, [rule], form.examples()), True
            limited = limited_below(plan, [rule])
        except UnsoundRules as error:
            for problem in error.problems:
                form.refuse(problem)
        except DomainError as error:
            form.refuse(error)
    return page(
        model_admin, request, "rule_form.html", f"{title}：{plan.name}", form=form, plan=plan,
        limited=limited, effects=effect_rows(shown), looked=looked, ranks=[rank.label for rank in Rank],
        back=address("commissionplan_change", plan.pk),
        media=model_admin.media + form.media,
    )  # fmt: skip


def _rule(request: HttpRequest, pk: int) -> CommissionRule:
    row: CommissionRule = row_or_404(request, CommissionRule.objects.select_related("plan__owner"), pk)
    need(request, EDIT, row.plan.owner)
    return row


def end_rule(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a rule ends."""
    row = _rule(request, pk)
    if row.standing not in ("current", "planned"):
        raise Http404
    form = EndForm(request.POST or None, initial={"last_day": max(today(), row.valid_from)})
    if request.method == "POST" and form.is_valid():
        try:
            change = submit_end(request.user, row, form.cleaned_data["last_day"], form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("已提交，等待另一位有复核权限的人员确认"))
            return HttpResponseRedirect(address("ratechange_change", change.pk))
    return page(
        model_admin, request, "form.html", f"{_('停用规则')}：{dimension_text(row)}", form=form,
        button=_("提交"), back=address("commissionrule_change", row.pk), media=model_admin.media + form.media,
        note=_("停用以后，同一销售由范围更大的规则计佣；没有更大的规则就不计佣。"),
    )  # fmt: skip


class StandingFilter(DropdownFilter):
    """Rules by where they stand today."""

    title = _("状态")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STANDING.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = today()
        return {
            "proposed": lambda: queryset.filter(in_force=False),
            "planned": lambda: queryset.filter(in_force=True, valid_from__gt=day),
            "current": lambda: queryset & CommissionRule.objects.on(day),
            "past": lambda: queryset.filter(in_force=True, valid_to__lt=day),
        }.get(self.value() or "", lambda: queryset)()


@admin.register(CommissionRule)
class CommissionRuleAdmin(OwnPagesAdmin):
    """Every version of every rule of the plans in sight."""

    pages = (
        ("new/<int:plan_pk>/", "rule_new", new_rule),
        ("<int:pk>/version/", "rule_version", new_version),
        ("<int:pk>/end/", "rule_end", end_rule),
    )
    list_display = ("dimension", "c_plan", "how", "rates", "c_from", "c_to", "c_version", "standing_")
    list_display_links = ("dimension",)
    list_select_related = ("plan__owner",)
    list_filter = (
        StandingFilter,
        ("plan", titled(RelatedDropdownFilter, "方案")),
        choice("business", "业务线", BUSINESS),
        choice("channel_type", "渠道类型", CHANNEL_TYPES),
    )
    list_filter_submit = True
    search_fields = ("plan__code", "category_name")
    search_help_text = _("方案代码、分类")
    details = (
        (None, ("dimension", "c_plan", "how", "standing_", "c_from", "c_to", "c_cap", "c_floor", "c_version",
                "c_change")),
    )  # fmt: skip

    c_plan = link_to("plan", "方案", "o2o_commissions_commissionplan")
    c_from = column("valid_from", "生效日期")
    c_to = column("valid_to", "失效日期")
    c_version = column("version", "版本", lambda version: f"v{version}")
    c_cap = money("cap", "每笔封顶")
    c_floor = money("floor", "每笔保底")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            # whoever sees a rule need not be one who sees how it was decided
            seen = rows_for(request.user, RateChange).filter(pk=found.change_id).exists()
            found.o2o_change_seen = seen
        return found

    @admin.display(description=_("变更单"))
    def c_change(self, row: Any) -> Any:
        name = f"#{row.change_id}"
        return link("o2o_commissions_ratechange", row.change_id, name) if row.o2o_change_seen else name

    @admin.display(description=_("业务线 · 分类 · 渠道"))
    def dimension(self, row: CommissionRule) -> str:
        return dimension_text(row)

    @admin.display(description=_("计佣方式"))
    def how(self, row: CommissionRule) -> str:
        return kind_text(row)

    @admin.display(description=RATES)
    def rates(self, row: CommissionRule) -> str:
        return summary_of(rule_of(row))

    @admin.display(description=_("状态"))
    def standing_(self, row: CommissionRule) -> Any:
        from django.template.loader import render_to_string

        kind = STANDING_COLOURS[row.standing]
        return render_to_string("unfold/helpers/label.html", {"type": kind, "text": STANDING[row.standing]})

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        versions = CommissionRule.objects.filter(
            plan=obj.plan, business=obj.business, category_id=obj.category_id, channel_type=obj.channel_type,
            in_force=True,
        ).select_related("plan__owner", "change__made_by", "change__decided_by")  # fmt: skip
        rows = [
            (link("o2o_commissions_commissionrule", one.pk, f"v{one.version}"), summary_of(rule_of(one)),
             str(one.valid_from), str(one.valid_to or "—"), one.change.reason, _person(one.change.made_by),
             _person(one.change.decided_by))
            for one in versions.order_by("-valid_from")
        ]  # fmt: skip
        headers = (
            "版本",
            RATES,
            "生效",
            "失效",
            "变更原因",
            "提交人",
            "复核人",
        )
        return [tiers_table(rule_of(obj)), Table("版本记录", headers, rows)]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        response = super().change_view(request, object_id, form_url, extra_context)
        row = (getattr(response, "context_data", None) or {}).get("original")
        if row is None or not may_at(request.user, EDIT, row.plan.owner):
            return response
        buttons = [button(_("变更"), "edit", address("rule_version", row.pk), strong=True)]
        if row.standing in ("current", "planned"):
            buttons.append(button(_("停用"), "event_busy", address("rule_end", row.pk)))
        return with_buttons(response, "actions_detail", buttons)


def _person(user: Any) -> str:
    if user is None:
        return "—"
    return user.get_full_name() or user.email.split("@")[0]
