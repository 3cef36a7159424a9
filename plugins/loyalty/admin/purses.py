"""会员积分: what each member in reach has, where it came from, until when it is good; the member's level beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, members_by_text
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, column, link
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..kinds import Book
from ..models import Level, MemberLevel, Purse
from ..permissions import ADJUST, BURN, VIEW
from ..rules import last_day
from ..selectors import live_lots, rung, standing, statement
from ..services.adjusting import ask_adjustment
from .forms import AdjustForm

SHOWN = 50


@admin.register(Purse)
class PurseAdmin(ActingAdmin):
    """Points of the members in reach."""

    list_display = ("c_number", "c_name", "c_balance", "c_owed", "c_level", "c_home")
    list_display_links = ("c_number",)
    list_select_related = ("member__user", "member__home_unit", "member__o2o_level__level")
    search_fields = ("member__number",)
    search_help_text = _("完整的会员号、手机号、卡号、证件号、用户名或邮箱")
    ordering = ("-pk",)
    details = (
        (None, ("c_number", "c_name", "c_home", "c_member")),
        ("积分", ("c_usable", "c_owed", "c_expiring", "c_first")),
        ("等级", ("c_level", "c_growth", "c_until", "c_next")),
    )

    c_number = column("member__number", "会员号")
    c_home = column("member__home_unit__name", "归属机构", order="member__home_unit__path")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(book=Book.POINTS)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # Whole values only: fishing for people by fragments is not a use of this page.
        if not search_term.strip():
            return queryset, False
        return queryset.filter(member__in=[one.pk for one in members_by_text(search_term)]), False

    @admin.display(description=_("姓名"))
    def c_name(self, row: Purse) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("会员页"))
    def c_member(self, row: Purse) -> Any:
        return link("o2o_members_member", row.member_id, row.member.number)

    @admin.display(description=_("积分余额"), ordering="balance")
    def c_balance(self, row: Purse) -> str:
        return f"{row.balance:,.0f}"

    @admin.display(description=_("欠积分"), ordering="owed")
    def c_owed(self, row: Purse) -> str:
        return f"{row.owed:,.0f}" if row.owed else "—"

    @admin.display(description=_("等级"))
    def c_level(self, row: Any) -> str:
        stands: MemberLevel | None = getattr(row.member, "o2o_level", None)
        return stands.level.name if stands is not None else _lowest(row)

    @admin.display(description=_("可用积分"))
    def c_usable(self, row: Purse) -> str:
        return f"{standing(row.member_id).points:,}"

    @admin.display(description=_("即将到期"))
    def c_expiring(self, row: Purse) -> str:
        told = standing(row.member_id)
        return f"{told.expiring:,}" if told.expiring else "—"

    @admin.display(description=_("最早有效期至"))
    def c_first(self, row: Purse) -> str:
        first = live_lots(row.member_id).exclude(expires_at=None).first()
        return str(last_day(first.expires_at)) if first is not None and first.expires_at else "—"

    @admin.display(description=_("近 12 个月成长值"))
    def c_growth(self, row: Purse) -> str:
        return f"{rung(row.member_id).growth:,}"

    @admin.display(description=_("保级至"))
    def c_until(self, row: Any) -> str:
        stands: MemberLevel | None = getattr(row.member, "o2o_level", None)
        return at(stands.until) if stands is not None else "—"

    @admin.display(description=_("下一等级"))
    def c_next(self, row: Purse) -> str:
        told = rung(row.member_id)
        if told.following is None:
            return str(_("已是最高等级")) if told.level is not None else "—"
        return str(_("%(level)s，还差 %(growth)s") % {"level": told.following.name, "growth": told.missing})

    def called(self, obj: Purse) -> str:
        return obj.member.number

    def tables(self, request: HttpRequest, obj: Purse) -> Sequence[Table]:
        lots = [
            (f"{lot.left:,.0f}", f"{lot.amount:,.0f}", str(last_day(lot.expires_at)) if lot.expires_at else "长期",
             lot.entry.get_kind_display(), lot.unit.name, at(lot.entry.at))
            for lot in live_lots(obj.member_id).select_related("entry", "unit")[:SHOWN]
        ]  # fmt: skip
        steps = [
            (at(move.at), move.source.name if move.source else "—", move.target.name, move.get_why_display(),
             f"{move.growth:,.0f}", move.reason or "—")
            for move in obj.member.level_moves.select_related("source", "target")[:SHOWN]
        ]  # fmt: skip
        return [
            Table(
                str(_("积分批次（先到期的先用）")),
                ("剩余", "原有", "有效期至", "来源", "发放机构", "时间"),
                lots,
            ),
            lines_of(obj.member_id, Book.POINTS),
            lines_of(obj.member_id, Book.GROWTH),
            Table(str(_("等级变更")), ("时间", "从", "到", "原因", "近 12 个月成长值", "说明"), steps),
        ]

    def doors(self, request: HttpRequest, obj: Purse) -> Sequence[Mapping[str, Any]]:
        return (
            [door(_("调整积分、赠送等级"), "tune", self.address("adjust", obj.pk))]
            if self.may(request, ADJUST, obj)
            else []
        )

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/adjust/", self.adjust_view, "adjust"),
            self.own("member/<int:pk>/adjust/", self.adjust_member_view, "adjust_member"),
            *super().get_urls(),
        ]

    def adjust_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for points, growth or a level."""
        row = self.row(request, pk, ADJUST)
        return self._adjust(request, row.member, self.page_of(pk))

    def adjust_member_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same for a member who has no points yet, and so no page of them."""
        member = rows_for(request.user, Member).filter(pk=pk).select_related("user").first()
        if member is None:
            raise Http404
        if not request.user.has_perm(ADJUST):
            raise PermissionDenied
        return self._adjust(request, member, reverse("admin:o2o_members_member_change", args=[pk]))

    def _adjust(self, request: HttpRequest, member: Member, back: str) -> HttpResponse:
        form = AdjustForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = ask_adjustment(
                request.user, member, book=told["book"], amount=told["amount"] or 0, level=told["level"],
                reason=told["reason"],
            )  # fmt: skip
            return str(_("已提交审批，调整单 %(number)s；通过后入账") % {"number": made.number})

        facts = (
            (_("会员号"), member.number),
            (_("姓名"), masked_person(member.user)),
            (_("可用积分"), f"{standing(member.pk).points:,}"),
        )
        note = _("由本机构承担；审批通过之前不动积分。扣减超过余额的部分记为欠积分。")
        return self.act(
            request, _("调整积分、赠送等级"), form, do, back, facts=facts, note=note,
            buttons=(("do", "1", _("提交审批"), ""),),
        )  # fmt: skip


def lines_of(member_id: int, book: Book) -> Table:
    """The newest lines of a member's statement."""
    rows = [
        (at(line.entry.at), line.entry.get_kind_display(), f"{line.amount:+,.0f}",
         f"{line.balance_after or 0:,.0f}", line.get_side_display(), line.entry.unit.name, line.entry.note or "—")
        for line in statement(member_id, book)[:SHOWN]
    ]  # fmt: skip
    return Table(
        str(_("%(book)s明细") % {"book": book.label}),
        ("时间", "类型", "变动", "变动后", "账户", "发生机构", "说明"),
        rows,
    )


def _lowest(row: Purse) -> str:
    # asked once for a page: every row without a level of its own has the lowest
    known = Level.objects.order_by("rank").first()
    return known.name if known is not None else "—"


def member_doors(request: HttpRequest, member: Member) -> Sequence[Mapping[str, Any]]:
    """On a member's page: the points, and using them at the counter."""
    found = []
    policy = policy_for(Purse)
    purse = Purse.objects.filter(member=member, book=Book.POINTS).first()
    if purse is not None and policy.may(request.user, VIEW, purse):
        found.append(door(_("积分与等级"), "stars", _address("purse_change", purse.pk)))
    elif purse is None and request.user.has_perm(ADJUST):
        found.append(door(_("调整积分、赠送等级"), "tune", _address("purse_adjust_member", member.pk)))
    if request.user.has_perm(BURN):
        found.append(door(_("兑扣积分"), "redeem", f"{_address('burn_begin')}?member={member.number}"))
    return found


def _address(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_loyalty_{name}", args=args)


add_doors(Member, member_doors)
