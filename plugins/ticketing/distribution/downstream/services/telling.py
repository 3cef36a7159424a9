"""Notices are written in the transaction of what they are about, and sent after it by a job."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.numbering import next_number

from ..choices import NoticeKind, NoticeState, ResellerState
from ..locks import lock_reseller
from ..models import Reseller, ResellerNotice
from ..numbers import NOTICE


def tell(reseller_pk: int, kind: NoticeKind, subject: str, body: dict[str, Any]) -> ResellerNotice:
    """Write a notice. Under the reseller's lock, so that keys grow as they are committed and a cursor misses none.

    Locks: the reseller. Raises LockTimeout.
    """
    require_transaction()
    reseller: Reseller = lock_reseller(reseller_pk)
    silent = not reseller.hook or reseller.state == ResellerState.CLOSED
    told: dict[str, Any] = {"next_at": None, "state": NoticeState.SKIPPED} if silent else {}
    return ResellerNotice.objects.create(
        reseller=reseller, number=next_number(NOTICE), kind=kind, subject=subject[:64], body=body, **told
    )
