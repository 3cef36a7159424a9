"""The whole schema: whatever can give a row is scoped, the whole city's, open for a reason, or the viewer's own."""

from __future__ import annotations

from typing import Any

import graphene
import pytest
from django.contrib.sessions.models import Session
from graphene.utils.str_converters import to_camel_case
from graphene_django.fields import DjangoConnectionField
from graphene_django.types import DjangoObjectType
from graphql.type.definition import GraphQLNonNull, GraphQLObjectType, get_named_type
from saleor.graphql.api import Query as StockQuery

from plugins.org_hierarchy.access.registry import permissions, rule_of
from saleor_o2o.graphql.permits import CLOSED_QUERIES
from saleor_o2o.graphql.schema import schema
from saleor_o2o.graphql.scoping import (
    OPEN,
    UNFOLDS,
    apply_scope,
    confined_fields,
    depth_of_lists,
    is_connection,
    model_of,
    models_of,
    payload_types,
)
from saleor_o2o.kernel.scope import is_confining

#: Models that belong to the whole city, by app, and why a county may see them.
CITY = {
    "product": "one catalogue for the city; the storefront shows it",
    "menu": "the storefront's navigation",
    "page": "the storefront's texts",
    "shipping": "one set of shipping zones for the city",
    "warehouse": "stock is the whole city's",
    "discount": "promotions are the whole city's",
    "site": "the shop's own texts",
}
#: Models that nothing of ours opens; stock's permission for them comes with none of ours.
CLOSED = {
    "app": "app.manage_apps",
    "webhook": "webhook.manage_webhooks",
    "plugins": "plugins.manage_plugins",
    "giftcard": "giftcard.manage_gift_card",
    "checkout": "checkout.manage_checkouts",
    "wishlist": "account.manage_users",
}
#: Kept beside a user, not by units: whoever is in sight brings them along.
BESIDE = {"account.StaffNotificationRecipient": "settings of the platform; needs site.manage_settings"}

