"""A file with many points: held until a second person has agreed, then booked whole; refused, its numbers are free."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest
from plugins.loyalty.interfaces import lock_purses
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..kinds import BatchState, Source
from ..kinds import BusinessState as State
from ..models import PostalBatch, PostalBusiness
from ..who import indexes_of, members_of
from .counting import reverse, settle

MATTER = "postal_points.batch"
BOOKED = audit.action("postal_points.batch_booked", _("邮政业务积分入账"))


def approved(request: ApprovalRequest) -> None:
    """What follows the last decision, in its transaction. Locks: the batch, all purses, the businesses."""
    batch = _waiting(request)
    if batch is None:
        return
    held = PostalBusiness.objects.filter(batch=batch, state=State.HELD)
    before = {row.pk: indexes_of(row) for row in held}
    members = dict(zip(before, members_of(list(before.values())), strict=True))
    keys = {member.pk for member in members.values() if member is not None}
    lock_members(keys, batch.reversals)
    for row in lock_rows(held):
        settle(row, members[row.pk])
    for service, number in batch.reversals:
        reverse(service, number, source=Source.FILE, maker=batch.maker)
    move_locked(batch, "book_it")
    note_booked(batch)


def rejected(request: ApprovalRequest) -> None:
    """Not agreed: what was held never came."""
    _drop(request, "refuse")


def withdrawn(request: ApprovalRequest) -> None:
    """Taken back by whoever brought it."""
    _drop(request, "withdraw")


def lock_members(keys: set[int], reversals: list[list[str]]) -> None:
    """Lock the purses of all members of a file at once, in the order of their keys, those of reversals too."""
    for service, number in reversals:
        found = PostalBusiness.objects.filter(service=service, number=number)
        keys |= {key for key in found.values_list("member_id", flat=True) if key is not None}
    if keys:
        lock_purses(*keys)


def note_booked(batch: PostalBatch) -> None:
    """The line in the audit."""
    told = {
        "number": batch.number, "filename": batch.filename, "businesses": batch.businesses_count,
        "points": batch.points, "reversals": len(batch.reversals),
    }  # fmt: skip
    audit.record(BOOKED, batch, after=told, org_path=batch.unit.path)


def _drop(request: ApprovalRequest, step: str) -> None:
    batch = _waiting(request)
    if batch is None:
        return
    held = lock_rows(PostalBusiness.objects.filter(batch=batch, state=State.HELD))
    PostalBusiness.objects.filter(pk__in=[row.pk for row in held]).delete()
    move_locked(batch, step)


def _waiting(request: ApprovalRequest) -> PostalBatch | None:
    rows = lock_rows(PostalBatch.objects.select_related("unit", "maker").filter(pk=request.subject_id))
    return rows[0] if rows and rows[0].state == BatchState.WAITING else None
