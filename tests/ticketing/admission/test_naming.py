"""实名更改一次: another person goes, with the checks of a purchase; the codes before end at once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    LimitUse,
    NameChange,
    SaleQueue,
    Voucher,
    VoucherOldCode,
)
from plugins.ticketing.admission.services import limits, naming
from plugins.ticketing.admission.services.catalogue import change_class, change_product
from plugins.ticketing.admission.services.naming import change_holder
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.vouchers.access import VIEW
from plugins.ticketing.kernel import guest_access
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND
from plugins.ticketing.kernel.models import Insurance, SupplierAccount, Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen, midnight
from saleor_o2o.kernel.scope import OutOfScope
from tests.orgs import again
from tests.orgs import person as staff
from tests.scope.city import line_of
from tests.scope.graphql import asked
from tests.threads import kinds, meeting, together

from .conftest import Park
from .test_changing import hold, issue, typed
from .test_selling import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]
CHANGE = """mutation($t: String!, $name: String, $n: String, $pass: String) { ticketHolderChange(ticket: $t,
  name: $name, documentNumber: $n, token: $pass) { ticket errors { code field message hint } } }"""
HOLDERS = """query($n: String!, $pass: String) { ticketHolders(orderNumber: $n, token: $pass) {
  ticket name open until why } }"""


@pytest.fixture
def order(park: Park, fan: User) -> TicketOrder:
    """Two named tickets in three days; names may be changed until two hours before; one a document is the limit."""
    change_class(None, park.adult, real_name="each", verify_mode="each")
    change_product(None, park.product, name_change_hours=2)
    limits.set_limit(None, park.product, "document", "product", 1)
    make_quota(None, park.product, 10, day=park.day)
    made = hold(fan, "key-00000001", product="karst", day=str(park.day), tickets=[typed(12), typed(34)],
                mobile="13800000001")  # fmt: skip
    assert made["errors"] == []
    return issue(made["number"])


def test_what_is_insured_or_just_gets_another_ticket_s_insurance_keeps_its_holder(order: TicketOrder) -> None:
    # given: the insurance of the first is on its way to the second
    first, second = order.tickets.select_related("ticket_order__supplier", "passenger").order_by("pk")
    insurer = SupplierAccount.objects.create(code="INS", name="保险公司", trade="insure", adapter="insurer")
    line = line_of(Order.objects.create(currency="CNY"), "意外险")
    cover = Insurance.objects.create(
        number="I1", ticket=first, insurer=insurer, product="show-3", price="3.00", share="2.40",
        order_line=line, state="in_force",
    )  # fmt: skip
    assert [why is None for why in map(naming.why_not, (first, second))] == [False, True]

    # when
    cover.moves_to = second
    cover.save()

    # then
    assert [why is None for why in map(naming.why_not, (first, second))] == [True, False]


def change(user: User | None, ticket: str, sequence: int = 56, token: str = "") -> Any:
    who = person(sequence=sequence)
    told = {"t": ticket, "name": "王五", "n": who.number, "pass": token}
    return asked(user, CHANGE, **told)["ticketHolderChange"]


def refused(user: User | None, ticket: str, sequence: int = 56, token: str = "") -> list[str]:
    return [one["code"] for one in change(user, ticket, sequence, token)["errors"]]


def test_once_with_a_new_code_and_the_same_checks(order: TicketOrder, fan: User) -> None:
    # given
    one, two = order.tickets.order_by("pk")
    voucher = Voucher.objects.get(tickets=one)
    before = voucher.code
    seen = asked(fan, HOLDERS, n=order.number)["ticketHolders"]
    assert [(row["ticket"], row["open"], row["why"]) for row in seen] == [
        (one.number, True, ""),
        (two.number, True, ""),
    ]

    # then: not the same person, not somebody who has a ticket, not nobody
    assert refused(fan, one.number, 12) == ["NAME_CHANGE"]
    assert refused(fan, one.number, 34) == ["LIMIT_REACHED"]
    assert [row["field"] for row in asked(fan, CHANGE, t=one.number)["ticketHolderChange"]["errors"]] == [
        "name"
    ]
    assert not NameChange.objects.exists()

    # when
    assert change(fan, one.number)["errors"] == []

    # then
    ticket = Ticket.objects.get(pk=one.pk)
    who = person(sequence=56)
    assert ticket.passenger is not None and ticket.passenger.document_index == who.index
    fresh = Voucher.objects.get(pk=voucher.pk)
    assert fresh.code != before and VoucherOldCode.objects.get().code_index == voucher.code_index
    made = NameChange.objects.get()
    assert (made.by, made.before.document_index) == (None, person(sequence=12).index)
    taken = {row.key: row.taken for row in LimitUse.objects.all()}
    assert sorted(taken.values()) == [0, 1, 1]

    # and a second time never, whoever asks
    assert refused(fan, one.number, 78) == ["NAME_CHANGE"]
    assert "已更改过一次" in change(fan, one.number, 78)["errors"][0]["message"]
    [row, _other] = asked(fan, HOLDERS, n=order.number)["ticketHolders"]
    assert (row["open"], row["until"], "已更改过一次" in row["why"]) == (False, None, True)
    # whoever had it before may have a ticket again
    assert refused(fan, two.number, 12) == []


def test_who_may_change_whose(order: TicketOrder, fan: User, org: dict[str, OrgUnit], client: Client) -> None:
    # given
    one, _two = order.tickets.order_by("pk")
    other = User.objects.create_user("other@example.com", "pass-word")
    near = again(staff(org["CQ"], "clerk", (VIEW, ORDER_VIEW, REFUND)))
    far = again(staff(org["C21"], "far", (VIEW, ORDER_VIEW, REFUND)))
    looker = again(staff(org["CQ"], "looker", (VIEW, ORDER_VIEW)))

    # then
    for user, code in (
        (None, "NOT_FOUND"),
        (other, "NOT_FOUND"),
        (far, "NOT_FOUND"),
        (looker, "PERMISSION_DENIED"),
    ):
        assert refused(user, one.number) == [code]
    assert asked(other, HOLDERS, n=order.number)["ticketHolders"] == []
    assert not NameChange.objects.exists()

    # when a clerk does it on the page
    voucher = Voucher.objects.get(tickets=one)
    page = reverse("admin:o2o_admission_voucher_holder", args=[voucher.pk])
    client.force_login(looker)
    assert client.get(page).status_code == 403
    client.force_login(near)
    who = person(sequence=56)
    told = {
        "do": "1",
        "ticket": one.number,
        "name": "王五",
        "document": "id_card",
        "document_number": who.number,
    }
    wrong = client.post(page, {**told, "document_number": "123"}).content.decode()
    assert 'role="alert"' in wrong and not NameChange.objects.exists()
    done = client.post(page, {**told, "reason": "临时有事"}, follow=True).content.decode()
    assert "已更改实名" in done
    assert (NameChange.objects.get().by, NameChange.objects.get().reason) == (near, "临时有事")
    over = client.get(page).content.decode()  # once: it is said, and nothing is asked any more
    assert "不能再改" in over and 'name="document_number"' not in over and 'name="do"' not in over
    twice = client.post(page, {**told, "reason": "又有事"}).content.decode()
    assert "不能再改" in twice and NameChange.objects.count() == 1
    listed = client.get(reverse("admin:o2o_admission_namechange_changelist")).content.decode()
    assert one.number in listed and who.number not in listed and "王五" not in listed


def test_a_guest_changes_it_once_by_the_pass_of_his_telephone(
    order: TicketOrder, fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the same order without an account, and passes of it and of another telephone
    one, _two = order.tickets.order_by("pk")
    account, _until = guest_access.pass_for(order)
    assert refused(None, one.number, token=account) == ["NOT_FOUND"]
    TicketOrder.objects.filter(pk=order.pk).update(user=None)
    guests, other = (TicketOrder.objects.get(pk=order.pk) for _time in range(2))
    other.mobile_index = "x" * 64
    mine, until = guest_access.pass_for(guests)
    theirs, link = guest_access.pass_for(other)[0], guest_access.link_token(guests)

    # then
    def seen(token: str, user: User | None = None) -> int:
        return len(asked(user, HOLDERS, **{"n": order.number, "pass": token})["ticketHolders"])

    for bad in ("", theirs, link, mine[:-1]):
        assert (refused(None, one.number, token=bad), seen(bad)) == (["NOT_FOUND"], 0), bad
    assert (refused(fan, one.number), seen("", fan)) == (["NOT_FOUND"], 0)
    with monkeypatch.context() as bought_by_a_reseller:
        bought_by_a_reseller.setattr(guest_access, "_foreign", [lambda row: row.pk == order.pk])
        assert (refused(None, one.number, token=mine), seen(mine)) == (["NOT_FOUND"], 0)
    with frozen(until):
        assert refused(None, one.number, token=mine) == ["NOT_FOUND"]
    assert seen(mine) == 2 and not NameChange.objects.exists()

    # when
    before = Voucher.objects.get(tickets=one).code
    assert refused(None, one.number, token=mine) == []

    # then: the guest himself did it, once, with a new code
    made = NameChange.objects.get()
    assert (made.by, made.after.document_index) == (None, person(sequence=56).index)
    assert Voucher.objects.get(tickets=one).code != before and VoucherOldCode.objects.get().ended_by is None
    assert refused(None, one.number, 78, mine) == ["NAME_CHANGE"]


@pytest.mark.parametrize("why", ["closed", "hot", "supplier", "late", "used", "paper", "nameless"])
def test_where_names_stay_it_is_said_why(order: TicketOrder, park: Park, fan: User, why: str) -> None:
    # given
    one, _two = order.tickets.order_by("pk")
    moment, words = None, ""
    match why:
        case "closed":
            change_product(None, park.product, name_change_hours=0)
            words = "这个产品不能更改实名"
        case "hot":
            SaleQueue.objects.create(product=park.product, per_minute=10)
            words = "这个产品不能更改实名"
        case "supplier":
            account = SupplierAccount.objects.create(
                code="far", name="远", trade="scenic", adapter="scenic-http"
            )
            TicketOrder.objects.filter(pk=order.pk).update(supplier=account)
            words = "由供应商出票"
        case "late":
            moment = midnight(park.day) - timedelta(hours=2)
            words = "已过更改实名的截止时间"
        case "used":
            Ticket.objects.filter(pk=one.pk).update(state="used", used=1)
            words = "不能更改实名"
        case "paper":
            Voucher.objects.filter(tickets=one).update(on_paper="on_site", papered_at=order.made_at)
            words = "已换纸票"
        case _:
            Ticket.objects.filter(pk=one.pk).update(passenger=None)
            words = "没有实名"

    # then
    with frozen(moment or order.made_at + timedelta(minutes=1)), pytest.raises(AdmissionError) as refusal:
        change_holder(fan, one.number, person(sequence=56))
    assert words in str(refusal.value.message) and refusal.value.hint
    assert not NameChange.objects.exists()


def test_two_at_once_change_it_once(order: TicketOrder, fan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    one, _two = order.tickets.order_by("pk")
    meet = meeting(2)
    lock = naming.lock_rows

    def after_looking(rows: Any) -> Any:
        meet()
        return lock(rows)

    monkeypatch.setattr(naming, "lock_rows", after_looking)

    # when
    done = together(*[partial(change_holder, fan, one.number, person(sequence=key)) for key in (56, 78)])

    # then
    assert kinds(done) == ["AdmissionError", "NameChange"]
    assert NameChange.objects.count() == 1 and VoucherOldCode.objects.count() == 1


def test_a_clerk_of_another_place_finds_nothing(order: TicketOrder, org: dict[str, OrgUnit]) -> None:
    one, _two = order.tickets.order_by("pk")
    clerk = again(staff(org["C21"], "far", (VIEW, ORDER_VIEW, REFUND)))
    with pytest.raises(OutOfScope):
        change_holder(clerk, one.number, person(sequence=56))


def test_two_tickets_of_an_order_never_get_the_same_person(order: TicketOrder, fan: User) -> None:
    # given: no limit beyond the order's own
    limits.set_limit(None, AdmissionProduct.objects.get(), "document", "product", 1, active=False)
    one, two = order.tickets.order_by("pk")
    meet = meeting(2)

    def act(ticket: Ticket) -> Any:
        meet()
        return change_holder(fan, ticket.number, person(sequence=56))

    # when
    told = together(partial(act, one), partial(act, two))

    # then
    assert kinds(told) == ["AdmissionError", "NameChange"]
    [error] = [one for one in told if isinstance(one, AdmissionError)]
    assert error.code.value == "LIMIT_REACHED"


def test_two_orders_whose_people_change_for_each_other_do_not_wait_for_ever(
    order: TicketOrder, fan: User, park: Park
) -> None:
    # given
    limits.set_limit(None, park.product, "document", "product", 2)
    rule = limits.rules_of(park.product)
    other = hold(
        fan, "key-00000002", product="karst", day=str(park.day), tickets=[typed(56)], mobile="13800000001"
    )
    first, second = (person(sequence=at).index for at in (12, 56))
    meet = meeting(2)

    def swap(number: str, old: str, new: str) -> None:
        with transaction.atomic():
            meet()
            limits.swap_document(number, rule, old, new, session=None, day=None)

    # when: there and back again
    for _round in range(10):
        told = together(
            partial(swap, order.number, first, second), partial(swap, other["number"], second, first)
        )
        # then
        assert told == [None, None]
        first, second = second, first
    assert list(LimitUse.objects.values_list("taken", flat=True)) == [1, 1, 1]
