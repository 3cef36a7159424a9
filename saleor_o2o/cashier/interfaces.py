"""What other packages may use of the cashier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .charges import Charge, ChargeState
from .error_codes import CashierErrorCode
from .errors import CashierError
from .figure_tables import Section, register_table
from .payers import register_payer_finder, register_payer_opener
from .ports import Method, RefundFact
from .registry import (
    gateway_offering,
    is_deferred,
    provider_of,
    register_news,
    register_provider,
    register_wait,
    release_on_close,
    waits_elsewhere,
)
from .tenders import Asked, Audience, Found, Held, Payer, Tender, Wish

if TYPE_CHECKING:
    from .models import IntentState, OrderRefund
    from .services.order_refunds import Share
    from .services.orphans import Check

__all__ = [
    "Asked",
    "Audience",
    "CashierError",
    "CashierErrorCode",
    "Charge",
    "ChargeState",
    "Found",
    "Held",
    "Method",
    "PartFacts",
    "Payer",
    "Section",
    "Tender",
    "Wish",
    "apply_refund_fact",
    "ask_now",
    "awaits_money",
    "came_back",
    "cancel_intent",
    "charge_code",
    "check_charge",
    "close_open_attempts",
    "closing_reason",
    "compose_intent",
    "gateway_offering",
    "hand_back_share",
    "intent_facts",
    "is_deferred",
    "is_mixed",
    "is_paid",
    "live_intent",
    "lock_intent_of",
    "open_intent",
    "parts_of",
    "plan_refund",
    "provider_of",
    "refund_order",
    "register_check",
    "register_news",
    "register_payer_finder",
    "register_payer_opener",
    "register_provider",
    "register_table",
    "register_wait",
    "release_on_close",
    "replace_intent",
    "reprice_intent",
    "shares_by_hand",
    "start_code",
    "start_page",
]


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A part of a payment, or a share of one that goes back, as a page shows it. `amount` in yuan."""

    pk: int
    kind: str
    label: str
    amount: Decimal
    state: str


def awaits_money(order_id: int | str) -> bool:
    """True when the order was placed to be paid later and is not paid (yet, or any more)."""
    from .models import REPLACED, IntentState, PaymentIntent

    intents = PaymentIntent.objects.filter(order_id=order_id).exclude(close_reason=REPLACED)
    states = list(intents.values_list("state", flat=True))
    if states and IntentState.PAID not in states:
        return True
    return waits_elsewhere(int(order_id))


def open_intent(
    order: object, payment: object, redirect_url: str = "", expires_at: datetime | None = None
) -> None:
    """Write down what an order has to be paid and until when (see ``services.intents``)."""
    from .services.intents import open_intent as write

    write(order, payment, redirect_url, expires_at)


def start_code(intent_pk: int, payer_ip: str | None = None) -> str:
    """Start (or resume) paying an intent by a code for the payer to scan; its content (`services.paying`)."""
    from .models import PaymentIntent
    from .services.paying import start_payment

    intent = PaymentIntent.objects.get(pk=intent_pk)
    return start_payment(intent, Method.WECHAT_NATIVE, "", payer_ip).instructions.code_url


def start_page(intent_pk: int, payer_ip: str | None = None) -> str:
    """Start (or resume) paying an intent on the provider's page in a phone's browser; its address."""
    from .models import PaymentIntent
    from .services.paying import start_payment

    intent = PaymentIntent.objects.get(pk=intent_pk)
    return start_payment(intent, Method.WECHAT_H5, "", payer_ip).instructions.h5_url


def apply_refund_fact(fact: RefundFact) -> Any:
    """Act on what a provider says of a refund (see ``services.refunding``); the refund."""
    from .services.refunding import apply_refund_fact as apply

    return apply(fact)


def charge_code(
    intent_pk: int, auth_code: str, *, store: str, device: str = "", payer_ip: str | None = None
) -> Charge:
    """Charge the phone whose payment code was scanned (see ``services.charging``)."""
    from .services.charging import charge_code as charge

    return charge(intent_pk, auth_code, store=store, device=device, payer_ip=payer_ip)


