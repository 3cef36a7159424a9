"""Limits hold at the counter and for resellers as they do online; what is given back or changed counts no more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from saleor.account.models import User

from plugins.members.interfaces import Source, ensure_member, register
from plugins.members.models import Member
from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.models import LimitUse
from plugins.ticketing.admission.own import OwnInventory
from plugins.ticketing.admission.services import limits
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from plugins.ticketing.kernel.choices import RefundCause
from plugins.ticketing.kernel.models import RefundItem, RefundRequest, TicketOrder
from plugins.ticketing.kernel.numbers import REFUND
from plugins.ticketing.kernel.ports import ChangeAsk, IssueAsk, Unit
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.numbering import next_number

from .conftest import Show
from .test_selling import person

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
MOBILE, OTHER = "13800001111", "13800002222"


def hold(
    show: Show, key: str, count: int = 1, *, channel: str = "online", mobile: str = "", **more: Any
) -> str:
    """What becomes of so many tickets of the front."""
    ask = Ask(
        show.product.pk, [TicketAsk(show.front.pk)] * count, channel, session=show.session.pk, mobile=mobile
    )
    told = {"user": None, **more}
    try:
        return str(hold_admission(ask, key=f"key-{key:0>8}", **told).state)
    except AdmissionError as error:
        return f"{error.code.value} {error.field}"


def test_at_the_counter_an_account_is_its_mobiles(show: Show) -> None:
    # given three an account, and a member with a mobile who has one from online
    limits.set_limit(None, show.product, "account", "session", 3)
    member: Member = register(Source.WEB, mobile=MOBILE)
    assert hold(show, "1", user=member.user) == "held"
    # then the clerk asks for the mobile, and what it has online counts, however he types it
    assert hold(show, "2", channel="counter") == "LIMIT_FACT_MISSING mobile"
    assert hold(show, "3", 3, channel="counter", mobile="+86 138-0000-1111") == "LIMIT_REACHED tickets"
    assert hold(show, "4", 2, channel="counter", mobile="138 0000 1111") == "held"
    assert hold(show, "5", user=member.user) == "LIMIT_REACHED tickets"
    # and who has no account has his mobile's, with resellers, too
    assert hold(show, "6", 2, channel="counter", mobile=OTHER) == "held"
    assert hold(show, "7", 2, channel="distributor", mobile=OTHER) == "LIMIT_REACHED tickets"
    assert hold(show, "8", 1, channel="distributor", mobile=OTHER) == "held"
    # while a guest online has to log in
    assert hold(show, "9", mobile=OTHER) == "LIMIT_FACT_MISSING None"


def test_a_device_counts_online_and_the_mobile_where_there_is_none(show: Show) -> None:
    limits.set_limit(None, show.product, "device", "session", 2)
    assert hold(show, "1") == "LIMIT_FACT_MISSING None"
    assert hold(show, "2", 2, device="phone-a") == "held"
    assert hold(show, "3", device="phone-a") == "LIMIT_REACHED tickets"
    assert hold(show, "4", device="phone-b") == "held"
    # the clerk's machine is nobody's device
    assert hold(show, "5", channel="counter", device="till") == "LIMIT_FACT_MISSING mobile"
    assert hold(show, "6", 2, channel="counter", device="till", mobile=MOBILE) == "held"
    assert hold(show, "7", 2, channel="counter", device="till", mobile=OTHER) == "held"
    assert hold(show, "8", channel="counter", device="till", mobile=OTHER) == "LIMIT_REACHED tickets"


def test_each_reseller_has_a_quota_of_its_own(show: Show) -> None:
    limits.set_limit(None, show.product, "reseller", "session", 3)
    assert hold(show, "1", 2, channel="distributor", reseller=7) == "held"
    assert hold(show, "2", 2, channel="distributor", reseller=7) == "LIMIT_REACHED tickets"
    assert hold(show, "3", 1, channel="distributor", reseller=7) == "held"
    assert hold(show, "4", 3, channel="distributor", reseller=8) == "held"
    # which is no business of anybody else's
    assert hold(show, "5", 4) == "held"
    assert hold(show, "6", 4, channel="counter") == "held"


def test_a_mobile_is_the_same_however_it_is_written(show: Show) -> None:
    limits.set_limit(None, show.product, "mobile", "product", 1)
    assert hold(show, "1", mobile=MOBILE) == "held"
    assert hold(show, "2", mobile="+8613800001111") == "LIMIT_REACHED tickets"
    assert hold(show, "3", mobile="138 0000 1111") == "LIMIT_REACHED tickets"


def test_what_was_changed_may_be_bought_again(show: Show) -> None:
    # given two an account, bought
    limits.set_limit(None, show.product, "account", "product", 3)
    fan = User.objects.create_user("fan@example.com", "pass-word")
    ensure_member(fan)
    front = Ask(show.product.pk, [TicketAsk(show.front.pk)] * 2, "online", session=show.session.pk)
    old = hold_admission(front, key="key-00000001", user=fan)
    own = OwnInventory()

    def units(order: TicketOrder) -> list[Unit]:
        return [Unit(one.number, one.fare, one.cost, seat=one.seat) for one in order.tickets.order_by("pk")]

    with transaction.atomic():
        issued = own.issue(IssueAsk("GY1", old.their_number, old.product, units(old), old.face))
    # when one of them is changed for another class
    back = Ask(show.product.pk, [TicketAsk(show.back.pk)], "online", session=show.session.pk)
    new = hold_admission(back, key="key-00000002", user=fan)
    assert hold(show, "3", user=fan) == "LIMIT_REACHED tickets"
    first = units(old)[0].ticket
    with transaction.atomic():
        own.change(
            ChangeAsk(
                "GQ1", old.their_number, {first: issued.tickets[first]}, new.their_number, new.product, units(new),
                new.face,
            )
        )  # fmt: skip
    # then he has two, and may have one more
    assert LimitUse.objects.get().taken == 2
    assert hold(show, "4", user=fan) == "held"


def test_a_right_to_give_back_is_counted_by_account_mobile_and_document(show: Show) -> None:
    # given somebody who gave back a ticket with his document, which he had bought as a guest
    def bought(key: str, sequence: int, mobile: str, user: Any = None) -> TicketOrder:
        tickets = [TicketAsk(show.front.pk, passenger=person(sequence=sequence))]
        ask = Ask(show.product.pk, tickets, "online", session=show.session.pk, mobile=mobile)
        return hold_admission(ask, key=f"key-{key:0>8}", user=user)

    def before(order: TicketOrder) -> int:
        ticket = order.tickets.get()
        return trade_of("show").facts(ticket, carriers_fault=False, quantity=1).account_before

    def gave_back(order: TicketOrder) -> None:
        request = RefundRequest.objects.create(
            number=next_number(REFUND), key=next_number(REFUND), ticket_order=order, cause=RefundCause.PASSENGER,
            unit=order.unit, due=D(1), supplier_due=D(1),
        )  # fmt: skip
        for ticket in order.tickets.all():
            RefundItem.objects.create(refund=request, ticket=ticket)

    fan = User.objects.create_user("fan@example.com", "pass-word")
    first = bought("1", 12, MOBILE)
    assert before(first) == 0
    gave_back(first)
    # then it counts for his document with another mobile, for his mobile with another document, once for both
    assert before(bought("2", 12, OTHER)) == 1
    assert before(bought("3", 13, MOBILE)) == 1
    assert before(bought("4", 12, MOBILE, fan)) == 1
    # not for anybody else, and an account's own counts as before
    mine = bought("5", 14, "", fan)
    assert before(mine) == 0
    gave_back(mine)
    assert before(bought("6", 15, "", fan)) == 1
    assert before(bought("7", 16, "")) == 0
