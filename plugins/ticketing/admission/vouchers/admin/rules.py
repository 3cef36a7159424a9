"""入场规则: rotating codes, documents at the gate, what becomes of what nobody used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.columns import column, moment, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import rows_for

from ...models import AdmissionProduct, EntryRule
from ..access import RULES
from ..choices import ExpiryPolicy
from ..services.rules import set_rule


class RuleForm(forms.Form):
    """How a product's people are let in."""

    rotating = forms.BooleanField(
        label=_("动态二维码"), required=False, widget=UnfoldBooleanSwitchWidget(),
        help_text=_("每 30 秒变化，截图无效；只对之后出的票生效"),
    )  # fmt: skip
    documents = forms.BooleanField(
        label=_("入场核对证件"), required=False, widget=UnfoldBooleanSwitchWidget(),
        help_text=_("只对实名的票类、之后出的票生效"),
    )  # fmt: skip
    doors_minutes = forms.IntegerField(
        label=_("提前入场（分钟）"), min_value=0, max_value=1440, initial=120,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("只对有场次的票、之后出的票生效"),
    )  # fmt: skip
    unused = forms.ChoiceField(
        label=_("过期未用"), choices=ExpiryPolicy.choices, widget=UnfoldAdminSelectWidget()
    )
    reason = forms.CharField(label=_("依据"), max_length=200, widget=UnfoldAdminTextInputWidget())


class NewRuleForm(RuleForm):
    """Of a product in reach."""

    field_order = ("product",)
    product = forms.ChoiceField(label=_("产品"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, products: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = list(products)  # type: ignore[attr-defined]


@admin.register(EntryRule)
class RuleAdmin(ActingAdmin):
    """Rules of the products in reach."""

    begins = ((_("设置产品"), "add", "begin", RULES),)
    list_display = ("c_product", "c_rotating", "c_documents", "c_unused", "reason", "c_by", "c_made")
    list_display_links = ("c_product",)
    list_select_related = ("product", "made_by")
    search_fields = ("product__name", "product__code")
    search_help_text = _("产品名称、代码")
    ordering = ("product",)
    details = (
        (
            None,
            (
                "c_product",
                "c_unused",
                "c_rotating",
                "c_documents",
                "doors_minutes",
                "reason",
                "c_by",
                "c_made",
            ),
        ),
    )

    c_product = column("product__name", "产品")
    c_rotating = yes_no("rotating", "动态二维码")
    c_documents = yes_no("documents", "核对证件")
    c_by = column("made_by__first_name", "设置人", order=None)
    c_made = moment("made_at", "设置时间")

    @admin.display(description=_("过期未用"))
    def c_unused(self, row: EntryRule) -> str:
        return str(row.get_unused_display())

    def doors(self, request: HttpRequest, obj: EntryRule) -> Sequence[Mapping[str, Any]]:
        return [door(_("修改"), "edit", self.address("set", obj.pk))] if self.may(request, RULES, obj) else []

    def get_urls(self) -> list[Any]:
        return [
            self.own("begin/", self.begin_view, "begin"),
            self.own("<int:pk>/set/", self.set_view, "set"),
            *super().get_urls(),
        ]

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """The rule of a product that has none."""
        user: Any = request.user
        if not user.has_perm(RULES):
            raise PermissionDenied
        found = rows_for(user, AdmissionProduct.objects.select_related("unit").filter(entry_rule=None))
        products = {one.pk: one for one in found[:500] if may_at(user, RULES, one.unit)}
        form = NewRuleForm(
            request.POST if request.method == "POST" else None,
            products=[(pk, str(one)) for pk, one in products.items()],
        )

        def do(told: dict[str, Any]) -> str:
            set_rule(user, products[int(told.pop("product"))], **told)
            return str(_("已保存"))

        return self.act(request, _("入场规则"), form, do, reverse(f"admin:{self._page('changelist')}"))

    def set_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another rule."""
        row: EntryRule = self.row(request, pk, RULES)
        initial = {name: getattr(row, name) for name in ("rotating", "documents", "doors_minutes", "unused")}
        form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)

        def do(told: dict[str, Any]) -> str:
            set_rule(request.user, row.product, **told)
            return str(_("已保存，对之后出的票生效"))

        return self.act(request, f"{_('入场规则')} {row.product}", form, do, self.page_of(pk))
