"""优惠券模板: terms, publishing, a trial on a basket, giving, and the report of what coupons cost whom."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from saleor.product.models import ProductVariant
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import OrgUnit, may_at
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ScopedAdmin, Table
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import to_fen, to_yuan
from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ..choices import TemplateState
from ..error_codes import CouponErrorCode
from ..errors import CouponError
from ..models import CHANGEABLE, CouponTemplate
from ..permissions import EDIT, GIVE
from ..services.giving import give_directly
from ..services.templates import CHANGED, move_template, problems_of
from ..terms import Basket, Line, Wanted, apply, terms_of
from . import reporting
from .looks import KINDS, STATES, TEMPLATE_STATES, GiveForm, PreviewForm

_MOVES = {
    "publish": (_("开始发放"), "play_arrow", (TemplateState.DRAFT, TemplateState.PAUSED)),
    "pause": (_("暂停发放"), "pause", (TemplateState.PUBLISHED,)),
    "end": (_("停止发放"), "stop", (TemplateState.DRAFT, TemplateState.PUBLISHED, TemplateState.PAUSED)),
}


_SCOPE_HELP = {
    "categories": _("适用范围是“指定分类”时选，含下级分类"),
    "products": _("适用范围是“指定商品”时选"),
    "sellers": _("适用范围是“指定销售方”时选"),
    "channels": _("不选则任何渠道下的单都能用"),
    "units": _("不选则不限；选了机构的，下级机构的会员也可以"),
}


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """What is wrong is said beside the field; what was typed stays."""

    def clean(self) -> dict[str, Any]:
        given = {**(super().clean() or {})}
        if self.instance.state == TemplateState.DRAFT:
            for field, words in problems_of(given).items():
                self.add_error(field if field in self.fields else None, words)
        elif given.get("quantity") is not None and given["quantity"] < self.instance.given:
            self.add_error("quantity", _("发放总量不能少于已经发出的张数"))
        return given


@admin.register(CouponTemplate)
class CouponTemplatePage(ActingAdmin):
    """Kinds of coupons. A draft can be changed as a whole, a published one in its name, note and quantity."""

    form = TemplateForm
    list_display = ("code", "name", "c_kind", "c_terms", "c_owner", "c_given", "c_state", "c_made")
    list_display_links = ("code",)
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    search_fields = ("code", "name")
    search_help_text = _("代码、名称")
    ordering = ("-pk",)
    groups = (
        (None, ("code", "name", "note", "owner")),
        (_("优惠"), ("kind", "threshold", "amount", "rate", "most_off", "pieces")),
        (_("范围"), ("scope", "categories", "products", "sellers", "channels", "units")),
        (
            _("有效期与数量"),
            ("valid_from", "valid_until", "valid_days", "quantity", "per_member", "grace_days"),
        ),
        (_("叠加"), ("with_sale", "with_member_price", "with_voucher", "with_points", "stacking")),
        (_("费用承担"), ("platform_share", "unit_share", "merchant_share")),
    )

    c_kind = column("kind", "类型", lambda value: KINDS.get(value, value))
    c_terms = column("in_words", "优惠", order=None)
    c_owner = column("owner__name", "发放机构", order="owner__path")
    c_state = state("state", "状态", TEMPLATE_STATES)
    c_made = moment("made_at", "建立时间")

    @admin.display(description=_("已发 / 总量"))
    def c_given(self, row: CouponTemplate) -> str:
        return f"{row.given} / {row.quantity if row.quantity is not None else '不限'}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # units that may be looked at are more than those in whose name one may give
        if db_field.name == "owner":
            kwargs["queryset"] = rows_for(request.user, OrgUnit, EDIT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        found = super().formfield_for_manytomany(db_field, request, **kwargs)
        if found is not None:  # the theme writes over the class of a widget that it is given
            found.widget = UnfoldAdminSelect2MultipleWidget(choices=found.widget.choices)
            found.help_text = _SCOPE_HELP.get(db_field.name, "")
        return found

    # a form, unlike the read-only pages that ActingAdmin is for
    def has_add_permission(self, request: HttpRequest) -> bool:
        return ScopedAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return ScopedAdmin.has_change_permission(self, request)
        return obj.state != TemplateState.ENDED and may_at(request.user, EDIT, obj.owner)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(title, {"fields": names}) for title, names in self.groups]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None or obj.state == TemplateState.DRAFT:
            return []
        return [name for _title, names in self.groups for name in names if name not in CHANGEABLE]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not may_at(request.user, EDIT, obj.owner):
            raise PermissionDenied
        before = audit.snapshot(CouponTemplate.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(CHANGED, obj, before=before, after=audit.snapshot(obj))

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        counts = dict(obj.coupons.order_by().values_list("state").annotate(Count("pk")))
        return [
            Table(
                "已发出的券", ("状态", "张数"), [(words, counts.get(key, 0)) for key, words in STATES.items()]
            )
        ]

    def doors(self, request: HttpRequest, obj: Any) -> list[Any]:
        buttons = [door(_("试算"), "calculate", self.address("preview", obj.pk))]
        if may_at(request.user, GIVE, obj.owner) and obj.state == TemplateState.PUBLISHED:
            buttons.append(door(_("指定发放"), "redeem", self.address("give", obj.pk)))
        if may_at(request.user, EDIT, obj.owner):
            buttons += [
                door(title, icon, reverse(f"admin:{self._page('move')}", args=[obj.pk, name]))
                for name, (title, icon, sources) in _MOVES.items()
                if obj.state in sources
            ]
        return buttons

    def get_urls(self) -> list[Any]:
        def own(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=self._page(name))

        return [
            own("report/", self.report_view, "report"),
            own("<int:pk>/preview/", self.preview_view, "preview"),
            own("<int:pk>/give/", self.give_view, "give"),
            own("<int:pk>/<slug:how>/move/", self.move_view, "move"),
            *super().get_urls(),
        ]

    # -- what can be done ------------------------------------------------------------------------

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """What coupons cost whom."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return reporting.report(self, request)

    def _found(self, request: HttpRequest, pk: int, permission: str = "") -> CouponTemplate:
        try:
            found = get_row(request.user, CouponTemplate.objects.select_related("owner"), pk=pk)
        except OutOfScope:
            raise Http404 from None
        if permission and not may_at(request.user, permission, found.owner):
            raise PermissionDenied
        return found

    def move_view(self, request: HttpRequest, pk: int, how: str) -> HttpResponse:
        """Publish, pause or end."""
        template = self._found(request, pk, EDIT)
        if how not in _MOVES:
            raise Http404
        title, _icon, _sources = _MOVES[how]

        def do(_given: dict[str, Any]) -> str:
            move_template(template, how)
            return str(_("“%(name)s”：%(what)s") % {"name": template.name, "what": title})

        note = {
            "publish": _("发放后，优惠、范围、有效期和费用承担不能再改，只能改名称、说明和总量。"),
            "pause": _("暂停后谁也领不到，已经领到的照常使用。"),
            "end": _("停止后不能再发放，已经领到的照常使用。"),
        }[how]
        facts = ((_("优惠券"), template.name), (_("优惠"), template.in_words))
        return self.act(
            request, title, forms.Form(request.POST or None), do, self.page_of(pk), facts=facts, note=note,
            buttons=(("do", "1", title, ""),),
        )  # fmt: skip

    def give_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """指定发放: to members in reach, all of them or none."""
        template = self._found(request, pk, GIVE)
        form = GiveForm(request.POST or None, initial={"key": uuid.uuid4().hex, "pieces": 1})

        def do(given: dict[str, Any]) -> str:
            rows = Member.objects.select_related("home_unit", "user").filter(number__in=form.numbers)
            found = {one.number: one for one in rows_for(request.user, rows)}
            unknown = [number for number in form.numbers if number not in found]
            if unknown:
                told = _("没有这些会员，或不在您的数据范围：%(numbers)s") % {
                    "numbers": "、".join(unknown[:10])
                }
                raise CouponError(CouponErrorCode.NOT_FOUND, "members", told)
            members = [found[number] for number in form.numbers]
            coupons = give_directly(template, members, given["key"], given["reason"], pieces=given["pieces"])
            return str(_("已发出 %(count)s 张") % {"count": len(coupons)})

        facts = ((_("优惠券"), template.name), (_("优惠"), template.in_words))
        return self.act(
            request,
            _("指定发放"),
            form,
            do,
            self.page_of(pk),
            facts=facts,
            buttons=(("do", "1", _("发放"), ""),),
        )

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """试算: what a basket would get by this coupon alone."""
        template = self._found(request, pk)
        form = PreviewForm(request.POST or None)
        table = None
        if request.method == "POST" and form.is_valid():
            try:
                table = _tried(template, form)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
        facts = ((_("优惠券"), template.name), (_("优惠"), template.in_words))
        return self.act(
            request, _("试算"), form, lambda _given: "", self.page_of(pk), facts=facts, table=table,
            buttons=(("do", "1", _("试算"), ""),), only_look=True,
        )  # fmt: skip

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            found = response.context_data or {}
            button = door(_("核销报表"), "monitoring", reverse(f"admin:{self._page('report')}"))
            response.context_data = {**found, "actions_list": [*found.get("actions_list", ()), button]}
        return response

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        messages.success(request, _("已建立草稿，试算无误后开始发放"))
        return HttpResponseRedirect(self.page_of(obj.pk))


