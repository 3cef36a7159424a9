"""``/hooks/official_account/<code>``: WeChat's greeting (GET), and what people do at the account (POST)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from saleor_o2o.kernel.bodies import body_refusal
from saleor_o2o.kernel.clock import now

from .models import Account, AccountState
from .services.receiving import take
from .wire import BadPush, check_greeting

MAX_BODY = 64 * 1024
_ASKED = ("signature", "timestamp", "nonce", "msg_signature", "encrypt_type")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def server(request: HttpRequest, account: str) -> HttpResponse:
    """GET: give `echostr` back to WeChat and nobody else. POST: the answer to a push, or `success`.

    400, 403, 404 or 413 without a word for everything that is not WeChat's.
    """
    found = Account.objects.filter(code=account, state=AccountState.ACTIVE).select_related("unit").first()
    if found is None:
        return HttpResponse(status=404)
    asked = {name: request.GET.get(name, "")[:256].replace("\0", "") for name in _ASKED}
    try:
        if request.method == "GET":
            check_greeting(found, asked)
            _seen(found)
            return _plain(request.GET.get("echostr", "")[:256])
        refused = body_refusal(request, MAX_BODY)
        if refused is not None:
            raise BadPush(*refused)
        answer = take(found, asked, request.body)
    except BadPush as bad:
        return HttpResponse(status=bad.status)
    _seen(found)
    kind = "text/plain" if answer == "success" else "text/xml"
    return HttpResponse(answer, content_type=f"{kind}; charset=utf-8")


def _seen(account: Account) -> None:
    """Note that WeChat reaches us; a row written once a minute at most."""
    moment = now()
    if account.seen_at is None or (moment - account.seen_at).total_seconds() > 60:
        Account.objects.filter(pk=account.pk).update(seen_at=moment)


def _plain(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


urlpatterns = [path("<slug:account>", server, name="official_account_server")]
