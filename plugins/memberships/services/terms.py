"""Terms of a membership: added at its end, cut short, put back; the membership follows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.states import move_locked

from ..choices import MembershipState, Origin, PlanKind
from ..events import MembershipEnded, MembershipExtended
from ..locks import lock_shelf
from ..models import Membership, Plan, Term
from ..numbers import MEMBERSHIP
from ..rules import period_end

State = MembershipState
NOTHING = Decimal("0.00")


@transaction.atomic
def extend(
    member: Member, plan: Plan, *, origin: Origin, unit_id: int, periods: int = 1, vehicle: Any = None,
    paid: Decimal = NOTHING, order_line: Any = None, giver: Member | None = None, note: str = "",
) -> Term:  # fmt: skip
    """Add so many periods of a plan to a member's membership of its kind: at its end, or from now where it is over.

    Of 自邮一族: to the membership of the car, or one that has none yet. Locks: the member, his memberships. Raises
    LockTimeout.
    """
    moment = now()
    found = _which(lock_shelf(member.pk), plan, vehicle)
    starts = max(moment, found.ends_at) if found is not None and found.state == State.ACTIVE else moment
    ends = period_end(starts, plan.months * periods)
    if found is None:
        found = Membership.objects.create(
            number=next_number(MEMBERSHIP), member=member, kind=plan.kind, plan=plan, starts_at=starts, ends_at=ends,
            vehicle=vehicle, vehicle_at=moment if vehicle is not None else None,
        )  # fmt: skip
    elif vehicle is not None and found.vehicle_id is None:
        found.vehicle, found.vehicle_at = vehicle, moment
        found.save(update_fields=["vehicle", "vehicle_at"])
    made = Term.objects.create(
        membership=found, plan=plan, origin=origin, starts_at=starts, ends_at=ends, price=plan.price * periods,
        paid=paid, order_line=order_line, order_id=order_line.order_id if order_line is not None else None,
        unit_id=unit_id, giver=giver, note=note,
    )  # fmt: skip
    follow_terms(found)
    announce(found, origin)
    return made


def _which(shelf: Iterable[Membership], plan: Plan, vehicle: Any) -> Membership | None:
    """The membership that a plan extends."""
    of_kind = [one for one in shelf if one.kind == plan.kind]
    if plan.kind != PlanKind.CAR:
        return of_kind[0] if of_kind else None
    wanted = vehicle.pk if vehicle is not None else None
    same = [one for one in of_kind if one.vehicle_id == wanted]
    free = [one for one in of_kind if one.vehicle_id is None]
    if same or free:
        return (same or free)[0]
    # nothing was said of a car, and there is just one that it can be for
    return of_kind[0] if wanted is None and len(of_kind) == 1 else None


def announce(membership: Membership, origin: str) -> None:
    """Tell that a membership runs longer or as another plan's."""
    publish(
        MembershipExtended(
            membership_id=membership.pk, member_id=membership.member_id, plan=membership.plan.code, origin=str(origin),
            ends_at=membership.ends_at,
        ),
        key=f"member:{membership.member_id}",
    )  # fmt: skip


def live_terms(membership: Membership) -> list[Term]:
    """The terms that count, in their order; cut ones up to where they were cut. One statement."""
    return list(
        membership.terms.filter(voided_at__isnull=True).select_related("plan").order_by("starts_at", "pk")
    )


def follow_terms(membership: Membership, *, why: str = "") -> None:
    """Bring a *locked* membership to where its terms are: plan, dates, state. Tells when it ended."""
    terms = [one for one in live_terms(membership) if one.ends_at > one.starts_at]
    moment = now()
    if terms:
        running = next((one for one in terms if one.starts_at <= moment < one.ends_at), terms[-1])
        membership.plan = running.plan
        membership.starts_at, membership.ends_at = terms[0].starts_at, terms[-1].ends_at
    else:
        membership.ends_at = max(membership.starts_at, min(membership.ends_at, moment))
    membership.save(update_fields=["plan", "starts_at", "ends_at"])
    runs = bool(terms) and membership.ends_at > moment
    if runs and membership.state != State.ACTIVE:
        move_locked(membership, "resume", reason=why)
    elif not runs and membership.state == State.ACTIVE:
        ended_by_time = bool(terms) and not why
        move_locked(membership, "expire" if ended_by_time else "end", reason=why)
        tell_ended(membership)


