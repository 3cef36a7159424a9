"""What a shopper chose for a checkout: kept on its row, so that a checkout without a choice costs no statement.

`{"coupons": ["C123…"], "points": ["500"]}` in its private metadata, which no shopper can write by stock's means; an
unsaved basket carries it in the same place. The order takes the metadata over and so remembers what was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.checkout.models import Checkout

from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from .sources import source_named

KEY = "o2o.deductions"
#: More of one source in one checkout is no shopper's wish.
MOST = 20
_LONGEST = 40


def choices_of(checkout: Checkout) -> dict[str, list[str]]:
    """What was chosen, by source; empty for nearly every checkout. No statement."""
    found = (checkout.private_metadata or {}).get(KEY)
    return found if isinstance(found, dict) else {}


def put_choices(checkout: Checkout, chosen: Mapping[str, Sequence[str]]) -> None:
    """Set what is chosen on the row in memory: an empty list takes a source's choice away.

    Raises OrderingError UNKNOWN_CHOICE for a source that is not there or a list that no shopper can mean.
    """
    kept = {**choices_of(checkout)}
    for name, values in chosen.items():
        wanted = list(dict.fromkeys(value.strip() for value in values))
        if (
            source_named(name) is None
            or len(wanted) > MOST
            or any(not 0 < len(v) <= _LONGEST for v in wanted)
        ):
            raise OrderingError(Code.UNKNOWN_CHOICE, "deductions", _("没有这种优惠"))
        kept[name] = wanted
    kept = {name: values for name, values in kept.items() if values}
    metadata: dict[str, Any] = {**(checkout.private_metadata or {})}
    metadata.pop(KEY, None)
    checkout.private_metadata = {**metadata, KEY: kept} if kept else metadata


def choose(checkout: Checkout, source: str, values: Sequence[str]) -> None:
    """Choose what of a source counts for a *locked*, saved checkout. Raises as `put_choices`."""
    put_choices(checkout, {source: values})
    checkout.save(update_fields=["private_metadata", "last_change"])
