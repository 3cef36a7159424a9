"""What is done with a unit, a page each: open and stop, move, close, account; and the lists behind blockers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, badge, link
from saleor_o2o.backoffice.labels import ORDER_STATUS, yuan
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for, rows_for

from ..blockers import UNFINISHED, BlockedError, Blocker, blockers_of, posted_at
from ..levels import UnitStatus
from ..models import OrgUnit, PlannedMove, Staff, StaffStatus
from .unit_forms import AccountForm, ActingForm, CloseForm, MoveForm, StatusForm
from .unit_tables import status_badge

#: What dates and pickers stand on. Not the list's own: it brings a second select2, which then speaks English.
SCRIPTS = Media(js=("admin/js/vendor/jquery/jquery.min.js", "admin/js/jquery.init.js", "admin/js/core.js"))


@dataclass(frozen=True)
class Step:
    """What a unit's status leads to: button, page, right."""

    title: Text
    icon: str
    permission: str
    note: Text
    done: Text


STEPS = {
    UnitStatus.PLANNED: Step(
        _("启用"), "play_arrow", "org_unit.edit", _("启用后可以营业。上级机构须已启用。"), _("已启用")
    ),
    UnitStatus.ACTIVE: Step(
        _("停用"), "pause", "org_unit.close", _("停用期间不营业，资料和人员保留，可以恢复。"), _("已停用")
    ),
    UnitStatus.SUSPENDED: Step(
        _("恢复启用"), "play_arrow", "org_unit.close", _("恢复后可以营业。"), _("已恢复启用")
    ),
}


def unit_or_404(request: HttpRequest, pk: int, permission: str) -> OrgUnit:
    """The unit. Raises Http404 out of scope, PermissionDenied where the person may look only."""
    try:
        unit = get_row(request.user, OrgUnit.objects.select_related("parent"), pk=pk)
    except OutOfScope:
        raise Http404 from None
    if not policy_for(OrgUnit).may(request.user, permission, unit):
        raise PermissionDenied
    return unit


def page(
    model_admin: Any, request: HttpRequest, template: str, title: Any, **context: Any
) -> TemplateResponse:
    """A page of ours in the back office's frame."""
    shared = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        **context,
    }
    return TemplateResponse(request, f"o2o_org_hierarchy/{template}", shared)


def home_of(unit: OrgUnit) -> str:
    """The address of a unit's page."""
    return reverse("admin:o2o_org_hierarchy_orgunit_change", args=[unit.pk])


def _act(
    model_admin: Any,
    request: HttpRequest,
    unit: OrgUnit,
    form_class: type[Any],
    title: Any,
    note: Any,
    button: Any,
    blockers: list[Blocker] | None = None,
    done: Any = None,
) -> HttpResponse:
    """Show a form; do it; a refusal keeps what was typed and shows what is in the way."""
    bound = type("Bound", (form_class,), {"by": request.user})
    form: ActingForm = bound(unit, request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"{unit.name}：{done(form.done) if callable(done) else done or title}")
        return HttpResponseRedirect(home_of(unit))
    if isinstance(form.refusal, BlockedError):
        blockers = form.refusal.blockers
    return page(
        model_admin, request, "act.html", f"{title}：{unit.name}",
        form=form, unit=unit, status=status_badge(unit.status), note=note, button=button,
        blockers=blockers, back=home_of(unit), media=SCRIPTS + form.media,
    )  # fmt: skip


def status(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """启用、停用、恢复启用."""
    unit = unit_or_404(request, pk, "org_unit.view")
    step = STEPS.get(UnitStatus(unit.status))
    if step is None:
        raise Http404
    unit_or_404(request, pk, step.permission)
    return _act(model_admin, request, unit, StatusForm, step.title, step.note, step.title, done=step.done)


def move(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """变更隶属."""
    unit = unit_or_404(request, pk, "org_unit.move")
    note = _("机构连同全部下级一起划到新的上级。历史订单按下单时的隶属统计，不会变动。")

    def done(planned: PlannedMove) -> Any:
        if planned.state == PlannedMove.State.DONE:
            return _("已划到“%(parent)s”") % {"parent": planned.parent.name}
        return _("已登记，%(day)s 划到“%(parent)s”") % {
            "day": planned.effective_on,
            "parent": planned.parent.name,
        }

    return _act(model_admin, request, unit, MoveForm, _("变更隶属"), note, _("变更隶属"), done=done)


def close(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """撤并, with the list of what is in the way."""
    unit = unit_or_404(request, pk, "org_unit.close")
    note = _("撤并后不能恢复。资料、版本和历史统计保留。")
    return _act(
        model_admin, request, unit, CloseForm, _("撤并"), note, _("确认撤并"),
        blockers=blockers_of(unit), done=_("已撤并"),
    )  # fmt: skip


def account(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """结算账户."""
    unit = unit_or_404(request, pk, "org_unit.account")
    note = _("账号加密保存。更换账户从启用日期起生效，结算按当日账户付款。")
    return _act(
        model_admin, request, unit, AccountForm, _("结算账户"), note, _("保存"), done=_("结算账户已保存")
    )


def orders(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """The unit's unfinished orders that this person may see."""
    unit = unit_or_404(request, pk, "org_unit.view")
    found = rows_for(request.user, Order).filter(
        o2o_attribution__unit=unit, status__in=UNFINISHED
    ).order_by("pk")  # fmt: skip
    pages = Paginator(found, 100)
    shown = pages.get_page(request.GET.get("p"))
    rows = [
        (link("o2o_backoffice_order", one.pk, f"#{one.pk}"), at(one.created), badge(one.status, ORDER_STATUS),
         yuan(one.total_gross_amount))
        for one in shown
    ]  # fmt: skip
    table = Table("", ("订单号", "下单时间", "状态", "金额"), rows)
    return _list(model_admin, request, unit, _("未完成的订单"), table, shown)


def people(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """The people still posted at the unit that this person may see."""
    unit = unit_or_404(request, pk, "org_unit.view")
    found = (
        rows_for(request.user, Staff)
        .filter(pk__in=Staff.objects.filter(posted_at(unit)).exclude(status=StaffStatus.LEFT).values("pk"))
        .select_related("unit")
        .prefetch_related("posts__post")
        .order_by("employee_no")
    )
    pages = Paginator(found, 100)
    shown = pages.get_page(request.GET.get("p"))
    rows = [
        (
            one.employee_no,
            one.name,
            one.unit.name,
            "、".join(post.post.name for post in one.posts.all() if post.unit_id == unit.pk) or "—",
            one.get_status_display(),
        )
        for one in shown
    ]
    table = Table("", ("工号", "姓名", "所属机构", "在本机构的岗位", "状态"), rows)
    return _list(model_admin, request, unit, _("在岗人员"), table, shown)


def _list(
    model_admin: Any, request: HttpRequest, unit: OrgUnit, title: Any, table: Table, shown: Any
) -> TemplateResponse:
    return page(
        model_admin, request, "list.html", f"{unit.name}：{title}",
        table=table, shown=shown, total=shown.paginator.count, back=home_of(unit),
    )  # fmt: skip
