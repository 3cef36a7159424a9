"""``/hooks/ticketing/distributor``: what a distributor tells; stored as it came, checked, answered, worked on later.

It sends until it reads `{"code": "0"}`. The answers say nothing of tickets or people.
"""

from __future__ import annotations

from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plugins.ticketing.admission.suppliers import wire

from ..choices import NoticeKind, NoticeState
from ..models import SupplierNotice

MAX_BODY = 64 * 1024


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> JsonResponse:
    """Take a notice in; the same number again changes nothing."""
    length = request.headers.get("Content-Length") or "0"
    if not length.isascii() or not length.isdigit():
        return _no("MALFORMED", 400)
    if len(length) > 9 or int(length) > MAX_BODY:
        return _no("TOO_LARGE", 413)
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
        _keep_refused(request.body, refusal)
        return _no(refusal, 400 if refusal == "MALFORMED" else 401)
    subject = str((data or {}).get("outOrderNo") or (data or {}).get("productCode") or "")[:64]
    take_in(number, kind, subject.replace("\0", ""), request.body)
    return JsonResponse({"code": "0"})


def take_in(number: str, kind: str, subject: str, body: bytes) -> SupplierNotice:
    """Store a notice once; work on it begins after the commit."""
    try:
        with transaction.atomic():
            made = SupplierNotice.objects.create(
                number=number, kind=kind, subject=subject, body=body.decode("utf-8", "replace")
            )
    except IntegrityError:
        SupplierNotice.objects.filter(number=number).update(copies=F("copies") + 1)
        return SupplierNotice.objects.get(number=number)
    from ..tasks import work_notice

    transaction.on_commit(partial(work_notice.delay, made.pk))
    return made


def _keep_refused(body: bytes, refusal: str) -> None:
    text = body[:4096].decode("utf-8", "replace").replace("\0", "")
    SupplierNotice.objects.create(body=text, state=NoticeState.REFUSED, why=refusal, next_at=None)


def _no(code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code}, status=status)


urlpatterns = [path("distributor", hear, name="ticketing_distributor")]
