"""Points used at a counter: asked for by a clerk, confirmed by the member with a code on the own telephone.

The code goes out after the burn is written and counts for this burn alone, so that a code for something else confirms
nothing; its message says for what it is. The member need not be one of the clerk's unit: whoever issued the points
pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import (
    Device,
    notify,
    register_text,
    use_code,
)
from plugins.org_hierarchy.interfaces import desk_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, get_row, require
from saleor_o2o.kernel.states import move_locked

from ..errors import LoyaltyError
from ..errors import LoyaltyErrorCode as Code
from ..events import PointsMoved
from ..kinds import Book, BurnState, EntryKind
from ..models import Burn
from ..numbers import BURN as NUMBER
from ..permissions import BURN
from .codes import (
    PATIENCE,
    check_has_points,
    check_mobile,
    check_points,
    checked_for,
    find_member,
    send,
    send_first,
)
from .giving import require_active
from .ledger import Why, give_back, lock_purses, spend
from .settling import settle, settle_back

ASKED = audit.action("loyalty.burn_asked", _("发起柜台兑扣"))
BURNT = audit.action("loyalty.burnt", _("柜台兑扣积分"))
TAKEN_BACK = audit.action("loyalty.burn_taken_back", _("撤销柜台兑扣"))
TEXT = "points_burnt"
#: How long after a burn the counter may take it back: the same day's mistake, no more.
REGRET = timedelta(hours=24)
SHORTEST = 4

register_text(
    TEXT,
    _("您在%(place)s使用了 %(points)s 积分，余 %(left)s 积分。如非本人操作，请致电 11185。"),
    _("积分使用通知"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A burn that waits for its code. Not `sent`: too many were asked for; `again_after` seconds it can be sent."""

    burn: Burn
    again_after: int
    sent: bool


def ask_burn(by: Any, text: str, points: int, purpose: str, device: Device) -> Asked:
    """Begin using points at the clerk's unit, and send the member a code.

    Raises NotAllowed, NOT_FOUND, MEMBER_NOT_ACTIVE, INVALID, NO_MOBILE, POINTS_SHORT.
    """
    unit = desk_of(by, BURN)
    member = find_member(text)
    why = purpose.strip()[:100]
    check_points(points)
    if not why:
        raise LoyaltyError(Code.REQUIRED, _("请填写用途"), "purpose", _("例如：兑换洗衣液一瓶"))
    check_mobile(member, _("该会员没有手机号，不能用验证码兑扣"))
    check_has_points(by, member, points)
    with transaction.atomic():
        burn = Burn.objects.create(
            number=next_number(NUMBER), member=member, points=points, purpose=why, unit=unit, operator=by
        )
        audit.record(
            ASKED, burn, after={"number": burn.number, "points": points, "unit": unit.code}, actor=actor_label(by),
            org_path=unit.path,
        )  # fmt: skip
    again_after, sent = send_first(burn, _what(burn), device)
    return Asked(burn, again_after, sent)


def _what(burn: Burn) -> Text:
    return _("兑扣 %(points)s 积分") % {"points": burn.points}


def send_again(by: Any, burn_pk: int | str, device: Device) -> int:
    """Send another code for a burn that waits. Raises OutOfScope, NotAllowed, BURN_OVER, TooOften."""
    burn = _own(by, burn_pk)
    if burn.state != BurnState.ASKED or burn.asked_at < now() - PATIENCE:
        raise _over(burn)
    return send(burn, _what(burn), device)


def confirm_burn(by: Any, burn_pk: int | str, code: str, device: Device) -> Burn:
    """Use the points: the member has read the code out. Again with the same burn is the same burn.

    Locks: the burn, the code, the member's purses. Raises OutOfScope, NotAllowed, BURN_OVER, CodeWrong, LOCKED_OUT,
    POINTS_SHORT, MEMBER_NOT_ACTIVE (the code stays good), LockTimeout.
    """
    found = _own(by, burn_pk)
    if found.state == BurnState.DONE:
        return found
    if found.state != BurnState.ASKED or found.asked_at < now() - PATIENCE:
        raise _over(found)
    checked = checked_for(found, code, device, _("这条验证码不是为这次兑扣发送的"))
    with transaction.atomic():
        burn = lock_rows(Burn.objects.filter(pk=found.pk))[0]
        if burn.state == BurnState.DONE:
            return burn
        if burn.state != BurnState.ASKED:
            raise _over(burn)
        require_active(burn.member)
        purse = lock_purses(burn.member_id)[burn.member_id][Book.POINTS]
        why = Why(EntryKind.BURN, "burn", burn.number, burn.unit_id, operator=by, note=burn.purpose)
        entry = spend(purse, Decimal(burn.points), why)
        use_code(checked)
        settle(entry, why)
        move_locked(burn, "confirm", actor=actor_label(by), entry_id=entry.pk)
        audit.record(
            BURNT, burn, after={"number": burn.number, "points": burn.points}, actor=actor_label(by),
            org_path=burn.unit.path,
        )  # fmt: skip
        _tell(burn, entry.pk, "burn", -burn.points)
        notify(
            burn.member, TEXT,
            {"place": burn.unit.name, "points": str(burn.points), "left": str(int(purse.balance))},
        )  # fmt: skip
    return burn


def take_burn_back(by: Any, burn_pk: int | str, reason: str) -> Burn:
    """A mistake at the counter: the points are the member's again, the settlement is booked back. Again is the same.

    Locks: the burn, the member's purses. Raises OutOfScope, NotAllowed, REQUIRED, BURN_OVER (not done,
    or too long ago).
    """
    _own(by, burn_pk)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise LoyaltyError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    with transaction.atomic():
        burn = lock_rows(Burn.objects.select_related("unit").filter(pk=burn_pk))[0]
        if burn.state == BurnState.TAKEN_BACK:
            return burn
        if burn.state != BurnState.DONE or burn.entry is None or burn.done_at is None:
            raise _over(burn)
        if burn.done_at < now() - REGRET:
            raise LoyaltyError(
                Code.BURN_OVER, _("超过 24 小时的兑扣不能在柜台撤销"), hint=_("请提交积分调整，经审批后补回")
            )
        used = burn.entry
        purse = lock_purses(burn.member_id)[burn.member_id][Book.POINTS]
        why = Why(EntryKind.BURN_BACK, "burn_back", burn.number, burn.unit_id, operator=by, note=told)
        entry = give_back(purse, used, Decimal(burn.points), why)
        settle_back(used, why)
        move_locked(burn, "take_back", actor=actor_label(by), reason=told, why=told)
        audit.record(
            TAKEN_BACK, burn, after={"number": burn.number, "points": burn.points, "reason": told},
            actor=actor_label(by), org_path=burn.unit.path,
        )  # fmt: skip
        _tell(burn, entry.pk, "burn_back", burn.points)
    return burn


def give_up_waiting() -> int:
    """Burns that nobody confirmed are void; returns how many."""
    done = 0
    waiting = Burn.objects.filter(state=BurnState.ASKED, asked_at__lt=now() - PATIENCE).values_list(
        "pk", flat=True
    )
    for pk in list(waiting[:500]):
        with transaction.atomic():
            burn = lock_rows(Burn.objects.filter(pk=pk))[0]
            if burn.state == BurnState.ASKED:
                move_locked(burn, "give_up", actor="system", reason="")
                done += 1
    return done


def _own(by: Any, pk: int | str) -> Burn:
    """A burn in reach that this person may carry out. Raises OutOfScope, NotAllowed."""
    if not getattr(by, "is_authenticated", False):
        raise OutOfScope
    burn = get_row(by, Burn.objects.select_related("member__user", "unit", "entry"), pk=pk)
    require(by, BURN, burn)
    return burn


def _over(burn: Burn) -> LoyaltyError:
    return LoyaltyError(
        Code.BURN_OVER,
        _("兑扣单 %(number)s：%(state)s，不能再办理")
        % {"number": burn.number, "state": burn.get_state_display()},
        hint=_("请重新发起兑扣"),
    )


def _tell(burn: Burn, entry_id: int, kind: str, points: int) -> None:
    publish(
        PointsMoved(member_id=burn.member_id, entry_id=entry_id, kind=kind, points=points),
        key=f"member:{burn.member_id}",
    )
