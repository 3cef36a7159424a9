"""The shopper's pages (`h5/`): one shell for every address below ``/h5/``, and its service worker.

The files with hashed names are static files (``/static/h5/assets/``), compressed when they are collected and cached for
good. The shell is asked for anew each time, so that a new version is there with the next page.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

#: Our own files and nothing else run here: no foreign script can read the token. Pictures may be in an object store.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; "
    "font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
#: WeChat's own buttons stand in a frame of its client; only its own browser gets to hear of that (WeChat's documents of
#: 开放标签: `frame-src https://*.qq.com webcompt:`). A frame of theirs reads nothing of ours.
WECHAT = "MicroMessenger"
POLICY_IN_WECHAT = f"{POLICY}; frame-src https://*.qq.com webcompt:"


def built(name: str) -> Path:
    """A built file of the pages, among the collected static files; it may be missing."""
    return Path(settings.STATIC_ROOT) / "h5" / name


def _version(name: str) -> str | None:
    try:
        status = built(name).stat()
    except OSError:
        return None
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'


@require_safe
@condition(etag_func=lambda _request, **_kwargs: _version("index.html"))
def shell(request: HttpRequest, path: str = "") -> HttpResponse:
    """The same page for every address: which page it is, the browser decides. Files that are not there are 404.

    Before the pages are built it says so, with 503.
    """
    if "." in path.rpartition("/")[2]:
        raise Http404
    try:
        answer = HttpResponse(built("index.html").read_bytes(), content_type="text/html; charset=utf-8")
    except FileNotFoundError:
        text = _("页面尚未构建：运行 ./o2o h5 build，再收集静态文件。")
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8")
    inside = WECHAT in request.headers.get("User-Agent", "")
    answer["Content-Security-Policy"] = POLICY_IN_WECHAT if inside else POLICY
    answer["X-Frame-Options"] = "DENY"
    answer["X-Content-Type-Options"] = "nosniff"
    # WeChat's H5 cashier takes a payer only from the merchant's own site: it must see where from, not which page
    answer["Referrer-Policy"] = "strict-origin-when-cross-origin"
    answer["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=()"
    patch_cache_control(answer, no_cache=True)
    patch_vary_headers(answer, ["User-Agent"])
    return answer


@require_safe
@condition(etag_func=lambda _request: _version("sw.js"))
def service_worker(_request: HttpRequest) -> HttpResponse:
    """The service worker, below ``/h5/`` because a worker rules over the addresses below its own."""
    try:
        answer = HttpResponse(built("sw.js").read_bytes(), content_type="text/javascript; charset=utf-8")
    except FileNotFoundError as error:
        raise Http404 from error
    patch_cache_control(answer, no_cache=True)
    return answer
