"""A basket becomes an order: once per key, all lines allocated or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from prices import Money, TaxedMoney
from saleor.account.models import Address
from saleor.core.exceptions import InsufficientStock
from saleor.order import OrderStatus
from saleor.order import events as order_events
from saleor.order.models import Order, OrderLine
from saleor.order.utils import recalculate_order
from saleor.plugins.manager import get_plugins_manager

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.idempotency import run_once
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.numbering import next_number, short_code
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import (
    Made,
    Origin,
    bind_holds,
    keep_deductions,
    lock_draft,
    mark_held,
    marked,
    order_written,
    place_draft,
)

from ..deducting import buyer_of, choices_for_order, settle
from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSalePaid
from ..models import CounterCustomer, CounterSale, Delivery, PaidBy
from ..numbers import SALE
from ..phones import clean_phone, phone_index, tail_index
from ..places import Place, float_of, place_of, require_place, selling_at
from ..quoting import Quote, QuotedLine, pickup_method, quote
from ..selectors.customers import account_by_phone
from ..selectors.goods import stock_left
from ..sellers import check_limit
from ..wanted import AddressWanted, Wanted, check_key
from .baskets import drop_basket

PLACED = audit.action("counter.sale_placed", _("柜台下单"))
#: Length of a pick-up code: 24^8, a hundred milliards.
PICKUP_LENGTH = 8


def place_sale(user: Any, wanted: Wanted) -> CounterSale:
    """Place a basket for whoever stands at the counter; the same key again gives the same sale.

    Must run outside a transaction. Locks: stock rows in primary-key order, for a member's basket then the rows of
    coupons and points, then the order. Raises a source's refusal of what was chosen, CounterError (the
    field at fault in `field`; PRICE_CHANGED and INSUFFICIENT_STOCK with the new numbers in `details`), OrgError
    LIMIT_EXCEEDED for a discount above the clerk's, OutOfScope, NotAllowed, IdempotencyConflict (the key was used for
    another basket), LockTimeout. Nothing is kept of a refused basket, and nothing of it is lost to the clerk.
    """
    key = f"{user.pk}:{check_key(wanted.key)}"
    place = place_of(user, wanted.place)
    require_place(user, place)
    answer = run_once(
        "counter_sales.place", key, wanted.fingerprint, lambda: {"sale": _place(user, place, wanted, key).pk}
    )
    return CounterSale.objects.select_related("order", "unit").get(pk=answer["sale"])


def _place(user: Any, place: Place, wanted: Wanted, key: str) -> CounterSale:
    buyer = buyer_of(user, place, wanted)
    if (
        buyer is not None and buyer.phone and not wanted.phone
    ):  # known by a number or card: written down alike
        wanted = replace(wanted, phone=buyer.phone)
    reckoned = quote(wanted, place.shop, offered_only=not user.is_staff, buyer=buyer, clerk=user)
    for refusal in reckoned.deducted.refusals:
        raise refusal
    _check_discount(user, place, wanted)
    _check_address(wanted, reckoned)
    if wanted.expected_total is not None and wanted.expected_total != reckoned.total:
        raise _changed(reckoned)
    customer = _customer(place, wanted)
    account = buyer.user if buyer is not None else customer.user if customer is not None else None
    with selling_at(place, user):
        order = _draft(user, place, wanted, reckoned, account)
    locked = lock_draft(order.pk)
    assert locked is not None  # noqa: S101 - written a moment ago in this transaction
    order, stocks = locked
    try:
        place_draft(order, stocks, user)
    except InsufficientStock as error:
        raise _short(wanted, reckoned, error) from error
    code = short_code(PICKUP_LENGTH) if wanted.delivery == Delivery.PICKUP else ""
    sale = CounterSale.objects.create(
        number=next_number(SALE),
        order=order,
        unit=place.unit,
        channel_code=place.channel_code,
        operator=user,
        request_key=key,
        customer=customer,
        phone=wanted.phone,
        phone_index=phone_index(wanted.phone) if wanted.phone else "",
        tail_index=tail_index(wanted.phone) if wanted.phone else "",
        # What others were told of a customer is no owner's business.
        customer_name=wanted.customer_name or (customer.name if customer and user.is_staff else ""),
        delivery=wanted.delivery,
        total=order.total.gross.amount,
        discount=wanted.discount,
        discount_reason=wanted.discount_reason,
        account=float_of(place),
        pickup_code=code,
        pickup_index=pickup_index(code) if code else None,
    )
    audit.record(
        PLACED,
        sale,
        after={"order": order.pk, "total": sale.total, "discount": sale.discount, "number": sale.number},
        org_path=place.unit.path,
    )
    drop_basket(user, wanted.key)
    return note_free(sale)


def note_free(sale: CounterSale) -> CounterSale:
    """A sale that coupons and points have paid for waits for nobody's money. In the transaction that placed it."""
    if sale.total:
        return sale
    move(sale, "mark_paid", paid_by=PaidBy.NOTHING)
    publish(
        CounterSalePaid(
            sale_id=sale.pk, order_id=sale.order_id, amount=sale.total, paid_by=PaidBy.NOTHING.value
        ),
        key=f"order:{sale.order_id}",
    )
    return sale


