"""统计: coach tickets by station, line, outlet and clerk; holds and issues of the networks; paper; what went wrong."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import AMBER, GREEN, RED, asked_of, chart, options, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access import EXPORT, REPORT
from ..models import GateCheck, PaperRange
from ..selectors.boards import (
    abnormal,
    by,
    by_day,
    counted_apart,
    odd_counts,
    papers,
    refunds,
    success,
    tickets_sold,
)

#: Bars of a chart.
TOP = 10
_PATH = "ticket_order__coach_trip__shift_day__shift__line"
_LINE = Concat(f"{_PATH}__start__name", Value(" → "), f"{_PATH}__terminal__name")
_HEADERS = ("张数", "票面", "服务费", "已退张数")


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """The days that were asked for, this month's last thirty without being asked. Flat in statements."""
    user: Any = request.user
    if not policy_for(GateCheck).may(user, REPORT, GateCheck):
        raise PermissionDenied
    right = EXPORT if request.GET.get("format") == "xlsx" else REPORT
    asked = asked_of(request, 30, _("自"))
    first, last = asked["first"], asked["last"]

    def within(path: str) -> Q:
        """Of the unit that was asked for and those below it."""
        return below(asked["unit"], path) if asked["unit"] else Q()

    rows = tickets_sold(user, first, last, right, within("ticket_order__unit__path"))
    stations = by(rows, "ticket_order__coach_trip__start__name")
    lines = by(rows.annotate(line=_LINE), "line")
    outlets = by(rows, "ticket_order__unit__name")
    networks = by(rows, "ticket_order__supplier__name")
    count = sum(one[1] for one in stations)
    face, service = sum(one[2] for one in stations), sum(one[3] for one in stations)
    back = sum(one[4] for one in stations)
    days = by_day(rows, first, last)
    calls = success(user, first, last, right, within("ticket_order__unit__path"))
    given = refunds(user, first, last, right, within("refund__ticket_order__unit__path"))
    stock = papers(rows_for(user, PaperRange, right).filter(within("unit__path")))
    odd = odd_counts(user, first, last, right, within("unit__path"))
    apart = counted_apart(user, first, last, right, within("range__unit__path"))
    wrong = list(abnormal(user, first, last, right, within("unit__path")))
    tables = [
        _table("按车站", "车站", stations),
        _table("按线路", "线路", lines),
        _table("按机构", "机构", outlets),
        _table("按客票网", "客票网", networks),
        Table("按日", ("日期", "张数", "其中已退"), [(on.isoformat(), sold, gone) for on, sold, gone in days]),
        Table("占座与出票", ("客票网", "业务", "次数", "成功", "成功率", "平均秒数"), calls),
        Table(
            "退票", ("原因", "状态", "张数", "手续费", "应退顾客", "客票网实退"),
            [(*told, yuan(fee), yuan(due), yuan(got)) for *told, fee, due, got in given],
        ),
        Table("纸票", ("机构", "库存", "在用", "已用"), stock),
        Table("纸票清点差异", ("机构", "清点人", "号段", "相差", "说明", "处理结果"), apart),
        Table("异常汇总", ("状态", "订单"), odd),
        Table("异常订单", ("票务订单", "行程", "状态", "原因"), wrong),
    ]  # fmt: skip
    cards = [
        (_("售出"), f"{count} 张", ""), (_("票面"), yuan(face), ""), (_("服务费"), yuan(service), ""),
        (_("退票率"), f"{back * 100 / count:.1f}%" if count else "—", f"{back} 张"),
    ]  # fmt: skip
    drawn = [
        (_("每天售票、退票"), "line", chart([f"{on:%m-%d}" for on, _sold, _back in days], [
            (str(_("售出")), [one[1] for one in days], GREEN),
            (str(_("已退")), [one[2] for one in days], RED),
        ]), options()),
        *(_bars(title, found) for title, found in (
            (_("售票最多的车站"), stations), (_("售票最多的线路"), lines), (_("售票最多的机构"), outlets),
        )),
        (_("成功率（%）"), "bar", chart([f"{one[0]} {one[1]}" for one in calls], [
            (str(_("成功率")), [one[3] * 100 / one[2] for one in calls], GREEN),
        ]), options(horizontal=True)),
        (_("平均应答（秒）"), "bar", chart([f"{one[0]} {one[1]}" for one in calls if one[3]], [
            (str(_("秒")), [one[5] for one in calls if one[3]], AMBER),
        ]), options(horizontal=True)),
        (_("退票（张）"), "bar", chart([f"{one[0]} {one[1]}" for one in given], [
            (str(_("张数")), [one[2] for one in given], RED),
        ]), options(horizontal=True)),
        (_("纸票结存（张）"), "bar", chart([one[0] for one in stock[:TOP]], [
            (str(_("库存")), [one[1] for one in stock[:TOP]], GREEN),
            (str(_("在用")), [one[2] for one in stock[:TOP]], AMBER),
        ]), options()),
        (_("异常订单"), "bar", chart([one[0] for one in odd], [
            (str(_("订单")), [one[1] for one in odd], RED),
        ]), options(horizontal=True)),
    ]  # fmt: skip
    return shown(
        page, request, "o2o_coach.report", _("汽车票统计"), asked, tables, cards,
        may_export=policy_for(GateCheck).may(user, EXPORT, GateCheck),
        charts=[one for one in drawn if one[2]] if count or calls or stock else [],
    )  # fmt: skip


def _bars(title: Any, found: list[tuple[Any, ...]]) -> tuple[Any, str, str, str]:
    """The first ten by tickets."""
    top = found[:TOP]
    sold = (str(_("张数")), [one[1] for one in top], GREEN)
    return title, "bar", chart([one[0] for one in top], [sold]), options(horizontal=True)


def _table(title: str, label: str, rows: list[tuple[Any, ...]]) -> Table:
    told = [(name, count, yuan(face), yuan(service), back) for name, count, face, service, back in rows]
    return Table(title, (label, *_HEADERS), told)
