"""The public pages: drawn by the server, made for a phone, without cookies.

No session exists here, so a form needs no token against forgery: a request from elsewhere could do nothing that its
sender could not do by itself.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from saleor.discount.utils import fetch_discounts
from saleor.product.templatetags.product_images import get_product_image_thumbnail

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name

from . import codes
from .models import Application
from .selectors import channel_of_code, count_visit, offers_of
from .services.applying import CONSENT_VERSION, Applicant, application_of, apply
from .types import ChannelStatus

FIELDS = ("name", "id_number", "mobile", "community", "branch_code", "premises", "remark")
#: What the applicant waits for, in each state.
NEXT = {
    ChannelStatus.APPLIED: _("支局将在 3 个工作日内上门走访，请保持电话畅通。"),
    ChannelStatus.REVIEW: _("支局已走访，区县中心正在审批。"),
    ChannelStatus.TRAINING: _("审批已通过。请完成培训考试并与支局签订合作协议。"),
    ChannelStatus.TRIAL: _("店铺已开始试营，可以把二维码发给邻居了。"),
    ChannelStatus.ACTIVE: _("店铺正常营业中。"),
    ChannelStatus.PAUSED: _("店铺暂停营业，详情请联系支局。"),
    ChannelStatus.LEFT: _("申请未通过或店铺已退出，详情请联系支局。"),
}


def in_chinese(view: Any) -> Any:
    """The platform's language, whatever the browser prefers."""

    def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):
            answer = view(request, *args, **kwargs)
        answer["X-Frame-Options"] = "DENY"
        answer["Referrer-Policy"] = "same-origin"
        return answer

    return spoken


@in_chinese
@require_safe
def shop_page(request: HttpRequest, code: str) -> HttpResponse:
    """A shop's goods and prices, and how to buy; counts the visit. A closed shop says so."""
    channel = channel_of_code(code)
    if channel is None:
        raise Http404
    if request.method == "GET" and channel.is_open:
        count_visit(channel)
    shop = getattr(channel, "shop", None)
    offers = offers_of(shop, fetch_discounts(timezone.now())) if shop is not None and channel.is_open else []
    context = {
        "channel": channel,
        "shop": shop,
        "title": shop.name if shop is not None else channel.name,
        "owner": mask_name(channel.owner_name) if channel.owner_name else "",
        "offers": [
            {
                "name": offer.product.name,
                "variant": offer.variant.name,
                "price": f"{offer.price:.2f}",
                "list_price": f"{offer.list_price:.2f}" if offer.list_price > offer.price else "",
                "image": _thumbnail(offer.image),
            }
            for offer in offers
        ],
        "url": codes.address_of(channel.code),
    }
    return render(request, "o2o_channels/shop.html", context, status=200 if channel.is_open else 410)


@in_chinese
@require_safe
def qr_page(_request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of a channel as SVG."""
    channel = channel_of_code(code)
    if channel is None:
        raise Http404
    answer = HttpResponse(codes.qr_svg(channel.code), content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer


@in_chinese
@require_http_methods(["GET", "HEAD", "POST"])
def apply_page(request: HttpRequest) -> HttpResponse:
    """The application form; what was typed stays when something is wrong, but for the identity number."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    errors: dict[str, str] = {}
    if request.method == "POST":
        typed_consent = request.POST.get("consent") == "yes"
        try:
            made = apply(Applicant(**typed, consent=typed_consent), request.FILES.getlist("photos"))
        except DomainError as error:
            hint = f"。{error.hint}" if error.hint else ""
            errors[error.field or ""] = f"{error.message}{hint}"
        else:
            return render(request, "o2o_channels/applied.html", {"title": _("申请已提交"), **_progress(made)})
    context = {
        "title": _("社区微店 · 开店申请"),
        "typed": {**typed, "id_number": ""},
        "consent": request.POST.get("consent") == "yes",
        "errors": errors,
        "branches": branches(),
        "version": CONSENT_VERSION,
    }
    return render(request, "o2o_channels/apply.html", context, status=422 if errors else 200)


@in_chinese
@require_http_methods(["GET", "HEAD", "POST"])
def progress_page(request: HttpRequest) -> HttpResponse:
    """How an application stands, for whoever knows its number and the telephone. POST: neither goes into an address."""
    context: dict[str, Any] = {"title": _("申请进度查询"), "number": request.POST.get("number", "")}
    status = 200
    if request.method == "POST":
        try:
            context |= _progress(application_of(context["number"], request.POST.get("mobile", "")))
        except DomainError as error:
            context["error"] = f"{error.message}。{error.hint or ''}"
            status = 422
    return render(request, "o2o_channels/progress.html", context, status=status)


def branches() -> list[tuple[str, list[tuple[str, str]]]]:
    """The open branches by county, for the form: read once a minute."""
    key = "o2o_channels:branches"
    found = cache.get(key)
    if found is None:
        by_county: dict[str, list[tuple[str, str]]] = defaultdict(list)
        rows = OrgUnit.objects.filter(level=Level.BRANCH, status=UnitStatus.ACTIVE).order_by(
            "parent__path", "code"
        )
        for county, code, name in rows.values_list("parent__name", "code", "name"):
            by_county[county].append((code, name))
        found = list(by_county.items())
        cache.set(key, found, 60)
    return found


def _progress(application: Application) -> dict[str, Any]:
    channel = application.channel
    return {
        "application": application,
        "status": channel.get_status_display(),
        "next": NEXT[ChannelStatus(channel.status)],
        "shop_url": codes.address_of(channel.code) if channel.is_open else "",
    }


def _thumbnail(image: Any) -> str:
    return get_product_image_thumbnail(image, 255, method="thumbnail") if image is not None else ""
