"""What the workbench asks while the clerk types: JSON in, JSON out, refusals in words with the field at fault."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.admin import asking
from saleor_o2o.cashier.interfaces import (
    PartFacts,
    Wish,
    intent_facts,
    live_intent,
    parts_of,
    shares_by_hand,
)
from saleor_o2o.kernel.masking import mask_phone
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.scope import OutOfScope, get_row, require

from ..deducting import buyer_of, lowered_of_sale
from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..models import CounterSale, PaidBy, ReceiptKind, SaleState
from ..permissions import SELL
from ..phones import whole_phone
from ..places import float_of, place_of
from ..questions import Answer, Asked, others
from ..quoting import quote
from ..selectors.customers import customer_by_phone
from ..selectors.goods import search_goods
from ..selectors.refund_requests import open_requests
from ..selectors.sales import unfinished
from ..services.baskets import baskets_of, drop_basket, save_basket
from ..services.cancelling import cancel_sale
from ..services.cash import pay_cash
from ..services.codes import charge_phone, charge_standing, check_code, show_code
from ..services.mixed import compose_sale, release_sale, return_share
from ..services.pay_links import open_link_of, send_link
from ..services.placing import place_sale
from ..services.pos import pay_pos, read_slip
from ..services.slips import qr_svg
from ..wanted import read_wanted


def goods(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Goods that match `q`, at the prices of the place."""
    shop = place_of(user, str(typed.get("place") or "")[:80]).shop
    return {"goods": [one.as_dict() for one in search_goods(str(typed.get("q") or "")[:60], shop)]}


