"""角色 and 授权: what a role permits against one's own rights, who has it, and the second person's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.columns import at, column, link_to, moment, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import policy_for

from ..access.grants import decimal_of
from ..limits import limit_label
from ..models import GrantSource, GrantState, Role, RoleGrant
from ..services.roles import switch_role
from ..services.rules import LIVE, sensitive_parts
from ..services.width import span_of, too_wide
from . import staff_forms as forms
from .acting import DoForm, act, row_or_404, wrapped
from .role_forms import EditRoleForm, NewRoleForm, matrix
from .staff_tables import GRANT, ROLE, STAFF, actor_name, days, reach_words, tinted


def _limits(role: Role) -> str:
    parts = [f"{limit_label(kind)} {yuan(decimal_of(amount))}" for kind, amount in role.money_limits.items()]
    return "，".join(parts) or "—"


@admin.register(Role)
class RoleAdmin(ReadOnlyAdmin):
    """The company's roles and those of the units in reach."""

    list_display = (
        "c_name",
        "code",
        "c_level",
        "c_scope",
        "c_count",
        "c_limits",
        "c_owner",
        "c_holders",
        "c_active",
    )
    list_display_links = ("c_name",)
    list_filter = (("level", ChoicesDropdownFilter), ("scope", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("owner",)
    search_fields = ("code", "name")
    search_help_text = _("角色名称或代码")
    ordering = ("level", "code")
    details = (
        (None, ("c_name", "code", "c_level", "c_scope", "c_limits", "c_owner", "c_second", "c_clash", "c_active",
                "c_holders")),
    )  # fmt: skip

    class Media:
        css = {"all": ("o2o_org_hierarchy/units.css", "o2o_org_hierarchy/staff.css")}

    c_name = column("name", "角色")
    c_level = column("get_level_display", "适用级别", lambda name: name(), order="level")
    c_scope = column("get_scope_display", "数据范围", lambda name: name(), order="scope")
    c_owner = column("owner", "创建机构", lambda owner: owner.name, order=None)
    c_second = yes_no("needs_second_factor", "须二次验证")
    c_active = yes_no("is_active", "启用")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        held = Count("grants__staff", filter=Q(grants__state=GrantState.ACTIVE), distinct=True)
        return super().get_queryset(request).annotate(held_=held)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if request.path.endswith("/autocomplete/"):
            queryset = queryset.filter(is_active=True)
        return queryset.filter(Q(name__icontains=word) | Q(code__istartswith=word)), False

    @admin.display(description=_("不相容角色"))
    def c_clash(self, role: Role) -> str:
        """By name: the codes are the company's own business."""
        both = Q(code__in=role.incompatible) | Q(incompatible__contains=[role.code])
        near = Q(owner__isnull=True) | Q(owner=role.owner)
        names = Role.objects.filter(both, near).order_by("level", "code").values_list("name", flat=True)
        return "、".join(names) or "—"

    @admin.display(description=_("权限数"))
    def c_count(self, role: Role) -> int:
        return len(role.permissions)

    @admin.display(description=_("金额上限"))
    def c_limits(self, role: Role) -> str:
        return _limits(role)

    @admin.display(description=_("持有人数"), ordering="held_")
    def c_holders(self, role: Any) -> int:
        return int(role.held_)

    def tables(self, request: HttpRequest, obj: Role) -> Sequence[Table]:
        held = render_to_string(
            "o2o_org_hierarchy/matrix.html",
            {"matrix": matrix(request.user, obj.permissions), "editable": False},
        )
        shown = [Table(str(_("权限")), (str(_("与您自己的权限对照")),), [(held,)])]
        if obj.owner is not None:
            beyond = too_wide(request.user, obj, span_of(obj.scope, obj.owner))
            if beyond:
                shown.append(Table(str(_("超出您自己的权限")), (str(_("说明")),), [(one,) for one in beyond]))
        return shown

    def get_urls(self) -> list[Any]:
        own = [
            wrapped(self, "new/", new_role, "new"),
            wrapped(self, "<int:pk>/edit/", edit_role, "edit"),
            wrapped(self, "<int:pk>/switch/", switch, "switch"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and self._may(request, "role.create"):
            context = response.context_data or {}
            button = door(_("新建角色"), "add", reverse(f"admin:{ROLE}_new"))
            response.context_data = {**context, "actions_list": [*context.get("actions_list", ()), button]}
        return response

    def doors(self, request: HttpRequest, obj: Role) -> Sequence[Mapping[str, Any]]:
        if not self._editable(request, obj):
            return ()
        return (
            door(_("修改"), "edit", reverse(f"admin:{ROLE}_edit", args=[obj.pk])),
            door(_("停用") if obj.is_active else _("启用"), "power_settings_new",
                 reverse(f"admin:{ROLE}_switch", args=[obj.pk])),
        )  # fmt: skip

    def _editable(self, request: HttpRequest, role: Role) -> bool:
        """A unit's own role where one may there; the company's only for those who may everywhere."""
        user: Any = request.user
        if role.owner is not None:
            return policy_for(Role).may(user, "role.edit", role)
        from ..access.grants import access_of

        return bool(user.is_superuser or access_of(user).reach("role.edit").everything)


class SwitchForm(DoForm):
    """停用 or 启用: nothing to fill in."""

    def act(self, data: dict[str, Any]) -> Role:
        return switch_role(self.by, self.row, not self.row.is_active)


def new_role(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """新建角色."""
    if not policy_for(Role).may(request.user, "role.create", Role):
        raise PermissionDenied
    return _role_page(
        model_admin, request, None, NewRoleForm, title=_("新建角色"), facts=(), button=_("保存"),
        back=reverse(f"admin:{ROLE}_changelist"), done=_("角色已新建"),
    )  # fmt: skip


def edit_role(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """修改角色."""
    role = row_or_404(request, Role, pk)
    if not model_admin._editable(request, role):
        raise PermissionDenied
    facts = [
        (_("角色"), f"{role.name}（{role.code}）"),
        (_("适用级别"), role.get_level_display()),
        (_("创建机构"), role.owner.name if role.owner else _("公司统一")),
    ]
    return _role_page(
        model_admin, request, role, EditRoleForm, title=f"{_('修改角色')}：{role.name}", facts=facts,
        button=_("保存"), back=reverse(f"admin:{ROLE}_change", args=[pk]), done=_("角色已保存，立即生效"),
    )  # fmt: skip


def switch(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """停用、启用."""
    role = row_or_404(request, Role, pk)
    if not model_admin._editable(request, role):
        raise PermissionDenied
    title = _("停用角色") if role.is_active else _("启用角色")
    holders = RoleGrant.objects.filter(role=role, state__in=LIVE).count()
    note = _("停用后，持有该角色的 %(count)s 人立即失去其中的权限。") % {"count": holders}
    return act(
        model_admin, request, role, SwitchForm, title=f"{title}：{role.name}",
        facts=[(_("角色"), f"{role.name}（{role.code}）")], button=title, note=note if role.is_active else "",
        back=reverse(f"admin:{ROLE}_change", args=[pk]), done=title,
    )  # fmt: skip


def _role_page(
    model_admin: Any, request: HttpRequest, row: Any, form_class: Any, **more: Any
) -> HttpResponse:
    response = act(
        model_admin, request, row, form_class,
        note=_("角色不得超出您自己的权限、数据范围和金额上限。修改后，持有人的权限立即变化。"),
        onward=lambda role: reverse(f"admin:{ROLE}_change", args=[role.pk]), **more,
    )  # fmt: skip
    if isinstance(response, TemplateResponse) and response.context_data is not None:
        response.template_name = "o2o_org_hierarchy/role_form.html"
        form = response.context_data["form"]
        response.context_data["matrix"] = matrix(request.user, form.ticked())
    return response


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    """Who has which role where, and what waits for the second person."""

    list_display = ("c_role", "c_staff", "c_unit", "c_reach", "c_source", "c_days", "c_state", "c_by")
    list_display_links = ("c_role",)
    list_filter = (("state", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("staff", "role", "unit")
    search_fields = ("staff__employee_no", "staff__name", "role__name", "unit__name")
    search_help_text = _("工号、姓名、角色、机构")
    ordering = ("-pk",)
    details = (
        (None, ("c_staff", "c_role", "c_unit", "c_reach", "c_source", "c_days", "c_state", "c_reason")),
        ("经办", ("c_by", "c_created", "c_lender", "c_second", "c_decided", "c_note", "c_ended")),
    )

    c_staff = link_to("staff", "人员", STAFF, lambda staff: f"{staff.name}（{staff.employee_no}）")
    c_role = column("role__name", "角色")
    c_unit = link_to("unit", "机构", "o2o_org_hierarchy_orgunit", lambda unit: unit.name)
    c_source = column("get_source_display", "来源", lambda name: name(), order="source")
    c_reason = column("reason", "事由")
    c_created = moment("created_at", "授予时间")
    c_decided = moment("decided_at", "复核时间")
    c_note = column("decision_note", "复核意见")
    c_ended = moment("ended_at", "结束时间")
    c_lender = column("delegated_by", "委托人", str, order=None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("units")

    @admin.display(description=_("数据范围"))
    def c_reach(self, grant: RoleGrant) -> str:
        return reach_words(grant)

    @admin.display(description=_("期限"))
    def c_days(self, grant: RoleGrant) -> str:
        return days(grant.valid_from, grant.valid_to)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, grant: RoleGrant) -> SafeString:
        return tinted(grant.state, grant.get_state_display())

    @admin.display(description=_("授予人"))
    def c_by(self, grant: RoleGrant) -> str:
        return actor_name(grant.granted_by)

    @admin.display(description=_("复核人"))
    def c_second(self, grant: RoleGrant) -> str:
        return actor_name(grant.confirmed_by)

    def called(self, obj: RoleGrant) -> str:
        return f"{obj.staff.name} · {obj.role.name}"

    def tables(self, request: HttpRequest, obj: RoleGrant) -> Sequence[Table]:
        parts = sensitive_parts(obj.role.permissions, obj.role.money_limits)
        shown = (
            [Table(str(_("须双人复核的内容")), (str(_("内容")),), [(one,) for one in parts])] if parts else []
        )
        beyond = too_wide(
            request.user, obj.role, span_of(obj.scope or obj.role.scope, obj.unit, obj.units.all())
        )
        if beyond and obj.state == GrantState.PENDING:
            shown.append(Table(str(_("超出您自己的权限")), (str(_("说明")),), [(one,) for one in beyond]))
        return shown

    def get_urls(self) -> list[Any]:
        own = [
            wrapped(self, f"<int:pk>/{name}/", view, name)
            for name, view in (("confirm", confirm), ("refuse", refuse), ("revoke", revoke))
        ]
        return [*own, *super().get_urls()]

    def doors(self, request: HttpRequest, obj: RoleGrant) -> Sequence[Mapping[str, Any]]:
        user: Any = request.user
        found = []
        involved = obj.granted_by == f"user:{user.pk}" or obj.staff.user_id == user.pk
        if obj.state == GrantState.PENDING and not involved and self._may(request, "role.confirm", obj):
            found += [
                door(_("同意"), "check", reverse(f"admin:{GRANT}_confirm", args=[obj.pk])),
                door(_("不同意"), "close", reverse(f"admin:{GRANT}_refuse", args=[obj.pk])),
            ]
        if obj.state in LIVE and obj.source != GrantSource.POST and _may_revoke(request, obj):
            found.append(door(_("收回"), "undo", reverse(f"admin:{GRANT}_revoke", args=[obj.pk])))
        return found


def _may_revoke(request: HttpRequest, grant: RoleGrant) -> bool:
    lender = grant.delegated_by is not None and grant.delegated_by.user_id == request.user.pk
    return lender or policy_for(RoleGrant).may(request.user, "role.grant", grant)


def _grant_facts(grant: RoleGrant) -> list[tuple[Any, Any]]:
    parts = sensitive_parts(grant.role.permissions, grant.role.money_limits)
    return [
        (_("人员"), f"{grant.staff.name}（{grant.staff.employee_no}）"),
        (_("角色"), grant.role.name),
        (_("机构"), grant.unit.name),
        (_("数据范围"), reach_words(grant)),
        (_("期限"), days(grant.valid_from, grant.valid_to)),
        (_("授予人"), f"{actor_name(grant.granted_by)} {at(grant.created_at)}"),
        (_("事由"), grant.reason or "—"),
        (_("须双人复核的内容"), "、".join(parts) or "—"),
    ]


def _grant_page(form: Any, permission: str, title: Any, done: Any) -> Any:
    def view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
        rows = RoleGrant.objects.select_related("staff__unit", "role", "unit", "delegated_by")
        grant: RoleGrant = row_or_404(request, rows, pk)
        if permission == "revoke" and not _may_revoke(request, grant):
            raise PermissionDenied
        if permission != "revoke" and not policy_for(RoleGrant).may(request.user, permission, grant):
            raise PermissionDenied
        return act(
            model_admin, request, grant, form, title=f"{title}：{grant.staff.name} · {grant.role.name}",
            facts=_grant_facts(grant), button=title, back=reverse(f"admin:{GRANT}_change", args=[pk]), done=done,
        )  # fmt: skip

    return view


confirm = _grant_page(forms.ConfirmForm, "role.confirm", _("同意授权"), _("已同意，立即生效"))
refuse = _grant_page(forms.RefuseForm, "role.confirm", _("不同意授权"), _("已记录不同意"))
revoke = _grant_page(forms.RevokeForm, "revoke", _("收回授权"), _("已收回，立即生效"))
