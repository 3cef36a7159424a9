"""Text messages: written first, sent after the commit, asked about when there is no answer.

`WAITING → SENDING → SENT | REFUSED | UNKNOWN`; UNKNOWN is asked for by our number and sent again, under the same
number, only when the provider has nothing under it. What is over forgets what it said.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils.module_loading import import_string

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.numbering import external_number

from ..kinds import SMS_OVER, SmsState
from ..models import SmsMessage
from ..ports import Outgoing, SmsGateway, SmsNotConfigured, SmsRefused, SmsUnknown
from ..texts import TEMPLATES, filled, text_of

logger = logging.getLogger(__name__)

#: After how long a message that somebody was sending is taken to have lost its worker.
LOST_AFTER = timedelta(seconds=60)
#: After how long one that nobody tried yet is looked at by the sweep.
STALE_AFTER = timedelta(seconds=15)
#: How long after its time one without an answer is still asked about.
GIVEN_UP_AFTER = timedelta(days=1)
KEPT = timedelta(days=180)


def compose(
    mobile: str,
    template: str,
    parameters: Mapping[str, str],
    *,
    expires_after: timedelta = timedelta(hours=12),
) -> SmsMessage:
    """Write a message to a (cleaned) number, in the caller's transaction. Raises KeyError for an unknown template."""
    if template not in TEMPLATES:
        raise KeyError(template)
    made = SmsMessage(
        number=external_number("S"), mobile=mobile, mobile_index=mobile_index(mobile), template=template,
        expires_at=now() + expires_after,
    )  # fmt: skip
    made.parameters = dict(parameters)
    made.save()
    return made


def dispatch(message: SmsMessage) -> None:
    """Have a message sent, after the commit of the surrounding transaction."""
    from ..tasks import send_message

    send_message.delay(message.pk)


def gateway() -> SmsGateway:
    """The provider in force (setting `O2O_SMS`). Raises SmsNotConfigured."""
    found: SmsGateway = import_string(settings.O2O_SMS["GATEWAY"])()
    return found


def deliver(pk: int) -> SmsState | None:
    """Send a message, or ask what became of it; returns its state, None when it is somebody else's or over.

    No lock is held while the provider is asked: a guarded statement takes the message first.
    """
    moment = now()
    rows = SmsMessage.objects.filter(pk=pk)
    before = _take(pk)
    if before is None:
        return None
    message = rows.get()
    if message.expires_at <= moment and before == SmsState.WAITING:
        return _end(message, SmsState.EXPIRED, failure="EXPIRED")
    if message.expires_at <= moment - GIVEN_UP_AFTER:
        return _end(message, SmsState.EXPIRED, failure="NO_ANSWER")
    try:
        receipt = gateway().find(message.number) if before != SmsState.WAITING else None
        if receipt is None:
            if message.expires_at <= moment:
                return _end(message, SmsState.EXPIRED, failure="EXPIRED")
            receipt = gateway().send(_outgoing(message))
    except SmsRefused as error:
        return _end(message, SmsState.REFUSED, failure=error.detail)
    except SmsNotConfigured as error:
        logger.error("text messages cannot be sent: %s", error.detail)
        # nothing was sent, and nothing could be
        return _wait(
            message, SmsState.WAITING if before == SmsState.WAITING else SmsState.UNKNOWN, error.detail
        )
    except SmsUnknown as error:
        logger.warning("text message %s: %s", message.number, error.detail)
        return _wait(message, SmsState.UNKNOWN, error.detail)
    return _end(message, SmsState.SENT, receipt=receipt)


def waiting(limit: int = 200) -> list[int]:
    """Messages that the sweep looks at: not tried, without an answer, or left by a worker that died."""
    moment = now()
    left = Q(state__in=(SmsState.WAITING, SmsState.UNKNOWN)) & (
        Q(tried_at__isnull=True, made_at__lt=moment - STALE_AFTER) | Q(tried_at__lt=moment - STALE_AFTER)
    )
    lost = Q(state=SmsState.SENDING, tried_at__lt=moment - LOST_AFTER)
    return list(SmsMessage.objects.filter(left | lost).order_by("pk").values_list("pk", flat=True)[:limit])


def outcomes_of(numbers: Collection[str]) -> dict[str, bool]:
    """What became of messages that are over, by number: sent or not; those still on their way are left out."""
    rows = SmsMessage.objects.filter(number__in=list(numbers), state__in=SMS_OVER)
    return {number: state == SmsState.SENT for number, state in rows.values_list("number", "state")}


def sweep() -> int:
    """Delete messages of long ago; returns how many."""
    return SmsMessage.objects.filter(state__in=SMS_OVER, made_at__lt=now() - KEPT).delete()[0]


def mobile_index(mobile: str) -> str:
    """How the messages to a cleaned number are found."""
    return blind_index(mobile, "members.sms.mobile")


def _take(pk: int) -> SmsState | None:
    """Take a message for sending; answers its state of before, None where it is not to be taken."""
    moment = now()
    for state, extra in (
        (SmsState.WAITING, Q()),
        (SmsState.UNKNOWN, Q()),
        (SmsState.SENDING, Q(tried_at__lt=moment - LOST_AFTER)),
    ):
        if SmsMessage.objects.filter(extra, pk=pk, state=state).update(
            state=SmsState.SENDING, tried_at=moment, attempts=F("attempts") + 1
        ):
            return state
    return None


def _outgoing(message: SmsMessage) -> Outgoing:
    told = {str(name): str(value) for name, value in message.parameters.items()}
    parameters = filled(message.template, told)
    return Outgoing(
        message.number, message.mobile, message.template, parameters, text_of(message.template, parameters)
    )


def _end(message: SmsMessage, state: SmsState, *, receipt: str = "", failure: str = "") -> SmsState:
    message.state, message.receipt, message.failure = state, receipt[:64], failure[:40]
    message.parameters, message.over_at = {}, now()
    message.save(update_fields=["state", "receipt", "failure", "parameters", "over_at"])
    return state


def _wait(message: SmsMessage, state: SmsState, failure: str) -> SmsState:
    SmsMessage.objects.filter(pk=message.pk, state=SmsState.SENDING).update(state=state, failure=failure[:40])
    return state
