"""Points, growth or a level by hand: asked for with a reason, booked when somebody else has approved it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, submit
from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import desk_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row
from saleor_o2o.kernel.states import move_locked

from ..errors import LoyaltyError
from ..errors import LoyaltyErrorCode as Code
from ..events import PointsMoved
from ..kinds import BY_HAND, AdjustmentState, Book, EntryKind
from ..models import Adjustment, Level
from ..numbers import ADJUSTMENT
from ..permissions import ADJUST
from ..rules import expiry
from ..terms import terms_in_force
from .giving import require_active
from .ledger import Why, grant, lock_purses, take_back
from .levels import give_level, settle_level

MATTER = "loyalty.adjustment"
ASKED = audit.action("loyalty.adjustment_asked", _("申请调整积分"))
BOOKED = audit.action("loyalty.adjustment_booked", _("积分调整入账"))
SHORTEST = 4
MOST = 1_000_000


@transaction.atomic
def ask_adjustment(
    by: Any,
    member: Member,
    *,
    book: str = Book.POINTS,
    amount: int = 0,
    level: Level | None = None,
    reason: str,
) -> Adjustment:
    """Ask for points or growth (negative: to take), or for a level; nothing moves before it is approved.

    The asker's unit answers for what is given. Raises OutOfScope, NotAllowed, INVALID, REQUIRED, and what the approval
    flow raises (NOT_RESPONSIBLE, NO_ROUTE).
    """
    unit = desk_of(by, ADJUST)
    found: Member = get_row(by, Member, pk=member.pk)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise LoyaltyError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    if book not in BY_HAND:
        raise LoyaltyError(Code.INVALID, _("请选择积分或成长值"), "book")
    if level is None and not 0 < abs(amount) <= MOST:
        raise LoyaltyError(
            Code.INVALID, _("请填写数量，正数增加、负数扣减，最多 %(most)d") % {"most": MOST}, "amount"
        )
    if level is not None and amount:
        raise LoyaltyError(Code.INVALID, _("赠送等级和调整数量请分两张单"), "amount")
    require_active(found)
    row = Adjustment.objects.create(
        number=next_number(ADJUSTMENT), member=found, book=book, amount=amount, level=level, unit=unit, reason=told,
        asked_by=by,
    )  # fmt: skip
    submit(MATTER, row, unit, by, note=told)
    audit.record(
        ASKED, row, after={"number": row.number, "book": book, "amount": amount, "level": level.code if level else ""},
        actor=actor_label(by), org_path=unit.path,
    )  # fmt: skip
    return row


def approved(request: ApprovalRequest) -> None:
    """What follows the last decision, in its transaction. Locks: the adjustment, the member's purses."""
    row = lock_rows(
        Adjustment.objects.select_related("member", "level", "unit").filter(pk=request.subject_id)
    )[0]
    if row.state != AdjustmentState.WAITING:
        return
    purses = lock_purses(row.member_id)[row.member_id]
    if row.level is not None:
        give_level(row.member_id, row.level, reason=row.reason, operator=row.asked_by)
    else:
        _post(row, purses)
    move_locked(row, "book_it", reason=row.reason)
    audit.record(BOOKED, row, after={"number": row.number, "amount": row.amount}, org_path=row.unit.path)


def rejected(request: ApprovalRequest) -> None:
    """Not approved: nothing moves."""
    _close(request, "refuse")


def withdrawn(request: ApprovalRequest) -> None:
    """Taken back by whoever asked."""
    _close(request, "withdraw")


def _post(row: Adjustment, purses: dict[str, Any]) -> None:
    why = Why(EntryKind.ADJUST, "adjustment", row.number, row.unit_id, operator=row.asked_by, note=row.reason)
    purse = purses[row.book]
    amount = Decimal(abs(row.amount))
    if row.amount > 0:
        months = terms_in_force().hand_months if row.book == Book.POINTS else None
        entry = grant(purse, amount, why, expires_at=expiry(months))
    else:
        entry = take_back(purse, None, amount, why)
    if row.book == Book.GROWTH:
        settle_level(row.member_id)
    else:
        publish(
            PointsMoved(member_id=row.member_id, entry_id=entry.pk, kind="adjust", points=row.amount),
            key=f"member:{row.member_id}",
        )


def _close(request: ApprovalRequest, step: str) -> None:
    row = lock_rows(Adjustment.objects.filter(pk=request.subject_id))[0]
    if row.state == AdjustmentState.WAITING:
        move_locked(row, step, reason="")
