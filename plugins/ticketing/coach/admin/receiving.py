"""接待旅客: the passenger of an order that another unit sold, found by what only he has; and who was served where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from plugins.members.interfaces import device_of
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, column, link, moment
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, rows_for

from ..access import RECEIVE
from ..choices import ReceiveWay
from ..lending import lent_to
from ..models import Reception
from ..services.receiving import receive
from ..services.receiving_by_code import receive_by_code, send_code
from .forms import text

#: The ticket of the code that was sent from this login.
_SENT = "o2o_coach_receive"


class ReceiveForm(forms.Form):
    """What the passenger has with him."""

    way = forms.ChoiceField(
        label=_("凭什么找"), choices=[one for one in ReceiveWay.choices if one[0] != ReceiveWay.CODE],
        initial=ReceiveWay.NUMBER,
        widget=UnfoldAdminRadioSelectWidget,
    )  # fmt: skip
    told = text(_("取票号（证件号）"), 40, help_text=_("取票号在出票短信里；证件可以刷读卡器"))
    proof = forms.CharField(
        label=_("取票密码（手机尾号）"), max_length=20, widget=UnfoldAdminPasswordWidget,
        help_text=_("凭证件的，填订单或乘客手机号的后四位；取票号没有密码的，填证件号后四位"),
    )  # fmt: skip


class CodeForm(forms.Form):
    """The telephone with which he bought, and the code that it got."""

    mobile = text(_("购票手机号"), 20, help_text=_("旅客购票时填写的手机号，须在旅客手里"))
    code = forms.CharField(
        label=_("验证码"), max_length=6, required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text=_("先发送，请旅客念出手机上的 6 位数字"),
    )  # fmt: skip


@admin.register(Reception)
class ReceptionAdmin(ActingAdmin):
    """Who was served at the units in reach, and who guessed."""

    begins = ((_("接待旅客"), "support_agent", "new", RECEIVE), (_("发验证码接待"), "sms", "code", RECEIVE))
    list_display = ("c_at", "c_way", "c_result", "c_until", "c_unit", "c_by")
    list_display_links = ("c_at",)
    list_select_related = ("unit", "by")
    list_filter = (("way", ChoicesDropdownFilter), ("at", titled(RangeDateTimeFilter, "时间")))
    list_filter_submit = True
    search_fields = ("by__first_name",)
    search_help_text = _("营业员")
    ordering = ("-pk",)
    details = ((None, ("c_at", "c_way", "c_result", "c_until", "c_unit", "c_by")),)

    c_at = moment("at", "时间")
    c_way = column("get_way_display", "凭什么找到", lambda show: show(), order="way")
    c_until = column("until", "可办理至", at)
    c_unit = column("unit__name", "接待机构", order="unit__path")
    c_by = column("by__first_name", "营业员", order=None)

    @admin.display(description=_("结果"), ordering="until")
    def c_result(self, row: Reception) -> str:
        return str(_("已接待") if row.until is not None else _("凭证不对"))

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("code/", self.code_view, "code"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Type what the passenger shows; his order opens. What was typed is never in an address."""
        user: Any = request.user
        if not user.has_perm(RECEIVE):
            raise PermissionDenied
        form = ReceiveForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            try:
                found = receive(user, told["way"], told["told"], told["proof"])
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                return self._opened(request, found)
        return self.act(
            request, _("接待旅客"), form, lambda _told: "", reverse(f"admin:{self._page('changelist')}"),
            table=self._open(user), only_look=True, buttons=(("do", "1", _("查找"), ""),),
            note=_("请旅客出示购票证件，核对本人。找到后可以打印车票、收回纸票、退票、改签，每次查找都会记入审计。"),
        )  # fmt: skip

    def code_view(self, request: HttpRequest) -> HttpResponse:
        """A code to the telephone with which he bought; read out, his coming trips open. Nothing typed is in an
        address; which code was sent from here, the session keeps."""
        user: Any = request.user
        if not user.has_perm(RECEIVE):
            raise PermissionDenied
        form = CodeForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            told, device = form.cleaned_data, device_of(request, "", "")
            try:
                if request.POST.get("do") == "send":
                    sent = send_code(user, told["mobile"], device)
                    request.session[_SENT] = str(sent.ticket)
                    messages.success(request, _("验证码已发送，5 分钟内有效，请旅客念给您"))
                else:
                    ticket = str(request.session.get(_SENT) or "")
                    found = receive_by_code(user, told["mobile"], told["code"], ticket, device)
                    request.session.pop(_SENT, None)
                    return self._opened(request, found)
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
        return self.act(
            request, _("发验证码接待"), form, lambda _told: "", reverse(f"admin:{self._page('changelist')}"),
            table=self._open(user), only_look=True,
            buttons=(("do", "send", _("发送验证码"), ""), ("do", "find", _("查找"), "")),
            note=_(
                "旅客没带取票短信和证件、手机在身边的，凭购票手机收到的验证码办理。"
                "找到后 30 分钟内可以打印车票、收回纸票、退票、改签，每次发送和查找都会记入审计。"
            ),
        )  # fmt: skip

    def _opened(self, request: HttpRequest, found: Sequence[TicketOrder]) -> HttpResponse:
        """To the order; where there are several, to the list of them."""
        messages.success(request, _("已找到 %(count)d 张订单，30 分钟内可以办理") % {"count": len(found)})
        if len(found) == 1:
            return HttpResponseRedirect(reverse("admin:o2o_ticketing_ticketorder_change", args=[found[0].pk]))
        return HttpResponseRedirect(reverse(f"admin:{self._page('new')}"))

    def _open(self, user: Any) -> Table | None:
        """The orders that this clerk has open now."""
        rows = rows_for(user, TicketOrder).filter(pk__in=lent_to(user)).order_by("starts_at", "pk")
        shown = [
            (link("o2o_ticketing_ticketorder", one.pk, one.number), one.title, at(one.starts_at))
            for one in rows
        ]
        return Table(str(_("正在办理")), ("票务订单", "行程", "发车"), shown) if shown else None
