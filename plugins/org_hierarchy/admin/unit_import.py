"""Files of units: the template, the upload, the preview of every row, the confirmation."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from saleor_o2o.backoffice.admin.export import XLSX_TYPE
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, policy_for

from ..exchange.columns import COLUMNS
from ..exchange.plan import plan
from ..levels import Level
from ..models import ImportState, OrgUnit, UnitImport
from ..services.importing import confirm, drop, own_upload, upload_file
from .unit_forms import FileForm
from .unit_pages import page

ROWS = 100


def _require(request: HttpRequest) -> None:
    if not policy_for(OrgUnit).may(request.user, "org_unit.import", OrgUnit):
        raise PermissionDenied


def upload(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Take a file; nothing is written before it is confirmed."""
    _require(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = upload_file(file, file.name, file.size, by=request.user)
        except DomainError as error:
            form.add_error("file", f"{error.message}。{error.hint}" if error.hint else error.message)
        else:
            return HttpResponseRedirect(_preview(made))
    waiting = UnitImport.objects.filter(maker_id=request.user.pk, state=ImportState.WAITING)[:5]
    return page(
        model_admin, request, "import.html", _("导入机构"), form=form,
        columns=COLUMNS, waiting=[(one, _preview(one)) for one in waiting],
        template_url=reverse("admin:o2o_org_hierarchy_orgunit_import_template"),
        back=reverse("admin:o2o_org_hierarchy_orgunit_changelist"),
    )  # fmt: skip


def _preview(upload: UnitImport) -> str:
    return reverse("admin:o2o_org_hierarchy_orgunit_import_preview", args=[upload.pk])


def preview(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Every row of an uploaded file and what is wrong with it; a POST writes them all or nothing."""
    _require(request)
    try:
        found = own_upload(pk, by=request.user)
    except OutOfScope:
        raise Http404 from None
    listing = reverse("admin:o2o_org_hierarchy_orgunit_changelist")
    if request.method == "POST" and "drop" in request.POST:
        drop(found, by=request.user)
        messages.info(request, _("已放弃这个文件，没有导入"))
        return HttpResponseRedirect(reverse("admin:o2o_org_hierarchy_orgunit_import"))
    if request.method == "POST":
        try:
            done = confirm(found, by=request.user)
        except DomainError as error:
            messages.error(request, f"{error.message}。{error.hint}" if error.hint else error.message)
            return HttpResponseRedirect(_preview(found))
        counts = {"created": done.created_count, "changed": done.changed_count}
        messages.success(request, _("导入完成：新建 %(created)s 个，修改 %(changed)s 个") % counts)
        return HttpResponseRedirect(listing)
    waits = found.state == ImportState.WAITING
    lines = plan(found.rows, request.user) if waits else []
    wrong = [line for line in lines if line.errors]
    only_wrong = "wrong" in request.GET
    shown = Paginator(wrong if only_wrong else lines, ROWS).get_page(request.GET.get("p"))
    return page(
        model_admin, request, "preview.html", _("导入预览"),
        upload=found, waits=waits, shown=shown, only_wrong=only_wrong, total=len(lines), wrong=len(wrong),
        created=sum(line.action == "create" for line in lines),
        changed=sum(line.action == "change" for line in lines),
        back=reverse("admin:o2o_org_hierarchy_orgunit_import"), changelist=listing,
    )  # fmt: skip


def template(model_admin: Any, request: HttpRequest) -> FileResponse:
    """An empty file with the headings, and a sheet that explains them."""
    _require(request)
    book = Workbook()
    sheet, notes = book.active, book.create_sheet(str(_("说明")))
    sheet.title = str(_("机构"))
    sheet.append([f"{column.title}*" if column.required else str(column.title) for column in COLUMNS])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(COLUMNS, start=1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = 16
        # codes, telephone numbers and dates are text: Excel must not turn them into numbers
        sheet.column_dimensions[get_column_letter(place)].number_format = "@"
        notes.append([str(column.title), str(column.note)])
    choices = {"level": [str(level.label) for level in Level][1:], "status": ["筹建", "启用"]}
    for place, column in enumerate(COLUMNS, start=1):
        if column.key in choices:
            rule = DataValidation(
                type="list", formula1=f'"{",".join(choices[column.key])}"', allow_blank=True
            )
            sheet.add_data_validation(rule)
            rule.add(f"{get_column_letter(place)}2:{get_column_letter(place)}10001")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 18, 70
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=str(_("机构导入模板.xlsx")), content_type=XLSX_TYPE
    )
