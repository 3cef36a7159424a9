"""现场换票: what the phone shows is exchanged once, and only the paper lets in from then on."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.models import Redemption, Voucher, VoucherOldCode
from plugins.ticketing.admission.services.catalogue import change_class
from plugins.ticketing.admission.trade import AdmissionTrade
from plugins.ticketing.admission.vouchers import codes
from plugins.ticketing.admission.vouchers.access import VIEW
from plugins.ticketing.admission.vouchers.choices import Way
from plugins.ticketing.admission.vouchers.entry import entry_of
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.paper import sheets_of
from plugins.ticketing.admission.vouchers.printing import render
from plugins.ticketing.admission.vouchers.services import papering
from plugins.ticketing.admission.vouchers.services.at_window import at_window
from plugins.ticketing.admission.vouchers.services.lists import list_for
from plugins.ticketing.admission.vouchers.services.making import reissue
from plugins.ticketing.admission.vouchers.services.papering import exchange, spoil, take_back
from plugins.ticketing.admission.vouchers.services.sending import send_again
from plugins.ticketing.admission.vouchers.services.syncing import Entry, sync
from plugins.ticketing.admission.vouchers.showing import kept, printed
from plugins.ticketing.coach.models import PaperSheet
from plugins.ticketing.coach.services import papers
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again, person
from tests.threads import kinds, meeting, together

from .conftest import MOBILE, World, scan
from .window import CLERK, Window, window_of

HOLDER = "11010519491231002X"


@pytest.fixture
def window(world: World) -> Window:
    return window_of(world)


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def fresh(voucher: Voucher) -> Voucher:
    return Voucher.objects.get(pk=voucher.pk)


def test_the_phone_opens_no_gate_and_the_paper_does_once(world: World, window: Window) -> None:
    # given
    [voucher] = window.vouchers(names=(HOLDER,))
    gate, short = world.at(world.east), voucher.code

    # then: nothing on the phone that a gate without a network would take
    assert (kept(voucher), entry_of(voucher).label, entry_of(voucher).codes[0].qr) == (None, "换票码", short)
    before = [scan(gate, short), scan(gate, HOLDER, way=Way.DOCUMENT)]
    assert [one.answer for one in before] == ["paper", "paper"]
    assert before[0].words == "还没有换纸票"

    # when
    [made] = exchange(window.clerk, [voucher.pk])

    # then
    [sheet] = sheets_of([made])
    at = f"{fresh(voucher).papered_at + timedelta(hours=8):%m-%d %H:%M}"  # type: ignore[operator]
    assert (sheet.serial, made.papered_where, codes.read_short(sheet.code)) == (
        "YZ00000001", "甲县中心", fresh(voucher).code,
    )  # fmt: skip
    old = scan(gate, short)
    assert (old.answer, old.words) == ("paper", f"已换纸票：{at} 甲县中心")
    assert entry_of(fresh(voucher)).told == f"已换纸票 {at} 甲县中心，凭纸票入场"
    assert scan(gate, HOLDER, way=Way.DOCUMENT).answer == "paper"
    assert scan(gate, printed(fresh(voucher))).answer == "passed"
    assert scan(gate, sheet.code).answer == "used"
    assert Redemption.objects.get().cost == window.kind.settlement_price


def test_the_window_finds_by_code_document_and_telephone(window: Window) -> None:
    # given
    one, two = window.vouchers(2, names=(HOLDER,))
    [other] = window.vouchers(names=("440524188001010014",))

    # when
    exchange(window.clerk, [two.pk])
    by = {text: at_window(window.clerk, text) for text in (one.code, two.code, HOLDER, HOLDER.lower())}

    # then: the whole order, exchanged ones with time and place, also by the code that ended
    for told in by.values():
        assert {row.voucher.pk for row in told} == {one.pk, two.pk}
        [done] = [row for row in told if row.why]
        assert (done.voucher.pk, done.sheet, done.why.endswith("甲县中心")) == (two.pk, "YZ00000001", True)
    assert {row.voucher.pk for row in at_window(window.clerk, MOBILE)} == {one.pk, two.pk, other.pk}
    assert "11010519491231002X" not in repr([row.who for row in by[HOLDER]])
    for text in ("1234567890123456", "13900000000", "x" * 401, "", "\0"):
        with pytest.raises(VoucherError):
            at_window(window.clerk, text)


def test_all_of_an_order_or_nothing(window: Window) -> None:
    # given: five sheets in the clerk's hand
    six = [one.pk for one in window.vouchers(6)]

    # when
    with pytest.raises(DomainError) as refusal:
        exchange(window.clerk, six)

    # then
    assert code_of(refusal) == "PAPER_NONE"
    assert not PaperSheet.objects.exists() and not Voucher.objects.exclude(papered_at=None).exists()
    assert len(exchange(window.clerk, six[:3])) == 3
    with pytest.raises(VoucherError) as refusal:
        exchange(window.other, six[2:4])
    assert code_of(refusal) == "ON_PAPER" and PaperSheet.objects.count() == 3


def test_who_may_exchange_what(world: World, window: Window) -> None:
    [voucher] = window.vouchers()
    plain = world.voucher()
    nobody = again(person(world.org["C11"], "nobody", [VIEW]))
    stranger = again(person(world.org["C21"], "stranger", CLERK))
    for who, pks, error in (
        (nobody, [voucher.pk], NotAllowed), (stranger, [voucher.pk], OutOfScope),
        (window.clerk, [plain.pk], VoucherError), (window.clerk, [], VoucherError),
    ):  # fmt: skip
        with pytest.raises(error):
            exchange(who, pks)
    with pytest.raises(VoucherError):
        at_window(stranger, voucher.code)
    assert not PaperSheet.objects.exists()


def test_tickets_that_are_over_get_no_paper(world: World, window: Window) -> None:
    back, late = window.vouchers(2)
    Ticket.objects.filter(vouchers=back).update(state="refunding")
    with pytest.raises(VoucherError) as refusal:
        exchange(window.clerk, [back.pk])
    assert code_of(refusal) == "STATE"
    with frozen(late.valid_until), pytest.raises(VoucherError) as refusal:
        exchange(window.clerk, [late.pk])
    assert code_of(refusal) == "TOO_LATE"


def test_a_spoilt_sheet_is_a_supervisors_and_its_code_ends(world: World, window: Window) -> None:
    # given
    [voucher] = window.vouchers()
    exchange(window.clerk, [voucher.pk])
    gone = printed(fresh(voucher))

    # when: not by who printed it, not by who is no supervisor, from neither page
    sheet = PaperSheet.objects.get()
    for act in (
        partial(spoil, window.other, voucher.pk, "卡纸"), partial(papers.spoil, window.other, "卡纸", sheet=sheet.pk),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()
    both = again(person(world.org["C11"], "both", (*CLERK, "voucher.reissue")))
    PaperSheet.objects.update(printed_by=both)
    for act in (
        partial(spoil, both, voucher.pk, "卡纸"),
        partial(papers.spoil, both, "卡纸", sheet=sheet.pk),
    ):
        with pytest.raises(VoucherError) as refusal:
            act()
        assert code_of(refusal) == "SAME_PERSON"
    papers.spoil(window.boss, "卡纸", sheet=sheet.pk)

    # then
    gate = world.at(world.east)
    assert (PaperSheet.objects.get().state, fresh(voucher).papered_at) == ("void", None)
    assert scan(gate, gone).answer == "void"
    [again_] = exchange(window.other, [voucher.pk])
    assert (sheets_of([again_])[0].serial, scan(gate, gone).answer) == ("YZ00000101", "void")
    old = VoucherOldCode.objects.order_by("pk")
    assert list(old.values_list("was_paper", flat=True)) == [False, True, False]
    assert scan(gate, printed(fresh(voucher))).answer == "passed"
    with pytest.raises(VoucherError) as refusal:
        spoil(window.boss, voucher.pk, "遗失")
    assert code_of(refusal) == "IN_USE"


def test_it_goes_back_only_with_its_paper(window: Window) -> None:
    # given
    [voucher] = window.vouchers()
    ticket = Ticket.objects.get(vouchers=voucher)
    rules = AdmissionTrade()
    assert rules.facts(ticket, carriers_fault=False, quantity=1).passenger == "adult"
    exchange(window.clerk, [voucher.pk])
    paper = printed(fresh(voucher))

    # when, then: not without it, but for the organiser's fault
    with pytest.raises(VoucherError) as refusal:
        rules.facts(ticket, carriers_fault=False, quantity=1)
    assert code_of(refusal) == "ON_PAPER" and "带纸票到网点柜台" in str(refusal.value.hint)
    assert rules.facts(ticket, carriers_fault=True, quantity=1).involuntary
    take_back(window.other, voucher.pk, "旅客退票")
    assert not rules.facts(ticket, carriers_fault=False, quantity=1).involuntary
    assert PaperSheet.objects.get().state == "handed_in"
    assert scan(window.world.at(window.world.east), paper).answer == "void"
    with pytest.raises(VoucherError):
        take_back(window.other, voucher.pk, "旅客退票")


def test_lists_without_a_network_know_the_paper_only(world: World, window: Window) -> None:
    # given
    one, two = window.vouchers(2)
    post = world.at(world.east)
    device = world.devices["east-[]"]
    short = one.code

    # when
    def listed() -> list[int]:
        return [row[0] for row in json.loads(list_for(device)["list"])["vouchers"]]

    before = listed()
    exchange(window.clerk, [one.pk])

    # then
    assert (before, listed()) == ([], [one.pk])
    done = sync(
        post,
        [Entry("a", two.code, now(), 1), Entry("b", short, now(), 1), Entry("c", printed(fresh(one)), now(), 1)],
        timedelta(0), steady=True,
    )  # fmt: skip
    assert [(told.status, told.counted) for told in done] == [("conflict", 0), ("conflict", 0), ("taken", 1)]


def test_codes_that_are_on_paper_are_not_sent_or_made_anew(window: Window, boss: User) -> None:
    [voucher] = window.vouchers()
    with frozen(now() + timedelta(minutes=2)):
        assert send_again(voucher).sent_count == 2  # told once when it was made
    exchange(window.clerk, [voucher.pk])
    for act in (partial(send_again, fresh(voucher)), partial(reissue, boss, voucher.pk, "外泄")):
        with pytest.raises(VoucherError) as refusal:
            act()
        assert code_of(refusal) == "ON_PAPER"


@pytest.mark.parametrize(
    ("told", "field"), [({"verify_mode": "partial"}, "verify_mode"), ({}, "exchange_mode")]
)
def test_what_cannot_be_on_paper_is_not_sold_so(
    world: World, window: Window, told: dict[str, Any], field: str
) -> None:
    if not told:
        type(world.supplier).objects.filter(pk=world.supplier.pk).update(adapter="scenic-http")
        type(world.product).objects.filter(pk=world.product.pk).update(supplier=world.supplier)
    with pytest.raises(AdmissionError) as refusal:
        change_class(None, window.kind, **told)
    assert refusal.value.field == field


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(120)
def test_two_windows_and_one_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: both have looked at the same ticket
    window = window_of(world)
    [voucher] = window.vouchers()
    looked = meeting(2)
    lock = papering.lock_tickets_of

    def after_looking(pks: Any) -> Any:
        looked()
        return lock(pks)

    monkeypatch.setattr(papering, "lock_tickets_of", after_looking)

    # when
    done = together(*[partial(exchange, who, [voucher.pk]) for who in (window.clerk, window.other)])

    # then
    assert sorted(kinds(done)) == ["VoucherError", "list"]
    assert PaperSheet.objects.count() == 1 and VoucherOldCode.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(120)
def test_without_the_lock_the_second_is_told_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control
    window = window_of(world)
    [voucher] = window.vouchers()
    checked = meeting(2)

    def unlocked(_tickets: Any) -> list[Voucher]:
        found = list(Voucher.objects.filter(pk=voucher.pk))
        checked()
        return found

    monkeypatch.setattr(papering, "lock_vouchers_of", unlocked)
    monkeypatch.setattr(papering, "lock_rows", lambda rows: list(rows))

    # when
    done = together(*[partial(exchange, who, [voucher.pk]) for who in (window.clerk, window.other)])

    # then: nobody is told that it is exchanged; only the code, which ends once, stops the second sheet
    assert kinds(done) == ["IntegrityError", "list"] and PaperSheet.objects.count() == 1


def test_the_page_finds_and_prints(window: Window, client: Client) -> None:
    # given
    one, _two = window.vouchers(2, names=(HOLDER,))
    page = reverse("admin:o2o_admission_voucher_exchange")
    client.force_login(window.clerk)

    # when
    found = client.post(page, {"do": "find", "text": HOLDER}).content.decode()
    paper = client.post(page, {"do": "print", "vouchers": [one.pk]}).content.decode()
    again_ = client.post(page, {"do": "print", "vouchers": [one.pk]}).content.decode()

    # then
    assert found.count('name="vouchers"') == 2 and HOLDER not in found and "张三" not in found
    assert (
        paper.count('class="sheet"') == 1
        and "YZ00000001" in paper
        and "张三" in paper
        and HOLDER not in paper
    )
    assert "已换票" in again_ and 'class="sheet"' not in again_
    # on a telephone the rows are cards: each cell is told by its own word, and why one gets no paper is not cut off
    assert 'data-label="纸票"' not in found and found.count('data-label="凭证号、订单"') == 2
    after = client.post(page, {"do": "find", "text": HOLDER}).content.decode()
    assert re.search(r'data-label="纸票"><div>已换票', after)
    for told in ({"do": "print"}, {"do": "print", "vouchers": ["x", "9" * 30]}, {"do": "find", "text": "\0"}):
        assert client.post(page, told).status_code == 200
    client.force_login(person(window.world.org["C11"], "looker", [VIEW]))
    assert client.get(page).status_code == 403
    client.force_login(window.boss)
    spoilt = reverse("admin:o2o_admission_voucher_paper_spoil", args=[one.pk])
    done = client.post(spoilt, {"do": "1", "reason": "卡纸重打"}, follow=True).content.decode()
    assert "纸票已作废" in done and PaperSheet.objects.get().state == "void"


def test_what_is_printed_at_home_lets_nobody_in_and_says_so(world: World, window: Window) -> None:
    # given
    [voucher] = window.vouchers()

    # when
    page = render(Voucher.objects.select_related("ticket_order__supplier", "product").get(pk=voucher.pk))

    # then
    assert "本页不能入场" in page and "凭二维码或入场码入场" not in page
    assert codes.in_fours(voucher.code) in page and "v1." not in page
