"""A buyer comes on another day, or sees another session: held beside the old tickets, and for that change only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from saleor.account.models import User

from plugins.ticketing.admission.models import LimitUse, SessionSeat, Voucher
from plugins.ticketing.admission.own import OwnInventory
from plugins.ticketing.admission.services import limits
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.guest_access import pass_for
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.ports import IssueAsk, Unit
from plugins.ticketing.kernel.services.binding import TicketHolds
from plugins.ticketing.kernel.services.issuing import finish
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.states import move
from tests.scope.graphql import asked

from .conftest import Park, Show
from .test_selling import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]
HOLD = """mutation($key: String!, $product: String!, $session: ID, $day: Date, $mobile: String!,
  $tickets: [AdmissionTicketInput!]!, $old: String, $token: String) {
  admissionHold(key: $key, product: $product, session: $session, day: $day,
    tickets: $tickets, mobile: $mobile, insteadOf: $old, token: $token) { number state errors { code field } } }"""
SEEN = """query($n: String!) { ticketOrder(number: $n) { productCode insteadOf tickets { number fare changeRule } } }"""
PREVIEW = """mutation($t: [String!]!, $n: String!) { ticketChangePreview(tickets: $t, target: $n) {
  quotes { ticket token allowed fee toPay back words } errors { code } } }"""
CHANGE = """mutation($k: String!, $t: [TicketChangeInput!]!, $n: String!) {
  ticketChange(key: $k, tickets: $t, target: $n) { change { state } errors { code } } }"""
GUESTS_PREVIEW = """mutation($t: [String!]!, $n: String!, $k: String, $token: String) {
  ticketChangePreview(tickets: $t, target: $n, targetKey: $k, token: $token) { toPay back
    quotes { ticket token allowed } errors { code } } }"""
GUESTS_CHANGE = """mutation($t: [TicketChangeInput!]!, $n: String!, $k: String, $token: String) {
  ticketChange(key: "guest-change-01", tickets: $t, target: $n, targetKey: $k, token: $token) {
    change { state } errors { code } } }"""
RELEASE = "mutation($n: String!) { ticketHoldRelease(number: $n) { errors { code } } }"


def hold(user: User | None, key: str, **told: Any) -> Any:
    return asked(user, HOLD, **{"key": key, "mobile": "", **told})["admissionHold"]


def issue(number: str) -> TicketOrder:
    """Paid and issued by our own inventory."""
    order = TicketOrder.objects.get(number=number)
    move(order, "pay")
    with transaction.atomic():
        order = TicketOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
        tickets = list(order.tickets.order_by("pk"))
        units = [Unit(one.number, one.fare, one.cost, seat=one.seat) for one in tickets]
        ask = IssueAsk("GY1", order.their_number, order.product, units, Decimal(0))
        finish(order, None, tickets, OwnInventory().issue(ask))
    return order


def typed(sequence: int) -> dict[str, Any]:
    one = person(sequence=sequence)
    return {"ticketClass": "adult", "name": one.name, "documentNumber": one.number}


def changed(user: User, numbers: list[str], target: str) -> Any:
    told = asked(user, PREVIEW, t=numbers, n=target)["ticketChangePreview"]
    assert told["errors"] == []
    tickets = [{"ticket": one["ticket"], "token": one["token"]} for one in told["quotes"]]
    return told["quotes"], asked(user, CHANGE, k="change-key-0001", t=tickets, n=target)["ticketChange"]


def test_another_day_for_the_same_person(park: Park, fan: User) -> None:
    # given one ticket a document for the whole product, two days with places, and a ticket for the first one
    limits.set_limit(None, park.product, "document", "product", 1)
    other = park.day + timedelta(days=1)
    for day in (park.day, other):
        make_quota(None, park.product, 10, day=day)
    made = hold(
        fan, "key-00000001", product="karst", day=str(park.day), tickets=[typed(12)], mobile="13800000001"
    )
    assert made["errors"] == []
    old = issue(made["number"])
    seen = asked(fan, SEEN, n=old.number)["ticketOrder"]
    [ticket] = seen["tickets"]
    assert (seen["productCode"], seen["insteadOf"], ticket["fare"], bool(ticket["changeRule"])) == (
        "karst", "", "adult", True,
    )  # fmt: skip
    same = {"ticketClass": "adult", "ticket": ticket["number"]}

    # then a second one is not sold to him, and somebody else's order opens nothing
    told: dict[str, Any] = {"product": "karst", "day": str(other)}
    twice = hold(fan, "key-00000002", tickets=[typed(12)], **{**told, "mobile": "13800000001"})
    assert [one["code"] for one in twice["errors"]] == ["LIMIT_REACHED"]
    stranger = User.objects.create_user("other@example.com", "pass-word")
    for user in (None, stranger):
        refused = hold(user, "key-00000003", tickets=[same], old=old.number, **told)
        assert [(one["code"], one["field"]) for one in refused["errors"]] == [("NOT_FOUND", "insteadOf")]

    # when another day is held in its place: no document, no telephone is typed again
    held = hold(fan, "key-00000004", tickets=[same], old=old.number, **told)
    assert held["errors"] == []
    target = TicketOrder.objects.get(number=held["number"])
    assert (target.mobile, target.tickets.get().passenger.document_number) == (  # type: ignore[union-attr]
        old.mobile, old.tickets.get().passenger.document_number,  # type: ignore[union-attr]
    )  # fmt: skip
    assert asked(fan, SEEN, n=target.number)["ticketOrder"]["insteadOf"] == old.number
    # then it cannot be bought beside the old one, nor a third one be held
    with pytest.raises(DomainError, match="不能另外购买"):
        TicketHolds().lines(target.number, "", fan)
    third = hold(fan, "key-00000005", tickets=[same], old=old.number, **told)
    assert [one["code"] for one in third["errors"]] == ["LIMIT_REACHED"]

    # when it is changed
    [quote], done = changed(fan, [ticket["number"]], target.number)
    # then for nothing, with a voucher of the other day; and one ticket counts
    assert (quote["allowed"], quote["fee"], quote["toPay"], quote["back"]) == (True, 0.0, 0.0, 0.0)
    assert (done["errors"], done["change"]["state"]) == ([], "DONE")
    assert TicketOrder.objects.get(pk=target.pk).state == OrderState.ISSUED
    assert old.tickets.get().state == TicketState.CHANGED
    assert Voucher.objects.get(ticket_order=old).void_at is not None
    assert Voucher.objects.get(ticket_order=target).void_at is None
    assert list(LimitUse.objects.values_list("taken", flat=True)) == [1]


def test_who_thinks_again_has_what_he_had(park: Park, fan: User) -> None:
    # given
    limits.set_limit(None, park.product, "document", "product", 1)
    make_quota(None, park.product, 10, day=park.day)
    make_quota(None, park.product, 10, day=park.day + timedelta(days=1))
    made = hold(
        fan, "key-00000001", product="karst", day=str(park.day), tickets=[typed(12)], mobile="13800000001"
    )
    old = issue(made["number"])
    held = hold(
        fan, "key-00000002", product="karst", day=str(park.day + timedelta(days=1)), old=old.number,
        tickets=[{"ticketClass": "adult", "ticket": old.tickets.get().number}],
    )  # fmt: skip
    # when
    assert asked(fan, RELEASE, n=held["number"])["ticketHoldRelease"]["errors"] == []
    # then
    assert old.tickets.get().state == TicketState.ISSUED
    assert list(LimitUse.objects.values_list("taken", flat=True)) == [1]


def test_other_seats_at_another_price(show: Show, fan: User) -> None:
    # given two in front
    made = hold(
        fan, "key-00000001", product=show.product.code, session=str(show.session.pk), mobile="13800000001",
        tickets=[{"ticketClass": "a"}, {"ticketClass": "a"}],
    )  # fmt: skip
    old = issue(made["number"])
    numbers = [one.number for one in old.tickets.order_by("pk")]
    # when both go to the back
    held = hold(
        fan, "key-00000002", product=show.product.code, session=str(show.session.pk), old=old.number,
        tickets=[{"ticketClass": "b", "ticket": one} for one in numbers],
    )  # fmt: skip
    assert held["errors"] == []
    quotes, done = changed(fan, numbers, held["number"])
    # then the difference goes back, and the front is free again
    assert [(one["toPay"], one["back"]) for one in quotes] == [(0.0, 200.0), (0.0, 200.0)]
    assert (done["errors"], done["change"]["state"]) == ([], "DONE")
    assert set(SessionSeat.objects.filter(state="sold").values_list("category", flat=True)) == {"B"}
    # and not a third time
    again = hold(
        fan, "key-00000003", product=show.product.code, session=str(show.session.pk), old=held["number"],
        tickets=[{"ticketClass": "a", "ticket": "T0"}],
    )  # fmt: skip
    assert [one["field"] for one in again["errors"]] == ["tickets.0.ticket"]


def test_a_guest_comes_another_day_with_the_pass_of_his_telephone(park: Park) -> None:
    # given: nobody is logged in; a ticket of today, and the order of another telephone
    other = park.day + timedelta(days=1)
    for day in (park.day, other):
        make_quota(None, park.product, 10, day=day)
    told: dict[str, Any] = {"product": "karst", "mobile": "13800000001"}
    old = issue(hold(None, "guest-0000001", day=str(park.day), tickets=[typed(12)], **told)["number"])
    strange = hold(
        None, "guest-0000002", day=str(other), tickets=[typed(13)], **{**told, "mobile": "13900000002"}
    )
    stranger, _until = pass_for(TicketOrder.objects.get(number=strange["number"]))
    token, _until = pass_for(old)
    [ticket] = old.tickets.values_list("number", flat=True)
    same = {
        "product": "karst", "day": str(other), "old": old.number,
        "tickets": [{"ticketClass": "adult", "ticket": ticket}],
    }  # fmt: skip

    # then nobody else holds in its place
    for bad in (None, "", "x", stranger):
        refused = hold(None, "guest-0000003", token=bad, **same)
        assert [(one["code"], one["field"]) for one in refused["errors"]] == [("NOT_FOUND", "insteadOf")]

    # when
    held = hold(None, "guest-0000004", token=token, **same)
    target = {"n": held["number"], "k": "guest-0000004", "token": token}
    assert held["errors"] == []
    for bad in ({"token": stranger}, {"k": "guest-0000009"}):
        wrong = asked(None, GUESTS_PREVIEW, t=[ticket], **{**target, **bad})["ticketChangePreview"]
        assert [one["code"] for one in wrong["errors"]] == ["NOT_FOUND"]
    quoted = asked(None, GUESTS_PREVIEW, t=[ticket], **target)["ticketChangePreview"]
    assert (quoted["errors"], quoted["toPay"], quoted["quotes"][0]["allowed"]) == ([], 0.0, True)
    tickets = [{"ticket": ticket, "token": quoted["quotes"][0]["token"]}]
    done = asked(None, GUESTS_CHANGE, t=tickets, **target)["ticketChange"]

    # then
    assert (done["errors"], done["change"]["state"]) == ([], "DONE")
    new = TicketOrder.objects.get(number=held["number"])
    assert (new.user, new.mobile, old.tickets.get().state) == (None, old.mobile, TicketState.CHANGED)
    assert Voucher.objects.get(ticket_order=new).void_at is None
