"""What no order explains: repaired by the job, or waiting here until somebody says how it was dealt with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateTimeFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from saleor_o2o.cashier.models import Orphan, OrphanState
from saleor_o2o.cashier.services.orphans import HANDLE, checks, handle, title_of

from .. import models
from ..columns import column, link, link_to, moment, money, state
from ..doors import door
from ..labels import yuan
from .acting import ActingAdmin
from .naming import NamesActors

STATE = dict(OrphanState.choices)
#: Our own pages of stock's rows, called as people call them.
_PAGES = (models.Order, models.Payment, models.Transaction)


class KindFilter(DropdownFilter):
    """By the checks that there are."""

    title = _("异常")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(check.kind, check.title) for check in checks()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class WordsForm(forms.Form):
    """How it was dealt with."""

    words = forms.CharField(
        label=_("处理说明"),
        max_length=200,
        required=False,
        help_text=_("例如：已线下退回，回单 8812；或与顾客约定换货，款项保留"),
        widget=UnfoldAdminTextInputWidget,
    )


def page_of(subject: str) -> Any:
    """A link to the row that a finding is about; its words where it has no page."""
    label, _colon, key = subject.partition(":")
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return subject
    name = next(
        (one._meta.verbose_name for one in _PAGES if issubclass(one, model)), model._meta.verbose_name
    )
    pages = (label.lower().replace(".", "_"), f"o2o_backoffice_{label.rpartition('.')[2].lower()}")
    for page in pages:
        try:
            return link(page, int(key), f"{name} #{key}")
        except (NoReverseMatch, ValueError):
            continue
    return f"{name} #{key}"


@admin.register(Orphan)
class OrphanAdmin(NamesActors, ActingAdmin):
    """Findings of the orphan job."""

    actor_field = "ended_by"

    list_display = (
        "c_kind",
        "c_order",
        "c_amount",
        "note",
        "c_state",
        "c_found",
        "c_ended",
        "c_by",
    )
    list_display_links = ("c_kind",)
    list_filter = (("state", ChoicesDropdownFilter), KindFilter, ("found_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("order",)
    search_fields = ("=subject", "=order__pk", "note")
    search_help_text = "订单号、对象、情况"
    details = (
        (None, ("c_kind", "c_subject", "c_order", "c_amount", "note", "c_state")),
        ("处理", ("c_found", "c_ended", "c_by", "words")),
    )

    c_kind = column("kind", "异常", title_of)
    c_subject = column("subject", "对象", page_of)
    c_order = link_to("order", "订单", "o2o_backoffice_order")
    c_amount = money("amount", "金额")
    c_state = state("state", "状态", STATE)
    c_by = column("o2o_actor", "处理人", order=None)
    c_found = moment("found_at", "发现时间")
    c_ended = moment("ended_at", "了结时间")

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/handle/", self.handle_view, "handle"), *super().get_urls()]

    def doors(self, request: HttpRequest, obj: Orphan) -> list[Any]:
        if obj.state != OrphanState.OPEN or not self.may(request, HANDLE, obj):
            return []
        return [door(_("登记已处理"), "task_alt", self.address("handle", obj.pk))]

    def handle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note how a finding was dealt with."""
        orphan = self.row(request, pk, HANDLE)

        def do(values: dict[str, Any]) -> str:
            handle(request.user, pk, values["words"])
            return str(_("已登记：%(kind)s") % {"kind": title_of(orphan.kind)})

        facts = [
            (_("异常"), title_of(orphan.kind)),
            (_("订单"), f"#{orphan.order_id}" if orphan.order_id else "—"),
            (_("金额"), yuan(orphan.amount) if orphan.amount is not None else "—"),
            (_("情况"), orphan.note or "—"),
        ]
        return self.act(
            request,
            _("登记已处理"),
            WordsForm(request.POST or None),
            do,
            self.page_of(pk),
            facts=facts,
            note=_("需要退款的，请先在支付单上退款：退清后这一条会自己消失。登记后不再提醒，除非金额变化。"),
        )
