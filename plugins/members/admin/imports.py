"""批量导入: the template, the file, the preview of every row, the confirmation."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import XLSX_TYPE
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ..kinds import ImportState
from ..models import MemberImport
from ..services.importing import COLUMNS, Line, confirm, drop, may_import, own_upload, plan, upload

ROWS = 100
HEADS = ("行", "手机号", "姓名", "会员卡号", "归属机构", "办理", "错误")


def urls(page: Any) -> list[Any]:
    """The pages, below those of members."""
    return [
        page.own("import/", lambda request: _upload_view(page, request), "import"),
        page.own("import/template.xlsx", _template_view, "import_template"),
        page.own("import/<int:pk>/", lambda request, pk: _preview_view(page, request, pk), "import_preview"),
    ]


def _upload_view(page: Any, request: HttpRequest) -> HttpResponse:
    _require(request)
    error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            made = upload(file, by=request.user) if file is not None else None
        except DomainError as refused:
            error = _said(refused)
        else:
            if made is not None:
                return HttpResponseRedirect(_preview(made))
            error = str(_("请选择文件"))
    waiting = MemberImport.objects.filter(maker_id=request.user.pk, state=ImportState.WAITING)[:5]
    return _page(
        page, request, _("批量导入会员"), error=error, waiting=[(one, _preview(one)) for one in waiting],
        template_url=reverse("admin:o2o_members_member_import_template"),
        columns=Table(str(_("列的说明")), (str(_("列")), str(_("说明"))), [
            (f"{title}{'*' if needed else ''}", note) for _key, title, needed, note in COLUMNS
        ]),
    )  # fmt: skip


def _preview_view(page: Any, request: HttpRequest, pk: int) -> HttpResponse:
    _require(request)
    try:
        found = own_upload(pk, by=request.user)
    except OutOfScope:
        raise Http404 from None
    if request.method == "POST" and "drop" in request.POST:
        drop(found, by=request.user)
        messages.info(request, _("已放弃这个文件，没有导入"))
        return HttpResponseRedirect(reverse("admin:o2o_members_member_import"))
    if request.method == "POST":
        try:
            done = confirm(found, by=request.user)
        except DomainError as error:
            messages.error(request, _said(error))
            return HttpResponseRedirect(_preview(found))
        counts = {"created": done.created_count, "skipped": done.skipped_count}
        messages.success(request, _("导入完成：新建 %(created)s 个，跳过 %(skipped)s 个") % counts)
        return HttpResponseRedirect(reverse("admin:o2o_members_member_changelist"))
    waits = found.state == ImportState.WAITING
    lines = plan(found, request.user) if waits else []
    wrong = [line for line in lines if line.errors]
    only_wrong = "wrong" in request.GET
    shown = Paginator(wrong if only_wrong else lines, ROWS).get_page(request.GET.get("p"))
    heads = [*HEADS]
    return _page(
        page, request, _("导入预览"), upload=found, waits=waits, total=len(lines), wrong=len(wrong),
        created=sum(line.action == "create" and not line.errors for line in lines),
        skipped=sum(line.action == "skip" and not line.errors for line in lines), only_wrong=only_wrong,
        shown=shown, table=Table("", heads, [_cells(line) for line in shown]),
    )  # fmt: skip


def _cells(line: Line) -> tuple[Any, ...]:
    does = _("跳过：已是会员") if line.action == "skip" else _("新建")
    problems = "；".join(f"{title}：{words}" for title, words in line.errors)
    return (line.number, *line.shown, "—" if line.errors else does, problems or "—")


def _template_view(request: HttpRequest) -> HttpResponse | FileResponse:
    """An empty file with the headings, and a sheet that explains them."""
    _require(request)
    book = Workbook()
    sheet, notes = book.active, book.create_sheet(str(_("说明")))
    sheet.title = str(_("会员"))
    sheet.append([f"{title}*" if needed else str(title) for _key, title, needed, _note in COLUMNS])
    sheet.freeze_panes = "A2"
    for place, (_key, title, _needed, note) in enumerate(COLUMNS, start=1):
        sheet.cell(1, place).font = Font(bold=True)
        # telephone and card numbers are text: Excel must not turn them into numbers
        column = sheet.column_dimensions[get_column_letter(place)]
        column.width, column.number_format = 20, "@"
        notes.append([str(title), str(note)])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    name = str(_("会员导入模板.xlsx"))
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _page(page: Any, request: HttpRequest, title: Any, **more: Any) -> TemplateResponse:
    context = {
        **page.admin_site.each_context(request), "opts": page.opts, "title": title,
        "listing": reverse("admin:o2o_members_member_changelist"), **more,
    }  # fmt: skip
    return TemplateResponse(request, "o2o_members/import.html", context)


def _preview(row: MemberImport) -> str:
    return reverse("admin:o2o_members_member_import_preview", args=[row.pk])


def _require(request: HttpRequest) -> None:
    if not may_import(request.user):
        raise PermissionDenied


def _said(error: DomainError) -> str:
    return f"{error.message}。{error.hint}" if error.hint else error.message
