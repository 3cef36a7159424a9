"""Which permission of ours each mutation of stock needs, and over which row.

Stock's own permissions stand in front: somebody who may not even see orders there does not come this far. They are too
coarse for people of the organisation: whoever may note something on an order could refund it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Sum
from graphql_jwt.exceptions import PermissionDenied
from graphql_relay import from_global_id
from saleor.graphql.api import Mutation as StockMutation
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.models import Payment, Transaction

from saleor_o2o.compat.scope import found_in_reach
from saleor_o2o.kernel.scope import organisation, rows_for

Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Permit:
    """`permission` of ours over the rows that the argument `at` names (an id, ids or an order's token).

    Without `at`: held anywhere. `limit`: a kind of money limit for the argument `amount`.
    """

    permission: str
    at: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Free:
    """Open as in stock, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Not for people of the organisation, with the reason; superusers and apps do this."""

    reason: str


Rule = Permit | Free | Closed

_ACCOUNT = Free("one's own account, by password or token")
_CART = Free("a shopper's cart; its token is its key")
_PEOPLE = Closed("people, posts and roles are kept in 机构与人员; groups follow the roles by themselves")
_TECHNICAL = Closed("settings of the platform, which no permission of ours opens")
_GIFTS = Closed("gift cards have no permission of ours yet")


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


def _kinds(kinds: str, verbs: str, rule: Rule) -> dict[str, Rule]:
    return {f"{kind}{verb}": rule for kind in kinds.split() for verb in verbs.split()}


_META = "UpdateMetadata ClearMetadata UpdatePrivateMetadata ClearPrivateMetadata"

RULES: Mapping[str, Rule] = {
    # -- orders
    **_each("draftOrderCreate", Permit("order.create")),
    **_each(
        "draftOrderUpdate draftOrderComplete draftOrderLinesCreate draftOrderLineUpdate draftOrderLineDelete",
        Permit("order.create", "id"),
    ),
    **_each("draftOrderLinesBulkDelete", Permit("order.create", "ids")),
    **_each("draftOrderDelete", Permit("order.delete", "id")),
    **_each("draftOrderBulkDelete", Permit("order.delete", "ids")),
    **_each("orderUpdate orderUpdatePrivateMeta orderClearPrivateMeta", Permit("order.edit", "id")),
    **_each("orderAddNote orderUpdateShipping", Permit("order.edit", "order")),
    **_each("orderUpdateMeta orderClearMeta", Permit("order.edit", "token")),
    **_each("orderCancel", Permit("order.cancel", "id")),
    **_each("orderBulkCancel", Permit("order.cancel", "ids")),
    **_each("orderFulfill", Permit("order.fulfil", "order")),
    **_kinds(
        "orderFulfillment",
        "Cancel UpdateTracking UpdateMeta ClearMeta UpdatePrivateMeta ClearPrivateMeta",
        Permit("order.fulfil", "id"),
    ),
    # -- money: who may give it back may also say that it came
    **_each("orderRefund", Permit("order.refund", "id", limit="refund")),
    **_each("orderCapture orderVoid orderMarkAsPaid", Permit("order.refund", "id")),
    **_each("paymentRefund", Permit("order.refund", "paymentId", limit="refund")),
    **_each("paymentCapture paymentVoid", Permit("order.refund", "paymentId")),
    **_each("paymentSecureConfirm", Permit("order.edit", "paymentId")),
    # -- customers
    **_each("customerCreate", Permit("customer.edit")),
    **_each("customerUpdate customerDelete addressUpdate addressDelete", Permit("customer.edit", "id")),
    **_each("addressCreate addressSetDefault", Permit("customer.edit", "userId")),
    **_each("customerBulkDelete userBulkSetActive", Permit("customer.edit", "ids")),
    **_kinds("user", _META, Permit("customer.edit", "id")),
    # -- of any kind: by the row's
    **_each("updateMetadata deleteMetadata updatePrivateMetadata deletePrivateMetadata", Permit("", "id")),
    # -- goods, city-wide
    **_kinds("attribute", "Create Update Delete BulkDelete Assign Unassign ReorderValues", Permit("product.edit")),
    **_kinds("attributeValue", "Create Update Delete BulkDelete", Permit("product.edit")),
    **_kinds("category", "Create Update Delete BulkDelete", Permit("product.edit")),
    **_kinds(
        "collection",
        "Create Update Delete BulkDelete BulkPublish AddProducts RemoveProducts ReorderProducts",
        Permit("product.edit"),
    ),
    **_kinds("product", "Create Update Delete BulkDelete BulkPublish", Permit("product.edit")),
    **_kinds("productImage", "Create Update Delete BulkDelete Reorder", Permit("product.edit")),
    **_kinds("productType", "Create Update Delete BulkDelete ReorderAttributes", Permit("product.edit")),
    **_kinds(
        "productVariant",
        "Create Update Delete BulkCreate BulkDelete StocksCreate StocksUpdate StocksDelete",
        Permit("product.edit"),
    ),
    **_kinds("attribute category collection product productType productVariant", _META, Permit("product.edit")),
    **_kinds("variantImage", "Assign Unassign", Permit("product.edit")),
    **_kinds("digitalContent", "Create Update Delete", Permit("product.edit")),
    **_each("digitalContentUrlCreate", Permit("product.edit")),
    **_each(
        "createWarehouse updateWarehouse deleteWarehouse assignWarehouseShippingZone unassignWarehouseShippingZone",
        Permit("product.edit"),
    ),
    **_kinds(
        "sale voucher", "Create Update Delete BulkDelete CataloguesAdd CataloguesRemove", Permit("promotion.edit")
    ),
    # -- one's own
    **_each(
        "accountAddressCreate accountAddressUpdate accountAddressDelete accountDelete accountRegister "
        "accountRequestDeletion accountSetDefaultAddress accountUpdate accountUpdateMeta confirmAccount "
        "confirmEmailChange passwordChange requestEmailChange requestPasswordReset setPassword tokenCreate "
        "tokenRefresh tokenVerify userAvatarUpdate userAvatarDelete",
        _ACCOUNT,
    ),
    **_kinds(
        "checkout",
        "AddPromoCode BillingAddressUpdate Complete Create CustomerAttach CustomerDetach EmailUpdate LineDelete "
        "LinesAdd LinesUpdate PaymentCreate RemovePromoCode ShippingAddressUpdate ShippingMethodUpdate",
        _CART,
    ),
    # -- closed
    **_kinds("checkout", _META, Closed("a shopper's cart is nobody else's to write on")),
    **_kinds("staff", "Create Update Delete BulkDelete", _PEOPLE),
    **_kinds("permissionGroup", "Create Update Delete", _PEOPLE),
    **_kinds("staffNotificationRecipient", "Create Update Delete", _TECHNICAL),
    **_kinds("app serviceAccount", "Create Update Delete TokenCreate TokenDelete", _TECHNICAL),
    **_kinds("serviceAccount", "UpdatePrivateMetadata ClearPrivateMetadata", _TECHNICAL),
    **_kinds("webhook", "Create Update Delete", _TECHNICAL),
    **_each("pluginUpdate authorizationKeyAdd authorizationKeyDelete", _TECHNICAL),
    **_each("shopAddressUpdate shopDomainUpdate shopFetchTaxRates shopSettingsUpdate", _TECHNICAL),
    **_each("assignNavigation homepageCollectionUpdate", _TECHNICAL),
    **_kinds("giftCard", "Activate Create Deactivate Update", _GIFTS),
    **_kinds("menu", "Create Update Delete BulkDelete", _TECHNICAL),
    **_kinds("menuItem", "Create Update Delete BulkDelete Move Translate", _TECHNICAL),
    **_kinds("page", "Create Update Delete BulkDelete BulkPublish Translate", _TECHNICAL),
    **_kinds("shippingPrice", "Create Update Delete BulkDelete Translate", _TECHNICAL),
    **_kinds("shippingZone", "Create Update Delete BulkDelete", _TECHNICAL),
    **_kinds(
        "attribute attributeValue category collection product productVariant sale voucher shopSettings",
        "Translate",
        _TECHNICAL,
    ),
}  # fmt: skip

#: For mutations that take a row of any kind.
BY_KIND: Mapping[str, str] = {
    "Order": "order.edit",
    "Fulfillment": "order.fulfil",
    "User": "customer.edit",
    **dict.fromkeys(
        ("Attribute", "Category", "Collection", "DigitalContent", "Product", "ProductType", "ProductVariant"),
        "product.edit",
    ),
}
#: Lists of the platform's own, which no permission of ours opens.
CLOSED_QUERIES = frozenset(
    {
        "app", "apps", "checkoutLines", "checkouts", "giftCard", "giftCards", "plugin", "plugins", "serviceAccount",
        "serviceAccounts", "webhook", "webhookEvents", "webhooks",
    }
)  # fmt: skip
_KEYS = {"Order": Order, "Payment": Payment}


def stock_mutations() -> frozenset[str]:
    """Names of stock's mutations in the schema."""
    from graphene.utils.str_converters import to_camel_case

    return frozenset(field.name or to_camel_case(name) for name, field in StockMutation._meta.fields.items())


def guard(name: str, field: Any) -> Resolver:
    """The check in front of a mutation of stock; a mutation of ours asks for its permissions itself."""
    resolver: Resolver = field.resolver
    if name not in _STOCK:
        return resolver
    # what is not in the table is closed: nothing new opens by itself
    rule = RULES.get(name, _TECHNICAL)
    if isinstance(rule, Permit) and rule.at:
        # the name that the resolver knows the argument by
        rule = replace(rule, at=field.args[rule.at].out_name or rule.at)
    return partial(_guarded, rule, name, resolver)


_STOCK = stock_mutations()


def _guarded(rule: Rule, name: str, resolver: Resolver, root: Any, info: Any, **arguments: Any) -> Any:
    user = info.context.user
    if isinstance(rule, Free) or not organisation().confines(user):
        return resolver(root, info, **arguments)
    if isinstance(rule, Closed):
        raise PermissionDenied()
    _require(rule, user, info, arguments)
    if name != "customerCreate":
        return resolver(root, info, **arguments)
    with transaction.atomic():
        made = resolver(root, info, **arguments)
        if getattr(made, "user", None) is not None:
            organisation().took_in(user, made.user)
    return made


def _require(rule: Permit, user: Any, info: Any, arguments: Mapping[str, Any]) -> None:
    keys = _keys(info, rule.at, arguments) if rule.at else {}
    if rule.permission:
        if not user.has_perm(rule.permission):
            raise PermissionDenied()
        for model, found in keys.values():
            _require_over(user, rule.permission, model, found)
    for kind, (model, found) in keys.items() if not rule.permission else ():
        permission = BY_KIND.get(kind)
        if permission is None or not user.has_perm(permission):
            raise PermissionDenied()
        if kind == "User" and not found_in_reach(model.objects.filter(pk__in=found), user).exists():
            raise PermissionDenied()  # which is what stock says of a missing one
        _require_over(user, permission, model, found)
    if rule.limit:
        _check_limit(rule, user, keys, arguments)


def _keys(info: Any, at: str, arguments: Mapping[str, Any]) -> dict[str, tuple[Any, list[str]]]:
    """The rows that an argument names, by kind; what cannot be read is left for stock to complain about."""
    given = arguments.get(at)
    if at == "token":
        pks = Order.objects.filter(token=str(given)).values_list("pk", flat=True)
        return {"Order": (Order, [str(pk) for pk in pks])}
    found: dict[str, tuple[Any, list[str]]] = {}
    for one in given if isinstance(given, list) else [given]:
        try:
            kind, key = from_global_id(one)
            model = info.schema.get_type(kind).graphene_type._meta.model
            model._meta.pk.to_python(key)
        except Exception:  # noqa: BLE001, S112 - whatever is wrong with an id, stock says it in its own words
            continue
        found.setdefault(kind, (model, []))[1].append(key)
    return found


def _require_over(user: Any, permission: str, model: Any, keys: list[str]) -> None:
    rows = model._default_manager.filter(pk__in=keys)
    allowed = set(rows_for(user, rows, permission).values_list("pk", flat=True))
    if len(allowed) == len(set(keys)):
        return
    # what is out of sight is left to stock, which does not find it
    if set(found_in_reach(rows, user).values_list("pk", flat=True)) - allowed:
        raise PermissionDenied()


def _check_limit(rule: Permit, user: Any, keys: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """What was given back of the order before counts too: a limit is not per click."""
    for kind, (_model, found) in keys.items():
        payments = Payment.objects.filter(**{"order_id__in" if kind == "Order" else "pk__in": found})
        payment = rows_for(user, payments, rule.permission).select_related("order").order_by("-pk").first()
        if payment is None or payment.order is None:
            continue
        back = Transaction.objects.filter(
            payment__order_id=payment.order_id, kind=TransactionKind.REFUND, is_success=True
        ).aggregate(total=Sum("amount"))["total"]
        amount = arguments.get("amount")
        wanted = Decimal(str(amount)) if amount is not None else payment.captured_amount
        organisation().check_limit(user, rule.limit, (back or Decimal(0)) + wanted, payment.order)
