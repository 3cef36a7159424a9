"""The stock dashboard's operations on orders, money, drafts and customers, tried across the border of two counties."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User
from saleor.core.permissions import get_permissions
from saleor.order.models import Order, OrderLine
from saleor.payment.models import Payment, Transaction

from plugins.org_hierarchy.models import CustomerHome, OrgUnit
from saleor_o2o.graphql.permits import RULES, Closed, Free, Permit, stock_mutations

from ..orgs import again, grant, person
from .city import Rows
from .graphql import asked, codes, gid, post

pytestmark = pytest.mark.django_db

Given = Callable[[Rows], dict[str, Any]]


def by_id(kind: str, name: str) -> Given:
    return lambda rows: {"id": gid(kind, getattr(rows, name))}


def operation(name: str, arguments: dict[str, str], answer: str = "errors { field message }") -> str:
    declared = ", ".join(f"${key}: {kind}" for key, kind in arguments.items())
    passed = ", ".join(f"{key}: ${key}" for key in arguments)
    return f"mutation({declared}) {{ {name}({passed}) {{ {answer} }} }}"


ID = {"id": "ID!"}
#: name, arguments of the document, variables for a county's rows, the permission of ours
OPERATIONS: list[tuple[str, dict[str, str], Given, str]] = [
    ("orderUpdate", {**ID, "input": "OrderUpdateInput!"},
     lambda rows: {"id": gid("Order", rows.order), "input": {"userEmail": "new@example.com"}}, "order.edit"),
    ("orderAddNote", {"order": "ID!", "input": "OrderAddNoteInput!"},
     lambda rows: {"order": gid("Order", rows.order), "input": {"message": "note"}}, "order.edit"),
    ("orderCancel", ID, by_id("Order", "order"), "order.cancel"),
    ("orderBulkCancel", {"ids": "[ID]!"}, lambda rows: {"ids": [gid("Order", rows.order)]}, "order.cancel"),
    ("orderMarkAsPaid", ID, by_id("Order", "order"), "order.refund"),
    ("orderCapture", {**ID, "amount": "Decimal!"},
     lambda rows: {"id": gid("Order", rows.order), "amount": "1"}, "order.refund"),
    ("orderVoid", ID, by_id("Order", "order"), "order.refund"),
    ("orderRefund", {**ID, "amount": "Decimal!"},
     lambda rows: {"id": gid("Order", rows.order), "amount": "1"}, "order.refund"),
    ("orderFulfill", {"order": "ID!", "input": "OrderFulfillInput!"},
     lambda rows: {"order": gid("Order", rows.order), "input": {"lines": []}}, "order.fulfil"),
    ("orderFulfillmentUpdateTracking", {**ID, "input": "FulfillmentUpdateTrackingInput!"},
     lambda rows: {"id": gid("Fulfillment", rows.fulfillment), "input": {"trackingNumber": "9"}}, "order.fulfil"),
    ("paymentRefund", {"paymentId": "ID!", "amount": "Decimal"},
     lambda rows: {"paymentId": gid("Payment", rows.payment), "amount": "1"}, "order.refund"),
    ("paymentVoid", {"paymentId": "ID!"}, lambda rows: {"paymentId": gid("Payment", rows.payment)}, "order.refund"),
    ("draftOrderUpdate", {**ID, "input": "DraftOrderInput!"},
     lambda rows: {"id": gid("Order", rows.draft), "input": {"customerNote": "new"}}, "order.create"),
    ("draftOrderDelete", ID, by_id("Order", "draft"), "order.delete"),
    ("draftOrderBulkDelete", {"ids": "[ID]!"}, lambda rows: {"ids": [gid("Order", rows.draft)]}, "order.delete"),
    ("draftOrderLineUpdate", {**ID, "input": "OrderLineInput!"},
     lambda rows: {"id": gid("OrderLine", rows.draft.lines.get()), "input": {"quantity": 3}}, "order.create"),
    ("draftOrderLineDelete", ID,
     lambda rows: {"id": gid("OrderLine", rows.draft.lines.get())}, "order.create"),
    ("customerUpdate", {**ID, "input": "CustomerInput!"},
     lambda rows: {"id": gid("User", rows.customer), "input": {"firstName": "新"}}, "customer.edit"),
    ("customerDelete", ID, by_id("User", "customer"), "customer.edit"),
    ("customerBulkDelete", {"ids": "[ID]!"}, lambda rows: {"ids": [gid("User", rows.customer)]}, "customer.edit"),
    ("userBulkSetActive", {"ids": "[ID]!", "isActive": "Boolean!"},
     lambda rows: {"ids": [gid("User", rows.customer)], "isActive": False}, "customer.edit"),
    ("addressUpdate", {**ID, "input": "AddressInput!"},
     lambda rows: {"id": gid("Address", rows.address), "input": {"streetAddress1": "新"}}, "customer.edit"),
    ("addressDelete", ID, by_id("Address", "address"), "customer.edit"),
    ("updateMetadata", {**ID, "input": "[MetadataInput!]!"},
     lambda rows: {"id": gid("Order", rows.order), "input": [{"key": "k", "value": "v"}]}, "order.edit"),
    ("updatePrivateMetadata", {**ID, "input": "[MetadataInput!]!"},
     lambda rows: {"id": gid("User", rows.customer), "input": [{"key": "k", "value": "v"}]}, "customer.edit"),
]  # fmt: skip
NAMES = [name for name, *_rest in OPERATIONS]


def footprint(rows: Rows) -> Any:
    """What an operation could change of a county's rows."""
    orders = [rows.order.pk, rows.draft.pk]
    return (
        list(Order.objects.filter(pk__in=orders).order_by("pk").values()),
        list(OrderLine.objects.filter(order__in=orders).order_by("pk").values()),
        list(Payment.objects.filter(order__in=orders).order_by("pk").values("charge_status", "captured_amount")),
        list(Transaction.objects.filter(payment__order__in=orders).order_by("pk").values()),
        list(User.objects.filter(pk=rows.customer.pk).values()),
        list(rows.customer.addresses.order_by("pk").values()) if rows.customer.pk else [],
        rows.order.events.count(),
        list(rows.order.fulfillments.values()),
    )  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "given", "permission"), OPERATIONS, ids=NAMES)
