"""缴款单: made by the branch, checked and booked by the county."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from plugins.org_hierarchy.interfaces import Level, OrgUnit, staff_of
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, link, moment, money
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, policy_for, rows_for

from ..denominations import DENOMINATIONS, rows_of
from ..models import Remittance, RemittanceState
from ..permissions import MAKE_REMITTANCE, VERIFY_REMITTANCE
from ..services import remittances
from ..services.shift_reports import PAPERS
from .acting import CounterAdmin

STATE = dict(RemittanceState.choices)


class MakeForm(forms.Form):
    """Whose shifts."""

    unit = forms.ModelChoiceField(
        label=_("机构"), queryset=OrgUnit.objects.none(), widget=UnfoldAdminSelectWidget, empty_label=None
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rows_for(user, OrgUnit, MAKE_REMITTANCE).filter(level__gte=Level.BRANCH)
        self.fields["unit"].queryset = units.order_by("path")  # type: ignore[attr-defined]
        staff = staff_of(user)
        if staff is not None:
            self.fields["unit"].initial = staff.unit_id


class YesForm(forms.Form):
    """Nothing to type."""


class ReturnForm(forms.Form):
    """Why the slip goes back."""

    why = forms.CharField(label=_("退回原因"), max_length=200, widget=UnfoldAdminTextInputWidget)


@admin.register(Remittance)
class RemittanceAdmin(CounterAdmin):
    """Slips in reach; everything that changes one goes through the services."""

    list_display = (
        "number", "c_unit", "c_made", "c_expected", "c_amount", "c_difference", "bank", "reference", "c_state",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (("state", ChoicesDropdownFilter), ("made_at", titled(RangeDateFilter, "制单时间")))
    list_filter_submit = True
    list_select_related = ("unit",)
    search_fields = ("number", "unit__name", "reference")
    search_help_text = _("缴款单号、机构、回单号")
    ordering = ("-pk",)
    list_before_template = "o2o_counter_sales/float_tools.html"
    change_form_outer_before_template = "o2o_counter_sales/float_tools.html"
    details = (
        (None, ("number", "c_state", "c_unit", "c_expected", "c_amount", "c_difference", "explanation")),
        ("存款", ("bank", "reference", "c_movement")),
        (
            "经办",
            (
                "c_maker",
                "c_made",
                "c_submitted",
                "c_checker",
                "c_checked",
                "c_booker",
                "c_booked",
                "return_reason",
            ),
        ),
    )  # fmt: skip
    export = Export(
        _("缴款单"),
        "remittance.export",
        (
            Cell(_("缴款单号"), "number"),
            Cell(_("机构代码"), "unit__code"),
            Cell(_("机构"), "unit__name"),
            Cell(_("应缴"), "expected"),
            Cell(_("实缴"), "amount"),
            Cell(_("差异说明"), "explanation"),
            Cell(_("存款银行"), "bank"),
            Cell(_("存款回单号"), "reference"),
            Cell(_("制单人"), "made_by__first_name"),
            Cell(_("提交时间"), "submitted_at"),
            Cell(_("核对人"), "checked_by__first_name"),
            Cell(_("入账人"), "booked_by__first_name"),
            Cell(_("入账时间"), "booked_at"),
            Cell(_("状态"), "get_state_display"),
        ),
        related=("unit", "made_by", "checked_by", "booked_by"),
    )

    c_unit = column("unit__name", "机构", order="unit__path")
    c_made = moment("made_at", "制单时间")
    c_submitted = moment("submitted_at", "提交时间")
    c_checked = moment("checked_at", "核对时间")
    c_booked = moment("booked_at", "入账时间")
    c_expected = money("expected", "应缴")
    c_amount = money("amount", "实缴")
    c_maker = column("made_by__first_name", "制单人", order=None)
    c_checker = column("checked_by__first_name", "核对人", order=None)
    c_booker = column("booked_by__first_name", "入账人", order=None)

    @admin.display(description=_("差异"))
    def c_difference(self, slip: Remittance) -> str:
        return "—" if slip.state == RemittanceState.DRAFT else yuan(slip.difference)

    @admin.display(description=_("备付金流水"))
    def c_movement(self, slip: Remittance) -> Any:
        one = slip.movement
        return "—" if one is None else link("o2o_counter_sales_floatmovement", one.pk, one.number)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, slip: Remittance) -> Any:
        return badge(slip.state, STATE)

    def tables(self, request: HttpRequest, obj: Remittance) -> list[Table]:
        shifts = [
            (link("o2o_counter_sales_shift", one.pk, one.number), one.drawer.name, one.clerk.first_name,
             yuan(one.counted), yuan(one.retained), yuan(one.to_remit), yuan(one.difference), one.reason or "—")
            for one in obj.shifts.select_related("drawer", "clerk").order_by("pk")
        ]  # fmt: skip
        counted = [(f"¥{worth}", pieces, yuan(sum_)) for worth, pieces, sum_ in rows_of(obj.counts)]
        return [
            Table("班次", ("班次号", "台席", "当班人", "清点", "留存", "应缴", "长短款", "原因"), shifts),
            Table("面额清点", ("面额", "张（枚）数", "金额"), counted),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/submit/", self.submit_view, "submit"),
            self.own("<int:pk>/check/", self.check_view, "check"),
            self.own("<int:pk>/book/", self.book_view, "book"),
            self.own("<int:pk>/return/", self.return_view, "return"),
            self.own("<int:pk>/paper/", self.paper_view, "paper"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        tools = (
            [(reverse(f"admin:{self._page('make')}"), _("制缴款单"))]
            if user.has_perm(MAKE_REMITTANCE)
            else []
        )
        return super().changelist_view(request, {**(extra_context or {}), "o2o_tools": tools})

    def tools(self, request: HttpRequest, row: Remittance) -> list[tuple[str, Any]]:
        may = policy_for(Remittance).may
        steps: list[tuple[str, Any]] = []
        if row.state in (RemittanceState.DRAFT, RemittanceState.RETURNED):
            steps = [("submit", _("清点并提交"))] if may(request.user, MAKE_REMITTANCE, row) else []
        elif row.made_by_id != request.user.pk and may(request.user, VERIFY_REMITTANCE, row):
            steps = {
                RemittanceState.SUBMITTED: [("check", _("核对无误")), ("return", _("退回"))],
                RemittanceState.CHECKED: [("book", _("银行到账，入账")), ("return", _("退回"))],
            }.get(RemittanceState(row.state), [])
        return [(self.address(name, row.pk), words) for name, words in steps]

    def shown(self, request: HttpRequest, row: Remittance) -> dict[str, Any]:
        found = super().shown(request, row)
        if row.state != RemittanceState.DRAFT:
            found |= {
                "o2o_print": self.address("paper", row.pk),
                "o2o_print_words": _("打印缴款单"),
                "o2o_papers": PAPERS,
            }
        return found

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A draft of all closed shifts of a unit."""
        user: Any = request.user
        if not user.has_perm(MAKE_REMITTANCE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            slip = remittances.make_remittance(user, values["unit"])
            return str(
                _("已制单 %(number)s，应缴 %(sum)s") % {"number": slip.number, "sum": yuan(slip.expected)}
            )

        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, _("制缴款单"), MakeForm(user, request.POST or None), do, back)

    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Count, name the deposit, send. What was typed stays when it is refused."""
        slip = self.row(request, pk, MAKE_REMITTANCE)
        back = self.address("change", pk)
        if slip.state not in (RemittanceState.DRAFT, RemittanceState.RETURNED):
            return HttpResponseRedirect(back)
        counts = {
            worth: request.POST.get(f"count-{worth}", str(slip.counts.get(worth, "")))[:12]
            for worth in DENOMINATIONS
        }
        typed = {
            name: request.POST.get(name, getattr(slip, name))[:200]
            for name in ("bank", "reference", "explanation")
        }
        error = None
        if request.method == "POST":
            try:
                remittances.submit_remittance(request.user, pk, counts, **typed)
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as refused:
                error = refused
            else:
                messages.success(request, _("已提交，等区县核对"))
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("清点并提交缴款单"),
            "slip": slip,
            "counts": list(counts.items()),
            "typed": typed,
            "error": error,
            "back": back,
        }
        return TemplateResponse(request, "o2o_counter_sales/remittance.html", context)

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """核对."""
        return self._decide(request, pk, _("核对无误"), remittances.check_remittance, _("已核对"))

    def book_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """入账."""
        return self._decide(
            request, pk, _("银行到账，入账"), remittances.book_remittance, _("已入账，备付金已恢复")
        )

    def _decide(self, request: HttpRequest, pk: int, title: Any, service: Any, said: Any) -> HttpResponse:
        slip = self.row(request, pk, VERIFY_REMITTANCE)

        def do(_values: dict[str, Any]) -> str:
            service(request.user, pk)
            return str(said)

        form = YesForm(request.POST if request.method == "POST" else None)
        words = f"{title}：{slip.number} {slip.unit.name} {yuan(slip.amount)}（{slip.bank} {slip.reference}）"
        return self.act(request, words, form, do, self.address("change", pk))

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """退回."""
        slip = self.row(request, pk, VERIFY_REMITTANCE)

        def do(values: dict[str, Any]) -> str:
            remittances.return_remittance(request.user, pk, values["why"])
            return str(_("已退回"))

        title = f"{_('退回')}：{slip.number} {slip.unit.name}"
        return self.act(request, title, ReturnForm(request.POST or None), do, self.address("change", pk))

    def paper_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Print: every POST is one copy, counted."""
        try:
            get_row(request.user, Remittance, pk=pk)
        except OutOfScope:
            raise Http404 from None
        if request.method != "POST":
            return HttpResponseRedirect(self.address("change", pk))
        try:
            paper = remittances.print_remittance(request.user, pk, request.POST.get("paper", ""))
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.address("change", pk))
        return TemplateResponse(
            request,
            "o2o_counter_sales/remittance_paper.html",
            {"paper": paper, "slip": paper.slip, "difference": yuan(paper.slip.difference)},
        )
