"""自邮一族: which car a membership's benefits are for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now

from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..models import Membership

BOUND = audit.action("memberships.vehicle_bound", _("绑定自邮一族车辆"))
#: How long a car stays the membership's once it was named: benefits are not passed round the neighbourhood.
REST = timedelta(days=30)


def bind_vehicle(membership: Membership, vehicle: Any) -> Membership:
    """Bind a *locked* membership to a car of its member's. The same car again changes nothing.

    Raises VEHICLE_TAKEN where another membership has it, VEHICLE_CHANGED within thirty days of the last change.
    """
    if membership.vehicle_id == vehicle.pk:
        return membership
    if Membership.objects.filter(vehicle=vehicle).exclude(pk=membership.pk).exists():
        raise MembershipError(
            Code.VEHICLE_TAKEN, _("这辆车已经有自邮一族会员"), "vehicle_id", _("请选择另一辆车")
        )
    if membership.vehicle_at is not None and membership.vehicle_at > now() - REST:
        until = (membership.vehicle_at + REST).date()
        raise MembershipError(
            Code.VEHICLE_CHANGED, _("30 天内只能换一次车"), "vehicle_id",
            _("%(day)s 之后可以再换；急需请到网点办理") % {"day": until},
        )  # fmt: skip
    before = {"vehicle": membership.vehicle_id}
    membership.vehicle, membership.vehicle_at = vehicle, now()
    membership.save(update_fields=["vehicle", "vehicle_at"])
    audit.record(BOUND, membership, before=before, after={"vehicle": vehicle.pk})
    return membership
