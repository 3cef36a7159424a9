"""Where the link in a campaign's message leads: on to the shop, noted on the way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from .services.opening import opened


@require_safe
def open_message(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on. Nobody logs in here, and nothing is told of whose message it was; HEAD (a preview) notes nothing."""
    answer = HttpResponseRedirect(opened(token) if request.method == "GET" else "/h5/")
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
