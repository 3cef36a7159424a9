"""The responsibility matrix: one page for all, a row to edit for the city."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ..models import MatrixMatter
from ..models.matrix import Duty
from ..registry import matters
from ..services.tables import change_row, may_edit

_FIELD = {"class": "o2o-field"}


class RowForm(forms.Form):
    """The cells of one row: a duty and a text per level."""

    def __init__(self, matter: MatrixMatter, data: Any = None) -> None:
        super().__init__(data)
        duties = {duty.level: duty for duty in matter.duties.all()}
        for level in Level:
            cell = duties.get(level)
            self.fields[f"duty_{level}"] = forms.ChoiceField(
                label=level.label, choices=Duty.choices, required=False,
                initial=cell.duty if cell else "", widget=forms.Select(attrs=_FIELD),
            )  # fmt: skip
            self.fields[f"text_{level}"] = forms.CharField(
                label=_("说明"), max_length=100, required=False,
                initial=cell.text if cell else "", widget=forms.TextInput(attrs=_FIELD),
            )  # fmt: skip

    def cells(self) -> dict[int, tuple[str, str]]:
        """What was chosen, by level."""
        return {
            int(level): (self.cleaned_data[f"duty_{level}"], self.cleaned_data[f"text_{level}"])
            for level in Level
        }

    def pairs(self) -> list[tuple[Any, Any]]:
        """The two fields of each level, for the page."""
        return [(self[f"duty_{level}"], self[f"text_{level}"]) for level in Level]


@admin.register(MatrixMatter)
class MatrixMatterAdmin(ReadOnlyAdmin):
    """Matters as rows, levels as columns."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = []
        held: dict[str, list[str]] = {}
        for one in matters().values():
            held.setdefault(one.row, []).append(str(one.title))
        for matter in rows_for(request.user, MatrixMatter).prefetch_related("duties"):
            duties = {duty.level: duty for duty in matter.duties.all()}
            href = reverse("admin:o2o_approvals_matrixmatter_change", args=[matter.pk])
            rows.append((matter, [duties.get(level) for level in Level], href, held.get(matter.code, ())))
        context = {
            **self.admin_site.each_context(request),
            "title": _("职责矩阵"),
            "levels": list(Level),
            "rows": rows,
            "may_edit": may_edit(request.user),
        }
        return TemplateResponse(request, "o2o_approvals/matrix.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            matter = get_row(request.user, MatrixMatter, pk=object_id)
        except OutOfScope as error:
            raise Http404 from error
        if not may_edit(request.user):
            raise PermissionDenied
        back = reverse("admin:o2o_approvals_matrixmatter_changelist")
        form = RowForm(matter, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                changed = change_row(matter, form.cells(), request.user)
            except DomainError as error:
                form.add_error(None, error.in_words)
            else:
                messages.success(request, _("已保存") if changed else _("没有变化"))
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request), "title": matter.title, "matter": matter, "form": form, "back": back
        }  # fmt: skip
        return TemplateResponse(request, "o2o_approvals/matrix_row.html", context)