def test_nothing_is_changed_across_the_border(
    ours: Rows,
    theirs: Rows,
    staff: dict[str, Any],
    name: str,
    arguments: dict[str, str],
    given: Given,
    permission: str,
) -> None:
    # given: the ids of the other county; the same ids when nobody has them
    document, variables = operation(name, arguments), given(theirs)
    before = footprint(theirs)

    # when
    answer = post(staff["ours"], document, **variables)

    # then
    assert footprint(theirs) == before
    if name != "updateMetadata":  # stock lets anybody write public notes on any order
        for who in ("anonymous", "shopper"):
            assert codes(post(staff[who], document, **variables)) == ["PermissionDenied"]
        assert footprint(theirs) == before
    missing = {
        key: gid(kind_of(value), 987654321) if key in ("id", "order", "paymentId") else
        [gid(kind_of(value[0]), 987654321)] if key == "ids" else value
        for key, value in variables.items()
    }  # fmt: skip
    text = str(answer)
    for key, value in variables.items():
        if key in missing and missing[key] != value:
            [one], [none] = ([item] if isinstance(item, str) else item for item in (value, missing[key]))
            text = text.replace(one, none).replace(f"pk {pk_of(one)}", "pk 987654321")
    assert text == str(post(staff["ours"], document, **missing))


def kind_of(one: str) -> str:
    from graphql_relay import from_global_id

    return str(from_global_id(one)[0])


def pk_of(one: str) -> str:
    from graphql_relay import from_global_id

    return str(from_global_id(one)[1])


@pytest.mark.parametrize(("name", "arguments", "given", "permission"), OPERATIONS, ids=NAMES)
def test_within_the_county_the_permission_of_ours_decides(
    org: dict[str, OrgUnit],
    ours: Rows,
    name: str,
    arguments: dict[str, str],
    given: Given,
    permission: str,
) -> None:
    # given: every permission of stock, sight of everything, and all of ours but the one
    sight = ["order.view", "customer.view", "payment.view"]
    others = sorted({one for *_rest, one in OPERATIONS} - {permission})
    clerk = person(org["C11"], "clerk", [*sight, *others], limits={"refund": "1000"})
    clerk.user_permissions.set(get_permissions())
    document = operation(name, arguments)
    before = footprint(ours)

    # when
    refused = post(again(clerk), document, **given(ours))

    # then
    assert codes(refused) == ["PermissionDenied"]
    assert footprint(ours) == before

    # when: it is held, but for a branch next door
    grant(clerk.o2o_staff, org["B112"], [permission], limits={"refund": "1000"})
    # then
    assert codes(post(again(clerk), document, **given(ours))) == ["PermissionDenied"]
    assert footprint(ours) == before

    # when
    grant(clerk.o2o_staff, org["B111"], [permission], limits={"refund": "1000"})
    # then: stock's own answer, whatever it thinks of the order's state
    assert codes(post(again(clerk), document, **given(ours))) == []


def test_bulk_mutations_find_no_foreign_rows(ours: Rows, theirs: Rows, staff: dict[str, Any]) -> None:
    # given: one of ours among theirs
    both = [gid("Order", ours.draft), gid("Order", theirs.draft)]
    document = operation("draftOrderBulkDelete", {"ids": "[ID]!"}, "count errors { message }")

    # when
    answer = post(staff["ours"], document, ids=both)

    # then: all or nothing, as with a missing id
    assert f"There is no node of type Order with pk {theirs.draft.pk}" in str(answer)
    assert Order.objects.filter(pk__in=[ours.draft.pk, theirs.draft.pk]).count() == 2

    # when
    assert asked(staff["area"], document, ids=both)["draftOrderBulkDelete"] == {"count": 2, "errors": []}
    assert not Order.objects.filter(status="draft").exists()