def _changed(reckoned: Quote) -> CounterError:
    return CounterError(
        Code.PRICE_CHANGED,
        _("金额已变化：现在应收 %(total)s，请核对后再下单") % {"total": format_yuan(reckoned.total)},
        "lines",
        _("页面已更新为最新价格"),
        {"quote": reckoned.as_dict()},
    )


def pickup_index(code: str) -> str:
    """How a pick-up code is found: only a keyed hash of it can be searched."""
    return blind_index(code, "counter_sales.pickup")


def _check_discount(user: Any, place: Place, wanted: Wanted) -> None:
    if not wanted.discount:
        return
    check_limit(user, "discount", wanted.discount, place.unit, place.channel_code)
    if not wanted.discount_reason:
        raise CounterError(Code.DISCOUNT_REASON_REQUIRED, _("请填写优惠原因"), "discount_reason")


def _check_address(wanted: Wanted, reckoned: Quote) -> None:
    if wanted.delivery != Delivery.ADDRESS or not reckoned.needs_shipping:
        return
    told = wanted.address
    for field, value, words in (
        ("address.name", told.name, _("请填写收货人")),
        ("address.district", told.district, _("请填写区县")),
        ("address.street", told.street, _("请填写详细地址")),
    ):
        if not value:
            raise CounterError(Code.ADDRESS_INCOMPLETE, words, field)
    clean_phone(told.phone or wanted.phone, "address.phone")
    if told.postcode and not (told.postcode.isdigit() and len(told.postcode) == 6):
        raise CounterError(Code.ADDRESS_INCOMPLETE, _("邮编为 6 位数字，可留空"), "address.postcode")


def _customer(place: Place, wanted: Wanted) -> CounterCustomer | None:
    """The customer of this number, written down at the first sale. A name given later fills an empty one."""
    if not wanted.phone:
        return None
    index = phone_index(wanted.phone)
    # ON CONFLICT DO NOTHING: two counters may meet the same new customer.
    CounterCustomer.objects.bulk_create(
        [
            CounterCustomer(
                phone=wanted.phone,
                phone_index=index,
                name=wanted.customer_name,
                unit=place.unit,
                user=account_by_phone(wanted.phone),
            )
        ],
        ignore_conflicts=True,
    )
    customer = CounterCustomer.objects.select_related("user").get(phone_index=index)
    if wanted.customer_name and not customer.name:
        customer.name = wanted.customer_name
        customer.save(update_fields=["name"])
    if customer.user is None:  # became a member since
        customer.user = account_by_phone(wanted.phone)
        if customer.user is not None:
            customer.save(update_fields=["user"])
    return customer


