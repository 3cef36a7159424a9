"""``/hooks/wechat_pay/notify``: stored as it came, checked, answered at once; the work is done by a task."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.cashier.services.inbox import Incoming, store

from .configuration import GATEWAY
from .provider import WechatPayProvider, outline

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
def notify(request: HttpRequest) -> HttpResponse:
    """Answer 204 to a genuine notification (also a repeated one); 400, 401 or 503 with a reason otherwise."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return _no(413, "内容过大")
    body = request.body
    headers = {name: request.headers.get(name, "")[:1024] for name in _HEADERS}
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
        stamp = int(headers["Wechatpay-Timestamp"])
    except ValueError:
        return "MALFORMED", 400
    if abs(time.time() - stamp) > WINDOW:
        return "STALE", 401
    try:
        WechatPayProvider().read_notification(headers, body)
    except ProviderRefused as refusal:
        return refusal.code, 401 if refusal.code == "BAD_SIGNATURE" else 400
    except (CashierError, ProviderUnknown):
        return "NOT_READY", 503
    return "", 204


def _no(status: int, code: str) -> JsonResponse:
    return JsonResponse({"code": "FAIL", "message": code}, status=status)


urlpatterns = [path("notify", notify, name="wechat_pay_notify")]
