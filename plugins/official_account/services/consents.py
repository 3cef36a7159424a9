"""Consents to subscribe messages: counted as WeChat tells of them, one taken before each message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import require_transaction

from ..models import Consent, Fan
from ..wire import Said

POPUP, CHANGED, SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"
#: What WeChat wraps the items of an event in.
_WRAPS = {POPUP: "SubscribeMsgPopupEvent", CHANGED: "SubscribeMsgChangeEvent", SENT: "SubscribeMsgSentEvent"}


def items_of(said: Said) -> Iterator[dict[str, Any]]:
    """What an event tells of each template; one item comes as itself, several as a list."""
    outer = said.values.get(_WRAPS.get(said.event, ""))
    listed = outer.get("List") if isinstance(outer, dict) else None
    for one in listed if isinstance(listed, list) else [listed]:
        if isinstance(one, dict) and isinstance(one.get("TemplateId"), str):
            yield one


def noted(fan: Fan, said: Said) -> None:
    """Count what somebody has agreed to or refused, in the caller's transaction, which holds the follower's row."""
    require_transaction()
    for one in items_of(said):
        told, key = one.get("SubscribeStatusString"), one["TemplateId"][:64]
        rows = Consent.objects.filter(fan=fan, template_id=key)
        if told == "accept" and said.event == POPUP:
            Consent.objects.get_or_create(fan=fan, template_id=key)
            rows.update(left=F("left") + 1, given=F("given") + 1, refused_at=None, changed_at=now())
        elif told == "reject" and said.event == CHANGED:
            rows.update(left=0, refused_at=now(), changed_at=now())


def take_one(fan_pk: int, template_id: str) -> bool:
    """Take one message of what somebody has agreed to; False where there is none. One guarded statement."""
    rows = Consent.objects.filter(fan_id=fan_pk, template_id=template_id, left__gt=0)
    return bool(rows.update(left=F("left") - 1, used=F("used") + 1, changed_at=now()))


def give_back(fan_pk: int, template_id: str) -> None:
    """The message was not sent, for certain: it may be sent another time."""
    rows = Consent.objects.filter(fan_id=fan_pk, template_id=template_id, used__gt=0)
    rows.update(left=F("left") + 1, used=F("used") - 1, changed_at=now())


def refused(fan_pk: int, template_id: str) -> None:
    """WeChat says that there is no consent (any more)."""
    rows = Consent.objects.filter(fan_id=fan_pk, template_id=template_id)
    rows.update(left=0, refused_at=now(), changed_at=now())