def test_every_mutation_of_stock_is_judged() -> None:
    # then
    assert stock_mutations() == RULES.keys()
    for name, rule in RULES.items():
        if isinstance(rule, Permit):
            assert rule.permission or "etadata" in name, name
        else:
            assert len(rule.reason) > 10, name


def test_every_named_permission_exists() -> None:
    from plugins.org_hierarchy.access.registry import permissions

    # then
    named = {rule.permission for rule in RULES.values() if isinstance(rule, Permit) and rule.permission}
    assert named <= permissions().keys()


CLOSED = [name for name, rule in RULES.items() if isinstance(rule, Closed)]


def test_what_is_closed_is_closed_for_the_city_too(staff: dict[str, Any], schema: Any) -> None:
    # given
    fields = schema.get_mutation_type().fields
    root, shopper = staff["superuser"], staff["shopper"]

    for name in CLOSED:
        # when: called as the executor would
        with pytest.raises(Exception, match="permission") as refused:
            fields[name].resolver(None, info_of(schema, staff["city"]))

        # then
        assert type(refused.value).__name__ == "PermissionDenied", name
    assert {"staffCreate", "permissionGroupUpdate", "appCreate", "pluginUpdate"} <= set(CLOSED)
    assert root.is_superuser and not shopper.is_staff


def info_of(schema: Any, user: User) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(schema=schema, context=SimpleNamespace(user=user, app=None))


@pytest.fixture(scope="module")
def schema() -> Any:
    from saleor_o2o.graphql.schema import schema

    return schema


def test_ones_own_account_stays_open(org: dict[str, OrgUnit], ours: Rows) -> None:
    # given: no permission at all
    clerk = person(org["C11"], "clerk", [])
    document = operation("accountUpdate", {"input": "AccountInput!"}, "user { firstName } errors { message }")

    # when
    found = asked(clerk, document, input={"firstName": "建国"})["accountUpdate"]

    # then
    assert found == {"user": {"firstName": "建国"}, "errors": []}
    assert isinstance(RULES["accountUpdate"], Free)


def test_a_clerk_takes_in_a_customer_and_drafts_an_order(
    org: dict[str, OrgUnit], staff: dict[str, Any], variant: Any
) -> None:
    # given
    clerk = staff["ours"]
    create = operation(
        "customerCreate", {"input": "UserCreateInput!"}, "user { id email } errors { field message }"
    )

    # when
    made = asked(clerk, create, input={"email": "new@example.com", "firstName": "新"})["customerCreate"]

    # then: seen by the county that took him in, not by the other one
    assert made["errors"] == []
    assert CustomerHome.objects.get().unit == org["C11"]
    look = "query($id: ID!) { user(id: $id) { email } }"
    assert asked(clerk, look, id=made["user"]["id"])["user"] == {"email": "new@example.com"}
    assert asked(staff["theirs"], look, id=made["user"]["id"])["user"] is None

    # when
    draft = operation(
        "draftOrderCreate",
        {"input": "DraftOrderCreateInput!"},
        "order { id user { email } } errors { field message }",
    )
    order = asked(clerk, draft, input={"user": made["user"]["id"]})["draftOrderCreate"]

    # then
    assert order["errors"] == [] and order["order"]["user"] == {"email": "new@example.com"}
    see = "query($id: ID!) { order(id: $id) { status } }"
    assert asked(clerk, see, id=order["order"]["id"])["order"] == {"status": "DRAFT"}
    assert asked(staff["theirs"], see, id=order["order"]["id"])["order"] is None
    foreign = asked(staff["theirs"], draft, input={"user": made["user"]["id"]})["draftOrderCreate"]
    assert foreign["order"] is None and foreign["errors"][0]["field"] == "user"


def test_a_refund_beyond_the_limit_says_who_may(org: dict[str, OrgUnit], ours: Rows) -> None:
    # given: 50 yuan a clerk, 500 the county's head
    clerk = person(org["B111"], "clerk", ["order.view", "order.refund"], limits={"refund": "50"})
    clerk.user_permissions.set(get_permissions())
    person(org["C11"], "head", ["order.refund"], limits={"refund": "500"})
    document = operation("orderRefund", {**ID, "amount": "Decimal!"})
    before = footprint(ours)

    # when
    answer = post(again(clerk), document, id=gid("Order", ours.order), amount="50.01")

    # then
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "¥50.01" in error["message"] and "¥50.00" in error["message"]
    assert "head" in error["extensions"]["hint"]
    assert footprint(ours) == before

    # when: in two steps
    Transaction.objects.create(
        payment=ours.payment, kind="refund", is_success=True, amount=Decimal("30"), currency="CNY", token="r",
        gateway_response={},
    )  # fmt: skip
    answer = post(again(clerk), document, id=gid("Order", ours.order), amount="20.01")
    # then
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"

    # when: the whole payment without naming an amount
    whole = operation("paymentRefund", {"paymentId": "ID!"})
    answer = post(again(clerk), whole, paymentId=gid("Payment", ours.payment))
    # then
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
