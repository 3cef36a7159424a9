"""A payment provider inside the process: keeps exact books, and may answer nothing, before or after doing the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from saleor_o2o.cashier.ports import (
    Method,
    PayInstructions,
    PayRequest,
    ProviderRefused,
    ProviderUnknown,
    RefundFact,
    RefundRef,
    RefundRequest,
    RefundState,
    TradeFact,
    TradeRef,
    TradeState,
)
from saleor_o2o.kernel.clock import now

Answer = TypeVar("Answer")


@dataclass
class Trade:
    """One trade; amounts in fen."""

    number: str
    fen: int
    state: TradeState = TradeState.UNPAID
    refunds: dict[str, tuple[int, RefundState]] = field(default_factory=dict)

    @property
    def given_back(self) -> int:
        """What is, or is going, back to the payer."""
        return sum(fen for fen, state in self.refunds.values() if state is not RefundState.CLOSED)


@dataclass
class PretendedProvider:
    """``mood()`` says how each call ends: "ok", "lost" (done, but not told) or "down" (not done)."""

    mood: Callable[[], str] = lambda: "ok"
    trades: dict[str, Trade] = field(default_factory=dict)
    title: str = "假想支付"
    methods: tuple[Method, ...] = tuple(Method)
    refund_days: int = 365
    refund_count: int = 50
    refund_gap: float = 0.0
    combines: frozenset[Method] = frozenset()
    combine_most: int | None = None
    lifetimes: dict[Method, timedelta] = field(default_factory=dict)

    def account_for(self, order_id: int, seller: str, method: Method) -> str:
        """One account for everything."""
        return ""

    def start(self, request: PayRequest) -> PayInstructions:
        """Same number, same trade; a closed one is refused."""

        def work() -> PayInstructions:
            trade = self.trades.setdefault(request.number, Trade(request.number, request.amount_fen))
            if trade.state is not TradeState.UNPAID:
                raise ProviderRefused("ORDER_CLOSED", "")
            return PayInstructions(code_url=f"pay://{request.number}")

        return self._call(work)

    def query(self, asked: TradeRef) -> TradeFact:
        """The trade as it is."""
        return self._call(lambda: self.fact(asked.number))

    def close(self, asked: TradeRef) -> None:
        """Also an unknown number is closed; a paid one is refused."""

        def work() -> None:
            trade = self.trades.get(asked.number)
            if trade is not None and trade.state is TradeState.PAID:
                raise ProviderRefused("ORDERPAID", "")
            if trade is not None:
                trade.state = TradeState.CLOSED

        self._call(work)

    def refund(self, request: RefundRequest) -> RefundFact:
        """Never more than came, never one number twice."""

        def work() -> RefundFact:
            trade = self.trades[request.trade_number]
            assert trade.state is TradeState.PAID
            if request.number not in trade.refunds:
                if trade.given_back + request.amount_fen > trade.fen:
                    raise AssertionError("more was asked back than came")
                trade.refunds[request.number] = (request.amount_fen, RefundState.PROCESSING)
            return self.refund_fact(request.number)

        return self._call(work)

    def query_refund(self, asked: RefundRef) -> RefundFact:
        """The refund as it is."""
        return self._call(lambda: self.refund_fact(asked.number))

    def account_titles(self) -> dict[str, str]:
        return {}

    def read_notification(self, headers: dict[str, str], body: bytes) -> TradeFact | RefundFact:
        """Not used: facts are handed to the services directly."""
        raise NotImplementedError

    def fact(self, number: str) -> TradeFact:
        """What would be notified."""
        trade = self.trades.get(number)
        if trade is None:
            return TradeFact(number, TradeState.ABSENT)
        return TradeFact(number, trade.state, trade.fen, "CNY", f"P{number}", now())

    def refund_fact(self, number: str) -> RefundFact:
        """What would be notified."""
        for trade in self.trades.values():
            if number in trade.refunds:
                fen, state = trade.refunds[number]
                return RefundFact(number, state, fen, f"P{number}")
        return RefundFact(number, RefundState.ABSENT)

    def _call(self, work: Callable[[], Answer]) -> Answer:
        mood = self.mood()
        if mood == "down":
            raise ProviderUnknown("DOWN")
        answer = work()
        if mood == "lost":
            raise ProviderUnknown("LOST")
        return answer


def yuan(fen: int) -> Decimal:
    """Fen as yuan."""
    return Decimal(fen).scaleb(-2)
