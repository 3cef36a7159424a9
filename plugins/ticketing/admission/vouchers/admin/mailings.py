"""待寄纸票: what to print and post, the most urgent first, with the Enter key and a scanner alone; what was posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.services.reach import typed_key
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name, mask_phone
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ...models import Mailing, NameChange
from ...services.mailing import MailTo
from ..access import EXCHANGE
from ..choices import MailState
from ..paper import sheets_of
from ..services.posting import print_mailing, send, waiting
from ..services.readdressing import readdress
from .window import paper_page

STATE = dict(MailState.choices)
#: Letters that the worklist shows at once.
MOST = 60


class AddressForm(forms.Form):
    """Where a letter goes instead."""

    name = forms.CharField(label=_("收件人"), max_length=40, widget=UnfoldAdminTextInputWidget)
    mobile = forms.CharField(label=_("手机号"), max_length=20, widget=UnfoldAdminTextInputWidget)
    area = forms.CharField(
        label=_("省市区"), max_length=60, widget=UnfoldAdminTextInputWidget, help_text=_("例如 重庆市 渝中区")
    )
    street = forms.CharField(
        label=_("详细地址"), max_length=120, widget=UnfoldAdminTextInputWidget, help_text=_("街道、门牌号")
    )


@admin.register(Mailing)
class MailingAdmin(ActingAdmin):
    """Letters of the units in reach. Names and addresses are masked; the label is printed with the tickets."""

    begins = ((_("待寄纸票"), "local_post_office", "work", EXCHANGE),)
    list_display = (
        "c_order",
        "c_title",
        "c_state",
        "c_receiver",
        "area",
        "c_by",
        "carrier",
        "waybill",
        "c_sent",
    )
    list_display_links = ("c_order",)
    list_select_related = ("ticket_order", "sent_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("ticket_order__number", "waybill")
    search_help_text = _("票务订单号、运单号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_order", "c_title", "c_state", "c_receiver", "c_mobile", "area", "c_by", "c_printed", "carrier",
                "waybill", "c_sent", "c_sent_by", "c_made",
            ),
        ),
    )  # fmt: skip

    c_order = column("ticket_order__number", "票务订单", order=None)
    c_title = column("ticket_order__title", "内容", order=None)
    c_by = moment("send_by", "最晚寄出")
    c_printed = moment("printed_at", "打印时间")
    c_sent = moment("sent_at", "寄出时间")
    c_made = moment("made_at", "下单时间")
    c_sent_by = column("sent_by__first_name", "寄出人", order=None)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Mailing) -> Any:
        # what is only held, or was let go, is nobody's letter
        return badge(row.state, STATE) if row.ticket_order.state == OrderState.ISSUED else _("未出票")

    @admin.display(description=_("收件人"))
    def c_receiver(self, row: Mailing) -> str:
        return mask_name(row.name) or "—"

    @admin.display(description=_("收件人手机"))
    def c_mobile(self, row: Mailing) -> str:
        return mask_phone(row.mobile) or "—"

    def doors(self, request: HttpRequest, obj: Mailing) -> Sequence[Mapping[str, Any]]:
        if obj.state != MailState.WAITING or not self.may(request, EXCHANGE, obj):
            return []
        return [
            door(_("打印、登记寄出"), "print", f"{self._work()}?letter={obj.pk}"),
            door(_("更改地址"), "edit_location", self.address("address", obj.pk)),
        ]

    def get_urls(self) -> list[Any]:
        return [
            self.own("work/", self.work_view, "work"),
            self.own("<int:pk>/print/", self.print_view, "print"),
            self.own("<int:pk>/address/", self.address_view, "address"),
            *super().get_urls(),
        ]

    def _work(self) -> str:
        from django.urls import reverse

        return reverse(f"admin:{self._page('work')}")

    def work_view(self, request: HttpRequest) -> HttpResponse:
        """Print, scan the number of the letter, the next one."""
        user: Any = request.user
        try:
            desk = desk_of(user, EXCHANGE)
        except NotAllowed:
            raise PermissionDenied from None
        problem, done = None, ""
        if request.method == "POST":
            try:
                posted = send(user, typed_key(request.POST.get("letter")), request.POST.get("waybill", ""))
                done = str(
                    _("已登记寄出：%(carrier)s %(number)s")
                    % {"carrier": posted.carrier, "number": posted.waybill}
                )
            except OutOfScope:
                raise Http404 from None
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                problem = error.in_words
        rows = list(waiting(user).select_related("ticket_order")[:MOST])
        wanted = typed_key(request.POST.get("letter") if problem else request.GET.get("letter"))
        chosen = next((one for one in rows if one.pk == wanted), rows[0] if rows else None)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("待寄纸票"), "unit": desk,
            "rows": [_row(one) for one in rows], "chosen": _row(chosen) if chosen is not None else None,
            "problem": problem, "done": done, "work": self._work(), "most": MOST,
        }  # fmt: skip
        return TemplateResponse(request, "o2o_admission/mailings.html", context)

    def address_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For a caller who moves; nothing of the old address is shown but whose it is."""
        row: Mailing = self.row(request, pk, EXCHANGE)
        form = AddressForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            readdress(request.user, row.ticket_order.number, MailTo(**told))
            return str(_("地址已更改，已短信告诉客户；标签须重新打印"))

        facts = (
            (_("票务订单"), row.ticket_order.number), (_("内容"), row.ticket_order.title),
            (_("现在的收件人"), f"{mask_name(row.name)} {mask_phone(row.mobile)} {row.area}"),
        )  # fmt: skip
        return self.act(request, _("更改收件地址"), form, do, self.page_of(pk), facts=facts)

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sheets of an order and the label of its letter; asked again, the same ones."""
        self.row(request, pk, EXCHANGE)
        if request.method != "POST":
            return HttpResponseRedirect(f"{self._work()}?letter={pk}")
        try:
            letter, vouchers = print_mailing(request.user, pk)
        except OutOfScope:
            raise Http404 from None
        except NotAllowed:
            raise PermissionDenied from None
        except DomainError as error:
            from django.contrib import messages

            messages.error(request, error.in_words)
            return HttpResponseRedirect(f"{self._work()}?letter={pk}")
        label = {
            "name": letter.name, "mobile": letter.mobile, "area": letter.area, "street": letter.street,
            "order": letter.ticket_order.number,
        }  # fmt: skip
        back = f"{self._work()}?letter={pk}"
        return paper_page(_("纸票和收件标签"), sheets_of(vouchers), back, label=label)


def _row(one: Mailing) -> dict[str, Any]:
    order = one.ticket_order
    by = one.send_by.astimezone(SHANGHAI)
    return {
        "pk": one.pk, "order": order.number, "title": order.title, "receiver": mask_name(one.name), "area": one.area,
        "by": f"{by:%m-%d %H:%M}", "late": one.send_by <= now(), "printed": one.printed_at is not None,
        "sheets": getattr(one, "sheets", 0),
    }  # fmt: skip


@admin.register(NameChange)
class NameChangeAdmin(ActingAdmin):
    """Holders of real-name tickets that were changed, by the buyer or at a counter."""

    list_display = ("c_ticket", "c_order", "c_before", "c_after", "c_who", "reason", "c_at")
    list_display_links = ("c_ticket",)
    list_select_related = ("ticket__ticket_order", "before", "after", "by")
    search_fields = ("ticket__number", "ticket__ticket_order__number")
    search_help_text = _("票号、票务订单号")
    ordering = ("-pk",)
    details = ((None, ("c_ticket", "c_order", "c_before", "c_after", "c_who", "reason", "c_at")),)

    c_ticket = column("ticket__number", "票号", order=None)
    c_order = column("ticket__ticket_order__number", "票务订单", order=None)
    c_at = moment("at", "更改时间")

    @admin.display(description=_("原观众"))
    def c_before(self, row: NameChange) -> str:
        return str(row.before)

    @admin.display(description=_("新观众"))
    def c_after(self, row: NameChange) -> str:
        return str(row.after)

    @admin.display(description=_("办理"))
    def c_who(self, row: NameChange) -> str:
        return row.by.first_name if row.by is not None else str(_("客户本人"))
