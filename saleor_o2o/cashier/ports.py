"""The port of a payment provider: what the cashier asks of WeChat Pay and the like.

Every call carries a number of ours that was written before it, so asking again is always safe. An adapter translates
its system's answers into the three things the cashier acts on: a result, :class:`ProviderRefused` (a definite no) and
:class:`ProviderUnknown` (no answer, or one that says nothing; ask again, never send anew).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Method(StrEnum):
    """How the payer meets the provider."""

    WECHAT_NATIVE = "WECHAT_NATIVE"
    WECHAT_JSAPI = "WECHAT_JSAPI"
    WECHAT_H5 = "WECHAT_H5"
    WECHAT_MINI = "WECHAT_MINI"
    #: The shop scans the payer's phone (付款码).
    WECHAT_CODE = "WECHAT_CODE"


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
class SubTradeRef:
    """One trade of several under one number: its own number, merchant account and amount (fen)."""

    number: str
    account: str
    amount_fen: int
    description: str = ""


@dataclass(frozen=True)
class TradeRef:
    """A trade as the cashier knows it: our number, the merchant account it was made with, and its parts if any."""

    number: str
    account: str = ""
    method: Method | None = None
    subs: tuple[SubTradeRef, ...] = ()


@dataclass(frozen=True)
class RefundRef:
    """A refund as the cashier knows it: our number and the merchant account that pays it."""

    number: str
    account: str = ""


@dataclass(frozen=True)
class PayRequest:
    """What a provider needs to start a trade. ``amount_fen`` in fen; ``expires_at`` aware.

    ``account`` is what the provider's ``account_for`` chose. ``subs`` are the parts of a combined trade and sum to the
    amount. ``auth_code``, ``device`` and ``store`` belong to a payment code: what was scanned, by which device, where.
    """

    number: str
    method: Method
    amount_fen: int
    description: str
    expires_at: datetime
    payer_id: str = ""
    payer_ip: str = ""
    account: str = ""
    subs: tuple[SubTradeRef, ...] = ()
    auth_code: str = ""
    device: str = ""
    store: str = ""


@dataclass(frozen=True)
class PayInstructions:
    """What the payer's device does next; only the fields of the method are filled."""

    code_url: str = ""
    h5_url: str = ""
    jsapi: dict[str, str] = field(default_factory=dict)
    #: A payment code is answered at once: the trade as it stands.
    fact: TradeFact | None = None


class TradeState(StrEnum):
    """What the provider says of a trade."""

    PAID = "PAID"
    UNPAID = "UNPAID"
    CLOSED = "CLOSED"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class SubTradeFact:
    """A provider's statement about one part of a combined trade. Amount in fen."""

    number: str
    amount_fen: int
    provider_ref: str = ""


@dataclass(frozen=True)
class TradeFact:
    """A provider's statement about a trade, from a query or a verified notification. Amount in fen.

    ``account``: whose statement it is, "" where the provider has one only. ``subs``: the parts of a combined trade that
    is paid; all of them, or it is not paid.
    """

    number: str
    state: TradeState
    amount_fen: int = 0
    currency: str = "CNY"
    provider_ref: str = ""
    paid_at: datetime | None = None
    account: str = ""
    subs: tuple[SubTradeFact, ...] = ()


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
    account: str = ""


@dataclass(frozen=True)
class RefundFact:
    """A provider's statement about a refund. Amount in fen."""

    number: str
    state: RefundState
    amount_fen: int = 0
    provider_ref: str = ""
    finished_at: datetime | None = None
    account: str = ""


class Provider(Protocol):
    """A payment provider. Every method may raise ProviderRefused, ProviderUnknown or a DomainError (not configured)."""

    title: str
    methods: tuple[Method, ...]
    #: Days after payment in which the provider refunds, and how many refunds one trade may have.
    refund_days: int
    refund_count: int
    #: Seconds between two refunds of one trade.
    refund_gap: float
    #: How long what the payer was given to pay with (a code, a link) can be used; methods without one are not here.
    lifetimes: Mapping[Method, timedelta]
    #: Methods by which one payment may go to several merchant accounts.
    combines: frozenset[Method]
    #: How many trades such a payment may have at most; None: no limit.
    combine_most: int | None

    def account_for(self, order_id: int, seller: str, method: Method) -> str:
        """The merchant account that takes an order's money, or its part for ``seller`` ("": our own); "" for one
        only."""

    def account_titles(self) -> Mapping[str, str]:
        """What people call the merchant accounts, by code."""

    def start(self, request: PayRequest) -> PayInstructions:
        """Start a trade under our number; the same number and parameters again give the same trade."""

    def query(self, trade: TradeRef) -> TradeFact:
        """Ask for a trade."""

    def close(self, trade: TradeRef) -> None:
        """Close a trade that is not paid (take it back, for a payment code). A paid one may be refused under any
        code: query after a refusal."""

    def refund(self, request: RefundRequest) -> RefundFact:
        """Send a refund under our number; the same number again is the same refund."""

    def query_refund(self, refund: RefundRef) -> RefundFact:
        """Ask for a refund."""

    def read_notification(
        self, headers: dict[str, str], body: bytes
    ) -> TradeFact | RefundFact | Callable[[], None]:
        """Verify and decrypt a stored notification. Raises ProviderRefused for anything not genuine."""
