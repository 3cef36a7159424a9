"""The balance at a counter: agreed to by code, used once for one sale, given back exactly; and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from plugins.counter_sales.models import CounterSale
from plugins.counter_sales.services.cancelling import cancel_sale
from plugins.counter_sales.services.mixed import compose_sale, release_sale
from plugins.counter_sales.services.refunds import refund_sale
from plugins.loyalty.kinds import Book, EntryKind
from plugins.loyalty.models import Consent, Entry, Line, Purse
from plugins.loyalty.services import consenting
from plugins.loyalty.services.ledger import Why, grant, lock_purses, spend
from plugins.loyalty.services.recharging import set_frozen
from plugins.members.devices import NOWHERE
from plugins.members.models import Member, VerificationCode
from saleor_o2o.cashier.interfaces import Wish
from saleor_o2o.cashier.models import PaymentPart
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from sandbox.client import SandboxClient
from tests.loyalty.conftest import sound
from tests.members.asking import MOBILE, OTHER, read_code, somebody
from tests.orgs import again, person
from tests.threads import kinds, meeting, together

from .conftest import Counter, Wechat

D = Decimal
SELLING = ("counter_order.view", "counter_order.create", "counter_order.refund", "float.view", "member.view")


@pytest.fixture
def member(counter: Counter) -> Member:
    """50.00 that B111 was paid, 40.00 that C12 (another county) was paid."""
    made = somebody(name="王建国", home_unit=counter.org["B111"])
    with transaction.atomic():
        purse = lock_purses(made.pk)[made.pk][Book.BALANCE]
        for key, unit, amount in (("a", "B111", "50.00"), ("b", "C12", "40.00")):
            grant(purse, D(amount), Why(EntryKind.RECHARGE, "test", key, counter.org[unit].pk))
    return made


def balance(member: Member) -> Decimal:
    return Purse.objects.get(member=member, book=Book.BALANCE).balance


def agree(counter: Counter, sale: CounterSale, amount: str, sms: SandboxClient, by: Any = None) -> Consent:
    """The clerk asks, the member reads the code out."""
    clerk = again(by or counter.clerk)
    VerificationCode.objects.all().delete()  # a minute has passed since the one before
    asked = consenting.ask_for_balance(clerk, sale.pk, MOBILE, D(amount), NOWHERE)
    assert asked.sent
    return consenting.give(clerk, asked.consent.pk, read_code(sms), NOWHERE)


def pay(counter: Counter, sale: CounterSale, consent: Consent, *more: Wish, by: Any = None) -> CounterSale:
    wish = Wish("balance", consent.number, consent.amount)
    return compose_sale(again(by or counter.clerk), sale.pk, [wish, *more])


def settled() -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for unit, amount in Line.objects.filter(entry__book=Book.SETTLEMENT).values_list("unit__code", "amount"):
        found[str(unit)] = found.get(str(unit), D(0)) + amount
    return found


def test_balance_and_cash_pay_a_sale_and_come_back_in_shares(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given: 79.80
    sale = counter.place(2)

    # when: 60 by the balance, the rest in cash; all at once, twice
    consent = agree(counter, sale, "60.00", sms)
    text = sms.texts(MOBILE)[0]["text"]
    paid = pay(counter, sale, consent, Wish("cash", "", D("19.80")))
    with pytest.raises(DomainError) as twice:
        pay(counter, sale, consent, Wish("cash", "", D("19.80")))

    # then: the message said for what; the first money in went first; who took the other money owes it
    assert "支付 ¥60.00（储值余额）" in text and "甲县一支局" in text
    assert (paid.state, paid.paid_by, twice.value.code) == ("paid", "mixed", "ALREADY_PAID")
    assert (balance(member), counter.balance()) == (D("30.00"), D("480.20"))
    assert settled() == {"B111": D("10.00"), "C12": D("-10.00")}
    assert Consent.objects.get().state == "used"
    assert "用储值余额支付 60.00 元，余 30.00 元" in sms.texts(MOBILE)[0]["text"]

    # when: half goes back, then the rest
    for amount in ("39.90", "39.90"):
        refund_sale(again(counter.clerk), sale.pk, D(amount), "破损", key=str(uuid4()))

    # then: to the fen, and nobody owes anybody anything
    assert (balance(member), counter.balance()) == (D("90.00"), D("500.00"))
    assert set(settled().values()) == {D("0.00")}
    sound()


def test_a_code_is_good_for_this_clerk_sale_amount_and_member(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given
    sale, other_sale = counter.place(1), counter.place(1)
    mate = person(counter.org["B111"], "mate", SELLING)
    consent = agree(counter, sale, "39.90", sms)

    # when
    def refused(*, sale: CounterSale = sale, by: Any = None, code: str = "", amount: str = "39.90") -> str:
        with pytest.raises(DomainError) as error:
            wish = Wish("balance", code or consent.number, D(amount))
            compose_sale(again(by or counter.clerk), sale.pk, [wish])
        return str(error.value.code)

    # then
    assert refused(code="1") == "CONSENT_NEEDED" == refused(code=MOBILE)
    assert refused(amount="20.00") == "CONSENT_DIFFERS"
    assert refused(by=mate) == "CONSENT_DIFFERS"
    assert refused(sale=other_sale) == "CONSENT_DIFFERS"
    with frozen(now() + timedelta(minutes=16)):
        assert refused() == "CONSENT_OVER"
    assert (balance(member), PaymentPart.objects.count()) == (D("90.00"), 0)
    assert pay(counter, sale, consent).state == "paid" and balance(member) == D("50.10")


def test_codes_that_were_sent_for_something_else_confirm_nothing(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given: the same member is asked twice; and another member
    somebody(mobile=OTHER, name="李四")
    sale = counter.place(1)
    clerk = again(counter.clerk)
    mate = person(counter.org["B111"], "mate", SELLING)
    mates = counter.place(1, user=mate)
    first = consenting.ask_for_balance(clerk, sale.pk, MOBILE, D("10.00"), NOWHERE).consent
    VerificationCode.objects.update(asked_at=now() - timedelta(seconds=70))
    second = consenting.ask_for_balance(again(mate), mates.pk, MOBILE, D("39.90"), NOWHERE).consent

    # when: the mate's code is read out to the clerk
    code = read_code(sms)
    with pytest.raises(DomainError) as wrong:
        consenting.give(clerk, first.pk, code, NOWHERE)
    with pytest.raises(DomainError) as stranger:
        consenting.give(clerk, second.pk, code, NOWHERE)

    # then
    assert str(wrong.value.code) == "CODE_WRONG" and str(stranger.value.code) == "NOT_FOUND"
    assert consenting.give(again(mate), second.pk, code, NOWHERE).state == "given"
    assert Consent.objects.get(pk=first.pk).state == "asked"


def test_five_wrong_codes_end_a_code_and_a_new_one_works(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given
    sale, clerk = counter.place(1), again(counter.clerk)
    asked = consenting.ask_for_balance(clerk, sale.pk, MOBILE, D("39.90"), NOWHERE).consent
    code = read_code(sms)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    # when
    for _try in range(5):
        with pytest.raises(DomainError):
            consenting.give(clerk, asked.pk, wrong, NOWHERE)
    with pytest.raises(DomainError) as spent:
        consenting.give(clerk, asked.pk, code, NOWHERE)

    # then: the right one comes too late; nothing was taken
    assert str(spent.value.code) in ("CODE_WRONG", "LOCKED_OUT")
    assert Consent.objects.get().state == "asked" and balance(member) == D("90.00")


def test_what_cannot_be_asked_for(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given: a member of nobody's whom the clerk does not see
    somebody(mobile=OTHER, name="李四", home_unit=counter.org["B121"])
    sale, clerk = counter.place(3), again(counter.clerk)
    seeing = person(counter.org["B111"], "seeing", SELLING)

    def refused(text: str = MOBILE, amount: str = "10.00", by: Any = None) -> tuple[str, str]:
        with pytest.raises(DomainError) as error:
            consenting.ask_for_balance(again(by or clerk), sale.pk, text, D(amount), NOWHERE)
        return str(error.value.code), str(error.value.message)

    # when, then
    assert refused(amount="0")[0] == refused(amount="1.001")[0] == refused(amount="NaN")[0] == "INVALID"
    assert refused(amount="119.71")[0] == "INVALID"  # more than the sale
    assert refused(amount="90.01", by=seeing) == ("BALANCE_SHORT", "储值余额 ¥90.00 不足")
    assert refused(OTHER) == ("BALANCE_SHORT", "该会员的储值余额不足")
    assert refused("13900009999")[0] == "NOT_FOUND"
    chief = person(counter.org["B111"], "chief", ["balance.view", "balance.freeze", "member.view"])
    set_frozen(again(chief), Purse.objects.get(member=member, book=Book.BALANCE).pk, True, "本人挂失")
    assert refused()[0] == "BALANCE_FROZEN"
    for status in ("frozen", "blacklisted", "closing"):
        Member.objects.filter(pk=member.pk).update(status=status)
        assert refused()[0] == "MEMBER_NOT_ACTIVE", status
    assert Consent.objects.count() == 0 and sms.texts(MOBILE) == []


def test_what_happens_between_the_code_and_the_till(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given: agreed to; then the member spends it by phone, is frozen, is back
    sale = counter.place(1)
    consent = agree(counter, sale, "39.90", sms)
    with transaction.atomic():
        purse = lock_purses(member.pk)[member.pk][Book.BALANCE]
        phone = spend(purse, D("60.00"), Why(EntryKind.PAY, "test", "phone", counter.org["B111"].pk))

    # when
    with pytest.raises(DomainError) as short:
        pay(counter, sale, consent)
    Member.objects.filter(pk=member.pk).update(status="frozen")
    with pytest.raises(DomainError) as stopped:
        pay(counter, sale, consent)

    # then: nothing was taken, the consent is still there
    assert (str(short.value.code), str(stopped.value.code)) == ("BALANCE_SHORT", "MEMBER_NOT_ACTIVE")
    assert Consent.objects.get().state == "given" and phone.pk
    Member.objects.filter(pk=member.pk).update(status="active")
    with transaction.atomic():
        purse = lock_purses(member.pk)[member.pk][Book.BALANCE]
        grant(purse, D("20.00"), Why(EntryKind.RECHARGE, "test", "c", counter.org["B111"].pk))

    # when: a clerk who was killed after the code, before the till, goes on
    assert pay(counter, sale, consent).state == "paid"
    assert balance(member) == D("10.10")


def test_a_sale_given_up_before_it_is_paid_gives_the_balance_back(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given: half is held, the rest is to come
    sale = counter.place(1)
    consent = agree(counter, sale, "20.00", sms)
    assert pay(counter, sale, consent).state == "placed" and balance(member) == D("70.00")

    # when: given up, and used again without a new code
    release_sale(again(counter.clerk), sale.pk)
    with pytest.raises(DomainError) as used:
        pay(counter, sale, consent)
    held = agree(counter, sale, "39.00", sms)
    pay(counter, sale, held)
    waits = consenting.ask_for_balance(again(counter.clerk), sale.pk, MOBILE, D("0.90"), NOWHERE).consent
    cancel_sale(again(counter.clerk), sale.pk)

    # then
    assert str(used.value.code) == "CONSENT_OVER" and balance(member) == D("90.00")
    assert Consent.objects.get(pk=waits.pk).state == "gone"
    assert set(settled().values()) <= {D("0.00")}
    sound()


def test_consents_nobody_uses_are_swept(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    # given
    sale = counter.place(1)
    agree(counter, sale, "10.00", sms)
    assert consenting.give_up_waiting() == 0

    # when
    with frozen(now() + timedelta(minutes=16)):
        done = (consenting.give_up_waiting(), consenting.give_up_waiting())

    # then
    assert done == (1, 0) and Consent.objects.get().state == "gone"


@contextmanager
def no_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The negative control: purses are read, not locked, and both have looked before one writes."""
    from plugins.loyalty import tenders

    meet = meeting(2)

    def read(*member_ids: int) -> dict[int, dict[str, Purse]]:
        found: dict[int, dict[str, Purse]] = {pk: {} for pk in member_ids}
        for row in Purse.objects.filter(member_id__in=member_ids):
            found[row.member_id][row.book] = row
        return found

    real = tenders.spend

    def late(*told: Any) -> Entry:
        meet()
        return real(*told)

    with monkeypatch.context() as patched:
        patched.setattr(tenders, "lock_purses", read)
        patched.setattr(tenders, "spend", late)
        yield


