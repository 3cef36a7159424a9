"""班次: my till (open, count, hand over), the list of shifts with their papers, differences, the printed report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import (
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, badge, column, link, moment, money
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, policy_for

from ..denominations import DENOMINATIONS, rows_of
from ..models import Shift, ShiftState
from ..permissions import SELL, SHIFTS
from ..selectors.drawers import colleagues_of, drawers_for
from ..selectors.shifts import running_shift, sums_of
from ..services.shift_reports import PAPERS, print_report
from ..services.shifts import confirm_shift, count_shift, hand_over_shift, open_shift, recount_shift
from .acting import CounterAdmin

STATE = dict(ShiftState.choices)
#: What a tender's line of a report is made of.
_PARTS = (("_in_count", str), ("_in", yuan), ("_back_count", str), ("_back", yuan), ("", yuan))


def _counts(request: HttpRequest) -> dict[str, str]:
    return {worth: request.POST.get(f"count-{worth}", "")[:12] for worth in DENOMINATIONS}


class ConfirmForm(forms.Form):
    """What the second person found."""

    words = forms.CharField(label=_("确认意见"), max_length=200, widget=UnfoldAdminTextInputWidget)


@admin.register(Shift)
class ShiftAdmin(CounterAdmin):
    """Shifts in reach. What should be in a drawer is shown once it is counted, to nobody before."""

    list_display = (
        "number", "c_unit", "c_drawer", "c_clerk", "c_opened", "c_closed", "c_counted", "c_difference",
        "c_to_remit", "c_state",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("opened_at", titled(RangeDateFilter, "开班时间")),
    )
    list_filter_submit = True
    list_select_related = ("unit", "drawer", "clerk")
    search_fields = ("number", "clerk__first_name", "unit__name")
    search_help_text = _("班次号、当班人、机构")
    ordering = ("-pk",)
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = (
        (None, ("number", "c_state", "c_unit", "c_drawer", "c_clerk", "c_opened", "c_closed")),
        ("开班", ("c_opening", "c_opening_difference", "opening_reason", "c_previous")),
        (
            "交班",
            (
                "c_counted", "c_expected", "c_difference", "c_pos_slips", "c_pos_expected", "c_pos_difference",
                "reason", "c_retained", "c_to_remit", "c_counted_by", "c_handed_to",
            ),
        ),
        ("差异确认", ("c_confirmed_by", "confirmation")),
    )  # fmt: skip
    export = Export(
        _("班次"),
        "counter_order.export",
        (
            Cell(_("班次号"), "number"),
            Cell(_("机构代码"), "unit__code"),
            Cell(_("机构"), "unit__name"),
            Cell(_("台席"), "drawer__name"),
            Cell(_("当班人"), "clerk__first_name"),
            Cell(_("开班时间"), "opened_at"),
            Cell(_("交班时间"), "closed_at"),
            Cell(_("备用金"), "opening"),
            Cell(_("应有现金"), "expected"),
            Cell(_("清点金额"), "counted"),
            Cell(_("长短款"), "difference"),
            Cell(_("POS 差异"), "pos_difference"),
            Cell(_("差异原因"), "reason"),
            Cell(_("留存备用金"), "retained"),
            Cell(_("应缴现金"), "to_remit"),
            Cell(_("接班人"), "handed_to__first_name"),
            Cell(_("差异确认人"), "confirmed_by__first_name"),
            Cell(_("状态"), "get_state_display"),
        ),
        related=("unit", "drawer", "clerk", "handed_to", "confirmed_by"),
    )

    c_unit = column("unit__name", "机构", order="unit__path")
    c_drawer = column("drawer__name", "台席", order=None)
    c_clerk = column("clerk__first_name", "当班人", order="clerk")
    c_opened = moment("opened_at", "开班时间")
    c_closed = moment("closed_at", "交班时间")
    c_opening = money("opening", "备用金")
    c_opening_difference = money("opening_difference", "与上一班留存相差")
    c_counted = money("counted", "清点金额")
    c_expected = money("expected", "应有现金")
    c_pos_slips = money("pos_slips", "POS 签购单合计")
    c_pos_expected = money("pos_expected", "POS 收据合计")
    c_pos_difference = money("pos_difference", "POS 差异")
    c_retained = money("retained", "留存备用金")
    c_counted_by = column("counted_by__first_name", "清点人", order=None)
    c_handed_to = column("handed_to__first_name", "接班人", order=None)
    c_confirmed_by = column("confirmed_by__first_name", "差异确认人", order=None)

    @admin.display(description=_("长短款"), ordering="difference")
    def c_difference(self, shift: Shift) -> str:
        return difference_words(shift)

    @admin.display(description=_("应缴现金"))
    def c_to_remit(self, shift: Shift) -> str:
        return yuan(shift.to_remit) if shift.counted is not None else "—"

    @admin.display(description=_("上一班"))
    def c_previous(self, shift: Shift) -> Any:
        before = shift.previous
        if before is None:
            return "—"
        return link("o2o_counter_sales_shift", before.pk, f"{before.number} {before.clerk.first_name}")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, shift: Shift) -> Any:
        return badge(shift.state, STATE)

    def tables(self, request: HttpRequest, obj: Shift) -> list[Table]:
        found = [_counted("备用金清点", obj.opening_counts)]
        if obj.counted is None:
            return found  # blind: sums of papers would tell what should be there
        sums = sums_of(obj)
        rows = [
            (words, *(show(getattr(sums, f"{tender}{part}")) for part, show in _PARTS))
            for tender, words in (("cash", "现金"), ("pos", "刷卡"), ("code", "扫码"))
        ]
        return [
            Table("收付", ("方式", "收款笔数", "收款", "退款笔数", "退款", "净额"), rows),
            *found,
            _counted("交班清点", obj.counts),
            _cards(obj),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("till/", self.till_view, "till"),
            self.own("<int:pk>/count/", self.count_view, "count"),
            self.own("<int:pk>/hand-over/", self.hand_over_view, "hand_over"),
            self.own("<int:pk>/confirm/", self.confirm_view, "confirm"),
            self.own("<int:pk>/recount/", self.recount_view, "recount"),
            self.own("<int:pk>/report/", self.report_view, "report"),
            *super().get_urls(),
        ]

    def _shift(self, request: HttpRequest, pk: int) -> Shift:
        try:
            return get_row(request.user, Shift.objects.select_related("unit", "drawer", "clerk"), pk=pk)
        except OutOfScope:
            raise Http404 from None

    def _show(self, request: HttpRequest, template: str, title: Any, **more: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}
        return TemplateResponse(request, f"o2o_counter_sales/{template}.html", context)

    def till_view(self, request: HttpRequest) -> HttpResponse:
        """我的班次: where the clerk stands, and the next step of it."""
        user: Any = request.user
        if not user.has_perm(SELL):
            raise PermissionDenied
        shift = running_shift(user)
        if shift is not None and shift.state == ShiftState.COUNTED:
            return HttpResponseRedirect(self._to("hand_over", shift))
        if shift is not None:
            return self._show(request, "till", _("我的班次"), shift=shift)
        typed, error = _counts(request), None
        if request.method == "POST":
            try:
                drawer = int(request.POST.get("drawer", "")[:15] or 0)
                opened = open_shift(user, drawer, typed, request.POST.get("reason", ""))
            except ValueError:
                raise Http404 from None
            except OutOfScope:
                raise Http404 from None
            except DomainError as refused:
                error = refused
            else:
                messages.success(
                    request,
                    _("已开班 %(number)s，备用金 %(opening)s")
                    % {"number": opened.number, "opening": yuan(opened.opening)},
                )
                return HttpResponseRedirect(self._to("till"))
        return self._show(
            request, "shift_open", _("开班"), drawers=drawers_for(user), counts=_fields(typed), error=error,
            chosen=request.POST.get("drawer", ""), reason=request.POST.get("reason", ""),
        )  # fmt: skip

    def count_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """清点: pieces by denomination and the terminal's total; nothing on this page says what should be there."""
        shift = self._shift(request, pk)
        self._require_mine(request, shift)
        if shift.state != ShiftState.OPEN:
            return HttpResponseRedirect(self._to("hand_over", shift))
        return self._counting(request, shift, recount=False)

    def recount_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """复点: a second person counts anew."""
        shift = self._shift(request, pk)
        self._require_managed(request, shift)
        return self._counting(request, shift, recount=True)

    def _counting(self, request: HttpRequest, shift: Shift, *, recount: bool) -> HttpResponse:
        typed, error = _counts(request), None
        pos, words = request.POST.get("pos", "")[:20], request.POST.get("words", "")[:200]
        if request.method == "POST":
            try:
                slips = parse_yuan(pos or "0", "pos")
                if recount:
                    done = recount_shift(request.user, shift.pk, typed, slips, words)
                else:
                    done = count_shift(request.user, shift.pk, typed, slips)
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as refused:
                error = refused
            else:
                page = "change" if recount else "hand_over"
                messages.success(
                    request, _("清点 %(counted)s，%(words)s")
                    % {"counted": yuan(done.counted), "words": difference_words(done)},
                )  # fmt: skip
                return HttpResponseRedirect(self._to(page, done))
        title = _("复点钱箱") if recount else _("清点钱箱")
        return self._show(
            request, "shift_count", title, shift=shift, counts=_fields(typed), pos=pos, words=words,
            recount=recount, error=error,
        )  # fmt: skip

    def hand_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """交班: the difference is on the table; its reason, what stays, who comes next."""
        shift = self._shift(request, pk)
        self._require_mine(request, shift)
        if shift.state == ShiftState.OPEN:
            return HttpResponseRedirect(self._to("count", shift))
        if shift.state != ShiftState.COUNTED:
            return HttpResponseRedirect(self._to("change", shift))
        error = None
        standing = min(shift.opening, shift.counted or Decimal(0))
        typed = {
            "retained": request.POST.get("retained", str(standing))[:20],
            "reason": request.POST.get("reason", "")[:200],
            "handed_to": request.POST.get("handed_to", "")[:15],
        }
        if request.method == "POST":
            next_clerk = typed["handed_to"]
            try:
                done = hand_over_shift(
                    request.user,
                    shift.pk,
                    parse_yuan(typed["retained"], "retained"),
                    typed["reason"],
                    int(next_clerk) if next_clerk.isascii() and next_clerk.isdigit() else None,
                )
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as refused:
                error = refused
            else:
                held = done.state == ShiftState.HELD
                messages.success(
                    request,
                    _("已清点，差异待另一人确认") if held
                    else _("已交班，应缴 %(sum)s") % {"sum": yuan(done.to_remit)},
                )  # fmt: skip
                return HttpResponseRedirect(self._to("change", done))
        return self._show(
            request, "shift_hand_over", _("交班"), shift=shift, typed=typed, error=error,
            sums=sums_of(shift), difference=difference_words(shift),
            pos_off=yuan(shift.pos_difference), colleagues=colleagues_of(shift),
        )  # fmt: skip

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person agrees."""
        shift = self._shift(request, pk)
        self._require_managed(request, shift)

        def do(values: dict[str, Any]) -> str:
            confirm_shift(request.user, pk, values["words"])
            return str(_("已确认"))

        title = f"{_('确认差异')} {shift.number}：{shift.clerk.first_name} {difference_words(shift)}（{shift.reason}）"
        return self.act(request, title, ConfirmForm(request.POST or None), do, self._to("change", shift))

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Print: every POST is one copy, counted."""
        shift = self._shift(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(self._to("change", shift))
        try:
            report = print_report(request.user, shift.pk, request.POST.get("paper", ""))
        except NotAllowed:
            raise PermissionDenied from None
        except DomainError as error:
            messages.error(request, error.in_words)
            return HttpResponseRedirect(self._to("change", shift))
        return TemplateResponse(
            request,
            "o2o_counter_sales/shift_report.html",
            {"report": report, "shift": report.shift, "difference": difference_words(report.shift)},
        )

    def tools(self, request: HttpRequest, row: Shift) -> list[tuple[str, Any]]:
        managed = policy_for(Shift).may(request.user, SHIFTS, row)
        mine = managed or row.clerk_id == request.user.pk
        second = managed and request.user.pk not in (row.clerk_id, row.counted_by_id)
        if mine and row.state == ShiftState.OPEN:
            return [(self._to("count", row), _("清点交班"))]
        if mine and row.state == ShiftState.COUNTED:
            return [(self._to("hand_over", row), _("交班"))]
        if second and row.state == ShiftState.HELD:
            return [(self._to("confirm", row), _("确认差异")), (self._to("recount", row), _("复点钱箱"))]
        return []

    def shown(self, request: HttpRequest, row: Shift) -> dict[str, Any]:
        found = super().shown(request, row)
        if row.counted is not None:
            found |= {
                "o2o_print": self._to("report", row),
                "o2o_print_words": _("打印交班单"),
                "o2o_papers": PAPERS,
            }
        return found

    def _require_mine(self, request: HttpRequest, shift: Shift) -> None:
        if shift.clerk_id != request.user.pk:
            self._require_managed(request, shift)

    def _require_managed(self, request: HttpRequest, shift: Shift) -> None:
        if not policy_for(Shift).may(request.user, SHIFTS, shift):
            raise PermissionDenied

    def _to(self, name: str, shift: Shift | None = None) -> str:
        return reverse(f"admin:{self._page(name)}", args=[shift.pk] if shift is not None else [])


def difference_words(shift: Shift) -> str:
    """`短款 ¥6.00`, `长款 ¥1.00`, `账实相符`; a dash before the count."""
    if shift.counted is None:
        return "—"
    if not shift.difference:
        return str(_("账实相符"))
    return f"{_('长款') if shift.difference > 0 else _('短款')} {yuan(abs(shift.difference))}"


def _fields(typed: dict[str, str]) -> list[tuple[str, str]]:
    return [(worth, typed[worth]) for worth in DENOMINATIONS]


def _counted(title: str, counts: dict[str, int]) -> Table:
    rows = [(f"¥{worth}", pieces, yuan(worth_)) for worth, pieces, worth_ in rows_of(counts)]
    return Table(title, ("面额", "张（枚）数", "金额"), rows)


def _cards(shift: Shift) -> Table:
    rows = [
        (one.number, one.get_kind_display(), one.terminal, one.slip, yuan(one.amount), at(one.at))
        for one in shift.pos_receipts.order_by("pk")
    ]
    return Table("刷卡", ("收据号", "类型", "终端号", "凭证号", "金额", "时间"), rows)
