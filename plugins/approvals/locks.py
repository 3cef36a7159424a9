"""Named locks of approvals."""

from __future__ import annotations

from saleor_o2o.kernel.locks import AdvisoryKey, advisory_lock


class ApprovalLock(AdvisoryKey):
    """ROUTES: whoever changes the matrix or a route, which must agree. One at a time, for a moment."""

    ROUTES = "approvals.routes"


def lock_routes() -> None:
    """Take the lock of matrix and routes until the transaction ends. Raises LockTimeout."""
    advisory_lock(ApprovalLock.ROUTES)
