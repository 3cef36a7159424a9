"""渠道: the list, the form, what can be done, the figures."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.org_hierarchy.interfaces import may_unmask, staff_of
from saleor_o2o.backoffice.admin.base import ScopedAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.columns import at, badge, column, link
from saleor_o2o.kernel.masking import mask_id_number, mask_name, mask_phone
from saleor_o2o.kernel.request import actor_label, bind_request
from saleor_o2o.kernel.scope import OutOfScope, get_row

from .. import codes
from ..approval import submit_channel
from ..blockers import blockers_of
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, Photo, Target, VisitKind, VisitResult
from ..services.binding import BINDING_TYPES, transfer_customers
from ..services.channels import save_channel
from ..services.moves import BY_HAND, allows, change_state
from ..services.owners import give_login, may_have_owner, take_login
from ..services.targets import set_target
from ..services.training import missing_courses, record_exam
from ..services.visits import plan_visit, record_visit
from ..types import ChannelStatus
from . import figures, forms
from .steps import Step, StepPages, moves_of
from .visiting import VISIT_HEADS, visit_cells

STATUS = dict(ChannelStatus.choices)
#: Until the county agrees there is no shop that a code could lead to.
_NO_CODE = (ChannelStatus.APPLIED, ChannelStatus.REVIEW)


def _whole(request: HttpRequest, row: Channel) -> list[dict[str, Any]]:
    """The owner's numbers, for somebody who must ring him up and says why."""
    if not row.owner_mobile or not may_unmask(request.user, row):
        return []
    path = reverse("admin:o2o_org_hierarchy_staff_reveal", args=[row._meta.label_lower, row.pk])
    return [{"label": _("查看店主电话"), "href": path}]


def _visit(request: HttpRequest, row: Channel, data: dict[str, Any]) -> None:
    staff = staff_of(request.user)
    if staff is None:
        raise ChannelError(ChannelErrorCode.PERMISSION_DENIED, _("只有在职员工可以登记走访"))
    record_visit(row, staff, data["kind"], data["result"], data["findings"], photos=data["photos"])


def _transfer(request: HttpRequest, row: Channel, data: dict[str, Any]) -> str:
    user: Any = request.user
    target = get_row(user, Channel.objects.select_related("unit"), code=data["target"].strip().upper())
    moved = transfer_customers(row, target, data["reason"])
    return str(_("已移交 %(count)s 位客户") % {"count": moved})


def _give_login(_request: HttpRequest, row: Channel, data: dict[str, Any]) -> str:
    user = give_login(row, data["email"])
    sent = "" if user.has_usable_password() else _("，设置密码的邮件已发出")
    return str(_("店主登录账号：%(email)s%(sent)s") % {"email": user.email, "sent": sent})


def _masked(email: str) -> str:
    """`li***@example.com`: enough to tell whose it is, for those who know it."""
    name, _at_sign, host = email.partition("@")
    return f"{name[:2]}***@{host}"


def _mover(name: str) -> Any:
    return lambda _request, row, data: change_state(row, name, reason=data["reason"])


def _at(name: str) -> Any:
    return lambda row: allows(row, name)


def _expected_visit(row: Channel) -> dict[str, Any]:
    """What somebody who goes to this channel most likely goes for."""
    if row.status == ChannelStatus.APPLIED:
        return {"kind": VisitKind.OPENING, "result": VisitResult.RECOMMEND}
    return {"kind": VisitKind.ROUTINE, "result": VisitResult.GOOD}


def _working(row: Channel) -> bool:
    return row.status not in (ChannelStatus.APPLIED, ChannelStatus.REVIEW, ChannelStatus.LEFT)


STEPS = (
    Step("visit", _("登记走访"), "channel.visit", forms.VisitForm, _visit,
         lambda row: row.status != ChannelStatus.LEFT, _("开店走访请选择“建议通过”或“不建议通过”"), _expected_visit),
    Step("plan", _("安排拜访"), "channel.visit", forms.PlanForm,
         lambda request, row, data: plan_visit(
             row, data["kind"], data["planned_on"], data["visitor_no"] or row.liaison or staff_of(request.user)),
         lambda row: row.status != ChannelStatus.LEFT, initial=_expected_visit),
    Step("submit", _("提交区县审批"), "channel.edit", forms.NoteForm,
         lambda request, row, data: submit_channel(row, request.user, data["note"]), _at("submit"),
         _("走访结论为“建议通过”后提交；区县在“待办”里审批")),
    Step("exam", _("登记培训考试"), "channel.visit", forms.ExamForm,
         lambda _request, row, data: record_exam(row, data["course"], data["score"], data["taken_on"]), _working),
    *(
        Step(name, label, BY_HAND[name], forms.ReasonForm if name in ("pause", "leave") else forms.RemarkForm,
             _mover(name), _at(name))
        for name, label in (
            ("begin_trial", _("开始试营")), ("confirm", _("转为正常")), ("pause", _("暂停营业")),
            ("resume", _("恢复营业")), ("leave", _("退出")),
        )
    ),
    Step("transfer", _("移交客户"), "channel.transfer", forms.TransferForm, _transfer,
         lambda row: row.type in BINDING_TYPES, _("把绑定在本渠道的全部客户移交给另一个营业中的渠道")),
    Step("owner_login", _("开通店主登录"), "channel.edit", forms.OwnerLoginForm, _give_login, may_have_owner,
         _("请与店主当面核对邮箱：没有账号的会收到设置密码的邮件，已有商城账号的直接成为店主账号")),
    Step("owner_logout", _("解除店主登录"), "channel.edit", forms.ConfirmForm,
         lambda _request, row, _data: take_login(row), lambda row: row.owner_user_id is not None,
         _("店主立即不能再以店主身份下单、收款；账号仍可作为顾客使用")),
    Step("target", _("设定月度目标"), "channel.edit", forms.TargetForm,
         lambda _request, row, data: set_target(row, data["month"], data["metric"], data["goal"]), _working),
)  # fmt: skip

