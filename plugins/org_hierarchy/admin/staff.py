"""人员, 岗位, 部门: the lists, a person's page with everything about the person, and the doors to what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from saleor_o2o.backoffice import models as pages
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Export
from saleor_o2o.backoffice.columns import column, link_to, moment, yes_no
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import policy_for, rows_for

from .. import masking
from ..exchange.people import EXPORT_COLUMNS, EXPORT_NEEDS
from ..levels import Level
from ..models import Post, Staff, StaffStatus
from ..services.delegation import lent_by
from ..services.rights import may_at
from ..services.staffing import MOBILE_INDEX, clean_mobile
from . import staff_import, staff_pages
from .acting import wrapped
from .staff_tables import grants_table, handed_table, login_table, posts_table, tinted
from .units import AreaFilter


class BelowFilter(AreaFilter):
    """People whose home is below an area or a county."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.below(request, queryset, "unit__path__startswith")


class PostFilter(DropdownFilter):
    """People who hold a post now."""

    title = _("岗位")
    parameter_name = "post"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = rows_for(request.user, Post, "staff.view").order_by("level", "code")[:200]
        return [(one.code, f"{Level(one.level).label} · {one.name}") for one in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(posts__post__code=self.value(), posts__valid_to__isnull=True).distinct()


class AccountFilter(DropdownFilter):
    """People who have not set a password yet."""

    title = _("账号")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("new", _("未激活")), ("ready", _("已激活"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        fresh = Q(user__password="") | Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
        active = queryset.filter(status=StaffStatus.ACTIVE)
        return {"new": active.filter(fresh), "ready": active.exclude(fresh)}.get(self.value() or "", queryset)


def _main_post(staff: Staff) -> str:
    held = [one for one in staff.posts.all() if one.valid_to is None]
    names = [one.post.name for one in sorted(held, key=lambda one: not one.is_primary)]
    return "、".join(names) or "—"


@admin.register(Staff)
class StaffAdmin(ReadOnlyAdmin):
    """The people of the units in reach; every change goes through the services."""

    list_display = (
        "employee_no",
        "c_name",
        "c_unit",
        "c_posts",
        "c_mobile",
        "c_status",
        "c_account",
        "c_seen",
    )
    list_display_links = ("employee_no", "c_name")
    list_filter = (("status", ChoicesDropdownFilter), BelowFilter, PostFilter, AccountFilter)
    list_filter_submit = True
    list_select_related = ("unit", "user")
    search_fields = ("employee_no", "name")
    search_help_text = _("工号、姓名、机构，或完整手机号")
    ordering = ("employee_no",)
    details = (
        (
            None,
            (
                "employee_no",
                "c_name",
                "c_unit",
                "c_status",
                "c_mobile",
                "c_id_number",
                "c_login",
                "c_joined",
                "c_left",
            ),
        ),
        ("账号", ("c_active", "c_account", "c_seen", "c_reason")),
    )
    export = Export(
        _("人员"),
        "staff.export",
        EXPORT_COLUMNS,
        unmask="staff.unmask",
        related=("unit", "user"),
        prefetched=EXPORT_NEEDS,
    )

    c_name = column("name", "姓名")
    c_unit = link_to("unit", "所属机构", "o2o_org_hierarchy_orgunit", lambda unit: unit.name)
    c_login = column("user__email", "登录邮箱")
    c_joined = column("joined_on", "入职日期", lambda value: value.isoformat())
    c_left = column("left_on", "离职日期", lambda value: value.isoformat())
    c_seen = moment("last_seen_at", "最近使用")
    c_reason = column("status_reason", "停用原因")
    c_active = yes_no("user__is_active", "可以登录")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("posts__post")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        found = Q(employee_no__istartswith=word) | Q(name__icontains=word)
        try:
            mobile = clean_mobile(word)
        except DomainError:
            mobile = ""
        if mobile:
            found |= Q(mobile_index=blind_index(mobile, MOBILE_INDEX))
        if request.path.endswith("/autocomplete/"):
            queryset = queryset.filter(status=StaffStatus.ACTIVE)
        else:
            found |= Q(unit__name__icontains=word) | Q(unit__code__istartswith=word)
        return queryset.filter(found), False

    @admin.display(description=_("岗位"))
    def c_posts(self, staff: Staff) -> str:
        return _main_post(staff)

    @admin.display(description=_("手机号"))
    def c_mobile(self, staff: Staff) -> str:
        return masking.phone_for(staff)

    @admin.display(description=_("身份证号"))
    def c_id_number(self, staff: Staff) -> str:
        return masking.id_number_for(staff)

    @admin.display(description=_("状态"), ordering="status")
    def c_status(self, staff: Staff) -> SafeString:
        return tinted(staff.status, staff.get_status_display())

    @admin.display(description=_("账号"))
    def c_account(self, staff: Staff) -> Any:
        if staff.status != StaffStatus.ACTIVE:
            return tinted(StaffStatus.LEFT, _("不能登录"))
        if staff.user.has_usable_password():
            return tinted(StaffStatus.ACTIVE, _("已激活"))
        return tinted(StaffStatus.DISABLED, _("未激活"))

    def tables(self, request: HttpRequest, obj: Staff) -> Sequence[Table]:
        may_edit = self._may(request, "staff.edit", obj) and obj.status != StaffStatus.LEFT
        shown = [posts_table(obj, may_edit), login_table(obj)]
        if policy_for(Staff).may(request.user, "role.view", Staff):
            shown.append(grants_table(_("授权"), staff_pages.own_grants(obj)))
            lent = lent_by(obj)
            if lent:
                shown.append(grants_table(_("委托给他人"), lent))
        handed = handed_table(obj)
        return [*shown, handed] if handed.rows else shown

    # -- doors ------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        views = staff_pages
        own = [
            wrapped(self, "hire/", views.hire, "hire"),
            wrapped(self, "delegate/", views.delegate, "delegate"),
            wrapped(self, "reveal/<str:label>/<str:pk>/", views.reveal, "reveal"),
            wrapped(self, "posts/<int:pk>/change/", views.change_post, "change_post"),
            wrapped(self, "posts/<int:pk>/end/", views.end_post, "end_post"),
            *[
                wrapped(self, f"<int:pk>/{name.replace('_', '-')}/", getattr(views, name), name)
                for name in (
                    "edit", "assign", "grant", "transfer", "disable", "enable", "leave", "come_back", "handover",
                    "activation",
                )
            ],
        ]  # fmt: skip
        return [*own, *staff_import.PAGES.urls(), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            buttons = [*context.get("actions_list", ())]
            if staff_pages.may_delegate(request.user):
                buttons.append(door(_("临时委托"), "swap_horiz", reverse(f"admin:{self._page('delegate')}")))
            if staff_import.may_import(request.user):
                buttons.append(door(_("导入"), "upload_file", staff_import.PAGES.address()))
            if self._may(request, "staff.create"):
                buttons.append(door(_("录用"), "person_add", reverse(f"admin:{self._page('hire')}")))
            response.context_data = {**context, "actions_list": buttons}
        return response

    def doors(self, request: HttpRequest, obj: Staff) -> Sequence[Mapping[str, Any]]:
        user: Any = request.user
        listed: list[tuple[Any, str, str, str, bool]] = []
        active, gone = obj.status == StaffStatus.ACTIVE, obj.status == StaffStatus.LEFT
        other = obj.user_id != user.pk
        fresh = active and not obj.user.has_usable_password()
        listed = [
            (_("修改资料"), "edit", "edit", "staff.edit", not gone),
            (_("任职"), "badge", "assign", "staff.edit", active and other),
            (_("授予角色"), "key", "grant", "role.grant", active and other),
            (_("调动"), "move_up", "transfer", "staff.edit", active and other),
            (_("重发激活邮件"), "outgoing_mail", "activation", "staff.edit", fresh),
            (_("停用"), "pause", "disable", "staff.edit", active and other),
            (_("恢复"), "play_arrow", "enable", "staff.edit", obj.status == StaffStatus.DISABLED and other),
            (_("交接清单"), "checklist", "handover", "staff.leave", not gone),
            (_("离职"), "logout", "leave", "staff.leave", not gone and other),
            (_("重新入职"), "undo", "come_back", "staff.create", gone and other),
        ]
        return [
            door(title, icon, reverse(f"admin:{self._page(name)}", args=[obj.pk]))
            for title, icon, name, permission, shown in listed
            if shown and may_at(user, permission, obj.unit)
        ]


def reveal_door(request: HttpRequest, row: Any) -> list[Mapping[str, Any]]:
    """查看完整号码, for whoever may."""
    if not masking.may_unmask(request.user, row):
        return []
    label = row._meta.label_lower
    path = reverse("admin:o2o_org_hierarchy_staff_reveal", args=[label, row.pk])
    return [door(_("查看完整号码"), "visibility", path)]


for _model in (Staff, pages.Order, pages.User):
    add_doors(_model, reveal_door)
