"""Pages of what the city alone decides: the pool, templates, courses, rules, kinds of material."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from plugins.org_hierarchy.interfaces import access_of
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.request import actor_label, bind_request

from .. import audits


class CityAdmin(ScopedAdmin):
    """Everybody with a look at channels may read; to write takes `channel.rule` over the whole company.

    `looks`: what the page of a row shows those who only read, where the form's own fields would show codes.
    """

    looks: Sequence[Any] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.looks if self._looks_only(request, obj) else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self._looks_only(request, obj):
            return super().get_readonly_fields(request, obj)
        return [name for line in self.looks for name in ((line,) if isinstance(line, str) else line)]

    def _looks_only(self, request: HttpRequest, obj: Any) -> bool:
        return bool(self.looks) and obj is not None and not self.has_change_permission(request, obj)

    def _city(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_superuser or access_of(user).reach("channel.rule").everything)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._city(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._city(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switched off, never deleted: shops and examinations hang on them."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        before = audit.snapshot(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        with bind_request(actor=actor_label(request.user)):
            audit.record(audits.RULE, obj, before=before, after=audit.snapshot(obj))
