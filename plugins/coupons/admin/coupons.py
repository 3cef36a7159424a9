"""优惠券: those that members have; void, give by a list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.imports import ImportPages
from saleor_o2o.backoffice.admin.naming import NamesActors
from saleor_o2o.backoffice.columns import at, column, link, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan

from ..choices import CouponState
from ..models import Coupon, CouponImport
from ..permissions import VOID
from ..services.importing import COLUMNS, confirm, drop, may_import, own_upload, plan, upload
from ..services.managing import void
from .looks import MODES, STATES, ReasonForm

IMPORTS = ImportPages(
    about=Coupon,
    title=_("批量发券"),
    may=may_import,
    keep=lambda request, file: upload(file, by=request.user),
    find=lambda pk, user: own_upload(pk, by=user),
    look=plan,
    confirm=lambda found, user: confirm(found, by=user),
    drop=lambda found, user: drop(found, by=user),
    rows=CouponImport.objects.all,
    heads=(
        (_("会员"), lambda line: line.shown[0]),
        (_("优惠券"), lambda line: line.shown[1]),
        (_("张数"), lambda line: line.shown[2]),
        (_("原因"), lambda line: line.shown[3]),
    ),
    done=_("发放完成：%(created_count)s 位会员"),
    hint=_("有一行不能发放就一张也不发"),
    sheet=_("发券"),
    columns=lambda _user: COLUMNS,
    words={"create": _("发放")},
)
EXPORT_COUPONS = Export(
    _("优惠券"),
    "coupon.export",
    (
        Cell(_("券号"), "number"),
        Cell(_("优惠券"), lambda row: row.template.name),
        Cell(_("会员号"), lambda row: row.member.number),
        Cell(_("状态"), "get_state_display"),
        Cell(_("发放方式"), "get_mode_display"),
        Cell(_("发放时间"), "given_at"),
        Cell(_("失效时间"), "valid_until"),
        Cell(_("使用时间"), "used_at"),
        Cell(_("原因"), "reason"),
    ),
    related=("template", "member"),
)


@admin.register(Coupon)
class CouponPage(NamesActors, ActingAdmin):
    """Coupons of members in reach."""

    actor_field = "given_by"
    list_display = ("number", "c_template", "c_member", "c_state", "c_mode", "c_given", "c_until")
    list_display_links = ("number",)
    list_filter = ("state", "mode")
    list_select_related = ("template", "member")
    search_fields = ("number", "member__number", "template__name")
    search_help_text = _("券号、会员号、优惠券名称")
    ordering = ("-pk",)
    export = EXPORT_COUPONS
    details = (
        (None, ("number", "c_template", "c_terms", "c_member", "c_state", "c_order")),
        ("发放", ("c_mode", "c_given", "c_by", "reason")),
        ("时间", ("c_from", "c_until", "c_used")),
    )

    c_template = column("template__name", "优惠券")
    c_terms = column("template__in_words", "优惠", order=None)
    c_state = state("state", "状态", STATES)
    c_mode = column("mode", "发放方式", lambda value: MODES.get(value, value))
    c_given = moment("given_at", "发放时间")
    c_from = moment("valid_from", "生效")
    c_until = moment("valid_until", "失效")
    c_used = moment("used_at", "使用时间")

    @admin.display(description=_("会员"))
    def c_member(self, row: Coupon) -> Any:
        return link("o2o_members_member", row.member_id, row.member.number)

    @admin.display(description=_("订单"))
    def c_order(self, row: Coupon) -> Any:
        return link("o2o_ordering_orderprofile", row.order_id, f"#{row.order_id}") if row.order_id else "—"

    @admin.display(description=_("发放人"))
    def c_by(self, row: Any) -> str:
        # what the platform does by itself acts as `event:…`, `task:…`
        return str(_("系统")) if row.given_by.startswith(("event:", "task:")) else str(row.o2o_actor)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("template", "member")

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        rows = [
            (at(one.at), one.get_kind_display(), link("o2o_ordering_orderprofile", one.order_id, f"#{one.order_id}"),
             one.order_line.product_name if one.order_line else "运费", yuan(one.amount), yuan(one.platform),
             yuan(one.unit), yuan(one.merchant))
            for one in obj.entries.select_related("order_line").order_by("pk")
        ]  # fmt: skip
        headers = ("时间", "事由", "订单", "商品", "金额", "平台", "机构", "商户")
        return [Table("核销与费用承担", headers, rows)] if rows else []

    def doors(self, request: HttpRequest, obj: Any) -> list[Any]:
        if obj.state == CouponState.UNUSED and self.may(request, VOID, obj):
            return [door(_("作废"), "block", self.address("void", obj.pk))]
        return []

    def void_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """作废, with a reason."""
        coupon = self.row(request, pk, VOID)

        def do(given: dict[str, Any]) -> str:
            void([coupon.number], given["reason"])
            return str(_("已作废"))

        facts = ((_("券号"), coupon.number), (_("优惠券"), coupon.template.name))
        return self.act(
            request, _("作废优惠券"), ReasonForm(request.POST or None), do, self.page_of(pk), facts=facts,
            buttons=(("do", "1", _("作废"), ""),),
        )  # fmt: skip

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/void/", self.void_view, "void"), *IMPORTS.urls(), *super().get_urls()]
