"""How an operation comes to a unit: through the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ...errors import OrgError, OrgErrorCode
from ...models import OrgUnit, Staff


def unit_for(user: Any, code: str, field: str = "code") -> OrgUnit:
    """A unit by its code. Raises OrgError(NOT_FOUND) naming the input, for one out of sight too."""
    try:
        return get_row(user, OrgUnit, code=code.strip().upper())
    except OutOfScope:
        raise OrgError(OrgErrorCode.NOT_FOUND, _("没有这个机构"), field=field) from None


def values_of(user: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The input as the services take it. Raises OrgError(NOT_FOUND) for a manager out of sight."""
    values = dict(given)
    if "manager_no" in values:
        number = values.pop("manager_no") or ""
        values["manager"] = None
        if number:
            values["manager"] = rows_for(user, Staff).filter(employee_no=number).first()
            if values["manager"] is None:
                raise OrgError(OrgErrorCode.NOT_FOUND, _("没有这个工号"), field="manager_no")
    return values
