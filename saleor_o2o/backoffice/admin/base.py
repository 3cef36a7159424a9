"""The one door of the back office to rows: the kernel's scope policy decides, for every page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from saleor.product.models import Category
from unfold.admin import ModelAdmin
from unfold.enums import ActionVariant
from unfold.views import ChangeList

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..doors import doors_of, folded
from .export import Export, Request, filters_of, in_words


@dataclass(frozen=True)
class Table:
    """A table below the details: title, headings, rows of cells (safe strings keep their markup)."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]


class ShortPaginator(Paginator):  # type: ignore[type-arg]  # not a generic class when it runs
    """Counts and pages the first `most` rows only: some hundreds more than are shown, never beyond ten thousand.

    Two hundred pages are enough; counting a million rows is slow, and so is counting ten thousand on every page.
    """

    MOST = 10_000
    STEP = 500
    template_name = "o2o_backoffice/pagination.html"
    most = STEP

    def look_from(self, page: int) -> None:
        """Count as far as somebody on this page needs it."""
        shown = max(page, 1) * int(self.per_page)
        self.most = min((shown // self.STEP + 1) * self.STEP, self.MOST)

    @cached_property
    def _found(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return int(rows.order_by()[: self.most + 1].count())

    @cached_property
    def count(self) -> int:
        """How many rows there are, up to `most`."""
        return min(self._found, self.most) if isinstance(self.object_list, QuerySet) else self._found

    @property
    def said(self) -> str:
        """The number of rows as the page says it."""
        number = {"number": f"{self.count:,}"}
        return str(
            _("超过 %(number)s 条") % number if self._found > self.count else _("共 %(number)s 条") % number
        )


class ShortList(ChangeList):
    """A list called by what is in it, not "Select … to view".

    And without the theme's second count in the page's head: it would say the capped number, as if it were all.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(self.opts.verbose_name_plural)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class ScopedAdmin(ModelAdmin):
    """Base of every admin class: rows and permissions come from the scope policy, from nowhere else."""

    show_full_result_count = False
    paginator = ShortPaginator
    list_per_page = 50
    compressed_fields = True
    list_filter_sheet = True
    #: An action needs a permission of its own; pages without one offer none.
    actions: Sequence[str] | None = None
    #: What the page's rows can be taken out as, if at all.
    export: Export | None = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ShortList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rows_for(request.user, super().get_queryset(request))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Also refuse years that no calendar has: Django lets them become a server error."""
        if lookup.endswith("__year") and not re.fullmatch(r"(19|2[0-9])[0-9]{2}", str(value)):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> Any:
        paginator = super().get_paginator(request, queryset, per_page, *args, **kwargs)
        page = request.GET.get("p", "")
        if isinstance(paginator, ShortPaginator) and page.isascii() and page.isdigit():
            paginator.look_from(int(page[:6]))
        return paginator

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

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        # Django goes to the home page with a message; a row out of reach is answered like one that never was.
        raise Http404

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **self._in_reach(db_field, request, kwargs)
        )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **self._in_reach(db_field, request, kwargs)
        )

    def _in_reach(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Offer rows in reach only; the catalogue's categories are no unit's, and any shopper sees them."""
        rows = kwargs.get("queryset")
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return {**kwargs, "queryset": rows if rows.model is Category else rows_for(request.user, rows)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """A page called by what it shows: "机构", "新建机构"; the row's own name stands before it."""
        name = self.opts.verbose_name
        title = str(name) if object_id else str(_("新建%(what)s") % {"what": name})
        return super().changeform_view(
            request, object_id, form_url, {"title": title, **(extra_context or {})}
        )

    # -- taking rows out -----------------------------------------------------------------

    def has_export_permission(self, request: HttpRequest) -> bool:
        """True when the page offers an export and the user may take rows out somewhere."""
        return self.export is not None and self._may(request, self.export.permission)

    def get_urls(self) -> list[Any]:
        urls: list[Any] = super().get_urls()
        if self.export is None:
            return urls
        own = path("export/", self.admin_site.admin_view(self.export_view), name=self._page("export"))
        return [own, *urls]

    def _page(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and self.has_export_permission(request):
            address = f"{reverse('admin:' + self._page('export'))}?{request.GET.urlencode()}"
            button = {
                "title": _("导出"),
                "path": address,
                "icon": "download",
                "variant": ActionVariant.DEFAULT,
            }
            response.context_data = {**(response.context_data or {})}
            response.context_data["actions_list"] = [*response.context_data.get("actions_list", ()), button]
        return response

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Say what would be taken out, of the list as it is filtered; a POST takes it."""
        if self.export is None or not self.has_export_permission(request):
            raise PermissionDenied
        back = reverse(f"admin:{self._page('changelist')}")
        try:
            shown = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            messages.error(request, _("筛选条件无效，请重新筛选后导出"))
            return HttpResponseRedirect(back)
        rows = rows_for(request.user, shown, self.export.permission)
        asked = Request(self.export, rows, request.user, filters_of(request))
        if request.method == "POST":
            try:
                return asked.send("xlsx" if request.POST.get("format") == "xlsx" else "csv")
            except DomainError as error:
                messages.error(request, f"{error.message}。{error.hint}")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("导出%(what)s") % {"what": self.export.title},
            "o2o_back": f"{back}?{request.GET.urlencode()}",
            "o2o_count": asked.count(),
            "o2o_filters": in_words(asked.filters),
            "o2o_columns": [column.title for column in self.export.columns],
            "o2o_whole": bool(self.export.unmask) and self._may(request, self.export.unmask),
        }
        return TemplateResponse(request, "o2o_backoffice/export.html", context)


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
        seen = obj is not None and self.has_view_permission(request, obj)
        if seen:
            context["o2o_tables"] = self.tables(request, obj)
            context["subtitle"] = self.called(obj)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        if obj is not None and seen and isinstance(response, TemplateResponse):
            found = response.context_data or {}
            buttons = [*found.get("actions_detail", ()), *self.doors(request, obj), *doors_of(request, obj)]
            response.context_data = {**found, "actions_detail": folded(buttons)}
        return response

    def called(self, obj: Any) -> str:
        """What the row is called in the title of its page."""
        return str(obj)

    def doors(self, request: HttpRequest, obj: Any) -> Sequence[Mapping[str, Any]]:
        """What this user may do with the row, as buttons (`saleor_o2o.backoffice.doors.door`)."""
        return ()