#: Query fields that give no model-backed type, and why each is safe.
PLAIN = {
    "webhookSamplePayload": "stock: a sample, behind a permission of webhooks",
    "translation": "stock: texts of the catalogue",
    "shop": "stock: the shop's own settings",
    "ordersTotal": "stock's figure, narrowed in compat.scope",
    "taxTypes": "stock: a plugin's list",
    "addressValidationRules": "stock: how addresses are written",
    "_service": "stock: the schema's own text",
    "paymentIntent": "one's own, or by an order's token",
    "basketQuote": "reckons what the asker names; prices of the shop are public",
    "myOrders": "one's own",
    "myOrder": "one's own, or by an order's token",
    "orderTimeline": "one's own, or get_row",
    "orderDeductions": "one's own, or get_row",
    "couponCentre": "public: what may be claimed; how many one has",
    "pointsMall": "public: what may be exchanged; how many one has",
    "pointsMallOffer": "public: what may be exchanged; how many one has",
    "pointsMallCoupons": "public: coupons for points; how many one has",
    "myPointsExchanges": "one's own",
    "myCoupons": "one's own",
    "checkoutCoupons": "one's own",
    "basketCoupons": "one's own",
    "coupons": "rows_for",
    "checkoutDeductions": "one's own, or by a guest's token",
    "cashier": "by an order's token",
    "orderCashier": "get_row",
    "orgUnits": "rows_for",
    "orgUnit": "get_row",
    "myApprovals": "one's own and those waiting for the viewer",
    "approval": "get_row",
    "myMember": "one's own",
    "mySurvey": "one's own",
    "myAddresses": "one's own",
    "myClosing": "one's own",
    "myPassengers": "one's own",
    "myPayerNumbers": "one's own",
    "myVehicles": "one's own",
    "myInvoiceTitles": "one's own",
    "myFavourites": "one's own",
    "myFootprints": "one's own",
    "admissionProducts": "public: what is on sale",
    "admissionProduct": "public: what is on sale",
    "admissionSession": "public: what is on sale, seats without persons",
    "admissionProof": "public: a puzzle, no row",
    "myAdmissionWaitings": "one's own",
    "admissionDraws": "public: what is given by lot; one's own entry",
    "myAdmissionDraws": "one's own",
    "ticketPostponed": "one's own",
    "ticketHolders": "one's own",
    "ticketVoucher": "one's own",
    "ticketGuestLink": "by a signed link: an order's number and a masked telephone",
    "ticketVouchers": "one's own, or with a guest's key or token",
    "coachPasses": "one's own, or with a guest's key or token",
    "coachLaterBuses": "one's own, or get_row",
    "memberCodeStatus": "by a ticket that only the asker has; says nothing of a member",
    "memberAgreement": "a version's name",
    "memberAgreementText": "the words of the agreement, the same for everybody",
    "myMemberSessions": "one's own",
    "members": "rows_for, by whole identities",
    "myLoyalty": "one's own",
    "memberPrice": "one's own; goods are public",
    "memberLoyalty": "rows_for, by whole identities",
    "counterMember": "by whole identities, for whoever sells: a masked name; what is had only by rows_for",
    "rechargePackages": "public: what may be recharged",
    "membershipPlans": "public: what may be bought",
    "ticketInsuranceProducts": "public: what may be bought beside a ticket",
    "ticketOrder": "one's own, with a guest's key or token, or rows_for",
    "myTicketOrders": "the viewer's own",
    "ticketChanges": "one's own, with a guest's token, or rows_for",
    "ticketRefunds": "one's own, with a guest's token, or rows_for",
    "ticketInsurances": "one's own, with a guest's token, or rows_for",
    "myMemberships": "one's own",
    "memberMemberships": "rows_for, by whole identities",
    "loyaltyLevels": "public: the ladder of levels",
    "nearestOutlets": "public: where to go",
    "nearestPlaces": "public: where to go",
    "servingBranch": "public: who serves an address",
    "communities": "public: names of housing estates",
    "mapPlaces": "rows_for",
    "pinCorrections": "rows_for",
    "wechatJsConfig": "public: signs pages of ours for WeChat's browser",
    "wechatNotices": "what a page may ask the viewer for; nothing of anybody else",
    "shopByCode": "public: an open micro-shop by its code",
    "shopApplication": "by its number and the applicant's phone",
    "myShopBinding": "one's own",
    "salesChannels": "rows_for",
    "salesChannel": "get_row",
    "channelFigures": "rows_for",
    "afterSaleOffer": "one's own, or rows_for",
    "afterSaleOffers": "one's own",
    "afterSales": "rows_for",
    "afterSaleOrders": "rows_for",
    "complaints": "rows_for",
    "myAfterSales": "one's own",
    "myAfterSale": "one's own",
    "myComplaints": "one's own",
    "dispatchQueue": "rows_for",
    "dispatchTask": "get_row",
    "dispatchBoard": "rows_for",
    "dispatchChoices": "by a task in reach; people and units for whoever may give it away",
    "coachStations": "public: where coaches stop",
    "coachDestinations": "public: where coaches go",
    "coachShifts": "public: buses of a day",
    "coachInvoices": "one's own, or get_row",
    "coachSeats": "public: which seats of a bus are free",
    "coachShift": "public: a bus of a day",
    "counterDesks": "places_for: where the viewer sells",
    "counterDesk": "named_place: where the viewer sells",
    "counterSale": "get_row",
    "counterShift": "the viewer's own",
    "counterQuote": "reckons; at places where the viewer sells",
    "commissionCalculate": "the calculator: by plans in reach",
    "commissionExplain": "by an order in reach",
    "staffMembers": "rows_for",
    "staffProfile": "the viewer's own",
    "staffHoldings": "rows_for, and the right to see people off",
    "roleGrants": "rows_for",
    "orgDepartments": "rows_for",
    "orgPosts": "rows_for",
    "orgRoles": "rows_for",
    "orgPermissions": "names of permissions, for those who may look at roles",
}


def complaints(built: Any) -> list[str]:
    """Every field that could show a row and that nobody has judged."""
    found = []
    checked = {(kind, name) for kind, name, _field in confined_fields(built)}
    payloads = payload_types(built)
    for kind in built.get_type_map().values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__") or kind.name == "Mutation":
            continue
        for name, field in kind.fields.items():
            target = get_named_type(field.type)
            for model in models_of(built, _unwrapped(target)):
                label = f"{kind.name}.{name}: {model._meta.label}"
                if is_confining(model):
                    problem = _confined(kind, name, field, target, checked, payloads)
                else:
                    problem = _unconfined(kind, name, model)
                if problem:
                    found.append(f"{label} {problem}")
    return found


def _unwrapped(target: Any) -> Any:
    """The node of a connection, or the type itself."""
    if is_connection(target):
        inner = target.fields.get("edges") or target.fields.get("node")
        if inner is not None and "node" in target.fields:
            return get_named_type(target.fields["node"].type)
        return _unwrapped(get_named_type(inner.type)) if inner is not None else target
    return target


def _confined(kind: Any, name: str, field: Any, target: Any, checked: Any, payloads: Any) -> str:
    if is_connection(kind) or kind.name in payloads:
        return ""
    if is_connection(target):
        resolver = field.resolver
        # narrowed in DjangoObjectType.get_queryset, which only this kind of field asks
        maker = getattr(getattr(resolver, "func", None), "__self__", None)
        narrowed = isinstance(maker, type) and issubclass(maker, DjangoConnectionField)
        closed = kind.name == "Query" and name in CLOSED_QUERIES
        inner = kind.name.endswith("Connection")
        return "" if narrowed or closed or inner else "is a connection that stock's scope does not narrow"
    if name in UNFOLDS.get(kind.name, ()) or f"{kind.name}.{name}" in OPEN:
        return ""
    if (kind.name, name) not in checked:
        return "is not checked"
    if isinstance(field.type, GraphQLNonNull) and depth_of_lists(field.type) == 0:
        return "is checked, but could not be empty"
    return ""


