"""Every query and mutation of the plugins, with another county's codes and ids in every argument: no word, no change.

A new field is walked without being named. What its arguments are called must be known here (:data:`KNOWN`), or the
walk says so; what it may show or do to a stranger must be said with the reason.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import graphene
import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from graphene.utils.str_converters import to_camel_case
from PIL import Image
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User
from saleor.graphql.api import Mutation as StockMutation
from saleor.graphql.api import Query as StockQuery
from saleor.order.models import OrderLine

from plugins.channels.models import Channel
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.access.registry import permissions
from plugins.org_hierarchy.models import OrgUnit, Staff
from saleor_o2o.graphql.schema import schema
from saleor_o2o.kernel.clock import now

from ..orgs import again, person
from .filling import Unknown, document, own_fields
from .graphql import gid, post
from .planting import MARK, NAMES, Planted, Planter, planted_once

pytestmark = pytest.mark.django_db


def _stock(root: Any) -> frozenset[str]:
    return frozenset(field.name or to_camel_case(name) for name, field in root._meta.fields.items())


QUERIES = dict(own_fields(schema.get_query_type(), _stock(StockQuery) | {"_entities", "_service"}))
MUTATIONS = dict(own_fields(schema.get_mutation_type(), _stock(StockMutation)))

#: Shown to everybody, with the reason.
PUBLIC = {
    "nearestOutlets": "where to go: an outlet's name, address and telephone stand on its door",
    "nearestPlaces": "where to go",
    "rechargePackages": "what may be recharged, the same for everybody",
    "membershipPlans": "what may be bought, the same for everybody",
    "ticketInsuranceProducts": "what may be bought beside a ticket, the same for everybody",
    "loyaltyLevels": "the ladder of levels, the same for everybody",
    "servingBranch": "who serves an address",
    "communities": "names of housing estates, and who serves them",
    "wechatJsConfig": "signs pages of ours for WeChat's browser; names an account that everybody may follow",
    "shopByCode": "an open micro-shop, by the code that hangs in it",
    "coachStations": "where coaches stop, the same for everybody",
    "coachDestinations": "where coaches go, the same for everybody",
    "coachShifts": "buses of a day, the same for everybody",
    "coachSeats": "which seats of a bus are free, the same for everybody",
    "coachShift": "a bus of a day, the same for everybody",
    "paymentIntent": "an order's token is its key",
    "cashier": "an order's token is its key",
}
#: Shows nothing of units even to those who may: the viewer's own, or a calculation.
OWN = {
    "myShopBinding": "the viewer's own binding",
    "myMember": "the viewer's own membership",
    "mySurvey": "a question to the viewer",
    "wechatNotices": "templates that the viewer has not agreed to; nothing for nobody",
    "myAddresses": "the viewer's own addresses",
    "myClosing": "the viewer's own wish",
    "myPassengers": "the viewer's own passengers",
    "myPayerNumbers": "the viewer's own numbers",
    "myVehicles": "the viewer's own cars",
    "myInvoiceTitles": "the viewer's own titles",
    "myFavourites": "the viewer's own favourites",
    "myFootprints": "the viewer's own footprints",
    "memberCodeStatus": "by a ticket that only the asker has",
    "memberAgreement": "the name of a version, the same for everybody",
    "memberAgreementText": "the words of the agreement, the same for everybody",
    "myMemberSessions": "the viewer's own logins",
    "myMemberships": "the viewer's own memberships",
    "admissionProducts": "what is on sale for everybody; the planted one is a draft",
    "admissionProduct": "as admissionProducts",
    "admissionSession": "as admissionProducts",
    "admissionProof": "a puzzle for whoever wants to buy; nobody's row",
    "myAdmissionWaitings": "the viewer's own",
    "admissionDraws": "as admissionProducts; the viewer's own entry",
    "myAdmissionDraws": "the viewer's own",
    "ticketPostponed": "the viewer's own",
    "ticketChanges": "one's own, with a guest's token, or a ticket order in reach: its numbers and sums",
    "ticketRefunds": "one's own, with a guest's token, or a ticket order in reach: its numbers and sums",
    "ticketInsurances": "one's own, with a guest's token, or a ticket order in reach: its numbers and sums",
    "memberMemberships": "found by whole identities, which the planted row has not; rows_for",
    "myTicketOrders": "the viewer's own",
    "ticketOrder": "found by whole numbers in capitals, which the planted row's is not; rows_for",
    "ticketHolders": "the viewer's own",
    "ticketVoucher": "the viewer's own",
    "ticketGuestLink": "by a signed link: an order's number and a masked telephone",
    "ticketVouchers": "the viewer's own, or with a guest's key or token",
    "coachPasses": "the viewer's own, or with a guest's key or token",
    "coachLaterBuses": "found by whole numbers in capitals, which the planted row's is not; one's own, or get_row",
    "coachInvoices": "found by whole numbers in capitals, which the planted row's is not; one's own, or get_row",
    "myLoyalty": "the viewer's own points and level",
    "memberPrice": "the viewer's own price of goods that everybody sees",
    "memberLoyalty": "found by whole identities, which the planted row has not; rows_for",
    "counterMember": "found by whole identities, which the planted row has not",
    "members": "found by whole identities, which the planted row has not; rows_for",
    "myApprovals": "the viewer's own heap",
    "orderCashier": "the money of an order in reach; nothing of what is planted could be refunded",
    "myOrders": "the viewer's own orders as a shopper",
    "checkoutDeductions": "the viewer's own cart",
    "myCoupons": "the viewer's own",
    "checkoutCoupons": "the viewer's own, in his own cart",
    "basketCoupons": "the viewer's own, in a basket he brings along",
    "pointsMall": "goods of a shop that is open to all; the planted one's are not published",
    "pointsMallOffer": "as pointsMall",
    "pointsMallCoupons": "as pointsMall",
    "myPointsExchanges": "the viewer's own",
    "couponCentre": "what runs for everybody; the planted giving's template is a draft",
    "coupons": "states and names of templates; rows_for",
    "basketQuote": "reckons a basket the viewer brings along",
    "afterSaleOffer": "the viewer's own order, or one of a customer in reach",
    "afterSaleOffers": "the viewer's own order",
    "myAfterSales": "the viewer's own",
    "myAfterSale": "the viewer's own",
    "myComplaints": "the viewer's own",
    "myOrder": "the viewer's own, or with its token",
    "shopApplication": "by number and the applicant's telephone together",
    "orgPermissions": "the words of permissions, the same for everybody",
    "commissionCalculate": "needs rules; refused for units out of reach",
    "commissionExplain": "needs an order with a snapshot; get_row",
    "counterQuote": "reckons; refused for places out of reach",
    "counterShift": "the viewer's own shift",
    "channelFigures": "the code and numbers only; rows_for",
    "dispatchChoices": "people and units only for a task that can be given away; the planted one is being located",
    "pinCorrections": "a correction names its place; rows_for",
}
#: Mutations that do something for whoever calls them, to nobody else's rows.
FOR_ONESELF = {
    "staffLogoutEverywhere": "the caller's own sessions",
    "memberCodeSend": "anybody may ask for a code; it goes to the telephone",
    "memberCounterCode": "a code for the person at the counter goes to the telephone",
    "memberPhoneRegister": "a clerk takes a caller in at the own unit",
    "memberQrStart": "a screen asks for a code that nobody has confirmed",
    "wechatLoginStart": "an address of WeChat's for whoever asks",
    "wechatLogin": "whoever comes back from WeChat, as himself",
    "shopEnter": "the caller as a shopper enters an open shop",
    "shopApply": "anybody may apply, with a telephone",
    "checkoutAttribute": "a cart's id is its key",
    "staffTokenCreate": "logging in is written down",
    "paymentStart": "an order's token is its key: whoever has it may pay",
    "paymentCompose": "an order's token is its key: whoever has it may pay",
    "paymentTransferSubmit": "an order's token is its key: whoever has it may pay",
    "admissionQueueJoin": "a place in a queue that is open to everybody",
    "ticketRedeem": "notes at one's own desk that a code is unknown there",
}
#: A channel's code as people type it.
CODE = "K7W3NQ9X"
#: An employee's number as they are kept.
NUMBER = MARK.upper()
#: Written down whatever happens.
NOTED = {"o2o_kernel", "o2o_login_security"}


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    """A walk asks for everything at once, which the API refuses."""
    settings.O2O_GRAPHQL = {**settings.O2O_GRAPHQL, "MAX_DEPTH": 100, "MAX_COST": 10**9}


@pytest.fixture(scope="module")
def planted_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Planted]:
    """A row of every model of ours, all of the other county; its channel is an open one, with a code as they are."""
    wanted = [model for model in apps.get_models() if model._meta.app_label.startswith("o2o_")]
    with planted_once(django_db_blocker, wanted) as made:
        known = made.county.known
        with django_db_blocker.unblock():
            Channel.objects.filter(pk=known[Channel].pk).update(
                code=CODE, type=ChannelType.MICRO_SHOP, status=ChannelStatus.ACTIVE
            )
            known[Channel] = Channel.objects.get(pk=known[Channel].pk)
            Staff.objects.filter(pk=known[Staff].pk).update(employee_no=NUMBER)
        yield made


@pytest.fixture
def org(planted_rows: Planted, db: None) -> dict[str, OrgUnit]:
    return planted_rows.org


@pytest.fixture
def foreign(planted_rows: Planted, db: None) -> Planter:
    return planted_rows.county


def known_of(planter: Planter, name: str) -> dict[str, Any]:
    """What a stranger who knows everything about the other county would put into the arguments."""

    def key(label: str, field: str = "pk") -> Any:
        row = planter.known.get(apps.get_model(label))
        return str(getattr(row, field)) if row is not None else "1"

    channel = key("o2o_channels.Channel", "code")
    order: Any = planter.known[apps.get_model("order.Order")]
    plans = {"commission": "", "orgUnit": "B121"}
    code = next((value for start, value in plans.items() if name.startswith(start)), channel)
    place = "B121" if name.startswith("counter") else key("o2o_service_map.Place")
    identity = {
        "orgUnit": planter.unit.pk,
        "orgUnitMoveCancel": key("o2o_org_hierarchy.PlannedMove"),
        "roleRevoke": key("o2o_org_hierarchy.RoleGrant"),
        **dict.fromkeys(
            ("pointsBurnCode", "pointsBurnConfirm", "pointsBurnTakeBack"), key("o2o_loyalty.Burn")
        ),
        **dict.fromkeys(("memberConsentCode", "memberConsentGive"), key("o2o_loyalty.Consent")),
    }
    if name.startswith("order"):
        identity[name] = gid("Order", order)
    numbered = {
        "shop": "o2o_channels.Application",
        "afterSale": "o2o_after_sale.AfterSale",
        "myAfterSale": "o2o_after_sale.AfterSale",
        "complaint": "o2o_after_sale.Complaint",
        "dispatch": "o2o_dispatch.DispatchTask",
        "coupon": "o2o_coupons.Coupon",
        "membership": "o2o_memberships.Membership",
        "coachInvoice": "o2o_ticketing.TicketOrder",
    }
    label = next(
        (value for start, value in numbered.items() if name.startswith(start)),
        "o2o_approvals.ApprovalRequest",
    )
    number = str(order.pk) if name.startswith("myOrder") else key(label, "number")
    # all grants, not those of one person and role
    whose, role = ("", "") if name == "roleGrants" else (NUMBER, key("o2o_org_hierarchy.Role", "code"))
    return {
        "owner": "B121", "department": key("o2o_org_hierarchy.Department", "code"), "before": None,
        "incompatible": key("o2o_org_hierarchy.Role", "code"), "permissions": "order.view", "keys": "1",
        "kind": "posts",
        "state": key("o2o_org_hierarchy.RoleGrant", "state").upper(),
        "code": code, "codes": channel, "shopCode": channel, "channelCode": channel, "source": channel,
        "target": channel, "unit": "B121", "units": "B121", "unitCode": "B121", "branchCode": "B121", "parent": "B121",
        "numbers": number, "person": MARK, "view": "OPEN",
        "successor": "B121", "id": identity.get(name, "1"), "number": number, "place": place,
        "saleId": key("o2o_counter_sales.CounterSale"), "shiftId": key("o2o_counter_sales.Shift"),
        "drawerId": key("o2o_counter_sales.Drawer"), "terminal": "30010001", "slip": "000123", "worth": "100",
        "orderId": gid("Order", order), "orderToken": order.token,
        "ids": gid("Order", order), "line": gid("OrderLine", planter.known[OrderLine]), "subOrder": "1",
        "token": "00000000-0000-0000-0000-000000000000", "method": "cash", "payerName": "付款人",
        "userId": gid("User", planter.user),
        "variantId": gid("ProductVariant", 1), "categoryId": None, "checkoutId": gid("Checkout", "x"), "key": "k" * 16,
        "staff": whose, "to": NUMBER, "employeeNo": NUMBER, "managerNo": NUMBER, "operator": NUMBER,
        "post": key("o2o_org_hierarchy.Post", "code"), "role": role,
        "search": "乙县" if name.startswith("orgUnit") else str(order.pk) if name == "afterSaleOrders" else MARK,
        "status": "ACTIVE", **({"level": "OUTLET"} if name.startswith("orgUnit") else {}),
        **({"level": key("o2o_loyalty.Level", "code")} if name.startswith("points") else {}),
        **({"type": "MICRO_SHOP"} if name == "salesChannels" else {}),
        "after": "", "cursor": "", "mobile": "13800138000", "phone": "13800138000", "email": "new@example.com",
        "password": "pass-word", "agreementNo": "A1", "customerName": "新客", "discountReason": "理由",
        "payerId": "openid", "payerPass": "zz", "shippingMethodId": None,
        "otp": "000000", "login": MARK, "current": "pass-word", "confirmation": "000000", "username": "new_name",
        "agreement": "2026-11", "ticket": "00000000-0000-0000-0000-000000000000",
        "purpose": "SIGN_IN", "content": "yuyou-login:x", "secret": "x", "recording": "录音 0001",
        "name": "新名", "shortName": "新名", "reason": "理由", "note": "说明", "findings": "发现",
        "template": key("o2o_coupons.CouponTemplate", "code"), "members": key("o2o_members.Member", "number"),
        "member": key("o2o_members.Member", "number"), "pieces": 1, "values": "C1",
        "course": key("o2o_channels.Course", "code"), "idNumber": "110101199003078515", "visit": "x",
        "authCode": "134567890123456789", "gate": "", "document": "", "choice": "KEEP",
        "orderNumber": key("o2o_ticketing.TicketOrder", "number"),
        "lineId": key("order.OrderLine"), "swapFor": gid("ProductVariant", 1), "why": "说明",
        "returnTo": "http://127.0.0.1:8000/h5/" if name.startswith("wechat") else "仓",
        "communityId": "1", "communityName": "小区", "building": "1 栋", "referrer": "M2600000017",
        "channel": "K7W3NQ9X", "province": "重庆市", "town": "街道", "detail": "小区 1 号", "door": "1 栋",
        "biller": "燃气公司", "label": "家", "plate": "渝A12345", "model": "车", "vin": "123456", "engine": "123456",
        "title": "抬头", "taxNumber": "911000000000192465", "bank": "银行", "productId": gid("Product", 1),
        "order": key("o2o_ticketing.TicketOrder", "number"), "hold": key("o2o_ticketing.TicketOrder", "number"),
        "tickets": key("o2o_ticketing.Ticket", "number"), "quantities": 1, "cause": "PASSENGER", "trade": "COACH",
        "targetKey": "k" * 16, "products": "coach-3",
        "skip": 0, "community": "小区", "plan": key("o2o_memberships.Plan", "code"), "vehicleId": "1",
        "word": "很好",
        "start": "CQ-LTS", "goal": "CQ-LTS", "shift": "1", "savedId": None, "documentNumber": "E12345678",
        "certificate": "", "contact": "联系人", "insteadOf": "", "proof": "", "link": "1-0123456789ab",
        "giftMobile": "", "digits": "0000000000", "benefit": "wash",
        "cardNumber": key("o2o_memberships.Card", "number"), "scratch": "AAAA",
        "premises": "门面", "remark": "备注", "address": "渝中区", "district": "渝中区", "street": "1 号",
        "regionCode": "500103", "dutyPhone": "023-1", "postcode": "400010", "costCentre": "1", "commissionTemplate": "",
        "commissionPlan": "", "notice": "公告", "theme": "", "shopName": "新名", "channelType": "",
        "subOrderNumber": key("o2o_ordering.SubOrder", "number"), "text": "经过", "carrier": "邮政", "waybill": "E1",
        "url": "http://127.0.0.1:8000/h5/", "account": key("o2o_official_account.Account", "code"),
        "browserKey": "k", "deviceKey": "k", "device": "k", "area": "渝中区",
        "product": key("o2o_admission.AdmissionProduct", "code"), "session": key("o2o_admission.Session"),
        "slot": key("o2o_admission.Slot"), "ticketClass": key("o2o_admission.TicketClass", "code"), "seat": "1",
        "seats": "1",
        "waiting": key("o2o_admission.Waiting"),
        "gateway": "o2o.wechat_pay", "country": "CN", "countryArea": "重庆市", "city": "重庆市", "cityArea": "渝中区",
        "firstName": "新客", "lastName": "新", "companyName": "", "postalCode": "400010", "streetAddress1": "1 号",
        "streetAddress2": "", "promoCode": None, "shippingMethod": None, "redirectUrl": None,
        "revision": 1, "version": 1, "quantity": 1, "score": 90, "lng": 106.5, "lat": 29.5,
    }  # fmt: skip


def picture() -> SimpleUploadedFile:
    """What every operation that takes a file is sent."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "JPEG")
    return SimpleUploadedFile("photo.jpg", made.getvalue(), "image/jpeg")


