"""Cards: made by two, handed out by two, activated once, lost and replaced; worth nothing before they are sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.members.interfaces import Device, Purpose, live_identities, send_code
from plugins.members.models import Member
from plugins.memberships.models import Card, CardBatch, Membership, Plan, Term
from plugins.memberships.services import cards as services
from plugins.memberships.services.batches import ask_batch, decide_batch, take_codes
from plugins.memberships.services.cards import (
    activate,
    activate_at_counter,
    replace_card,
    report_loss,
    set_frozen,
)
from plugins.memberships.services.ending import expire_due
from plugins.memberships.services.stock import count_in, sell_cards, send_cards
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.states import history
from sandbox.client import SandboxClient
from tests.after_sale.conftest import Shop
from tests.members.asking import later, phone, read_code, somebody
from tests.orgs import again, person
from tests.threads import kinds, together

from .acts import refused

CARD = [
    f"member_card.{one}"
    for one in ("view", "make", "approve", "print", "move", "sell", "activate", "freeze", "void")
]
HERE: Device = phone()


@dataclass
class Desk:
    """A county that makes cards, a branch that sells them, and the codes that were printed."""

    shop: Shop
    plan: Plan
    maker: User
    checker: User
    clerk: User
    chief: User
    codes: dict[str, str]

    @property
    def numbers(self) -> list[str]:
        return sorted(self.codes)

    def sold(self, number: str) -> None:
        """A customer has it."""
        Card.objects.filter(number=number).update(sold_at=now(), sold_slip="1")


@pytest.fixture
def desk(shop: Shop, plans: dict[str, Plan]) -> Desk:
    """Four cards in the stock of B111."""
    cache.clear()
    rights = ["order.view", "member.view", *CARD]
    maker, checker = (person(shop.org["C11"], name, rights) for name in ("maker", "checker"))
    clerk, chief = (person(shop.org["B111"], name, rights) for name in ("seller", "chief"))
    batch = ask_batch(maker, plans["year"], 4, "网点促销")
    decide_batch(checker, batch.pk, agreed=True)
    codes = dict(take_codes(checker, batch.pk))
    row = send_cards(again(maker), plans["year"], shop.org["B111"], 4)
    count_in(again(clerk), row.pk, all_there=True)
    return Desk(shop, plans["year"], maker, checker, again(clerk), again(chief), codes)


def card(number: str) -> Card:
    return Card.objects.select_related("membership", "unit").get(number=number)


def numbers_of(member: Member) -> list[str]:
    return [one.value for one in live_identities(member) if one.kind == "card"]


def test_two_people_make_cards_and_the_codes_leave_once(shop: Shop, plans: dict[str, Plan]) -> None:
    # given
    maker, checker = (person(shop.org["C11"], name, CARD) for name in ("maker", "checker"))
    batch = ask_batch(maker, plans["year"], 3, "网点促销")

    # then
    assert refused(partial(decide_batch, maker, batch.pk, agreed=True)) == "SAME_PERSON"
    assert Card.objects.count() == 0
    decide_batch(checker, batch.pk, agreed=True)
    assert refused(partial(take_codes, maker, batch.pk)) == "SAME_PERSON"
    rows = take_codes(checker, batch.pk)

    # and: kept as digests only, and gone from the batch
    assert len(rows) == 3 == len({code for _number, code in rows})
    assert CardBatch.objects.get().codes == {}
    assert refused(partial(take_codes, checker, batch.pk)) == "ILLEGAL_MOVE"
    stored = Card.objects.get(number=rows[0][0])
    assert stored.scratch == blind_index(f"{rows[0][0]}:{rows[0][1].replace('-', '')}", "memberships.scratch")


def test_cards_are_counted_in_by_somebody_else(desk: Desk) -> None:
    # given: the branch's four, one of which goes on to an outlet
    outlet = person(desk.shop.org["O1111"], "outlet", CARD)
    row = send_cards(desk.clerk, desk.plan, desk.shop.org["O1111"], 1)

    # then: it is nobody's to sell on the way
    assert (
        refused(partial(send_cards, again(desk.clerk), desk.plan, desk.shop.org["O1111"], 4)) == "CARDS_SHORT"
    )
    with pytest.raises(DomainError):
        count_in(again(desk.clerk), row.pk, all_there=True)
    count_in(outlet, row.pk, all_there=True)
    assert sorted(Card.objects.values_list("unit__code", flat=True)) == ["B111", "B111", "B111", "O1111"]
    assert [move.transition for move in history(row)] == ["receive"]


def test_a_card_is_sold_for_a_paid_order_of_cards(desk: Desk, member: Member) -> None:
    # given: an order of one card, paid
    goods = desk.plan.card_variant
    assert goods is not None
    order = desk.shop.buy({goods: 1})
    first, second = desk.numbers[:2]

    # then
    assert refused(partial(activate, member, first, desk.codes[first])) == "CARD_UNSOLD"
    sell_cards(desk.clerk, [first], str(order.pk))
    sell_cards(again(desk.clerk), [first], str(order.pk))
    assert refused(partial(sell_cards, again(desk.clerk), [second], str(order.pk))) == "ORDER_MISFIT"
    assert refused(partial(sell_cards, again(desk.clerk), ["YK1"], str(order.pk))) in (
        "INVALID_NUMBER",
        "CARD_WRONG",
    )
    activate(member, first, desk.codes[first])
    assert Term.objects.get().origin == "card" and Membership.objects.get().state == "active"


def test_a_scratched_card_is_the_first_one_s(desk: Desk, member: Member) -> None:
    # given
    number = desk.numbers[0]
    desk.sold(number)
    other = somebody("13900004444")

    # when
    assert refused(partial(activate, member, number, "3467-9ACD-EFGH")) == "CARD_WRONG"
    term = activate(member, number.lower(), f" {desk.codes[number].lower()} ")

    # then: his number, his year, nobody else's
    assert term.membership.member == member and numbers_of(member) == [number]
    assert refused(partial(activate, other, number, desk.codes[number])) == "CARD_USED"
    assert Term.objects.count() == 1


def test_trying_codes_is_slowed_down(desk: Desk, member: Member) -> None:
    # given
    number = desk.numbers[0]
    desk.sold(number)

    # when
    answers = [refused(partial(activate, member, number, "AAAA-AAAA-AAAA")) for _ in range(6)]

    # then
    assert answers == ["CARD_WRONG"] * 5 + ["TOO_OFTEN"]


def test_two_telephones_one_card(desk: Desk, member: Member) -> None:
    # given
    number = desk.numbers[0]
    desk.sold(number)
    people = [member, *(somebody(f"1390000500{place}") for place in range(3))]

    # when
    results = together(*(partial(activate, one, number, desk.codes[number]) for one in people))

    # then
    assert kinds(results) == ["MembershipError"] * 3 + ["Term"], results
    assert (Term.objects.count(), Membership.objects.count()) == (1, 1)


def test_without_the_lock_both_would_have_it(
    desk: Desk, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the card is read, not locked, and both have read it before either writes
    number = desk.numbers[0]
    desk.sold(number)
    gate = Barrier(2, timeout=20)

    def unlocked(keys: list[int]) -> list[Card]:
        rows = list(
            Card.objects.select_related("plan", "batch", "unit", "membership__member").filter(pk__in=keys)
        )
        gate.wait()
        return rows

    monkeypatch.setattr(services, "lock_cards", unlocked)
    monkeypatch.setattr(services, "bind", lambda *_told: None)  # the belt: a number is one member's

    # when
    together(
        *(partial(activate, one, number, desk.codes[number]) for one in (member, somebody("13900005009")))
    )

    # then: the test above can fail
    assert Term.objects.count() == 2


def test_a_lost_card_s_membership_goes_to_a_new_one(desk: Desk, member: Member, sms: SandboxClient) -> None:
    # given
    from plugins.members.interfaces import bind

    bind(member, "mobile", "13900001111")
    first, second = desk.numbers[:2]
    desk.sold(first)
    activate(member, first, desk.codes[first])

    # when
    report_loss(member, first)
    report_loss(member, first)
    gone = numbers_of(member)
    send_code("13900001111", Purpose.COUNTER, HERE)
    code = read_code(sms, "13900001111")
    wrong = refused(partial(replace_card, desk.clerk, card(first).pk, first, code, HERE))
    done = replace_card(again(desk.clerk), card(first).pk, second, code, HERE)

    # then: the same days, another number
    assert (gone, wrong) == ([], "CARD_WRONG")
    assert (card(first).state, done.state, done.replaces) == ("void", "active", card(first))
    assert numbers_of(member) == [second] and Term.objects.count() == 1
    assert refused(partial(activate, member, second, desk.codes[second])) == "CARD_USED"
    later()


def test_a_clerk_activates_for_who_stands_there(desk: Desk, member: Member, sms: SandboxClient) -> None:
    # given
    from plugins.members.interfaces import bind

    bind(member, "mobile", "13900001111")
    number = desk.numbers[0]
    desk.sold(number)
    send_code("13900001111", Purpose.COUNTER, HERE)
    code = read_code(sms, "13900001111")

    # then
    stranger = person(desk.shop.org["B111"], "stranger2")
    with pytest.raises(NotAllowed):
        activate_at_counter(stranger, number, member.number, code, HERE)
    assert activate_at_counter(desk.clerk, number, member.number, code, HERE).origin == "card"


def test_a_frozen_card_thaws_and_an_old_one_expires(desk: Desk, member: Member) -> None:
    # given
    first, second = desk.numbers[:2]
    desk.sold(first)
    activate(member, first, desk.codes[first])

    # when
    set_frozen(desk.chief, card(first).pk, True, "疑似盗用")
    assert (card(first).state, numbers_of(member)) == ("frozen", [])
    set_frozen(again(desk.chief), card(first).pk, False, "本人核实")
    assert (card(first).state, numbers_of(member)) == ("active", [first])
    Card.objects.filter(number=second).update(good_until=now() - timedelta(days=1))
    Membership.objects.update(starts_at=now() - timedelta(days=400), ends_at=now() - timedelta(days=1))
    Term.objects.update(starts_at=now() - timedelta(days=400), ends_at=now() - timedelta(days=1))
    expire_due()
    expire_due()

    # then
    assert (card(first).state, card(second).state, numbers_of(member)) == ("expired", "expired", [])


PAGES = (
    "card_changelist",
    "card_sell",
    "card_begin",
    "cardbatch_changelist",
    "cardbatch_make",
    "handout_changelist",
)


@pytest.mark.parametrize("name", [*PAGES, "handout_send"])
def test_pages_open_for_the_counter(desk: Desk, name: str) -> None:
    client = Client()
    client.force_login(desk.clerk)
    assert client.get(reverse(f"admin:o2o_memberships_{name}")).status_code == 200
