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
#: Nobody may buy for longer once he has entered; minutes.
LONGEST = 240


@dataclass(frozen=True, slots=True)
class Turn:
    """Where somebody stands: how many are before him, when he may enter, and until when he may buy."""

    number: int
    ahead: int
    enters_at: datetime
    until: datetime

    def is_in(self, moment: datetime) -> bool:
        return self.enters_at <= moment < self.until


@dataclass(frozen=True, slots=True)
class _Pace:
    """Numbers above `after` enter from a moment on, so many a minute."""

    after: int
    since: datetime
    per_minute: int

    def enters(self, number: int) -> datetime:
        return self.since + timedelta(seconds=(number - self.after) * 60 / self.per_minute)

    def reached(self, moment: datetime) -> int:
        """Up to which number people may have entered."""
        seconds = (moment - self.since).total_seconds()
        return self.after + (int(seconds * self.per_minute // 60) if seconds > 0 else 0)

    def kept(self) -> list[Any]:
        return [self.after, self.since.isoformat(), self.per_minute]


def _pace(queue: SaleQueue) -> _Pace:
    return _Pace(queue.after, queue.started_at, queue.per_minute)


def _earlier(queue: SaleQueue) -> list[_Pace]:
    """The paces before, the newest first."""
    return [_Pace(after, datetime.fromisoformat(since), rate) for after, since, rate in queue.earlier]


@transaction.atomic
def set_queue(
    by: Any, product: AdmissionProduct, per_minute: int, *, pass_minutes: int = 10, started_at: datetime | None = None,
    active: bool = True,
) -> SaleQueue:  # fmt: skip
    """Let people in at a rate, from a moment on (none told: at once, and what goes on already goes on).

    Of a queue that is there everybody keeps his number, and who has entered his minutes; who stands there enters by the
    new rate, until a moment that is still to come nobody does. Locks: the queue. Raises OutOfScope, NotAllowed,
    INVALID.
    """
    allow(by, EDIT, product)
    if not 1 <= per_minute <= 100_000 or not 1 <= pass_minutes <= LONGEST:
        raise invalid(_("每分钟放行 1 至 100000 人，有效 1 至 240 分钟"), "per_minute")
    moment = now()
    told = {"per_minute": per_minute, "pass_minutes": pass_minutes, "active": active}
    made, new = SaleQueue.objects.get_or_create(
        product=product, defaults={**told, "started_at": started_at or moment}
    )
    [row] = lock_rows(SaleQueue.objects.filter(pk=made.pk))
    if not new:
        since = max(started_at or moment, moment)
        if per_minute != row.per_minute or max(row.started_at, moment) != since:
            _turn_to(row, _Pace(min(_pace(row).reached(moment), row.last_number), since, per_minute), moment)
        row.pass_minutes, row.active = pass_minutes, active
        row.save()
    audit.record(SET, row, after=audit.snapshot(row), actor=actor(by), org_path=product.unit.path)
    return row


def _turn_to(row: SaleQueue, pace: _Pace, moment: datetime) -> None:
    """Another pace for a *locked* queue; the ones before are kept as long as somebody may be inside by them."""
    there = _pace(row)
    kept, last = [], pace.after
    for one in ([there] if pace.after > there.after else []) + _earlier(row):
        if one.enters(last) + timedelta(minutes=LONGEST) > moment:
            kept.append(one.kept())
        last = one.after
    row.after, row.started_at, row.per_minute, row.earlier = pace.after, pace.since, pace.per_minute, kept


@transaction.atomic
def join(user: Any, queue: SaleQueue, proof: str = "") -> Turn:
    """Take a number, or hear where one stands; whoever let his turn pass goes to the end.

    `proof`: the answer to a puzzle, where the product wants one before a number is taken; not to look. Locks: the
    queue. Raises SIGN_IN_REQUIRED, PROOF_NEEDED.
    """
    if not getattr(user, "is_authenticated", False):
        raise AdmissionError(Code.SIGN_IN_REQUIRED, _("请先登录再排队"))
    moment = now()
    standing = _standing(user, queue, moment)
    if standing is not None:
        return standing
    check_proof(queue.product, proof)
    [fresh] = lock_rows(SaleQueue.objects.filter(pk=queue.pk))
    standing = _standing(user, fresh, moment)  # by another window of his, at the same moment
    if standing is not None:
        return standing
    # not a number whose turn has passed while nobody came
    number = max(fresh.last_number + 1, _pace(fresh).reached(moment))
    SaleQueue.objects.filter(pk=fresh.pk).update(last_number=number)
    QueuePlace.objects.update_or_create(
        queue=fresh, user=user, defaults={"number": number, "taken_at": moment}
    )
    return turn_of(fresh, number, moment)


def _standing(user: Any, queue: SaleQueue, moment: datetime) -> Turn | None:
    """Where somebody stands, or is inside; None: he has no number, or his turn is over."""
    there = QueuePlace.objects.filter(queue=queue, user=user).first()
    turn = turn_of(queue, there.number, moment) if there is not None else None
    return turn if turn is not None and moment < turn.until else None


def turn_of(queue: SaleQueue, number: int, moment: datetime) -> Turn:
    """When a number enters: numbers enter evenly over every minute."""
    pace = _pace(queue)
    by = next((one for one in (pace, *_earlier(queue)) if number > one.after), None)
    if by is None:  # of a time that nobody remembers: over
        return Turn(number, 0, moment, moment)
    enters = by.enters(number)
    ahead = max(0, number - 1 - pace.reached(moment)) if moment < enters else 0
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
    return max(0, queue.last_number - _pace(queue).reached(now()))
