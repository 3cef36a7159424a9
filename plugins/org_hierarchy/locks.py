"""Named locks of the organisation, in the order in which they are taken: tree, then units by key, then staff by key."""

from __future__ import annotations

from saleor_o2o.kernel.locks import AdvisoryKey, advisory_lock


class OrgLock(AdvisoryKey):
    """TREE: whoever changes parents, paths or statuses. One at a time, for a moment."""

    TREE = "org_hierarchy.tree"


def lock_tree(timeout: float | None = None) -> None:
    """Take the lock of the tree until the transaction ends. Raises LockTimeout after `timeout` seconds."""
    advisory_lock(OrgLock.TREE, timeout=timeout)
