"""Tables on the page of a person, and small words about people and grants."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.kernel.clock import today

from ..login_facts import login_facts
from ..models import DataScope, GrantState, RoleGrant, Staff, StaffPost, StaffStatus

GRANT = "o2o_org_hierarchy_rolegrant"
STAFF = "o2o_org_hierarchy_staff"
ROLE = "o2o_org_hierarchy_role"
UNIT = "o2o_org_hierarchy_orgunit"
COLOURS: dict[str, str] = {
    StaffStatus.ACTIVE: "success",
    StaffStatus.DISABLED: "warning",
    StaffStatus.LEFT: "default",
    GrantState.PENDING: "warning",
    GrantState.ACTIVE: "success",
    GrantState.REFUSED: "danger",
    GrantState.REVOKED: "default",
    GrantState.EXPIRED: "default",
}


def tinted(value: str, text: Any) -> SafeString:
    """A state in its colour."""
    return render_to_string(
        "unfold/helpers/label.html", {"type": COLOURS.get(value, "default"), "text": str(text)}
    )


def days(first: Any, last: Any) -> str:
    """From a day to a day."""
    return f"{first} 至 {last}" if last else str(_("%(day)s 起")) % {"day": first}


def running(row: StaffPost) -> bool:
    """True for a post that is held today or will be."""
    return row.valid_to is None or row.valid_to >= today()


def reach_words(grant: RoleGrant) -> str:
    """How far a grant goes, in words."""
    scope = grant.scope or grant.role.scope
    if scope == DataScope.UNITS:
        return "、".join(unit.name for unit in grant.units.all()) or str(DataScope(scope).label)
    return str(DataScope(scope).label)


def actor_name(label: str) -> str:
    """Who an actor's label stands for: the person's name where there is one."""
    kind, _colon, key = label.partition(":")
    if kind != "user" or not key.isdecimal():
        return str(_("系统")) if label == "system" else label or "—"
    staff = Staff.objects.filter(user_id=int(key)).first()
    if staff is not None:
        return f"{staff.name}（{staff.employee_no}）"
    user = User.objects.filter(pk=int(key)).first()
    return user.email if user is not None else label


def posts_table(staff: Staff, may_edit: bool) -> Table:
    """The person's posts, the running ones with what may be done."""
    rows = []
    for row in staff.posts.select_related("post", "unit", "department").order_by("-valid_from", "-pk"):
        doors: Any = "—"
        if may_edit and running(row):
            doors = format_html_join(
                " · ",
                '<a class="o2o-link" href="{}">{}</a>',
                (
                    (reverse(f"admin:{STAFF}_change_post", args=[row.pk]), _("变更")),
                    (reverse(f"admin:{STAFF}_end_post", args=[row.pk]), _("结束")),
                ),
            )
        rows.append(
            (
                format_html("{} {}", row.post.name, tinted("active", _("主岗")))
                if row.is_primary and running(row)
                else row.post.name,
                link(UNIT, row.unit_id, row.unit.name),
                row.department.name if row.department else "—",
                days(row.valid_from, row.valid_to),
                doors,
            )
        )
    return Table(str(_("任职")), ("岗位", "机构", "部门", "期限", "办理"), rows)


def login_table(staff: Staff) -> Table:
    """How the person's login stands: activated or not, and what other plugins know of it."""
    sent = staff.activation_sent_at
    if staff.user.has_usable_password():
        account = str(_("已激活，本人已设置密码"))
    elif sent is not None:
        account = str(_("未激活，激活邮件已于 %(time)s 发送")) % {"time": at(sent)}
    else:
        account = str(_("未激活，没有发送过激活邮件"))
    rows: list[tuple[Any, Any]] = [(_("账号激活"), account), *login_facts(staff)]
    return Table(str(_("账号与登录")), (str(_("项目")), str(_("情况"))), rows)


def grants_table(title: Any, grants: Any) -> Table:
    """Grants with where they hold and how they stand."""
    rows = [
        (
            link(GRANT, one.pk, one.role.name),
            one.unit.name,
            reach_words(one),
            one.get_source_display(),
            days(one.valid_from, one.valid_to),
            tinted(one.state, one.get_state_display()),
        )
        for one in grants
    ]
    return Table(str(title), ("角色", "机构", "数据范围", "来源", "期限", "状态"), rows)


def handed_table(staff: Staff) -> Table:
    """What the person gave into other hands."""
    from ..services.holdings import kind_label

    rows = [
        (kind_label(one.kind), one.label, str(one.successor), actor_name(one.actor), at(one.at))
        for one in staff.handed_over.select_related("successor")[:200]
    ]
    return Table(str(_("已交接")), ("类别", "事项", "接手人", "办理人", "时间"), rows)
