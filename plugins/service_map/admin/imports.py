"""导入: a file of places (Excel) or of areas (GeoJSON), the preview of every row, the confirmation."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.backoffice.admin.export import XLSX_TYPE
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, policy_for

from ..kinds import ImportKind, ImportState
from ..models import MapImport, Place, ServiceArea
from ..services.import_places import COLUMNS
from ..services.importing import confirm, drop, own_upload, rehearse, upload

ROWS = 100
_HOME = {ImportKind.PLACES: "place", ImportKind.AREAS: "servicearea"}
_OPTS = {ImportKind.PLACES: Place._meta, ImportKind.AREAS: ServiceArea._meta}


def urls(kind: ImportKind) -> list[Any]:
    """The pages of one kind of file, below those of what it is about."""
    pages: list[tuple[str, str, Callable[..., Any]]] = [
        ("import/", "import", _upload_view(kind)), ("import/<int:pk>/", "import_preview", _preview_view(kind)),
    ]  # fmt: skip
    if kind == ImportKind.PLACES:
        pages.append(("import/template.xlsx", "import_template", _template_view))
    return [path(route, admin.site.admin_view(view), name=_name(kind, name)) for route, name, view in pages]


def may_import(request: HttpRequest) -> bool:
    """True for whoever may upload files of the map."""
    return policy_for(Place).may(request.user, "map.import", Place)


def address(kind: ImportKind, name: str = "import", *args: Any) -> str:
    """Where a page of the import is."""
    return reverse(f"admin:{_name(kind, name)}", args=args)


def _name(kind: ImportKind, name: str) -> str:
    return f"o2o_service_map_{_HOME[kind]}_{name}"


def _page(request: HttpRequest, kind: ImportKind, template: str, title: Any, **more: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request), "opts": _OPTS[kind], "title": title, "kind": kind.value,
        "listing": address(kind, "changelist"), **more,
    }  # fmt: skip
    return TemplateResponse(request, f"o2o_service_map/{template}", context)


def _said(error: DomainError) -> str:
    return f"{error.message}。{error.hint}" if error.hint else error.message


def _upload_view(kind: ImportKind) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        if not may_import(request):
            raise PermissionDenied
        datum = request.POST.get("datum", Datum.GCJ02.value)
        error = ""
        if request.method == "POST":
            file = request.FILES.get("file")
            try:
                made = upload(kind, file, datum=datum, by=request.user) if file is not None else None
            except DomainError as refused:
                error = _said(refused)
            else:
                if made is not None:
                    return HttpResponseRedirect(address(kind, "import_preview", made.pk))
                error = str(_("请选择文件"))
        waiting = MapImport.objects.filter(kind=kind, maker=request.user.pk, state=ImportState.WAITING)[:5]
        more: dict[str, Any] = {"datums": Datum.choices, "datum": datum}
        if kind == ImportKind.PLACES:
            more = {"columns": COLUMNS, "template_url": address(kind, "import_template")}
        title = _("导入地点") if kind == ImportKind.PLACES else _("导入服务范围和区县边界")
        return _page(
            request, kind, "import.html", title, error=error,
            waiting=[(one, address(kind, "import_preview", one.pk)) for one in waiting], **more,
        )  # fmt: skip

    return view


def _preview_view(kind: ImportKind) -> Callable[[HttpRequest, int], HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        if not may_import(request):
            raise PermissionDenied
        try:
            found = own_upload(pk, kind, by=request.user)
        except OutOfScope:
            raise Http404 from None
        if request.method == "POST" and "drop" in request.POST:
            drop(found, by=request.user)
            messages.info(request, _("已放弃这个文件，没有导入"))
            return HttpResponseRedirect(address(kind))
        if request.method == "POST":
            try:
                done = confirm(found, by=request.user)
            except DomainError as error:
                messages.error(request, _said(error))
                return HttpResponseRedirect(address(kind, "import_preview", found.pk))
            counts = {"created": done.created_count, "changed": done.changed_count}
            messages.success(request, _("导入完成：新建 %(created)s 个，修改 %(changed)s 个") % counts)
            return HttpResponseRedirect(address(kind, "changelist"))
        waits = found.state == ImportState.WAITING
        try:
            lines = rehearse(found, by=request.user) if waits else []
        except DomainError as error:
            messages.error(request, _said(error))
            return HttpResponseRedirect(address(kind))
        wrong = [line for line in lines if line.errors]
        only_wrong = "wrong" in request.GET
        counted = {name: sum(line.action == name and not line.errors for line in lines) for name in _ACTIONS}
        return _page(
            request, kind, "import_preview.html", _("导入预览"), upload=found, waits=waits, total=len(lines),
            wrong=len(wrong), only_wrong=only_wrong, counted=counted, back=address(kind),
            shown=Paginator(wrong if only_wrong else lines, ROWS).get_page(request.GET.get("p")),
        )  # fmt: skip

    return view


_ACTIONS = ("create", "change", "same", "skip")


def _template_view(request: HttpRequest) -> HttpResponse | FileResponse:
    """An empty file with the headings, and a sheet that explains them."""
    if not may_import(request):
        raise PermissionDenied
    book = Workbook()
    sheet, notes = book.active, book.create_sheet(str(_("说明")))
    sheet.title = str(_("地点"))
    sheet.append([f"{title}*" if needed else title for _key, title, needed, _note in COLUMNS])
    sheet.freeze_panes = "A2"
    for place, (_key, title, _needed, note) in enumerate(COLUMNS, start=1):
        sheet.cell(1, place).font = Font(bold=True)
        # codes and telephone numbers are text: Excel must not turn them into numbers
        column = sheet.column_dimensions[get_column_letter(place)]
        column.width, column.number_format = 16, "@"
        notes.append([title, note])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 18, 70
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=str(_("地点导入模板.xlsx")), content_type=XLSX_TYPE
    )