def reckon(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """What a basket costs now; half-typed telephone numbers and addresses do not matter yet."""
    wanted = read_wanted({**typed, "phone": whole_phone(typed.get("phone")), "address": {}})
    at = place_of(user, wanted.place)
    return {
        "quote": quote(wanted, at.shop, buyer=buyer_of(user, at, wanted), offering=True, clerk=user).as_dict()
    }


def customer(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Who has this number, masked; null for somebody new."""
    found = customer_by_phone(str(typed.get("phone") or ""))
    return {"customer": None if found is None else {"name": found.masked}}


def place(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Place the basket."""
    return {"sale": as_dict(place_sale(user, read_wanted(typed)))}


def cash(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Take cash."""
    tendered = parse_yuan(str(typed.get("tendered") or ""), "tendered")
    pay_cash(user, _number(typed), tendered)
    return {"sale": as_dict(_sale(user, typed))}


def pos(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Book a card payment by the terminal's slip."""
    told = read_slip(str(typed.get("terminal") or "")[:40], str(typed.get("slip") or "")[:40])
    sale = _sale(user, typed)
    amount = parse_yuan(str(typed.get("amount") or sale.total), "amount")
    pay_pos(user, sale.pk, amount, told)
    return {"sale": as_dict(_sale(user, typed))}


def code(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Show the code."""
    shown = show_code(user, _number(typed), request.META.get("REMOTE_ADDR"))
    return {
        "sale": as_dict(_sale(user, typed)),
        "svg": qr_svg(shown.content),
        "expiresAt": shown.expires_at.isoformat(),
    }


def link(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Send the payer, who is elsewhere, a link to pay by."""
    send_link(user, _number(typed), str(typed.get("phone") or "")[:20])
    return {"sale": as_dict(_sale(user, typed))}


def scan(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Charge the customer's phone; asked again without a code: where that charge stands."""
    if typed.get("code"):
        charge = charge_phone(user, _number(typed), str(typed["code"])[:40], request.META.get("REMOTE_ADDR"))
    else:
        standing = charge_standing(user, _number(typed))
        if standing is None:
            return {"sale": as_dict(_sale(user, typed)), "charge": None}
        charge = standing
    return {
        "sale": as_dict(_sale(user, typed)),
        "charge": {"state": charge.state.value, "endsAt": charge.ends_at.isoformat()},
    }


def mixed(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Take what was typed in the one form: parts, then the rest from the customer's phone, if its code was scanned.

    A phone that does not pay leaves the parts held: `status` shows them, `release` lets them go.
    """
    given = typed.get("parts")
    parts = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    wishes = [
        Wish(
            str(one.get("method") or "")[:24],
            str(one.get("code") or "").strip()[:64],
            parse_yuan(str(one["amount"]), "amount") if str(one.get("amount") or "").strip() else None,
        )
        for one in parts
    ]
    if not wishes:
        raise CounterError(Code.AMOUNT_INVALID, _("请先填写储值余额、储值卡、现金或刷卡的金额"), "mxCard")
    sale = compose_sale(user, _number(typed), wishes)
    if sale.state == SaleState.PLACED and typed.get("code"):
        return scan(user, typed, request)
    return {"sale": as_dict(sale), "charge": None}


def release(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Let the parts go; what is given back by hand is named."""
    return {"sale": as_dict(release_sale(user, _number(typed)))}


def returned(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Notes or a card's money were given back."""
    share = str(typed.get("share") or "")
    number = int(share) if share.isascii() and share.isdigit() and len(share) <= 15 else 0
    return {
        "sale": as_dict(return_share(user, _number(typed), number, str(typed.get("reference") or "")[:64]))
    }


def status(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Where a sale stands; `ask` asks the provider."""
    return {"sale": as_dict(check_code(user, _number(typed), ask=bool(typed.get("ask"))))}


def cancel(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Cancel an unpaid sale."""
    return {"sale": as_dict(cancel_sale(user, _number(typed), str(typed.get("reason") or "")[:100]))}


def keep(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Keep a basket while it is typed."""
    save_basket(user, str(typed.get("key") or ""), typed.get("content"))
    return {}


def drop(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Forget a basket."""
    drop_basket(user, str(typed.get("key") or ""))
    return {}


def waiting(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Baskets that wait, sales that wait for money, refunds that wait for a decision or for the clerk's hand."""
    return {
        "baskets": [{"key": str(one.key), "content": one.content} for one in baskets_of(user)],
        "sales": [as_dict(sale) for sale in unfinished(user)[:20]],
        "refunds": [
            {
                "number": one.number,
                "sale": one.sale.number,
                "amount": str(one.amount),
                "state": one.state,
                "stateLabel": one.get_state_display(),
                "page": reverse("admin:o2o_counter_sales_refundrequest_change", args=[one.pk]),
            }
            for one in open_requests(user)
        ],
    }


def float_left(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """What cash the place may still take."""
    account = float_of(place_of(user, str(typed.get("place") or "")[:80]))
    if account is None:
        return {"available": None}
    return {"available": str(account.available), "low": account.is_low, "frozen": account.is_frozen}


ASKED: dict[str, Asked] = {
    "goods": goods,
    "quote": reckon,
    "customer": customer,
    "place": place,
    "cash": cash,
    "pos": pos,
    "code": code,
    "link": link,
    "scan": scan,
    "mixed": mixed,
    "release": release,
    "returned": returned,
    "status": status,
    "cancel": cancel,
    "keep": keep,
    "drop": drop,
    "float": float_left,
    "waiting": waiting,
}


def answer(request: HttpRequest, name: str) -> JsonResponse:
    """Answer one question of the counter (`asking.answer`)."""
    return asking.answer(request, ASKED.get(name) or others().get(name), SELL)


def _number(typed: Mapping[str, Any]) -> int:
    value = str(typed.get("sale") or "")
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise OutOfScope
    return int(value)


def _sale(user: Any, typed: Mapping[str, Any]) -> CounterSale:
    sale = get_row(user, CounterSale, pk=_number(typed))
    require(user, SELL, sale)
    return sale


def _part(one: PartFacts) -> Answer:
    return {"id": one.pk, "kind": one.kind, "label": one.label, "amount": str(one.amount), "state": one.state}


def as_dict(sale: CounterSale) -> Answer:
    """A sale as the workbench shows it."""
    intent = live_intent(sale.order_id) if sale.state == SaleState.PLACED else None
    several = intent is not None or sale.paid_by == PaidBy.MIXED
    parts = parts_of(sale.order_id) if several else []
    covered = sum((one.amount for one in parts), Decimal("0.00"))
    receipt = sale.receipts.filter(kind=ReceiptKind.TAKEN).first()
    sent = open_link_of(sale) if intent is not None else None
    card = sale.pos_receipts.filter(kind=ReceiptKind.TAKEN).first() if sale.paid_by == PaidBy.POS else None
    return {
        "id": sale.pk,
        "number": sale.number,
        "order": sale.order_id,
        "state": sale.state,
        "stateLabel": sale.get_state_display(),
        "total": str(sale.total),
        "discount": str(sale.discount),
        "deductions": [one.as_dict() for one in lowered_of_sale(sale.order)],
        "paidBy": sale.get_paid_by_display() if sale.paid_by else "",
        "delivery": sale.get_delivery_display(),
        "customer": sale.masked_customer,
        "madeAt": f"{timezone.localtime(sale.made_at):%H:%M}",
        "phone": mask_phone(sale.phone) if sale.phone else "",
        "linkTo": mask_phone(sent.mobile) if sent is not None else "",
        "codeUntil": intent_facts(intent)[0].isoformat() if intent else None,
        "receipt": receipt.number if receipt else "",
        "tendered": str(receipt.tendered) if receipt else "",
        "change": str(receipt.change) if receipt else "",
        "card": card.slip if card else "",
        "closeReason": sale.close_reason,
        "parts": [_part(one) for one in parts],
        "due": str(sale.total - covered),
        "toReturn": [_part(one) for one in shares_by_hand(sale.order_id)],
        "slip": reverse("admin:o2o_counter_sales_countersale_slip", args=[sale.pk]),
        "page": reverse("admin:o2o_counter_sales_countersale_change", args=[sale.pk]),
        "lines": [
            {
                "variant": line.variant_id,
                "name": line.product_name,
                "spec": line.variant_name if line.variant_name != line.product_sku else "",
                "quantity": line.quantity,
                "price": str(line.unit_price_gross_amount),
                "total": str(line.unit_price_gross_amount * line.quantity),
            }
            for line in sale.order.lines.order_by("pk")
        ],
    }
