"""The API of admission: what shoppers see, hold and wait for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.members.interfaces import bind
from plugins.members.kinds import IdentityKind
from plugins.members.services.registering import ensure_member
from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import AdmissionProduct, SessionSeat, TicketClass, Waiting
from plugins.ticketing.admission.services import queueing
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import now
from tests.orgs import person
from tests.scope.graphql import asked, post

from .conftest import Park, Show

pytestmark = pytest.mark.django_db(transaction=True)

LIST = """query($kinds: [AdmissionKind!], $search: String) { admissionProducts(kinds: $kinds, search: $search) {
  code name title priceFrom onSale place { name level district } classes { code name price validMode advance } } }"""
DETAIL = """query($code: String!, $first: Date) { admissionProduct(code: $code) { code waitingHours queued
  calendar(first: $first, days: 3) { day priceFrom left classes { code price left open } }
  sessions { id title seated priceFrom left classes { code price left open } } } }"""
SEATS = """query($id: ID!) { admissionSession(id: $id) { id seated categories { code name colour }
  seats { id label category line place free } } }"""
HOLD = """mutation($key: String!, $product: String!, $session: ID, $day: Date, $slot: ID, $mobile: String!,
  $tickets: [AdmissionTicketInput!]!, $waiting: ID) { admissionHold(key: $key, product: $product, session: $session,
  day: $day, slot: $slot, tickets: $tickets, mobile: $mobile, waiting: $waiting) { number state total seats heldUntil
  errors { code field message hint } } }"""


def hold(user: User | None, **told: Any) -> Any:
    told = {"key": "key-00000001", "mobile": "13800000001", **told}
    return asked(user, HOLD, **told)["admissionHold"]


def test_shoppers_find_products_and_their_days(show: Show, park: Park) -> None:
    make_quota(None, park.product, 60, day=park.day)
    found = asked(None, LIST, kinds=["SCENIC"], search="天生")["admissionProducts"]
    assert [(one["code"], one["title"], one["priceFrom"], one["place"]["level"]) for one in found] == [
        ("karst", "景区门票", 62.5, "AAAAA")
    ]
    assert found[0]["classes"][0] == {
        "code": "adult", "name": "成人票", "price": 125.0, "validMode": "DAY", "advance": "游玩当天 24:00 前可订",
    }  # fmt: skip
    assert [one["code"] for one in asked(None, LIST)["admissionProducts"]] == ["karst", show.product.code]
    detail = asked(None, DETAIL, code="karst", first=str(park.day))["admissionProduct"]
    assert [(one["day"], one["priceFrom"], one["left"]) for one in detail["calendar"]] == [
        (str(park.day), 62.5, 50), *((one["day"], None, 0) for one in detail["calendar"][1:]),
    ]  # fmt: skip
    assert detail["sessions"] == []
    detail = asked(None, DETAIL, code=show.product.code)["admissionProduct"]
    assert detail["calendar"] == []
    assert [(one["title"], one["seated"], one["priceFrom"], one["left"]) for one in detail["sessions"]] == [
        ("销售中", True, 180.0, 38)
    ]
    for unknown in ("no-such", "", "x" * 500):
        assert asked(None, DETAIL, code=unknown)["admissionProduct"] is None
    for key in ("0", "x", "9" * 30, str(show.session.pk + 1000)):
        assert asked(None, SEATS, id=key)["admissionSession"] is None


@pytest.mark.parametrize("typed", ["😀😀😀", "138\0", "02363801234", "１３８", ""])
def test_tickets_go_to_a_mobile_that_exists(park: Park, typed: str) -> None:
    # given
    make_quota(None, park.product, 60, day=park.day)

    # when
    told = hold(None, product="karst", day=str(park.day), tickets=[{"ticketClass": "child"}], mobile=typed)

    # then: nothing is held
    assert [one["field"] for one in told["errors"]] == ["mobile"]
    assert not TicketOrder.objects.exists()


def test_who_of_a_party_is_refused_is_said(park: Park) -> None:
    # given: the second one's number is wrong
    make_quota(None, park.product, 60, day=park.day)
    people = [{"ticketClass": "child", "name": "测一", "documentNumber": "500103201001010037"}] * 2
    [first, second] = people[0], {**people[1], "documentNumber": "500103201001010038"}

    # when
    alone = hold(None, product="karst", day=str(park.day), tickets=[second])
    party = hold(None, product="karst", day=str(park.day), tickets=[first, second])

    # then
    assert [(one["field"], one["message"]) for one in alone["errors"]] == [
        ("tickets.0.number", "居民身份证号码不正确")
    ]
    assert [(one["field"], one["message"]) for one in party["errors"]] == [
        ("tickets.1.number", "第 2 位：居民身份证号码不正确")
    ]


def test_a_mobile_is_kept_in_one_form_however_it_is_typed(park: Park) -> None:
    # given
    make_quota(None, park.product, 60, day=park.day)

    # when
    told = hold(
        None,
        product="karst",
        day=str(park.day),
        tickets=[{"ticketClass": "child"}],
        mobile="+86 １３８-0000 0001",
    )

    # then
    assert told["errors"] == []
    assert TicketOrder.objects.get().mobile == "13800000001"


def test_a_member_need_not_type_the_mobile_that_the_platform_knows(park: Park) -> None:
    # given
    make_quota(None, park.product, 60, day=park.day)
    shopper = User.objects.create_user("member@example.com", "password")
    told = {"product": "karst", "day": str(park.day), "tickets": [{"ticketClass": "child"}], "mobile": ""}
    assert [one["field"] for one in hold(shopper, **told)["errors"]] == ["mobile"]
    # when
    bind(ensure_member(shopper), IdentityKind.MOBILE, "13900001234")
    held = hold(shopper, **told)
    # then; and nobody gets another's
    assert held["errors"] == []
    assert TicketOrder.objects.get().mobile == "13900001234"
    clerk = person(park.product.unit, "clerk", (SELL,))
    assert [one["field"] for one in hold(None, **{**told, "key": "key-00000002"})["errors"]] == ["mobile"]
    assert hold(clerk, **{**told, "key": "key-00000003"})["errors"] == []
    assert TicketOrder.objects.order_by("pk").last().mobile == ""


def test_codes_that_a_process_remembers_mean_what_they_mean_now(park: Park) -> None:
    # given: somebody has bought before, so that this process knows what the codes mean
    make_quota(None, park.product, 60, day=park.day)
    wish = {"product": "karst", "day": str(park.day), "tickets": [{"ticketClass": "child"}]}
    with CaptureQueriesContext(connection) as first:
        assert hold(None, **wish)["total"] == 62.5
    with CaptureQueriesContext(connection) as log:
        assert hold(None, **wish, key="key-00000002")["total"] == 62.5
    names = [[one for one in of if "o2o_admission_named" in one["sql"]] for of in (first, log)]
    assert list(map(len, names)) == [1, 0]

    # when: two classes change their codes
    adult, child = (TicketClass.objects.get(product=park.product, code=code) for code in ("adult", "child"))
    for row, code in ((child, "for-a-moment"), (adult, "child"), (child, "adult")):
        TicketClass.objects.filter(pk=row.pk).update(code=code)
    swapped = hold(None, **wish, key="key-00000003")

    # then: the code that was asked for decides
    assert (swapped["total"], swapped["errors"]) == (125.0, [])
    ticket = TicketOrder.objects.get(number=swapped["number"]).tickets.get()
    assert ticket.face == 125

    # when: the code is gone, and the product's is another one
    TicketClass.objects.filter(pk=adult.pk).update(code="grown-up")
    gone = hold(None, **wish, key="key-00000004")
    AdmissionProduct.objects.filter(pk=park.product.pk).update(code="karst-2")
    moved = hold(None, **wish, key="key-00000005")
    here = hold(
        None, **{**wish, "product": "karst-2", "tickets": [{"ticketClass": "grown-up"}]}, key="key-00000006"
    )

    # then
    told = [[(one["code"], one["field"]) for one in of["errors"]] for of in (gone, moved, here)]
    assert told == [[("NOT_ON_SALE", "tickets.0.ticketClass")], [("NOT_FOUND", "product")], []]
    assert TicketOrder.objects.count() == 4


def test_dearer_than_what_was_shown_is_refused_with_both_prices(park: Park) -> None:
    # given: the page showed 60.00 for two children, who cost 62.50 each by now
    make_quota(None, park.product, 60, day=park.day)
    wish = {"product": "karst", "day": str(park.day), "tickets": [{"ticketClass": "child"}] * 2}
    dear = HOLD.replace("$waiting: ID)", "$waiting: ID, $most: Decimal)")
    dear = dear.replace("waiting: $waiting)", "waiting: $waiting, mostTotal: $most)")

    # when
    told = {"key": "key-00000001", "mobile": "13800000001", **wish}
    refused = asked(None, dear, most="120.00", **told)["admissionHold"]

    # then: nothing is held
    assert [(one["code"], one["field"], one["message"], one["hint"]) for one in refused["errors"]] == [
        ("PRICE_CHANGED", "mostTotal", "票价已变，合计由 120.00 元变为 125.00 元", "接受新价格请再次确认")
    ]  # fmt: skip
    assert refused["total"] == 125.0 and not TicketOrder.objects.exists()

    # when: agreed, the same request; what is cheaper than shown is simply taken
    taken = [asked(None, dear, most=most, **{**told, "key": key})["admissionHold"] for most, key in (
        ("125.00", "key-00000001"), ("999.00", "key-00000002"),
    )]  # fmt: skip

    # then
    assert [(one["total"], one["state"], one["errors"]) for one in taken] == [(125.0, "held", [])] * 2


def test_a_seat_map_costs_the_same_for_any_number_of_seats(show: Show) -> None:
    with CaptureQueriesContext(connection) as first:
        found = asked(None, SEATS, id=str(show.session.pk))["admissionSession"]
    assert len(found["seats"]) == 38
    with CaptureQueriesContext(connection) as again:
        asked(None, SEATS, id=str(show.session.pk))
    assert len(again) < len(first)
    # six for the session, its product, classes, what is left, its prices and the seats
    assert len([one for one in again if "o2o_admission" in one["sql"]]) == 6


def test_seats_are_held_by_guests_members_and_at_counters(show: Show, org: dict[str, OrgUnit]) -> None:
    tickets = [{"ticketClass": "a"}, {"ticketClass": "a-student"}]
    told = hold(None, product=show.product.code, session=str(show.session.pk), tickets=tickets)
    assert (told["state"], told["total"], told["errors"]) == ("held", 570.0, [])
    assert len(set(told["seats"])) == 2
    # the same again is the same
    again = hold(None, product=show.product.code, session=str(show.session.pk), tickets=tickets)
    assert again["number"] == told["number"]
    # chosen ones at a counter, with the branch that sells
    clerk = person(org["O1111"], "clerk", [SELL])
    chosen = [{"ticketClass": "a", "seat": str(show.seat("2", one))} for one in ("1", "2")]
    sold = hold(
        clerk, key="key-00000002", product=show.product.code, session=str(show.session.pk), tickets=chosen
    )
    assert sold["seats"] == ["池座2排1座", "池座2排2座"]
    order = TicketOrder.objects.get(number=sold["number"])
    assert (order.unit.code, order.made_by, order.user) == ("O1111", clerk, None)
    # whoever may not sell does not, and a seat that is gone says so
    stranger = person(org["O1112"], "stranger", [])
    answer = post(
        stranger, HOLD, key="key-00000003", mobile="13800000001", product=show.product.code,
        session=str(show.session.pk), tickets=tickets,
    )  # fmt: skip
    assert answer["data"]["admissionHold"]["errors"][0]["code"] == "PERMISSION_DENIED"
    gone = hold(
        None, key="key-00000004", product=show.product.code, session=str(show.session.pk), tickets=chosen[:1]
    )
    assert gone["errors"] == [
        {
            "code": "SEAT_TAKEN",
            "field": "seats",
            "message": "池座2排1座 已被别人选走，或不能购买",
            "hint": "请重新选座",
        }
    ]
    assert SessionSeat.objects.filter(state="held").count() == 4


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"product": "no-such"}, "NOT_FOUND"),
        ({"session": "x"}, "NOT_FOUND"),
        ({"session": None}, "INVALID"),
        ({"tickets": []}, "COUNT"),
        ({"tickets": [{"ticketClass": "a"}] * 60}, "COUNT"),
        ({"tickets": [{"ticketClass": "nobody"}]}, "NOT_ON_SALE"),
        ({"tickets": [{"ticketClass": "a", "seat": "x"}]}, "NOT_FOUND"),
        ({"tickets": [{"ticketClass": "a", "seat": "999999999"}]}, "SEAT_UNKNOWN"),
        ({"tickets": [{"ticketClass": "a", "name": "张三", "documentNumber": "1"}]}, "DOCUMENT_INVALID"),
        ({"tickets": [{"ticketClass": "a", "savedId": "1"}]}, "INVALID"),
        ({"key": "short"}, "KEY_INVALID"),
        ({"waiting": "1"}, "OFFER_OVER"),
        ({"day": "2020-01-01"}, None),
    ],
)
def test_bad_input_is_refused_in_words(show: Show, more: dict[str, Any], code: str | None) -> None:
    told = {
        "product": show.product.code, "session": str(show.session.pk), "tickets": [{"ticketClass": "a"}], **more,
    }  # fmt: skip
    found = hold(None, **told)
    assert [one["code"] for one in found["errors"]] == ([code] if code else [])
    assert all(one["message"] for one in found["errors"])


def test_waiting_and_queueing_are_ones_own(show: Show) -> None:
    show.product.waiting_hours = 2
    show.product.save(update_fields=["waiting_hours"])
    fan, other = (User.objects.create_user(f"{name}@example.com", "pass-word") for name in ("fan", "other"))
    wait = """mutation($s: ID) { admissionWait(product: "CODE", ticketClass: "b", quantity: 2, session: $s) {
      waiting { id state title product } errors { code } } }""".replace("CODE", show.product.code)
    assert asked(None, wait, s=str(show.session.pk))["admissionWait"]["errors"] == [
        {"code": "SIGN_IN_REQUIRED"}
    ]
    # while there are any, nobody waits
    assert asked(fan, wait, s=str(show.session.pk))["admissionWait"]["errors"] == [{"code": "STILL_LEFT"}]
    SessionSeat.objects.filter(session=show.session, category="B").update(state="blocked")
    row = asked(fan, wait, s=str(show.session.pk))["admissionWait"]["waiting"]
    assert (row["state"], row["title"]) == ("WAITING", "等待中")
    assert asked(fan, wait, s=str(show.session.pk))["admissionWait"]["errors"] == [
        {"code": "ALREADY_WAITING"}
    ]
    mine = "{ myAdmissionWaitings { id } }"
    assert [asked(who, mine)["myAdmissionWaitings"] for who in (fan, other, None)] == [
        [{"id": row["id"]}],
        [],
        [],
    ]
    cancel = "mutation($id: ID!) { admissionWaitCancel(id: $id) { waiting { state } errors { code } } }"
    assert asked(other, cancel, id=row["id"])["admissionWaitCancel"]["errors"] == [{"code": "NOT_FOUND"}]
    assert asked(None, cancel, id=row["id"])["admissionWaitCancel"]["errors"] == [{"code": "NOT_FOUND"}]
    assert asked(fan, cancel, id=row["id"])["admissionWaitCancel"]["waiting"] == {"state": "CANCELLED"}
    assert Waiting.objects.get().state == "cancelled"
    join = 'mutation { admissionQueueJoin(product: "CODE") { queue { number ahead isIn } errors { code } } }'
    join = join.replace("CODE", show.product.code)
    assert asked(fan, join)["admissionQueueJoin"]["errors"] == [{"code": "NOT_FOUND"}]
    queueing.set_queue(None, show.product, 60, started_at=now())
    assert asked(fan, join)["admissionQueueJoin"]["queue"]["number"] == 1
    assert asked(None, join)["admissionQueueJoin"]["errors"] == [{"code": "SIGN_IN_REQUIRED"}]
