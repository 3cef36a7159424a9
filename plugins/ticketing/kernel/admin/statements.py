"""供应商对账: a day's file against our bookings, differences explained, closed; the month by supplier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import column, moment, money, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..access import SETTLE, SUPPLIER_VIEW, may_for_city
from ..choices import CallKind, MatchState
from ..models import StatementLine, SupplierAccount, SupplierStatement
from ..parts import text_of
from ..services.statement_files import fetch_again, upload
from ..services.statements import billing, note, open_differences, settle

KIND = dict(CallKind.choices)
MATCH = dict(MatchState.choices)
#: Lines that one page explains.
MOST = 100


class DayForm(forms.Form):
    """Whose file, of which day."""

    supplier = forms.ModelChoiceField(
        label=_("供应商"), queryset=SupplierAccount.objects.none(), widget=UnfoldAdminSelectWidget
    )
    day = forms.DateField(label=_("账单日"), widget=UnfoldAdminSingleDateWidget)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["supplier"]
        field.queryset = rows_for(user, billing()).order_by("name")


class FileForm(DayForm):
    """With the file."""

    file = forms.FileField(
        label=_("Excel 文件（.xlsx）"), widget=UnfoldAdminFileFieldWidget,
        help_text=_("表头：业务、供应商单号、供应商票号、航段、金额；航段可以不要，一张票号有几程的填第几程；业务填出票、退票、改签、代理费或退代理费，退票和代理费的金额为负数"),
    )  # fmt: skip


class NotesForm(forms.Form):
    """How each difference was dealt with."""

    def __init__(self, data: Any, lines: Sequence[StatementLine], **more: Any) -> None:
        super().__init__(data, **more)
        for one in lines:
            self.fields[f"line_{one.pk}"] = forms.CharField(
                label=f"{one.get_match_display()} · {one.get_kind_display()} {one.their_ticket or one.their_number}",
                max_length=200,
                required=False,
                widget=UnfoldAdminTextInputWidget,
                help_text=_("供应商 %(theirs)s，我方 %(ours)s")
                % {"theirs": yuan(one.amount), "ours": "—" if one.ours is None else yuan(one.ours)},
            )

    def notes(self) -> dict[int, str]:
        """What was typed, by line."""
        return {int(name.removeprefix("line_")): words for name, words in self.cleaned_data.items() if words}


class SettleForm(forms.Form):
    """What was looked at when it is closed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


def _rows(lines: Sequence[StatementLine]) -> list[tuple[Any, ...]]:
    return [
        (
            MATCH.get(one.match, one.match), KIND.get(one.kind, one.kind), yuan(one.amount),
            "—" if one.ours is None else yuan(one.ours), yuan(one.amount - (one.ours or Decimal(0))),
            one.settled_note or "—", one.ticket.number if one.ticket is not None else "—",
            one.their_ticket or "—", one.their_number or "—",
            text_of(one.ticket) if one.ticket is not None else "—",
        )
        for one in lines
    ]  # fmt: skip


#: What is to be decided first, where it is seen without scrolling; the numbers to look it up by after it.
HEADERS = (
    "核对", "业务", "供应商金额", "我方金额", "差额", "处理说明", "票号", "供应商票号", "供应商单号", "票面组成",
)  # fmt: skip


