"""What the member's page shows of points, growth, level and balance: what there is, and what moved last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from plugins.members.interfaces import Member
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at
from saleor_o2o.backoffice.customers import MOST, register_customer_part
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.scope import rows_for

from .kinds import Book
from .models import Line
from .permissions import BALANCE_VIEW, VIEW
from .rules import last_day
from .selectors import balance_of, rung, standing


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_part("loyalty.standing", _standing)
    register_customer_part("loyalty.moves", _moves)


def _books(request: HttpRequest) -> list[str]:
    """The members' books that whoever looks may see."""
    asker: Any = request.user
    points = [Book.POINTS, Book.GROWTH] if asker.has_perm(VIEW) else []
    return [*points, *([Book.BALANCE] if asker.has_perm(BALANCE_VIEW) else [])]


def _member(request: HttpRequest, user: Any) -> Member | None:
    """The member, where he is in reach; one statement."""
    found: Member | None = rows_for(request.user, Member).filter(user=user).first()
    return found


def _standing(request: HttpRequest, user: Any) -> Table | None:
    """What a member has now. None for whoever may see neither points nor balances."""
    books = _books(request)
    member = _member(request, user) if books else None
    if member is None:
        return None
    rows: list[tuple[Any, ...]] = []
    if Book.POINTS in books:
        has, stands = standing(member.pk), rung(member.pk)
        soon = ""
        if has.expiring and has.expires_at is not None:
            told = {"points": f"{has.expiring:,}", "day": last_day(has.expires_at)}
            soon = _("%(points)s 将于 %(day)s 起到期") % told
        owed = _("欠 %(points)s") % {"points": f"{has.owed:,}"} if has.owed else ""
        rows.append((_("积分"), f"{has.points:,}", "，".join(one for one in (soon, owed) if one) or "—"))
        level = stands.level.name if stands.level is not None else "—"
        kept = _("保级至 %(day)s") % {"day": at(stands.until)} if stands.until else ""
        following = ""
        if stands.following is not None:
            told = {"level": stands.following.name, "growth": f"{stands.missing:,}"}
            following = _("距%(level)s还差 %(growth)s 成长值") % told
        rows.append((_("等级"), level, "，".join(one for one in (kept, following) if one) or "—"))
        rows.append((_("成长值（近 12 个月）"), f"{stands.growth:,}", "—"))
    if Book.BALANCE in books:
        balance, frozen = balance_of(member.pk)
        rows.append((_("储值余额"), yuan(balance), _("已冻结") if frozen else "—"))
    return Table(_("积分、等级与储值"), (_("项目"), _("现有"), _("说明")), rows)


def _moves(request: HttpRequest, user: Any) -> Table | None:
    """The newest movements of the books that may be seen; two statements."""
    books = _books(request)
    if not books or _member(request, user) is None:
        return None
    lines = (
        Line.objects.filter(purse__member__user=user, entry__book__in=books)
        .select_related("entry__unit")
        .order_by("-pk")[:MOST]
    )
    rows = [
        (at(line.entry.at), Book(line.entry.book).label, line.entry.get_kind_display(), _amount(line, "+"),
         _amount(line), line.entry.unit.name, line.entry.note or "—")
        for line in lines
    ]  # fmt: skip
    heads = (_("时间"), _("账簿"), _("类型"), _("变动"), _("变动后"), _("发生机构"), _("说明"))
    return Table(_("积分与储值变动（最近 %(count)d 笔）") % {"count": MOST}, heads, rows)


def _amount(line: Line, sign: str = "") -> str:
    value = line.amount if sign else line.balance_after
    if value is None:
        return "—"
    return format(value, f"{sign},.2f" if line.entry.book == Book.BALANCE else f"{sign},.0f")
