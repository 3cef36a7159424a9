"""Whatever is bought, upgraded, refunded and not refunded after all: terms follow each other, the membership them."""

from __future__ import annotations

from itertools import count, pairwise

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plugins.members.models import Member
from plugins.memberships.choices import MembershipState, Origin
from plugins.memberships.locks import lock_membership
from plugins.memberships.models import Membership, Plan
from plugins.memberships.services.terms import cut, extend, follow_terms, live_terms, uncut, upgrade
from saleor_o2o.kernel.clock import now
from tests.after_sale.conftest import Shop
from tests.members.asking import somebody

STEPS = ("year", "gold", "upgrade", "refund first", "refund last", "failed")
_numbers = count(1)


def step(member: Member, plans: dict[str, Plan], unit: int, what: str) -> None:
    """One thing that happens."""
    if what in plans:
        extend(member, plans[what], origin=Origin.GIVEN, unit_id=unit)
        return
    known = Membership.objects.filter(member=member).first()
    if known is None:
        return
    membership = lock_membership(known.pk)
    moment = now()
    live = [one for one in live_terms(membership) if one.ends_at > moment and one.ends_at > one.starts_at]
    gone = membership.terms.filter(voided_at__isnull=False).order_by("-voided_at").first()
    if what == "upgrade" and any(one.plan.rank < plans["gold"].rank for one in live):
        upgrade(membership, plans["gold"], 1, unit_id=unit)
    elif what.startswith("refund") and live:
        cut(live[0] if what.endswith("first") else live[-1], moment)
    elif what == "failed" and gone is not None:
        uncut(gone)
    follow_terms(membership, why="refund")


@example(steps=["year", "gold", "year", "upgrade"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
def test_terms_follow_each_other(shop: Shop, plans: dict[str, Plan], steps: list[str]) -> None:
    with transaction.atomic():
        # given
        member = somebody(f"1390{next(_numbers):07d}")

        # when
        for what in steps:
            step(member, plans, shop.org["CQ"].pk, what)

            # then: what is open; what ran while another was being refunded has run
            moment = now()
            for membership in Membership.objects.filter(member=member):
                terms = [one for one in live_terms(membership) if one.ends_at > max(one.starts_at, moment)]
                assert all(term.ends_at <= after.starts_at for term, after in pairwise(terms)), steps
                assert (membership.state == MembershipState.ACTIVE) == bool(terms), steps
                assert not terms or membership.ends_at == terms[-1].ends_at, steps
        transaction.set_rollback(True)
