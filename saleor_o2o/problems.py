"""Pages for what cannot be shown: rendered without the context processors, of which stock's ask the database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for callers that never look at a page, with the database down."""
    return _page(request, 404)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    # a plain dictionary and no request: nothing is asked of anybody
    words = get_template(f"{status}.html").render({"in_admin": request.path.startswith("/admin/")})
    return HttpResponse(words, status=status)
