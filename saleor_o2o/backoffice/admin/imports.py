"""The pages of a file that is taken in: the template, the upload, the preview of every row, the confirmation."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from saleor_o2o.kernel.errors import DomainError, Text
from saleor_o2o.kernel.scope import OutOfScope

from ..imports import FileImport, ImportState, SheetColumn
from .export import XLSX_TYPE

#: Rows of a preview on a page.
ROWS = 100
#: Rows of a template in which choices are offered.
_OFFERED = 1000
#: Characters that a list of choices within a cell may have (a limit of Excel's).
_LIST = 255
_DONE = _("导入完成：新建 %(created_count)s 个，修改 %(changed_count)s 个")
_EXCEL = _("Excel 文件")
_ACTIONS = {"create": _("新建"), "change": _("修改"), "same": _("无变化"), "skip": _("跳过")}


@dataclass(frozen=True, slots=True)
class ImportPages:
    """One kind of file about the rows of a model, at `import/` below its pages.

    `may` asks for the right; `keep` reads an uploaded file of a request and `look` says what each row would do; `rows`
    are the uploads of this kind; `heads` are the columns of the preview, each with what it shows of a line.
    """

    about: type[Model]
    title: Text
    may: Callable[[Any], bool]
    keep: Callable[[HttpRequest, Any], FileImport]
    find: Callable[[int, Any], FileImport]
    look: Callable[[Any, Any], Sequence[Any]]
    confirm: Callable[[Any, Any], FileImport]
    drop: Callable[[Any, Any], None]
    rows: Callable[[], QuerySet[Any]]
    heads: Sequence[tuple[Text, Callable[[Any], Any]]]
    #: What is said at the end; it may name the counts of the upload.
    done: Text = _DONE
    label: Text = _EXCEL
    accept: str = ".xlsx"
    hint: Text = ""
    #: A choice that goes with the file: its name, what it is called, what there is; the first is what is usual.
    choice: tuple[str, Text, Sequence[tuple[str, Text]]] | None = None
    #: The sheet's title, and its columns; without them there is no template.
    sheet: Text = ""
    columns: Callable[[Any], Sequence[SheetColumn]] | None = None
    words: Mapping[str, Text] = field(default_factory=dict)

    def urls(self) -> list[Any]:
        """Template, upload and preview."""
        views: list[tuple[str, str, Callable[..., Any]]] = [
            ("import/", "import", self._upload),
            ("import/<int:pk>/", "import_preview", self._preview),
        ]
        if self.columns is not None:
            views.append(("import/template.xlsx", "import_template", self._template))
        return [
            path(route, admin.site.admin_view(view), name=self._name(name)) for route, name, view in views
        ]

    def address(self, name: str = "import", *args: Any) -> str:
        """Where a page is."""
        return reverse(f"admin:{self._name(name)}", args=args)

    def _name(self, page: str) -> str:
        return f"{self.about._meta.app_label}_{self.about._meta.model_name}_{page}"

    def _require(self, request: HttpRequest) -> None:
        if not self.may(request.user):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, title: Text, **more: Any) -> HttpResponse:
        context = {
            **admin.site.each_context(request), "opts": self.about._meta, "title": title,
            "listing": self.address("changelist"), **more,
        }  # fmt: skip
        return TemplateResponse(request, f"o2o_backoffice/{template}", context)

    def _upload(self, request: HttpRequest) -> HttpResponse:
        """Take a file; nothing is written before it is confirmed."""
        self._require(request)
        error: Any = ""
        if request.method == "POST":
            file = request.FILES.get("file")
            try:
                made = self.keep(request, file) if file is not None else None
            except DomainError as refused:
                error = refused.in_words
            else:
                if made is not None:
                    return HttpResponseRedirect(self.address("import_preview", made.pk))
                error = _("请选择文件")
        waiting = self.rows().filter(maker=request.user.pk, state=ImportState.WAITING)[:5]
        chosen = request.POST.get(self.choice[0], self.choice[2][0][0]) if self.choice else ""
        return self._page(
            request, "import.html", self.title, error=error, label=self.label, accept=self.accept, hint=self.hint,
            waiting=[(one, self.address("import_preview", one.pk)) for one in waiting],
            choice=self.choice, chosen=chosen, columns=self.columns(request.user) if self.columns else (),
            template_url=self.address("import_template") if self.columns else "",
        )  # fmt: skip

    def _preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every row of an uploaded file and what is wrong with it; a POST writes them all or nothing."""
        self._require(request)
        try:
            found = self.find(pk, request.user)
        except OutOfScope:
            raise Http404 from None
        if request.method == "POST" and "drop" in request.POST:
            self.drop(found, request.user)
            messages.info(request, _("已放弃这个文件，没有导入"))
            return HttpResponseRedirect(self.address())
        if request.method == "POST":
            try:
                done = self.confirm(found, request.user)
            except DomainError as error:
                messages.error(request, error.in_words)
                return HttpResponseRedirect(self.address("import_preview", found.pk))
            messages.success(request, str(self.done) % vars(done))
            return HttpResponseRedirect(self.address("changelist"))
        waits = found.state == ImportState.WAITING
        try:
            lines = self.look(found, request.user) if waits else []
        except DomainError as error:
            messages.error(request, error.in_words)
            return HttpResponseRedirect(self.address())
        wrong = [line for line in lines if line.errors]
        only_wrong = "wrong" in request.GET
        words = {**_ACTIONS, **self.words}
        counted = [
            (label, sum(line.action == name and not line.errors for line in lines))
            for name, label in words.items()
        ]
        shown = Paginator(wrong if only_wrong else lines, ROWS).get_page(request.GET.get("p"))
        return self._page(
            request, "import_preview.html", _("导入预览"), upload=found, waits=waits, total=len(lines),
            wrong=len(wrong), only_wrong=only_wrong, counted=[one for one in counted if one[1]],
            back=self.address(), shown=shown, heads=[title for title, _show in self.heads],
            cells=[([show(line) for _title, show in self.heads], words[line.action], line) for line in shown],
        )  # fmt: skip

    def _template(self, request: HttpRequest) -> FileResponse:
        """An empty file with the headings, and a sheet that explains them."""
        self._require(request)
        columns = self.columns(request.user) if self.columns else ()
        file = template_file(self.sheet, columns)
        name = f"{self.sheet}{_('导入模板')}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def template_file(title: Text, columns: Sequence[SheetColumn]) -> io.BytesIO:
    """A workbook with the headings of a file and, on a second sheet, what its cells take."""
    book = Workbook()
    sheet, notes = book.active, book.create_sheet(str(_("说明")))
    sheet.title = str(title)
    sheet.append([f"{column.title}*" if column.required else str(column.title) for column in columns])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        sheet.cell(1, place).font = Font(bold=True)
        # codes, telephone numbers and dates are text: Excel must not turn them into numbers
        sheet.column_dimensions[letter].width, sheet.column_dimensions[letter].number_format = 16, "@"
        notes.append([str(column.title), str(column.note)])
        offered = ",".join(column.choices)
        if offered and len(offered) <= _LIST:
            rule = DataValidation(
                type="list", formula1=f'"{offered}"', allow_blank=True, showErrorMessage=False
            )
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{_OFFERED + 1}")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 18, 70
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file
