"""Consents to subscribe messages: counted as WeChat tells of them, one taken before each message."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F, Q

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import require_transaction

from ..models import Account, Consent, Fan, MessageKind, MessageTemplate
from ..wire import Said

POPUP, CHANGED, SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"
#: How long somebody who refused is left alone, and how many templates WeChat's window shows at once.
AGAIN, MOST_AT_ONCE = timedelta(days=30), 3
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
        elif told == "reject" and said.event == POPUP:
            # he is not asked again soon; what he had agreed to before stands
            Consent.objects.get_or_create(fan=fan, template_id=key)
            rows.update(refused_at=now(), changed_at=now())
        elif told == "reject" and said.event == CHANGED:
            rows.update(left=0, refused_at=now(), changed_at=now())


def askable(user: Any, account: Account, occasions: Collection[str]) -> list[MessageTemplate]:
    """What a page of the account may ask a follower to agree to now, at most three; three statements.

    Subscribe templates of the occasions that no template message tells of, of which he has no message left, and that
    he has not refused within :data:`AGAIN`. Nothing for nobody, and for whoever does not follow the account.
    """
    if not getattr(user, "is_authenticated", False):
        return []
    fan = Fan.objects.filter(account=account, user_id=user.pk, is_following=True).first()
    if fan is None:
        return []
    templates = account.templates.filter(occasion__in=set(occasions), is_active=True).order_by("pk")
    told = {one.occasion for one in templates if one.kind == MessageKind.TEMPLATE}
    wanted = [one for one in templates if one.kind == MessageKind.SUBSCRIBE and one.occasion not in told]
    known = fan.consents.filter(template_id__in=[one.template_id for one in wanted])
    settled = set(
        known.filter(Q(left__gt=0) | Q(refused_at__gt=now() - AGAIN)).values_list("template_id", flat=True)
    )
    return [one for one in wanted if one.template_id not in settled][:MOST_AT_ONCE]


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
