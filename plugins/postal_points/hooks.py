"""``/hooks/postal_points/businesses`` and ``…/reversals``: what the core system tells, signed.

The core system sends until it has an answer below 500. Every answer is JSON; none says anything of the customer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.bodies import body_refusal
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import LockTimeout

from .errors import PostalError
from .errors import PostalErrorCode as Code
from .kinds import Service
from .models import PostalBusiness
from .services.counting import Told, reverse, take
from .who import read
from .wire import load, problem

MAX_BODY = 16 * 1024
#: A business that happened later than this from now is a mistake of the clock.
AHEAD = timedelta(minutes=10)
_STATUS: dict[Enum, int] = {
    Code.UNKNOWN_UNIT: 404,
    Code.KEY_REUSED: 409,
    Code.INVALID: 422,
    Code.MALFORMED: 400,
}
Told_ = dict[str, Any]


def businesses(told: Told_) -> PostalBusiness:
    """{service, number, amount (yuan, text), happened_at (ISO 8601), unit (code), mobile, id_number, card}."""
    happened = _moment(told)
    code = _text(told, "unit", 40).upper()
    unit = OrgUnit.objects.filter(code=code).first()
    if unit is None:
        raise PostalError(Code.UNKNOWN_UNIT, _("没有这个机构代码"), "unit", _("请先在机构管理里登记这个机构"))
    who = read({name: _text(told, name, 60, needed=False) for name in ("mobile", "id_number", "card")})
    if not who.indexes:
        raise PostalError(Code.INVALID, _("手机号、证件号、会员卡号至少要有一项"), "mobile")
    return take(Told(_service(told), _text(told, "number", 60), _amount(told), happened, unit, who))


def reversals(told: Told_) -> PostalBusiness:
    """{service, number}."""
    return reverse(_service(told), _text(told, "number", 60))


def _door(do: Callable[[Told_], PostalBusiness]) -> Any:
    @csrf_exempt
    @require_POST
    def view(request: HttpRequest) -> JsonResponse:
        keys = load()
        if keys is None:
            return _refused("NOT_READY", 503)
        refused = body_refusal(request, MAX_BODY)
        if refused is not None:
            return _refused(*refused)
        wrong = problem(keys, "POST", request.path, request.headers, request.body)
        if wrong:
            return _refused(wrong, 401)
        try:
            told = json.loads(request.body)
            if not isinstance(told, dict):
                raise PostalError(Code.MALFORMED, _("内容不是 JSON 对象"))
            row = do(told)
        except (ValueError, RecursionError):
            return _refused("MALFORMED", 400)
        except PostalError as error:
            answer = {"status": "refused", **error.as_dict()}
            return JsonResponse(answer, status=_STATUS.get(error.code, 422))
        except (LockTimeout, DatabaseError) as error:
            if isinstance(error, DatabaseError) and getattr(error.__cause__, "pgcode", None) not in _BUSY:
                raise
            answered = _refused("BUSY", 503)
            answered["Retry-After"] = "5"
            return answered
        return JsonResponse(
            {
                "status": row.state,
                "service": row.service,
                "number": row.number,
                "points": row.points,
                "why": row.why,
            }
        )

    return view


#: lock_not_available, deadlock_detected.
_BUSY = frozenset({"55P03", "40P01"})


def _refused(code: str, status: int) -> JsonResponse:
    return JsonResponse({"status": "refused", "code": code}, status=status)


def _text(told: Told_, name: str, most: int, *, needed: bool = True) -> str:
    value = told.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()) or len(value) > most or "\0" in value:
        raise PostalError(Code.MALFORMED, _("%(name)s 缺少或不正确") % {"name": name}, name)
    return value.strip()


def _service(told: Told_) -> Service:
    text = _text(told, "service", 12)
    if text not in Service.values:
        known = "、".join(Service.values)
        raise PostalError(Code.MALFORMED, _("service 只能是 %(known)s") % {"known": known}, "service")
    return Service(text)


def _amount(told: Told_) -> Decimal:
    try:
        amount = Decimal(_text(told, "amount", 20))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 < amount < 10**10 or amount != round(amount, 2):
        raise PostalError(Code.MALFORMED, _("amount 是以元为单位的正数文本，最多两位小数"), "amount")
    return amount


def _moment(told: Told_) -> datetime:
    try:
        found = datetime.fromisoformat(_text(told, "happened_at", 40))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found > now() + AHEAD:
        raise PostalError(Code.MALFORMED, _("happened_at 要带时区，且不能在将来"), "happened_at")
    return found


urlpatterns = [
    path("businesses", _door(businesses), name="postal_points_businesses"),
    path("reversals", _door(reversals), name="postal_points_reversals"),
]