def _draft(user: Any, place: Place, wanted: Wanted, reckoned: Quote, account: Any) -> Order:
    """Write the draft with its lines, prices and deductions, as stock's draft mutations do, and tell whose it is.

    Locks, for a member's basket: stock, then the sources' rows (`deducting.settle`). Raises their refusals, and
    PRICE_CHANGED where they now take another sum than the clerk has seen.
    """
    settled = settle(reckoned)
    if settled.total != reckoned.deducted.total:
        raise _changed(replace(reckoned, deducted=settled))
    address: Any = (
        _address(wanted) if wanted.delivery == Delivery.ADDRESS and reckoned.needs_shipping else None
    )
    method = pickup_method() if wanted.delivery == Delivery.PICKUP else reckoned.method
    price = Money(reckoned.shipping, settings.DEFAULT_CURRENCY)
    order = Order.objects.create(
        status=OrderStatus.DRAFT,
        user=account,
        user_email=account.email if account is not None else "",
        shipping_address=address,
        billing_address=address.get_copy() if address is not None else None,
        shipping_method=method if reckoned.needs_shipping else None,
        shipping_method_name=_method_name(wanted, reckoned),
        shipping_price=TaxedMoney(price, price),
        discount_amount=reckoned.discount + settled.total,
        private_metadata=marked(choices_for_order(reckoned), settled) or {},
        discount_name=wanted.discount_reason[:255] or None,
        customer_note=wanted.note,
    )
    lines = OrderLine.objects.bulk_create([_line(order, line) for line in reckoned.lines])
    keep_deductions(order, lines, settled)
    recalculate_order(order, update_voucher_discount=False)
    order_events.draft_order_created_event(order=order, user=user)
    order_written(order, Origin(Made.DRAFT, user))
    bind_holds(order, lines, Origin(Made.DRAFT, user))
    return order


def _method_name(wanted: Wanted, reckoned: Quote) -> str | None:
    if not reckoned.needs_shipping:
        return None
    if wanted.delivery == Delivery.PICKUP:
        return str(settings.O2O_COUNTER["PICKUP_METHOD"])
    return reckoned.method.name if reckoned.method is not None else None


def _line(order: Order, line: QuotedLine) -> OrderLine:
    variant = line.goods.variant
    unit = Money(line.goods.price, settings.DEFAULT_CURRENCY)
    made = OrderLine(
        order=order,
        variant=variant,
        product_name=str(variant.product),
        variant_name=str(variant),
        product_sku=variant.sku,
        is_shipping_required=variant.is_shipping_required(),
        quantity=line.quantity,
        unit_price=TaxedMoney(net=unit, gross=unit),
        tax_rate=0,
    )
    taxed = get_plugins_manager().calculate_order_line_unit(made)
    made.unit_price = taxed
    # Stock divides by the net price without looking: a gift that costs nothing must not end in an error.
    made.tax_rate = taxed.tax / taxed.net if taxed.net.amount else 0
    mark_held(made, line.data)
    return made


def _address(wanted: Wanted) -> Address:
    told: AddressWanted = wanted.address
    return Address.objects.create(
        first_name=told.name,
        phone=f"+86{clean_phone(told.phone or wanted.phone, 'address.phone')}",
        country_area=settings.O2O_COUNTER["PROVINCE"],
        city=told.district,
        street_address_1=told.street,
        postal_code=told.postcode,
        country=settings.DEFAULT_COUNTRY,
    )


def _short(wanted: Wanted, reckoned: Quote, error: InsufficientStock) -> CounterError:
    left = stock_left(line.variant_id for line in wanted.lines)
    pk: Any = getattr(error.item, "pk", None)
    name = next((one.goods.name for one in reckoned.lines if one.goods.variant.pk == pk), str(error.item))
    return CounterError(
        Code.INSUFFICIENT_STOCK,
        _("“%(name)s”库存不足，现有 %(left)s 件") % {"name": name, "left": left.get(pk, 0)},
        "lines",
        _("请减少数量或移除；其余内容都还在"),
        {"variant": pk, "left": {str(key): value for key, value in left.items()}},
    )
