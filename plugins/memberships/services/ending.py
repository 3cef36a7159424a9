"""What the clock does: tell of ends to come, end what is over. Each may run twice."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from plugins.members.interfaces import notify
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish

from ..choices import MembershipState
from ..events import MembershipExpiring
from ..locks import lock_membership
from ..models import Membership
from ..rules import last_day
from .cards import expire_cards
from .telling import EXPIRING
from .terms import follow_terms

#: How long before its end a member is told.
NOTICE = timedelta(days=15)
BATCH = 500


def expire_due() -> int:
    """Memberships whose time ran out are over, those on their next term are that one's plan; cards alike."""
    moment = now()
    due = Membership.objects.filter(state=MembershipState.ACTIVE, ends_at__lte=moment).order_by("ends_at")
    next_term = Membership.objects.filter(
        state=MembershipState.ACTIVE, terms__starts_at__lte=moment, terms__ends_at__gt=moment,
        terms__voided_at__isnull=True,
    ).exclude(plan=F("terms__plan"))  # fmt: skip
    done = 0
    for pk in [*due.values_list("pk", flat=True)[:BATCH], *next_term.values_list("pk", flat=True)[:BATCH]]:
        with transaction.atomic():
            membership = lock_membership(pk)
            follow_terms(membership)
            done += membership.state == MembershipState.EXPIRED
    return done + expire_cards()


def notice() -> int:
    """Tell of memberships that end within fifteen days, once for each end; returns how many."""
    moment = now()
    soon = Membership.objects.filter(
        Q(noticed_until__isnull=True) | ~Q(noticed_until=F("ends_at")),
        state=MembershipState.ACTIVE, ends_at__gt=moment, ends_at__lte=moment + NOTICE,
    ).order_by("ends_at")  # fmt: skip
    done = 0
    for pk in list(soon.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            membership = lock_membership(pk)
            if membership.state != MembershipState.ACTIVE or membership.noticed_until == membership.ends_at:
                continue
            membership.noticed_until = membership.ends_at
            membership.save(update_fields=["noticed_until"])
            publish(
                MembershipExpiring(
                    membership_id=pk, member_id=membership.member_id, ends_at=membership.ends_at
                ),
                key=f"member:{membership.member_id}",
            )
            told = {"plan": membership.plan.name, "day": f"{last_day(membership.ends_at)}"}
            notify(membership.member, EXPIRING, told)
            done += 1
    return done
