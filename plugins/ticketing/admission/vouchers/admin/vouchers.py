"""电子凭证: who has what, made anew, sent again, printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from plugins.ticketing.kernel.access import REFUND, SELL
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.passengers import SHOW, PassengerType, passenger
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.masking import mask_phone
from saleor_o2o.kernel.scope import rows_for

from ...models import Scan, Voucher
from ...services.naming import change_holder, holders
from ..access import EXCHANGE, REISSUE, VIEW
from ..choices import Answer, ChoiceKind
from ..codes import read_short
from ..finding import code_index
from ..printing import as_file, render
from ..services.changing import choose, open_change
from ..services.making import reissue
from ..services.papering import spoil, take_back
from ..services.sending import resend
from ..visits import with_visits
from .scans import where_of
from .window import window

STANDING = {"usable": "可用", "early": "未到有效期", "used": "已使用", "expired": "已过期", "void": "已作废"}
ANSWER = dict(Answer.choices)
NOTE = _("旧二维码和旧入场码立即失效；请让旅客打开订单查看新码，或再发短信。")


class HolderForm(forms.Form):
    """Who goes instead, as on the document."""

    ticket = forms.ChoiceField(label=_("哪张票"), widget=UnfoldAdminSelectWidget)
    name = forms.CharField(label=_("新观众姓名"), max_length=60, widget=UnfoldAdminTextInputWidget)
    document = forms.ChoiceField(
        label=_("证件类型"),
        choices=DocumentKind.choices,
        initial=DocumentKind.ID_CARD,
        widget=UnfoldAdminSelectWidget,
    )
    document_number = forms.CharField(label=_("证件号"), max_length=60, widget=UnfoldAdminTextInputWidget)
    birth = forms.DateField(
        label=_("出生日期"), required=False, widget=UnfoldAdminDateWidget, help_text=_("证件号里有的不用填")
    )
    mobile = forms.CharField(
        label=_("手机号"), max_length=20, required=False, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(
        label=_("事由"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


class ChoiceForm(forms.Form):
    """Keep, or all money back."""

    choice = forms.ChoiceField(label=_("选择"), choices=ChoiceKind.choices, widget=UnfoldAdminSelectWidget())


def _refunds(user: Any, row: Voucher) -> bool:
    """Whether somebody may give back what the voucher belongs to."""
    return bool(rows_for(user, TicketOrder, REFUND).filter(pk=row.ticket_order_id).exists())


def _paper_facts(row: Voucher) -> tuple[tuple[Any, Any], ...]:
    at = f"{row.papered_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if row.papered_at is not None else "—"
    return (_("内容"), row.title), (_("换票"), f"{at} {row.papered_where}")


@admin.register(Voucher)
class VoucherAdmin(ActingAdmin):
    """Vouchers of the products and counters in reach. The code is looked for whole, and never shown."""

    begins = ((_("窗口换票"), "confirmation_number", "exchange", EXCHANGE),)
    list_display = (
        "number", "title", "c_order", "c_mobile", "c_people", "c_from", "c_until", "c_standing", "c_used_at",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("ticket_order", "product", "session")
    list_filter = (("valid_from", titled(RangeDateFilter, "有效期")), "product")
    list_filter_submit = True
    search_fields = ("number", "ticket_order__number")
    search_help_text = _("凭证号、票务订单号，或完整的入场码")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_standing", "title", "c_order", "c_mobile", "c_mode", "c_people", "c_out", "c_from",
                "c_until", "c_rotating", "c_document", "c_used_at", "used_where", "c_sent", "void_why",
                "c_paper", "c_papered", "papered_where",
            ),
        ),
    )  # fmt: skip

    c_order = column("ticket_order__number", "票务订单")
    c_from = moment("valid_from", "有效开始")
    c_until = moment("valid_until", "有效截止")
    c_used_at = moment("used_at", "最近使用")
    c_papered = moment("papered_at", "换票时间")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voucher]:
        return with_visits(super().get_queryset(request))

    @admin.display(description=_("联系手机"))
    def c_mobile(self, row: Voucher) -> str:
        return mask_phone(row.ticket_order.mobile) if row.ticket_order.mobile else "—"

    @admin.display(description=_("已用/人次"))
    def c_people(self, row: Voucher) -> str:
        return f"{row.used}/{'不限' if row.unlimited else row.uses}"

    @admin.display(description=_("暂离人数"))
    def c_out(self, row: Voucher) -> int:
        return row.out

    @admin.display(description=_("状态"))
    def c_standing(self, row: Voucher) -> Any:
        return badge(row.standing_at(now()), STANDING)

    @admin.display(description=_("核销方式"))
    def c_mode(self, row: Voucher) -> str:
        return str(row.get_verify_mode_display())

    @admin.display(description=_("动态码"), boolean=True)
    def c_rotating(self, row: Voucher) -> bool:
        return row.rotating

    @admin.display(description=_("核对证件"), boolean=True)
    def c_document(self, row: Voucher) -> bool:
        return row.needs_document

    @admin.display(description=_("换取纸票"))
    def c_paper(self, row: Voucher) -> str:
        return str(row.get_on_paper_display() or "—")

    @admin.display(description=_("短信发送"))
    def c_sent(self, row: Voucher) -> str:
        return f"{row.sent_count} 次"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        short = read_short(search_term)
        if short is not None:
            return queryset.filter(code_index=code_index(short)), False
        return super().get_search_results(request, queryset, search_term)

    def tables(self, request: HttpRequest, obj: Voucher) -> Sequence[Table]:
        tickets = Ticket.objects.filter(vouchers=obj).select_related("passenger")
        scans = Scan.objects.filter(voucher=obj).select_related(
            "gate__spot", "gate__venue", "unit", "operator"
        )[:50]
        return [
            Table(
                str(_("票")), ("票号", "票类", "座位", "人次", "已用", "已退", "状态", "证件"),
                [
                    (one.number, one.fare_name, one.seat or "—", one.uses, one.used, one.back, one.get_state_display(),
                     str(one.passenger) if one.passenger is not None else "—")
                    for one in tickets
                ],
            ),
            Table(
                str(_("检票记录")), ("时间", "地点", "方式", "结果", "放行", "经办"),
                [
                    (f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}", where_of(one),
                     one.get_way_display(),
                     badge(one.answer, ANSWER), one.admitted, one.operator.first_name if one.operator else "设备")
                    for one in scans
                ],
            ),
        ]  # fmt: skip

    def doors(self, request: HttpRequest, obj: Voucher) -> Sequence[Mapping[str, Any]]:
        found = []
        user: Any = request.user
        if obj.void_at is None and obj.papered_at is None and self.may(request, REISSUE, obj):
            found += [
                door(_("打印"), "print", self.address("print", obj.pk)),
                door(_("PDF"), "picture_as_pdf", self.address("pdf", obj.pk)),
                door(_("再发短信"), "sms", self.address("send", obj.pk)),
                door(_("作废重出"), "autorenew", self.address("reissue", obj.pk)),
            ]
        if obj.papered_at is not None:
            if self.may(request, REISSUE, obj):
                found.append(door(_("作废纸票"), "layers_clear", self.address("paper_spoil", obj.pk)))
            if user.has_perm(SELL):
                found.append(door(_("退票收回纸票"), "assignment_return", self.address("paper_back", obj.pk)))
        if obj.void_at is None and obj.product.name_change_hours and _refunds(request.user, obj):
            found.append(door(_("更改实名"), "badge", self.address("holder", obj.pk)))
        if (
            obj.session_id is not None
            and open_change(obj.ticket_order) is not None
            and _refunds(request.user, obj)
        ):
            found.append(door(_("延期选择"), "event_repeat", self.address("postponed", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("exchange/", self.exchange_view, "exchange"),
            self.own("<int:pk>/paper-spoil/", self.paper_spoil_view, "paper_spoil"),
            self.own("<int:pk>/paper-back/", self.paper_back_view, "paper_back"),
            self.own("<int:pk>/holder/", self.holder_view, "holder"),
            self.own("<int:pk>/reissue/", self.reissue_view, "reissue"),
            self.own("<int:pk>/send/", self.send_view, "send"),
            self.own("<int:pk>/print/", self.print_view, "print"),
            self.own("<int:pk>/pdf/", self.pdf_view, "pdf"),
            self.own("<int:pk>/postponed/", self.postponed_view, "postponed"),
            *super().get_urls(),
        ]

    def exchange_view(self, request: HttpRequest) -> HttpResponse:
        """Paper tickets at the window."""
        return window(self.admin_site, self.opts, request)

    def paper_spoil_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another paper ticket may be printed."""
        row: Voucher = self.row(request, pk, REISSUE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            spoil(request.user, pk, told["reason"])
            return str(_("纸票已作废，可以重新换票"))

        note = _("纸票上的码立即失效；不能作废自己打印的。请先核对纸票或购票人证件。")
        return self.act(
            request,
            f"{_('作废纸票')} {row.number}",
            form,
            do,
            self.page_of(pk),
            note=note,
            facts=_paper_facts(row),
        )

    def paper_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The ticket can be given back or changed now."""
        row: Voucher = self.row(request, pk, VIEW)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            take_back(request.user, pk, told["reason"])
            return str(_("已收回，可以办理退票、改期"))

        note = _("请把纸票收回并剪角；收回后才能退票、改期。")
        return self.act(
            request,
            f"{_('收回纸票')} {row.number}",
            form,
            do,
            self.page_of(pk),
            note=note,
            facts=_paper_facts(row),
        )

    def reissue_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new code."""
        row: Voucher = self.row(request, pk, REISSUE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            reissue(request.user, pk, told["reason"])
            return str(_("已重出，旧码失效"))

        return self.act(
            request, f"{_('作废重出')} {row.number}", form, do, self.page_of(pk), note=NOTE,
            facts=((_("内容"), row.title),),
        )  # fmt: skip

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The text message again."""
        row: Voucher = self.row(request, pk, REISSUE)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            resend(request.user, pk)
            return str(_("已发送"))

        mobile = mask_phone(row.ticket_order.mobile) if row.ticket_order.mobile else _("没有联系手机")
        return self.act(
            request, f"{_('再发短信')} {row.number}", form, do, self.page_of(pk),
            facts=((_("内容"), row.title), (_("发往"), mobile), (_("已发"), f"{row.sent_count} 次")),
        )  # fmt: skip

    def postponed_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the buyer of a postponed session's order wants, told at the counter or by telephone."""
        row: Voucher = self.row(request, pk, VIEW)
        order = row.ticket_order
        if not _refunds(request.user, row):
            raise PermissionDenied
        form = ChoiceForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = choose(order, ChoiceKind(told["choice"]), request.user)
            return str(
                _("已全额退票：%(number)s") % {"number": made.refund}
                if made.refund
                else _("已记下：保留门票")
            )

        change = open_change(order)
        until = (
            f"{change.choose_until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            if change and change.choose_until
            else "—"
        )
        mobile = mask_phone(order.mobile) if order.mobile else "—"
        return self.act(
            request, f"{_('延期选择')} {order.number}", form, do, self.page_of(pk),
            note=_("整张订单一起办理；选择全额退票后不能更改。请先核对购票人。"),
            facts=((_("内容"), row.title), (_("联系手机"), mobile), (_("选择截止"), until)),
        )  # fmt: skip

    def holder_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another person goes with one of its tickets; once."""
        row: Voucher = self.row(request, pk, VIEW)
        if not _refunds(request.user, row):
            raise PermissionDenied
        tickets = list(
            row.tickets.filter(passenger__isnull=False).select_related("passenger", "ticket_order__supplier")
        )
        seen = holders(tickets)
        refusals = [
            (one.number, refusal.in_words) for one in tickets if (refusal := seen[one.pk].refusal) is not None
        ]
        # where none can be changed any more it is said, and nothing is asked
        still = len(refusals) < len(tickets)
        form: Any = HolderForm(request.POST if request.method == "POST" else None) if still else forms.Form()
        if still:
            form.fields["ticket"].choices = [(one.number, f"{one.number} {one.passenger}") for one in tickets]

        def do(told: dict[str, Any]) -> str:
            who = passenger(
                told["name"], told["document"], told["document_number"], PassengerType.ADULT, told["birth"], today(),
                SHOW,
            )  # fmt: skip
            change_holder(request.user, told["ticket"], who, mobile=told["mobile"], reason=told["reason"])
            return str(_("已更改实名，旧码失效；请让旅客打开订单查看新码"))

        return self.act(
            request, f"{_('更改实名')} {row.number}", form, do, self.page_of(pk),
            facts=((_("内容"), row.title), *refusals),
            note=_("每张票只能更改一次；请核对新观众的证件原件，并核对购票人。"),
            buttons=(("do", "1", _("确定"), ""),) if still else (),
        )  # fmt: skip

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The paper."""
        row: Voucher = self.row(request, pk, REISSUE)
        return HttpResponse(render(row), headers={"Cache-Control": "no-store"})

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file."""
        answer = as_file(self.row(request, pk, REISSUE))
        answer["Cache-Control"] = "no-store"
        return answer
