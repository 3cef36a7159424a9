"""公众号报表: followers beside WeChat's own count, messages, taps of the menus, as charts and tables."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import AMBER, BLUE, GREEN, GREY, RED, asked_of, chart, options, shown
from saleor_o2o.backoffice.columns import column
from saleor_o2o.kernel.scope import rows_for

from ..figures import totals_of
from ..models import Account, AccountDay, ClickDay, Menu
from ..permissions import EXPORT
from .acting import AccountPage

#: Days shown without being asked, and buttons in the chart.
DAYS, BUTTONS = 14, 10
NOW = ("公众号", "关注中", "累计关注", "已取消", "会员", "48 小时内可发消息")
BY_DAY = (
    "日期", "公众号", "新关注", "微信", "取消关注", "微信", "关注人数", "微信", "相差",
    "收到消息", "自动回复", "人工回复",
)  # fmt: skip


@admin.register(AccountDay)
class AccountDayAdmin(AccountPage):
    """Days of the accounts in reach."""

    list_display = (
        "day", "c_account", "new", "gone", "total", "c_wechat", "c_differs", "messages", "answered", "written",
    )  # fmt: skip
    list_display_links = ("day",)
    list_select_related = ("account",)
    list_filter = ("account",)
    begins = (("报表", "monitoring", "report", "official_account.view"),)
    details = (
        (None, ("c_account", "day", "new", "gone", "total", "messages", "answered", "written")),
        ("微信统计", ("wechat_new", "wechat_gone", "wechat_total", "c_differs")),
    )

    c_account = column("account__name", "公众号")
    c_wechat = column("wechat_total", "关注人数（微信）", str)

    @admin.display(description="相差")
    def c_differs(self, obj: AccountDay) -> str:
        """WeChat's count beyond ours."""
        return "—" if obj.differs is None else f"{obj.differs:+d}" if obj.differs else "0"

    def get_urls(self) -> list[Any]:
        return [self.own("report/", self.report_view, "report"), *super().get_urls()]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """公众号报表. `format=xlsx`: a workbook, for whoever may take rows out."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = asked_of(request, DAYS, "日期自")
        accounts = rows_for(request.user, Account).order_by("pk")
        if asked["unit"]:
            accounts = accounts.filter(below(asked["unit"], "unit__path"))
        return shown(
            self, request, "o2o_official_account.report", "公众号报表", asked,
            **_figures(list(accounts), asked["first"], asked["last"]), may_export=request.user.has_perm(EXPORT),
        )  # fmt: skip


def _figures(accounts: list[Account], first: date, last: date) -> dict[str, Any]:
    """Cards, charts and tables; the statements grow with the accounts (a city has few), not with days or taps."""
    days = [first + timedelta(days=number) for number in range(min((last - first).days + 1, 366))]
    rows = list(
        AccountDay.objects.filter(account__in=accounts, day__gte=first, day__lte=last)
        .select_related("account").order_by("-day", "account")
    )  # fmt: skip
    by_day: dict[date, Counter[str]] = {day: Counter() for day in days}
    for row in rows:
        for name in ("new", "gone", "messages", "answered", "written", "wechat_new", "wechat_gone"):
            by_day.get(row.day, Counter())[name] += getattr(row, name) or 0
    taps = list(
        ClickDay.objects.filter(account__in=accounts, day__gte=first, day__lte=last)
        .order_by().values_list("account_id", "target").annotate(clicks=Sum("clicks")).order_by("-clicks")[:100]
    )  # fmt: skip
    daily = (
        ClickDay.objects.filter(account__in=accounts, day__gte=first, day__lte=last)
        .order_by().values_list("day").annotate(clicks=Sum("clicks"))
    )  # fmt: skip
    names, clicks = _names(accounts), dict(daily)
    whole = sum(by_day.values(), Counter[str]())
    standing = {account.pk: totals_of(account) for account in accounts}
    labels = [f"{day:%m-%d}" for day in days]

    def line(name: str) -> list[int]:
        return [by_day[day][name] for day in days]

    by_name = {account.pk: account.name for account in accounts}
    told = [
        (by_name[key], names.get((key, target), "（已不在菜单里）"), target, count)
        for key, target, count in taps
    ]
    now_there = list(standing.values())
    members, tapped = sum(one.members for one in now_there), [clicks.get(day, 0) for day in days]
    most, wechats = told[:BUTTONS], [("新关注（微信）", line("wechat_new"), GREY)]
    moves = [("新关注", line("new"), GREEN), ("取消关注", line("gone"), RED), *wechats]
    talk = [
        ("收到", "messages", GREEN),
        ("自动回复", "answered", AMBER),
        ("人工回复", "written", BLUE),
    ]
    talks = [(name, line(field), colour) for name, field, colour in talk]
    ranks = [("点击", [count for *_x, count in most], GREEN)]
    return {
        "cards": [
            ("关注中", sum(one.following for one in now_there), f"其中会员 {members} 人"),
            ("新关注", whole["new"], f"微信统计 {whole['wechat_new']}"),
            ("取消关注", whole["gone"], f"微信统计 {whole['wechat_gone']}"),
            ("收到消息", whole["messages"], f"自动回复 {whole['answered']}，人工回复 {whole['written']}"),
            ("菜单点击", sum(clicks.values()), f"{len(taps)} 个按钮被点过"),
            ("48 小时内可发消息", sum(one.reachable for one in now_there), "现在"),
        ],
        "charts": [
            ("关注变化", "line", chart(labels, moves), options()),
            ("消息", "line", chart(labels, talks), options()),
            ("菜单点击", "bar", chart(labels, [("点击", tapped, GREEN)]) if clicks else "", options()),
            (
                "点得最多的按钮",
                "bar",
                chart([name for _a, name, *_x in most], ranks),
                options(horizontal=True),
            ),
        ],
        "tables": [
            Table("公众号现在", NOW, [(account.name, *standing[account.pk]) for account in accounts]),
            Table("按日（昨天及以前）", BY_DAY, [_cells(row) for row in rows]),
            Table("菜单点击", ("公众号", "按钮", "KEY 或网址", "次数"), told),
        ],
    }


def _cells(row: AccountDay) -> tuple[Any, ...]:
    return (
        row.day, row.account.name, row.new, _or(row.wechat_new), row.gone, _or(row.wechat_gone), row.total,
        _or(row.wechat_total), _or(row.differs), row.messages, row.answered, row.written,
    )  # fmt: skip


def _or(value: int | None) -> Any:
    return "—" if value is None else value


def _names(accounts: list[Account]) -> dict[tuple[int, str], str]:
    """What buttons are called by what they send or open, as the menus stand now; the ordinary menu's word counts."""
    found: dict[tuple[int, str], str] = {}
    for menu in Menu.objects.filter(account__in=accounts).order_by("-kind", "pk"):
        for top in menu.buttons:
            for one in top.get("sub_button") or (top,):
                target = one.get("key") or one.get("url") or ""
                found[(menu.account_id, target)] = str(one.get("name", ""))
    return found
