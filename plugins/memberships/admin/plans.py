"""会员方案: what may be bought, changed for later buyers only; plans that are not sold are given here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import members_by_text
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.columns import column, moment, money, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import midnight

from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..models import Plan
from ..permissions import GIVE, PLAN_EDIT, PLAN_NEW
from ..rules import last_day
from ..services.buying import give_plan
from ..services.plans import change_plan, make_plan
from .forms import GiveForm, PlanChangeForm, PlanForm


@admin.register(Plan)
class PlanAdmin(ActingAdmin):
    """Plans, for the whole city."""

    begins = ((_("新建方案"), "add", "make", PLAN_NEW),)
    list_display = ("name", "code", "c_kind", "rank", "c_price", "c_months", "c_sale", "c_from", "c_to")
    list_display_links = ("name",)
    list_filter = ("kind",)
    ordering = ("kind", "rank", "pk")
    details = (
        (
            None,
            (
                "name",
                "code",
                "c_kind",
                "rank",
                "c_price",
                "c_months",
                "agreement",
                "c_sku",
                "c_from",
                "c_to",
                "note",
            ),
        ),
    )

    c_kind = column("get_kind_display", "种类", lambda show: show(), order="kind")
    c_price = money("price", "价格")
    c_months = column("months", "期限", lambda months: f"{months} 个月")
    c_sale = yes_no("in_force", "在售")
    c_from = moment("valid_from", "开售")
    c_to = moment("valid_to", "停售")
    c_sku = column("variant__sku", "商品编码")

    def doors(self, request: HttpRequest, obj: Plan) -> Sequence[Mapping[str, Any]]:
        found = []
        user: Any = request.user
        if self.may(request, PLAN_EDIT, obj):
            found.append(door(_("修改"), "edit", self.address("edit", obj.pk)))
        if obj.variant_id is None and obj.in_force and user.has_perm(GIVE):
            found.append(door(_("开通给会员"), "person_add", self.address("give", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/give/", self.give_view, "give"),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A new plan."""
        user: Any = request.user
        if not user.has_perm(PLAN_NEW):
            raise PermissionDenied
        form = PlanForm(request.POST if request.method == "POST" else None, initial={"agreement": "2026-11"})

        def do(told: dict[str, Any]) -> str:
            made = make_plan(user, **told)
            return str(_("已新建“%(name)s”，现在可以购买") % {"name": made.name})

        note = _("价格改变只影响以后的购买；已经买的按买时的价格算升级差价。")
        return self.act(
            request, _("新建会员方案"), form, do, reverse(f"admin:{self._page('changelist')}"), note=note
        )

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What later buyers get, or the last day of its sale."""
        row: Plan = self.row(request, pk, PLAN_EDIT)
        first = {name: getattr(row, name) for name in ("name", "price", "rank", "agreement", "note")}
        first["until"] = last_day(row.valid_to) if row.valid_to is not None else None
        form = PlanChangeForm(request.POST if request.method == "POST" else None, initial=first)

        def do(told: dict[str, Any]) -> str:
            until = told.pop("until")
            change_plan(
                request.user,
                pk,
                valid_to=midnight(until + timedelta(days=1)) if until is not None else None,
                **told,
            )
            return str(_("已保存，以后的购买按它算"))

        return self.act(request, f"{_('修改方案')} {row.name}", form, do, self.page_of(pk))

    def give_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A plan that is not sold, to a member."""
        user: Any = request.user
        if not user.has_perm(GIVE):
            raise PermissionDenied
        row = Plan.objects.get(pk=pk) if Plan.objects.filter(pk=pk).exists() else None
        form = GiveForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            found = members_by_text(told["member"])
            if row is None or len(found) != 1:
                raise MembershipError(
                    Code.NOT_FOUND, _("没有找到这个会员"), "member", _("请核对号码，须填写完整")
                )
            term = give_plan(user, found[0].pk, row, told["reason"])
            return str(_("已开通，有效期至 %(day)s") % {"day": last_day(term.ends_at)})

        title = f"{_('开通给会员')} {row.name if row is not None else ''}"
        return self.act(request, title, form, do, reverse(f"admin:{self._page('changelist')}"))
