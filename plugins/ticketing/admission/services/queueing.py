"""排队: who comes to a hot sale takes a number; so many a minute may enter. Times by the platform's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..access import EDIT
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import AdmissionProduct, QueuePlace, SaleQueue
from .common import actor, allow, invalid
from .proofs import check_proof

SET = audit.action("admission.queue_set", _("设置排队放行"))


@dataclass(frozen=True, slots=True)
class Turn:
    """Where somebody stands: how many are before him, when he may enter, and until when he may buy."""

    number: int
    ahead: int
    enters_at: datetime
    until: datetime

    def is_in(self, moment: datetime) -> bool:
        return self.enters_at <= moment < self.until


@transaction.atomic
def set_queue(
    by: Any, product: AdmissionProduct, per_minute: int, *, pass_minutes: int = 10, started_at: datetime | None = None,
    active: bool = True,
) -> SaleQueue:  # fmt: skip
    """Let people in at a rate, from a moment on. Raises OutOfScope, NotAllowed, INVALID."""
    allow(by, EDIT, product)
    if not 1 <= per_minute <= 100_000 or not 1 <= pass_minutes <= 240:
        raise invalid(_("每分钟放行 1 至 100000 人，有效 1 至 240 分钟"), "per_minute")
    row, _new = SaleQueue.objects.update_or_create(
        product=product,
        defaults={
            "per_minute": per_minute, "pass_minutes": pass_minutes, "started_at": started_at or now(), "active": active,
        },
    )  # fmt: skip
    audit.record(SET, row, after=audit.snapshot(row), actor=actor(by), org_path=product.unit.path)
    return row


@transaction.atomic
def join(user: Any, queue: SaleQueue, proof: str = "") -> Turn:
    """Take a number, or hear where one stands; whoever let his turn pass goes to the end.

    `proof`: the answer to a puzzle, where the product wants one before a number is taken; not to look. Locks: the
    queue. Raises SIGN_IN_REQUIRED, PROOF_NEEDED.
    """
    if not getattr(user, "is_authenticated", False):
        raise AdmissionError(Code.SIGN_IN_REQUIRED, _("请先登录再排队"))
    moment = now()
    there = QueuePlace.objects.filter(queue=queue, user=user).first()
    if there is not None:
        turn = turn_of(queue, there.number, moment)
        if moment < turn.until:
            return turn
    check_proof(queue.product, proof)
    [fresh] = lock_rows(SaleQueue.objects.filter(pk=queue.pk))
    number = _next(fresh, moment)
    SaleQueue.objects.filter(pk=fresh.pk).update(last_number=number)
    QueuePlace.objects.update_or_create(
        queue=fresh, user=user, defaults={"number": number, "taken_at": moment}
    )
    return turn_of(fresh, number, moment)


def _next(queue: SaleQueue, moment: datetime) -> int:
    """The next number: not one whose turn has passed while nobody came."""
    return max(queue.last_number + 1, _reached(queue, moment))


def _reached(queue: SaleQueue, moment: datetime) -> int:
    """Up to which number people may have entered until now."""
    seconds = (moment - queue.started_at).total_seconds()
    return int(seconds * queue.per_minute // 60) if seconds > 0 else 0


def turn_of(queue: SaleQueue, number: int, moment: datetime) -> Turn:
    """When a number enters: numbers enter evenly over every minute."""
    enters = queue.started_at + timedelta(seconds=number * 60 / queue.per_minute)
    ahead = max(0, number - 1 - _reached(queue, moment)) if moment < enters else 0
    return Turn(number, ahead, enters, enters + timedelta(minutes=queue.pass_minutes))


def queue_of(product: AdmissionProduct) -> SaleQueue | None:
    """The queue in which people stand for a product; None: everybody may buy. One statement."""
    return SaleQueue.objects.filter(product=product, active=True).first()


def check_turn(user: Any, queue: SaleQueue | None) -> None:
    """Refuse whoever did not queue where a queue is, or whose turn it is not. Raises QUEUE_NEEDED, QUEUE_WAIT."""
    if queue is None:
        return
    moment = now()
    place = QueuePlace.objects.filter(queue=queue, user_id=getattr(user, "pk", None) or 0).first()
    if place is None:
        raise AdmissionError(Code.QUEUE_NEEDED, _("购买这个产品需要先排队"), hint=_("请先取号"))
    turn = turn_of(queue, place.number, moment)
    if moment < turn.enters_at:
        raise AdmissionError(
            Code.QUEUE_WAIT,
            _("还没有轮到您，前面还有 %(ahead)d 人") % {"ahead": turn.ahead},
            hint=_("请在排队页等候"),
        )
    if moment >= turn.until:
        raise AdmissionError(Code.QUEUE_NEEDED, _("您的排队号已过时效"), hint=_("请重新取号"))


def length(queue: SaleQueue) -> int:
    """How many wait now."""
    return max(0, queue.last_number - _reached(queue, now()))
