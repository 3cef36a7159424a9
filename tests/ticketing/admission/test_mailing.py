"""纸票邮寄: an address is asked for, the letter is printed and posted, and tickets go back by where the letter is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import Mailing, TicketClass, Voucher
from plugins.ticketing.admission.pricing import last_moment
from plugins.ticketing.admission.selectors import calendar
from plugins.ticketing.admission.services.catalogue import change_class
from plugins.ticketing.admission.services.mailing import forget
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.trade import AdmissionTrade
from plugins.ticketing.admission.vouchers.access import REISSUE, VIEW
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.paper import paper_told, sheets_of
from plugins.ticketing.admission.vouchers.services.letters import stop
from plugins.ticketing.admission.vouchers.services.papering import exchange, spoil, take_back
from plugins.ticketing.admission.vouchers.services.posting import print_mailing, send, waiting
from plugins.ticketing.coach.access import PAPER_STOCK, PAPER_VIEW
from plugins.ticketing.coach.models import PaperSheet
from plugins.ticketing.coach.services.papers import give, take_in
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.refunding import preview_refund
from saleor_o2o.kernel.clock import frozen, midnight, today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import move
from tests.orgs import again, person
from tests.scope.graphql import asked

from ..vouchers.window import CLERK
from .conftest import Park
from .test_changing import issue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]
D = Decimal
HOLD = """mutation($key: String!, $day: Date, $tickets: [AdmissionTicketInput!]!, $to: AdmissionMailInput,
  $old: String) { admissionHold(key: $key, product: "karst", day: $day, tickets: $tickets, mailTo: $to,
  mobile: "13800000001",
  insteadOf: $old) { number total errors { code field hint } } }"""
SEEN = """query($n: String!) { ticketVouchers(orderNumber: $n) { code kept { qr } printUrl pdfUrl
  paper { way words exchangeQr carrier waybill receiver } } }"""
TO = {"name": "李桂英", "mobile": "+86 138 0000 1234", "area": "重庆市 渝中区", "street": "中山四路 36 号"}
WAYBILL = "EA123456789CN"


@pytest.fixture
def post(park: Park) -> TicketClass:
    """A class by post: twelve yuan an order, three days before."""
    for days in range(2, 12):
        make_quota(None, park.product, 10, day=today() + timedelta(days=days))
    return change_class(
        None,
        park.adult,
        exchange_mode="paper_mail",
        verify_mode="each",
        channels=["online"],
        postage=D("12.00"),
    )


@pytest.fixture
def clerk(org: dict[str, OrgUnit], park: Park) -> User:
    keeper = again(person(org["CQ"], "keeper", (PAPER_VIEW, PAPER_STOCK)))
    clerk = again(person(org["CQ"], "poster", CLERK))
    give(keeper, take_in(keeper, org["CQ"], "YZ", 1, 8).pk, clerk, 8)
    return clerk


def held(user: User, park: Park, count: int = 2, key: str = "key-00000001", **told: Any) -> Any:
    wish = {"day": str(park.day), "tickets": [{"ticketClass": "adult"}] * count, "to": TO, **told}
    return asked(user, HOLD, key=key, **wish)["admissionHold"]


def bought(user: User, park: Park, count: int = 2, key: str = "key-00000001") -> TicketOrder:
    return issue(held(user, park, count, key)["number"])


def backs(order: TicketOrder, cause: str = "passenger") -> list[Decimal]:
    """What goes back for each ticket."""
    return [one.quote.back for one in preview_refund(list(order.tickets.order_by("pk")), cause=cause)]


def test_an_address_is_asked_for_and_the_postage_is_shared(park: Park, post: TicketClass, fan: User) -> None:
    # when
    wrong = {
        ("ADDRESS_NEEDED", "mailTo"): [None], ("INVALID", "mailTo"): [
            {**TO, "name": "李"}, {**TO, "mobile": "1380000"}, {**TO, "street": "路"}, {**TO, "area": "\0"},
        ],
    }  # fmt: skip
    for (code, field), addresses in wrong.items():
        for place, to in enumerate(addresses):
            refused = held(fan, park, key=f"key-0000010{place}", to=to)
            assert [(one["code"], one["field"]) for one in refused["errors"]] == [(code, field)], to
    soon = held(fan, park, key="key-00000200", day=str(today() + timedelta(days=2)))
    mixed = held(fan, park, key="key-00000300", tickets=[{"ticketClass": "adult"}, {"ticketClass": "child"}])
    told = held(fan, park)

    # then
    assert [one["code"] for one in (*soon["errors"], *mixed["errors"])] == ["TOO_LATE", "INVALID"]
    assert (told["errors"], told["total"], held(fan, park)["number"]) == ([], 262.0, told["number"])
    order = TicketOrder.objects.get(number=told["number"])
    assert [(one.face, one.service, one.price) for one in order.tickets.all()] == [
        (D("125.00"), D("6.00"), D("131.00"))
    ] * 2
    letter = Mailing.objects.get()
    assert (letter.name, letter.mobile, letter.street) == ("李桂英", "13800001234", "中山四路 36 号")
    assert "李桂英" not in str(
        Mailing.objects.extra(select={"raw": "name::text"}).values_list("raw", flat=True)
    )


def test_days_that_a_letter_does_not_reach_are_shown_as_closed(park: Park, post: TicketClass) -> None:
    # given: three days before, until the end of that day; another class of the same days comes by telephone
    days = [today() + timedelta(days=at) for at in range(5)]

    # when
    with frozen(midnight(today() + timedelta(days=1)) - timedelta(seconds=1)):
        shown = {
            one.day: {left.kind.code: left.open for left in one.classes}
            for one in calendar(park.product, days[0], 5)
        }
        until = {day: last_moment(post, day) for day in days}

    # then
    assert [shown[day]["adult"] for day in days] == [False, False, False, True, True]
    assert [shown[day]["child"] for day in days] == [True] * 5
    assert until[days[3]] == midnight(days[1])


def test_printed_posted_told_and_let_in_by_the_paper(
    park: Park, post: TicketClass, fan: User, clerk: User
) -> None:
    # given
    order = bought(fan, park)
    letter = Mailing.objects.get()
    assert list(waiting(clerk)) == [letter]

    # when: posted before it is printed, printed twice, posted under no number
    with pytest.raises(VoucherError):
        send(clerk, letter.pk, WAYBILL)
    _row, first = print_mailing(clerk, letter.pk)
    _row, twice = print_mailing(clerk, letter.pk)
    # nobody who has it in the hand needs to be told that it is on its way
    assert "纸票邮寄" in dict(AdmissionTrade().describe(TicketOrder.objects.get()))
    assert "纸票邮寄" not in dict(sheets_of(first)[0].rows)
    for wrong in ("", "12", "EA 中国 !", "9" * 40, "x" * 61):
        with pytest.raises(VoucherError):
            send(clerk, letter.pk, wrong)
    sent = send(clerk, letter.pk, f" {WAYBILL.lower()} ")

    # then
    assert [one.pk for one in first] == [one.pk for one in twice] and PaperSheet.objects.count() == 2
    assert (sent.state, sent.carrier, sent.waybill, sent.sent_by) == ("sent", "中国邮政", WAYBILL, clerk)
    assert not waiting(clerk).exists()
    for act in (lambda: send(clerk, letter.pk, WAYBILL), lambda: print_mailing(clerk, letter.pk)):
        with pytest.raises(VoucherError):
            act()
    with pytest.raises(VoucherError):  # it is not exchanged at a window
        exchange(clerk, [first[0].pk])
    seen = asked(fan, SEEN, n=order.number)["ticketVouchers"]
    assert [one["paper"]["waybill"] for one in seen] == [WAYBILL] * 2
    assert {one["code"] + one["pdfUrl"] + one["printUrl"] + str(one["kept"]) for one in seen} == {"None"}
    assert seen[0]["paper"]["receiver"].startswith("李*") and "中山四路" not in str(seen)
    assert dict(AdmissionTrade().describe(order))["纸票邮寄"].endswith(WAYBILL)


def test_until_it_is_posted_all_goes_back_and_afterwards_only_with_the_paper(
    park: Park, post: TicketClass, fan: User, clerk: User
) -> None:
    # given
    order = bought(fan, park)
    letter = Mailing.objects.get()
    before = backs(order)
    print_mailing(clerk, letter.pk)

    # then: three days before it costs nothing, and the postage comes back until the letter is gone
    assert before == backs(order) == [D("131.00")] * 2
    send(clerk, letter.pk, WAYBILL)
    with pytest.raises(VoucherError) as refusal:
        backs(order)
    assert str(refusal.value.code.value) == "ON_PAPER"
    assert backs(order, "carrier") == [D("131.00")] * 2

    # when the customer brings both
    for voucher in Voucher.objects.filter(ticket_order=order):
        take_back(clerk, voucher.pk, "退票")
    assert backs(order) == [D("125.00")] * 2
    with pytest.raises(VoucherError):  # nothing is changed for another day
        AdmissionTrade().facts(order.tickets.all()[0], carriers_fault=False, quantity=1, changing=True)


def test_what_went_back_is_not_posted(park: Park, post: TicketClass, fan: User, clerk: User) -> None:
    # given
    order = bought(fan, park)
    letter = Mailing.objects.get()
    print_mailing(clerk, letter.pk)
    one, two = order.tickets.order_by("pk")

    # when one of two is given back, then the other
    with transaction.atomic():
        move(one, "ask_back")
    with pytest.raises(VoucherError) as refusal:
        send(clerk, letter.pk, WAYBILL)
    assert "正在退" in str(refusal.value.message)
    with transaction.atomic():
        move(one, "give_back")
        stop([one])
    assert list(PaperSheet.objects.order_by("pk").values_list("state", flat=True)) == ["void", "printed"]
    assert [row.sheets for row in waiting(clerk)] == [1]  # type: ignore[attr-defined]
    with transaction.atomic():
        move(two, "ask_back")
        move(two, "give_back")
        stop([two])

    # then
    assert Mailing.objects.get().state == "cancelled"
    assert set(PaperSheet.objects.values_list("state", flat=True)) == {"void"}


def test_a_lost_letter_is_posted_again(
    park: Park, post: TicketClass, fan: User, clerk: User, org: dict[str, OrgUnit]
) -> None:
    # given
    bought(fan, park, 1)
    letter = Mailing.objects.get()
    _row, [voucher] = print_mailing(clerk, letter.pk)
    send(clerk, letter.pk, WAYBILL)
    gone = Voucher.objects.get(pk=voucher.pk).nonce

    # when
    boss = again(person(org["CQ"], "supervisor", (VIEW, REISSUE)))
    spoil(boss, voucher.pk, "邮件丢失")

    # then
    assert list(waiting(clerk)) == [letter] and Voucher.objects.get(pk=voucher.pk).nonce != gone
    print_mailing(clerk, letter.pk)
    send(clerk, letter.pk, "SF1234567890123")
    assert (Mailing.objects.get().carrier, PaperSheet.objects.count()) == ("顺丰速运", 2)


def test_who_posts(park: Park, post: TicketClass, fan: User, clerk: User, org: dict[str, OrgUnit]) -> None:
    bought(fan, park, 1)
    letter = Mailing.objects.get()
    for who, error in (
        (again(person(org["CQ"], "looker", (VIEW,))), NotAllowed),
        (again(person(org["C21"], "stranger", CLERK)), OutOfScope),
    ):
        with pytest.raises(error):
            print_mailing(who, letter.pk)
        with pytest.raises(error):
            send(who, letter.pk, WAYBILL)
    assert not waiting(again(person(org["C21"], "other", CLERK))).exists()


def test_the_page_prints_and_posts_with_a_scanner(
    park: Park, post: TicketClass, fan: User, clerk: User, client: Client
) -> None:
    # given
    first = bought(fan, park, 1)
    second = bought(fan, park, 1, "key-00000002")
    client.force_login(clerk)
    work = reverse("admin:o2o_admission_mailing_work")
    letter = Mailing.objects.get(ticket_order=first)

    # when
    page = client.get(work).content.decode()
    paper = client.post(reverse("admin:o2o_admission_mailing_print", args=[letter.pk])).content.decode()
    wrong = client.post(work, {"letter": letter.pk, "waybill": "12"}).content.decode()
    done = client.post(work, {"letter": letter.pk, "waybill": WAYBILL}).content.decode()

    # then
    assert first.number in page and second.number in page and "李桂英" not in page and "中山四路" not in page
    assert "李桂英" in paper and "中山四路 36 号" in paper and paper.count('class="sheet"') == 1
    assert "运单号不正确" in wrong and f"已登记寄出：中国邮政 {WAYBILL}" in done
    assert second.number in done and first.number not in done
    for told in ({}, {"letter": "x", "waybill": WAYBILL}, {"letter": "9" * 25, "waybill": WAYBILL}):
        assert client.post(work, told).status_code in (200, 404)


def test_who_is_forgotten_has_no_address_left(park: Park, post: TicketClass, fan: User) -> None:
    bought(fan, park, 1)
    assert (forget(fan), forget(fan)) == (1, 0)
    letter = Mailing.objects.get()
    assert (letter.name, letter.mobile, letter.area, letter.street) == ("", "", "", "")
    told = paper_told(Voucher.objects.select_related("product").get())
    assert told is not None and told.receiver == ""
