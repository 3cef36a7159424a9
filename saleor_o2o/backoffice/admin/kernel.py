"""The kernel's records: for people who look after the platform."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import replay
from saleor_o2o.kernel.models import EventDelivery, EventRecord, IdempotencyRecord, StateMove
from saleor_o2o.kernel.states import in_words

from ..columns import at, badge, column, link_to, moment, state
from ..doors import door
from .acting import ActingAdmin
from .audit import kind_of
from .base import ReadOnlyAdmin, Table
from .naming import NamesActors

DELIVERY = dict(EventDelivery.Status.choices)
IDEMPOTENCY = dict(IdempotencyRecord.Status.choices)


def as_json(value: Any) -> SafeString:
    """Structured content, readable."""
    return format_html('<pre class="o2o-json">{}</pre>', json.dumps(value, ensure_ascii=False, indent=2))


@admin.register(StateMove)
class StateMoveAdmin(NamesActors, ReadOnlyAdmin):
    """Every move of every state machine, in people's words."""

    list_display = ("c_at", "c_kind", "subject_id", "c_move", "c_source", "c_target", "c_actor", "c_reason")
    search_fields = ("=subject_id", "=request_id", "=actor")
    search_help_text = "对象编号、请求号、操作者"
    list_filter = ("subject_type", ("at", RangeDateTimeFilter))
    list_filter_submit = True
    ordering = ("-pk",)
    details = (
        (None, ("c_at", "c_kind", "subject_id", "c_move", "c_source", "c_target")),
        ("来由", ("c_actor", "c_reason", "request_id")),
    )

    c_at = moment("at", "时间")
    c_kind = column("subject_type", "对象类型", kind_of)
    c_reason = column("reason", "原因")

    @admin.display(description=_("操作"), ordering="transition")
    def c_move(self, row: StateMove) -> str:
        return in_words(row).action

    @admin.display(description=_("原状态"), ordering="source")
    def c_source(self, row: StateMove) -> str:
        return in_words(row).source

    @admin.display(description=_("新状态"), ordering="target")
    def c_target(self, row: StateMove) -> str:
        return in_words(row).target


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    """Facts that were published."""

    list_display = ("id", "c_at", "name", "key", "version", "request_id")
    search_fields = ("=key", "=request_id", "=name")
    search_help_text = "业务编号、请求号、事件名"
    list_filter = (("occurred_at", RangeDateTimeFilter),)
    list_filter_submit = True
    ordering = ("-pk",)
    details = ((None, ("c_at", "name", "version", "key", "request_id", "c_payload")),)

    c_at = moment("occurred_at", "发生时间")
    c_payload = column("payload", "内容", as_json)

    def tables(self, request: HttpRequest, obj: EventRecord) -> list[Table]:
        rows = [
            (one.receiver, one.plugin or "—", badge(one.status, DELIVERY), one.attempts, at(one.finished_at),
             one.last_error or "—")
            for one in obj.deliveries.all()
        ]  # fmt: skip
        return [Table("投递", ("接收者", "插件", "状态", "次数", "完成时间", "最近错误"), rows)]


@admin.register(EventDelivery)
class EventDeliveryAdmin(ActingAdmin):
    """An event's way to its receivers; one that was given up can be replayed."""

    list_display = (
        "id",
        "c_event",
        "receiver",
        "plugin",
        "c_status",
        "attempts",
        "c_next",
        "c_finished",
        "c_error",
    )
    list_display_links = ("id",)
    list_select_related = ("event",)
    list_filter = (("status", ChoicesDropdownFilter), "plugin")
    list_filter_submit = True
    search_fields = ("=event__key", "=receiver", "=event__name")
    search_help_text = "业务编号、接收者、事件名"
    ordering = ("-pk",)
    actions = ("replay_dead",)
    details = (
        (None, ("c_event", "receiver", "plugin", "c_status", "attempts", "c_next", "c_finished", "c_error")),
    )

    c_event = link_to("event", "事件", "o2o_kernel_eventrecord")
    c_status = state("status", "状态", DELIVERY)
    c_next = moment("next_attempt_at", "下次投递")
    c_finished = moment("finished_at", "完成时间")
    c_error = column("last_error", "最近错误")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "change")

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/replay/", self.replay_view, "replay"), *super().get_urls()]

    def doors(self, request: HttpRequest, obj: EventDelivery) -> list[Any]:
        if obj.status != EventDelivery.Status.DEAD or not self._may(request, "change"):
            return []
        return [door("重放", "replay", self.address("replay", obj.pk))]

    def replay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Deliver one that was given up once more."""
        row: EventDelivery = self.row(request, pk, "change")

        def do(_values: dict[str, Any]) -> str:
            replay(row)
            return "已重放：稍后由后台任务投递"

        facts = [
            ("事件", f"{row.event.name} {row.event.key}"),
            ("接收者", row.receiver),
            ("已投递次数", row.attempts),
            ("最近错误", row.last_error or "—"),
        ]
        note = "接收者会再收到一次这个事件。接收者都能识别重复的事件，重放不会做第二遍。"
        form = forms.Form(request.POST or None)
        return self.act(request, "重放投递", form, do, self.page_of(pk), facts=facts, note=note)

    @action(description="重放所选的投递", permissions=["replay"])
    def replay_dead(self, request: HttpRequest, queryset: QuerySet[EventDelivery]) -> None:
        done = 0
        for delivery in queryset:
            try:
                replay(delivery)
            except DomainError as error:
                messages.error(request, f"#{delivery.pk}：{error}")
            else:
                done += 1
        messages.info(request, f"已重放 {done} 个投递")


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Work that clients named with a key."""

    list_display = ("id", "scope", "key", "c_status", "attempts", "c_created", "c_expires")
    list_filter = (("status", ChoicesDropdownFilter), "scope")
    list_filter_submit = True
    search_fields = ("=key",)
    search_help_text = "幂等键"
    ordering = ("-pk",)
    details = (
        (None, ("scope", "key", "c_status", "attempts", "c_created", "c_lease", "c_expires", "c_response")),
    )

    c_status = state("status", "状态", IDEMPOTENCY)
    c_created = moment("created_at", "创建时间")
    c_lease = moment("lease_until", "占用到期")
    c_expires = moment("expires_at", "失效时间")
    c_response = column("response", "应答", as_json)
