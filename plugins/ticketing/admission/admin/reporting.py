"""售票报表: what was sold, what went back, how full it was, and how much of it is earned by now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, ExtractHour, TruncDate
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import EXPORT, REPORT
from plugins.ticketing.kernel.admin.naming import apart, with_codes
from plugins.ticketing.kernel.choices import IN_VAIN, TicketState
from plugins.ticketing.kernel.models import RefundItem, Ticket
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import AMBER, GREEN, asked_of, chart, options, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import SHANGHAI, days_drawn, midnight
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..choices import SaleChannel, SeatState, SessionState
from ..models import Quota, Redemption, Session, SessionSeat, Voucher

ZERO = Decimal("0.00")
HOURS = range(24)
TRADES = ("scenic", "show")
SUMS = ("张数", "票面", "退票张数", "退客户", "手续费")
CLASS = "variant__o2o_ticket_class"
CHANNEL = "ticket_order__product__channel"
#: By what is counted: title, headings, paths from a ticket.
PIVOTS = (
    ("按产品、票类", ("产品", "票类"), (f"{CLASS}__product__name", "fare_name")),
    ("按场次、日期", ("产品", "开始"), (f"{CLASS}__product__name", "ticket_order__starts_at")),
    ("按渠道", ("渠道",), (CHANNEL,)),
    ("按售票机构", ("机构",), ("ticket_order__unit__name",)),
)
_CHANNELS = {str(value): str(label) for value, label in SaleChannel.choices}


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of tickets issued in the days asked for; refunds are those of these tickets. `format=xlsx`: a workbook.

    How full: of sessions that begin, and days that are, within them.
    """
    user: Any = request.user
    policy = policy_for(Ticket)
    as_file = request.GET.get("format") == "xlsx"
    may_export = policy.may(user, EXPORT, Ticket)
    if not policy.may(user, REPORT, Ticket) or (as_file and not may_export):
        raise PermissionDenied
    asked = asked_of(request, 31, _("自"))
    since, until = midnight(asked["first"]), midnight(asked["last"] + timedelta(days=1))
    right = EXPORT if as_file else REPORT
    issued = Q(ticket_order__issued_at__gte=since, ticket_order__issued_at__lt=until)
    issued &= Q(ticket_order__trade__in=TRADES)
    sold = (
        rows_for(user, Ticket, right).filter(issued).exclude(state__in=(TicketState.HELD, TicketState.VOID))
    )
    back = rows_for(user, RefundItem, right).exclude(refund__state__in=IN_VAIN).filter(
        ticket__in=sold.order_by().values("pk"), kept=False,
    )  # fmt: skip
    if asked["unit"]:
        sold = sold.filter(below(asked["unit"], "ticket_order__unit__path"))
        back = back.filter(below(asked["unit"], "refund__ticket_order__unit__path"))
    total = sold.order_by().aggregate(n=Count("pk"), face=Sum("price"))
    gone = back.order_by().aggregate(due=Sum("due"), fee=Sum("fee"))
    earned, rows = _earned(sold, back)
    hours, days = _by_hour(sold), _by_day(sold, asked["first"], asked["last"])
    full = _sessions(user, since, until, asked["unit"])
    tables = [
        *(_pivot(sold, back, *one) for one in PIVOTS),
        Table("按出票时段", ("时段", "张数"), [(f"{one}时", hours[one]) for one in HOURS if hours.get(one)]),
        Table("场次上座", ("产品", "场次", "开始", "总量", "已售", "上座率", "应到", "已到", "未到率"), full),
        Table("日期容量", ("产品", "配额", "日期", "总量", "已占", "占用率"), _days(user, asked)),
        Table("收入确认", ("产品", "售出票面", "退票票面", "已核销确认", "待确认"), rows),
    ]  # fmt: skip
    cards = [
        (_("出票"), total["n"], _("张，含后来退掉的")),
        (_("票面"), yuan(total["face"] or ZERO), _("未扣优惠")),
        (_("退客户"), yuan(gone["due"] or ZERO), _("手续费 %(fee)s") % {"fee": yuan(gone["fee"] or ZERO)}),
        (_("待确认收入"), yuan(earned), _("已售、未退、未核销")),
    ]
    charts = [
        (_("每日出票"), "bar",
         chart([f"{day:%m-%d}" for day in days], [(str(_("张")), list(days.values()), GREEN)]), options()),
        (_("各时段出票"), "bar",
         chart([f"{one}时" for one in HOURS], [(str(_("张")), [hours.get(one, 0) for one in HOURS], AMBER)]),
         options()),
    ]  # fmt: skip
    return shown(
        page, request, "o2o_admission.sales_report", _("售票报表"), asked, tables, cards, may_export=may_export,
        charts=charts if total["n"] else (),
    )  # fmt: skip