def tell_ended(membership: Membership) -> None:
    """Tell that a membership is over."""
    publish(
        MembershipEnded(
            membership_id=membership.pk, member_id=membership.member_id, why=str(membership.state)
        ),
        key=f"member:{membership.member_id}",
    )


def cut(term: Term, moment: datetime) -> None:
    """What is left of a term at a moment is not the member's any more; what came after it moves forward.

    The membership is locked by the caller.
    """
    term.voided_at = moment
    if term.replaced_by_id is None:
        term.was_until = term.ends_at
        term.ends_at = min(max(term.starts_at, moment), term.ends_at)
    term.save(update_fields=["was_until", "ends_at", "voided_at"])
    for one in list(
        term.replaced.filter(voided_at__isnull=True)
    ):  # an upgrade: the days it took over are as they were
        one.ends_at = one.was_until or one.ends_at
        one.was_until, one.replaced_by = None, None
        one.save(update_fields=["ends_at", "was_until", "replaced_by"])
    lay(term.membership)


def uncut(term: Term) -> None:
    """What cut a term was taken back (a refund failed). The membership is locked by the caller."""
    if term.voided_at is None:
        return
    term.voided_at = None
    if term.replaced_by_id is None:
        term.ends_at, term.was_until = term.was_until or term.ends_at, None
    term.save(update_fields=["ends_at", "was_until", "voided_at"])
    if term.origin == Origin.UPGRADE:
        _replace(term)
    lay(term.membership)


def upgrade(membership: Membership, plan: Plan, days: int, **told: Any) -> Term:
    """Make the days that are left of lower terms a higher plan's, of a *locked* membership; `told`: the term's fields.

    Should less be left than `days`, which were paid for (it was long until the money came), it is those days.
    """
    moment = now()
    lower = [one for one in live_terms(membership) if one.ends_at > moment and one.plan.rank < plan.rank]
    left = sum((one.ends_at - max(one.starts_at, moment) for one in lower), timedelta(0))
    starts = max(moment, lower[0].starts_at) if lower else max(moment, membership.ends_at)
    made = Term.objects.create(
        membership=membership, plan=plan, origin=Origin.UPGRADE, starts_at=starts,
        ends_at=starts + (left or timedelta(days=days)), **told,
    )  # fmt: skip
    _replace(made)
    lay(membership)
    made.refresh_from_db()
    return made


def _replace(made: Term) -> None:
    """The days of lower terms that an upgrade takes over."""
    for one in live_terms(made.membership):
        if one.pk != made.pk and one.ends_at > made.starts_at and one.plan.rank < made.plan.rank:
            one.was_until, one.replaced_by = one.ends_at, made
            one.ends_at = max(one.starts_at, made.starts_at)
            one.save(update_fields=["ends_at", "was_until", "replaced_by"])


def lay(membership: Membership) -> None:
    """Lay the terms that are not over one after the other, in the order in which they were had.

    An upgrade stands where the first term that it took over stood. The membership is locked by the caller.
    """
    moment = now()
    open_ = [one for one in live_terms(membership) if one.ends_at > moment and one.ends_at > one.starts_at]
    taken = dict(
        Term.objects.filter(replaced_by__in=open_).order_by("-pk").values_list("replaced_by_id", "pk")
    )
    cursor: datetime | None = None
    for one in sorted(open_, key=lambda term: taken.get(term.pk, term.pk)):
        length = one.ends_at - one.starts_at
        starts = min(one.starts_at, moment) if cursor is None else cursor
        if starts != one.starts_at:
            one.starts_at, one.ends_at = starts, starts + length
            one.save(update_fields=["starts_at", "ends_at"])
        cursor = one.ends_at
