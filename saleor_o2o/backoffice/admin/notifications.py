"""The inbox of the providers' notifications, with those that failed on top of the mind: read, and worked on again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateTimeFilter
from unfold.decorators import action

from saleor_o2o.cashier.models import Notification, NotificationState
from saleor_o2o.cashier.registry import gateway_title, gateways
from saleor_o2o.cashier.services.inbox import REPLAY, replay_by_staff, stuck
from saleor_o2o.kernel.errors import DomainError

from ..columns import column, moment, state
from ..doors import door
from ..labels import NOTIFICATION_KIND, error_words
from .acting import ActingAdmin
from .base import Table
from .moves import moves_of

STATE = dict(NotificationState.choices)


class GatewayFilter(DropdownFilter):
    """By who sent it."""

    title = _("支付渠道")
    parameter_name = "gateway"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(gateways().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(gateway=self.value()) if self.value() in gateways() else queryset


class StuckFilter(DropdownFilter):
    """What people must look at: given up, or long not worked on."""

    title = _("需要处理")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("处理失败或久未处理"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(stuck()) if self.value() == "yes" else queryset


class NothingForm(forms.Form):
    """Only a yes."""


@admin.register(Notification)
class NotificationAdmin(ActingAdmin):
    """Notifications. The stored bytes are not shown: they may name a payer."""

    list_display = (
        "c_received", "c_gateway", "c_kind", "c_state", "attempts", "times_seen", "c_error", "c_next", "c_processed",
        "c_external",
    )  # fmt: skip
    list_display_links = ("c_received",)
    list_filter = (
        StuckFilter, ("state", ChoicesDropdownFilter), GatewayFilter, ("received_at", RangeDateTimeFilter)
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("=external_id",)
    search_help_text = "通知编号"
    actions = ("replay_dead",)
    details = (
        (
            None,
            ("c_gateway", "c_kind", "c_state", "c_error", "attempts", "times_seen", "c_external", "c_size"),
        ),
        ("时间", ("c_received", "c_processed", "c_next")),
    )

    c_external = column("external_id", "通知编号")
    c_gateway = column("gateway", "支付渠道", gateway_title)
    c_kind = column("kind", "内容", lambda code: NOTIFICATION_KIND.get(code, code))
    c_state = state("state", "状态", STATE)
    c_received = moment("received_at", "收到时间")
    c_processed = moment("processed_at", "处理时间")
    c_next = moment("next_attempt_at", "下次处理")
    c_error = column("last_error", "最近错误", error_words)
    c_size = column("body", "原文", lambda body: f"{len(bytes(body))} 字节", order=None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        found: QuerySet[Notification] = super().get_queryset(request)
        # The list needs neither the bytes nor the headers; the page of one row reads them when it must.
        return found.defer("body", "headers")

    def called(self, obj: Notification) -> str:
        return f"{gateway_title(obj.gateway)} · {NOTIFICATION_KIND.get(obj.kind, obj.kind)}"

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/replay/", self.replay_view, "replay"), *super().get_urls()]

    def doors(self, request: HttpRequest, obj: Notification) -> list[Any]:
        if obj.state != NotificationState.DEAD or not self.may(request, REPLAY, obj):
            return []
        return [door(_("重新处理"), "replay", self.address("replay", obj.pk))]

    def replay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Work on one that failed once more."""
        row: Notification = self.row(request, pk, REPLAY)

        def do(_values: dict[str, Any]) -> str:
            done = replay_by_staff(request.user, pk)
            return str(_("已重新处理：%(state)s") % {"state": STATE[done.state]})

        facts = [
            (_("支付渠道"), gateway_title(row.gateway)),
            (_("内容"), NOTIFICATION_KIND.get(row.kind, row.kind)),
            (_("状态"), STATE[row.state]),
            (_("已处理次数"), row.attempts),
            (_("最近错误"), error_words(row.last_error)),
        ]
        return self.act(
            request,
            _("重新处理"),
            NothingForm(request.POST or None),
            do,
            self.page_of(pk),
            facts=facts,
            note=_(
                "重新核对签名并入账一次。款项以查询结果为准，重复处理不会重复入账。仍不成功时请把通知编号交给技术人员。"
            ),
        )

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return self._may(request, REPLAY)

    @action(description="重新处理所选的失败通知", permissions=["replay"])
    def replay_dead(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        done = 0
        for pk in list(queryset.filter(state=NotificationState.DEAD).values_list("pk", flat=True)):
            try:
                replay_by_staff(request.user, pk)
            except DomainError as error:
                messages.error(request, f"#{pk}：{error}")
            else:
                done += 1
        messages.info(request, f"已重新处理 {done} 条通知（只有“处理失败”的通知可以重新处理）")

    def tables(self, request: HttpRequest, obj: Notification) -> list[Table]:
        return [moves_of(obj)]