def check_charge(intent_pk: int) -> Charge | None:
    """Where the newest charge by payment code stands (see ``services.charging``)."""
    from .services.charging import check_charge as check

    return check(intent_pk)


def close_open_attempts(intent_pk: int) -> None:
    """Close an intent's open trades at the provider (see ``services.replacing``)."""
    from .services.replacing import close_open_attempts as close

    close(intent_pk)


def replace_intent(intent_pk: int) -> None:
    """Close an intent whose order is paid another way (see ``services.replacing``)."""
    from .services.replacing import replace_intent as replace

    replace(intent_pk)


def reprice_intent(intent_pk: int, amount: Decimal) -> None:
    """Ask for another amount for an unpaid order (see ``services.repricing``)."""
    from .services.repricing import reprice_intent as reprice

    reprice(intent_pk, amount)


def cancel_intent(intent_pk: int, reason: str) -> str:
    """Close an intent with its order; how far that came (see ``services.replacing``)."""
    from .services.replacing import cancel_intent as cancel

    return _as_told(cancel(intent_pk, reason))


def ask_now(intent_pk: int) -> str:
    """Ask the provider for an intent's open trades; where it stands then (see ``services.replacing``)."""
    from .services.replacing import ask_now as ask

    return _as_told(ask(intent_pk))


def _as_told(state: IntentState) -> str:
    # Whoever sells need not know that people look at the money first: the customer has paid.
    return "paid" if state.value == "review" else state.value


def live_intent(order_id: int) -> int | None:
    """The key of the order's intent that is undecided (pending, in review, or closing); None where there is none."""
    from .models import IntentState, PaymentIntent

    states = (IntentState.PENDING, IntentState.REVIEW, IntentState.CLOSING)
    found = PaymentIntent.objects.filter(order_id=order_id, state__in=states).order_by("-pk")
    return found.values_list("pk", flat=True).first()


def closing_reason(order_id: int) -> str:
    """Why the order's newest intent is closed or being closed (`EXPIRED` …); empty where it is not."""
    from .models import PaymentIntent

    newest = PaymentIntent.objects.filter(order_id=order_id).order_by("-pk")
    return newest.values_list("close_reason", flat=True).first() or ""


def is_paid(order_id: int) -> bool:
    """True when an intent of the order is paid; exact for whoever holds the order's lock."""
    from .models import IntentState, PaymentIntent

    return PaymentIntent.objects.filter(order_id=order_id, state=IntentState.PAID).exists()


def intent_facts(intent_pk: int) -> tuple[datetime, str]:
    """Until when an intent can be paid, and where it stands."""
    from .models import PaymentIntent

    intent = PaymentIntent.objects.get(pk=intent_pk)
    return intent.expires_at, str(intent.state)


def refund_order(
    order_id: int,
    amount: Decimal,
    *,
    reason: str,
    key: str,
    by: str = "",
    user: Any = None,
    at_counter: bool = False,
) -> OrderRefund:
    """Give money of an order back in exact shares, once per `key` (see ``services.order_refunds``)."""
    from .services.order_refunds import refund_order as refund

    return refund(order_id, amount, reason=reason, key=key, by=by, user=user, at_counter=at_counter)


def came_back(key: str) -> tuple[Decimal, bool]:
    """What of a refund failed for good, and whether more is on its way (see ``services.order_refunds``)."""
    from .services.order_refunds import came_back as read

    return read(key)


def plan_refund(order_id: int, amount: Decimal) -> list[Share]:
    """How a refund of an order would be divided over what it was paid with (see ``services.order_refunds``)."""
    from .errors import CashierError
    from .models import IntentState, PaymentIntent
    from .services.order_refunds import plan_refund as plan

    paid = PaymentIntent.objects.filter(order_id=order_id, state=IntentState.PAID).order_by("-pk").first()
    if paid is None:
        raise CashierError(CashierErrorCode.ORDER_NOT_PAID)
    return plan(paid, amount)