def _pivot(
    sold: QuerySet[Ticket], back: QuerySet[RefundItem], title: str, names: tuple[str, ...], paths: tuple[str, ...]
) -> Table:  # fmt: skip
    found: dict[tuple[Any, ...], list[Any]] = {}
    for *key, count, face in (
        sold.order_by().values_list(*with_codes(paths)).annotate(Count("pk"), Sum("price"))
    ):
        found[tuple(key)] = [count, face, 0, ZERO, ZERO]
    of_items = [f"ticket__{one}" for one in paths]
    counted = (
        back.order_by()
        .values_list(*with_codes(of_items))
        .annotate(Count("ticket", distinct=True), Sum("due"), Sum("fee"))
    )
    for *key, count, due, fee in counted:
        row = found.setdefault(tuple(key), [0, ZERO, 0, ZERO, ZERO])
        row[2:] = [count, due, fee]
    rows = apart([(*key, *row) for key, row in found.items()], len(paths))
    width = len(paths)
    lines = [(*(_said(one) for one in row[:width]), *_amounts(row[width:])) for row in rows]
    return Table(title, (*names, *SUMS), sorted(lines))


def _amounts(row: Iterable[Any]) -> list[Any]:
    return [yuan(one or ZERO) if isinstance(one, Decimal) or one is None else one for one in row]


def _said(value: Any) -> str:
    if value is None:
        return "—"
    if hasattr(value, "astimezone"):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return _CHANNELS.get(str(value), str(value))


def _by_hour(sold: QuerySet[Ticket]) -> dict[int, int]:
    hour = ExtractHour("ticket_order__issued_at", tzinfo=SHANGHAI)
    return dict(sold.order_by().annotate(hour=hour).values_list("hour").annotate(Count("pk")))


def _by_day(sold: QuerySet[Ticket], first: date, last: date) -> dict[date, int]:
    day = TruncDate("ticket_order__issued_at", tzinfo=SHANGHAI)
    found = sold.order_by().annotate(day=day).values_list("day").annotate(Count("pk"))
    return dict.fromkeys(days_drawn(first, last), 0) | dict(found.order_by("day"))


def _earned(sold: QuerySet[Ticket], back: QuerySet[RefundItem]) -> tuple[Decimal, list[tuple[Any, ...]]]:
    """What these tickets brought by product: sold, given back, earned by redemption, and what waits for it."""
    name = f"{CLASS}__product__name"
    product, of_ticket = with_codes([name]), with_codes([f"ticket__{name}"])
    known: dict[Any, list[Decimal]] = {}
    for *key, face in sold.order_by().values_list(*product).annotate(Sum("price")):
        known[tuple(key)] = [face, ZERO, ZERO]
    for *key, face in back.order_by().values_list(*of_ticket).annotate(n=Sum(F("face") + F("service"))):
        known.setdefault(tuple(key), [ZERO, ZERO, ZERO])[1] = face
    used = Redemption.objects.filter(ticket__in=sold.order_by().values("pk")).order_by()
    for *key, revenue in used.values_list(*of_ticket).annotate(Sum("revenue")):
        known.setdefault(tuple(key), [ZERO, ZERO, ZERO])[2] = revenue
    rows = apart([(*key, *one, one[0] - one[1] - one[2]) for key, one in known.items()], 1)
    waiting = sum((row[-1] for row in rows), ZERO)
    return waiting, sorted((_said(key), *(yuan(one) for one in amounts)) for key, *amounts in rows)


def _sessions(user: Any, since: Any, until: Any, unit: str) -> list[tuple[Any, ...]]:
    """How full sessions were, and how many of their people came; four statements however many sessions."""
    sessions = rows_for(user, Session).filter(starts_at__gte=since, starts_at__lt=until)
    sessions = sessions.exclude(state__in=(SessionState.DRAFT, SessionState.CANCELLED))
    if unit:
        sessions = sessions.filter(below(unit, "product__unit__path"))
    rows = list(sessions.select_related("product").order_by("starts_at", "pk")[:500])
    keys = [row.pk for row in rows]
    sold = Case(When(state=SeatState.SOLD, then=1), default=0, output_field=IntegerField())
    seats = SessionSeat.objects.filter(session__in=keys).order_by().values_list("session")
    room = {key: (n, taken) for key, n, taken in seats.annotate(Count("pk"), taken=Sum(sold))}
    quotas = Quota.objects.filter(session__in=keys, channel="", for_all=True).order_by()
    for key, capacity, taken in quotas.values_list("session", "capacity", "taken"):
        room.setdefault(key, (capacity, taken))
    people = Voucher.objects.filter(session__in=keys, void_at=None).order_by().values_list("session")
    came = {key: (uses, used) for key, uses, used in people.annotate(Sum("uses"), Sum("used"))}
    found = []
    for row in rows:
        most, taken = room.get(row.pk, (0, 0))
        uses, used = came.get(row.pk, (0, 0))
        found.append(
            (row.product.name, row.name or "—", _said(row.starts_at), most, taken, _share(taken, most), uses, used,
             _share(uses - used, uses))
        )  # fmt: skip
    return found


def _days(user: Any, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    """How much of what may be taken on a day, or in a slot of it, is."""
    day = Coalesce("day", "slot__day")
    rows = rows_for(user, Quota).filter(session=None, channel="").annotate(on=day)
    rows = rows.filter(on__gte=asked["first"], on__lte=asked["last"])
    if asked["unit"]:
        rows = rows.filter(below(asked["unit"], "product__unit__path"))
    found = rows.order_by("on", "pk").values_list("product__name", "name", "on", "capacity", "taken")
    return [
        (name, of, str(on), most, taken, _share(taken, most)) for name, of, on, most, taken in found[:500]
    ]


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} %" if whole else "—"
