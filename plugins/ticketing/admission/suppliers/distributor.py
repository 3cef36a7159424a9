"""The adapter of a scenic distributor (`ports.Supplier`): our numbers kept there, fen at this edge, codes as tickets.

One hold is one order there, with a line for each fare; our ticket numbers go along and come back with the codes. Its
own words for a refusal are turned into the kernel's; a code that we do not know counts as silence.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel import ports
from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import ChangeRequest, SupplierCall
from plugins.ticketing.kernel.picks import with_pictures
from plugins.ticketing.kernel.ports import (
    ChangeAsk,
    IssueAsk,
    Issued,
    Line,
    LockAsk,
    Locked,
    RefundAsk,
    Refunded,
    SupplierRefused,
    SupplierSilent,
    Unit,
)
from saleor_o2o.kernel.documents import RESIDENT
from saleor_o2o.kernel.money import split, to_fen, to_yuan

from . import wire

ADAPTER = "distributor"
_CODES = {
    "NO_BALANCE": ports.NO_DEPOSIT,
    "SOLD_OUT": ports.SOLD_OUT, "PRICE_CHANGED": ports.PRICE_CHANGED, "LOCK_EXPIRED": ports.HOLD_LOST,
    **dict.fromkeys(
        ("OFF_SALE", "NO_PRODUCT", "PAST_DATE", "TOO_FAR", "BAD_SLOT", "CUT_OFF"), ports.NOT_ON_SALE
    ),
    **dict.fromkeys(
        ("NEED_TRAVELLERS", "BAD_TRAVELLER", "SAME_TRAVELLER", "ID_LIMIT", "BAD_CONTACT"), ports.PASSENGER_REFUSED
    ),
    **dict.fromkeys(("NOT_AMENDABLE", "AMENDED"), ports.CLOSED_FOR_CHANGE),
}  # fmt: skip
#: Refusals that are the distributor's own; everything else is unknown to us, and so is what it did.
_OWN = frozenset({
    "BAD_PARAM", "CONFLICT", "NO_ORDER", "NO_REFUND", "ALREADY_PAID", "NOT_ISSUED", "NOT_REFUNDABLE",
    "REFUND_CLOSED", "NOT_ENOUGH", "NOT_READY", "TOO_OLD", "TOO_OFTEN",
})  # fmt: skip
_NOT_THERE = frozenset({"NO_ORDER", "NO_REFUND"})
REJECTED = "REJECTED"


class Distributor:
    """The adapter; it keeps nothing."""

    local = False

    def lock(self, ask: LockAsk) -> Locked:
        """Hold a visit: `product` is `trips.visit`."""
        told = _ask("order.create", {"outOrderNo": ask.own, **_wanted(ask)})
        settle = {line["productCode"]: to_yuan(line["settlePrice"]) for line in told["lines"]}
        codes = ask.product["codes"]
        prices = {unit.ticket: settle[codes[unit.fare]] * _pieces(unit, ask.product) for unit in ask.units}
        return Locked(told["orderNo"], _moment(told["lockedUntil"]), prices=prices)

    def check(self, ask: LockAsk) -> Decimal:
        """Whether such an order would be taken now (预判下单); nothing is held. What is left of the deposit (yuan)."""
        return _amount(_ask("order.check", _wanted(ask)), "balance")

    def balance(self) -> Decimal:
        """What is left of the deposit, in yuan."""
        return _amount(_ask("balance.get", {}), "balance")

    def release(self, own: str, their_number: str, lock_own: str) -> None:
        """Free what is held; what was never held is free."""
        try:
            _ask("order.cancel", {"outOrderNo": lock_own})
        except SupplierRefused as refusal:
            if refusal.code not in _NOT_THERE:
                raise

    def issue(self, ask: IssueAsk) -> Issued:
        """Pay from the deposit; some spots confirm later."""
        return _issued(_ask("order.pay", {"orderNo": ask.their_number, "outPayNo": ask.own}))

    def refund(self, ask: RefundAsk) -> Refunded:
        """Give codes back; some spots audit it first."""
        items = _items(ask.tickets, ask.quantities, ask.product["people"], _fares(ask.tickets))
        told = _ask("order.refund", {
            "orderNo": ask.their_number, "outRefundNo": ask.own,
            "items": [{"code": code, "quantity": quantity} for code, quantity in items.items()],
            "reason": str(_("景区原因")) if ask.carriers_fault else "",
        })  # fmt: skip
        return _refunded(told, ask.tickets, ask.quantities)

    def change(self, ask: ChangeAsk) -> Issued:
        """Put a whole order on the day that is held for it, at the same prices; its codes stay."""
        told = _ask("order.amend", {
            "orderNo": ask.their_number, "outAmendNo": ask.own, "heldOrderNo": ask.new_number,
            "date": ask.product["date"], "slot": ask.product["slot"],
        })  # fmt: skip
        tickets = {unit.ticket: code for unit, code in zip(ask.units, ask.old.values(), strict=True)}
        return Issued(their_number=told["orderNo"], tickets=tickets, pick=_pick(told))

    def find(self, kind: CallKind, own: str) -> Locked | Issued | Refunded | None:
        """What became of a call, by its own number. Raises SupplierRefused where it was refused after all."""
        names = {
            CallKind.LOCK: ("order.query", "outOrderNo"), CallKind.ISSUE: ("order.query", "outPayNo"),
            CallKind.CHANGE: ("order.query", "outAmendNo"), CallKind.REFUND: ("refund.query", "outRefundNo"),
        }  # fmt: skip
        if kind not in names:  # freeing twice is freeing once
            return None
        method, name = names[kind]
        try:
            told = _ask(method, {name: own})
        except SupplierRefused as refusal:
            if refusal.code in _NOT_THERE:
                return None
            raise
        if kind == CallKind.LOCK:
            if told["status"] == "CANCELLED":
                raise SupplierRefused(ports.HOLD_LOST, _("占位已超时"))
            return Locked(told["orderNo"], _moment(told["lockedUntil"]))
        if kind == CallKind.REFUND:
            return refund_found(own, told)
        return _amended(own, told) if kind == CallKind.CHANGE else _issued(told)

    def statement(self, day: date) -> Sequence[Line]:
        """What the deposit account says of a finished day, code by code."""
        told = _ask("statement.get", {"date": day.isoformat()})
        try:
            text = wire.download(str(told["url"]), str(told["sha256"])).decode()
            return [
                line
                for row in csv.DictReader(io.StringIO(text))
                if (line := _statement_line(row)) is not None
            ]
        except wire.Unreadable as error:
            raise SupplierSilent(str(error)) from None
        except (KeyError, ValueError):
            raise SupplierSilent("BAD_FILE") from None

    def ping(self) -> None:
        """Whether it answers, and our key is accepted."""
        _ask("balance.get", {})


def _ask(method: str, data: dict[str, Any]) -> dict[str, Any]:
    """The data of a yes. Raises SupplierRefused, SupplierSilent."""
    try:
        answer = wire.ask(method, data)
    except wire.NotConfigured as error:
        raise SupplierRefused(str(error)[:40], _("供应商接口没有配置好")) from None
    except wire.Unreadable as error:
        raise SupplierSilent(str(error)) from None
    if answer.code == "0":
        return answer.data
    if answer.code in _CODES:
        raise SupplierRefused(_CODES[answer.code], answer.message)
    if answer.code in _OWN:
        raise SupplierRefused(answer.code, answer.message)
    raise SupplierSilent(answer.code[:40] or "NO_CODE")


def _amount(told: Mapping[str, Any], name: str) -> Decimal:
    """Fen as yuan. Raises SupplierSilent for what is no amount."""
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise SupplierSilent("BAD_AMOUNT")
    return to_yuan(value)


def _wanted(ask: LockAsk) -> dict[str, Any]:
    """A visit as it is asked for. Raises SupplierRefused where nobody can be reached."""
    people = [one for one in (ask.contact, *(unit.person for unit in ask.units)) if one is not None]
    name = next((one.name for one in people if one.name), str(_("游客")))
    mobile = next((one.mobile for one in people if one.mobile), "")
    if not mobile:
        raise SupplierRefused(ports.PASSENGER_REFUSED, _("缺少取票人手机号"))
    return {
        "date": ask.product["date"], "slot": ask.product["slot"], "contact": {"name": name, "mobile": mobile},
        "lines": [_line(fare, units, ask.product) for fare, units in _by_fare(ask.units).items()],
    }  # fmt: skip


def _by_fare(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.fare].append(unit)
    return found


def _pieces(unit: Unit, product: Mapping[str, Any]) -> int:
    """How many pieces a ticket is there: a family ticket of three is one."""
    return max(1, unit.uses // int(product["people"].get(unit.fare, 1)))


def _line(fare: str, units: Sequence[Unit], product: Mapping[str, Any]) -> dict[str, Any]:
    refs = [unit.ticket for unit in units for _piece in range(_pieces(unit, product))]
    first = units[0]
    people = [unit.person for unit in units if unit.person is not None]
    return {
        "productCode": product["codes"][fare], "quantity": len(refs),
        "settlePrice": to_fen(first.price) // _pieces(first, product), "refs": refs,
        "travellers": [
            {"name": one.name, "idType": "ID" if one.document in RESIDENT else one.document.upper(),
             "idNumber": one.number}
            for one in people
        ],
    }  # fmt: skip


def _issued(told: dict[str, Any]) -> Issued:
    """An order as tickets. Raises SupplierRefused for one that was cancelled, failed, or is not paid."""
    status = told["status"]
    if status == "ISSUING":
        return Issued(working=True, their_number=told["orderNo"])
    if status == "CANCELLED":
        raise SupplierRefused(ports.HOLD_LOST, _("占位已超时"))
    if status != "ISSUED":
        raise SupplierRefused(ports.OTHER, _("景区未确认出票"))
    tickets: dict[str, str] = {}
    for voucher in told["vouchers"]:
        for ref in voucher["refs"]:
            tickets[ref] = voucher["code"]
    return Issued(their_number=told["orderNo"], tickets=tickets, pick=_pick(told))


def _pick(told: Mapping[str, Any]) -> dict[str, str]:
    """How people get in there: codes and days, and what the QR codes hold where it is not the code."""
    words = {
        str(_("入园码")): "、".join(str(voucher["code"]) for voucher in told["vouchers"]),
        str(_("有效期")): f"{told['validFrom']} {told['slot']}".strip() + f" ~ {told['validTo']}",
    }
    pictures = {str(one["code"]): str(one.get("qr") or one["code"])[:200] for one in told["vouchers"]}
    return with_pictures(words, {code: text for code, text in pictures.items() if text != code})


def _amended(own: str, told: dict[str, Any]) -> Issued:
    """A change that is found by its number: the new tickets have the codes of the old ones."""
    call = SupplierCall.objects.select_related("ticket_order").get(number=own)
    order = call.ticket_order
    change = ChangeRequest.objects.filter(ticket_order=order).order_by("-pk").first() or (
        ChangeRequest.objects.filter(target=order).first()
    )
    if change is None or change.target is None:
        raise SupplierSilent("NO_CHANGE")
    new, old = change.target.tickets.order_by("pk"), change.tickets.order_by("pk")
    pairs = zip(new.values_list("number", flat=True), old.values_list("their_number", flat=True), strict=True)
    return Issued(their_number=told["orderNo"], tickets=dict(pairs), pick=_pick(told))


def _fares(tickets: Mapping[str, str]) -> dict[str, str]:
    from plugins.ticketing.kernel.models import Ticket

    return dict(Ticket.objects.filter(number__in=list(tickets)).values_list("number", "fare"))


def _items(
    tickets: Mapping[str, str],
    quantities: Mapping[str, int],
    people: Mapping[str, int],
    fares: Mapping[str, str],
) -> dict[str, int]:
    """Pieces by code: several of our tickets may be one code there. Raises SupplierRefused for a part of a piece."""
    items: dict[str, int] = defaultdict(int)
    for number, code in tickets.items():
        each = int(people.get(fares.get(number, ""), 1))
        pieces, rest = divmod(int(quantities.get(number, each)), each)
        if rest:
            raise SupplierRefused(ports.OTHER, _("多人票须整张退"))
        items[code] += max(1, pieces)
    return items


def _refunded(told: dict[str, Any], tickets: Mapping[str, str], quantities: Mapping[str, int]) -> Refunded:
    """A refund by our numbers. Raises SupplierRefused for one that was rejected."""
    if told["status"] == "PENDING":
        return Refunded(working=True, document=told["refundNo"])
    if told["status"] != "DONE":
        raise SupplierRefused(REJECTED, told["remark"] or _("景区不同意退票"))
    amounts: dict[str, Decimal] = {}
    for item in told["items"]:
        ours = [number for number, code in tickets.items() if code == item["code"]]
        weights = [int(quantities.get(number, 1)) for number in ours]
        shares = split(to_yuan(item["amount"]), weights) if ours else []
        amounts |= dict(zip(ours, shares, strict=True))
    return Refunded(amounts=amounts, document=told["refundNo"])


def refund_found(own: str, told: dict[str, Any]) -> Refunded:
    """A refund that is found or told by its number; our tickets are those of the request. Raises SupplierRefused."""
    call = SupplierCall.objects.select_related("refund").get(number=own)
    items = list(call.refund.items.select_related("ticket").order_by("pk")) if call.refund is not None else []
    tickets = {item.ticket.number: item.ticket.their_number for item in items}
    return _refunded(told, tickets, {item.ticket.number: item.quantity for item in items})


def issued_found(told: dict[str, Any]) -> Issued:
    """An order that was asked for, as tickets. Raises SupplierRefused."""
    return _issued(told)


def ask_order(order_no: str) -> dict[str, Any]:
    """An order there as it is now. Raises SupplierRefused, SupplierSilent."""
    return _ask("order.query", {"orderNo": order_no})


def ask_refund(own: str) -> dict[str, Any]:
    """A refund there as it is now. Raises SupplierRefused, SupplierSilent."""
    return _ask("refund.query", {"outRefundNo": own})


def resend(order_no: str, mobile: str = "") -> None:
    """Have the codes sent by text message once more. Raises SupplierRefused, SupplierSilent."""
    _ask("order.resend", {"orderNo": order_no} | ({"mobile": mobile} if mobile else {}))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise SupplierSilent("BAD_TIME") from None


def _statement_line(row: Mapping[str, str]) -> Line | None:
    kind = {"付款": CallKind.ISSUE, "退票": CallKind.REFUND, "出票失败退款": CallKind.REFUND}.get(row["业务"])
    if kind is None:  # a deposit is no ticket's
        return None
    amount = to_yuan(int(row["金额(分)"]))
    return Line(kind, row["分销订单号"], row["票码"], amount if kind == CallKind.ISSUE else -amount)


def all_products() -> list[dict[str, Any]]:
    """Everything that it sells, page by page. Raises SupplierRefused, SupplierSilent."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        told = _ask("product.list", {"page": page, "size": 100})
        found += told["products"]
        if not told["products"] or len(found) >= told["total"]:
            return found
        page += 1


def calendar(code: str, first: date, last: date) -> list[dict[str, Any]]:
    """The days of a product. Raises SupplierRefused, SupplierSilent."""
    told = _ask("calendar.get", {"productCode": code, "from": first.isoformat(), "to": last.isoformat()})
    days: list[dict[str, Any]] = told["days"]
    return days
