"""What a reseller's program may ask: one function per method, each for the reseller that signed. Amounts in fen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from plugins.ticketing.admission.choices import SaleChannel, ValidMode
from plugins.ticketing.admission.models import AdmissionProduct, SessionChoice, TicketClass
from plugins.ticketing.admission.selectors import calendar, sessions_shown, slots_shown
from plugins.ticketing.admission.vouchers.choices import ChoiceKind
from plugins.ticketing.admission.vouchers.entry import entry_of
from plugins.ticketing.admission.vouchers.services.changing import open_change
from plugins.ticketing.kernel.models import RefundRequest, Ticket, TicketOrder
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.money import to_fen

from ..choices import BuyState
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..models import Reseller, ResellerEntry, ResellerNotice, ResellerOffer, ResellerOrder
from ..services import refunds
from ..services.ordering import order
from ..services.prices import Pays, offered, prices_for
from ..services.sending import body_of
from ..services.standing import standing_of
from . import reading

Told = Mapping[str, Any]
DISTRIBUTOR = SaleChannel.DISTRIBUTOR
#: Of lists at most so many at once.
PAGE = 100
MOST_DAYS = 31


def products(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{} → what may be sold: products, classes, conditions, today's price."""
    offers = (
        ResellerOffer.objects.filter(reseller=reseller, active=True)
        .exclude(product__state__in=("draft", "ended"))
        .select_related("product__spot", "product__venue")
        .order_by("product__code")
    )
    return {"products": [_product(reseller, one.product) for one in offers[:PAGE]]}


def _classes(product: AdmissionProduct) -> list[TicketClass]:
    rows = TicketClass.objects.filter(product=product, active=True).order_by("rank", "pk")
    return [one for one in rows if DISTRIBUTOR in one.channels]


def _product(reseller: Reseller, product: AdmissionProduct) -> dict[str, Any]:
    kinds, place = _classes(product), product.spot or product.venue
    pays = prices_for(reseller, kinds, [today()])
    return {
        "productCode": product.code, "name": product.name, "kind": product.kind, "onSale": product.state == "on_sale",
        "place": place.name if place is not None else "", "address": place.address if place is not None else "",
        "notices": product.notices,
        "classes": [
            {
                "classCode": one.code, "name": one.name, "people": one.people, "validMode": one.valid_mode,
                "validDays": one.valid_days, "realName": one.real_name, "minPerOrder": one.min_per_order,
                "maxPerOrder": one.max_per_order, "marketPrice": to_fen(one.price),
                "price": _fen(pays.get((one.pk, today()))),
            }
            for one in kinds
        ],
    }  # fmt: skip


def _fen(one: Pays | None) -> int | None:
    return to_fen(one.price) if one is not None and one.sold else None


