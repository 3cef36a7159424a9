"""What plugins show of a customer on the member's page: the page knows nothing of who stands behind a part.

```python
def points(request: HttpRequest, user: User) -> Table | None:
    return Table("积分", ("时间", "业务", "变动", "余额"), rows)

register_customer_part("loyalty.points", points)
```
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from .admin.base import Table

#: Given the request and the customer, what to show; None where this user of the staff may see nothing of it. Rows only
#: through `kernel.scope`, numbers and names masked, at most `MOST` rows, a fixed number of statements.
Part = Callable[[HttpRequest, Any], "Table | None"]
MOST = 20
_parts: dict[str, Part] = {}


def register_customer_part(name: str, part: Part) -> None:
    """Show a part of a customer on the member's page. Raises ValueError for a name that is taken."""
    if name in _parts:
        raise ValueError(f"a part of customers is already shown by {name!r}")
    _parts[name] = part


def customer_parts(request: HttpRequest, user: Any) -> list[Table]:
    """What there is of a customer for whoever asks, in the order of registration."""
    found = (part(request, user) for part in _parts.values())
    return [one for one in found if one is not None]
