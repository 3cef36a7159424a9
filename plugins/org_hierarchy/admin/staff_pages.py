"""What is done with a person, a page each; and the hand-over list."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.columns import at
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, policy_for, rows_for

from .. import masking
from ..access.grants import access_of
from ..models import GrantState, RoleGrant, Staff, StaffPost, StaffStatus
from ..services.delegation import lendable
from ..services.holdings import LISTED, Holding, hand_over, holdings, kind_label
from . import staff_forms as forms
from .acting import act, row_or_404
from .staff_tables import STAFF, days, handed_table, tinted
from .unit_pages import page


def home_of(staff: Staff) -> str:
    """The address of a person's page."""
    return reverse(f"admin:{STAFF}_change", args=[staff.pk])


def facts_of(staff: Staff) -> list[tuple[Any, Any]]:
    """Who this is about."""
    return [
        (_("人员"), f"{staff.name}（{staff.employee_no}）"),
        (_("所属机构"), staff.unit.name),
        (_("状态"), tinted(staff.status, staff.get_status_display())),
    ]


def _person(request: HttpRequest, pk: int, permission: str) -> Staff:
    staff: Staff = row_or_404(request, Staff.objects.select_related("unit", "user"), pk, permission)
    return staff


def hire(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """录用."""
    if not policy_for(Staff).may(request.user, "staff.create", Staff):
        raise PermissionDenied
    return act(
        model_admin, request, None, forms.HireForm, title=_("录用人员"), facts=(), button=_("录用"),
        back=reverse(f"admin:{STAFF}_changelist"),
        note=_("录用后系统向登录邮箱发送激活邮件，本人设置密码后即可登录。"),
        done=lambda staff: _("已录用%(name)s，激活邮件已发送") % {"name": staff.name}, onward=home_of,
    )  # fmt: skip


def _simple(form: Any, permission: str, title: Any, note: Any = "", done: Any = None) -> Any:
    def view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
        staff = _person(request, pk, permission)
        return act(
            model_admin, request, staff, form, title=f"{title}：{staff.name}", facts=facts_of(staff),
            button=title, back=home_of(staff), note=note, done=done,
        )  # fmt: skip

    return view


def _waits(grant: Any) -> Any:
    if grant.state == GrantState.PENDING:
        return _("已提交，须由第二人复核后生效")
    return _("已授予，立即生效")


edit = _simple(forms.FileForm, "staff.edit", _("修改资料"), done=_("资料已保存"))
assign = _simple(
    forms.AssignForm, "staff.edit", _("任职"),
    _("角色随岗位取得。岗位权限超出您本人或含敏感权限时，须由第二人复核后生效。"),
    lambda post: _waits(post.grants.get()),
)  # fmt: skip
grant = _simple(
    forms.GrantForm, "role.grant", _("授予角色"),
    _("角色不得超出您自己的权限、数据范围和金额上限；含敏感权限的角色须由第二人复核后生效。"), _waits,
)  # fmt: skip
transfer = _simple(forms.TransferForm, "staff.edit", _("调动"), done=_("已调动"))
disable = _simple(
    forms.DisableForm,
    "staff.edit",
    _("停用"),
    _("停用后立即不能登录，任职和授权保留，可以恢复。"),
    _("已停用"),
)
enable = _simple(forms.EnableForm, "staff.edit", _("恢复"), done=_("已恢复"))


def leave(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """离职, with what is still in hand before anybody tries."""
    staff = _person(request, pk, "staff.leave")
    facts, links = facts_of(staff), []
    open_ = Counter(one.kind for one in holdings(staff))
    if open_:
        listed = "、".join(f"{kind_label(kind)} {count}" for kind, count in open_.items())
        facts.append((_("未交接"), listed))
        links.append((_("打开交接清单"), reverse(f"admin:{STAFF}_handover", args=[pk])))
    return act(
        model_admin, request, staff, forms.LeaveForm, title=f"{_('离职')}：{staff.name}", facts=facts, links=links,
        button=_("离职"), back=home_of(staff), done=_("已办理离职"),
        note=_("离职后立即不能登录，全部任职和授权收回。交接清单须先办结。"),
    )  # fmt: skip


come_back = _simple(
    forms.BackForm,
    "staff.create",
    _("重新入职"),
    _("不恢复原任职和授权；激活邮件重新发送。"),
    _("已重新入职"),
)


def activation(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """重发激活邮件, for whoever has no password yet."""
    staff = _person(request, pk, "staff.edit")
    sent = staff.activation_sent_at
    facts = [*facts_of(staff), (_("登录邮箱"), staff.user.email), (_("上次发送"), at(sent) if sent else "—")]
    return act(
        model_admin, request, staff, forms.ActivationForm, title=f"{_('重发激活邮件')}：{staff.name}", facts=facts,
        button=_("发送"), back=home_of(staff), done=_("激活邮件已发送"),
        note=_("本人凭邮件中的链接设置密码。此前邮件中的链接在设置密码前仍然有效。"),
    )  # fmt: skip


def _post(request: HttpRequest, pk: int) -> StaffPost:
    found: StaffPost = row_or_404(
        request, StaffPost.objects.select_related("staff__unit", "post", "unit"), pk, "staff.edit"
    )
    return found


def _post_facts(held: StaffPost) -> list[tuple[Any, Any]]:
    return [
        (_("人员"), f"{held.staff.name}（{held.staff.employee_no}）"),
        (_("岗位"), held.post.name),
        (_("机构"), held.unit.name),
        (_("期限"), days(held.valid_from, held.valid_to)),
    ]


def change_post(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """变更岗位."""
    held = _post(request, pk)
    return act(
        model_admin, request, held, forms.ChangePostForm, title=f"{_('变更岗位')}：{held.staff.name}",
        facts=_post_facts(held), button=_("变更岗位"), back=home_of(held.staff), done=_("岗位已变更"),
    )  # fmt: skip


def end_post(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """结束任职."""
    held = _post(request, pk)
    return act(
        model_admin, request, held, forms.EndPostForm, title=f"{_('结束任职')}：{held.staff.name}",
        facts=_post_facts(held), button=_("结束任职"), back=home_of(held.staff), done=_("任职已结束"),
    )  # fmt: skip


def delegate(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """临时委托 of one's own roles."""
    mine = access_of(request.user).staff
    if mine is None or not policy_for(Staff).may(request.user, "staff.delegate", Staff):
        raise PermissionDenied
    return act(
        model_admin, request, mine, forms.DelegateForm, title=_("临时委托"), facts=(), button=_("委托"),
        back=reverse("admin:o2o_org_hierarchy_rolegrant_changelist"),
        note=_("只能委托您自己持有的角色，最长 %(days)s 天，到期自动收回；受托人不能再委托。")
        % {"days": settings.O2O_DELEGATION_MAX_DAYS},
        done=_waits,
        onward=lambda made: reverse("admin:o2o_org_hierarchy_rolegrant_change", args=[made.pk]),
    )  # fmt: skip


def may_delegate(user: Any) -> bool:
    """True when the person has something to lend and may."""
    return bool(
        access_of(user).staff and policy_for(Staff).may(user, "staff.delegate", Staff) and lendable(user)
    )


def handover(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """交接清单."""
    staff = _person(request, pk, "staff.leave")
    rows = rows_for(request.user, Staff)
    bad: Any = None
    problem: list[str] = []
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        bad = forms.SuccessorForm(staff, rows, request.POST, prefix=kind)
        keys = request.POST.getlist("keys")
        if not keys:
            problem = [str(_("请勾选要移交的事项"))]
        elif bad.is_valid():
            try:
                count = hand_over(request.user, staff, kind, keys, bad.cleaned_data["successor"])
            except OutOfScope:
                raise Http404 from None
            except DomainError as error:
                problem = [f"{error.message}。{error.hint or ''}"]
            else:
                messages.success(request, _("已移交 %(count)s 项") % {"count": count})
                return HttpResponseRedirect(request.path)
    groups = []
    for kind, found in groupby(holdings(staff), key=lambda one: one.kind):
        listed = [_shown(one) for one in list(found)[:LISTED]]
        form = (
            bad if bad is not None and bad.prefix == kind else forms.SuccessorForm(staff, rows, prefix=kind)
        )
        hands = all(one["hand"] for one in listed)
        groups.append({"kind": kind, "label": kind_label(kind), "rows": listed, "hands": hands, "form": form})
    gone = staff.status == StaffStatus.LEFT
    return page(
        model_admin, request, "holdings.html", f"{_('交接清单')}：{staff.name}",
        facts=facts_of(staff), note=_("离职前，每一事项都要移交给接手人或办结。"), groups=groups, problem=problem,
        table=handed_table(staff), back=home_of(staff),
        leave=reverse(f"admin:{STAFF}_leave", args=[staff.pk]) if not groups and not gone else "",
        media=model_admin.media + forms.SuccessorForm(staff, rows).media,
    )  # fmt: skip


def _shown(one: Holding) -> dict[str, Any]:
    href = one.href
    if href.startswith("admin:"):
        name, _colon, key = href.rpartition(":")
        href = reverse(name, args=[key]) if key.isdecimal() else reverse(href)
    return {"key": one.key, "label": one.label, "note": one.note, "href": href, "hand": one.hand is not None}


def reveal(model_admin: Any, request: HttpRequest, label: str, pk: str) -> HttpResponse:
    """查看完整号码: the reason first, then the values, once."""
    model = masking.secret_models().get(label)
    if model is None:
        raise Http404
    row = row_or_404(request, model, pk)
    if not masking.may_unmask(request.user, row):
        raise PermissionDenied
    bound = type("Bound", (forms.RevealForm,), {"by": request.user})
    form: Any = bound(row, request.POST if request.method == "POST" else None)
    values = form.done if request.method == "POST" and form.is_valid() else None
    back = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    response = page(
        model_admin, request, "reveal.html", _("查看完整号码"),
        form=form, values=values, back=back, facts=[(row._meta.verbose_name, _who(row))],
        note=_("完整信息只供履行工作使用，查看人、时间和事由写入审计记录。"), button=_("查看"),
        media=model_admin.media + form.media,
    )  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


def _who(row: Any) -> str:
    return f"{row.name}（{row.employee_no}）" if isinstance(row, Staff) else f"#{row.pk}"


def own_grants(staff: Staff) -> Any:
    """The person's grants, the running ones first."""
    order = {GrantState.PENDING: 0, GrantState.ACTIVE: 1}
    rows = RoleGrant.objects.filter(staff=staff).select_related("role", "unit").prefetch_related("units")
    return sorted(rows[:100], key=lambda one: (order.get(GrantState(one.state), 2), -one.pk))