def _unconfined(kind: Any, name: str, model: Any) -> str:
    rule = rule_of(model)
    if rule is not None and rule.city_wide:
        return ""
    app = model._meta.app_label
    if app in CITY or app in CLOSED or model._meta.label in BESIDE:
        return ""
    return "has no rule"


def test_every_field_that_gives_rows_is_judged() -> None:
    # then
    assert complaints(schema) == []


def test_every_query_is_judged() -> None:
    # given
    fields = schema.get_query_type().fields

    # when
    plain = {
        name
        for name, field in fields.items()
        if not models_of(schema, _unwrapped(get_named_type(field.type)))
        and not is_connection(get_named_type(field.type))
    }

    # then: with a reason; a plugin that is off takes its fields away
    assert plain - PLAIN.keys() == set()
    stock = {field.name or to_camel_case(name) for name, field in StockQuery._meta.fields.items()}
    assert stock - fields.keys() == set()


def test_names_in_the_tables_exist() -> None:
    # given
    types = schema.get_type_map()

    # then
    for kind, names in UNFOLDS.items():
        assert names <= types[kind].fields.keys(), kind
    for path in OPEN:
        kind, name = path.split(".")
        assert name in types[kind].fields, path
    assert schema.get_query_type().fields.keys() >= CLOSED_QUERIES


def test_closed_models_are_opened_by_no_permission_of_ours() -> None:
    # then
    brought = {code for permission in permissions().values() for code in permission.saleor}
    assert brought & set(CLOSED.values()) <= {"account.manage_users"}


def test_what_a_row_unfolds_hangs_on_it() -> None:
    # given
    types = schema.get_type_map()

    # then: a foreign key or a relation of the very row (or, for events, its own written-down parts)
    written_down = {
        ("OrderEvent", "fulfilledItems"), ("OrderEventOrderLineObject", "orderLine"), ("Payment", "billingAddress")
    }  # fmt: skip
    for kind, names in UNFOLDS.items():
        model = model_of(types[kind])
        for name in names:
            if (kind, name) in written_down:
                continue
            attribute = "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
            assert model is not None and hasattr(model, attribute), (kind, name)


# -- planted: what the walk must find ------------------------------------------------------


def planted(**fields: Any) -> Any:
    query = type("Query", (graphene.ObjectType,), fields)
    mutation = type("Mutation", (graphene.ObjectType,), {"nothing": graphene.String()})
    return graphene.Schema(query=query, mutation=mutation)


class SessionType(DjangoObjectType):
    """A model that nobody has judged."""

    class Meta:
        model = Session
        name = "PlantedSession"
        skip_registry = True
        only_fields = ("session_key",)


def test_a_model_without_a_rule_is_found() -> None:
    # given
    built = planted(sessions=graphene.List(SessionType))

    # then
    assert complaints(built) == ["Query.sessions: sessions.Session has no rule"]


def test_a_plain_connection_of_confined_rows_is_found() -> None:
    # given: not Saleor's connection field, which narrows
    from saleor.graphql.order.types import Order

    built = planted(orders=graphene.relay.ConnectionField(Order._meta.connection))

    # then
    assert [one for one in complaints(built) if one.startswith("Query.orders:")] == [
        "Query.orders: order.Order is a connection that stock's scope does not narrow"
    ]


def test_a_row_that_may_not_be_missing_is_found() -> None:
    # given
    from saleor.graphql.order.types import Order

    built = planted(order=graphene.Field(Order, required=True))

    # then
    assert "Query.order: order.Order is checked, but could not be empty" in complaints(built)


@pytest.mark.django_db
def test_a_planted_field_is_scoped_by_itself(org: Any, ours: Any, theirs: Any, people: Any) -> None:
    # given: a plugin's careless field
    from types import SimpleNamespace

    from promise import Promise
    from saleor.graphql.order.types import Order as OrderType
    from saleor.order.models import Order

    built = planted(every_order=graphene.List(OrderType, resolver=lambda *_: Order.objects.order_by("pk")))
    field = built.get_query_type().fields["everyOrder"]

    def call(who: str) -> set[int]:
        info = SimpleNamespace(context=SimpleNamespace(user=people[who], app=None))
        return {row.pk for row in Promise.resolve(field.resolver(None, info)).get()}

    every = {rows.order.pk for rows in (ours, theirs)} | {rows.draft.pk for rows in (ours, theirs)}
    assert call("ours") == every

    # when
    apply_scope(built)

    # then
    assert call("ours") == {ours.order.pk, ours.draft.pk}
    assert call("city") == call("superuser") == every
