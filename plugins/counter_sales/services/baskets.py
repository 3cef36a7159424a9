"""Baskets that wait: saved while the clerk types, encrypted, at most a dozen a person."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..models import CounterBasket

KEPT = 12
LARGEST = 20_000


def save_basket(user: Any, key: str, content: Any) -> CounterBasket:
    """Keep what was typed under its key; the oldest beyond a dozen are dropped. Raises CounterError.

    Keys of other people's baskets are refused as unknown.
    """
    if not isinstance(content, dict) or len(json.dumps(content)) > LARGEST:
        raise CounterError(Code.TEXT_TOO_LONG, _("内容太多，无法暂存"))
    try:
        uuid = UUID(key)
    except ValueError:
        raise CounterError(Code.REQUEST_KEY_INVALID, _("请求号不正确，请刷新页面")) from None
    known = CounterBasket.objects.filter(key=uuid).first()
    if known is not None and known.operator_id != user.pk:
        raise CounterError(Code.REQUEST_KEY_INVALID, _("请求号不正确，请刷新页面"))
    kept: dict[str, Any] = {"content": content, "updated_at": now()}
    basket, _fresh = CounterBasket.objects.update_or_create(key=uuid, operator=user, defaults=kept)
    old = CounterBasket.objects.filter(operator=user).order_by("-updated_at").values_list("pk", flat=True)
    CounterBasket.objects.filter(pk__in=list(old[KEPT : KEPT + 50])).delete()
    return basket


def drop_basket(user: Any, key: str) -> None:
    """Forget a basket of one's own; one that is not there is fine."""
    try:
        CounterBasket.objects.filter(key=UUID(key), operator=user).delete()
    except ValueError:
        return


def baskets_of(user: Any) -> list[CounterBasket]:
    """The person's baskets, the newest first."""
    return list(CounterBasket.objects.filter(operator=user).order_by("-updated_at")[:KEPT])
