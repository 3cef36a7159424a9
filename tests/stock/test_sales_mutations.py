"""Stock's mutations of selling: checkouts, orders, drafts, fulfilments, payments, discounts, gift cards."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import mail
from saleor.checkout.models import Checkout
from saleor.discount.models import Sale, Voucher
from saleor.giftcard.models import GiftCard
from saleor.order.models import Fulfillment, Order
from saleor.payment.gateways.dummy.plugin import DummyGatewayPlugin
from saleor.payment.models import Payment
from saleor.plugins.models import PluginConfiguration
from saleor.warehouse.models import Allocation

from .graphql_api import Api
from .world import ADDRESS, World, gid, make_order, money, taxed

CURRENCY = settings.DEFAULT_CURRENCY
DUMMY = "mirumee.payments.dummy"


def use_dummy() -> None:
    """Switch the dummy gateway on."""
    PluginConfiguration.objects.create(
        identifier=DUMMY, active=True, name="Dummy", configuration=DummyGatewayPlugin.DEFAULT_CONFIGURATION
    )


def test_checkout_to_order(api: Api, shopper: Api, anyone: Api, world: World, schema: Any) -> None:
    # given
    use_dummy()
    Voucher.objects.create(code="NEW5", discount_value=5)
    variant = gid("ProductVariant", world.variant)
    # when an anonymous cart is filled, named and addressed
    cart_input = {"lines": [{"quantity": 1, "variantId": variant}], "email": "guest@example.com"}
    create = (
        "mutation($i: CheckoutCreateInput!) { checkoutCreate(input: $i) { created checkoutErrors { code } } }"
    )
    made = anyone.post(create, {"i": cart_input})
    assert made == {"data": {"checkoutCreate": {"created": True, "checkoutErrors": []}}}
    checkout = Checkout.objects.get(email="guest@example.com")
    cart = gid("Checkout", checkout)
    api.mutate("checkoutLinesAdd", checkoutId=cart, lines=[{"quantity": 2, "variantId": variant}])
    api.mutate("checkoutLinesUpdate", checkoutId=cart, lines=[{"quantity": 2, "variantId": variant}])
    assert checkout.lines.get().quantity == 2
    too_many = [{"quantity": 40, "variantId": variant}]
    assert api.refused("checkoutLinesAdd", checkoutId=cart, lines=too_many) == [
        ("quantity", "INSUFFICIENT_STOCK")
    ]
    api.mutate("checkoutEmailUpdate", checkoutId=cart, email="li2@example.com")
    api.mutate("checkoutShippingAddressUpdate", checkoutId=cart, shippingAddress=ADDRESS)
    api.mutate("checkoutBillingAddressUpdate", checkoutId=cart, billingAddress=ADDRESS)
    nowhere = {**ADDRESS, "postalCode": "x"}
    wrong = api.refused("checkoutShippingAddressUpdate", checkoutId=cart, shippingAddress=nowhere)
    assert wrong == [("postalCode", "INVALID")]
    method = gid("ShippingMethod", world.method)
    api.mutate("checkoutShippingMethodUpdate", checkoutId=cart, shippingMethodId=method)

    def total() -> Any:
        asked = "query($t: UUID) { checkout(token: $t) { totalPrice { gross { amount currency } } } }"
        return anyone.post(asked, {"t": str(checkout.token)})["data"]["checkout"]["totalPrice"]["gross"]

    # then
    assert total() == {"amount": 89.8, "currency": settings.DEFAULT_CURRENCY}
    api.mutate("checkoutAddPromoCode", checkoutId=cart, promoCode="NEW5")
    assert total()["amount"] == 84.8
    assert api.refused("checkoutAddPromoCode", checkoutId=cart, promoCode="NIX") == [("promoCode", "INVALID")]
    api.mutate("checkoutRemovePromoCode", checkoutId=cart, promoCode="NEW5")
    shopper.call("mutation", "checkoutCustomerAttach", 0, {"checkoutId": cart})
    checkout.refresh_from_db()
    assert checkout.user == world.customer
    shopper.call("mutation", "checkoutCustomerDetach", 0, {"checkoutId": cart})

    # when it is paid for, with too little first
    payment = {"gateway": DUMMY, "token": "charged"}
    little = api.refused("checkoutPaymentCreate", checkoutId=cart, input={**payment, "amount": "1.00"})
    assert little == [("amount", "PARTIAL_PAYMENT_NOT_ALLOWED")]
    api.mutate("checkoutPaymentCreate", checkoutId=cart, input={**payment, "amount": "89.80"})
    done = api.mutate("checkoutComplete", checkoutId=cart, redirectUrl="https://www.example.com/orders")
    # then
    order = Order.objects.get()
    assert done["order"]["id"] == gid("Order", order)
    assert order.total.gross == money("89.80")
    assert Allocation.objects.get().quantity_allocated == 2
    assert not Checkout.objects.filter(pk=checkout.pk).exists()


def test_checkout_line_delete(api: Api, world: World) -> None:
    checkout = Checkout.objects.create(email="a@example.com", currency=money(1).currency)
    line = checkout.lines.create(variant=world.variant, quantity=1)
    api.mutate("checkoutLineDelete", checkoutId=gid("Checkout", checkout), lineId=gid("CheckoutLine", line))
    assert checkout.lines.count() == 0
    missing = api.refused("checkoutComplete", checkoutId=gid("Checkout", checkout))
    assert missing[0][0] in {"shippingMethod", "lines", "billingAddress", None}


def test_draft_orders(api: Api, world: World) -> None:
    variant = gid("ProductVariant", world.variant)
    # when
    made = api.mutate(
        "draftOrderCreate",
        input={
            "user": gid("User", world.customer),
            "shippingAddress": ADDRESS,
            "billingAddress": ADDRESS,
            "shippingMethod": gid("ShippingMethod", world.method),
            "lines": [{"quantity": 1, "variantId": variant}],
            "customerNote": "下午送",
        },
    )
    # then
    draft = Order.objects.get(status="draft")
    assert made["order"]["status"] == "DRAFT"
    assert draft.total.gross == money("39.90")  # shipping comes with the next change
    identity = gid("Order", draft)
    api.mutate("draftOrderUpdate", id=identity, input={"customerNote": "上午送", "discount": "1.00"})
    api.mutate("draftOrderLinesCreate", id=identity, input=[{"quantity": 1, "variantId": variant}])
    lines = list(draft.lines.order_by("pk"))
    assert sum(line.quantity for line in lines) == 2
    api.mutate("draftOrderLineUpdate", id=gid("OrderLine", lines[0]), input={"quantity": 3})
    if len(lines) > 1:
        api.mutate("draftOrderLineDelete", id=gid("OrderLine", lines[1]))
    else:
        extra = draft.lines.create(
            product_name="x", variant_name="x", product_sku="x", quantity=1, is_shipping_required=True,
            variant=world.variant, unit_price=taxed(1),
        )  # fmt: skip
        api.mutate("draftOrderLineDelete", id=gid("OrderLine", extra))
    completed = api.mutate("draftOrderComplete", id=identity)
    draft.refresh_from_db()
    assert completed["order"]["status"] == "UNFULFILLED"
    assert draft.status == "unfulfilled"
    assert Allocation.objects.get().quantity_allocated == 3

    for _number in range(2):
        empty = gid("Order", make_order(world, status="draft"))
    line = gid("OrderLine", Order.objects.drafts().first().lines.get())
    assert api.mutate("draftOrderLinesBulkDelete", ids=[line])["count"] == 1
    api.mutate("draftOrderDelete", id=empty)
    rest = [gid("Order", row) for row in Order.objects.drafts()]
    assert api.mutate("draftOrderBulkDelete", ids=rest)["count"] == 1


def test_orders_fulfilments_payments(api: Api, world: World) -> None:
    use_dummy()
    order = make_order(world)
    identity = gid("Order", order)
    line = order.lines.get()
    warehouse = gid("Warehouse", world.warehouse)
    # notes and addresses
    api.mutate("orderAddNote", order=identity, input={"message": "电话联系"})
    assert api.refused("orderAddNote", order=identity, input={"message": " "}) == [("message", "REQUIRED")]
    api.mutate("orderUpdate", id=identity, input={"shippingAddress": ADDRESS, "userEmail": "new@example.com"})
    api.mutate(
        "orderUpdateShipping", order=identity, input={"shippingMethod": gid("ShippingMethod", world.method)}
    )

    # a payment authorized, captured and returned in part
    def paid(status: str, captured: int = 0) -> Payment:
        return Payment.objects.create(
            gateway=DUMMY, order=order, is_active=True, charge_status=status, total=order.total.gross.amount,
            captured_amount=captured, currency=order.currency, token="t",
        )  # fmt: skip

    payment = paid("not-charged")
    payment.transactions.create(
        token="t", kind="auth", is_success=True, amount=payment.total, currency=CURRENCY, gateway_response={}
    )
    captured = api.mutate("orderCapture", id=identity, amount="20.00")
    assert captured["order"]["totalCaptured"]["amount"] == 20
    refunded = api.mutate("orderRefund", id=identity, amount="5.00")
    assert refunded["order"]["totalCaptured"]["amount"] == 15
    api.mutate("paymentRefund", paymentId=gid("Payment", payment), amount="15.00")
    payment.refresh_from_db()
    assert (payment.captured_amount, payment.charge_status) == (0, "fully-refunded")
    for name, argument in (("orderVoid", "id"), ("paymentVoid", "paymentId")):
        other = paid("not-charged")
        other.transactions.create(
            token="t", kind="auth", is_success=True, amount=1, currency=CURRENCY, gateway_response={}
        )
        api.mutate(name, **{argument: identity if argument == "id" else gid("Payment", other)})
        other.refresh_from_db()
        assert other.is_active is False
    third = paid("not-charged")
    third.transactions.create(
        token="t", kind="auth", is_success=True, amount=third.total, currency=CURRENCY, gateway_response={}
    )
    api.mutate("paymentCapture", paymentId=gid("Payment", third), amount=str(third.total))
    third.refresh_from_db()
    assert (third.charge_status, third.captured_amount) == ("fully-charged", third.total)
    api.mutate("paymentSecureConfirm", paymentId=gid("Payment", third))
    third.refresh_from_db()
    assert third.captured_amount == third.total  # a repeated confirmation counts once
    assert api.refused("orderMarkAsPaid", id=identity) == [("payment", "PAYMENT_ERROR")]

    # fulfilment
    lines = [{"orderLineId": gid("OrderLine", line), "stocks": [{"quantity": 1, "warehouse": warehouse}]}]
    api.mutate("orderFulfill", order=identity, input={"lines": lines, "notifyCustomer": True})
    fulfillment = Fulfillment.objects.get()
    world.stock.refresh_from_db()
    assert (world.stock.quantity, Allocation.objects.get().quantity_allocated) == (9, 1)
    too_many = [{"orderLineId": gid("OrderLine", line), "stocks": [{"quantity": 5, "warehouse": warehouse}]}]
    refused = api.refused("orderFulfill", order=identity, input={"lines": too_many})
    assert refused == [("orderLineId", "FULFILL_ORDER_LINE")]
    tracking = {"trackingNumber": "EMS1234", "notifyCustomer": True}
    api.mutate("orderFulfillmentUpdateTracking", id=gid("Fulfillment", fulfillment), input=tracking)
    assert [message.subject for message in mail.outbox] == [
        f"订单 #{order.pk} 付款成功",
        f"订单 #{order.pk} 已发货",
        f"订单 #{order.pk} 的物流信息已更新",
    ]
    meta = {"namespace": "o2o", "clientName": "desk", "key": "k"}
    for name in ("Meta", "PrivateMeta"):
        api.mutate(
            f"orderFulfillmentUpdate{name}", id=gid("Fulfillment", fulfillment), input={**meta, "value": "v"}
        )
        api.mutate(f"orderFulfillmentClear{name}", id=gid("Fulfillment", fulfillment), input=meta)
    api.mutate("orderFulfillmentCancel", id=gid("Fulfillment", fulfillment), input={"warehouseId": warehouse})
    world.stock.refresh_from_db()
    assert (world.stock.quantity, Allocation.objects.get().quantity_allocated) == (10, 2)

    # old metadata
    api.mutate("orderUpdateMeta", token=order.token, input={**meta, "value": "v"})
    api.mutate("orderClearMeta", token=order.token, input=meta)
    api.mutate("orderUpdatePrivateMeta", id=identity, input={**meta, "value": "v"})
    api.mutate("orderClearPrivateMeta", id=identity, input=meta)

    # cancelling
    api.mutate("orderCancel", id=identity)
    order.refresh_from_db()
    assert order.status == "canceled"
    assert Allocation.objects.get().quantity_allocated == 0
    assert api.refused("orderCancel", id=identity) == [("order", "CANNOT_CANCEL_ORDER")]
    unpaid = make_order(world, quantity=1)
    marked = api.mutate("orderMarkAsPaid", id=gid("Order", unpaid))
    assert marked["order"]["isPaid"] is True
    assert api.mutate("orderBulkCancel", ids=[gid("Order", unpaid)])["count"] == 1


def test_discounts(api: Api, world: World, unhandled: list[Any]) -> None:
    catalogue = {
        "products": [gid("Product", world.product)],
        "categories": [gid("Category", world.category)],
        "collections": [gid("Collection", world.collection)],
    }
    # when
    made = api.mutate(
        "saleCreate",
        input={"name": "双十一", "type": "PERCENTAGE", "value": "10", "startDate": "2020-01-01T00:00:00Z"},
    )
    sale = Sale.objects.get()
    identity = gid("Sale", sale)
    assert made["sale"]["id"] == identity
    api.mutate("saleCataloguesAdd", id=identity, input=catalogue)
    world.product.refresh_from_db()
    assert world.product.minimal_variant_price == money("35.91")
    api.mutate("saleUpdate", id=identity, input={"value": "20"})
    world.product.refresh_from_db()
    assert world.product.minimal_variant_price == money("31.92")
    api.mutate("saleTranslate", id=identity, languageCode="EN", input={"name": "11.11"})
    api.mutate("saleCataloguesRemove", id=identity, input=catalogue)
    assert sale.products.count() == 0
    api.mutate("saleDelete", id=identity)
    other = Sale.objects.create(name="x", value=1)
    assert api.mutate("saleBulkDelete", ids=[gid("Sale", other)])["count"] == 1
    # stock's task looks for the deleted sale and fails; prices follow with the next change of the catalogue
    assert {record.name for record in unhandled} == {"celery.app.trace"}
    unhandled.clear()

    api.mutate(
        "voucherCreate",
        input={
            "type": "SPECIFIC_PRODUCT",
            "name": "新人",
            "code": "NEW10",
            "discountValueType": "FIXED",
            "discountValue": "10.00",
            "minAmountSpent": "50.00",
            "minCheckoutItemsQuantity": 1,
            "countries": ["CN"],
            "usageLimit": 100,
            "startDate": "2020-01-01T00:00:00Z",
        },
    )
    voucher = Voucher.objects.get()
    identity = gid("Voucher", voucher)
    assert (voucher.min_spent, [country.code for country in voucher.countries]) == (money(50), ["CN"])
    assert api.refused("voucherCreate", input={"code": "NEW10", "discountValue": "1"}) == [
        ("code", "ALREADY_EXISTS")
    ]
    api.mutate("voucherCataloguesAdd", id=identity, input=catalogue)
    api.mutate("voucherCataloguesRemove", id=identity, input=catalogue)
    api.mutate("voucherUpdate", id=identity, input={"usageLimit": 5, "applyOncePerCustomer": True})
    api.mutate("voucherTranslate", id=identity, languageCode="EN", input={"name": "New"})
    api.mutate("voucherDelete", id=identity)
    made = api.mutate("voucherCreate", input={"code": "", "discountValue": "1"})
    assert len(made["voucher"]["code"]) >= 8
    assert api.mutate("voucherBulkDelete", ids=[made["voucher"]["id"]])["count"] == 1


def test_gift_cards(api: Api, world: World) -> None:
    made = api.mutate(
        "giftCardCreate",
        input={
            "balance": "100.00",
            "code": "GIFT100",
            "userEmail": "li@example.com",
            "endDate": "2099-01-01",
        },
    )
    card = GiftCard.objects.get()
    identity = gid("GiftCard", card)
    assert (made["giftCard"]["id"], card.current_balance) == (identity, money(100))
    assert api.refused("giftCardCreate", input={"balance": "1", "code": "GIFT100"}) == [
        ("promoCode", "ALREADY_EXISTS")
    ]
    api.mutate("giftCardUpdate", id=identity, input={"balance": "50.00"})
    api.mutate("giftCardDeactivate", id=identity)
    api.mutate("giftCardActivate", id=identity)
    card.refresh_from_db()
    assert (card.current_balance, card.is_active) == (money(50), True)
