"""我的订单: a shell without data. What it shows and does goes through the API with the shopper's own token.

No cookie and no session exists here (decision 0010): the page asks for a token and sends it along with each request.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from .choices import Kind, Reason, Topic

#: Nothing but our own files runs here, so that no foreign script can read the token.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def mine_page(request: HttpRequest) -> HttpResponse:
    """Orders of all business lines in one list; after-sales and complaints about them."""
    words = {
        "kinds": [[one.name, str(one.label)] for one in Kind],
        "reasons": [[one.name, str(one.label)] for one in Reason],
        "topics": [[one.name, str(one.label)] for one in Topic if one is not Topic.AFTER_SALE],
    }
    with translation.override(settings.LANGUAGE_CODE):
        answer = render(request, "o2o_after_sale/mine.html", {"words": words})
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "DENY"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer
