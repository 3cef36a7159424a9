"""What only goes wrong at the edges: another day, a ticket that went back, an answer that overtook another one."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from plugins.ticketing.admission.models import (
    Redemption,
    ScanConflict,
    SettlementSheet,
    SettlementTerm,
    TicketClass,
    Voucher,
)
from plugins.ticketing.admission.vouchers.access import SETTLE, VIEW
from plugins.ticketing.admission.vouchers.choices import Direction
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.services import expiring, making, sending, settling
from plugins.ticketing.admission.vouchers.services.expiring import GRACE, expire_due
from plugins.ticketing.admission.vouchers.services.reversing import reverse
from plugins.ticketing.admission.vouchers.services.syncing import Entry, sync
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.clock import frozen, midnight, now, today
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.kernel.states import move
from tests.orgs import person

from .conftest import World, scan
from .test_offline import NO_SKEW, ask, device_at
from .test_redeeming import HOLDER, STRANGER, qr

D = Decimal


def card_of(kind: TicketClass) -> TicketClass:
    """A year card: as often as one likes, once a day."""
    kind.valid_mode, kind.uses = "multi", 0
    kind.save()
    return kind


def test_who_left_yesterday_does_not_come_again_today(world: World) -> None:
    # given: a ticket for any one of thirty days; its people came in and went home by a gate that lets come again
    voucher = world.voucher(world.family, 3, ends_at=midnight(today()) + timedelta(days=30))
    gate, text = world.at(world.east, reentry=True, direction="both"), qr(voucher)
    assert scan(gate, text, people=2).passed
    assert scan(gate, text, people=2, direction=Direction.OUT).passed

    # when: the next day all three want in
    with frozen(midnight(today() + timedelta(days=1)) + timedelta(hours=9)):
        too_many, third, out, again, used = (
            scan(gate, text, people=3), scan(gate, text, people=1), scan(gate, text, people=1, direction=Direction.OUT),
            scan(gate, text, people=1), scan(gate, text, people=1),
        )  # fmt: skip

    # then: only the one who has not been there, who may go out and come again that day
    assert [one.answer for one in (too_many, third, out, again, used)] == [
        "too_many", "passed", "passed", "passed", "used",
    ]  # fmt: skip
    assert sum(Redemption.objects.values_list("quantity", flat=True)) == 3


def test_a_year_card_lets_one_in_a_day_though_somebody_left_the_day_before(world: World) -> None:
    # given
    voucher = world.voucher(card_of(world.adult), ends_at=midnight(today()) + timedelta(days=300))
    gate, text = world.at(world.east, reentry=True, direction="both"), qr(voucher)
    assert [scan(gate, text).answer, scan(gate, text, direction=Direction.OUT).answer] == ["passed", "passed"]

    # when
    with frozen(midnight(today() + timedelta(days=1)) + timedelta(hours=9)):
        said = [
            scan(gate, text), scan(gate, text), scan(gate, text, direction=Direction.OUT), scan(gate, text),
        ]  # fmt: skip

    # then: once, and again after going out
    assert [one.answer for one in said] == ["passed", "used", "passed", "passed"]
    assert [row.quantity for row in Redemption.objects.all()] == [1, 1]


def test_a_document_whose_ticket_went_back_lets_nobody_in(world: World) -> None:
    # given: two named people on one code, one of whom has given his ticket back
    order = world.order((world.family, 1), (world.family, 1), names=(HOLDER, STRANGER))
    voucher = Voucher.objects.get()
    gone, stays = Ticket.objects.order_by("pk")
    Voucher.objects.update(needs_document=True)
    with transaction.atomic():
        move(gone, "ask_back", actor="test")
        move(gone, "give_back", actor="test")
        trade_of("scenic").gone(order, [gone], {gone.pk: 1})

    # when
    by_document = scan(world.counter(), HOLDER, people=1)
    by_code = scan(world.at(world.east), qr(voucher), people=1, document=HOLDER)

    # then: the other one's place stays his
    assert (by_document.answer, by_code.answer) == ("refunded", "document")
    assert scan(world.at(world.east), qr(voucher), people=1, document=STRANGER).passed
    stays = Ticket.objects.get(pk=stays.pk)
    assert (stays.state, stays.used) == ("used", 1)


def test_a_log_is_taken_though_people_came_in_without_a_scan(world: World) -> None:
    # given: a supplier's gate told of one visit, which no scan of ours stands for
    one, other = world.voucher(), world.voucher()
    with transaction.atomic():
        ticket = one.tickets.get()
        ticket.used = 1
        ticket.save()
        move(ticket, "use", actor="distributor")
        Voucher.objects.filter(pk=one.pk).update(used=1)
    at = round(now().timestamp() * 1000) - 60_000
    told = {"entries": [
        {"number": "1", "text": qr(one), "at": at, "people": 1},
        {"number": "2", "text": qr(other), "at": at, "people": 1},
    ]}  # fmt: skip

    # when
    device = device_at(world)
    ask(device, "heartbeat", {})
    answer = ask(device, "log", told)

    # then
    assert answer.status_code == 200
    assert [(row["status"], row["counted"]) for row in answer.json()["entries"]] == [
        ("conflict", 0),
        ("taken", 1),
    ]
    assert [one.kind for one in ScanConflict.objects.all()] == ["twice"]


def test_who_came_in_before_the_code_was_made_anew_counts(world: World, boss: Any) -> None:
    # given: let in without a network at ten, by a code that was made anew at half past
    voucher = world.voucher()
    old = qr(voucher)
    at = now()
    with frozen(at + timedelta(minutes=30)):
        making.reissue(boss, voucher.pk, "客人换了手机")

    # when
    with frozen(at + timedelta(hours=1)):
        taken = sync(world.at(world.east), [Entry("1", old, at, 1)], NO_SKEW, steady=True)
        late = sync(
            world.at(world.west), [Entry("2", old, at + timedelta(minutes=31), 1)], NO_SKEW, steady=True
        )
        again = scan(world.at(world.west), qr(voucher))

    # then: his visit is one, and the new code lets nobody else in; whoever used the old one later is alarmed
    assert [(one.status, one.counted) for one in (*taken, *late)] == [("taken", 1), ("conflict", 0)]
    assert again.answer == "used"
    assert [one.kind for one in ScanConflict.objects.all()] == ["wrong"]
    assert sum(Redemption.objects.values_list("quantity", flat=True)) == 1


def test_what_is_on_its_way_back_is_on_no_list(world: World) -> None:
    # given
    world.order((world.adult, 1))
    order = world.order((world.family, 3), (world.family, 3))
    asked = Ticket.objects.filter(ticket_order=order).first()
    assert asked is not None
    first = Ticket.objects.order_by("pk").first()
    with transaction.atomic():
        move(asked, "ask_back", actor="test")
        move(first, "ask_back", actor="test")

    # when
    found = json.loads(ask(device_at(world), "list", {}).json()["list"])["vouchers"]

    # then: of the group those that stay
    assert [(line[0], line[3]) for line in found] == [(order.vouchers.get().pk, 3)]


def test_a_code_is_sent_as_it_is_now(world: World, boss: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: read, and made anew before it is sent
    voucher = world.voucher()
    making.reissue(boss, voucher.pk, "截图被转发")
    told: list[dict[str, str]] = []

    def by_text(_order: Any, _occasion: str, words: dict[str, str]) -> Any:
        told.append(words)
        return sending.Told.TEXT

    monkeypatch.setattr(sending.telling, "by_text", by_text)

    # when
    sending.send_again(voucher)

    # then
    fresh = Voucher.objects.get()
    assert fresh.code != voucher.code
    assert told[0]["code"].replace(" ", "") == fresh.code


def test_a_visit_is_not_taken_back_while_the_rest_is_on_its_way_back(world: World, boss: Any) -> None:
    # given: one of three is in, the other two are being given back
    voucher = world.voucher(world.family, 3)
    said = scan(world.counter(), qr(voucher), people=1)
    ticket = Ticket.objects.get()
    with transaction.atomic():
        move(ticket, "ask_back", actor="test")
    assert said.scan is not None

    # when
    with pytest.raises(VoucherError) as refused:
        reverse(boss, said.scan, "扫错了人")

    # then
    assert refused.value.code == "STATE"
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.used) == ("refunding", 1)


def test_one_voucher_that_cannot_be_ended_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    busy, other = world.voucher(), world.voucher()
    whole = expiring.lock_voucher

    def lock(pk: int) -> Any:
        if pk == busy.pk:
            raise LockTimeout
        return whole(pk)

    monkeypatch.setattr(expiring, "lock_voucher", lock)

    # when
    with frozen(busy.valid_until + GRACE + timedelta(seconds=1)):
        ended = expire_due()

    # then
    assert ended == 1
    assert [one.tickets.get().state for one in (busy, other)] == ["issued", "expired"]


def test_one_payee_that_cannot_be_settled_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a visit of ours, and another payee before it at whose term somebody works
    keeper = person(world.org["CQ"], "settler", [SETTLE, VIEW])
    busy, own = (
        settling.set_term(keeper, place.unit, cycle="day", days=0, reason="合同 1 号", spot=place)
        for place in (world.far.spot, world.spot)
    )
    assert scan(world.counter(), qr(world.voucher())).passed
    whole = settling.rows_of_payee

    def rows(term: SettlementTerm) -> Any:
        if term.pk == busy.pk:
            raise LockTimeout
        return whole(term)

    monkeypatch.setattr(settling, "rows_of_payee", rows)

    # when
    made = settling.make_sheets(today() + timedelta(days=1))

    # then
    assert made == 1
    assert list(SettlementSheet.objects.values_list("term", "cost")) == [(own.pk, D("100.00"))]


def test_of_a_group_with_year_cards_everybodys_card_is_settled(world: World) -> None:
    # given: two cards on one code
    card_of(world.family)
    world.order((world.family, 1), (world.family, 1), ends_at=midnight(today()) + timedelta(days=300))
    voucher = Voucher.objects.get()

    # when: they come one by one
    said = [scan(world.at(world.east), qr(voucher), people=1) for _one in range(3)]

    # then
    assert [one.answer for one in said] == ["passed", "passed", "used"]
    assert [row.cost for row in Redemption.objects.order_by("pk")] == [D("100.00"), D("100.00")]
    assert sorted(Ticket.objects.values_list("used", flat=True)) == [1, 1]
