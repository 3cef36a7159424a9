"""窗口换票: find by code, document or telephone, choose, print. Enter twice where nobody is left out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.services.reach import typed_key
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..access import EXCHANGE
from ..paper import sheets_of
from ..services.at_window import Waiting, at_window
from ..services.papering import exchange
from ..validity import valid_words

BACK = "admin:o2o_admission_voucher_changelist"
HERE = "admin:o2o_admission_voucher_exchange"


def window(site: Any, opts: Any, request: HttpRequest) -> HttpResponse:
    """The page: a field, then the tickets that were found, then their paper."""
    user: Any = request.user
    try:
        desk = desk_of(user, EXCHANGE)
    except NotAllowed:
        raise PermissionDenied from None
    context: dict[str, Any] = {
        **site.each_context(request), "opts": opts, "title": _("窗口换票"), "unit": desk, "back": reverse(BACK),
    }  # fmt: skip
    if request.method == "POST":
        try:
            if request.POST.get("do") == "print":
                made = exchange(user, _keys(request))
                return paper_page(_("纸票"), sheets_of(made), reverse(HERE))
            found = at_window(user, request.POST.get("text", ""))
            context["rows"] = [_row(one) for one in found]
            context["some"] = any(not one.why for one in found)
        except OutOfScope:
            raise Http404 from None
        except NotAllowed:
            raise PermissionDenied from None
        except DomainError as error:
            context["problem"] = error.in_words
    return TemplateResponse(request, "o2o_admission/exchange.html", context)


def paper_page(title: Any, sheets: Any, back: str, *, label: Any = None) -> HttpResponse:
    """The sheets, and the label of a letter, printed at once by the browser; kept by nobody."""
    from django.shortcuts import render

    context = {"title": title, "sheets": sheets, "back": back, "label": label}
    answer = render(None, "o2o_admission/paper_tickets.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _keys(request: HttpRequest) -> list[int]:
    return [key for one in request.POST.getlist("vouchers")[:200] if (key := typed_key(one))]


def _row(one: Waiting) -> dict[str, Any]:
    voucher = one.voucher
    return {
        "pk": voucher.pk, "title": voucher.title, "number": voucher.number, "who": one.who, "sheet": one.sheet,
        "why": one.why, "valid": valid_words(voucher),
        "order": voucher.ticket_order.number,
    }  # fmt: skip
