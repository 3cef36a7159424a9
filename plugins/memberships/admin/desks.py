"""Where the user of a page stands."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from saleor_o2o.kernel.scope import NotAllowed


def desk(request: HttpRequest, right: str) -> OrgUnit:
    """The unit at which the user does this; 403 otherwise."""
    try:
        return desk_of(request.user, right)
    except NotAllowed:
        raise PermissionDenied from None
