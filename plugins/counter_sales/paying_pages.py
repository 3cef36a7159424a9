"""The page behind a link for payment: what is to be paid, and the ways. No login, no cookie, no script.

No session exists here, so the form needs no token against forgery: whoever has the address may do all that it does.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import client_ip, network_of, retry_after

from .models import PayLink, SaleState
from .places import place_of_sale
from .services.pay_links import counts, due_of, link_of, look_again, pay_by_code, pay_by_page
from .services.slips import qr_svg

#: Addresses that nobody was sent, and questions to the provider, in a minute.
MISSES, LOOKS = 20, 12
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
ENDED = {
    SaleState.PAID: _("已付款"),
    SaleState.HANDED: _("已付款，已取货"),
    SaleState.REFUNDED: _("已退款"),
    SaleState.CANCELLED: _("订单已取消"),
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def pay_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be paid; a POST starts paying (`how`: page or code) or asks whether the money is here."""
    with translation.override(settings.LANGUAGE_CODE):
        link, network = link_of(token), network_of(client_ip(request.META))
        if link is None:
            slow = retry_after("counter-pay-link", network, MISSES)
            context: dict[str, Any] = {"title": _("付款"), "gone": True}
            answer = render(request, "o2o_counter_sales/pay.html", context, status=429 if slow else 404)
        else:
            answer = _answer(request, link, token)
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "DENY"
    # whoever comes next must not learn the address from us
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer


def _answer(request: HttpRequest, link: PayLink, token: str) -> HttpResponse:
    how = request.POST.get("how", "") if request.method == "POST" else ""
    shown: dict[str, Any] = {}
    try:
        if how == "page":
            shown["page"] = _with_way_back(pay_by_page(link, client_ip(request.META)), token)
        elif how == "code":
            shown["svg"] = qr_svg(pay_by_code(link, client_ip(request.META)))
        elif link.sale.state == SaleState.PLACED and not retry_after("counter-pay-look", token, LOOKS):
            look_again(link)
    except DomainError as error:
        shown = {"error": f"{error.message}。{error.hint or ''}"}
    sale = link.sale
    open_ = counts(link)
    context = {
        "title": _("付款"), "link": link, "sale": sale, "place": place_of_sale(sale), "open": open_,
        "ended": ENDED.get(SaleState(sale.state)), "due": due_of(link) if open_ else sale.total,
        "lines": sale.order.lines.order_by("pk"), "paid": sale.state in (SaleState.PAID, SaleState.HANDED),
        "pickup": bool(sale.pickup_code and sale.phone), **shown,
    }  # fmt: skip
    refused = how and "error" in shown
    return render(
        request, "o2o_counter_sales/pay.html", context,
        status=409 if refused else 200 if open_ or context["ended"] else 410,
    )  # fmt: skip


def _with_way_back(address: str, token: str) -> str:
    """The provider's page, with where the payer is sent afterwards."""
    back = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('o2o-counter-pay', args=[token])}"
    return f"{address}{'&' if '?' in address else '?'}redirect_url={quote(back, safe='')}"
