"""The port of a payment provider: what the cashier asks of WeChat Pay and the like.

Every call carries a number of ours that was written before it, so asking again is always safe. An adapter translates
its system's answers into the three things the cashier acts on: a result, :class:`ProviderRefused` (a definite no) and
:class:`ProviderUnknown` (no answer, or one that says nothing; ask again, never send anew).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Method(StrEnum):
    """How the payer meets the provider."""

    WECHAT_NATIVE = "WECHAT_NATIVE"
    WECHAT_JSAPI = "WECHAT_JSAPI"
    WECHAT_H5 = "WECHAT_H5"


class ProviderRefused(Exception):
    """The provider said no. ``code`` is the provider's; ``message`` is safe to store and to show to staff."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ProviderUnknown(Exception):
    """No usable answer: a timeout, a broken connection, a 5xx, a wrong signature. ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PayRequest:
    """What a provider needs to start a trade. ``amount_fen`` in fen; ``expires_at`` aware."""

    number: str
    method: Method
    amount_fen: int
    description: str
    expires_at: datetime
    payer_id: str = ""
    payer_ip: str = ""


@dataclass(frozen=True)
class PayInstructions:
    """What the payer's device does next; only the fields of the method are filled."""

    code_url: str = ""
    h5_url: str = ""
    jsapi: dict[str, str] = field(default_factory=dict)


class TradeState(StrEnum):
    """What the provider says of a trade."""

    PAID = "PAID"
    UNPAID = "UNPAID"
    CLOSED = "CLOSED"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class TradeFact:
    """A provider's statement about a trade, from a query or a verified notification. Amount in fen."""

    number: str
    state: TradeState
    amount_fen: int = 0
    currency: str = "CNY"
    provider_ref: str = ""
    paid_at: datetime | None = None


class RefundState(StrEnum):
    """What the provider says of a refund."""

    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class RefundRequest:
    """What a provider needs for a refund; both amounts in fen."""

    number: str
    trade_number: str
    amount_fen: int
    total_fen: int
    reason: str


@dataclass(frozen=True)
class RefundFact:
    """A provider's statement about a refund. Amount in fen."""

    number: str
    state: RefundState
    amount_fen: int = 0
    provider_ref: str = ""
    finished_at: datetime | None = None


class Provider(Protocol):
    """A payment provider. Every method may raise ProviderRefused, ProviderUnknown or a DomainError (not configured)."""

    title: str
    methods: tuple[Method, ...]
    #: Days after payment in which the provider refunds, and how many refunds one trade may have.
    refund_days: int
    refund_count: int
    #: Seconds between two refunds of one trade.
    refund_gap: float

    def start(self, request: PayRequest) -> PayInstructions:
        """Start a trade under our number; the same number and parameters again give the same trade."""

    def query(self, number: str) -> TradeFact:
        """Ask for a trade by our number."""

    def close(self, number: str) -> None:
        """Close a trade that is not paid. A paid one may be refused under any code: query after a refusal."""

    def refund(self, request: RefundRequest) -> RefundFact:
        """Send a refund under our number; the same number again is the same refund."""

    def query_refund(self, number: str) -> RefundFact:
        """Ask for a refund by our number."""

    def read_notification(self, headers: dict[str, str], body: bytes) -> TradeFact | RefundFact:
        """Verify and decrypt a stored notification. Raises ProviderRefused for anything not genuine."""
