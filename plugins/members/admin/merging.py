"""合并会员: the other one found, both shown side by side, then merged; it cannot be undone, and says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.scope import rows_for

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..models import Member, MemberMerge
from ..moving import label_of
from ..permissions import MERGE
from ..selectors import live_identities, members_by_text
from ..services.merging import merge, preview
from .forms import MergeForm

NOTE = _(
    "左边的保留，右边的并入：订单、地址、身份、售后、绑定都转到保留的会员，并入的会员不能再登录。合并不能撤销，请核对是同一个人。"
)
BUTTONS = (("look", "1", _("查看两个会员"), "secondary"), ("do", "1", _("确认合并"), ""))
SHOWN = 20


def merge_view(page: Any) -> Callable[[HttpRequest, int], HttpResponse]:
    """The page below a member's."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        kept = page.row(request, pk, MERGE)
        looks = "look" in request.POST
        other = _other(request.user, request.POST.get("other", "")) if request.method == "POST" else None
        if looks:
            form = MergeForm(initial=request.POST.dict())
            problem = _("没有这个会员，或不在您的管辖范围") if other is None else preview(kept, other)
            if problem:
                messages.error(request, str(problem))
        else:
            form = MergeForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            if other is None:
                raise MemberError(Code.NOT_FOUND, _("没有这个会员，或不在您的管辖范围"), "other")
            merge(request.user, kept, other, told["reason"])
            return str(_("已将 %(other)s 并入 %(kept)s") % {"other": other.number, "kept": kept.number})

        shown: HttpResponse = page.act(
            request, _("合并会员"), form, do, page.page_of(pk), table=_side_by_side(kept, other), note=NOTE,
            buttons=BUTTONS, only_look=looks,
        )  # fmt: skip
        return shown

    return view


def merges_of(member: Member) -> Table:
    """What was merged into a member, or into whom it was merged."""
    rows = MemberMerge.objects.select_related("kept", "absorbed", "unit", "made_by")
    found = [*rows.filter(kept=member)[:SHOWN], *rows.filter(absorbed=member)]
    cells = [
        (at(one.at), one.absorbed.number, one.kept.number, one.unit.name if one.unit else "—", one.reason,
         "，".join(f"{label_of(name)} {count}" for name, count in sorted(one.moved.items())) or "—")
        for one in found
    ]  # fmt: skip
    return Table("合并记录", ("时间", "并入的会员", "保留的会员", "经办机构", "事由", "转移"), cells)


def _other(user: Any, text: str) -> Member | None:
    found = [one.pk for one in members_by_text(text)]
    rows = list(rows_for(user, Member).filter(pk__in=found).select_related("user", "home_unit")[:2])
    return rows[0] if len(rows) == 1 else None


def _side_by_side(kept: Member, other: Member | None) -> Table:
    pair = (kept, other)

    def each(show: Callable[[Member], Any]) -> tuple[Any, ...]:
        return tuple("—" if one is None else show(one) for one in pair)

    rows = [
        ("会员号", *each(lambda one: one.number)),
        ("姓名", *each(lambda one: masked_person(one.user))),
        ("状态", *each(lambda one: one.get_status_display())),
        ("身份", *each(lambda one: "、".join(str(known) for known in live_identities(one)) or "—")),
        ("归属机构", *each(lambda one: one.home_unit.name if one.home_unit else "—")),
        ("注册时间", *each(lambda one: at(one.registered_at))),
        (
            "订单",
            *each(lambda one: Order.objects.filter(user_id=one.user_id).exclude(status="draft").count()),
        ),
    ]
    return Table("", ("", "保留", "并入"), rows)
