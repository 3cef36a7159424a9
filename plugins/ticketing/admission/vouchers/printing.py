"""A voucher on paper: a page that a browser prints or keeps as PDF, found by a link that is good for an hour."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from saleor_o2o.kernel.clock import SHANGHAI

from ..models import Voucher
from ..trade_words import words_of
from .codes import in_fours
from .showing import kept

GOOD = 3600
_SALT = "ticketing.voucher_print"


def print_url(voucher: Voucher) -> str:
    """The address of the page: it says neither the code nor whose it is."""
    token = signing.dumps(voucher.pk, salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse('ticketing_voucher_print', args=[token])}"


def qr_svg(text: str, scale: int = 4) -> str:
    """A QR code as SVG, dark on white."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=scale, border=2, xmldecl=False, svgns=True
    )
    return out.getvalue().decode()


@require_safe
def print_page(request: HttpRequest, token: str) -> HttpResponse:
    """The paper. A rotating code is not printed: only the short code, which a clerk types."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=GOOD)
    except signing.BadSignature:
        raise Http404 from None
    voucher = Voucher.objects.select_related("ticket_order", "product").filter(pk=pk).first()
    if voucher is None:
        raise Http404
    return HttpResponse(
        render(voucher), headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )


def render(voucher: Voucher) -> str:
    """The page of one voucher."""
    shown = kept(voucher) if voucher.void_at is None and not voucher.rotating else None
    context: dict[str, Any] = {
        "voucher": voucher,
        "code": in_fours(voucher.code) if voucher.void_at is None else "",
        # segno's own drawing of our own code: nothing of it was typed by anybody
        "qr": mark_safe(qr_svg(shown.code)) if shown is not None else "",  # noqa: S308
        "facts": words_of(voucher.ticket_order),
        "from": voucher.valid_from.astimezone(SHANGHAI),
        "until": voucher.valid_until.astimezone(SHANGHAI),
    }
    return render_to_string("o2o_admission/voucher_print.html", context)
