"""At the gate: who comes in, who does not and why, how many are left, and that nobody comes in twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from plugins.ticketing.admission.models import EntryRule, Redemption, Scan, Voucher, VoucherKey
from plugins.ticketing.admission.vouchers import codes
from plugins.ticketing.admission.vouchers.choices import Answer, Direction, Way
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.finding import TAIL
from plugins.ticketing.admission.vouchers.scanning import Asked
from plugins.ticketing.admission.vouchers.services import making, redeeming
from plugins.ticketing.admission.vouchers.services.devices import device_of
from plugins.ticketing.admission.vouchers.services.keys import rotate, withdraw
from plugins.ticketing.admission.vouchers.services.recognising import find
from plugins.ticketing.admission.vouchers.services.redeeming import look, redeem
from plugins.ticketing.admission.vouchers.services.reversing import reverse
from plugins.ticketing.admission.vouchers.services.syncing import Entry, sync
from plugins.ticketing.admission.vouchers.showing import kept
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.trades import trade_of
from saleor_o2o.kernel.clock import frozen, midnight, now, today
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.states import move
from tests.orgs import person
from tests.threads import kinds, meeting, together

from .conftest import MOBILE, World, scan

D = Decimal
HOLDER, STRANGER = "11010519491231002X", "440524188001010014"


def qr(voucher: Voucher) -> str:
    found = kept(Voucher.objects.get(pk=voucher.pk))
    assert found is not None
    return found.code


def test_a_code_lets_in_once_and_says_where_and_when(world: World) -> None:
    # given
    voucher = world.voucher()

    # when
    first = scan(world.at(world.east), qr(voucher))
    again = scan(world.at(world.west), qr(voucher))

    # then
    ticket = Ticket.objects.get()
    assert (first.answer, first.admitted, first.left, first.title) == (
        "passed", 1, 0, "天生三桥门票 成人票",
    )  # fmt: skip
    assert again.answer == "used" and "天生三桥 东门" in again.words
    assert (ticket.state, ticket.used) == ("used", 1)
    row = Redemption.objects.get()
    assert (row.quantity, row.cost, row.revenue, row.gate, row.unit.code, row.day) == (
        1, D("100.00"), D("125.00"), world.east, "C11", today(),
    )  # fmt: skip
    assert list(Scan.objects.order_by("pk").values_list("answer", "admitted")) == [
        ("passed", 1),
        ("used", 0),
    ]
    for model in (Scan, Redemption):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(at=now())


def test_each_ticket_has_its_voucher_or_a_class_has_one(world: World) -> None:
    # when
    order = world.order((world.adult, 1), (world.adult, 1), (world.family, 3), (world.family, 3))

    # then
    found = Voucher.objects.filter(ticket_order=order).order_by("pk")
    assert [(one.uses, one.tickets.count(), one.verify_mode) for one in found] == [
        (1, 1, "each"), (1, 1, "each"), (6, 2, "partial"),
    ]  # fmt: skip
    assert len({one.code for one in found}) == 3
    # again: nothing
    with transaction.atomic():
        trade_of("scenic").issued(order, list(order.tickets.all()))
    assert Voucher.objects.count() == 3


def test_some_of_many_then_the_rest(world: World) -> None:
    # given
    order = world.order((world.family, 3), (world.family, 3))
    voucher = Voucher.objects.get()
    gate = world.at(world.east)

    # when
    said = [scan(gate, qr(voucher), people=count) for count in (2, 5, 4)]

    # then
    assert [(one.answer, one.admitted, one.left) for one in said] == [
        ("passed", 2, 4), ("too_many", 0, 4), ("passed", 4, 0),
    ]  # fmt: skip
    assert "还剩 4 人" in said[0].hint and "还剩 4 人" in said[1].words
    tickets = order.tickets.order_by("pk")
    assert [(one.used, one.state) for one in tickets] == [(3, "used"), (3, "used")]
    # what each ticket is settled for is exactly its cost, however it was split
    costs = list(Redemption.objects.order_by("pk").values_list("ticket_id", "quantity", "cost"))
    assert costs == [
        (tickets[0].pk, 2, D("66.66")), (tickets[0].pk, 1, D("33.34")), (tickets[1].pk, 3, D("100.00")),
    ]  # fmt: skip


def test_a_group_comes_in_together(world: World) -> None:
    # given
    world.order(*[(world.whole, 1)] * 3)
    voucher = Voucher.objects.get()

    # then
    assert scan(world.at(world.east), qr(voucher), people=2).answer == Answer.WHOLE
    assert scan(world.at(world.east), qr(voucher)).admitted == 3


def test_early_and_late_to_the_second(world: World) -> None:
    # given
    start = midnight(today())
    voucher = world.voucher(starts_at=start, ends_at=start + timedelta(hours=2))
    gate, text = world.at(world.east), qr(voucher)

    # when
    answers = []
    for seconds in (-1, 7200, 7199):
        with frozen(start + timedelta(seconds=seconds)):
            answers.append(scan(gate, text).answer)

    # then
    assert answers == ["early", "expired", "passed"]


def test_another_gate_and_another_place(world: World) -> None:
    # given
    voucher = world.voucher()

    # then: a far place's device does not even learn that there is such a voucher
    far = scan(world.at(world.far), qr(voucher))
    assert (far.answer, far.title, far.voucher) == ("unknown", "", "")
    # the city's device at that place does
    post = world.at(world.far)
    post.device.unit = world.org["CQ"]  # type: ignore[union-attr]
    city = redeeming.Post(world.org["CQ"], world.far, post.device)
    assert scan(city, qr(voucher)).answer == "other_gate"
    assert Ticket.objects.get().used == 0


@pytest.mark.parametrize(
    "text", ["", "v1.x", "1234567890123456", "abc", "http://evil.example/", "v1." + "z" * 300]
)
def test_what_nobody_knows(world: World, text: str) -> None:
    assert scan(world.at(world.east), text).answer == "unknown"


@pytest.mark.parametrize(
    "told", [{"text": "x" * 401}, {"text": "a\0b"}, {"people": 0}, {"people": -3}, {"people": 10**9}]
)
def test_what_is_no_question(world: World, told: dict[str, Any]) -> None:
    with pytest.raises(VoucherError) as refused:
        redeem(world.at(world.east), Asked("n", told.get("text", "x"), people=told.get("people")))
    assert refused.value.code == "MALFORMED"
    assert Scan.objects.count() == 0


def test_a_tampered_and_a_foreign_signature(world: World) -> None:
    # given
    voucher = world.voucher()
    text = qr(voucher)
    version, terms, nonce, signature = text.split(".")
    fields = terms.split("-")
    more = "-".join([*fields[:5], "9", fields[6]])
    foreign = codes.signed(codes.read(text).terms, nonce, Ed25519PrivateKey.generate())

    # then
    gate = world.at(world.east)
    assert scan(gate, f"{version}.{more}.{nonce}.{signature}").answer == "unknown"
    assert scan(gate, foreign).answer == "unknown"
    assert scan(gate, text).answer == "passed"


def test_a_new_key_signs_and_the_old_one_proves_until_it_is_withdrawn(world: World) -> None:
    # given
    chief = person(world.org["CQ"], "chief", ["voucher.keys", "voucher.view"])
    old = world.voucher()
    before = qr(old)
    rotate(chief)
    second = world.voucher()

    # then
    assert second.nonce.partition("-")[0] != old.nonce.partition("-")[0]
    assert scan(world.at(world.east), before).answer == "passed"

    # when: the old one got out
    withdraw(chief, VoucherKey.objects.get(code=old.nonce.partition("-")[0]).pk, "密钥泄露")
    assert scan(world.at(world.east), before).answer == "unknown"
    assert kept(Voucher.objects.get(pk=old.pk)) is None
    with pytest.raises(NotAllowed):
        rotate(world.clerk)


def test_a_made_anew_code_kills_the_old_one(world: World, boss: Any) -> None:
    # given
    voucher = world.voucher()
    old_qr, old_short = qr(voucher), voucher.code

    # when
    made = making.reissue(boss, voucher.pk, "截图被转发")

    # then
    gate = world.at(world.east)
    assert [scan(gate, old_qr).answer, scan(gate, old_short).answer] == ["void", "void"]
    assert scan(gate, made.code).answer == "passed"
    assert made.nonce != voucher.nonce and made.code != old_short


@pytest.mark.parametrize("way", ["lock_voucher", "lock_shown"])
def test_a_code_made_anew_while_it_is_being_read(
    world: World, boss: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    # given: the gate has read the code, or found its voucher, and waits for the lock
    voucher = world.voucher()
    lock = getattr(redeeming, way)

    def late(pk: int) -> Any:
        monkeypatch.setattr(redeeming, way, lock)
        making.reissue(boss, pk, "截图被转发")
        return lock(pk)

    monkeypatch.setattr(redeeming, way, late)

    # when
    said = scan(world.at(world.east), qr(voucher) if way == "lock_shown" else voucher.code)

    # then
    assert (said.answer, Redemption.objects.count()) == ("void", 0)


def test_a_rotating_code_and_its_picture(world: World) -> None:
    # given
    EntryRule.objects.create(product=world.product, rotating=True, reason="热门演出")
    voucher = world.voucher()
    phone = kept(voucher)
    assert phone is not None and phone.rotating
    gate, secret = world.at(world.east), bytes.fromhex(phone.secret)

    # when: as a photograph, with a code of two minutes ago, of another voucher's, of now
    late = codes.time_code(secret, now() - timedelta(minutes=2))
    other = codes.time_code(b"x" * 32, now())
    answers = [scan(gate, phone.code + more).answer for more in ("", f".{late}", f".{other}")]

    # then
    assert answers == ["picture", "picture", "picture"]
    assert scan(gate, f"{phone.code}.{codes.time_code(secret, now())}").answer == "passed"


def test_by_short_code_document_and_telephone(world: World) -> None:
    # given
    one = world.voucher(names=(HOLDER,))
    gate = world.at(world.east)

    # then
    assert scan(gate, STRANGER).answer == "unknown"
    assert scan(gate, one.code[-6:], phone="9999").answer == "unknown"
    assert scan(gate, "11010519491231002x").answer == "passed"
    assert Scan.objects.order_by("-pk")[0].way == Way.DOCUMENT
    two = world.voucher()
    assert scan(gate, codes.in_fours(two.code)).answer == "passed"
    three = world.voucher()
    assert scan(gate, three.code[-6:], phone=MOBILE[-4:]).answer == "passed"
    # no number of a person is kept with the scan
    assert HOLDER not in str(list(Scan.objects.values()))


def test_the_document_must_be_the_ticket_s(world: World) -> None:
    # given
    EntryRule.objects.create(product=world.product, documents=True, reason="实名入场")
    world.adult.real_name = "each"
    world.adult.save()
    voucher = world.voucher(names=(HOLDER,))
    gate = world.at(world.east)

    # then
    assert scan(gate, qr(voucher)).answer == "document"
    assert scan(gate, qr(voucher), looked=True).answer == "document"  # a gate has no eyes
    assert scan(gate, qr(voucher), document=STRANGER).answer == "document"
    assert scan(gate, qr(voucher), document=HOLDER).answer == "passed"


def test_given_back_and_going_back(world: World) -> None:
    # given
    order = world.order((world.family, 3), (world.family, 3))
    voucher, tickets = Voucher.objects.get(), list(order.tickets.order_by("pk"))

    # when: one of the two is on its way back
    move(tickets[0], "ask_back", actor="test")
    assert look(world.at(world.east), Asked("l", qr(voucher))).left == 6
    assert scan(world.at(world.east), qr(voucher), people=4).answer == "too_many"
    with transaction.atomic():
        move(tickets[0], "give_back", actor="test")
        trade_of("scenic").gone(order, [tickets[0]], {tickets[0].pk: 3})

    # then
    voucher.refresh_from_db()
    assert (voucher.uses, voucher.void_at) == (3, None)

    # when: the other one, too
    with transaction.atomic():
        move(tickets[1], "ask_back", actor="test")
        move(tickets[1], "give_back", actor="test")
        trade_of("scenic").gone(order, [tickets[1]], {tickets[1].pk: 3})
    assert scan(world.at(world.east), qr(voucher)).answer == "refunded"
    voucher.refresh_from_db()
    assert voucher.void_at is not None


def test_the_same_request_is_the_same_answer_for_two_minutes(world: World) -> None:
    # given
    voucher, other = world.voucher(world.family, 3), world.voucher()
    gate = world.at(world.east)

    # when
    said = [scan(gate, qr(voucher), "n1", people=1) for _time in range(3)]

    # then: one came in, and other questions or later ones under that number are refused
    assert said[0] == said[1] == said[2]
    assert Ticket.objects.filter(vouchers=voucher).get().used == 1
    for text, shift in ((qr(other), 0), (qr(voucher), 121)):
        with frozen(now() + timedelta(seconds=shift)), pytest.raises(VoucherError) as refused:
            scan(gate, text, "n1", people=1)
        assert refused.value.code == "NUMBER_REUSED"
    # another gate may use the same number
    assert scan(world.at(world.west), qr(voucher), "n1", people=1).passed


def test_out_and_in_again(world: World) -> None:
    # given
    voucher = world.voucher(world.family, 3)
    gate = world.at(world.east, reentry=True, direction="both")
    text = qr(voucher)

    # when
    said = [
        scan(gate, text, people=1, direction=Direction.OUT), scan(gate, text, people=3),
        scan(gate, text, people=2, direction=Direction.OUT), scan(gate, text, people=3), scan(gate, text, people=2),
        scan(gate, text, people=1),
    ]  # fmt: skip

    # then
    assert [one.answer for one in said] == ["not_out", "passed", "passed", "too_many", "passed", "used"]
    assert sum(Redemption.objects.values_list("quantity", flat=True)) == 3


def test_a_closed_gate(world: World) -> None:
    voucher = world.voucher()
    assert scan(world.at(world.east, is_open=False), qr(voucher)).answer == "gate_closed"


def test_an_unlimited_ticket_comes_in_once_a_day(world: World) -> None:
    # given
    card = world.adult
    card.valid_mode, card.uses = "multi", 0
    card.save()
    voucher = world.voucher(ends_at=midnight(today()) + timedelta(days=300))
    gate = world.at(world.east)

    # when
    first = [scan(gate, qr(voucher)).answer for _time in range(2)]
    with frozen(now() + timedelta(days=1)):
        second = [scan(gate, qr(voucher)).answer for _time in range(2)]

    # then: it is earned with the first visit
    assert first == second == ["passed", "used"]
    assert list(Redemption.objects.order_by("pk").values_list("cost", flat=True)) == [D("100.00"), D("0.00")]
    assert Ticket.objects.get().state == "part_used"


def test_what_is_told_late_or_taken_back_leaves_todays_visit_counted(world: World, boss: Any) -> None:
    # given: a year card that came in shortly before midnight, and again after it
    card = world.adult
    card.valid_mode, card.uses = "multi", 0
    card.save()
    begin = midnight(today() + timedelta(days=1))
    voucher = world.voucher(ends_at=begin + timedelta(days=300))
    east, west = world.at(world.east), world.at(world.west)
    with frozen(begin - timedelta(minutes=5)):
        yesterday = scan(east, qr(voucher))
    with frozen(begin + timedelta(minutes=5)):
        assert (yesterday.answer, scan(east, qr(voucher)).answer) == ("passed", "passed")

        # when: a gate without a network tells of another visit of yesterday, and a supervisor takes the first one back
        entry = Entry("late", qr(voucher), begin - timedelta(minutes=2), 1)
        [told] = sync(west, [entry], timedelta(0), steady=True)
        reverse(boss, yesterday.scan or 0, "扫错了人，撤销")

        # then: yesterday had its visit, and so has today
        assert (told.status, told.counted) == ("conflict", 0)
        assert scan(east, qr(voucher)).answer == "used"


def test_a_clerk_of_elsewhere_and_one_without_the_right(world: World) -> None:
    # given
    voucher = world.voucher()
    far = person(world.org["C21"], "far", ["voucher.redeem"])

    # then
    assert scan(world.counter(far), voucher.code).answer == "unknown"
    assert scan(world.counter(), voucher.code).answer == "passed"


def test_how_many_statements_it_takes(world: World) -> None:
    # given: what a connection prepares once is prepared, and others have bought a lot
    gate = world.at(world.east)
    scan(gate, qr(world.voucher()))
    one = world.voucher()
    world.order(*[(world.adult, 1)] * 30)
    world.order(*[(world.whole, 1)] * 20)
    many = Voucher.objects.order_by("-pk")[0]

    # when
    counts = []
    for voucher in (one, many):
        text = qr(voucher)
        with CaptureQueriesContext(connection) as seen:
            assert scan(gate, text, f"again-{voucher.pk}").passed
        counts.append(len(seen))
        with CaptureQueriesContext(connection) as seen:
            assert scan(gate, text, f"again-{voucher.pk}").passed
        counts.append(len(seen))

    # then: locked and read; all that is written; a savepoint's two. Asked again: not written, read
    assert counts == [4, 5, 4, 5], counts
    assert Redemption.objects.filter(voucher=many).count() == 20


def test_where_people_have_been_is_asked_only_to_choose_among_several(world: World) -> None:
    # given: typed codes name one voucher, telephones and documents perhaps more
    gate, moment = world.at(world.east), now()
    voucher = world.voucher(names=(HOLDER,))
    asked_for = {
        "code": Asked("r1", voucher.code), "tail": Asked("r2", voucher.code[-TAIL:], phone=MOBILE[-4:]),
        "paper": Asked("r3", HOLDER, way=Way.DOCUMENT), "signed": Asked("r4", qr(voucher)),
    }  # fmt: skip

    # when
    counting = {}
    for name, told in asked_for.items():
        with CaptureQueriesContext(connection) as seen:
            assert find(gate, told, moment).voucher == voucher
        counting[name] = any("o2o_admission_redemption" in one["sql"] for one in seen)

    # then
    assert counting == {"code": False, "signed": False, "tail": True, "paper": True}


def test_what_a_device_is_counts_at_once(world: World) -> None:
    # given: a process that keeps what it has read of a device
    device = world.at(world.east).device
    assert device is not None
    first = device_of(device.code)
    assert first is not None
    assert first.is_open
    with CaptureQueriesContext(connection) as seen:
        assert device_of(device.code) is first
    assert len(seen) == 1

    # when, then: closed, renamed gate, moved unit, taken out of use
    type(device).objects.filter(pk=device.pk).update(is_open=False)
    assert device_of(device.code).is_open is False  # type: ignore[union-attr]
    world.east.name = "北门"
    world.east.save()
    assert str(device_of(device.code).gate) == "北门"  # type: ignore[union-attr]
    world.spot.name = "仙女山"
    world.spot.save()
    assert str(device_of(device.code).gate.spot) == "仙女山"  # type: ignore[union-attr]
    type(device).objects.filter(pk=device.pk).update(active=False)
    assert device_of(device.code) is None
    assert device_of("nobody") is device_of("\0") is None


def _last_person(world: World, people: int) -> tuple[Voucher, list[Any]]:
    voucher = world.voucher(world.family, 1)
    text = qr(voucher)
    posts = [world.at(gate) for gate in (world.east, world.west)] * (people // 2)
    return voucher, together(
        *(partial(scan, post, text, f"t{place}", people=1) for place, post in enumerate(posts))
    )


@pytest.mark.django_db(transaction=True)
def test_two_gates_and_one_person_left(world: World) -> None:
    _voucher, said = _last_person(world, 6)
    assert sorted(str(one.answer) for one in said) == ["passed"] + ["used"] * 5, said
    assert (Redemption.objects.count(), Ticket.objects.get().used) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_would_be_two(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: read, not locked, and everybody has looked before anybody writes
    meet = meeting(2)
    decide = redeeming.decide

    def unlocked(pk: int) -> Any:
        voucher = Voucher.objects.get(pk=pk)
        return voucher, list(voucher.tickets.order_by("pk"))

    def slow(*told: Any) -> Any:
        found = decide(*told)
        meet()
        return found

    monkeypatch.setattr(redeeming, "lock_shown", unlocked)
    monkeypatch.setattr(redeeming, "decide", slow)

    # when
    _voucher, said = _last_person(world, 2)

    # then: the test above can fail
    assert [str(one.answer) for one in said] == ["passed", "passed"], kinds(said)
