"""Filters of the list of tasks."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from plugins.org_hierarchy.interfaces import OrgUnit

from ..choices import OPEN, OVER, Stage, State
from ..selectors import is_late_now
from ..todo import turn_of


class TurnFilter(DropdownFilter):
    """Whose turn it is, what is late, what is over."""

    title = _("进度")
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("me", str(_("轮到我"))), ("held", str(_("我在办理"))), ("open", str(_("未结束"))),
            ("late", str(_("已超时"))),
            ("grab", str(_("待抢单"))), ("manager", str(_("待支局长"))), ("county", str(_("待区县"))),
            ("area", str(_("待片区"))), ("over", str(_("已结束"))),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        user: Any = request.user
        match self.value():
            case "me":
                mine = turn_of(user)
                return queryset.filter(mine, state__in=OPEN) if mine is not None else queryset.none()
            case "held":
                return queryset.filter(holder=user, state=State.TAKEN)
            case "open":
                return queryset.filter(state__in=OPEN)
            case "late":
                return queryset.filter(is_late_now())
            case "grab":
                return queryset.filter(state=State.WAITING, stage=Stage.STAFF)
            case "manager" | "county" | "area" as stage:
                return queryset.filter(state=State.WAITING, stage=stage)
            case "over":
                return queryset.filter(state__in=OVER)
        return queryset


class UnitFilter(TextFilter):
    """The unit that has it, by its code, or one below that unit."""

    title = _("机构代码（含下级）")
    parameter_name = "unit"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = (self.value() or "").replace("\0", "").strip().upper()
        if not code:
            return queryset
        path = OrgUnit.objects.filter(code=code[:40]).values_list("path", flat=True).first()
        return queryset.filter(unit__path__startswith=path) if path else queryset.none()
