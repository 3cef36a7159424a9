"""Which requests somebody sees: his own, those he acted on, those he may decide, and those of `approval.view`."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from plugins.org_hierarchy.interfaces import access_of
from saleor_o2o.kernel.scope import ScopeUser

from .models import ApprovalAction
from .people import able, in_reach

M = TypeVar("M", bound=Model)


class ApprovalPolicy:
    """Rows of requests; nobody adds, changes or deletes one but through the services."""

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        """The requests in sight of a user: one statement. Another action: those of units where he holds it."""
        pk = getattr(user, "pk", None)
        if pk is None or not user.is_active:
            return rows.none()
        if user.is_superuser:
            return rows.all()
        units = in_reach(access_of(user).reach("approval.view" if action == "view" else action))
        if units is not None and not units:
            return rows.all()
        seen = Q(pk__in=[]) if units is None else units
        if action == "view":
            seen |= Q(submitter_id=pk)
            if user.is_staff:
                acted = ApprovalAction.objects.filter(actor_id=pk)
                seen |= Q(pk__in=acted.values("request_id")) | able(user)
        return rows.filter(seen)

    def may(self, user: Any, action: str, obj: Model | type[Model]) -> bool:
        """`view` the page: every member of the staff; a row: when it is in sight. Everything else: services only."""
        if action == "view":
            if isinstance(obj, type):
                return bool(user.is_active and user.is_staff)
            return self.rows(user, type(obj)._default_manager.filter(pk=obj.pk)).exists()
        return "." in action and bool(user.is_active and user.has_perm(action))
