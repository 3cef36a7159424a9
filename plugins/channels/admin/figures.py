"""Two pages of figures: what each channel did, and how far the targets are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.columns import link
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import rows_for

from ..analytics import figures, progress
from ..models import Channel, Metric
from ..types import ChannelType

LIGHTS = {"green": ("success", "绿灯"), "yellow": ("warning", "黄灯"), "red": ("danger", "红灯")}
PER_PAGE = 50
View = Callable[[HttpRequest], HttpResponse]


def figures_view(page: Any) -> View:
    """Visits, customers, orders and sales of the channels in scope between two days."""

    def view(request: HttpRequest) -> HttpResponse:
        if not page.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        last = _day(request.GET.get("last"), today())
        first = min(_day(request.GET.get("first"), last - timedelta(days=29)), last)
        kind = request.GET.get("type", "")
        rows = rows_for(user, Channel).select_related("unit").order_by("unit__path", "pk")
        if kind in ChannelType.values:
            rows = rows.filter(type=kind)
        sheet = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        lines = [
            (
                link("o2o_channels_channel", one.channel.pk, f"{one.channel.code} {one.channel.name}"),
                one.channel.unit.name,
                one.visits,
                one.customers,
                one.new_customers,
                one.orders,
                yuan(one.gmv),
                f"{one.conversion}%",
            )
            for one in figures(user, sheet.object_list, first, last)
        ]
        headers = ("渠道", "机构", "访问", "绑定客户", "新绑定", "订单", "销售额", "订单/访问")
        return _answer(
            page, request, "o2o_channels/figures.html", _("渠道数据"),
            table={"headers": headers, "rows": lines}, first=first, last=last, sheet=sheet, type=kind,
            types=ChannelType.choices,
        )  # fmt: skip

    return view


def board_view(page: Any) -> View:
    """Targets of a month: completion, place and light."""

    def view(request: HttpRequest) -> HttpResponse:
        if not page.has_view_permission(request):
            raise PermissionDenied
        month = _day(f"{request.GET.get('month', '')}-01", today().replace(day=1))
        metric = request.GET.get("metric", "")
        metric = metric if metric in Metric.values else str(Metric.GMV)
        shown = yuan if metric == Metric.GMV else lambda value: f"{value:.0f}"
        lines = [
            (
                one.rank,
                link("o2o_channels_channel", one.target.channel_id, one.target.channel.name),
                one.target.channel.unit.name,
                shown(one.target.goal),
                shown(one.done),
                f"{one.percent}%",
                _light(one.light),
            )
            for one in progress(request.user, month, metric)
        ]
        headers = ("名次", "渠道", "机构", "目标", "完成", "完成率", "进度")
        return _answer(
            page, request, "o2o_channels/board.html", _("目标与排名"),
            table={"headers": headers, "rows": lines}, month=month, metric=metric, metrics=Metric.choices,
        )  # fmt: skip

    return view


def _light(name: str) -> SafeString:
    kind, text = LIGHTS[name]
    return render_to_string("unfold/helpers/label.html", {"type": kind, "text": text})


def _day(text: str | None, otherwise: date) -> date:
    try:
        return parse_date(text or "") or otherwise
    except ValueError:
        return otherwise


def _answer(page: Any, request: HttpRequest, template: str, title: Any, **more: Any) -> HttpResponse:
    context = {**page.admin_site.each_context(request), "opts": page.opts, "title": title, **more}
    return TemplateResponse(request, template, context)
