"""收付款报表: what came in and went back by way of paying, as charts and tables, and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from saleor.payment.models import Payment

from saleor_o2o.cashier.figure_tables import sections
from saleor_o2o.cashier.figures import Report, report
from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.cashier.registry import account_titles
from saleor_o2o.kernel.scope import rows_for

from ..labels import close_words, yuan
from .base import Table
from .filters import below
from .reports import GREEN, GREY, RED, asked_of, chart, options, workbook

DAYS = 14


def payment_report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of the payments in reach, as the address asks: days, unit (and below). `format=xlsx`: a workbook."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    asked = asked_of(request, DAYS, _("到账自"))
    intents, payments = rows_for(request.user, PaymentIntent), rows_for(request.user, Payment)
    if asked["unit"]:
        made = below(asked["unit"], "order__o2o_profile__org_path")
        intents, payments = intents.filter(made), payments.filter(made)
    found = report(intents, payments, asked["first"], asked["last"])
    tables = _tables(found)
    tables += [
        Table(one.title, one.headers, one.rows) for one in sections(intents, asked["first"], asked["last"])
    ]
    if request.GET.get("format") == "xlsx":
        if not page.has_export_permission(request):
            raise PermissionDenied
        return workbook(request, "o2o_cashier.report", "收付款报表", asked, tables)
    return _shown(page, request, asked, found, tables)


def _tables(found: Report) -> list[Table]:
    names = account_titles()
    methods = [
        (row.method, names.get(row.account, row.account) or "—", row.payments, yuan(row.taken), row.refunds,
         yuan(row.refunded), yuan(row.net), yuan(row.waiting))
        for row in found.methods
    ]  # fmt: skip
    tries = [
        (row.method, row.begun, row.paid, row.closed, "—" if row.rate is None else f"{row.rate}%",
         "—" if row.seconds is None else row.seconds)
        for row in found.tries
    ]  # fmt: skip
    days = [
        (day.day.isoformat(), yuan(day.taken), yuan(day.refunded), yuan(day.taken - day.refunded))
        for day in reversed(found.days)
    ]
    closed = [(close_words(code) or "—", count) for code, count in found.closed]
    return [
        Table(
            "按支付方式",
            ("支付方式", "收款账户", "收款笔数", "收款", "退款笔数", "已退", "净额", "退款在途"),
            methods,
        ),
        Table("支付成功率", ("支付方式", "发起", "成功", "关闭", "成功率", "平均用时（秒）"), tries),
        Table(
            "退款原因", ("原因", "笔数", "金额"), [(name, n, yuan(total)) for name, n, total in found.reasons]
        ),
        Table("未付关闭原因", ("原因", "支付单数"), closed),
        Table("按日", ("日期", "收款", "退款", "净额"), days),
    ]


def _shown(
    page: Any, request: HttpRequest, asked: dict[str, Any], found: Report, tables: Sequence[Table]
) -> HttpResponse:
    ways: dict[str, Decimal] = {}  # of all accounts together
    for row in found.methods:
        ways[row.method] = ways.get(row.method, Decimal(0)) + row.taken
    rate = f"{100 * found.paid / found.intents:.1f}%" if found.intents else "—"
    context = {
        **page.admin_site.each_context(request),
        "title": _("收付款报表"),
        "content_title": _("收付款报表"),
        "asked": asked,
        "cards": [
            ("收款", yuan(found.taken), f"{sum(row.payments for row in found.methods)} 笔"),
            ("已退", yuan(found.refunded), f"{sum(row.refunds for row in found.methods)} 笔"),
            ("净额", yuan(found.taken - found.refunded), "收款减已退"),
            ("退款在途", yuan(found.waiting), "已发起，尚未到账"),
            ("支付完成率", rate, f"{found.paid} / {found.intents} 张支付单"),
        ],
        "charts": [
            ("按支付方式", "bar", chart(
                list(ways), [("收款（元）", list(ways.values()), GREEN)],
             ), options(horizontal=True, in_yuan=True)),
            ("每日", "line", chart(
                [day.day.isoformat()[5:] for day in found.days],
                [("收款（元）", [day.taken for day in found.days], GREEN),
                 ("退款（元）", [day.refunded for day in found.days], RED)],
             ), options(in_yuan=True)),
            ("退款原因", "bar", chart(
                [name for name, _n, _yuan in found.reasons],
                [("金额（元）", [total for _name, _n, total in found.reasons], GREY)],
             ), options(horizontal=True, in_yuan=True)),
        ],
        "tables": tables,
        "may_export": page.has_export_permission(request),
        "query": request.GET.urlencode(),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_backoffice/report.html", context)
