"""``/hooks/wechat_pay/notify/<account>``: stored as it came, checked, answered at once; the work is done by a task."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.cashier.services.inbox import Incoming, store
from saleor_o2o.kernel.bodies import body_refusal

from .keyring import GATEWAY
from .provider import ACCOUNT_HEADER, WechatPayProvider
from .reading import outline

_HEADERS = (
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
)
MAX_BODY = 64 * 1024
#: Seconds a notification's own clock may differ from ours (WeChat's rule for signatures).
WINDOW = 300


@csrf_exempt
@require_POST
def notify(request: HttpRequest, account: str = "") -> HttpResponse:
    """Answer 204 to a genuine notification (also a repeated one); 400, 401, 413 or 503 with a reason otherwise.

    ``account``: whose address it is; "" for the one that all accounts had before.
    """
    headers = {name: _plain(request.headers.get(name, "")) for name in _HEADERS}
    headers[ACCOUNT_HEADER] = account
    refused = body_refusal(request, MAX_BODY)
    body = b""
    if refused is not None:  # not read, only noted
        external_id, kind, (refusal, status) = None, "", refused
    else:
        body = request.body
        external_id, kind = outline(body)
        refusal, status = _refusal(headers, body, external_id)
    store(
        Incoming(
            gateway=GATEWAY, headers=headers, body=body, external_id=external_id, kind=kind, refusal=refusal
        )
    )
    if refusal:
        return _no(status, refusal)
    return HttpResponse(status=204)


def _refusal(headers: dict[str, str], body: bytes, external_id: str | None) -> tuple[str, int]:
    if external_id is None:
        return "MALFORMED", 400
    try:
        age = abs(time.time() - int(headers["Wechatpay-Timestamp"]))
    except (ValueError, OverflowError):
        return "MALFORMED", 400
    if age > WINDOW:
        return "STALE", 401
    try:
        WechatPayProvider().read_notification(headers, body)
    except ProviderRefused as refusal:
        return refusal.code, 401 if refusal.code == "BAD_SIGNATURE" else 400
    except (CashierError, ProviderUnknown):
        return "NOT_READY", 503
    return "", 204


def _plain(text: str) -> str:
    """A header as it may be stored: PostgreSQL takes no NUL, and a signature is shorter than this."""
    return text.replace("\0", "")[:1024]


def _no(status: int, code: str) -> JsonResponse:
    return JsonResponse({"code": "FAIL", "message": code}, status=status)


urlpatterns = [
    path("notify", notify, name="wechat_pay_notify"),
    path("notify/<slug:account>", notify, name="wechat_pay_notify_account"),
]
