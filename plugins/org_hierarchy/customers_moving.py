"""Two accounts of one person become one: whoever keeps rows of customers says how they move.

```python
def move(old: User, new: User) -> int:
    return Complaint.objects.filter(customer=old).update(customer=new)

register_customer_move("after_sale", move, _("售后与投诉"))
```

Whoever is above the members cannot be asked by them otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text

#: `move(old, new)`: in the transaction of the merge, under the locks of both members; answers how many rows moved.
Move = Callable[[Any, Any], int]
_moves: dict[str, Move] = {}
_labels: dict[str, Text] = {}


def register_customer_move(name: str, move: Move, label: Text = "") -> None:
    """Let rows of a customer move with a merge; `label` is what people call them.

    Raises ValueError for a name that is taken.
    """
    if name in _moves:
        raise ValueError(f"customers are already moved by {name!r}")
    _moves[name] = move
    _labels[name] = label or name


def move_label(name: str) -> str:
    """What to call moved rows in front of people; the name itself where nobody said."""
    return str(_labels.get(name, name))


def customer_moves() -> Mapping[str, Move]:
    """Return every registered move by name, in the order of registration."""
    return _moves


def install() -> None:
    """Register what the organisation keeps of customers; called once when the app is ready."""
    from .models import CustomerHome

    def move(old: Any, new: Any) -> int:
        home = CustomerHome.objects.filter(customer=old).first()
        if home is None or CustomerHome.objects.filter(customer=new).exists():
            return 0
        CustomerHome.objects.create(
            customer=new, unit_id=home.unit_id, made_by_id=home.made_by_id, made_at=home.made_at
        )
        home.delete()
        return 1

    register_customer_move("org_hierarchy", move, _("建档机构"))
