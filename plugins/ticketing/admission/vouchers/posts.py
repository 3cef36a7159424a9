"""Where somebody of the staff lets people in: at a gate within reach, or at the own counter."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import desk_of, may_at
from saleor_o2o.kernel.scope import NotAllowed, rows_for

from ..models import Gate
from .access import REDEEM
from .errors import VoucherError
from .errors import VoucherErrorCode as Code
from .places import Post, unit_of


def post_of(by: Any, gate: str = "") -> Post:
    """The post of a member of the staff. Raises NotAllowed, NOT_FOUND for a gate that is not within reach."""
    if not gate:
        return Post(desk_of(by, REDEEM), None, None, by)
    if not getattr(by, "is_authenticated", False) or not by.is_staff:
        raise NotAllowed
    found = _gates(by).filter(code=gate).first() if by.has_perm(REDEEM) else None
    if found is None or not may_at(by, REDEEM, unit_of(found)):
        raise VoucherError(Code.NOT_FOUND, _("没有这个检票口"), "gate", _("请重新选择检票口"))
    return Post(unit_of(found), found, None, by)


def gates_of(by: Any) -> list[Gate]:
    """The gates in use at which somebody may let people in."""
    if not by.has_perm(REDEEM):
        return []
    return [gate for gate in _gates(by).order_by("code")[:500] if may_at(by, REDEEM, unit_of(gate))]


def _gates(by: Any) -> QuerySet[Gate]:
    return rows_for(by, Gate.objects.select_related("spot__unit", "venue__unit").filter(active=True))