def _tried(template: CouponTemplate, form: PreviewForm) -> Table:
    """Lines with what the coupon takes off them. Raises CouponError where it takes nothing."""
    wanted = form.wanted()
    rows = ProductVariant.objects.filter(sku__in=[sku for sku, _count in wanted])
    variants = {one.sku: one for one in rows.select_related("product__category", "product__o2o_seller")}
    lines, named = [], []
    for key, (sku, count) in enumerate(wanted):
        variant = variants.get(sku)
        if variant is None or not 1 <= count <= 1000:
            told = _("没有 SKU“%(sku)s”，或数量不对") % {"sku": sku}
            raise CouponError(CouponErrorCode.TERMS_INVALID, "goods", told)
        product = variant.product
        above = product.category.get_ancestors(include_self=True) if product.category is not None else []
        seller = getattr(product, "o2o_seller", None)
        lines.append(
            Line(
                key, product.pk, frozenset(one.pk for one in above), seller.seller_id if seller else None, count,
                to_fen(variant.base_price.amount) * count,
            )
        )  # fmt: skip
        named.append(f"{product.name} {variant.name}")
    shipping = to_fen(form.cleaned_data.get("shipping") or Decimal(0))
    one = Wanted("-", template.name, terms_of(template))
    channel = next(iter(one.terms.channels), "")
    taken, refused = apply([one], Basket(lines, shipping, channel=channel))
    if refused:
        raise refused[0]
    off = taken["-"]
    body: list[tuple[Any, ...]] = [
        (name, line.quantity, yuan(to_yuan(line.left)), yuan(to_yuan(off.lines.get(line.key, 0))),
         yuan(to_yuan(line.left - off.lines.get(line.key, 0))))
        for name, line in zip(named, lines, strict=True)
    ]  # fmt: skip
    whole = sum(line.left for line in lines)
    body.append(
        (
            "运费",
            1,
            yuan(to_yuan(shipping)),
            yuan(to_yuan(off.shipping)),
            yuan(to_yuan(shipping - off.shipping)),
        )
    )
    body.append(
        ("合计", "", yuan(to_yuan(whole + shipping)), yuan(to_yuan(off.total)),
         yuan(to_yuan(whole + shipping - off.total)))
    )  # fmt: skip
    return Table("试算结果", ("商品", "数量", "原价", "优惠", "应付"), body)
