"""Two at the same moment, with real connections; and the same with the lock taken out, which must fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from saleor.account.models import User

from plugins.members.kinds import Purpose, Source
from plugins.members.models import (
    Member,
    MemberIdentity,
    MemberSession,
    SmsMessage,
    VehicleReminder,
    VerificationCode,
)
from plugins.members.services import codes, reminding
from plugins.members.services.records import VEHICLE, save_record
from plugins.members.services.registering import mobile_value, register
from plugins.members.services.signing_in import by_code
from saleor_o2o.kernel.clock import today
from tests.threads import kinds, together
from tests.wiping import wipe

from .asking import AGREED, MOBILE, phone, somebody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def apart(settings: Any) -> Iterator[None]:
    """No provider: what is sent is read from the row. Threads of one small machine wait for each other."""
    settings.SANDBOX_URL, settings.O2O_LOCK_TIMEOUT = "", 30
    yield
    wipe()


def code_of(mobile: str) -> str:
    """Ask for a code and read it where it waits."""
    codes.ask(mobile, Purpose.SIGN_IN, phone())
    return str(SmsMessage.objects.order_by("-pk").first().parameters["code"])  # type: ignore[union-attr]


def test_one_code_lets_one_of_four_in() -> None:
    # given
    somebody()
    code = code_of(MOBILE)

    # when
    results = together(*(partial(by_code, MOBILE, code, phone(f"p{n}", f"192.0.2.{n}")) for n in range(1, 5)))

    # then
    assert kinds(results) == ["CodeWrong", "CodeWrong", "CodeWrong", "Tokens"]
    assert MemberSession.objects.count() == 1


def test_without_the_lock_one_code_lets_several_in(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control: rows are read, nobody waits
    somebody()
    code = code_of(MOBILE)
    gate = Barrier(4, timeout=10)
    good = codes._good

    def all_look_first(row: Any) -> bool:
        answer = good(row)
        gate.wait()  # once when it is checked, once when it is used
        return answer

    monkeypatch.setattr(codes, "lock_rows", lambda rows, **_more: list(rows))
    monkeypatch.setattr(codes, "_good", all_look_first)

    # when
    results = together(*(partial(by_code, MOBILE, code, phone(f"p{n}", f"192.0.2.{n}")) for n in range(1, 5)))

    # then
    assert len([one for one in results if type(one).__name__ == "Tokens"]) > 1


def test_one_number_registers_once() -> None:
    # when
    results = together(
        *(partial(register, [mobile_value(MOBILE)], source=Source.WEB, verified=True) for _ in range(4))
    )

    # then: no user is left behind by those who were late
    assert kinds(results) == ["Member", "MemberError", "MemberError", "MemberError"]
    assert {str(one.code.value) for one in results if not isinstance(one, Member)} == {"IDENTITY_TAKEN"}
    assert (Member.objects.count(), MemberIdentity.objects.count()) == (1, 1)
    assert User.objects.filter(is_staff=False).count() == 1


def test_a_code_that_registers_registers_one() -> None:
    # given
    code = code_of(MOBILE)

    # when
    results = together(
        *(
            partial(by_code, MOBILE, code, phone(f"p{n}", f"192.0.2.{n}"), agreement=AGREED)
            for n in range(1, 5)
        )
    )

    # then
    assert kinds(results).count("Tokens") == 1
    assert (Member.objects.count(), MemberSession.objects.count()) == (1, 1)


def test_a_number_is_sent_one_code_in_a_minute() -> None:
    # when: from many addresses at once
    results = together(
        *(partial(codes.ask, MOBILE, Purpose.SIGN_IN, phone("", f"192.0.2.{n}")) for n in range(1, 7))
    )

    # then
    assert kinds(results) == ["Asked"] + ["TooOften"] * 5
    assert (SmsMessage.objects.count(), VerificationCode.objects.count()) == (1, 1)


def test_without_the_lock_a_number_is_sent_several(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    gate = Barrier(6, timeout=10)
    look = codes._within_limits

    def all_look_first(subjects: Any, purpose: Any) -> None:
        look(subjects, purpose)
        gate.wait()

    monkeypatch.setattr(codes, "advisory_lock", lambda *_args, **_more: None)
    monkeypatch.setattr(codes, "_within_limits", all_look_first)

    # when
    results = together(
        *(partial(codes.ask, MOBILE, Purpose.SIGN_IN, phone("", f"192.0.2.{n}")) for n in range(1, 7))
    )

    # then
    assert kinds(results) == ["Asked"] * 6


def test_a_device_has_its_share_over_many_numbers() -> None:
    # when: ten an hour
    results = together(
        *(
            partial(codes.ask, f"139{n:08d}", Purpose.SIGN_IN, phone("one", f"192.0.2.{n}"))
            for n in range(1, 13)
        )
    )

    # then
    assert kinds(results) == ["Asked"] * 10 + ["TooOften"] * 2


def two_cars() -> list[int]:
    """Two cars of one member, both due: one message a day."""
    member = somebody()
    due = today() + timedelta(days=3)
    return [save_record(member, VEHICLE, {"plate": f"渝A1234{n}", "insurance_due": due}).pk for n in (1, 2)]


def test_two_cars_of_one_member_are_one_message_a_day() -> None:
    # given
    cars = two_cars()

    # when: two workers for each
    results = together(*(partial(reminding._remind, car, today()) for car in cars * 2))

    # then
    assert sorted(map(str, results)) == ["False", "False", "False", "True"]
    assert VehicleReminder.objects.count() == SmsMessage.objects.count() == 1


def test_without_the_lock_he_is_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control: both have looked before either writes
    cars = two_cars()
    gate = Barrier(2, timeout=10)
    steps = reminding.steps_of

    def both_look_first(*given: Any) -> Any:
        gate.wait()
        return steps(*given)

    monkeypatch.setattr(reminding, "lock_rows", lambda rows, **_how: list(rows))
    monkeypatch.setattr(reminding, "steps_of", both_look_first)

    # when
    together(*(partial(reminding._remind, car, today()) for car in cars))

    # then
    assert VehicleReminder.objects.count() == 2
