"""What the member's page shows of memberships."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import link
from saleor_o2o.backoffice.customers import MOST, register_customer_part
from saleor_o2o.kernel.scope import policy_for, rows_for

from .benefits import in_force
from .choices import BenefitKind, MembershipState
from .models import Membership
from .permissions import VIEW
from .rules import last_day


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_part("memberships", _memberships)


def _memberships(request: HttpRequest, user: Any) -> Table | None:
    """A member's memberships; a statement each and one. None for whoever may not see them."""
    asker: Any = request.user
    if not policy_for(Membership).may(asker, VIEW, Membership):
        return None
    rows = rows_for(asker, Membership).filter(member__user=user).select_related("plan", "vehicle")
    return Table(
        "付费会员",
        ("资格号", "方案", "种类", "车辆", "状态", "有效期至", "优先客服"),
        [
            (
                link("o2o_memberships_membership", one.pk, one.number), one.plan.name, one.get_kind_display(),
                one.vehicle.masked if one.vehicle is not None else "—", one.get_state_display(),
                f"{last_day(one.ends_at)}",
                "是" if _first_served(one) else "",
            )
            for one in rows.order_by("-ends_at")[:MOST]
        ],
    )  # fmt: skip


def _first_served(membership: Membership) -> bool:
    """Whether whoever answers should answer this member first."""
    runs = membership.state == MembershipState.ACTIVE
    return runs and any(one.kind == BenefitKind.SUPPORT for one in in_force(membership.plan_id))
