"""Combined tickets: each person into each place once, and the price shared over the places to the fen; what is earned
when the time is over, and is earned no more when it goes back after all."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse as reverse_url
from saleor.account.models import User

from plugins.ticketing.admission.models import (
    AdmissionProduct,
    EntryRule,
    Gate,
    Redemption,
    Scan,
    ScenicSpot,
    TicketClass,
    Voucher,
)
from plugins.ticketing.admission.services.catalogue import add_class, make_product
from plugins.ticketing.admission.services.places import make_gate, make_place
from plugins.ticketing.admission.vouchers.access import VIEW
from plugins.ticketing.admission.vouchers.graphql.queries import own_vouchers
from plugins.ticketing.admission.vouchers.scanning import Asked
from plugins.ticketing.admission.vouchers.services.expiring import earn_due, expire_due
from plugins.ticketing.admission.vouchers.services.lists import list_for
from plugins.ticketing.admission.vouchers.services.redeeming import look
from plugins.ticketing.admission.vouchers.services.reversing import reverse
from plugins.ticketing.admission.vouchers.services.syncing import sync
from plugins.ticketing.admission.vouchers.visits import with_visits
from plugins.ticketing.kernel.choices import Anchor, FeeKind, Mode
from plugins.ticketing.kernel.engine import Charge, Rule, Tier
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.states import move
from tests.orgs import person

from .conftest import World, scan
from .test_offline import NO_SKEW, entry
from .test_redeeming import qr

D = Decimal
OPEN, CLOSED = Charge(Mode.FREE), Charge(Mode.FORBIDDEN)
DAY = 86400


@dataclass
class Combo:
    """A ticket for three places, whose price does not divide by them."""

    world: World
    product: AdmissionProduct
    single: TicketClass
    family: TicketClass
    gates: list[Gate]

    def visit(self, voucher: Voucher, place: int, people: int | None = None) -> Any:
        return scan(self.world.at(self.gates[place]), qr(voucher), people=people)


@pytest.fixture
def combo(world: World) -> Combo:
    third = make_place(
        None, ScenicSpot, world.org["C11"], "beishan", name="北山石刻", address="重庆市大足区", level=5
    )
    dazu = world.far.spot
    assert dazu is not None
    spots = [world.spot, dazu, third]
    product = make_product(
        None, world.org["CQ"], code="combo", kind="combo", name="三处联票", spots=spots, spot=world.spot
    )

    def kind(code: str, people: int) -> TicketClass:
        return add_class(
            None, product, code=code, name=code, price=D("140.00"), settlement_price=D("125.99"), people=people,
            verify_mode="partial", valid_days=3,
        )  # fmt: skip

    return Combo(
        world, product, kind("single", 1), kind("three", 3),
        [world.east, world.far, make_gate(None, third, "north", "北门")],
    )  # fmt: skip


def sums(kinds: Iterable[str] = ()) -> tuple[int, Decimal, Decimal]:
    rows = Redemption.objects.filter(kind__in=list(kinds)) if kinds else Redemption.objects.all()
    told = list(rows.values_list("quantity", "cost", "revenue"))
    return (
        sum(one[0] for one in told), sum((one[1] for one in told), D(0)), sum((one[2] for one in told), D(0)),
    )  # fmt: skip


def over(*, hours: int = 1) -> Any:
    """After the time of everything that was bought, and of gates that tell late."""
    last = max(Voucher.objects.values_list("valid_until", flat=True))
    return frozen(last + timedelta(days=2, hours=hours))


def test_each_place_once_and_all_of_the_price(combo: Combo) -> None:
    # given
    voucher = combo.world.voucher(combo.single)

    # when
    answers = [combo.visit(voucher, place) for place in (0, 0, 1, 1)]
    between = Voucher.objects.get(pk=voucher.pk).standing_at(now())
    last = combo.visit(voucher, 2)

    # then
    assert [one.answer for one in answers] == ["passed", "used", "passed", "used"] and last.answer == "passed"
    rows = list(Redemption.objects.order_by("pk").values_list("gate__code", "quantity", "cost", "revenue"))
    assert rows == [
        ("east", 1, D("41.99"), D("46.66")), ("far", 1, D("42.00"), D("46.67")), ("north", 1, D("42.00"), D("46.67")),
    ]  # fmt: skip
    assert sums() == (3, D("125.99"), D("140.00"))
    # a phone goes on showing it until it has opened all of them
    assert between == "usable" and Voucher.objects.get(pk=voucher.pk).standing_at(now()) == "used"
    assert Ticket.objects.get().state == "used"


def test_a_counter_says_which_place_it_is(combo: Combo) -> None:
    # given
    voucher = combo.world.voucher(combo.single)

    # when: a clerk whose reach is the whole city, without a gate
    boss = combo.world.clerk
    boss.is_superuser = True
    answers = [scan(combo.world.counter(boss), qr(voucher)) for _time in range(2)]

    # then
    assert [one.answer for one in answers] == ["other_gate"] * 2 and "选择所在景区的检票口" in answers[0].hint
    assert Redemption.objects.count() == 0
    assert [combo.visit(voucher, place).answer for place in range(3)] == ["passed"] * 3
    assert sums() == (3, D("125.99"), D("140.00"))


def test_how_many_are_left_is_this_place_s(combo: Combo) -> None:
    # given: a family of three, all of them in the first place
    voucher = combo.world.voucher(combo.family, 3)
    combo.visit(voucher, 0)

    # when
    ahead = look(combo.world.at(combo.gates[1]), Asked("ahead", qr(voucher), people=1))
    one = combo.visit(voucher, 1, 1)
    many = combo.visit(voucher, 1, 3)
    rest = combo.visit(voucher, 1)

    # then
    assert (ahead.left, one.left, many.answer, many.left, rest.admitted) == (3, 2, "too_many", 2, 2)


def test_a_gate_without_a_network_knows_it_too(combo: Combo) -> None:
    # given: one place has been visited
    voucher = combo.world.voucher(combo.single)
    combo.visit(voucher, 0)
    posts = [combo.world.at(gate) for gate in combo.gates]

    # when
    left = []
    for post in posts[:2]:
        assert post.device is not None
        told = json.loads(list_for(post.device)["list"])["vouchers"]
        left.append([row[3] for row in told])
    told = [entry("off-1", voucher, now()), entry("off-2", voucher, now())]
    taken = [one.counted for one in sync(posts[1], told, NO_SKEW, steady=True)]

    # then: it is let in there, once
    assert (left, taken) == ([[0], [1]], [1, 0])
    assert sums() == (2, D("83.99"), D("93.33"))


@pytest.mark.parametrize(("unused", "cost"), [("keep", D("41.99")), ("settle", D("125.99"))])
def test_places_that_were_not_visited_are_earned(combo: Combo, unused: str, cost: Decimal) -> None:
    # given
    EntryRule.objects.create(product=combo.product, unused=unused, reason="合同")
    combo.visit(combo.world.voucher(combo.single), 1)

    # when
    with over():
        assert (expire_due(), expire_due()) == (1, 0)

    # then
    assert sums(["used"]) == (1, D("41.99"), D("46.66"))
    assert sums() == (3, cost, D("140.00"))


def test_a_card_that_was_never_shown_is_earned_and_a_shown_one_is_not_earned_again(world: World) -> None:
    # given
    card = add_class(
        None, world.product, code="year", name="年卡", price=D("688.00"), settlement_price=D("600.00"),
        valid_mode="multi", valid_days=365, uses=0,
    )  # fmt: skip
    EntryRule.objects.create(product=world.product, unused="settle", reason="合同")
    world.voucher(card)
    shown = world.voucher(card)
    scan(world.at(world.east), qr(shown))

    # when
    with over():
        expire_due()

    # then
    found = Redemption.objects.order_by("pk").values_list("kind", "quantity", "cost", "revenue")
    assert list(found) == [("used", 1, D("600.00"), D("688.00")), ("expired", 1, D("600.00"), D("688.00"))]


def rule(*tiers: Tier) -> dict[str, Any]:
    return Rule("测试", "scenic", FeeKind.REFUND, tiers, anchor=Anchor.VALID_END).to_json()


@pytest.mark.parametrize(
    ("tiers", "at_once", "later"),
    [
        ((Tier(None, None, OPEN),), 0, 0),  # for ever
        ((Tier(None, 0, OPEN), Tier(0, None, CLOSED)), 1, 1),  # not after its time
        ((Tier(None, 30 * DAY, OPEN), Tier(30 * DAY, None, CLOSED)), 0, 1),
    ],
)
def test_what_can_go_back_after_its_time_is_earned_when_it_cannot_any_more(
    world: World, tiers: tuple[Tier, ...], at_once: int, later: int
) -> None:
    # given
    EntryRule.objects.create(product=world.product, unused="refund", reason="随时退")
    world.voucher()
    Ticket.objects.update(refund_rule=rule(*tiers))

    # when
    with over():
        assert (expire_due(), earn_due()) == (1, 0)
    soon = Redemption.objects.count()
    with over(hours=24 * 28 - 1):
        assert earn_due() == 0
    with over(hours=24 * 28 + 1):
        earn_due()
        assert earn_due() == 0

    # then
    assert (soon, Redemption.objects.count()) == (at_once, later)
    assert sums() == (later, D("0.00"), D("125.00") * later)


@pytest.mark.parametrize("unused", ["refund", "settle"])
def test_expiring_takes_as_many_statements_for_any_number_of_tickets(world: World, unused: str) -> None:
    # given: of one product, what expires alone, in a party of four, and twice
    EntryRule.objects.create(product=world.product, unused=unused, reason="合同")
    counts = []
    for parties in ([1], [4], [1, 1]):
        for people in parties:
            world.order(*[(world.whole, 1)] * people)
        Ticket.objects.update(refund_rule=rule(Tier(None, 30 * DAY, OPEN), Tier(30 * DAY, None, CLOSED)))

        # when
        with over(), CaptureQueriesContext(connection) as seen:
            assert expire_due() == len(parties)
        counts.append(len([one for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]))

    # then: what the product says is read once, and what is due is looked for once
    one, four, two = counts
    assert (four, two) == (one, 2 * one - 2)


def test_lists_of_combined_tickets_read_who_has_been_where_along(combo: Combo) -> None:
    # given: everybody in everywhere, in one place, nowhere
    done, begun, fresh = (combo.world.voucher(combo.single) for _time in range(3))
    for place in range(3):
        combo.visit(done, place)
    combo.visit(begun, 0)
    rows = Voucher.objects.select_related("product").order_by("pk")

    # when
    with CaptureQueriesContext(connection) as seen:
        told = [(one.pk, one.standing_at(now())) for one in with_visits(rows)]

    # then: as each of them says by itself
    assert told == [(done.pk, "used"), (begun.pk, "usable"), (fresh.pk, "usable")]
    assert told == [(one.pk, one.standing_at(now())) for one in rows]
    assert len(seen) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_combined_tickets_costs_the_same_for_any_number(combo: Combo, count: int) -> None:
    # given
    user = User.objects.create_user("one@example.com", "pass-word")
    for _time in range(count):
        combo.world.voucher(combo.single, user=user)
    Voucher.objects.update(used=F("uses"))

    # when
    with CaptureQueriesContext(connection) as mine:
        standing = [one.standing_at(now()) for one in own_vouchers(user)]
    boss = person(combo.world.org["CQ"], "boss", [VIEW])
    client = Client()
    client.force_login(boss)
    page = reverse_url("admin:o2o_admission_voucher_changelist")
    client.get(page)
    with CaptureQueriesContext(connection) as list_:
        assert client.get(page).status_code == 200

    # then
    assert (standing, len(mine)) == (["usable"] * count, 2)
    assert [one for one in list_ if 'FROM "o2o_admission_admissionproduct_spots"' in one["sql"][:200]] == []


def test_what_went_back_after_its_time_is_earned_no_more(world: World) -> None:
    # given: two of a family of three never came
    EntryRule.objects.create(product=world.product, unused="settle", reason="合同")
    voucher = world.voucher(world.family, 3)
    alone = world.voucher()
    scan(world.at(world.east), qr(voucher), people=1)
    with over():
        assert expire_due() == 2
    before = sums()

    # when: one of the two goes back, then the other one, and the ticket for one person
    with over(hours=3), transaction.atomic():
        part = Ticket.objects.get(vouchers=voucher)
        _goes(part, back=1)
    after_one = sums(["expired"])
    with over(hours=4), transaction.atomic():
        _goes(Ticket.objects.get(vouchers=voucher), back=1)
        _goes(Ticket.objects.get(vouchers=alone), back=1)
    with over(hours=5):
        expire_due()

    # then: what stands is who came
    assert before == (4, D("200.00"), D("250.00"))
    assert after_one == (2, D("133.33"), D("166.67"))
    assert sums(["expired"]) == (0, D("0.00"), D("0.00"))
    assert sums() == (1, D("33.33"), D("41.66"))
    told = Redemption.objects.filter(kind="expired", quantity__lt=0).order_by("pk")
    assert [(one.quantity, one.reason) for one in told] == [(-1, "过期后退票")] * 3


def _goes(ticket: Ticket, *, back: int) -> None:
    """As a refund does it when it is settled."""
    move(ticket, "ask_back")
    ticket = Ticket.objects.get(pk=ticket.pk)
    ticket.back += back
    ticket.save(update_fields=["back"])
    move(ticket, "give_back" if ticket.back >= ticket.uses else "keep")
    ticket = Ticket.objects.get(pk=ticket.pk)
    if ticket.state == "issued" and ticket.used:
        move(ticket, "use" if ticket.used >= ticket.uses - ticket.back else "use_part")
    trade_of("scenic").gone(ticket.ticket_order, [Ticket.objects.get(pk=ticket.pk)], {ticket.pk: back})


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_all_rows_sum_to_the_price(combo: Combo, boss: User, seed: int) -> None:
    # given: a family and a single one, prices that divide by nothing
    fate = random.Random(seed)  # a walk that can be walked again
    boss.is_superuser = True
    boss.save()
    EntryRule.objects.create(product=combo.product, unused="settle", reason="合同")
    vouchers = [combo.world.voucher(combo.family, 3), combo.world.voucher(combo.single)]
    Ticket.objects.update(price=D("100.01"), cost=D("77.77"))

    # when: people come, too many sometimes, and supervisors take it back
    been: dict[tuple[int, int], int] = {}
    for _step in range(14):
        voucher, place = fate.choice(vouchers), fate.randrange(3)
        if fate.random() < 0.25 and (last := Scan.objects.filter(answer="passed").order_by("?").first()):
            if last.redemptions.filter(kind="reversed").exists():
                continue
            assert last.gate is not None and last.voucher_id is not None
            been[last.voucher_id, combo.gates.index(last.gate)] -= reverse(boss, last.pk, "工作人员误扫")
            continue
        said = combo.visit(voucher, place, fate.randint(1, 3))
        key = (voucher.pk, place)
        been[key] = been.get(key, 0) + said.admitted
        assert been[key] <= voucher.uses
    visits = sum(been.values())
    assert sums()[0] == visits
    with over():
        expire_due()

    # then
    for ticket in Ticket.objects.all():
        rows = Redemption.objects.filter(ticket=ticket)
        assert sum(row.quantity for row in rows) == 3 * ticket.uses
        assert sum(row.revenue for row in rows) == D("100.01")
        assert sum(row.cost for row in rows) == D("77.77")