def availability(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{productCode, from?, days?} → days, slots (of one day), or sessions, with price and what is left."""
    product = offered(reseller, reading.text(told, "productCode", 40))
    first = max(reading.day(told, "from", needed=False) or today(), today())
    days = reading.count(told, "days", MOST_DAYS, needed=False) or 7
    # the selectors read a product's classes as they were read with it
    product = AdmissionProduct.objects.prefetch_related("classes").get(pk=product.pk)
    kinds = _classes(product)
    if any(one.valid_mode == ValidMode.SESSION for one in kinds):
        return {"sessions": _sessions(reseller, product, kinds, first)}
    wanted = [first + timedelta(days=at) for at in range(days)]
    pays = prices_for(reseller, kinds, wanted)
    shown = [
        {"day": one.day.isoformat(), "classes": _left(one.classes, pays, one.day)}
        for one in calendar(product, first, days, DISTRIBUTOR)
    ]
    answer: dict[str, Any] = {"days": shown}
    if days == 1 and any(one.valid_mode == ValidMode.SLOT for one in kinds):
        answer["slots"] = [
            {
                "slot": one.slot.pk, "day": first.isoformat(), "starts": f"{one.slot.starts:%H:%M}",
                "ends": f"{one.slot.ends:%H:%M}", "classes": _left(one.classes, pays, first),
            }
            for one in slots_shown(product, first, DISTRIBUTOR)
        ]  # fmt: skip
    return answer


def _sessions(
    reseller: Reseller, product: AdmissionProduct, kinds: Sequence[TicketClass], first: date
) -> list[dict[str, Any]]:
    rows = sessions_shown(product, DISTRIBUTOR, first=first)
    of = {one.session.pk: one.session.starts_at.astimezone(SHANGHAI).date() for one in rows}
    pays = prices_for(reseller, kinds, set(of.values()))
    return [
        {
            "session": one.session.pk, "name": one.session.name,
            "startsAt": one.session.starts_at.astimezone(SHANGHAI).isoformat(timespec="minutes"),
            "classes": _left(one.classes, pays, of[one.session.pk]),
        }
        for one in rows
    ]  # fmt: skip


def _left(classes: Sequence[Any], pays: Mapping[tuple[int, date], Pays], day: date) -> list[dict[str, Any]]:
    return [
        {
            "classCode": one.kind.code, "price": _fen(pays.get((one.kind.pk, day))), "left": one.left,
            "open": one.open and _fen(pays.get((one.kind.pk, day))) is not None,
        }
        for one in classes
    ]  # fmt: skip


def create(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{outOrderNo, productCode, lines, day? | session? | slot?, contact?, mobile?} → the order.

    lines: [{classCode, price, quantity, visitors?: [{name, idType?, idNumber?, birth?}]}].
    """
    row = order(reseller, reading.number(told, "outOrderNo"), reading.order_asked(told))
    return _order(row)


def query(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{orderNo | outOrderNo} → the order, with its tickets and codes."""
    return _order(_find(reseller, told))


def _find(reseller: Reseller, told: Told) -> ResellerOrder:
    return refunds.order_of(
        reseller, number=reading.text(told, "orderNo", 24, needed=False),
        their_number=reading.text(told, "outOrderNo", 64, needed=False),
    )  # fmt: skip


def _order(row: ResellerOrder) -> dict[str, Any]:
    held = row.ticket_order
    state = {BuyState.WORKING: "WORKING", BuyState.FAILED: "FAILED"}.get(BuyState(row.state), "")
    if not state:
        state = held.state.upper() if held is not None else "WORKING"
    answer: dict[str, Any] = {
        "orderNo": row.number, "outOrderNo": row.their_number, "status": state, "amount": to_fen(row.total),
        # what we are still at is nothing that was refused
        "code": row.code if state != "WORKING" else "", "message": row.why if state != "WORKING" else "",
    }  # fmt: skip
    if held is None:
        return answer
    stands = standing_of(row)
    tickets = Ticket.objects.filter(ticket_order=held).prefetch_related("vouchers").order_by("pk")
    return answer | {
        "title": held.title, "orderQuantity": stands.ordered, "useQuantity": stands.used, "reQuantity": stands.back,
        "refundAmount": to_fen(stands.money),
        "tickets": [
            {
                "ticketNo": one.number, "classCode": one.fare, "status": one.state.upper(), "price": to_fen(one.price),
                "seat": one.seat, "people": one.uses, "used": one.used, "refunded": one.back,
                "validFrom": one.valid_from.astimezone(SHANGHAI).isoformat(timespec="minutes"),
                "validUntil": one.valid_until.astimezone(SHANGHAI).isoformat(timespec="minutes"),
            }
            for one in tickets
        ],
        "vouchers": _vouchers(held), "postponed": _postponed(held),
    }  # fmt: skip


def _postponed(held: TicketOrder) -> dict[str, Any] | None:
    """The postponement about which may still be chosen; None: there is none."""
    change = open_change(held)
    if change is None or change.now_at is None or change.choose_until is None:
        return None
    made = SessionChoice.objects.filter(change=change, ticket_order=held).first()
    return {
        "wasAt": _local(change.was_at), "startsAt": _local(change.now_at), "chooseUntil": _local(change.choose_until),
        "reason": change.reason, "choice": made.choice.upper() if made is not None else "",
    }  # fmt: skip


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="minutes")


def postponed_choose(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{orderNo | outOrderNo, choice: KEEP | REFUND} → the choice; a refund is of all tickets, without a fee."""
    row = _find(reseller, told)
    choice = reading.text(told, "choice", 6).lower()
    if choice not in ChoiceKind.values:
        raise reading.wrong("choice")
    made = refunds.choose_postponed(row, ChoiceKind(choice))
    found = RefundRequest.objects.filter(number=made.refund).first() if made.refund else None
    return {
        "choice": made.choice.upper(), "refundNo": made.refund, "status": found.state.upper() if found else "",
        "refundAmount": to_fen(found.due) if found else 0,
    }  # fmt: skip


def _vouchers(held: Any) -> list[dict[str, Any]]:
    found = []
    rows = held.vouchers.filter(void_at=None).select_related("ticket_order__supplier")
    for voucher in rows.prefetch_related("tickets").order_by("pk"):
        entry = entry_of(voucher)
        left = {one.number: one.uses - one.back - one.used for one in voucher.tickets.all()}
        # a rotating code lives in a phone only; its visitors show the short code and their document. A supplier may
        # have given several codes for one voucher: each is told for its own tickets
        found += [
            {
                "voucherNo": voucher.number, "code": one.code, "qr": one.qr,
                "rotating": voucher.rotating and not entry.theirs,
                "left": sum(left[number] for number in one.tickets) if entry.theirs else voucher.left,
                "tickets": list(one.tickets),
            }
            for one in entry.codes
        ]  # fmt: skip
    return found


def refund_preview(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{orderNo | outOrderNo, tickets: [{ticketNo, quantity?}]} → fee and money of each, for five minutes."""
    row = _find(reseller, told)
    wanted = {number: people for number, (_token, people) in reading.tickets_asked(told).items()}
    return {"tickets": [refunds.offer_json(one) for one in refunds.preview(row, wanted)]}


def refund(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{outRefundNo, orderNo | outOrderNo, tickets: [{ticketNo, token, quantity?}], reason?} → the refund."""
    row = _find(reseller, told)
    done = refunds.refund(
        row, reading.number(told, "outRefundNo"), reading.tickets_asked(told),
        reading.text(told, "reason", 200, needed=False),
    )  # fmt: skip
    return _refund(RefundRequest.objects.get(pk=done.pk), told["outRefundNo"])


def refund_query(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{outRefundNo} → where the refund stands: PAYING is on its way into the deposit, DONE is there."""
    number = reading.number(told, "outRefundNo")
    found = RefundRequest.objects.filter(key=refunds.key_of(reseller.pk, number)).first()
    if found is None:
        raise ResaleError(Code.NOT_FOUND, "没有这笔退票", "outRefundNo")
    return _refund(found, number)


def _refund(row: RefundRequest, number: str) -> dict[str, Any]:
    return {
        "refundNo": row.number, "outRefundNo": number, "status": row.state.upper(), "refundAmount": to_fen(row.due),
        "message": row.why,
    }  # fmt: skip


def balance(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{} → deposit, credit and what may be bought for."""
    fresh = Reseller.objects.get(pk=reseller.pk)
    return {
        "balance": to_fen(fresh.balance), "credit": to_fen(fresh.credit), "available": to_fen(fresh.available),
        "status": fresh.state.upper(),
    }  # fmt: skip


def ledger(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{after?} → the deposit's entries after a cursor, oldest first."""
    after = reading.count(told, "after", 2**62, needed=False, least=0) or 0
    rows = list(
        ResellerEntry.objects.filter(reseller=reseller, pk__gt=after).order_by("pk").values(
            "pk", "kind", "amount", "after", "reference", "order__o2o_ticket_orders__o2o_resale__number", "at"
        )[:PAGE]
    )  # fmt: skip
    return {
        "entries": [
            {
                "id": one["pk"], "kind": one["kind"].upper(), "amount": to_fen(one["amount"]),
                "balance": to_fen(one["after"]), "reference": one["reference"],
                "orderNo": one["order__o2o_ticket_orders__o2o_resale__number"] or "",
                "at": one["at"].astimezone(SHANGHAI).isoformat(timespec="seconds"),
            }
            for one in rows
        ],
        "next": rows[-1]["pk"] if rows else after,
    }  # fmt: skip


def notices(reseller: Reseller, told: Told) -> dict[str, Any]:
    """{after?} → notices after a cursor, oldest first, also those that were sent: for who missed some."""
    after = reading.count(told, "after", 2**62, needed=False, least=0) or 0
    rows = list(ResellerNotice.objects.filter(reseller=reseller, pk__gt=after).order_by("pk")[:PAGE])
    return {"notices": [body_of(one) for one in rows], "next": rows[-1].pk if rows else after}


METHODS: dict[str, Callable[[Reseller, Told], dict[str, Any]]] = {
    "product.list": products,
    "availability.get": availability,
    "order.create": create,
    "order.query": query,
    "refund.preview": refund_preview,
    "refund.create": refund,
    "refund.query": refund_query,
    "postponed.choose": postponed_choose,
    "balance.get": balance,
    "ledger.list": ledger,
    "notice.list": notices,
}
