"""The one door of the back office to rows: the kernel's scope policy decides, for every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from saleor_o2o.kernel.scope import policy_for, rows_for


@dataclass(frozen=True)
class Table:
    """A table below the details: title, headings, rows of cells (safe strings keep their markup)."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]


class ScopedAdmin(ModelAdmin):
    """Base of every admin class: rows and permissions come from the scope policy, from nowhere else."""

    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    list_filter_sheet = True
    #: An action needs a permission of its own; pages without one offer none.
    actions: Sequence[str] | None = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rows_for(request.user, super().get_queryset(request))

    def _may(self, request: HttpRequest, action: str, obj: Model | None = None) -> bool:
        return policy_for(self.model).may(request.user, action, obj if obj is not None else self.model)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "delete", obj)


class ReadOnlyAdmin(ScopedAdmin):
    """A list and a page of details; nothing can be added, changed or deleted here.

    ``details`` groups the columns of the page; ``tables`` gives what hangs on the row.
    """

    details: Sequence[tuple[str | None, Sequence[str]]] = ()
    change_form_outer_after_template = "o2o_backoffice/tables.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        # Two to a line: a page of details fits a screen.
        return [
            (title, {"fields": [tuple(names[at : at + 2]) for at in range(0, len(names), 2)]})
            for title, names in self.details
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for _title, names in self.details for name in names]

    def tables(self, request: HttpRequest, obj: Any) -> Sequence[Table]:
        """What hangs on the row, a table each."""
        return ()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        obj = self.get_object(request, object_id)
        if obj is not None and self.has_view_permission(request, obj):
            context["o2o_tables"] = self.tables(request, obj)
        return super().change_view(request, object_id, form_url, context)
