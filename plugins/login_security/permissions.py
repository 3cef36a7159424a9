"""How the rows of login security hang on the tree: with the person they are about."""

from __future__ import annotations

from plugins.org_hierarchy.interfaces import scoped
from saleor_o2o.kernel.redaction import register_sensitive


def install() -> None:
    """Register; called once when the app is ready."""
    from . import models

    scoped(models.StaffLogin, "staff", unit="unit", owner="user_id")
    scoped(models.LoginState, "staff", unit="user__o2o_staff__unit", owner="user_id")
    scoped(models.LoginRecord, "staff", unit="user__o2o_staff__unit", owner="user_id")
    register_sensitive("otp", "otp_code", "recovery_code", "recovery_codes")
