"""上游订单: how orders stand at distributors, asking them again, and taking their catalogues over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.admission.suppliers import distributor
from plugins.ticketing.kernel.access import may_for_city
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SupplierRefused, SupplierSilent
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label

from ..access import SYNC
from ..errors import DistributionError
from ..errors import DistributionErrorCode as Code
from ..models import UpstreamStanding
from ..upstream.catalogue import said, take_over
from ..upstream.using import reconcile

SYNCED = audit.action("distribution.catalogue_synced", _("同步上游产品"))
ASKED = audit.action("distribution.order_asked", _("查询上游订单"))


class NothingForm(forms.Form):
    """Nothing to type."""


#: How far their refund of an order is, in our words.
_REFUNDS = {
    "": _("—"), "NONE": _("无"), "PENDING": _("审核中"), "PART": _("部分已退"), "ALL": _("全部已退"),
    "REJECTED": _("被拒绝"),
}  # fmt: skip


def silent(error: SupplierRefused | SupplierSilent) -> DistributionError:
    """A distributor that does not answer, for people."""
    return DistributionError(
        Code.UPSTREAM, _("上游没有办成：%(why)s") % {"why": error.words}, hint=_("请稍后再试")
    )


@admin.register(UpstreamStanding)
class UpstreamStandingAdmin(ActingAdmin):
    """How orders stand at distributors, and what does not fit."""

    begins = ((_("同步上游产品"), "sync", "sync", SYNC),)
    list_display = (
        "c_order", "c_title", "c_theirs", "ordered", "used", "refunded", "c_refund", "c_attention", "c_asked",
    )  # fmt: skip
    list_display_links = ("c_order",)
    search_fields = ("ticket_order__number", "ticket_order__their_number")
    search_help_text = _("票务订单号、供应商单号")
    list_select_related = ("ticket_order",)
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_order",
                "c_title",
                "c_theirs",
                "ordered",
                "used",
                "refunded",
                "c_refund",
                "attention",
                "c_asked",
            ),
        ),
    )

    c_order = column("ticket_order__number", "票务订单号", order="ticket_order__number")
    c_title = column("ticket_order__title", "内容", order=None)
    c_theirs = column("ticket_order__their_number", "供应商单号", order=None)
    c_refund = column(
        "refund_status", "退票状态", lambda state: str(_REFUNDS.get(state, state)), order="refund_status"
    )
    c_asked = moment("asked_at", "查询时间")

    @admin.display(description=_("异常"), ordering="attention")
    def c_attention(self, row: UpstreamStanding) -> Any:
        return row.attention or "—"

    def doors(self, request: HttpRequest, obj: UpstreamStanding) -> Sequence[Mapping[str, Any]]:
        if self.may(request, SYNC, obj):
            return [door(_("现在查询"), "refresh", self.address("ask", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [
            self.own("sync/", self.sync_view, "sync"),
            self.own("<int:pk>/ask/", self.ask_view, "ask"),
            *super().get_urls(),
        ]

    def sync_view(self, request: HttpRequest) -> HttpResponse:
        """Take over the catalogues now."""
        if not may_for_city(request.user, SYNC):
            raise PermissionDenied

        def do(_told: dict[str, Any]) -> str:
            words = []
            for account in SupplierAccount.objects.filter(adapter=distributor.ADAPTER, active=True):
                try:
                    taken = take_over(account)
                except (SupplierRefused, SupplierSilent) as error:
                    raise silent(error) from None
                audit.record(
                    SYNCED, account, after={"classes": taken.classes}, actor=actor_label(request.user)
                )
                words.append(f"{account}：{said(taken)}")
            return "；".join(words) or str(_("没有启用的上游"))

        form = NothingForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:o2o_distribution_upstreamstanding_changelist")
        note = _("把上游的产品、三个月价格和剩余数量更新到本平台；新产品为草稿，由人上架")
        return self.act(request, _("同步上游产品"), form, do, back, note=note)

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the distributor now."""
        row = self.row(request, pk, SYNC)

        def do(_told: dict[str, Any]) -> str:
            asked_at = now()
            try:
                told = distributor.ask_order(row.ticket_order.their_number)
            except (SupplierRefused, SupplierSilent) as error:
                raise silent(error) from None
            fresh = reconcile(row.ticket_order, told, asked_at=asked_at)
            audit.record(ASKED, row, after={"used": fresh.used}, actor=actor_label(request.user))
            return str(_("订 %(ordered)d，用 %(used)d，退 %(refunded)d")) % {
                "ordered": fresh.ordered, "used": fresh.used, "refunded": fresh.refunded,
            }  # fmt: skip

        form = NothingForm(request.POST if request.method == "POST" else None)
        return self.act(request, _("现在查询"), form, do, self.page_of(row.pk))
