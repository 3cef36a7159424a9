"""上游通知、上游订单: what distributors told, what became of it, and asking them again."""

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
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.request import actor_label

from ..access import SYNC
from ..choices import NoticeKind, NoticeState
from ..errors import DistributionError
from ..errors import DistributionErrorCode as Code
from ..models import SupplierNotice, UpstreamStanding
from ..upstream.catalogue import said, take_over
from ..upstream.using import reconcile
from ..upstream.working import again, work

KINDS: dict[str, Any] = dict(NoticeKind.choices)
STATES: dict[str, Any] = dict(NoticeState.choices)
SYNCED = audit.action("distribution.catalogue_synced", _("同步上游产品"))
AGAIN = audit.action("distribution.notice_again", _("重新处理上游通知"))
ASKED = audit.action("distribution.order_asked", _("查询上游订单"))


class NothingForm(forms.Form):
    """Nothing to type."""


def silent(error: SupplierRefused | SupplierSilent) -> DistributionError:
    """A distributor that does not answer, for people."""
    return DistributionError(
        Code.UPSTREAM, _("上游没有办成：%(why)s") % {"why": error.words}, hint=_("请稍后再试")
    )


@admin.register(SupplierNotice)
class SupplierNoticeAdmin(ActingAdmin):
    """Every notice, also what was refused; its text is not shown, for it has codes that let people in."""

    begins = ((_("同步上游产品"), "sync", "sync", SYNC),)
    list_display = (
        "c_number",
        "c_kind",
        "subject",
        "c_state",
        "copies",
        "tries",
        "c_received",
        "c_done",
        "why",
    )
    list_display_links = ("c_number",)
    list_filter = (choice("kind", "通知", KINDS), choice("state", "状态", STATES))
    list_filter_submit = True
    search_fields = ("number", "subject")
    search_help_text = _("通知号、订单号、产品代码")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_number",
                "c_kind",
                "subject",
                "c_state",
                "why",
                "copies",
                "tries",
                "c_received",
                "c_next",
                "c_done",
            ),
        ),
    )

    c_number = column("number", "通知号", lambda number: number or "—")
    c_kind = column("get_kind_display", "通知", lambda show: show() or "—", order="kind")
    c_received = moment("received_at", "收到时间")
    c_done = moment("done_at", "处理时间")
    c_next = moment("next_at", "下次处理")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: SupplierNotice) -> Any:
        return badge(row.state, STATES)

    def doors(self, request: HttpRequest, obj: SupplierNotice) -> Sequence[Mapping[str, Any]]:
        waits = obj.state in (NoticeState.WAITING, NoticeState.STUCK)
        if waits and may_for_city(request.user, SYNC):
            return [door(_("现在处理"), "play_arrow", self.address("again", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [
            self.own("sync/", self.sync_view, "sync"),
            self.own("<int:pk>/again/", self.again_view, "again"),
            *super().get_urls(),
        ]

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Work on it now: for whoever deals with distributors for the whole city."""
        row = self.row(request, pk, SYNC)
        if not may_for_city(request.user, SYNC):
            raise PermissionDenied

        def do(_told: dict[str, Any]) -> str:
            again(row.pk)
            state = work(row.pk)
            audit.record(AGAIN, row, after={"state": state}, actor=actor_label(request.user))
            fresh = SupplierNotice.objects.get(pk=row.pk)
            return f"{STATES[fresh.state]}{'：' + fresh.why if fresh.why else ''}"

        form = NothingForm(request.POST if request.method == "POST" else None)
        facts = ((_("通知"), KINDS.get(row.kind, "—")), (_("关于"), row.subject), (_("说明"), row.why))
        return self.act(request, _("现在处理"), form, do, self.page_of(row.pk), facts=facts)

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
        back = reverse("admin:o2o_distribution_suppliernotice_changelist")
        note = _("把上游的产品、三个月价格和剩余数量更新到本平台；新产品为草稿，由人上架")
        return self.act(request, _("同步上游产品"), form, do, back, note=note)


@admin.register(UpstreamStanding)
class UpstreamStandingAdmin(ActingAdmin):
    """How orders stand at distributors, and what does not fit."""

    list_display = (
        "c_order", "c_title", "c_theirs", "ordered", "used", "refunded", "refund_status", "c_attention", "c_asked",
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
                "refund_status",
                "attention",
                "c_asked",
            ),
        ),
    )

    c_order = column("ticket_order__number", "票务订单号", order="ticket_order__number")
    c_title = column("ticket_order__title", "内容", order=None)
    c_theirs = column("ticket_order__their_number", "供应商单号", order=None)
    c_asked = moment("asked_at", "查询时间")

    @admin.display(description=_("异常"), ordering="attention")
    def c_attention(self, row: UpstreamStanding) -> Any:
        return row.attention or "—"

    def doors(self, request: HttpRequest, obj: UpstreamStanding) -> Sequence[Mapping[str, Any]]:
        if self.may(request, SYNC, obj):
            return [door(_("现在查询"), "refresh", self.address("ask", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/ask/", self.ask_view, "ask"), *super().get_urls()]

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the distributor now."""
        row = self.row(request, pk, SYNC)

        def do(_told: dict[str, Any]) -> str:
            try:
                told = distributor.ask_order(row.ticket_order.their_number)
            except (SupplierRefused, SupplierSilent) as error:
                raise silent(error) from None
            fresh = reconcile(row.ticket_order, told)
            audit.record(ASKED, row, after={"used": fresh.used}, actor=actor_label(request.user))
            return str(_("订 %(ordered)d，用 %(used)d，退 %(refunded)d")) % {
                "ordered": fresh.ordered, "used": fresh.used, "refunded": fresh.refunded,
            }  # fmt: skip

        form = NothingForm(request.POST if request.method == "POST" else None)
        return self.act(request, _("现在查询"), form, do, self.page_of(row.pk))