def compose_intent(intent_pk: int, wishes: Sequence[Wish], payer: Payer) -> str:
    """Cover an intent by internal parts; where it stands then (see ``services.composing``)."""
    from .models import IntentState, PaymentIntent
    from .services.composing import compose

    intent = PaymentIntent.objects.get(pk=intent_pk)
    return _as_told(IntentState(compose(intent, wishes, payer).state))


def parts_of(order_id: int) -> list[PartFacts]:
    """What internal money covers an order's newest intent, as it was chosen. Two statements."""
    from .models import LIVE_PARTS, PaymentIntent, PaymentPart

    newest = (
        PaymentIntent.objects.filter(order_id=order_id).order_by("-pk").values_list("pk", flat=True).first()
    )
    rows = PaymentPart.objects.filter(intent=newest, state__in=LIVE_PARTS).order_by("pk")
    return [PartFacts(one.pk, one.kind, one.label, one.amount, one.get_state_display()) for one in rows]


def parts_taken(order_ids: Iterable[int]) -> list[tuple[int, str, Decimal]]:
    """What internal money paid for orders: order, tender's kind, yuan; refunds do not count. One statement."""
    from .models import IntentState, PartState, PaymentPart

    rows = PaymentPart.objects.filter(
        intent__order_id__in=list(order_ids),
        intent__state=IntentState.PAID,
        state__in=(PartState.CAPTURED, PartState.REFUNDED),
    )
    return list(rows.order_by("pk").values_list("intent__order_id", "kind", "amount"))


def shares_given(keys: Iterable[str]) -> list[tuple[str, str, Decimal]]:
    """How refunds (by their keys) were divided: key, tender's kind (empty: the provider's share), yuan; what the
    provider gave up does not count. Two statements."""
    from .models import PartRefund, Refund, RefundState

    wanted = list(keys)
    remote = Refund.objects.filter(order_refund__key__in=wanted).exclude(state=RefundState.FAILED)
    own = PartRefund.objects.filter(order_refund__key__in=wanted)
    return [
        *((key, "", amount) for key, amount in remote.values_list("order_refund__key", "amount")),
        *own.values_list("order_refund__key", "part__kind", "amount"),
    ]


def shares_by_hand(order_id: int) -> list[PartFacts]:
    """What of an order's internal money people still have to give back by hand. One statement."""
    from .models import PartRefund, ShareState

    rows = PartRefund.objects.filter(part__intent__order_id=order_id, state=ShareState.WAITING)
    return [
        PartFacts(one.pk, one.part.kind, one.part.label, one.amount, one.get_state_display())
        for one in rows.select_related("part").order_by("pk")
    ]


def hand_back_share(user: Any, share_pk: int, reference: str) -> None:
    """Note that a share was given back by hand, for a caller who knows who may (see ``services.handing_back``)."""
    from .services.handing_back import note_handed_back

    note_handed_back(user, share_pk, reference)


def is_mixed(order_id: int) -> bool:
    """True when internal parts cover some or all of the order's newest intent."""
    from .models import PaymentIntent

    newest = PaymentIntent.objects.filter(order_id=order_id).order_by("-pk")
    return bool(newest.values_list("covered", flat=True).first() or 0)


def lock_intent_of(order_id: int) -> None:
    """Lock an order's newest intent, if any: first of all, for whoever goes on to lock the order and refund it."""
    from .locking import lock_intent
    from .models import PaymentIntent

    newest = (
        PaymentIntent.objects.filter(order_id=order_id).order_by("-pk").values_list("pk", flat=True).first()
    )
    if newest is not None:
        lock_intent(newest)


def register_check(check: Check) -> None:
    """Have the orphan job ask one more check (see ``services.orphans``); apps call it when they are ready."""
    from .services.orphans import register_check as register

    register(check)
