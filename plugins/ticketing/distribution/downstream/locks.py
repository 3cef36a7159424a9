"""Locks of resale. A reseller's row comes last, after everything that an order locks."""

from __future__ import annotations

from saleor_o2o.kernel.locks import AdvisoryKey, lock_rows

from .models import Reseller


class ResaleLock(AdvisoryKey):
    """SEED: two that fill in a demonstration at the same moment."""

    SEED = "resale.seed"


def lock_reseller(pk: int) -> Reseller:
    """Lock a reseller, and read it. FOR NO KEY UPDATE: orders and entries may point to it. Raises LockTimeout."""
    return lock_rows(Reseller.objects.filter(pk=pk), no_key=True)[0]
