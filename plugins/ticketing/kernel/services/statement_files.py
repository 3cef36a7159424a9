"""A supplier's day once more: asked again by a person, or from a file that came by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.sheets import Row, read_sheet
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.money import round_yuan
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ..access import SETTLE, may_for_city
from ..choices import CallKind
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import SupplierAccount, SupplierStatement
from ..ports import Line, SupplierRefused, SupplierSilent, supplier_of
from .statements import billing, take_in

FETCHED = audit.action("ticketing.statement_fetched", _("重新取供应商对账单"))
UPLOADED = audit.action("ticketing.statement_uploaded", _("导入供应商对账单"))
#: Lines of a file.
MOST = 20_000
#: Legs of a ticket.
MOST_LEGS = 16
_KINDS = (CallKind.ISSUE, CallKind.REFUND, CallKind.CHANGE, CallKind.AGENCY, CallKind.AGENCY_BACK)
#: Headings of a file, and the keys of their cells.
TITLES = {"业务": "kind", "供应商单号": "number", "供应商票号": "ticket", "航段": "leg", "金额": "amount"}
NEEDED = ("业务", "供应商单号", "金额")
KINDS = {str(one.label): one for one in _KINDS}


def fetch_again(by: Any, account_pk: int, day: date) -> SupplierStatement:
    """Ask a supplier for a day once more and match it anew; the same file changes nothing. Asks outside of a
    transaction; locks: as `take_in`.

    Raises OutOfScope, NotAllowed, TicketError INVALID_INPUT, SUPPLIER_UNAVAILABLE, CHANGED_MEANWHILE for a settled day
    whose file is another one now.
    """
    account = _account(by, account_pk, day)
    try:
        lines = supplier_of(account.adapter).statement(day)
    except (SupplierRefused, SupplierSilent, LookupError) as refusal:
        raise TicketError(
            Code.SUPPLIER_UNAVAILABLE, _("供应商没有给出这一天的账单"), "day",
            _("%(why)s。请稍后再取，或导入供应商邮件给的文件") % {"why": _why(refusal)},
        ) from None  # fmt: skip
    return _taken(FETCHED, by, account, day, lines, by_hand=False)


def _why(refusal: Exception) -> str:
    """In the supplier's words, where it said any; a code is nothing for people."""
    said = str(getattr(refusal, "words", ""))[:80]
    return said or str(refusal)[:80] or type(refusal).__name__


def upload(by: Any, account_pk: int, day: date, file: IO[bytes], size: int) -> SupplierStatement:
    """Take a day in from an Excel file. Nothing of a file with a line that cannot be read is taken.

    Raises OutOfScope, NotAllowed, TicketError INVALID_INPUT, CHANGED_MEANWHILE. Locks: as `take_in`.
    """
    account = _account(by, account_pk, day)
    rows = read_sheet(file, size, TITLES, needed=NEEDED, most=MOST, refuse=_refused)
    return _taken(UPLOADED, by, account, day, [_line(row) for row in rows], by_hand=True)


def _account(by: Any, pk: int, day: date) -> SupplierAccount:
    found: SupplierAccount = get_row(by, billing(), pk=pk)
    if not may_for_city(by, SETTLE):
        raise NotAllowed
    if not date(2020, 1, 1) <= day < today():
        raise TicketError(Code.INVALID_INPUT, _("账单日须是今天以前"), "day")
    return found


def _taken(
    action: audit.Action,
    by: Any,
    account: SupplierAccount,
    day: date,
    lines: Sequence[Line],
    *,
    by_hand: bool,
) -> SupplierStatement:
    found = take_in(account, day, lines, by_hand=by_hand)
    after = {
        "day": day.isoformat(), "lines": found.lines_count, "total": found.total, "differences": found.differences,
    }  # fmt: skip
    audit.record(action, found, after=after, actor=actor_label(by))
    return found


def _refused(message: Any, hint: Any) -> TicketError:
    return TicketError(Code.INVALID_INPUT, message, "file", hint)


def _line(row: Row) -> Line:
    cells: Mapping[str, str] = row["cells"]
    kind = KINDS.get(cells.get("kind", ""))
    amount = _amount(cells.get("amount", ""))
    leg = cells.get("leg", "") or "0"
    problem: Any = None
    if row["bad"]:
        problem = " ".join(row["bad"][0])
    elif kind is None:
        problem = _("业务须是%(kinds)s") % {"kinds": "、".join(KINDS)}
    elif not cells.get("number"):
        problem = _("没有供应商单号")
    elif amount is None:
        problem = _("金额不是数字，或多于两位小数")
    elif kind == CallKind.REFUND and amount > 0:
        problem = _("退票金额须是负数")
    elif kind == CallKind.AGENCY and amount > 0:
        problem = _("代理费是供应商付给我方的，金额须是负数")
    elif not (leg.isascii() and leg.isdigit() and int(leg[:3]) <= MOST_LEGS and len(leg) <= 2):
        problem = _("航段须是 1 至 %(most)d 的数字；整张票的留空") % {"most": MOST_LEGS}
    if problem is not None or kind is None or amount is None:
        raise _refused(
            _("第 %(row)d 行：%(problem)s") % {"row": row["n"], "problem": problem}, _("请改正后重新导入")
        )
    return Line(kind, cells["number"][:64], cells.get("ticket", "")[:64], amount, int(leg))


def _amount(text: str) -> Decimal | None:
    try:
        told = Decimal(text.replace(",", "").removeprefix("¥"))
    except InvalidOperation:
        return None
    if not told.is_finite() or abs(told) > 10**9:
        return None
    amount = round_yuan(told)
    # a spreadsheet's 0.1 + 0.2 is 0.30000000000000004
    return amount if abs(amount - told) < Decimal("0.000001") else None
