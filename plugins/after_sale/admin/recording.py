"""登记投诉: what somebody says at the counter or on the telephone, about an order and no after-sale."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, policy_for
from saleor_o2o.ordering.interfaces import sub_orders_of

from ..buyers import masked_buyer
from ..choices import COMPLAINT_OVER, FOR_SOMEBODY, Topic
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale, Complaint
from ..permissions import APPLY
from ..selectors import unit_of
from ..services.complaining import complain
from .serving import RECORD_PAGE, find_view, profile_served

#: A dispute about an after-sale begins on its page (申请仲裁).
TOPICS = [(one.value, one.label) for one in Topic if one is not Topic.AFTER_SALE]


def record_view(page: Any, request: HttpRequest) -> HttpResponse:
    """Find an order (`q`), or write a complaint about one down (`order`). What was typed stays when it is refused."""
    user: Any = request.user
    if not policy_for(AfterSale).may(user, APPLY, AfterSale):
        raise PermissionDenied
    key = request.GET.get("order", "")
    if not key:
        return find_view(page, request, _("登记投诉"), RECORD_PAGE)
    profile = profile_served(user, key)
    parts = [one for one in sub_orders_of(profile.pk) if one.paid_at is not None]
    error: DomainError | None = None
    if request.method == "POST":
        try:
            made = _record(request, profile.pk, {str(one.pk) for one in parts})
        except OutOfScope:
            raise Http404 from None
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("已登记投诉 %(number)s，由区县受理") % {"number": made.number})
            return HttpResponseRedirect(_page_of(user, made))
    posted = request.POST
    open_now = dict(
        Complaint.objects.filter(order_id=profile.pk)
        .exclude(state__in=COMPLAINT_OVER)
        .values_list("sub_order_id", "number")
    )
    context = {
        **page.admin_site.each_context(request), "opts": page.opts, "title": _("登记投诉"), "profile": profile,
        "buyer": masked_buyer(profile.order), "unit": unit_of(profile.pk), "error": error, "typed": posted,
        "parts": [(one, open_now.get(one.pk, ""), posted.get("part", "") == str(one.pk)) for one in parts],
        "vias": [(one.value, one.label) for one in FOR_SOMEBODY], "topics": TOPICS,
        "key": posted.get("key", "")[:64] or uuid4().hex, "back": reverse(RECORD_PAGE),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_after_sale/record.html", context)


def _record(request: HttpRequest, order_id: int, parts: set[str]) -> Complaint:
    posted = request.POST
    part, via = posted.get("part", ""), posted.get("via", "")
    if part not in parts:
        raise AfterSaleError(Code.REQUIRED, _("请选择投诉哪一部分"), "part")
    if via not in FOR_SOMEBODY:
        raise AfterSaleError(Code.REQUIRED, _("请选择顾客是到柜台还是来电"), "via")
    return complain(
        request.user, order_id, int(part), posted.get("topic", ""), posted.get("text", ""),
        key=posted.get("key", ""), photos=request.FILES.getlist("photos"), via=via,
    )  # fmt: skip


def _page_of(user: Any, made: Complaint) -> str:
    """Its page, or the search again for a clerk who may record and not look."""
    if policy_for(Complaint).may(user, "complaint.view", made):
        return reverse("admin:o2o_after_sale_complaint_change", args=[made.pk])
    return reverse(RECORD_PAGE)
