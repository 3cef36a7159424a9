"""A bill's bytes turned into lines, every sum proved. No database here.

Format (微信支付 交易账单, 资金账单): UTF-8, perhaps with a BOM; a header, one line per movement with every value
behind a
back-tick, a second header, one line of sums. Amounts in yuan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

#: What a person could be known by: kept masked, nowhere whole.
_PAYER = "用户标识"
_RECEIVER = "分账接收方"
_FLOW_SUMS = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")


class BadBill(ValueError):
    """The file is not what it should be; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Line:
    """A line. Amounts in yuan: in positive, out negative."""

    at: datetime
    kind: str
    amount: Decimal
    trade_number: str = ""
    provider_ref: str = ""
    refund_number: str = ""
    refund_ref: str = ""
    fee: Decimal = Decimal(0)
    payer: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """A bill's lines and the sums that it states itself."""

    lines: Sequence[Line]
    summary: dict[str, str]


def parse_trade_bill(content: bytes) -> Parsed:
    """Read a trade bill of type ALL. Raises BadBill: NOT_UTF8, NO_HEADER, BAD_LINE, NO_SUMMARY, SUMS_DIFFER."""
    rows, summary = _tables(content, "交易时间", "总交易单数")
    lines = [_trade_line(row) for row in rows]
    paid = [row for row in rows if row["交易状态"] != "REFUND"]
    back = [row for row in rows if row["交易状态"] == "REFUND"]
    stated = {
        "总交易单数": Decimal(len(rows)),
        "应结订单总金额": _sum(paid, "应结订单金额"),
        "退款总金额": _sum(back, "退款金额"),
        "手续费总金额": _sum(rows, "手续费"),
        "订单总金额": _sum(paid, "订单金额"),
        "申请退款总金额": _sum(back, "申请退款金额"),
    }
    _prove(summary, stated)
    return Parsed(lines, summary)


def parse_flow_bill(content: bytes) -> Parsed:
    """Read a fund-flow bill. Raises as :func:`parse_trade_bill`."""
    rows, summary = _tables(content, "记账时间", "资金流水总笔数")
    income = [row for row in rows if row["收支类型"] == "收入"]
    outgo = [row for row in rows if row["收支类型"] == "支出"]
    amount = "收支金额(元)"
    stated = dict(
        zip(
            _FLOW_SUMS,
            (
                Decimal(len(rows)),
                Decimal(len(income)),
                _sum(income, amount),
                Decimal(len(outgo)),
                _sum(outgo, amount),
            ),
            strict=True,
        )
    )
    _prove(summary, stated)
    return Parsed([_flow_line(row) for row in rows], summary)


def parse_sharing_bill(content: bytes) -> Parsed:
    """Read a profit-sharing bill: what receivers got (out, negative) and gave back. Raises as `parse_trade_bill`."""
    rows, summary = _tables(content, "分账时间", "")
    given = [row for row in rows if "回退" not in _told(row, "业务类型")]
    back = [row for row in rows if "回退" in _told(row, "业务类型")]
    stated = {
        "分账总笔数": Decimal(len(given)),
        "分账总金额": _sum(given, "分账金额"),
        "回退总笔数": Decimal(len(back)),
        "回退总金额": _sum(back, "分账金额"),
    }
    _prove(summary, stated)
    return Parsed([_share_line(row) for row in rows], summary)


def _share_line(row: dict[str, str]) -> Line:
    kind, amount = _told(row, "业务类型"), _yuan(_told(row, "分账金额"))
    number, back = _told(row, "商户系统分账/回退单号")[:64], "回退" in kind
    receiver = _told(row, _RECEIVER)
    return Line(
        at=_moment(row["分账时间"]),
        kind=kind[:24],
        amount=amount if back else -amount,
        trade_number="" if back else number,
        provider_ref=_told(row, "微信订单号")[:64],
        refund_number=number if back else "",
        refund_ref=_told(row, "微信分账/回退单号")[:64] if back else "",
        payer=_masked(receiver)
        if not receiver.isdigit()
        else receiver,  # a person's openid, or a merchant number
        fields={name: value for name, value in row.items() if name != _RECEIVER},
    )


def _told(row: dict[str, str], name: str) -> str:
    if name not in row:
        raise BadBill("NO_HEADER")
    return row[name]


def _tables(content: bytes, first: str, second: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadBill("NOT_UTF8") from None
    table = [line for line in text.splitlines() if line.strip()]
    if len(table) < 3 or not table[0].startswith(first):
        raise BadBill("NO_HEADER")
    if not table[-2].startswith(second):
        raise BadBill("NO_SUMMARY")
    names = table[0].split(",")
    rows = [_row(names, line) for line in table[1:-2]]
    return rows, _row(table[-2].split(","), table[-1])


def _row(names: Sequence[str], line: str) -> dict[str, str]:
    # Every value stands behind a back-tick, so that a comma inside one is no border.
    if not line.startswith("`"):
        raise BadBill("BAD_LINE")
    values = line[1:].split(",`")
    if len(values) != len(names):
        raise BadBill("BAD_LINE")
    return {name.strip(): value.strip() for name, value in zip(names, values, strict=True)}


def _trade_line(row: dict[str, str]) -> Line:
    back = row["交易状态"] == "REFUND"
    return Line(
        at=_moment(row["交易时间"]),
        kind="refund" if back else "trade",
        amount=-_yuan(row["退款金额"]) if back else _yuan(row["订单金额"]),
        trade_number=row["商户订单号"][:64],
        provider_ref=row["微信订单号"][:64],
        refund_number=row["商户退款单号"][:64] if back else "",
        refund_ref=row["微信退款单号"][:64] if back else "",
        fee=_yuan(row["手续费"]),
        payer=_masked(row.get(_PAYER, "")),
        fields={name: value for name, value in row.items() if name != _PAYER},
    )


def _flow_line(row: dict[str, str]) -> Line:
    amount, voucher = _yuan(row["收支金额(元)"]), row["业务凭证号"][:64]
    back = row["业务类型"] == "退款"  # then the voucher is the refund
    return Line(
        at=_moment(row["记账时间"]),
        kind=row["业务类型"][:24],
        amount=amount if row["收支类型"] == "收入" else -amount,
        trade_number="" if back else voucher,
        provider_ref=row["微信支付业务单号"][:64],
        refund_number=voucher if back else "",
        fields=row,
    )


def _masked(openid: str) -> str:
    return f"{openid[:4]}…{openid[-4:]}" if len(openid) > 8 else ""


def _moment(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        raise BadBill("BAD_LINE") from None


def _yuan(text: str) -> Decimal:
    try:
        value = Decimal(text or "0")
    except InvalidOperation:
        raise BadBill("BAD_LINE") from None
    if not value.is_finite():
        raise BadBill("BAD_LINE")
    return value


def _sum(rows: Sequence[dict[str, Any]], name: str) -> Decimal:
    return sum((_yuan(row.get(name, "0")) for row in rows), Decimal(0))


def _prove(summary: dict[str, str], stated: dict[str, Decimal]) -> None:
    """Every sum that the bill states is the sum of its lines."""
    for name, value in stated.items():
        if name in summary and _yuan(summary[name]) != value:
            raise BadBill("SUMS_DIFFER")
