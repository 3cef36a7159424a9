"""``/hooks/stripe_pay/notify``: stored as it came, checked, answered at once; the work is done by a task."""

from __future__ import annotations

import time

import stripe
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.services.inbox import Incoming, store
from saleor_o2o.kernel.bodies import body_refusal

from .configuration import GATEWAY, load_account
from .news import outline

HEADER = "Stripe-Signature"
MAX_BODY = 256 * 1024
#: Seconds the signature's clock may differ from ours, either way.
WINDOW = 300


@csrf_exempt
@require_POST
def notify(request: HttpRequest) -> HttpResponse:
    """Answer 200 to a genuine notification (also a repeated one); 400, 401, 413 or 503 with a reason otherwise."""
    signature = request.headers.get(HEADER, "").replace("\0", "")[:1024]
    refused = body_refusal(request, MAX_BODY)
    body, external_id, kind = b"", None, ""
    if refused is not None:  # not read, only noted
        refusal, status = refused
    else:
        body = request.body
        external_id, kind = outline(body)
        refusal, status = ("MALFORMED", 400) if external_id is None else check(signature, body)
    if status != 503:
        store(
            Incoming(
                gateway=GATEWAY,
                headers={HEADER: signature},
                body=body,
                external_id=external_id,
                kind=kind,
                refusal=refusal,
            )
        )
    if refusal:
        return JsonResponse({"error": refusal}, status=status)
    return JsonResponse({"received": True})


def check(signature: str, body: bytes) -> tuple[str, int]:
    """Why a notification is refused, and the status it is answered with; ("", 200) for a genuine one of now."""
    try:
        secret = load_account().signing_secret
    except CashierError:
        secret = ""
    if not secret:
        return "NOT_READY", 503
    try:
        text = body.decode()
        stamp = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
        stripe.WebhookSignature.verify_header(text, signature, secret)
    except (stripe.error.SignatureVerificationError, ValueError, StopIteration):
        return "BAD_SIGNATURE", 401
    if abs(time.time() - stamp) > WINDOW:
        return "STALE", 401
    return "", 200


urlpatterns = [path("notify", notify, name="stripe_pay_notify")]
