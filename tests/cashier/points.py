"""A tender as a plugin would bring it: points worth a fen each, kept in a dictionary that plays the plugin's table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any

from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.models import PaymentPart
from saleor_o2o.cashier.tenders import Asked, Audience, Found, Held, Payer, Tender, Wish


@dataclass
class PointsTender(Tender):
    """`calls` is the order in which the cashier asked; `frozen` says that the account refuses."""

    kind: str = "points"
    title: str = "积分"
    audience: frozenset[Audience] = frozenset({Audience.SHOPPER})
    accounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: Decimal(100)))
    calls: list[tuple[str, Any]] = field(default_factory=list)
    frozen: bool = False
    by_hand: bool = False
    guard: Any = field(default_factory=Lock)

    def identify(self, wish: Wish, payer: Payer) -> Found:
        return Found(wish.code, f"积分 {wish.code}")

    def hold(self, asked: Asked) -> Held:
        if self.frozen:
            raise CashierError(CashierErrorCode.BALANCE_TOO_LOW, field="amount", message="积分账户已冻结")
        amount = min(asked.most, self.accounts[asked.ref]) if asked.amount is None else asked.amount
        if amount > self.accounts[asked.ref]:
            raise CashierError(CashierErrorCode.BALANCE_TOO_LOW, field="amount", message="积分不足")
        return Held(amount)

    def held(self, part: PaymentPart) -> None:
        self.calls.append(("hold", part.amount))
        self.accounts[part.ref] -= part.amount

    def capture(self, part: PaymentPart) -> None:
        self.calls.append(("capture", part.amount))

    def release(self, part: PaymentPart) -> bool:
        self.calls.append(("release", part.amount))
        if not self.by_hand:
            self.accounts[part.ref] += part.amount
        return not self.by_hand

    def refund(self, part: PaymentPart, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        self.calls.append(("refund", amount))
        if not self.by_hand:
            self.accounts[part.ref] += amount
        return not self.by_hand

    def handed_back(self, part: PaymentPart, amount: Decimal, number: str, reference: str, user: Any) -> None:
        self.calls.append(("handed_back", amount))
        self.accounts[part.ref] += amount
