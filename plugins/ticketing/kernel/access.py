"""Who sees, tries, changes and publishes fee rules. They are the city's: who changes one has to reach all of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, declare, may_at, scoped

VIEW = "ticket_fee.view"
TRY = "ticket_fee.try"
EDIT = "ticket_fee.edit"
PUBLISH = "ticket_fee.publish"


def install() -> None:
    """Declare the resource and register the rule of every model; called once when the app is ready."""
    from . import models

    declare(
        "ticket_fee", _("退改规则"),
        {"view": _("查看"), "try": _("试算"), "edit": _("提交"), "publish": _("复核发布")},
    )  # fmt: skip
    scoped(models.FeeRule, "ticket_fee", city_wide=True)
    # a quote is its ticket's: pages of tickets show it, nobody looks through all of them
    scoped(models.FeeQuote, "ticket_fee")


def may_for_city(user: Any, permission: str) -> bool:
    """Whether somebody may do this for the whole city."""
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    return city is not None and may_at(user, permission, city)
