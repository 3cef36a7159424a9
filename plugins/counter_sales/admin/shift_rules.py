"""台席 and 柜台规则: where shifts are kept, and by which rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminTimeWidget,
    UnfoldBooleanSwitchWidget,
)

from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.backoffice.columns import column, money
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import CounterRules, Drawer
from ..permissions import SHIFTS
from ..services.drawers import save_drawer, save_rules
from .acting import CounterAdmin


class _OfUnit(forms.Form):
    """Of a branch or an outlet where the user arranges shifts."""

    unit = forms.ModelChoiceField(
        label=_("机构"), queryset=OrgUnit.objects.none(), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rows_for(user, OrgUnit, SHIFTS).filter(level__gte=Level.BRANCH).order_by("path")
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class DrawerForm(_OfUnit):
    """A drawer: where, what it is called, in use or not."""

    name = forms.CharField(label=_("台席（如 1号台）"), max_length=30, widget=UnfoldAdminTextInputWidget)
    is_active = forms.BooleanField(
        label=_("启用"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )


class RulesForm(_OfUnit):
    """Whether shifts are needed at a unit, the limit of differences, when money is handed in."""

    needs_shift = forms.BooleanField(
        label=_("收现金、刷卡须先开班"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )
    difference_limit = forms.DecimalField(
        label=_("差异上限（元），超过须另一人确认"),
        initial="5.00",
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    remit_by = forms.TimeField(label=_("每日缴款时限"), initial="18:30", widget=UnfoldAdminTimeWidget)


class _Written(CounterAdmin):
    """A short list with one form for a new row and the same for an old one."""

    list_before_template = "o2o_counter_sales/float_tools.html"
    form_class: type[forms.Form]
    noun: Any = ""
    names: tuple[str, ...] = ()

    def get_urls(self) -> list[Any]:
        return [
            self.own("write/", self.write_view, "write"),
            self.own("<int:pk>/write/", self.write_view, "rewrite"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        tools = [(reverse(f"admin:{self._page('write')}"), self.noun)] if user.has_perm(SHIFTS) else []
        return super().changelist_view(request, {**(extra_context or {}), "o2o_tools": tools})

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        may = policy_for(self.model).may(request.user, SHIFTS, row)
        return [(self.address("rewrite", row.pk), _("修改"))] if may else []

    def write_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Write a row."""
        user: Any = request.user
        if not user.has_perm(SHIFTS):
            raise PermissionDenied
        row = self.row(request, pk, SHIFTS) if pk is not None else None
        initial = {name: getattr(row, name) for name in self.names} if row is not None else None
        form = self.form_class(user, request.POST or None, initial=initial)  # type: ignore[arg-type]

        def do(values: dict[str, Any]) -> str:
            self.write(user, pk, values)
            return str(_("已保存"))

        return self.act(request, self.noun, form, do, reverse(f"admin:{self._page('changelist')}"))

    def write(self, user: Any, pk: int | None, values: dict[str, Any]) -> None:
        raise NotImplementedError


@admin.register(Drawer)
class DrawerAdmin(_Written):
    """台席: the drawers of each counter."""

    list_display = ("name", "c_unit", "is_active")
    list_select_related = ("unit",)
    search_fields = ("name", "unit__name")
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = ((None, ("name", "c_unit", "is_active")),)
    form_class = DrawerForm
    noun = _("台席")
    names = ("unit", "name", "is_active")
    c_unit = column("unit__name", "机构", order="unit__path")

    def write(self, user: Any, pk: int | None, values: dict[str, Any]) -> None:
        save_drawer(user, pk, **values)


@admin.register(CounterRules)
class CounterRulesAdmin(_Written):
    """柜台规则: whether shifts are needed, and how large a difference may be."""

    list_display = ("c_unit", "needs_shift", "c_limit", "remit_by")
    list_select_related = ("unit",)
    search_fields = ("unit__name",)
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = ((None, ("c_unit", "needs_shift", "c_limit", "remit_by")),)
    form_class = RulesForm
    noun = _("柜台规则")
    names = ("unit", "needs_shift", "difference_limit", "remit_by")
    c_unit = column("unit__name", "机构", order="unit__path")
    c_limit = money("difference_limit", "差异上限")

    def write(self, user: Any, pk: int | None, values: dict[str, Any]) -> None:
        save_rules(user, **values)
