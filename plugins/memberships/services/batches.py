"""Making cards: asked for by one, agreed to by another, the codes taken out once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import desk_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number, next_numbers
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..choices import BatchState
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..models import Card, CardBatch, Plan
from ..numbers import BATCH, CARD
from ..permissions import CARD_APPROVE, CARD_MAKE, CARD_PRINT
from ..rules import add_months
from ..scratching import digest_of, new_code

ASKED = audit.action("memberships.batch_asked", _("申请制卡"))
DECIDED = audit.action("memberships.batch_decided", _("复核制卡"))
PRINTED = audit.action("memberships.batch_printed", _("导出制卡文件"))
MOST = 2000
#: Months in which a card must be activated.
MONTHS = 24
SHORTEST = 4


@transaction.atomic
def ask_batch(by: Any, plan: Plan, count: int, note: str, months: int = MONTHS) -> CardBatch:
    """Ask for so many cards of a plan, for the own unit. Raises NotAllowed, INVALID, REQUIRED, NOT_ON_SALE."""
    unit = desk_of(by, CARD_MAKE)
    if not 1 <= count <= MOST:
        raise MembershipError(Code.INVALID, _("一批 1 至 %(most)d 张") % {"most": MOST}, "count")
    if not 1 <= months <= 60:
        raise MembershipError(Code.INVALID, _("激活期限须为 1 至 60 个月"), "months")
    if not plan.in_force:
        raise MembershipError(Code.NOT_ON_SALE, _("这种会员已停售，不能制卡"), "plan")
    told = note.strip()[:200]
    if len(told) < SHORTEST:
        raise MembershipError(
            Code.REQUIRED, _("请写明用途（不少于 %(count)s 字）") % {"count": SHORTEST}, "note"
        )
    batch = CardBatch.objects.create(
        number=next_number(BATCH), plan=plan, unit=unit, count=count, note=told, made_by=by,
        good_until=midnight(add_months(today(), months) + timedelta(days=1)),
    )  # fmt: skip
    _audit(ASKED, batch, by, {"number": batch.number, "plan": plan.code, "count": count})
    return batch


@transaction.atomic
def decide_batch(by: Any, pk: int, *, agreed: bool, reason: str = "") -> CardBatch:
    """Agree (the cards are written now), or not. Whoever asked cannot agree. Locks: the batch.

    Raises OutOfScope, NotAllowed, SAME_PERSON, REQUIRED for a refusal without a reason, IllegalMove.
    """
    require(by, CARD_APPROVE, get_row(by, CardBatch, pk=pk))
    [batch] = lock_rows(CardBatch.objects.select_related("unit", "plan").filter(pk=pk))
    if agreed and batch.made_by_id == by.pk:
        raise MembershipError(
            Code.SAME_PERSON, _("申请人不能自己复核"), hint=_("请另一位有复核权限的同事办理")
        )
    if not agreed and len(reason.strip()) < SHORTEST:
        raise MembershipError(Code.REQUIRED, _("请写明驳回原因"), "reason")
    batch.decided_by = by
    if agreed:
        codes = write_cards(batch)
        batch.codes = codes
    move_locked(batch, "approve" if agreed else "refuse", actor=actor_label(by), reason=reason.strip()[:200])
    _audit(DECIDED, batch, by, {"number": batch.number, "agreed": agreed, "reason": reason.strip()[:200]})
    return batch


def write_cards(batch: CardBatch) -> dict[str, str]:
    """Write the cards of a batch; their codes by number. Three statements."""
    numbers = next_numbers(CARD, [("", None)] * batch.count)
    codes = {number: new_code() for number in numbers}
    Card.objects.bulk_create(
        Card(
            number=number, batch=batch, plan=batch.plan, unit=batch.unit, scratch=digest_of(number, code),
            good_until=batch.good_until,
        )
        for number, code in codes.items()
    )  # fmt: skip
    return codes


@transaction.atomic
def take_codes(by: Any, pk: int) -> list[tuple[str, str]]:
    """The numbers and codes for the printer: once, then they are nowhere any more. Not by who asked for the cards.

    Locks: the batch. Raises OutOfScope, NotAllowed, SAME_PERSON, IllegalMove the second time.
    """
    require(by, CARD_PRINT, get_row(by, CardBatch, pk=pk))
    [batch] = lock_rows(CardBatch.objects.select_related("unit").filter(pk=pk))
    if batch.made_by_id == by.pk:
        raise MembershipError(
            Code.SAME_PERSON, _("申请人不能导出刮码"), hint=_("请另一位有制卡权限的同事办理")
        )
    codes: dict[str, str] = batch.codes if batch.state == BatchState.APPROVED else {}
    batch.codes, batch.printed_by = {}, by
    move_locked(batch, "print", actor=actor_label(by))
    _audit(PRINTED, batch, by, {"number": batch.number, "count": len(codes)})
    return sorted(codes.items())


def _audit(action: audit.Action, batch: CardBatch, by: Any, told: dict[str, Any]) -> None:
    audit.record(action, batch, after=told, actor=actor_label(by), org_path=batch.unit.path)