def two_tills(counter: Counter, sms: SandboxClient) -> list[Any]:
    """Two clerks, two sales of 79.80, one balance of 90.00, both agreed to; both take it at once."""
    mate = person(counter.org["B111"], "mate", SELLING)
    people = [counter.clerk, mate]
    sales = [counter.place(2, user=one) for one in people]
    agreed = [agree(counter, sale, "79.80", sms, by=one) for sale, one in zip(sales, people, strict=True)]
    return together(
        *(
            lambda sale=sale, consent=consent, one=one: pay(counter, sale, consent, by=one)
            for sale, consent, one in zip(sales, agreed, people, strict=True)
        )
    )


def test_two_tills_at_once_spend_one_balance_once(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient
) -> None:
    results = two_tills(counter, sms)

    assert kinds(results) == ["CounterSale", "LoyaltyError"]
    assert balance(member) == D("10.20")
    assert sorted(CounterSale.objects.values_list("state", flat=True)) == ["paid", "placed"]
    assert sorted(Consent.objects.values_list("state", flat=True)) == ["given", "used"]
    sound()


def test_negative_control_without_the_lock_a_balance_is_spent_twice(
    counter: Counter, wechat: Wechat, member: Member, sms: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_lock(monkeypatch):
        results = two_tills(counter, sms)

    assert "CounterSale" in kinds(results)
    spent = PaymentPart.objects.filter(state="captured").count() * D("79.80")
    broken = [one for one in results if isinstance(one, AssertionError)]
    assert spent > D("90.00") or broken or any("Integrity" in kind for kind in kinds(results))
