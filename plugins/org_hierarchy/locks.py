"""Named locks of the organisation, in the order in which they are taken: tree, then units by key, then staff by key."""

from __future__ import annotations

from collections.abc import Iterable

from saleor_o2o.kernel.locks import AdvisoryKey, advisory_lock, bounded_wait

from .models import OrgUnit


class OrgLock(AdvisoryKey):
    """TREE: whoever changes parents, paths or statuses. One at a time, for a moment."""

    TREE = "org_hierarchy.tree"


def lock_tree(timeout: float | None = None, *, shared: bool = False) -> None:
    """Take the lock of the tree until the transaction ends. Raises LockTimeout after `timeout` seconds.

    `shared`: for what only says something else about a unit. Its new version points at other units, which are looked
    at when the transaction commits; while somebody moves them, each would wait for the other.
    """
    advisory_lock(OrgLock.TREE, timeout=timeout, shared=shared)


def lock_units(keys: Iterable[int], timeout: float | None = None) -> list[OrgUnit]:
    """Lock units for a change of what is said about them; returns them as they are, by key. Raises LockTimeout.

    `FOR NO KEY UPDATE`: orders that are being written at the units (`landing`) neither wait nor are waited for. Only
    closing a unit takes more.
    """
    with bounded_wait(timeout):
        rows = OrgUnit.objects.filter(pk__in=list(keys)).order_by("pk")
        return list(rows.select_for_update(of=("self",), no_key=True))
