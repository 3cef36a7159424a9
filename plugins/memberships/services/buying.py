"""A paid order of plans: each line becomes a term, once; for oneself, for a car, for somebody else, or an upgrade."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.members.interfaces import Member, Source, current, ensure_member, member_by, notify, register
from plugins.org_hierarchy.interfaces import OrderAttribution, OrgUnit, desk_of
from saleor_o2o.cashier.interfaces import refund_order
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row
from saleor_o2o.ordering.interfaces import (
    OrderDeduction,
    TimelineKind,
    fulfil_all,
    lock_for_fulfilment,
    note,
    sub_order_lines_of,
)

from ..choices import Origin, PlanKind
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..locks import lock_shelf
from ..models import Plan, Quote, Term, Wish
from ..permissions import GIVE
from ..rules import last_day
from .telling import GIFTED
from .terms import extend
from .upgrading import UPGRADE, apply_upgrade

logger = logging.getLogger(__name__)
GIVEN = audit.action("memberships.given", _("开通会员"))
#: How long before an order what the buyer said of it still counts.
FRESH = timedelta(days=1)
SHORTEST = 4


@transaction.atomic
def begin(order_id: Any) -> int:
    """Make terms of what a paid order bought, and hand the lines over; how many. Again: none.

    Locks: the order with its stock, the members with their memberships, the sub-orders. Raises LockTimeout,
    FulfilmentRefused.
    """
    plans = {row.variant_id: row for row in Plan.objects.filter(variant__order_lines__order_id=order_id)}
    order = Order.objects.select_related("user").filter(pk=order_id).first() if plans else None
    if order is None:
        return 0
    locked = lock_for_fulfilment(order_id)
    if locked is None or Term.objects.filter(order_id=order_id).exists():
        return 0
    if order.user is None or order.user.is_staff:
        transaction.on_commit(lambda: _send_back(order_id))
        return 0
    member = current(ensure_member(order.user))
    unit = unit_of_order(order_id)
    quotes = _quotes(order_id)
    wanted: dict[int, int] = {}
    lines = [line for line in sub_order_lines_of(order_id) if line.order_line.variant_id in plans]
    paid: dict[int, Any] = {}
    for line in lines:
        paid[line.order_line_id] = paid.get(line.order_line_id, 0) + line.total
    for line in lines:
        if line.order_line_id in wanted:
            continue
        wanted[line.order_line_id] = line.order_line.quantity
        plan = plans[line.order_line.variant_id]
        quote = quotes.get(line.order_line_id)
        if quote is not None:
            apply_upgrade(quote, line.order_line, paid[line.order_line_id], unit)
            continue
        _buy(member, plan, order, line.order_line, paid[line.order_line_id], unit)
    if wanted:
        fulfil_all(locked, order.user, only=wanted)
    return len(wanted)


def _buy(member: Member, plan: Plan, order: Order, line: Any, paid: Any, unit: int) -> Term:
    said = (
        Wish.objects.select_related("vehicle")
        .filter(user_id=order.user_id, plan=plan, order=None, at__gte=order.created - FRESH)
        .first()
    )
    whose, origin, giver = member, Origin.BOUGHT, None
    if said is not None:
        Wish.objects.filter(pk=said.pk).update(order=order)
        if said.mobile:
            whose, origin, giver = _receiver(said.mobile), Origin.GIFT, member
    vehicle = said.vehicle if said is not None else None
    if plan.kind == PlanKind.CAR and vehicle is None and said is None:
        only = list(whose.vehicles.all()[:2])
        vehicle = only[0] if len(only) == 1 else None
    term = extend(
        whose, plan, origin=origin, unit_id=unit, periods=line.quantity, vehicle=vehicle, paid=paid, order_line=line,
        giver=giver,
    )  # fmt: skip
    if giver is not None:
        notify(whose, GIFTED, {"plan": plan.name, "day": f"{last_day(term.membership.ends_at)}"})
    return term


def _receiver(mobile: str) -> Member:
    """Whose mobile it is; somebody new becomes a member who shows that it is his when he first logs in."""
    found = member_by("mobile", mobile)
    return current(found) if found is not None else register(Source.WEB, mobile=mobile, verified=False)


def _quotes(order_id: Any) -> dict[int, Quote]:
    """Of each line that is an upgrade, its quote. Two statements at most."""
    rows = OrderDeduction.objects.filter(order_id=order_id, source=UPGRADE).values_list(
        "order_line_id", "reference"
    )
    told = {line: number for line, number in rows if line is not None}
    found = {one.number: one for one in Quote.objects.filter(number__in=told.values())} if told else {}
    return {line: found[number] for line, number in told.items() if number in found}


def _send_back(order_id: Any) -> None:
    """Nobody logged in bought it: there is no member to give it to, so the money goes back by itself."""
    order = Order.objects.get(pk=order_id)
    reason = str(_("没有登录会员账号，无法开通会员，自动退款"))
    try:
        refund_order(
            order.pk,
            order.total_gross_amount,
            reason=reason,
            key=f"membership-nobody:{order.pk}",
            by="system",
        )
    except DomainError as refusal:  # paid in cash at a counter: whoever took it gives it back there
        logger.warning("membership order %s of nobody is not refunded: %s", order.pk, refusal.code)
        with transaction.atomic():
            note(
                order.pk, TimelineKind.OTHER, str(_("没有登录会员账号，会员没有开通；请退款，登记会员后重新开单")),
                actor="system",
            )  # fmt: skip


def unit_of_order(order_id: Any) -> int:
    """The unit that an order counts for; the city where it was attributed to none."""
    found = OrderAttribution.objects.filter(order_id=order_id).values_list("unit_id", flat=True).first()
    return found or OrgUnit.objects.filter(parent__isnull=True).values_list("pk", flat=True)[0]


@transaction.atomic
def give_plan(by: Any, member_pk: int, plan: Plan, reason: str) -> Term:
    """The staff gives a member a plan that is not sold (企业会员、员工会员), at the cost of the own unit.

    Locks: the member, his memberships. Raises NotAllowed, OutOfScope, INVALID, REQUIRED.
    """
    unit = desk_of(by, GIVE)
    member: Member = get_row(by, Member, pk=member_pk)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise MembershipError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    if plan.variant_id is not None or not plan.in_force:
        raise MembershipError(Code.INVALID, _("在售的会员请按订单购买，只能开通企业会员、员工会员"), "plan")
    lock_shelf(member.pk)
    term = extend(member, plan, origin=Origin.GIVEN, unit_id=unit.pk, note=told)
    audit.record(
        GIVEN,
        term.membership,
        after={"plan": plan.code, "until": term.ends_at, "reason": told},
        org_path=unit.path,
    )
    return term
