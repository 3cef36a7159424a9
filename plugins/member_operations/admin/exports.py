"""名单导出: asked for, approved by others, taken once as a workbook that says who took it when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from plugins.approvals.interfaces import requests_of
from plugins.members.interfaces import primary_mobiles
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export, Request
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import column, link, moment, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for

from ..kinds import ExportState
from ..models import MemberExport, Segment
from ..permissions import EXPORT_VIEW, MEMBER_EXPORT, MEMBER_UNMASK
from ..services.exports import HOURS, MOST, ask_export, take_export
from .looks import EXPORTS, coloured


def _prepare(rows: Sequence[Any]) -> None:
    found = primary_mobiles([row.pk for row in rows])
    for row in rows:
        row.o2o_mobile = found.get(row.pk)


def _figure(name: str) -> Any:
    return lambda row: getattr(getattr(row, "o2o_figures", None), name, "")


def _sheet(whole: bool) -> Export:
    """The columns; names and mobiles are masked unless two people have agreed."""
    return Export(
        _("会员名单"),
        MEMBER_EXPORT,
        (
            Cell(_("会员号"), "number"),
            Cell(_("姓名"), lambda row: masked_person(row.user), whole=lambda row: row.user.first_name),
            Cell(
                _("手机号"), lambda row: row.o2o_mobile.masked if row.o2o_mobile else "",
                whole=lambda row: row.o2o_mobile.value if row.o2o_mobile else "",
            ),
            Cell(_("状态"), "get_status_display"),
            Cell(_("归属机构"), "home_unit__name"),
            Cell(_("注册来源"), "get_source_display"),
            Cell(_("注册时间"), "registered_at"),
            Cell(_("最近购买"), _figure("last_at")),
            Cell(_("12 个月单数"), _figure("orders_year")),
            Cell(_("12 个月金额"), _figure("spent_year")),
        ),
        unmask=MEMBER_UNMASK if whole else "",
        related=("user", "home_unit", "o2o_figures"),
        prepare=_prepare,
    )  # fmt: skip


class ExportForm(forms.Form):
    """Whom, why, masked or not."""

    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("会员分群"), required=False, widget=UnfoldAdminSelectWidget,
        empty_label=_("（看得到的全部会员）"),
    )  # fmt: skip
    whole = forms.BooleanField(
        label=_("姓名和手机号不掩码"), required=False, widget=UnfoldBooleanWidget,
        help_text=_("须两级审批，且您有查看完整手机号的权限"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("用途"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("给谁用、做什么、用完怎么处理；会记入审计"),
    )  # fmt: skip

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.queryset = rows_for(user, Segment.objects.filter(is_active=True)).order_by("name")


@admin.register(MemberExport)
class MemberExportAdmin(ActingAdmin):
    """What was asked for in the units in reach."""

    begins = ((_("申请导出"), "add", "new", MEMBER_EXPORT),)
    list_display = ("number", "c_unit", "c_by", "c_segment", "c_whole", "rows", "c_asked", "c_state")
    list_display_links = ("number",)
    list_select_related = ("unit", "asked_by", "segment")
    list_filter = (("state", ChoicesDropdownFilter), "whole")
    list_filter_submit = True
    search_fields = ("number",)
    search_help_text = _("申请编号")
    ordering = ("-pk",)
    details = (
        (None, ("number", "c_state", "c_unit", "c_by", "c_segment", "c_whole", "rows", "reason")),
        ("时间", ("c_asked", "c_approval", "c_expires", "c_taken")),
    )

    c_unit = column("unit__name", "申请机构", order="unit__path")
    c_by = column("asked_by__first_name", "申请人", order=None)
    c_segment = column("segment__name", "分群", order=None)
    c_whole = yes_no("whole", "不掩码")
    c_asked = moment("asked_at", "申请时间")
    c_expires = moment("expires_at", "下载截止")
    c_taken = moment("taken_at", "下载时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: MemberExport) -> Any:
        return coloured(row.state, EXPORTS)

    @admin.display(description=_("审批单"))
    def c_approval(self, row: MemberExport) -> Any:
        found = requests_of(row).first()
        return "—" if found is None else link("o2o_approvals_approvalrequest", found.pk, found.number)

    def tables(self, request: HttpRequest, obj: MemberExport) -> Sequence[Any]:
        return (moves_of(obj, EXPORTS),)

    def doors(self, request: HttpRequest, obj: MemberExport) -> Sequence[Mapping[str, Any]]:
        if obj.state == ExportState.READY and obj.asked_by_id == request.user.pk:
            return [door(_("下载"), "download", self.address("take", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("<int:pk>/take/", self.take_view, "take"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """申请导出."""
        if not request.user.has_perm(MEMBER_EXPORT):
            raise PermissionDenied

        def do(data: dict[str, Any]) -> str:
            made = ask_export(request.user, data["reason"], segment=data["segment"], whole=data["whole"])
            return str(_("已提交 %(number)s，%(rows)d 人") % {"number": made.number, "rows": made.rows})

        note = _(
            "审批通过后 %(hours)d 小时内由您本人下载，只能下载一次，最多 %(most)d 人；文件上有您的名字和时间。"
        )
        return self.act(
            request, _("申请导出会员名单"),
            ExportForm(request.user, request.POST if request.method == "POST" else None), do,
            reverse(f"admin:{self._page('changelist')}"), note=note % {"hours": HOURS, "most": MOST},
            buttons=(("do", "1", _("提交审批"), ""),),
        )  # fmt: skip

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Say what is taken; a POST takes it, once."""
        row: MemberExport = self.row(request, pk, EXPORT_VIEW)
        if row.asked_by_id != request.user.pk:
            raise Http404
        if request.method == "POST":
            try:
                rows = take_export(request.user, row)
            except OutOfScope:
                raise Http404 from None
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                messages.error(request, error.in_words)
                return HttpResponseRedirect(self.page_of(pk))
            told = {"申请": row.number, "用途": row.reason}
            return Request(_sheet(row.whole), rows.order_by("pk"), request.user, told).send("xlsx")
        facts = ((_("申请"), row.number), (_("人数"), f"{row.rows:,}"), (_("用途"), row.reason))
        return self.act(
            request, _("下载会员名单"), forms.Form(), lambda _data: "", self.page_of(pk), facts=facts,
            note=_("只能下载一次。文件含个人信息，请按用途使用，用完删除。"), buttons=(("do", "1", _("下载"), ""),),
        )  # fmt: skip
