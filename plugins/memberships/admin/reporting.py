"""会员收入与权益成本: what was taken for memberships, what benefits cost, and who is to be paid for rendering them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import below
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import BenefitEntry, BenefitUse, Term
from ..permissions import BENEFIT_EXPORT, REPORT

ZERO = Decimal("0.00")


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Of a month, or of the days asked for; read from terms and append-only entries. `format=xlsx`: a workbook."""
    user: Any = request.user
    policy = policy_for(BenefitUse)
    may_export = policy.may(user, BENEFIT_EXPORT, BenefitUse)
    as_file = request.GET.get("format") == "xlsx"
    if not policy.may(user, REPORT, BenefitUse) or (as_file and not may_export):
        raise PermissionDenied
    asked = asked_of(request, 31, _("自"))
    if "first" not in request.GET:
        first = today().replace(day=1)
        asked |= {"first": first, "last": first.replace(day=calendar.monthrange(first.year, first.month)[1])}
    since, until = midnight(asked["first"]), midnight(asked["last"] + timedelta(days=1))
    right = BENEFIT_EXPORT if as_file else REPORT
    entries = rows_for(user, BenefitEntry, right).filter(at__gte=since, at__lt=until)
    terms = rows_for(user, Term, right).filter(made_at__gte=since, made_at__lt=until, paid__gt=0)
    if asked["unit"]:
        here = below(asked["unit"], "unit__path")
        entries, terms = entries.filter(here), terms.filter(here)
    income = _income(terms)
    cost = _cost(entries)
    payable = _payable(entries)
    taken = sum((row[2] for row in income), ZERO)
    spent = sum((row[2] for row in cost), ZERO)
    tables = [
        Table("会员收入（按方案）", ("方案", "期数", "实收"), [(a, b, yuan(c)) for a, b, c in income]),
        Table("权益成本（按权益）", ("权益", "次数", "成本"), [(a, b, yuan(c)) for a, b, c in cost]),
        Table("应付结算（商户或核销机构）", ("收款方", "次数", "应付"), [(a, b, yuan(c)) for a, b, c in payable]),
    ]  # fmt: skip
    cards = [
        (_("会员收入"), yuan(taken), _("不含 7 天内退款")),
        (_("权益成本"), yuan(spent), ""),
        (_("收入减成本"), yuan(taken - spent), ""),
        (_("应付结算"), yuan(sum((row[2] for row in payable), ZERO)), ""),
    ]
    return shown(
        page,
        request,
        "o2o_memberships.report",
        _("会员收入与权益成本"),
        asked,
        tables,
        cards,
        may_export=may_export,
    )


def _income(terms: Any) -> list[tuple[str, int, Decimal]]:
    """By plan: terms that were not refunded whole, and what was paid for them."""
    kept = terms.exclude(Q(asked_at__isnull=False) | Q(line_gone=True))
    rows = kept.order_by("plan__name").values_list("plan__name").annotate(Count("pk"), Sum("paid"))
    return [(name, count, amount) for name, count, amount in rows]


def _cost(entries: Any) -> list[tuple[str, int, Decimal]]:
    """By benefit: uses less what was taken back, and what they cost."""
    rows = entries.order_by("use__benefit__name").values_list("use__benefit__name", "kind")
    return _net(rows.annotate(Count("pk"), Sum("cost")))


def _payable(entries: Any) -> list[tuple[str, int, Decimal]]:
    """Who is owed how much for how many uses."""
    rows = entries.exclude(settlement=0).order_by("seller__name", "unit__name")
    found = rows.values_list("seller__name", "unit__name", "kind").annotate(Count("pk"), Sum("settlement"))
    return _net((seller or unit, kind, count, amount) for seller, unit, kind, count, amount in found)


def _net(rows: Iterable[tuple[str, str, int, Decimal]]) -> list[tuple[str, int, Decimal]]:
    """Uses less those taken back, and the sum, by name."""
    found: dict[str, tuple[int, Decimal]] = {}
    for name, kind, count, amount in rows:
        times, sums = found.get(name, (0, ZERO))
        found[name] = (times + (count if kind == "used" else -count), sums + amount)
    return [(name, *told) for name, told in sorted(found.items())]
