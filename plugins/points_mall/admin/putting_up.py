"""What the mall puts up: members were told what it costs, so that is shown, ended, never rewritten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.numbering import next_number

from ..permissions import EDIT


class PutUpAdmin(ScopedAdmin):
    """Rows of an owner with a number of their own; after they are put up only `changeable` may change."""

    #: What may be changed of something that members have seen.
    changeable: tuple[str, ...] = ()
    #: The action of the audit, and the kind of number.
    changed: Any = None
    numbers: Any = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (
            obj is None or may_at(request.user, EDIT, obj.owner)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return tuple(name for name in self.get_fields(request, obj) if name not in self.changeable)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:  # what members were told is shown
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not may_at(request.user, EDIT, obj.owner):
            raise PermissionDenied
        before = audit.snapshot(self.model.objects.get(pk=obj.pk)) if change else {}
        if change:  # counts move while the form is open
            obj.save(update_fields=list(self.changeable))
        else:
            obj.code = next_number(self.numbers)
            super().save_model(request, obj, form, change)
        audit.record(self.changed, obj, before=before, after=audit.snapshot(obj), org_path=obj.owner.path)
