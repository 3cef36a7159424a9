"""扫码登录: a shell without data. It shows a code, asks what became of it, and keeps the token where our shells look.

No cookie and no session exists here (decision 0010).
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

#: Nothing but our own files runs here, so that no foreign script can read the token.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def login_page(request: HttpRequest) -> HttpResponse:
    """The code, the two digits, and what to do with the telephone."""
    with translation.override(settings.LANGUAGE_CODE):
        answer = render(request, "o2o_members/login.html")
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "DENY"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer
