"""What WeChat Pay tells the others of shares, after the commit. Amounts in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_o2o.kernel.events import Event


@dataclass(frozen=True)
class ShareFinished(Event):
    """A request is done; ``amount`` is what really went to others (a closed receiver's part stays with us)."""

    name = "wechat_pay.share_finished"

    share_id: int
    order_id: int
    amount: Decimal
    key: str


@dataclass(frozen=True)
class ShareReturned(Event):
    """A share came back."""

    name = "wechat_pay.share_returned"

    return_id: int
    order_id: int
    amount: Decimal
    key: str


@dataclass(frozen=True)
class BillStored(Event):
    """A day's bill is here; its lines can be reconciled."""

    name = "wechat_pay.bill_stored"

    bill_id: int
    account: str
    day: str
    kind: str
