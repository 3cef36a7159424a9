"""岗位 and 部门: the lists, a page each with the people in it, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.columns import column, link, link_to, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..access.grants import access_of
from ..models import Department, Post, Staff, StaffPost
from ..services.departments import people_in
from ..services.post_kinds import holders
from ..services.posts import held_still, with_people
from ..services.rights import may_at
from . import post_forms as forms
from .acting import act, row_or_404, wrapped
from .staff_tables import STAFF, UNIT, days
from .units import AreaFilter

POST = "o2o_org_hierarchy_post"
DEPARTMENT = "o2o_org_hierarchy_department"
#: People that a page lists; the list of people has them all.
LISTED = 50


def people_table(request: HttpRequest, which: Q) -> Table:
    """The people in a post or department that this person may see, the first ones."""
    held = (
        StaffPost.objects.filter(held_still(), which, staff__in=rows_for(request.user, Staff))
        .select_related("staff", "unit", "post")
        .order_by("unit__code", "staff__employee_no")[:LISTED]
    )
    rows = [
        (
            link(STAFF, one.staff_id, f"{one.staff.name}（{one.staff.employee_no}）"),
            one.post.name,
            link(UNIT, one.unit_id, one.unit.name),
            days(one.valid_from, one.valid_to),
        )
        for one in held
    ]
    title = _("在岗人员（您管辖范围内，前 %(most)s 人）") % {"most": LISTED}
    return Table(str(title), ("人员", "岗位", "机构", "期限"), rows)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """The company's posts and those of units, and the role that comes with each."""

    list_display = ("c_name", "code", "c_level", "c_department", "c_role", "c_owner", "c_holders", "c_active")
    list_display_links = ("c_name",)
    list_filter = (("level", ChoicesDropdownFilter), "is_active")
    list_select_related = ("role", "owner")
    search_fields = ("code", "name")
    search_help_text = _("岗位名称或代码")
    ordering = ("level", "code")
    details = (
        (None, ("c_name", "code", "c_level", "c_department", "c_role", "c_owner", "c_active", "c_holders")),
    )

    c_name = column("name", "岗位")
    c_level = column("get_level_display", "级别", lambda name: name(), order="level")
    c_role = link_to("role", "角色", "o2o_org_hierarchy_role", lambda role: role.name)
    c_active = yes_no("is_active", "启用")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        department = Department.objects.filter(code=OuterRef("department")).order_by("unit__level", "pk")
        rows = super().get_queryset(request).annotate(department_=Subquery(department.values("name")[:1]))
        return with_people(rows)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if request.path.endswith("/autocomplete/"):
            queryset = queryset.filter(is_active=True)
        return queryset.filter(Q(name__icontains=word) | Q(code__istartswith=word)), False

    @admin.display(description=_("部门"))
    def c_department(self, post: Any) -> str:
        return post.department_ or post.department or "—"

    @admin.display(description=_("设立机构"))
    def c_owner(self, post: Post) -> Any:
        return post.owner.name if post.owner else _("公司统一")

    @admin.display(description=_("在岗人数"), ordering="held_")
    def c_holders(self, post: Any) -> int:
        return int(post.held_ or 0)

    def tables(self, request: HttpRequest, obj: Post) -> Sequence[Table]:
        if not policy_for(Staff).may(request.user, "staff.view", Staff):
            return ()
        return (people_table(request, Q(post=obj)),)

    def get_urls(self) -> list[Any]:
        own = [
            wrapped(self, "new/", new_post, "new"),
            wrapped(self, "<int:pk>/edit/", edit_post, "edit"),
            wrapped(self, "<int:pk>/switch/", switch, "switch"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        return _with_button(response, self._may(request, "role.create"), _("新建岗位"), f"admin:{POST}_new")

    def doors(self, request: HttpRequest, obj: Post) -> Sequence[Mapping[str, Any]]:
        if not editable(request, obj):
            return ()
        return (
            door(_("修改"), "edit", reverse(f"admin:{POST}_edit", args=[obj.pk])),
            door(_("停用") if obj.is_active else _("启用"), "power_settings_new",
                 reverse(f"admin:{POST}_switch", args=[obj.pk])),
        )  # fmt: skip


def editable(request: HttpRequest, post: Post) -> bool:
    """A unit's own post where one may edit roles there; the company's only for those who may everywhere."""
    user: Any = request.user
    if post.owner is not None:
        return bool(user.is_superuser or may_at(user, "role.edit", post.owner))
    return bool(user.is_superuser or access_of(user).reach("role.edit").everything)


def _with_button(response: HttpResponse, may: bool, title: Any, name: str) -> HttpResponse:
    if isinstance(response, TemplateResponse) and may:
        context = response.context_data or {}
        button = door(title, "add", reverse(name))
        response.context_data = {**context, "actions_list": [*context.get("actions_list", ()), button]}
    return response


def _post_facts(post: Post) -> list[tuple[Any, Any]]:
    return [
        (_("岗位"), f"{post.name}（{post.code}）"),
        (_("级别"), post.get_level_display()),
        (_("设立机构"), post.owner.name if post.owner else _("公司统一")),
        (_("在岗人数"), holders(post)),
    ]


def new_post(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """新建岗位."""
    if not policy_for(Post).may(request.user, "role.create", Post):
        raise PermissionDenied
    return act(
        model_admin, request, None, forms.NewPostForm, title=_("新建岗位"), facts=(), button=_("保存"),
        note=_("岗位的级别即所选角色适用的级别。任职时，含敏感权限的角色仍须由第二人复核。"),
        back=reverse(f"admin:{POST}_changelist"), done=_("岗位已新建"),
        onward=lambda post: reverse(f"admin:{POST}_change", args=[post.pk]),
    )  # fmt: skip


def _editable_post(request: HttpRequest, pk: int) -> Post:
    post: Post = row_or_404(request, Post.objects.select_related("owner", "role"), pk)
    if not editable(request, post):
        raise PermissionDenied
    return post


def edit_post(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """修改岗位."""
    post = _editable_post(request, pk)
    return act(
        model_admin, request, post, forms.EditPostForm, title=f"{_('修改岗位')}：{post.name}",
        facts=_post_facts(post), button=_("保存"), done=_("岗位已保存"),
        note=_("有人在岗时不能更换角色：那会绕过复核改变他们的权限。"),
        back=reverse(f"admin:{POST}_change", args=[pk]),
    )  # fmt: skip


def switch(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """停用、启用岗位."""
    post = _editable_post(request, pk)
    title = _("停用岗位") if post.is_active else _("启用岗位")
    return act(
        model_admin, request, post, forms.SwitchPostForm, title=f"{title}：{post.name}",
        facts=_post_facts(post), button=title, done=_("岗位已停用") if post.is_active else _("岗位已启用"),
        note=_("停用后不能再任此岗位，历史任职保留。有人在岗时不能停用。") if post.is_active else "",
        back=reverse(f"admin:{POST}_change", args=[pk]),
    )  # fmt: skip


class UnitFilter(AreaFilter):
    """Departments of units below an area or a county."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.below(request, queryset, "unit__path__startswith")


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    """Departments of the units in reach."""

    list_display = ("c_name", "code", "c_unit", "c_people", "c_active")
    list_display_links = ("c_name",)
    list_filter = (UnitFilter, "is_active")
    list_filter_submit = True
    list_select_related = ("unit",)
    search_fields = ("name", "code", "unit__name")
    search_help_text = _("部门、代码、机构")
    ordering = ("unit__path", "code")
    details = ((None, ("c_name", "code", "c_unit", "c_people", "c_active")),)

    c_name = column("name", "部门")
    c_unit = link_to("unit", "机构", UNIT, lambda unit: unit.name)
    c_active = yes_no("is_active", "启用")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_people(super().get_queryset(request))

    @admin.display(description=_("在岗人数"), ordering="held_")
    def c_people(self, department: Any) -> int:
        return int(department.held_ or 0)

    def tables(self, request: HttpRequest, obj: Department) -> Sequence[Table]:
        if not policy_for(Staff).may(request.user, "staff.view", Staff):
            return ()
        return (people_table(request, Q(department=obj)),)

    def get_urls(self) -> list[Any]:
        own = [
            wrapped(self, "new/", new_department, "new"),
            wrapped(self, "<int:pk>/edit/", rename, "edit"),
            wrapped(self, "<int:pk>/switch/", switch_department, "switch"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        may = self._may(request, "org_unit.edit")
        return _with_button(response, may, _("新建部门"), f"admin:{DEPARTMENT}_new")

    def doors(self, request: HttpRequest, obj: Department) -> Sequence[Mapping[str, Any]]:
        if not may_at(request.user, "org_unit.edit", obj.unit):
            return ()
        return (
            door(_("改名"), "edit", reverse(f"admin:{DEPARTMENT}_edit", args=[obj.pk])),
            door(_("停用") if obj.is_active else _("启用"), "power_settings_new",
                 reverse(f"admin:{DEPARTMENT}_switch", args=[obj.pk])),
        )  # fmt: skip


def _department(request: HttpRequest, pk: int) -> Department:
    found: Department = row_or_404(request, Department.objects.select_related("unit"), pk, "org_unit.edit")
    return found


def _department_facts(department: Department) -> list[tuple[Any, Any]]:
    return [
        (_("部门"), f"{department.name}（{department.code}）"),
        (_("机构"), department.unit.name),
        (_("在岗人数"), people_in(department)),
    ]


def new_department(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """新建部门."""
    if not policy_for(Department).may(request.user, "org_unit.edit", Department):
        raise PermissionDenied
    return act(
        model_admin, request, None, forms.NewDepartmentForm, title=_("新建部门"), facts=(), button=_("保存"),
        note=_("任职时可以归入部门；岗位设了同代码的部门时自动归入。"),
        back=reverse(f"admin:{DEPARTMENT}_changelist"), done=_("部门已新建"),
        onward=lambda made: reverse(f"admin:{DEPARTMENT}_change", args=[made.pk]),
    )  # fmt: skip


def rename(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """部门改名."""
    found = _department(request, pk)
    return act(
        model_admin, request, found, forms.RenameDepartmentForm, title=f"{_('部门改名')}：{found.name}",
        facts=_department_facts(found), button=_("保存"), done=_("部门已改名"),
        back=reverse(f"admin:{DEPARTMENT}_change", args=[pk]),
    )  # fmt: skip


def switch_department(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """停用、启用部门."""
    found = _department(request, pk)
    title = _("停用部门") if found.is_active else _("启用部门")
    return act(
        model_admin, request, found, forms.SwitchDepartmentForm, title=f"{title}：{found.name}",
        facts=_department_facts(found), button=title,
        done=_("部门已停用") if found.is_active else _("部门已启用"),
        note=_("停用后不能再任职到这个部门，历史任职保留。有人在岗时不能停用。") if found.is_active else "",
        back=reverse(f"admin:{DEPARTMENT}_change", args=[pk]),
    )  # fmt: skip
