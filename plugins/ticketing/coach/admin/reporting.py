"""统计: coach tickets by station, line, outlet and clerk; holds and issues of the networks; paper; what went wrong."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.reports import asked_of, chart, options, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access import EXPORT, REPORT
from ..models import GateCheck, PaperRange
from ..selectors.boards import abnormal, by, papers, success, tickets_sold

_HEADERS = ("张数", "票面", "服务费", "已退张数")


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """The days that were asked for, this month's last thirty without being asked. Flat in statements."""
    user: Any = request.user
    if not policy_for(GateCheck).may(user, REPORT, GateCheck):
        raise PermissionDenied
    right = EXPORT if request.GET.get("format") == "xlsx" else REPORT
    asked = asked_of(request, 30, _("自"))
    first, last = asked["first"], asked["last"]
    rows = tickets_sold(user, first, last, right, asked["unit"])
    stations = by(rows, "ticket_order__coach_trip__start__name")
    lines = by(rows, "ticket_order__coach_trip__shift_day__shift__line__code")
    outlets = by(rows, "ticket_order__unit__name")
    networks = by(rows, "ticket_order__supplier__name")
    count = sum(one[1] for one in stations)
    face, service = sum(one[2] for one in stations), sum(one[3] for one in stations)
    back = sum(one[4] for one in stations)
    tables = [
        _table("按车站", "车站", stations),
        _table("按线路", "线路", lines),
        _table("按机构", "机构", outlets),
        _table("按客票网", "客票网", networks),
        Table(
            "占座与出票",
            ("客票网", "业务", "次数", "成功", "成功率", "平均秒数"),
            success(user, first, last, right),
        ),
        Table("纸票", ("机构", "库存", "在用", "已用"), papers(rows_for(user, PaperRange, right))),
        Table("异常订单", ("票务订单", "行程", "状态", "原因"), list(abnormal(user, first, last, right))),
    ]
    cards = [
        (_("售出"), f"{count} 张", ""), (_("票面"), yuan(face), ""), (_("服务费"), yuan(service), ""),
        (_("退票率"), f"{back * 100 / count:.1f}%" if count else "—", f"{back} 张"),
    ]  # fmt: skip
    top = stations[:10]
    drawn = chart([one[0] for one in top], [(str(_("张数")), [one[1] for one in top], "#059669")])
    return shown(
        page, request, "o2o_coach.report", _("汽车票统计"), asked, tables, cards,
        may_export=policy_for(GateCheck).may(user, EXPORT, GateCheck),
        charts=[(_("售票最多的车站"), "bar", drawn, options(horizontal=True))] if drawn else [],
    )  # fmt: skip


def _table(title: str, label: str, rows: list[tuple[Any, ...]]) -> Table:
    told = [(name, count, yuan(face), yuan(service), back) for name, count, face, service, back in rows]
    return Table(title, (label, *_HEADERS), told)
