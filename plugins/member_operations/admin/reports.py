"""会员报表: who came, who buys, who stays away; followers to buyers; levels; points; what people say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.reports import BLUE, GREEN, GREY, RED, asked_of, chart, options, shown
from saleor_o2o.kernel.scope import rows_for

from ..models import Survey
from ..permissions import REPORT_EXPORT, REPORT_VIEW
from ..reporting import Report, Row, Score, report, scores

DAYS = 30
_HEADERS = ("会员", "新增", "活跃（有购买）", "留存", "流失", "复购", "复购率", "留存率")


def report_view(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the members in reach. `format=xlsx`: a workbook, for whoever may take rows out."""
    if not request.user.has_perm(REPORT_VIEW):
        raise PermissionDenied
    asked = asked_of(request, DAYS, _("自"))
    below = None
    if asked["unit"]:
        units = rows_for(request.user, OrgUnit, REPORT_VIEW)
        # an unknown one is said: the figures of all would be taken for its own
        below = units.filter(code=asked["unit"].upper()).first()
        if below is None:
            messages.error(
                request,
                _("没有机构 %(code)s，或不在您管辖的范围；以下为全部机构") % {"code": asked["unit"]},
            )
            asked["unit"] = ""
    found = report(request.user, asked["first"], asked["last"], below)
    surveys = rows_for(request.user, Survey)
    if below is not None:
        surveys = surveys.filter(unit__path__startswith=below.path)
    nps = scores(surveys, asked["first"], asked["last"])
    tables = _tables(found, nps)
    may_export = request.user.has_perm(REPORT_EXPORT)
    return shown(
        page, request, "o2o_member_operations.report", _("会员报表"), asked, tables, _cards(found, nps[0]),
        may_export=may_export, charts=_charts(found, nps),
    )  # fmt: skip


def _percent(value: float | None) -> str:
    return f"{value}%" if value is not None else "—"


def _cells(row: Row) -> tuple[Any, ...]:
    return (
        row.name, row.members, row.new, row.active, row.retained, row.lapsed, row.again, _percent(row.repurchase),
        _percent(row.retention),
    )  # fmt: skip


def _tables(found: Report, nps: list[Score]) -> list[Table]:
    points = found.points
    return [
        Table("按机构", ("机构", *_HEADERS), [_cells(row) for row in found.units]),
        Table("按注册来源", ("来源", *_HEADERS), [_cells(row) for row in found.sources]),
        Table("从粉丝到顾客", ("", "人数"), found.funnel),
        Table("等级分布", ("等级", "会员"), found.levels),
        Table(
            "积分", ("期内发放", "期内使用", "期内过期", "期末未使用"),
            [tuple(f"{value:,.0f}" for value in (points.issued, points.used, points.expired, points.out))],
        ),
        Table(
            "推荐意愿（NPS）", ("机构", "邀请", "回答", "推荐（9–10）", "中立（7–8）", "不满（0–6）", "NPS"),
            [
                (one.name, one.asked, one.answered, one.promoters, one.passives, one.detractors,
                 one.nps if one.nps is not None else "—")
                for one in nps
            ],
        ),
    ]  # fmt: skip


def _cards(found: Report, nps: Score) -> list[tuple[Any, Any, str]]:
    whole = found.whole
    return [
        (_("会员"), f"{whole.members:,}", f"期内新增 {whole.new:,}"),
        (_("活跃会员"), f"{whole.active:,}", "期内有购买"),
        (_("留存率"), _percent(whole.retention), f"上一个同长时段买过的，流失 {whole.lapsed:,}"),
        (_("复购率"), _percent(whole.repurchase), f"期内买过不止一次 {whole.again:,}"),
        (_("未使用积分"), f"{found.points.out:,.0f}", f"期内发放 {found.points.issued:,.0f}"),
        (_("推荐意愿 NPS"), nps.nps if nps.nps is not None else "—", f"{nps.answered:,} 人回答"),
    ]


def _charts(found: Report, nps: list[Score]) -> list[tuple[str, str, str, str]]:
    def bars(name: str, rows: list[tuple[str, Any]], colour: str = GREEN) -> tuple[str, str, str, str]:
        data = chart([label for label, _value in rows], [("人", [value for _label, value in rows], colour)])
        return (name, "bar", data, options(horizontal=True))

    units = found.units[:12]
    moving = chart(
        [row.name for row in units],
        [
            ("新增", [row.new for row in units], BLUE),
            ("活跃", [row.active for row in units], GREEN),
            ("留存", [row.retained for row in units], GREY),
            ("流失", [row.lapsed for row in units], RED),
        ],
    )
    points = found.points
    said = [one for one in nps[1:13] if one.answered]
    return [
        ("新增、活跃、留存、流失", "bar", moving, options()),
        bars("按注册来源：新增", [(row.name, row.new) for row in found.sources], BLUE),
        bars("从粉丝到顾客", found.funnel),
        bars("等级分布", found.levels),
        (
            "积分（个）", "bar",
            chart(["期内发放", "期内使用", "期内过期", "期末未使用"],
                  [("积分", [points.issued, points.used, points.expired, points.out], GREEN)]),
            options(horizontal=True),
        ),
        (
            "推荐意愿（人）", "bar",
            chart(
                [one.name for one in said],
                [
                    ("推荐", [one.promoters for one in said], GREEN),
                    ("中立", [one.passives for one in said], GREY),
                    ("不满", [one.detractors for one in said], RED),
                ],
            ),
            options(),
        ),
    ]  # fmt: skip
