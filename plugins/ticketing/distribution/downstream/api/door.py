"""``POST /hooks/ticketing/reseller``: a signed envelope with a method; the answer is signed with the same key.

The envelope is the distributor's (`admission/suppliers/wire.py`): `{account, method, data, timestamp, nonce, sign}`. A
timestamp counts for five minutes, a nonce once. `code` "0" is yes; everything else is a refusal with words.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plugins.ticketing.admission.suppliers import wire
from saleor_o2o.kernel.bodies import body_refusal
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.kernel.pace import client_ip, network_of, retry_after

from ..errors import ResaleError
from ..models import ResellerKey
from ..services.keys import key_named
from .methods import METHODS

logger = logging.getLogger(__name__)
MAX_BODY = 128 * 1024
#: Questions of one key, and of one unknown asker, in a minute.
PACE, STRANGERS = 600, 60
_BUSY = frozenset({"55P03", "40P01"})


@csrf_exempt
@require_POST
def answer(request: HttpRequest) -> JsonResponse:
    """One question. Whoever cannot sign learns nothing but that."""
    refused = body_refusal(request, MAX_BODY)
    if refused is not None:
        return _unsigned(*refused)
    fields = wire.read(request.body)
    if fields is None:
        return _unsigned("MALFORMED", 400)
    name = fields.get("account", "")[:40]
    key = key_named(name) if name and "\0" not in name and name.isascii() else None
    wrong = wire.problem(fields, key.key, key.secret) if key is not None else "UNKNOWN"
    if key is None or wrong:
        wait = retry_after("resale-strangers", network_of(client_ip(request.META)), STRANGERS)
        if wait:
            return _later(wait)
        return _unsigned("STALE" if wrong == "STALE" else "BAD_SIGN", 401)
    nonce = fields.get("nonce", "")
    if not 8 <= len(nonce) <= 64:
        return _signed(key, "MALFORMED", _("nonce 缺少或不正确"))
    seen = blind_index(f"{key.key}:{nonce}", "resale.nonce")
    if not cache.add(f"o2o-resale-nonce-{seen}", 1, timeout=2 * wire.WINDOW + 60):
        return _unsigned("REPLAYED", 401)
    wait = retry_after("resale", key.key, PACE)
    return _later(wait) if wait else _do(key, fields)


def _do(key: ResellerKey, fields: dict[str, str]) -> JsonResponse:
    method = METHODS.get(fields.get("method", ""))
    told = wire.data_of(fields)
    if method is None or told is None:
        return _signed(key, "MALFORMED", _("没有这个方法，或 data 不是 JSON 对象"))
    try:
        return _signed(key, "0", "", method(key.reseller, told))
    except ResaleError as refusal:
        return _signed(
            key, str(refusal.code.value), refusal.in_words, {"field": refusal.field, **refusal.told}
        )
    except LockTimeout as busy:
        return _signed(key, "BUSY", busy.in_words)
    except DomainError as refusal:
        return _signed(key, str(refusal.code.value), refusal.in_words, {"field": refusal.field})
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", getattr(error.__cause__, "sqlstate", None)) not in _BUSY:
            # never a bare 500: the partner asks again by the number, and we look
            logger.exception("a reseller's %s", fields.get("method"))
        return _signed(key, "BUSY", _("系统繁忙，请用原单号查询结果"))
    except Exception:
        logger.exception("a reseller's %s", fields.get("method"))
        return _signed(key, "UNKNOWN", _("系统异常，请用原单号查询结果"))


def _signed(key: ResellerKey, code: str, message: str, data: dict[str, Any] | None = None) -> JsonResponse:
    return JsonResponse(wire.envelope(key.key, key.secret, data or {}, code=code, message=str(message)))


def _unsigned(code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code}, status=status)


def _later(seconds: int) -> JsonResponse:
    answered = _unsigned("TOO_OFTEN", 429)
    answered["Retry-After"] = str(seconds)
    return answered


urlpatterns = [path("reseller", answer, name="ticketing_reseller")]
