"""开班, 清点, 交班: a drawer is counted before anybody says what should be in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, policy_for
from saleor_o2o.kernel.states import move

from ..denominations import read_counts, worth_of
from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_drawer, lock_shift
from ..models import RUNNING, Drawer, Shift, ShiftState
from ..numbers import SHIFT
from ..permissions import SELL, SHIFTS, may_at
from ..selectors.shifts import last_shift, rules_of, sums_of

OPENED = audit.action("counter.shift_opened", _("开班"))
COUNTED = audit.action("counter.shift_counted", _("清点钱箱"))
RECOUNTED = audit.action("counter.shift_recounted", _("复点钱箱"))
HANDED = audit.action("counter.shift_handed", _("交班"))
CONFIRMED = audit.action("counter.shift_confirmed", _("确认长短款"))

_COUNTS = ("counts", "counted", "expected", "difference", "pos_slips", "pos_expected", "pos_difference")


def open_shift(user: Any, drawer_pk: int, counts: Mapping[str, Any], reason: str = "") -> Shift:
    """Open the user's shift at a drawer with the counted 备用金. `counts`: pieces by denomination.

    What the shift before left in the drawer is compared; another sum, or somebody else than was named, needs a reason.
    Locks: the drawer. Raises OutOfScope, NotAllowed, CounterError: PLACE_CLOSED, SHIFT_BUSY (the drawer or the person
    has an open shift), COUNT_INVALID, REASON_REQUIRED.
    """
    found = Drawer.objects.select_related("unit").filter(pk=drawer_pk).first()
    if found is None or not may_at(user, SELL, found.unit):
        raise OutOfScope
    pieces = read_counts(counts)
    try:
        with transaction.atomic():
            return _open(user, lock_drawer(found.pk), pieces, reason.strip()[:200])
    except IntegrityError as error:  # the same person at two drawers in the same moment
        raise CounterError(
            Code.SHIFT_BUSY, _("台席或您本人已有未交的班次"), "drawer", _("请刷新页面查看")
        ) from error


def _open(user: Any, drawer: Drawer, counts: dict[str, int], reason: str) -> Shift:
    if not drawer.is_active or not drawer.unit.is_open:
        raise CounterError(Code.PLACE_CLOSED, _("这个台席没有启用，不能开班"), "drawer")
    running = Shift.objects.filter(state__in=RUNNING).select_related("clerk", "drawer")
    busy = running.filter(drawer=drawer).first()
    if busy is not None:
        raise CounterError(
            Code.SHIFT_BUSY,
            _("%(drawer)s由%(clerk)s当班（%(number)s），还没有交班")
            % {"drawer": drawer.name, "clerk": busy.clerk.first_name, "number": busy.number},
            "drawer",
            _("请换一个台席，或请当班人、支局长先交班"),
        )
    mine = running.filter(clerk=user).first()
    if mine is not None:
        raise CounterError(
            Code.SHIFT_BUSY,
            _("您在%(drawer)s的班次 %(number)s 还没有交")
            % {"drawer": mine.drawer.name, "number": mine.number},
            "drawer",
            _("请先交班，再开新的班次"),
        )
    before = last_shift(drawer)
    opening = worth_of(counts)
    difference = opening - before.retained if before is not None else Decimal("0.00")
    if difference and not reason:
        raise CounterError(
            Code.REASON_REQUIRED, _("清点数与上一班留存不一致，请重新清点；确认无误请填写说明"), "reason"
        )
    if before is not None and before.handed_to_id not in (None, user.pk) and not reason:
        raise CounterError(
            Code.REASON_REQUIRED,
            _("上一班指定由%(name)s接班，请说明为什么由您接") % {"name": before.handed_to.first_name},  # type: ignore[union-attr]
            "reason",
        )
    shift = Shift.objects.create(
        number=next_number(SHIFT),
        unit=drawer.unit,
        drawer=drawer,
        clerk=user,
        previous=before,
        opening=opening,
        opening_counts=counts,
        opening_difference=difference,
        opening_reason=reason,
    )
    audit.record(
        OPENED,
        shift,
        after={"drawer": drawer.name, "opening": opening, "difference": difference, "reason": reason},
        org_path=shift.unit.path,
    )
    return shift


@transaction.atomic
def count_shift(user: Any, shift_pk: int, counts: Mapping[str, Any], pos_slips: Decimal) -> Shift:
    """Enter what was counted, without having been told what should be there; the same again changes nothing.

    From here nothing is sold in the shift, and the expected sums are known. `pos_slips` in yuan: the terminal's total,
    returns taken off. Locks: the shift. Raises OutOfScope, NotAllowed (somebody else's, without 代交班), IllegalMove,
    CounterError COUNT_INVALID, AMOUNT_INVALID.
    """
    shift = _mine_or_managed(user, shift_pk)
    pieces = read_counts(counts)
    to_fen(pos_slips)
    if shift.state == ShiftState.COUNTED and (shift.counts, shift.pos_slips) == (pieces, pos_slips):
        return shift
    move(shift, "count", user_id=user.pk)
    _reckon(shift, pieces, pos_slips)
    shift.save(update_fields=_COUNTS)
    audit.record(COUNTED, shift, after=audit.snapshot(shift, _COUNTS), org_path=shift.unit.path)
    return shift


def _reckon(shift: Shift, counts: dict[str, int], pos_slips: Decimal) -> None:
    sums = sums_of(shift)
    shift.counts, shift.counted = counts, worth_of(counts)
    shift.expected = shift.opening + sums.cash
    shift.difference = shift.counted - shift.expected
    shift.pos_slips, shift.pos_expected = pos_slips, sums.pos
    shift.pos_difference = pos_slips - sums.pos


@transaction.atomic
def hand_over_shift(
    user: Any, shift_pk: int, retained: Decimal, reason: str = "", handed_to: int | None = None
) -> Shift:
    """Close a counted shift: so much stays in the drawer, the rest is to be handed in; differences have a reason.

    Above the unit's limit the shift is held until somebody else confirms; drawer and clerk are free at once. A
    repetition is answered with the shift as it is. `retained` in yuan. Locks: the shift. Raises OutOfScope, NotAllowed,
    IllegalMove, CounterError: NOT_COUNTED, RETAINED_INVALID, REASON_REQUIRED, NOT_FOUND (nobody who could take over).
    """
    shift = _mine_or_managed(user, shift_pk)
    if shift.state in (ShiftState.HELD, ShiftState.CLOSED):
        return shift
    if shift.counted is None:
        raise CounterError(Code.NOT_COUNTED, _("请先清点钱箱，再交班"))
    if to_fen(retained) < 0 or retained > shift.counted:
        raise CounterError(
            Code.RETAINED_INVALID,
            _("留存备用金须在 0 到清点金额 %(counted)s 之间") % {"counted": format_yuan(shift.counted)},
            "retained",
        )
    shift.reason = reason.strip()[:200]
    if (shift.difference or shift.pos_difference) and not shift.reason:
        raise CounterError(Code.REASON_REQUIRED, _("现金或 POS 有差异，请填写原因"), "reason")
    shift.handed_to = _next_clerk(shift, handed_to)
    shift.retained = retained
    shift.save(update_fields=["reason", "handed_to", "retained"])
    held = _above_limit(shift)
    move(shift, "hold" if held else "close", reason=shift.reason)
    audit.record(
        HANDED,
        shift,
        after={
            "retained": retained, "to_remit": shift.to_remit, "difference": shift.difference,
            "pos_difference": shift.pos_difference, "reason": shift.reason, "state": shift.state,
            "handed_to": shift.handed_to_id,
        },
        org_path=shift.unit.path,
    )  # fmt: skip
    return shift


def _above_limit(shift: Shift) -> bool:
    rules = rules_of(shift.unit_id)
    limit = rules.difference_limit if rules is not None else Decimal(0)
    return abs(shift.difference) > limit or abs(shift.pos_difference) > limit


def _next_clerk(shift: Shift, pk: int | None) -> User | None:
    if pk is None:
        return None
    found = User.objects.filter(pk=pk, is_active=True).first()
    if found is None or found.pk == shift.clerk_id or not may_at(found, SELL, shift.unit):
        raise CounterError(Code.NOT_FOUND, _("接班人须是能在这里销售的另一人"), "handed_to")
    return found


@transaction.atomic
def confirm_shift(user: Any, shift_pk: int, words: str) -> Shift:
    """A second person agrees with the difference of a held shift. Locks: the shift.

    Raises OutOfScope, NotAllowed, IllegalMove, CounterError SAME_PERSON (who sold or counted does not confirm),
    REASON_REQUIRED.
    """
    shift = _managed(user, shift_pk)
    if not words.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请填写确认意见"), "words")
    move(shift, "confirm", user_id=user.pk, words=words.strip()[:200], reason=words)
    audit.record(
        CONFIRMED,
        shift,
        after={"difference": shift.difference, "words": shift.confirmation},
        org_path=shift.unit.path,
    )
    return shift


@transaction.atomic
def recount_shift(
    user: Any, shift_pk: int, counts: Mapping[str, Any], pos_slips: Decimal, words: str
) -> Shift:
    """A second person counts the drawer of a held shift anew: a slip of the finger is no 短款.

    The first count stays in the audit. Whoever counts here has looked: within the limit the shift closes; above it
    somebody else must still confirm. Locks: the shift. Raises as `confirm_shift`, and COUNT_INVALID, RETAINED_INVALID.
    """
    shift = _managed(user, shift_pk)
    if not words.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请说明为什么复点"), "words")
    if shift.state != ShiftState.HELD:
        raise CounterError(Code.NOT_COUNTED, _("只有差异待确认的班次可以复点"))
    before = audit.snapshot(shift, _COUNTS)
    _reckon(shift, read_counts(counts), pos_slips)
    if shift.counted is None or shift.retained > shift.counted:
        raise CounterError(Code.RETAINED_INVALID, _("复点数少于当班人登记的留存备用金"), "counts")
    shift.counted_by = user
    shift.save(update_fields=[*_COUNTS, "counted_by"])
    audit.record(
        RECOUNTED,
        shift,
        before=before,
        after={**audit.snapshot(shift, _COUNTS), "words": words},
        org_path=shift.unit.path,
    )
    if not _above_limit(shift):
        move(shift, "confirm", user_id=user.pk, words=words.strip()[:200], reason=words)
    return shift


def _mine_or_managed(user: Any, pk: int) -> Shift:
    """The locked shift, if the person's own, or under him with 代交班. Raises OutOfScope, NotAllowed."""
    found = get_row(user, Shift, pk=pk)
    if found.clerk_id != user.pk and not policy_for(Shift).may(user, SHIFTS, found):
        raise NotAllowed
    return lock_shift(found.pk)


def _managed(user: Any, pk: int) -> Shift:
    found = get_row(user, Shift, pk=pk)
    if not policy_for(Shift).may(user, SHIFTS, found):
        raise NotAllowed
    shift = lock_shift(found.pk)
    if user.pk in (shift.clerk_id, shift.counted_by_id):
        raise CounterError(
            Code.SAME_PERSON, _("当班人和清点人不能确认自己的差异"), hint=_("请支局长或区县财务另一人确认")
        )
    return shift