EXPORT = Export(
    _("渠道"),
    "channel.export",
    (
        Cell(_("渠道代码"), "code"),
        Cell(_("类型"), lambda row: row.get_type_display()),
        Cell(_("名称"), "name"),
        Cell(_("状态"), lambda row: row.get_status_display()),
        Cell(_("机构代码"), "unit__code"),
        Cell(_("机构"), "unit__name"),
        Cell(_("店主"), lambda row: mask_name(row.owner_name), whole="owner_name"),
        Cell(_("手机号"), lambda row: mask_phone(row.owner_mobile), whole="owner_mobile"),
        Cell(_("证件号"), lambda row: mask_id_number(row.owner_id_number), whole="owner_id_number"),
        Cell(_("地址"), "address"),
        Cell(_("等级"), lambda row: row.get_rank_display()),
        Cell(_("佣金方案"), "commission_plan"),
        Cell(_("协议编号"), "agreement_no"),
        Cell(_("协议止"), "agreement_to"),
        Cell(_("开业日期"), "opened_on"),
    ),
    unmask="channel.unmask",
    related=("unit",),
)


@admin.register(Channel)
class ChannelAdmin(StepPages, ScopedAdmin):
    """Every kind of channel."""

    form = forms.ChannelForm
    steps = STEPS
    export = EXPORT
    list_display = (
        "code",
        "name",
        "c_type",
        "c_status",
        "c_unit",
        "c_owner",
        "c_rank",
        "c_liaison",
        "c_opened",
    )
    list_display_links = ("code", "name")
    list_filter = (
        ("type", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter), ("rank", ChoicesDropdownFilter),
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("unit", "owner_staff", "liaison")
    search_fields = (
        "=code",
        "name__contains",
        "=application__number",
        "=unit__code",
        "agreement_no__startswith",
    )
    search_help_text = _("渠道代码、名称、申请编号、机构代码或协议编号")
    ordering = ("-pk",)
    change_form_outer_before_template = "o2o_channels/channel_head.html"
    change_form_outer_after_template = "o2o_backoffice/tables.html"

    c_type = column("get_type_display", "类型", lambda name: name(), order="type")
    c_unit = column("unit__name", "所属机构", order="unit__path")
    c_owner = column("masked_owner", "店主", order=None)
    c_rank = column("get_rank_display", "等级", lambda name: name(), order="rank")
    c_liaison = column("liaison__name", "联络员", order=None)
    c_opened = column("opened_on", "开业日期")

    @admin.display(description=_("状态"), ordering="status")
    def c_status(self, row: Channel) -> Any:
        return badge(row.status, STATUS)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "unit__id__exact" or super().lookup_allowed(lookup, value, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Channels leave; they are never deleted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.status == ChannelStatus.LEFT:
            return False
        return super().has_change_permission(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type("BoundChannelForm", (made,), {"user": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            names = (("code", "c_type"), ("name", "c_status"), ("c_unit", "c_owner"), ("address", "c_rank"),
                     ("agreement_no", "agreement_to"), ("c_liaison", "c_opened"))  # fmt: skip
            return [(None, {"fields": names})]
        head: tuple[tuple[str, ...], ...] = (("type", "name"), ("unit_code", "rank"))
        if obj is not None:
            head = (("code", "c_status"), *head)
        return [
            (_("渠道"), {"fields": (*head, "scope")}),
            (_("店主"), {"fields": (("owner_name", "staff_no"), ("mobile", "id_number"), "liaison_no")}),
            (_("位置"), {"fields": ("address", ("lng", "lat"))}),
            (
                _("合作协议"),
                {"fields": (("agreement_no", "commission_plan"), ("agreement_from", "agreement_to"))},
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        if self.has_change_permission(request, obj):
            return ("code", "c_status")
        return ("code", "c_type", "name", "c_status", "c_unit", "c_owner", "address", "c_rank", "agreement_no",
                "agreement_to", "c_liaison", "c_opened")  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        with bind_request(actor=actor_label(request.user)):
            save_channel(obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What changed between the form's check and its saving is said, not thrown."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ChannelError as error:
            messages.error(request, f"{error.message}。{error.hint or ''}")
            return HttpResponseRedirect(request.path)

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
            context |= {
                "o2o_tables": self.tables(obj),
                "o2o_buttons": [*self.buttons(request, obj), *_whole(request, obj)],
                "o2o_photos": [
                    {
                        "href": reverse("admin:o2o_channels_channel_photo", args=[obj.pk, photo.pk]),
                        "label": photo.get_kind_display(),
                    }
                    for photo in obj.photos.only("pk", "kind")
                ],
            }
            if obj.status not in _NO_CODE:
                context |= {
                    "o2o_address": codes.address_of(obj.code),
                    "o2o_qr": reverse("admin:o2o_channels_channel_qr", args=[obj.pk, "svg"]),
                    "o2o_qr_png": reverse("admin:o2o_channels_channel_qr", args=[obj.pk, "png"]),
                }
        return super().change_view(request, object_id, form_url, context)

    def tables(self, row: Channel) -> list[Table]:
        """What hangs on the channel."""
        visits = [visit_cells(one) for one in row.visits.select_related("visitor")[:20]]
        exams = [
            (one.taken_on, one.course.name, one.score, "合格" if one.passed else "不合格")
            for one in row.exams.select_related("course")[:20]
        ]
        moves = moves_of(row, STATUS)
        found = [
            Table("拜访记录", VISIT_HEADS, visits),
            Table("培训考试", ("日期", "课程", "得分", "结果"), exams),
            Table("状态变更", ("时间", "原状态", "新状态", "操作者", "原因"), moves),
        ]
        missing = missing_courses(row)
        if missing and row.status == ChannelStatus.TRAINING:
            found.insert(
                0, Table("还未合格的必修课程", ("课程", "及格分"), [(c.name, c.pass_mark) for c in missing])
            )
        open_matters = blockers_of(row) if row.status != ChannelStatus.LEFT else []
        if open_matters:
            found.append(
                Table("退出前要办结", ("事项", "数量"), [(one.title, one.count) for one in open_matters])
            )
        if may_have_owner(row):
            user = row.owner_user
            login = [(_masked(user.email), at(user.last_login) if user.last_login else "—")] if user else []
            found.insert(0, Table("店主登录", ("账号", "最近登录"), login))
        asked = getattr(row, "application", None)
        if asked is not None:
            heads = ("申请编号", "申请时间", "社区（小区）", "经营场所", "申请说明", "审批意见")
            found.insert(0, Table("开店申请", heads, [
                (asked.number, at(asked.created_at), asked.community, asked.premises or "—", asked.remark or "—",
                 asked.decision or "—")
            ]))  # fmt: skip
        shop = getattr(row, "shop", None)
        if shop is not None:
            found.insert(0, Table("店铺", ("店名", "在售商品"), [
                (link("o2o_channels_shop", shop.pk, shop.name), shop.offers.filter(is_active=True).count())
            ]))  # fmt: skip
        return found

    # -- pages beside the list and the form ------------------------------------------------

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("figures/", wrap(figures.figures_view(self)), name="o2o_channels_channel_figures"),
            path("board/", wrap(figures.board_view(self)), name="o2o_channels_channel_board"),
            path("<int:pk>/qr.<slug:kind>", wrap(self.qr_view), name="o2o_channels_channel_qr"),
            path("<int:pk>/photo/<int:photo>/", wrap(self.photo_view), name="o2o_channels_channel_photo"),
            *self.step_urls(),
            *super().get_urls(),
        ]

    def _row(self, request: HttpRequest, pk: int) -> Channel:
        user: Any = request.user
        try:
            return get_row(user, Channel, pk=pk)
        except OutOfScope as error:
            raise Http404 from error

    def qr_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """The QR code, to look at or to print."""
        row = self._row(request, pk)
        if kind == "svg":
            return HttpResponse(codes.qr_svg(row.code), content_type="image/svg+xml")
        answer = HttpResponse(codes.qr_png(row.code), content_type="image/png")
        answer["Content-Disposition"] = f'attachment; filename="{row.code}.png"'
        return answer

    def photo_view(self, request: HttpRequest, pk: int, photo: int) -> HttpResponse:
        """A photograph of a channel in scope; never cached by others."""
        row = self._row(request, pk)
        found = Photo.objects.filter(channel=row, pk=photo).first()
        if found is None:
            raise Http404
        answer = HttpResponse(bytes(found.content), content_type="image/jpeg")
        answer["Cache-Control"] = "private, no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


@admin.register(Target)
class TargetAdmin(ScopedAdmin):
    """Targets as they were set; the board shows how far they are."""

    list_display = ("c_channel", "month", "metric", "goal")
    list_filter = (("metric", ChoicesDropdownFilter), "month")
    list_select_related = ("channel",)
    search_fields = ("=channel__code", "channel__name__contains")
    fields = ("channel", "month", "metric", "goal")
    c_channel = column("channel", "渠道", str, order="channel__name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Set on the channel's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