def asked(user: User, operation: str, name: str, field: Any, planter: Planter) -> Any:
    cache.clear()  # nobody is refused for asking often
    with transaction.atomic():
        return post(user, document(operation, name, field, known_of(planter, name)), file=picture())


def shown(answer: Any) -> list[str]:
    text = json.dumps(answer, ensure_ascii=False)
    return [word for word in (MARK, *NAMES) if word in text]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_shows_nothing_of_another_county(
    foreign: Planter, org: dict[str, OrgUnit], name: str
) -> None:
    # given: every permission, in the county next door
    clerk = person(org["C11"], "clerk", list(permissions()))

    # when
    answer = asked(clerk, "query", name, QUERIES[name], foreign)

    # then
    assert not any(word in str(answer) for word in ("INTERNAL_ERROR", "QUERY_TOO")), answer
    assert "GraphQLError" not in json.dumps(answer), (
        answer
    )  # a document that the schema refuses tries nothing
    assert shown(answer) == [] or name in PUBLIC, answer


def test_the_same_questions_show_those_who_may(foreign: Planter, org: dict[str, OrgUnit]) -> None:
    # given: the walk would see it
    head = person(org["C12"], "head", list(permissions()))

    # when
    answers = {name: asked(again(head), "query", name, field, foreign) for name, field in QUERIES.items()}

    # then
    silent = {name: answer for name, answer in answers.items() if not shown(answer)}
    assert {name: answer for name, answer in silent.items() if name not in OWN and name not in PUBLIC} == {}
    assert not any(word in str(answers) for word in ("INTERNAL_ERROR", "QUERY_TOO"))


