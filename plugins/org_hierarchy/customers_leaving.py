"""A customer wants to be forgotten: what keeps him for now, and what of him each plugin forgets.

```python
def open_matters(user: User) -> list[ClosingBlocker]:
    count = Complaint.objects.filter(customer=user).exclude(state__in=OVER).count()
    return [ClosingBlocker(_("有 %(count)d 件投诉没有办结") % {"count": count}, _("请等待处理"))] if count else []

register_closing_blocker("after_sale.complaints", open_matters)
register_customer_erasure("counter_sales", lambda user: CounterCustomer.objects.filter(user=user).update(user=None))
```

Asked when the member asks, and again when the cooling period is over. Whoever is above the members cannot be asked by
them otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from saleor_o2o.kernel.errors import Text


@dataclass(frozen=True, slots=True)
class ClosingBlocker:
    """Why an account cannot be closed yet, and what to do about it; for the customer to read."""

    text: Text
    hint: Text = ""


#: `find(user)`: reads only, no remote call; nothing when nothing is open.
Find = Callable[[Any], Iterable[ClosingBlocker]]
#: `erase(user)`: in the transaction that closes the account; takes personal data away or cuts the tie, keeps what
#: accounts are made of; answers how many rows. Twice is harmless.
Erase = Callable[[Any], int]
_blockers: dict[str, Find] = {}
_erasures: dict[str, Erase] = {}


def register_closing_blocker(name: str, find: Find) -> None:
    """Let something open keep an account from being closed. Raises ValueError for a name that is taken."""
    if name in _blockers:
        raise ValueError(f"closing is already kept by {name!r}")
    _blockers[name] = find


def closing_blockers(user: Any) -> list[ClosingBlocker]:
    """What keeps a customer's account open now, in the order of registration."""
    return [one for find in _blockers.values() for one in find(user)]


def register_customer_erasure(name: str, erase: Erase) -> None:
    """Let a plugin forget a customer whose account is closed. Raises ValueError for a name that is taken."""
    if name in _erasures:
        raise ValueError(f"customers are already forgotten by {name!r}")
    _erasures[name] = erase


def customer_erasures() -> Mapping[str, Erase]:
    """Every registered erasure by name, in the order of registration."""
    return _erasures
