"""What a counter's page asks while the clerk types: JSON in, JSON out, refusals in words with the field at fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

#: Answers one question: the clerk, what was typed, the request.
Asked = Callable[[Any, Mapping[str, Any], HttpRequest], dict[str, Any]]


def answer(request: HttpRequest, asked: Asked | None, permission: str) -> JsonResponse:
    """Answer one question, for who has the permission. Refusals: 409 (404 no such question or out of reach, 403 not
    permitted, 400 no JSON)."""
    if asked is None or request.method != "POST":
        return _refusal(OutOfScope(), 404)
    user: Any = request.user
    if not user.has_perm(permission):
        return _refusal(NotAllowed(), 403)
    try:
        typed = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        typed = None
    if not isinstance(typed, dict):
        return JsonResponse(
            {"error": {"code": "INVALID", "message": _("请求内容无法识别，请刷新页面")}}, status=400
        )
    try:
        return JsonResponse(asked(user, _kept(typed), request))
    except OutOfScope as error:
        return _refusal(error, 404)
    except NotAllowed as error:
        return _refusal(error, 403)
    except DomainError as error:
        return _refusal(error, 409)


def _kept(told: Any) -> Any:
    """What was typed without what no database takes: NUL, halves of characters."""
    if isinstance(told, str):
        return "".join(one for one in told if one != "\0" and not "\ud800" <= one <= "\udfff")
    if isinstance(told, dict):
        return {_kept(name): _kept(one) for name, one in told.items()}
    return [_kept(one) for one in told] if isinstance(told, list) else told


def _refusal(error: DomainError, status: int) -> JsonResponse:
    told = {
        **error.as_dict(),
        "details": getattr(error, "details", {}),
        "retryAfter": getattr(error, "seconds", None),
    }
    return JsonResponse({"error": told}, status=status)
