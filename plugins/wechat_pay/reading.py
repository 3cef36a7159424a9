"""WeChat's objects turned into the cashier's facts; every field is doubted."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from saleor_o2o.cashier.ports import (
    ProviderRefused,
    ProviderUnknown,
    RefundFact,
    RefundState,
    SubTradeFact,
    TradeFact,
    TradeState,
)

from .keyring import Keyring

#: After any refund, even a partial one, a paid trade says REFUND.
_PAID_STATES = frozenset({"SUCCESS", "REFUND"})
#: REVOKED: taken back; PAYERROR: the payer turned away at the password. Neither can be paid any more.
_CLOSED_STATES = frozenset({"CLOSED", "REVOKED", "PAYERROR"})
_REFUND_STATES = {
    "SUCCESS": RefundState.SUCCEEDED,
    "CLOSED": RefundState.CLOSED,
    "PROCESSING": RefundState.PROCESSING,
    "ABNORMAL": RefundState.ABNORMAL,
}
#: What WeChat's ids and event types are made of; also what a database can hold.
_WORD = re.compile(r"[!-~]{1,64}")
ABSENT = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})


def trade_fact(plain: dict[str, Any], ring: Keyring, number: str | None = None) -> TradeFact:
    """A transaction object. Raises ProviderRefused WRONG_MERCHANT, WRONG_NUMBER, MALFORMED."""
    if plain.get("mchid") != ring.mchid or not ring.owns(plain.get("appid")):
        raise ProviderRefused("WRONG_MERCHANT", "")
    if number is not None and plain.get("out_trade_no") != number:
        raise ProviderRefused("WRONG_NUMBER", "")
    state = str(plain.get("trade_state", ""))
    amount = plain.get("amount") or {}
    if state in _PAID_STATES:
        total = amount.get("total")
        if not isinstance(total, int) or not plain.get("out_trade_no"):
            raise ProviderRefused("MALFORMED", "")
        return TradeFact(
            number=str(plain["out_trade_no"]),
            state=TradeState.PAID,
            amount_fen=total,
            currency=str(amount.get("currency", "CNY")),
            provider_ref=str(plain.get("transaction_id", ""))[:64],
            paid_at=moment_of(plain.get("success_time")),
            account=ring.code,
        )
    return TradeFact(
        number=str(plain.get("out_trade_no", "")),
        state=TradeState.CLOSED if state in _CLOSED_STATES else TradeState.UNPAID,
        account=ring.code,
    )


def combined_fact(plain: dict[str, Any], ring: Keyring, number: str | None = None) -> TradeFact:
    """A combined transaction object: paid when every part is, closed when every part is. Raises as `trade_fact`."""
    if plain.get("combine_mchid") != ring.mchid or not ring.owns(plain.get("combine_appid")):
        raise ProviderRefused("WRONG_MERCHANT", "")
    given = str(plain.get("combine_out_trade_no", ""))
    if not given or (number is not None and given != number):
        raise ProviderRefused("WRONG_NUMBER", "")
    parts = plain.get("sub_orders")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise ProviderRefused("MALFORMED", "")
    states = {str(part.get("trade_state", "")) for part in parts}
    if not states <= _PAID_STATES:
        closed = states <= _CLOSED_STATES
        return TradeFact(given, TradeState.CLOSED if closed else TradeState.UNPAID, account=ring.code)
    subs, currencies = [], set()
    for part in parts:
        amount = part.get("amount") or {}
        fen = amount.get("total_amount")
        if not isinstance(fen, int) or not part.get("out_trade_no"):
            raise ProviderRefused("MALFORMED", "")
        currencies.add(str(amount.get("currency", "CNY")))
        subs.append(SubTradeFact(str(part["out_trade_no"]), fen, str(part.get("transaction_id", ""))[:64]))
    return TradeFact(
        number=given,
        state=TradeState.PAID,
        amount_fen=sum(sub.amount_fen for sub in subs),
        currency=currencies.pop() if len(currencies) == 1 else "",
        paid_at=moment_of(parts[0].get("success_time")),
        account=ring.code,
        subs=tuple(subs),
    )


def refund_fact(plain: dict[str, Any], number: str, status: str, account: str = "") -> RefundFact:
    """A refund object; `status` stands in another field in notifications. Raises ProviderRefused MALFORMED."""
    state = _REFUND_STATES.get(status)
    if state is None or not number:
        raise ProviderRefused("MALFORMED", "")
    refund_fen = (plain.get("amount") or {}).get("refund", 0)
    return RefundFact(
        number=number,
        state=state,
        amount_fen=refund_fen if isinstance(refund_fen, int) else 0,
        provider_ref=str(plain.get("refund_id", ""))[:64],
        finished_at=moment_of(plain.get("success_time")),
        account=account,
    )


def needed(answer: dict[str, Any], name: str) -> str:
    """A field without which an answer says nothing. Raises ProviderUnknown INCOMPLETE_ANSWER."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderUnknown("INCOMPLETE_ANSWER")
    return value


def moment_of(text: Any) -> datetime | None:
    """A moment as WeChat writes it; None for anything that is none or lies ahead."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or moment > timezone.now() + timedelta(days=1):
        return None
    return moment


def outline(body: bytes) -> tuple[str | None, str]:
    """The notification's id and event type, unverified, for the inbox; ``(None, "")`` for anything unreadable."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(data, dict):
        return None, ""
    ident, kind = data.get("id"), data.get("event_type")
    if not isinstance(ident, str) or not _WORD.fullmatch(ident):
        return None, ""
    return ident, kind if isinstance(kind, str) and _WORD.fullmatch(kind) else ""
