"""What a customer may not do for now: said by whoever keeps the list, asked by whoever would do it for him.

The answer stands on the user's own row (private metadata), which every request has read already: asking costs no
statement. Whoever writes the list writes it there in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from saleor.account.models import User

_KEY = "o2o.barred"


class Deed(StrEnum):
    """What may be forbidden to a customer."""

    LOGIN = "login"
    BUY = "buy"
    GIFTS = "gifts"
    AFTER_SALE = "after_sale"
    MARKETING = "marketing"


def is_barred(user: Any, deed: Deed) -> bool:
    """True when this is forbidden to a customer now; nobody is barred who has no account. No statement."""
    return user is not None and deed.value in (getattr(user, "private_metadata", None) or {}).get(_KEY, ())


def bar(user_id: int, deeds: Iterable[Deed]) -> None:
    """Write what is forbidden to a customer from now on (nothing: all is allowed), in the caller's transaction."""
    [user] = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id)
    told = {**(user.private_metadata or {})}
    told.pop(_KEY, None)
    wanted = sorted(deed.value for deed in deeds)
    user.private_metadata = {**told, _KEY: wanted} if wanted else told
    user.save(update_fields=["private_metadata"])
