"""Why somebody with the right password is not let in: the account is off, and who can switch it on."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from plugins.org_hierarchy.interfaces import Staff, StaffStatus
from saleor_o2o.kernel.clock import now

from ..errors import AccountOff
from ..rules import rules


def why_off(email: str, password: str) -> AccountOff | None:
    """What to tell whoever was just refused; None unless the password is right and the person's account is off.

    Whoever does not know the password learns nothing, not even by the time it takes: one password is hashed either way.
    """
    staff = Staff.objects.select_related("user").filter(
        user__email__iexact=email.strip(), user__is_active=False
    ).first()  # fmt: skip
    if staff is None:
        make_password(password)
        return None
    if not staff.user.check_password(password) or staff.status == StaffStatus.ACTIVE:
        return None
    return AccountOff(gone=staff.status == StaffStatus.LEFT, idle_days=_idle_days(staff))


def _idle_days(staff: Staff) -> int:
    """For how many days an account may stay unused, if that is why this one is off; else 0."""
    days = rules().idle_days
    seen = max(filter(None, (staff.last_seen_at or staff.created_at, staff.enabled_at)))
    return days if days and seen < now() - timedelta(days=days) else 0
