"""The logins of the staff, for people with `staff.view`; unlock, reset and log out with `staff.edit`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import StaffStatus
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.columns import at, column, moment
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..facts import idle_days_left
from ..models import LoginRecord, StaffLogin
from ..services import throttle
from ..services.accounts import log_out_everywhere, reset_factor, soon_idle, unlock
from . import own

SHOWN = 50


class Idle(admin.SimpleListFilter):
    """About to be disabled for not being used."""

    title = "长期未用"
    parameter_name = "idle"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("soon", "即将停用")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__in=soon_idle().values("pk")) if self.value() == "soon" else queryset


@admin.register(StaffLogin)
class StaffLoginAdmin(ReadOnlyAdmin):
    """Who was there when, from where; who is locked out."""

    list_display = ("c_no", "c_name", "c_unit", "c_status", "c_seen", "left", "factor")
    list_display_links = ("c_no",)
    list_filter = (Idle,)
    list_select_related = ("unit", "user__o2o_login")
    search_fields = ("employee_no", "name")
    details = ((None, ("c_no", "c_name", "c_unit", "c_status", "c_seen", "left", "factor", "locked")),)
    change_form_outer_before_template = "o2o_login_security/acts.html"

    c_no = column("employee_no", "工号")
    c_name = column("name", "姓名")
    c_unit = column("unit__name", "机构")
    c_status = column("status", "状态", lambda value: StaffStatus(value).label)
    c_seen = moment("last_seen_at", "最近使用")

    @admin.display(description="二次验证")
    def factor(self, staff: StaffLogin) -> str:
        state = getattr(staff.user, "o2o_login", None)
        return "已启用" if state is not None and state.confirmed_at else "未启用"

    @admin.display(description="自动停用前")
    def left(self, staff: StaffLogin) -> str:
        days = idle_days_left(staff)
        return "—" if days is None else f"{days} 天"

    @admin.display(description="登录锁定")
    def locked(self, staff: StaffLogin) -> str:
        until = throttle.locked_until(staff.user.email)
        return f"锁定至 {at(until)}" if until else "未锁定"

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("verify/", wrap(own.verify_view), name="o2o_login_verify"),
            path("enrol/", wrap(own.enrol_view), name="o2o_login_enrol"),
            path("mine/", wrap(own.mine_view), name="o2o_login_mine"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        rows = [
            (at(one.at), one.get_way_display(), one.get_outcome_display(), one.ip or "—", one.device or "—")
            for one in LoginRecord.objects.filter(user_id=obj.user_id)[:SHOWN]
        ]
        return [Table("登录记录", ("时间", "方式", "结果", "来源地址", "设备"), rows)]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            return self._act(request, object_id)
        context = {**(extra_context or {})}
        found = self.get_object(request, object_id)
        if found is not None:
            other = found.user_id != request.user.pk
            context["o2o_may_act"] = other and policy_for(StaffLogin).may(request.user, "staff.edit", found)
        return super().change_view(request, object_id, form_url, context)

    def _act(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            found = get_row(request.user, StaffLogin.objects.select_related("unit", "user"), pk=object_id)
        except OutOfScope:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        act = request.POST.get("act")
        try:
            if act == "unlock":
                done = _("已解锁") if unlock(request.user, found) else _("该账号没有被锁定")
            elif act == "reset":
                reset_factor(request.user, found)
                done = _("已重置，本人下次登录时重新绑定")
            elif act == "logout":
                log_out_everywhere(request.user, found.user, found)
                done = _("已退出该账号的所有登录")
            else:
                messages.error(request, _("请选择要执行的操作"))
                return HttpResponseRedirect(request.path)
        except DomainError as error:
            messages.error(request, error.in_words)
        else:
            messages.success(request, done)
        return HttpResponseRedirect(request.path)