def footprint(tables: frozenset[str] | None = None) -> dict[str, Any]:
    """Every row of ours and of stock's trade, by model; of those tables only, if any are named."""
    found = {}
    for model in apps.get_models():
        label = model._meta.app_label
        if (
            model._meta.proxy
            or label in NOTED
            or not (label.startswith("o2o_") or label in ("order", "account", "payment"))
            or (tables is not None and model._meta.db_table not in tables)
        ):
            continue
        found[model._meta.label] = sorted(
            repr([bytes(one) if isinstance(one, memoryview) else one for one in row])
            for row in model._base_manager.values_list()
        )
    return found


def written() -> set[tuple[str, int]]:
    """How often each table was written to in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return set(cursor.fetchall())


def changed_by(act: Callable[[], Any], before: dict[str, Any] | None = None) -> list[str]:
    """The tables that something changes; undone again."""
    kept = before or footprint()
    with transaction.atomic():
        start = written()
        act()
        after = footprint(frozenset(table for table, _times in written() - start))
        transaction.set_rollback(True)
    return [label for label, rows in after.items() if rows != kept[label]]


def test_no_mutation_changes_anything_of_another_county(foreign: Planter, org: dict[str, OrgUnit]) -> None:
    # given
    clerk = person(org["C11"], "clerk", list(permissions()), limits={"refund": "1000", "discount": "1000"})
    done: dict[str, Any] = {}
    Staff.objects.update(last_seen_at=now())  # else being seen is written down
    before = footprint()

    for name, field in MUTATIONS.items():
        # when
        answers: list[Any] = []

        def act(name: str = name, field: Any = field, answers: list[Any] = answers) -> None:
            answers.append(asked(again(clerk), "mutation", name, field, foreign))

        tables = changed_by(act, before)

        # then
        text = json.dumps(answers, ensure_ascii=False)
        assert not any(
            word in text for word in ("INTERNAL_ERROR", "GraphQLError", "Syntax Error", "QUERY_TOO")
        ), (
            name,
            text,
        )
        if name not in FOR_ONESELF and (tables or shown(answers)):
            done[name] = (tables, shown(answers), text[:300])
    assert done == {}, "\n".join(f"{name}: {what}" for name, what in done.items())


# -- planted: what the walk must find ------------------------------------------------------


class PlantedUnit(graphene.ObjectType):
    """A plain type, as the plugins have them: no model behind it that anything could check."""

    code = graphene.String()
    name = graphene.String()


class PlantedRename(graphene.Mutation):
    """Looks the unit up by its code and asks nobody."""

    ok = graphene.Boolean()

    class Arguments:
        code = graphene.String(required=True)

    @classmethod
    def mutate(cls, _root: Any, _info: Any, code: str) -> PlantedRename:
        return cls(ok=bool(OrgUnit.objects.filter(code=code).update(name="改名")))


def planted() -> Any:
    units = graphene.List(PlantedUnit, resolver=lambda *_: OrgUnit.objects.order_by("pk"))
    query = type("Query", (graphene.ObjectType,), {"orgUnitsOfAll": units})
    mutation = type("Mutation", (graphene.ObjectType,), {"orgUnitRename": PlantedRename.Field()})
    return graphene.Schema(query=query, mutation=mutation, auto_camelcase=False)


def test_a_careless_query_and_mutation_are_found(foreign: Planter) -> None:
    # given
    built = planted()
    query, mutation = (
        dict(own_fields(root, frozenset())) for root in (built.get_query_type(), built.get_mutation_type())
    )
    ask = document("query", "orgUnitsOfAll", query["orgUnitsOfAll"], known_of(foreign, "orgUnits"))
    rename = document(
        "mutation", "orgUnitRename", mutation["orgUnitRename"], known_of(foreign, "orgUnitRename")
    )

    # then
    assert shown(built.execute(ask).data) == list(NAMES)
    assert changed_by(lambda: built.execute(rename)) == ["o2o_org_hierarchy.OrgUnit"]


def test_an_argument_that_nobody_knows_is_found(foreign: Planter) -> None:
    # given
    built = graphene.Schema(query=type("Query", (graphene.ObjectType,), {
        "secret": graphene.String(codeword=graphene.String(required=True)),
    }))  # fmt: skip

    # then
    with pytest.raises(Unknown, match="codeword"):
        document("query", "secret", built.get_query_type().fields["secret"], known_of(foreign, "secret"))


def test_names_in_the_tables_exist() -> None:
    # then: a plugin that is off takes its fields away
    assert (PUBLIC.keys() | OWN.keys()) - QUERIES.keys() == set()
    assert FOR_ONESELF.keys() - MUTATIONS.keys() == set()
    assert all(
        len(reason) > 8 or reason in ("rows_for", "get_row")
        for table in (PUBLIC, OWN, FOR_ONESELF)
        for reason in table.values()
    )
