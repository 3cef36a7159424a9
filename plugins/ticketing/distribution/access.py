"""Who sees what distributors tell, and who may ask for it again. Both are the city's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped

VIEW = "distribution.view"
SYNC = "distribution.sync"


def install() -> None:
    """Declare the resource and register the rule of every model; called once when the app is ready."""
    from . import models

    declare("distribution", _("门票分销"), {"view": _("查看"), "sync": _("同步、查询")})
    scoped(models.UpstreamStanding, "distribution", city_wide=True)
