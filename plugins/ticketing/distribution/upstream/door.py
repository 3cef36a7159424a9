"""``/hooks/ticketing/distributor``: what a distributor tells; stored as it came, checked, answered, worked on later.

It sends until it reads `{"code": "0"}`. The answers say nothing of tickets or people.
"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plugins.ticketing.admission.suppliers import wire
from plugins.ticketing.admission.suppliers.distributor import ADAPTER
from plugins.ticketing.kernel.services.notices import keep_refused, take_in
from saleor_o2o.kernel.bodies import body_refusal

from ..choices import NoticeKind

MAX_BODY = 64 * 1024


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> JsonResponse:
    """Take a notice in; the same number again changes nothing."""
    refused = body_refusal(request, MAX_BODY)
    if refused is not None:
        return _no(*refused)
    try:
        config = wire.load()
    except wire.NotConfigured:
        return _no("NOT_READY", 404)
    fields = wire.read(request.body)
    data = wire.data_of(fields) if fields is not None else None
    number = str((data or {}).get("noticeNo") or "")[:64]
    kind = (fields or {}).get("method", "")
    refusal = ""
    if fields is None or data is None or not number or "\0" in number or kind not in NoticeKind.values:
        refusal = "MALFORMED"
    else:
        refusal = wire.problem(fields, config.account, config.secret)
    if refusal:
        keep_refused(ADAPTER, request.body, refusal)
        return _no(refusal, 400 if refusal == "MALFORMED" else 401)
    subject = str((data or {}).get("outOrderNo") or (data or {}).get("productCode") or "")[:64]
    take_in(ADAPTER, number, kind, subject.replace("\0", ""), request.body)
    return JsonResponse({"code": "0"})


def _no(code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code}, status=status)


urlpatterns = [path("distributor", hear, name="ticketing_distributor")]