@admin.register(SupplierStatement)
class StatementAdmin(ActingAdmin):
    """Statements of all suppliers, for the whole city."""

    begins = (
        (_("重新取对账单"), "sync", "fetch", SETTLE),
        (_("导入对账单"), "upload_file", "upload", SETTLE),
    )
    list_display = ("c_supplier", "day", "lines_count", "c_total", "differences", "c_taken", "c_settled")
    list_display_links = ("c_supplier", "day")
    list_select_related = ("supplier",)
    list_filter = ("supplier", ("day", titled(RangeDateFilter, "账单日")))
    list_filter_submit = True
    search_fields = ("supplier__name", "supplier__code", "lines__their_number", "lines__their_ticket")
    search_help_text = _("供应商、供应商单号、供应商票号")
    ordering = ("-day", "supplier")
    details = (
        (
            None,
            (
                "c_supplier", "day", "lines_count", "c_total", "differences", "c_taken", "c_asked", "c_hand",
                "c_settled",
            ),
        ),
    )  # fmt: skip

    c_supplier = column("supplier__name", "供应商")
    c_total = money("total", "供应商合计")
    c_taken = moment("taken_at", "导入时间")
    c_settled = moment("settled_at", "核销时间")
    c_asked = moment("asked_at", "上次取账单")
    c_hand = yes_no("by_hand", "手工导入")

    def tables(self, request: HttpRequest, obj: SupplierStatement) -> Sequence[Table]:
        lines = obj.lines.select_related("ticket").order_by("pk")
        differing = list(lines.exclude(match=MatchState.SAME).order_by("settled_note", "pk")[:MOST])
        same = list(lines.filter(match=MatchState.SAME)[:MOST])
        # those that nobody has explained come first; where there are more than a page has, it says so
        most = lines.exclude(match=MatchState.SAME).count()
        title = _("差异（%(most)d 笔，列出 %(shown)d 笔）") if most > MOST else _("差异（%(most)d 笔）")
        return [
            Table(str(title % {"most": most, "shown": len(differing)}), HEADERS, _rows(differing)),
            Table(str(_("一致（前 100 笔）")), HEADERS, _rows(same)),
        ]

    def doors(self, request: HttpRequest, obj: SupplierStatement) -> Sequence[Mapping[str, Any]]:
        if obj.settled_at is not None or not may_for_city(request.user, SETTLE):
            return ()
        if obj.differences:
            return [door(_("说明差异"), "edit_note", self.address("notes", obj.pk))]
        return [door(_("核销"), "task_alt", self.address("settle", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("report/", self.report_view, "report"),
            self.own("fetch/", self.fetch_view, "fetch"),
            self.own("upload/", self.upload_view, "upload"),
            self.own("<int:pk>/notes/", self.notes_view, "notes"),
            self.own("<int:pk>/settle/", self.settle_view, "settle"),
            *super().get_urls(),
        ]

    def _day(
        self,
        request: HttpRequest,
        form: DayForm,
        title: Any,
        note_: Any,
        take: Callable[..., SupplierStatement],
    ) -> HttpResponse:
        """Take a day's file in and show it with its differences."""
        if request.method == "POST" and form.is_valid():
            try:
                found = take(form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                messages.success(
                    request,
                    _("共 %(lines)d 笔，%(open)d 笔差异")
                    % {"lines": found.lines_count, "open": found.differences},
                )
                return HttpResponseRedirect(self.page_of(found.pk))
        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, title, form, lambda _told: "", back, note=note_, only_look=True)

    def fetch_view(self, request: HttpRequest) -> HttpResponse:
        """Ask the supplier for a day once more, also long ago."""
        if not may_for_city(request.user, SETTLE):
            raise PermissionDenied
        form = DayForm(request.user, request.POST if request.method == "POST" else None)
        return self._day(
            request, form, _("重新取对账单"),
            _("向供应商再取一次这一天的账单；有更正的，换成新的明细重新核对，已写的差异说明保留。已核销的不会改。"),
            lambda told: fetch_again(request.user, told["supplier"].pk, told["day"]),
        )  # fmt: skip

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """A file that came by mail."""
        if not may_for_city(request.user, SETTLE):
            raise PermissionDenied
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = FileForm(request.user, data, files)
        return self._day(
            request, form, _("导入对账单"),
            _("供应商用邮件给的账单在这里导入；导入后系统不再自动取这一天的账单。"),
            lambda told: upload(
                request.user, told["supplier"].pk, told["day"], told["file"].file, told["file"].size
            ),
        )  # fmt: skip

    def notes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A line of words for each difference."""
        row: SupplierStatement = self.row(request, pk, SETTLE)
        lines = list(open_differences(row).select_related("ticket").order_by("pk")[:MOST])
        form = NotesForm(request.POST if request.method == "POST" else None, lines)

        def do(_told: dict[str, Any]) -> str:
            left = note(request.user, pk, form.notes())
            return str(_("已记录，还有 %(count)d 笔差异") % {"count": left.differences})

        return self.act(
            request, _("说明差异 %(name)s") % {"name": row}, form, do, self.page_of(pk),
            note=_("写明怎么处理（补记、供应商更正、下期抵扣……）；说明以后不再算差异。"),
        )  # fmt: skip

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything agrees or is explained."""
        row: SupplierStatement = self.row(request, pk, SETTLE)
        data = request.POST.copy() if request.method == "POST" else None
        form = SettleForm(data, initial={"seen": row.digest})

        def do(told: dict[str, Any]) -> str:
            settle(request.user, pk, told["seen"])
            return str(_("已核销"))

        facts = ((_("供应商合计"), yuan(row.total)), (_("笔数"), row.lines_count))
        response = self.act(
            request, _("核销 %(name)s") % {"name": row}, form, do, self.page_of(pk), facts=facts,
            note=_("核销以后不能再改。"),
        )  # fmt: skip
        if response.status_code != 302 and data is not None:
            data["seen"] = row.digest
        return response

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """A month by supplier: what they say, what we say, what is open."""
        user: Any = request.user
        if not user.has_perm(SUPPLIER_VIEW):
            raise PermissionDenied
        may_export = may_for_city(user, SETTLE)
        if request.GET.get("format") == "xlsx" and not may_export:
            raise PermissionDenied
        asked = asked_of(request, 31, _("自"), by_unit=False)
        if "first" not in request.GET:
            asked["first"] = (today().replace(day=1) - timedelta(days=1)).replace(day=1)
        rows = rows_for(user, SupplierStatement).filter(day__gte=asked["first"], day__lte=asked["last"])
        tables = [_by_supplier(rows), _by_kind(rows)]
        total = rows.aggregate(total=Sum("total"), open=Sum("differences"), days=Count("pk"))
        cards = [
            (_("供应商合计"), yuan(total["total"]), ""),
            (_("账单"), str(total["days"]), _("张")),
            (_("未说明的差异"), str(total["open"] or 0), _("笔")),
        ]
        return shown(
            self, request, "o2o_ticketing.statements", _("供应商对账汇总"), asked, tables, cards,
            may_export=may_export,
        )  # fmt: skip


def _by_supplier(rows: Any) -> Table:
    found = rows.order_by("supplier__name", "day__year", "day__month").values_list(
        "supplier__name", "day__year", "day__month"
    ).annotate(
        Count("pk"), Sum("lines_count"), Sum("total"), Sum("differences"),
        settled=Count("pk", filter=Q(settled_at__isnull=False)),
    )  # fmt: skip
    lines = [
        (name, f"{year}-{month:02d}", days, count, yuan(total), open_, f"{settled} / {days}")
        for name, year, month, days, count, total, open_, settled in found
    ]
    return Table(
        "按供应商、月份", ("供应商", "月份", "账单", "笔数", "供应商合计", "未说明差异", "已核销"), lines
    )


def _by_kind(rows: Any) -> Table:
    found = (
        StatementLine.objects.filter(statement__in=rows.order_by().values("pk"))
        .order_by("statement__supplier__name", "kind", "match")
        .values_list("statement__supplier__name", "kind", "match")
        .annotate(Count("pk"), Sum("amount"), Sum("ours"))
    )
    lines = [
        (name, KIND.get(kind, kind), MATCH.get(match, match), count, yuan(theirs), yuan(ours),
         yuan((theirs or Decimal(0)) - (ours or Decimal(0))))
        for name, kind, match, count, theirs, ours in found
    ]  # fmt: skip
    return Table("按业务和核对结果", ("供应商", "业务", "核对", "笔数", "供应商", "我方", "差额"), lines)
