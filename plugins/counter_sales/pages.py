"""The owner's page: a shell without data. What it shows and does goes through the API with the owner's token.

No cookie and no session exists here (decision 0010): the page asks for a token and sends it along with each request.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

#: Nothing but our own files runs here, so that no foreign script can read the token.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def shop_page(request: HttpRequest) -> HttpResponse:
    """店主台: log in, sell, take money, hand over, see the day and the float."""
    with translation.override(settings.LANGUAGE_CODE):
        answer = render(
            request, "o2o_counter_sales/shop.html", {"province": settings.O2O_COUNTER["PROVINCE"]}
        )
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "DENY"
    # the mailed link carries a token in its address: it must not travel on
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer
