"""Rights redeemed at a counter: digits on the member's telephone, counted under the membership's lock, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.pace import retry_after
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..benefits import Standing, benefit_of, period_key, require_left, require_usable
from ..choices import BenefitKind, EntryKind, UseState
from ..errors import MembershipError, TooOften
from ..errors import MembershipErrorCode as Code
from ..events import BenefitUsed
from ..locks import lock_membership
from ..models import BenefitCode, BenefitEntry, BenefitUse, Membership, PlanBenefit
from ..permissions import REDEEM, TAKE_BACK

REDEEMED = audit.action("memberships.benefit_redeemed", _("核销会员权益"))
TAKEN_BACK = audit.action("memberships.benefit_taken_back", _("撤销权益核销"))
GOOD = timedelta(minutes=5)
#: How long a counter may take a mistake back.
REGRET = timedelta(hours=24)
DIGITS = 10
TRIES = 30
SHORTEST = 4


@transaction.atomic
def make_code(member: Member, number: str, code: str) -> tuple[str, BenefitCode]:
    """Digits for one use of a right; those made before for it are good for nothing. Locks: the membership.

    Raises NOT_FOUND, NOT_RUNNING, VEHICLE_NEEDED, CARD_FROZEN, QUOTA_USED.
    """
    found = Membership.objects.filter(member=member, number=number).first()
    if found is None:
        raise MembershipError(Code.NOT_FOUND, _("没有这个会员资格"), "number")
    membership = lock_membership(found.pk)
    require_usable(membership)
    benefit = benefit_of(membership, code, BenefitKind.RIGHT)
    require_left(membership, benefit)
    BenefitCode.objects.filter(membership=membership, code=code, use=None).delete()
    digits = "".join(str(secrets.randbelow(10)) for _place in range(DIGITS))
    made = BenefitCode.objects.create(
        membership=membership, code=code, digest=_digest(digits), expires_at=now() + GOOD
    )
    return digits, made


@dataclass(frozen=True, slots=True)
class Look:
    """What a clerk sees before he redeems."""

    membership: Membership
    standing: Standing


def look(by: Any, digits: str) -> Look:
    """Whose digits they are and for what; nothing changes. Raises NotAllowed, TooOften, CODE_WRONG, as `make_code`."""
    desk_of(by, REDEEM)
    found = _find(by, digits)
    membership = Membership.objects.select_related("plan", "member__user", "vehicle").get(
        pk=found.membership_id
    )
    require_usable(membership)
    benefit = benefit_of(membership, found.code, BenefitKind.RIGHT)
    count = require_left(membership, benefit)
    left = benefit.quota - count if benefit.quota is not None else None
    return Look(membership, Standing(benefit, count, left))


def redeem(by: Any, digits: str, note: str = "") -> BenefitUse:
    """Use a right once, at the clerk's unit. The same digits again are the same use.

    Locks: the membership, the code. Raises NotAllowed, TooOften, CODE_WRONG, NOT_RUNNING, QUOTA_USED, LockTimeout.
    """
    unit = desk_of(by, REDEEM)
    known = BenefitCode.objects.select_related("use").filter(digest=_digest(digits)).first()
    if known is not None and known.use is not None and known.use.operator_id == by.pk:
        return known.use
    found = _find(by, digits)
    with transaction.atomic():
        membership = lock_membership(found.membership_id)
        rows = lock_rows(BenefitCode.objects.filter(pk=found.pk))
        if not rows or rows[0].use_id is not None:
            raise _wrong()
        require_usable(membership)
        benefit = benefit_of(membership, found.code, BenefitKind.RIGHT)
        require_left(membership, benefit)
        made = write_use(
            membership, benefit, key=f"code:{found.pk}", unit_id=unit.pk, operator=by, cost=benefit.settlement,
            settlement=benefit.settlement, note=note.strip()[:200],
        )  # fmt: skip
        BenefitCode.objects.filter(pk=found.pk).update(use=made)
        audit.record(
            REDEEMED, made, after={"benefit": benefit.code, "membership": membership.number}, actor=actor_label(by),
            org_path=unit.path,
        )  # fmt: skip
    return made


def write_use(
    membership: Membership, benefit: PlanBenefit, *, key: str, unit_id: int, cost: Decimal = Decimal("0.00"),
    settlement: Decimal = Decimal("0.00"), operator: Any = None, order: Any = None, note: str = "",
) -> BenefitUse:  # fmt: skip
    """Write a use of a *locked* membership's benefit and what it costs, and tell."""
    made = BenefitUse.objects.create(
        membership=membership, benefit=benefit, code=benefit.code, key=key, unit_id=unit_id, operator=operator,
        period_key=period_key(benefit.period, membership.starts_at), cost=cost, settlement=settlement,
        seller=benefit.seller, order=order, note=note,
    )  # fmt: skip
    if cost or settlement:
        _book(made, EntryKind.USED, 1)
    publish(
        BenefitUsed(
            use_id=made.pk, membership_id=membership.pk, member_id=membership.member_id, benefit=benefit.code
        ),
        key=f"member:{membership.member_id}",
    )
    return made


def _book(use: BenefitUse, kind: EntryKind, sign: int) -> None:
    BenefitEntry.objects.create(
        use=use, kind=kind, unit_id=use.unit_id, seller_id=use.seller_id, cost=sign * use.cost,
        settlement=sign * use.settlement,
    )  # fmt: skip


def return_use(use: BenefitUse, *, actor: str, reason: str) -> None:
    """A *locked* use counts no longer, and costs nothing. Again: nothing."""
    if use.state != UseState.USED:
        return
    move_locked(use, "give_back", actor=actor, reason=reason)
    if use.cost or use.settlement:
        _book(use, EntryKind.RETURNED, -1)


@transaction.atomic
def take_back(by: Any, pk: int, reason: str) -> BenefitUse:
    """A clerk's mistake, within a day. Locks: the membership, the use. Again is the same.

    Raises OutOfScope, NotAllowed, REQUIRED, TOO_LATE.
    """
    found = get_row(by, BenefitUse.objects.select_related("unit"), pk=pk)
    require(by, TAKE_BACK, found)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise MembershipError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    lock_membership(found.membership_id)
    [use] = lock_rows(BenefitUse.objects.filter(pk=pk))
    if use.state == UseState.RETURNED:
        return use
    if use.operator_id is None or use.at < now() - REGRET:
        raise MembershipError(
            Code.TOO_LATE, _("只能撤销 24 小时内在柜台核销的权益"), hint=_("请联系会员业务主管处理")
        )
    return_use(use, actor=actor_label(by), reason=told)
    audit.record(
        TAKEN_BACK,
        use,
        after={"benefit": use.code, "reason": told},
        actor=actor_label(by),
        org_path=found.unit.path,
    )
    return use


def _find(by: Any, digits: str) -> BenefitCode:
    wait = retry_after("memberships.redeem", f"user:{by.pk}", TRIES)
    if wait:
        raise TooOften(wait)
    found = BenefitCode.objects.filter(digest=_digest(digits), use=None, expires_at__gt=now()).first()
    if found is None:
        raise _wrong()
    return found


def _digest(digits: str) -> str:
    plain = "".join(one for one in digits if one.isdigit())[:20]
    return blind_index(plain, "memberships.benefit_code")


def _wrong() -> MembershipError:
    return MembershipError(
        Code.CODE_WRONG, _("权益码不正确、已过期或已用过"), "code", _("请会员在手机上重新出示")
    )


def city_id() -> int:
    """The unit that stands for what no branch did."""
    return int(OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True)[0])
