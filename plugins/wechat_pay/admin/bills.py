"""微信账单: the days, a bill with its sums, the file itself, and a search by number over all lines."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter, RangeDateTimeFilter
from unfold.widgets import UnfoldAdminSelectWidget

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.columns import at, column, link_to, moment, money, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import error_words, yuan
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import Bill, BillKind, BillLine, BillState, MerchantAccount
from ..permissions import BILL_FETCH
from ..services.billing import ask_bill
from .acting import ActingAdmin, choice

STATE = dict(BillState.choices)
#: A trade bill's lines; a fund-flow bill's say in WeChat's own words what they are.
LINE_KIND = {"trade": "收款", "refund": "退款"}
TAKEN = audit.action("wechat_pay.bill_taken", "下载微信账单文件")


class FetchForm(forms.Form):
    """Which bill."""

    account = forms.ModelChoiceField(
        label="微信商户号", queryset=MerchantAccount.objects.none(), widget=UnfoldAdminSelectWidget
    )
    day = forms.DateField(
        label="账单日期",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),  # what browsers take
    )
    kind = choice("账单种类", BillKind.choices)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = rows_for(user, MerchantAccount)  # type: ignore[attr-defined]
        self.fields["day"].initial = today() - timedelta(days=1)


@admin.register(Bill)
class BillAdmin(ActingAdmin):
    """Bills by day."""

    begins = (("下载账单", "cloud_download", "fetch", BILL_FETCH),)
    list_display = ("day", "c_account", "c_kind", "c_state", "line_count", "c_stored", "tries", "c_error")
    list_display_links = ("day",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("day", RangeDateFilter),
    )
    list_filter_submit = True
    list_select_related = ("account",)
    search_fields = ("account__mchid", "account__name")
    search_help_text = "商户号、账户名称；按单号查请到“账单明细”"
    details = (
        (None, ("day", "c_account", "c_kind", "c_state", "line_count", "size", "sha1", "c_stored")),
        ("下载", ("tries", "c_next", "c_error")),
    )

    c_account = column("account", "微信商户号", str, order="account")
    c_kind = column("get_kind_display", "账单种类", lambda name: name(), order="kind")
    c_state = state("state", "状态", STATE)
    c_stored = moment("stored_at", "入库时间")
    c_next = moment("next_try_at", "下次下载")
    c_error = column("last_error", "最近错误", error_words)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[Any]:
        return [
            self.own("fetch/", self.fetch_view, "fetch"),
            self.own("<int:pk>/file/", self.file_view, "file"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Bill) -> list[Table]:
        sums = [(name, value) for name, value in obj.summary.items()]
        rows = [
            (str(line.position), at(line.at), LINE_KIND.get(line.kind, line.kind), yuan(line.amount),
             f"{line.fee:,.2f}", line.trade_number or "—", line.refund_number or "—", line.payer or "—")
            for line in obj.lines.order_by("position")[:200]
        ]  # fmt: skip
        headers = ("行", "时间", "类型", "金额", "手续费", "商户订单号", "商户退款号", "付款人")
        return [
            Table("汇总（与明细逐项核对一致）", ("项目", "数值"), sums),
            Table("明细（前 200 行）", headers, rows),
        ]

    def doors(self, request: HttpRequest, obj: Bill) -> Any:
        if not policy_for(Bill).may(request.user, BILL_FETCH, obj):
            return ()
        if obj.state == BillState.STORED:
            return [door("下载原文", "download", reverse(f"admin:{self._page('file')}", args=[obj.pk]))]
        if obj.state in (BillState.FAILED, BillState.WAITING):
            query = f"?account={obj.account_id}&day={obj.day:%Y-%m-%d}&kind={obj.kind}"
            return [door("重新下载", "refresh", reverse(f"admin:{self._page('fetch')}") + query)]
        return ()

    def fetch_view(self, request: HttpRequest) -> HttpResponse:
        """Ask WeChat for a bill now."""
        user: Any = request.user
        if not user.has_perm(BILL_FETCH):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            if not policy_for(MerchantAccount).may(user, BILL_FETCH, values["account"]):
                raise PermissionDenied
            bill = ask_bill(values["account"], values["day"], values["kind"])
            if bill.state == BillState.STORED:
                return f"已入库，共 {bill.line_count} 行"
            if bill.state == BillState.EMPTY:
                return "微信答复：当日没有账单"
            return f"还没有取到（{error_words(bill.last_error)}），系统会继续下载"

        given = {name: request.GET[name] for name in ("account", "day", "kind") if name in request.GET}
        form = FetchForm(user, request.POST or None, initial=given)
        back = reverse(f"admin:{self._page('changelist')}")
        intro = "每天 10 点后自动下载昨天的账单；这里用于补取。入库的账单不再改变。"
        return self.act(request, "下载微信账单", form, do, back, intro)

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file as WeChat made it; who takes it is written down, for it names the payers."""
        bill: Bill = self.row(request, pk)
        if not policy_for(Bill).may(request.user, BILL_FETCH, bill):
            raise PermissionDenied
        if bill.state != BillState.STORED or bill.content is None:
            raise Http404
        audit.record(TAKEN, bill, after={"sha1": bill.sha1})
        response = HttpResponse(gzip.decompress(bytes(bill.content)), content_type="text/csv; charset=utf-8")
        name = f"{bill.account.mchid}-{bill.day:%Y%m%d}-{bill.kind}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


@admin.register(BillLine)
class BillLineAdmin(ActingAdmin):
    """All lines, to be found by any number."""

    list_display = (
        "c_at",
        "c_kind",
        "c_amount",
        "c_fee",
        "trade_number",
        "refund_number",
        "provider_ref",
        "payer",
        "c_bill",
    )
    list_display_links = ("c_at",)
    list_filter = (("at", RangeDateTimeFilter),)
    list_filter_submit = True
    list_select_related = ("bill__account",)
    search_fields = ("=trade_number", "=refund_number", "=provider_ref", "=refund_ref")
    search_help_text = "商户订单号、商户退款号、微信支付单号、微信退款单号"
    details = (
        (
            None,
            (
                "c_bill",
                "position",
                "c_at",
                "c_kind",
                "trade_number",
                "provider_ref",
                "refund_number",
                "refund_ref",
            ),
        ),
        ("金额", ("c_amount", "c_fee", "payer")),
    )
    export = Export(
        "微信账单明细",
        "payment_bill.export",
        (
            Cell("商户号", "bill__account__mchid"),
            Cell("账单日期", "bill__day"),
            Cell("时间", "at"),
            Cell("类型", lambda row: LINE_KIND.get(row.kind, row.kind)),
            Cell("商户订单号", "trade_number"),
            Cell("微信支付单号", "provider_ref"),
            Cell("商户退款号", "refund_number"),
            Cell("金额", "amount"),
            Cell("手续费", "fee"),
        ),
        related=("bill__account",),
    )

    c_bill = link_to("bill", "账单", "o2o_wechat_pay_bill")
    c_kind = column("kind", "类型", lambda kind: LINE_KIND.get(kind, kind))
    c_at = moment("at", "交易时间")
    c_amount = money("amount", "金额")
    c_fee = column("fee", "手续费", lambda fee: f"{fee:,.2f}")

    def tables(self, request: HttpRequest, obj: BillLine) -> list[Table]:
        return [
            Table("原始字段", ("字段", "内容"), [(name, value or "—") for name, value in obj.fields.items()])
        ]
