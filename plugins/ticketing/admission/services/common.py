"""What services of admission share."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, may_at
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, require

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code


def allow(by: Any, permission: str, row: Model) -> None:
    """Refuse somebody who may not do this to the row; `by` None is nobody to ask. Raises OutOfScope, NotAllowed."""
    if by is not None:
        require(by, permission, row)


def allow_at(by: Any, permission: str, unit: OrgUnit) -> None:
    """Refuse somebody who may not do this at the unit. Raises NotAllowed."""
    if by is not None and not may_at(by, permission, unit):
        raise NotAllowed


def actor(by: Any) -> str:
    """Who did it, for the audit."""
    return "system" if by is None else actor_label(by)


def invalid(message: Text, field: str | None = None, hint: Text | None = None) -> AdmissionError:
    """Something typed cannot be taken."""
    return AdmissionError(Code.INVALID, message, field, hint or _("请改正后重新提交"))
