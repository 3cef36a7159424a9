"""投诉与仲裁: what both sides say, and the ruling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.scope import policy_for

from ..acts import ComplaintAct, complaint_acts, is_final
from ..buyers import masked_buyer
from ..checking import serves
from ..choices import COMPLAINT_OVER, ComplaintState, Party
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale, Complaint, Picture
from ..permissions import APPLY
from ..services import complaining
from . import recording
from .acting import ActingAdmin
from .looks import coloured, names_of
from .sales import _yuan
from .serving import RECORD_PAGE

STATE = dict(ComplaintState.choices)


def _buyer(row: Complaint) -> str:
    """By the account; somebody without one by what the order or the counter knows."""
    if row.customer is None:
        return masked_buyer(row.order)
    return mask_name(f"{row.customer.last_name}{row.customer.first_name}")


def _asker(row: Complaint) -> str:
    """How it came, and who wrote it down."""
    clerk = f"{row.recorded_by.last_name}{row.recorded_by.first_name}" if row.recorded_by else ""
    return f"{row.get_via_display()} · {clerk}".strip(" ·")


@admin.register(Complaint)
class ComplaintAdmin(ActingAdmin):
    """Complaints; everything that changes one goes through the services."""

    list_display = ("number", "c_order", "c_topic", "c_via", "c_state", "c_due", "c_made")
    list_display_links = ("number",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("topic", ChoicesDropdownFilter),
        ("via", ChoicesDropdownFilter),
        ("created_at", titled(RangeDateFilter, "投诉时间")),
    )
    list_filter_submit = True
    search_fields = ("number",)
    search_help_text = _("投诉单号、售后单号、订单号")
    ordering = ("-pk",)
    page_template = "o2o_after_sale/complaint.html"
    states = STATE
    also_found_by = "after_sale__number"
    related = (
        "order__shipping_address", "order__billing_address", "order__user", "sub_order", "after_sale", "customer",
        "handler", "recorded_by",
    )  # fmt: skip

    c_topic = column("get_topic_display", "主题", lambda show: show(), order="topic")
    c_via = column("get_via_display", "投诉方式", lambda show: show(), order="via")
    c_made = moment("created_at", "投诉时间")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.record_view)
        return [path("record/", view, name=self._page("record")), *super().get_urls()]

    def record_view(self, request: HttpRequest) -> HttpResponse:
        """登记投诉."""
        return recording.record_view(self, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context is not None and policy_for(AfterSale).may(request.user, APPLY, AfterSale):
            button = door(_("登记投诉"), "record_voice_over", reverse(RECORD_PAGE))
            context["actions_list"] = [*context.get("actions_list", ()), button]
        return response

    def pictures(self, row: Complaint) -> Any:
        of = Q(complaint=row)
        if row.after_sale_id:
            of |= Q(after_sale_id=row.after_sale_id)
        return Picture.objects.filter(of)

    def act(self, request: HttpRequest, row: Complaint) -> Any:
        posted, user = request.POST, request.user
        seen, text = posted.get("seen", "")[:16], posted.get("text", "")
        match posted.get("act"):
            case "accept":
                done = complaining.accept(user, row.pk, seen=seen)
            case "answer":
                files = request.FILES.getlist("photos")
                done = complaining.answer(user, row.pk, text, photos=files, seen=seen)
            case "escalate":
                done = complaining.escalate(user, row.pk, seen=seen)
            case "for_buyer":
                amount = _yuan(posted["amount"], "amount") if posted.get("amount") else None
                done = complaining.decide(user, row.pk, for_buyer=True, ruling=text, amount=amount, seen=seen)
            case "for_seller":
                done = complaining.decide(user, row.pk, for_buyer=False, ruling=text, seen=seen)
            case "say":
                files = request.FILES.getlist("said_photos")
                done = complaining.say(user, row.number, posted.get("said", ""), photos=files)
            case "withdraw":
                done = complaining.withdraw_complaint(user, row.number)
            case _:
                raise AfterSaleError(Code.REQUIRED, _("请选择要执行的操作"))
        return _("已处理，现在是“%(state)s”") % {"state": done.get_state_display()}

    def facts(self, request: HttpRequest, row: Complaint) -> Mapping[str, Any]:
        user: Any = request.user
        acts = complaint_acts(user, row)
        return {
            "colour_state": coloured(row.state, STATE),
            "buyer": _buyer(row),
            "asker": _asker(row),
            "serves": not row.is_over and row.customer_id != user.pk and serves(user, row),
            "pictures": self.shown_pictures(row),
            "statements": self._said(row),
            "late": not row.is_over and row.due_at is not None and row.due_at <= now(),
            "may_accept": ComplaintAct.ACCEPT in acts,
            "may_answer": ComplaintAct.ANSWER in acts,
            "may_escalate": ComplaintAct.ESCALATE in acts,
            "may_decide": ComplaintAct.FOR_BUYER in acts,
            "is_final": is_final(user, row),
            "is_over": row.state in COMPLAINT_OVER,
        }

    def _said(self, row: Complaint) -> list[dict[str, Any]]:
        said = list(row.statements.all())
        names = names_of({f"user:{one.author_id}" for one in said}, row.customer_id)
        own = {None, row.customer_id}
        return [
            {
                "party": one.party,
                "side": one.get_party_display(),
                "who": ""
                if one.party == Party.BUYER and one.author_id in own
                else names.get(f"user:{one.author_id}", ""),
                "at": one.at,
                "text": one.text,
            }
            for one in said
        ]
