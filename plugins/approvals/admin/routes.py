"""Routes: what is in force, what was, and a page on which the city writes a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, permissions
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.naming import names_of
from saleor_o2o.backoffice.columns import moment
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError

from ..models import ApprovalRoute, MatrixMatter, RouteLine
from ..registry import matters
from ..services.routing import table_in_force
from ..services.tables import may_edit, write_route

_FIELD = {"class": "o2o-field"}
SPARE = 4


def _titles() -> dict[str, str]:
    """Every matter that can have a route: those of the plugins, then those of the matrix that nobody uses yet."""
    used = {matter.row for matter in matters().values()}
    found = {code: str(matter.title) for code, matter in matters().items()}
    rest = MatrixMatter.objects.exclude(code__in=used).values_list("code", "title")
    return found | {code: title for code, title in rest if code not in found}


def _permission_label(code: str) -> str:
    """`渠道·审批开店`; the code itself of a permission that no plugin declares any more."""
    one = permissions().get(code)
    return f"{one.resource_label}·{one.label}" if one is not None else code


class RouteForm(forms.Form):
    """Which matter, from when."""

    matter = forms.ChoiceField(label=_("事项"), widget=forms.Select(attrs=_FIELD))
    valid_from = forms.DateField(
        label=_("生效日期"),
        initial=today,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={**_FIELD, "type": "date"}),
    )
    skip_own_level = forms.BooleanField(label=_("跳过提交人本级及以下的步骤（最后一步除外）"), required=False)
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, widget=forms.TextInput(attrs=_FIELD)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"].choices = list(_titles().items())  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """One step; left empty, it counts for nothing."""

    max_amount = forms.DecimalField(
        label=_("金额不超过（元）"), required=False, min_value=0, max_digits=12, decimal_places=2,
        widget=forms.TextInput(attrs={**_FIELD, "placeholder": _("不限"), "inputmode": "decimal"}),
    )  # fmt: skip
    level = forms.TypedChoiceField(
        label=_("审批级别"), required=False, coerce=int, empty_value=None,
        choices=[("", _("—")), *Level.choices], widget=forms.Select(attrs=_FIELD),
    )  # fmt: skip
    permission = forms.ChoiceField(label=_("所需权限"), required=False, widget=forms.Select(attrs=_FIELD))
    hours = forms.IntegerField(
        label=_("时限（小时）"), required=False, min_value=1, max_value=24 * 60,
        widget=forms.NumberInput(attrs={**_FIELD, "placeholder": _("不限")}),
    )  # fmt: skip
    or_above = forms.BooleanField(label=_("上级也可审批"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labelled = [(code, _permission_label(code)) for code in permissions()]
        self.fields["permission"].choices = [("", _("同事项")), *labelled]  # type: ignore[attr-defined]


LineFormSet = forms.formset_factory(LineForm, extra=SPARE, max_num=20)


@admin.register(ApprovalRoute)
class ApprovalRouteAdmin(ReadOnlyAdmin):
    """All tables with their days; a new one is written, an old one never changed."""

    list_display = ("title_", "valid_from", "force", "note", "c_made")
    list_display_links = ("title_",)
    search_fields = ("matter",)
    details = ((None, ("title_", "valid_from", "force", "skip_own_level", "note", "c_made", "c_by")),)

    c_made = moment("created_at", "制定时间")

    @admin.display(description=_("制定人"))
    def c_by(self, route: ApprovalRoute) -> str:
        return names_of([route.made_by]).get(route.made_by, route.made_by) or "—"

    def called(self, obj: ApprovalRoute) -> str:
        return f"{self.title_(obj)} {obj.valid_from}"

    @admin.display(description="事项", ordering="matter")
    def title_(self, route: ApprovalRoute) -> str:
        return _titles().get(route.matter, route.matter)

    @admin.display(description="状态")
    def force(self, route: ApprovalRoute) -> str:
        if route.valid_from > today():
            return str(_("未生效"))
        current = table_in_force(route.matter)
        return str(_("执行中") if current is not None and current.pk == route.pk else _("已被替代"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_edit(request.user)

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        rows = [
            (
                _("不限") if line.max_amount is None else yuan(line.max_amount),
                line.position,
                line.get_level_display(),
                _permission_label(line.permission) or _("同事项"),
                line.hours or _("不限"),
                _("是") if line.or_above else _("否"),
            )
            for line in obj.lines.all()
        ]
        headers = ("金额不超过", "步骤", "审批级别", "所需权限", "时限（小时）", "上级也可审批")
        return [Table("审批步骤", headers, rows)]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not may_edit(request.user):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        matter = request.GET.get("matter", "")
        form = RouteForm(posted, initial={"matter": matter})
        lines = LineFormSet(posted, initial=None if posted else _present(matter))
        back = reverse("admin:o2o_approvals_approvalroute_changelist")
        if posted is not None and form.is_valid() and lines.is_valid():
            told = form.cleaned_data
            try:
                write_route(
                    told["matter"],
                    told["valid_from"],
                    [line for line in lines.cleaned_data if line.get("level") is not None],
                    request.user,
                    skip_own_level=told["skip_own_level"],
                    note=told["note"],
                )
            except DomainError as error:
                form.add_error(None, error.in_words)
            else:
                messages.success(request, _("审批路线已保存"))
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("制定审批路线"),
            "form": form,
            "lines": lines,
            "back": back,
        }
        return TemplateResponse(request, "o2o_approvals/route.html", context)


def _present(matter: str) -> list[dict[str, Any]]:
    """The lines in force, to start from."""
    table = table_in_force(matter)
    lines: list[RouteLine] = list(table.lines.all()) if table else []
    return [
        {
            "max_amount": line.max_amount, "level": line.level, "permission": line.permission,
            "hours": line.hours, "or_above": line.or_above,
        }
        for line in lines
    ]  # fmt: skip
