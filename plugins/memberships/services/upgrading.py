"""Upgrading: quoted for some minutes, sold as the higher plan's goods lowered to the difference, applied when paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.numbering import next_number

from ..choices import MembershipState, Origin
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..locks import lock_membership, lock_shelf
from ..models import Membership, Plan, Quote, Term
from ..numbers import QUOTE
from ..rules import Stretch, days_between, difference, period_end
from .terms import announce, follow_terms, live_terms, upgrade

#: The name of the deduction that lowers the higher plan's goods to the difference.
UPGRADE = "membership_upgrade"
#: How long a quote is good for.
GOOD = timedelta(minutes=15)


@transaction.atomic
def quote(member: Member, number: str, plan_code: str) -> Quote:
    """What it costs to have the days that are left of a membership on a higher plan. Locks: the member's memberships.

    Raises NOT_FOUND, NOT_RUNNING, NOT_ON_SALE, NOT_HIGHER.
    """
    found = next((one for one in lock_shelf(member.pk) if one.number == number), None)
    if found is None:
        raise MembershipError(Code.NOT_FOUND, _("没有这个会员资格"), "number")
    plan = Plan.objects.filter(code=plan_code).first()
    if plan is None or not plan.on_sale or plan.kind != found.kind:
        raise MembershipError(Code.NOT_ON_SALE, _("这种会员现在不能购买"), "plan")
    stretches = _stretches(found, plan) if found.state == MembershipState.ACTIVE else []
    if found.state != MembershipState.ACTIVE or found.ends_at <= now():
        raise MembershipError(Code.NOT_RUNNING, _("会员已到期或退出，不需要升级"), "number", _("请直接购买"))
    if not stretches:
        raise MembershipError(
            Code.NOT_HIGHER,
            _("已经是%(plan)s或更高的会员") % {"plan": plan.name},
            "plan",
            _("续费请直接购买"),
        )
    moment = now()
    told = difference(stretches, plan.price, days_between(moment, period_end(moment, plan.months)))
    # as many pieces as the difference does not reach: a deduction lowers them to it
    quantity = to_fen(told.amount) // to_fen(plan.price) + 1
    return Quote.objects.create(
        number=next_number(QUOTE), membership=found, plan=plan, amount=told.amount, quantity=quantity, days=told.days,
        words=told.words[:400], expires_at=moment + GOOD,
    )  # fmt: skip


def _stretches(membership: Membership, plan: Plan) -> list[Stretch]:
    moment = now()
    return [
        Stretch(
            days_between(max(one.starts_at, moment), one.ends_at), one.price,
            days_between(one.starts_at, one.was_until or one.ends_at),
        )
        for one in live_terms(membership)
        if one.ends_at > moment and one.plan.rank < plan.rank
    ]  # fmt: skip


def apply_upgrade(made: Quote, order_line: Any, paid: Decimal, unit_id: int) -> Term:
    """The difference is paid: lower terms end now, their days are the higher plan's. Locks: the membership."""
    membership = lock_membership(made.membership_id)
    days = days_between(made.made_at, period_end(made.made_at, made.plan.months))
    term = upgrade(
        membership, made.plan, made.days, price=made.plan.price * made.days / days, paid=paid, order_line=order_line,
        order_id=order_line.order_id, unit_id=unit_id, note=made.number,
    )  # fmt: skip
    follow_terms(membership)
    announce(membership, Origin.UPGRADE)
    return term
