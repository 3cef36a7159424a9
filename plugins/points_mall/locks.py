"""Locks of the mall. Order: offers, then purses; both after stock and orders, before sub-orders."""

from __future__ import annotations

from collections.abc import Iterable

from saleor_o2o.kernel.locks import lock_rows

from .models import MallOffer


def lock_offers(codes: Iterable[str]) -> list[MallOffer]:
    """Lock offers in primary-key order: quotas and limits are counted under them. Raises LockTimeout."""
    rows = MallOffer.objects.filter(code__in=list(codes)).select_related("variant__product", "owner", "level")
    return lock_rows(rows, no_key=True)
