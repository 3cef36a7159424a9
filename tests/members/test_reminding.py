"""自邮一族: reminded 60, 30 and 7 days before, once each, one a day, by day; done means the next date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.members import telling
from plugins.members.kinds import Due, Told
from plugins.members.models import Member, SmsMessage, Vehicle, VehicleReminder
from plugins.members.services.records import VEHICLE, save_record
from plugins.members.services.reminding import following, remind, steps_of
from plugins.members.telling import register_way
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI, frozen
from tests.orgs import person

from .asking import ERRORS, ask, codes_of, somebody
from .test_pages import browser
from .test_records import token_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 1)
DONE = f"""mutation($id: ID!, $what: MemberVehicleDue!, $due: Date) {{
  memberVehicleDone(id: $id, what: $what, due: $due) {{ vehicle {{ insuranceDue inspectionDue remind }}
  {ERRORS} }} }}"""
SAVE = f"""mutation($id: ID, $input: MemberVehicleInput!) {{ memberVehicleSave(id: $id, input: $input) {{
  vehicle {{ id remind }} {ERRORS} }} }}"""


def at(day: date, hour: int = 10) -> Any:
    return frozen(datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI))


def car(member: Member, plate: str = "渝A12345", **dates: Any) -> Vehicle:
    found: Vehicle = save_record(member, VEHICLE, {"plate": plate, **dates})
    return found


@pytest.fixture
def ways() -> Iterator[None]:
    """No way but text messages, unless a test adds one."""
    known = dict(telling._ways)
    telling._ways.clear()
    yield
    telling._ways.clear()
    telling._ways.update(known)


@pytest.fixture
def member(org: dict[str, OrgUnit], ways: None) -> Member:
    return somebody(home_unit=org["B111"])


def told_of() -> list[tuple[str, int, str]]:
    return [(row.kind, row.days, row.way) for row in VehicleReminder.objects.order_by("pk")]


def test_three_times_once_each_and_never_twice_a_day(member: Member) -> None:
    # given
    car(member, inspection_due=DAY + timedelta(days=60), insurance_due=DAY + timedelta(days=30))

    # when: every morning for two months, twice
    for number in range(62):
        with at(DAY + timedelta(days=number)):
            remind()
            remind()

    # then: the nearer one first, the other the day after
    found = [
        (row.at.astimezone(SHANGHAI).date() - DAY).days for row in VehicleReminder.objects.order_by("pk")
    ]
    assert list(zip(told_of(), found, strict=True)) == [
        (("insurance", 30, "text"), 0),
        (("inspection", 60, "text"), 1),
        (("insurance", 7, "text"), 23),
        (("inspection", 30, "text"), 30),
        (("inspection", 7, "text"), 53),
    ]
    message = SmsMessage.objects.order_by("pk").first()
    assert message is not None and message.template == "vehicle_due"


def test_who_is_not_reminded(member: Member, org: dict[str, OrgUnit]) -> None:
    # given: one who does not want it, one who is frozen; and nobody at night
    soon = {"insurance_due": DAY + timedelta(days=5)}
    car(member, remind=False, **soon)
    frozen_one = somebody("13900003333", home_unit=org["B111"])
    car(frozen_one, "渝A22222", **soon)
    Member.objects.filter(pk=frozen_one.pk).update(status="frozen")
    with at(DAY):
        assert remind() == 0
    Vehicle.objects.update(remind=True)
    for hour in (3, 8, 20, 23):
        with at(DAY, hour):
            assert remind() == 0

    # then: registered late, the nearest step only
    with at(DAY, 9):
        assert remind() == 1
    assert told_of() == [("insurance", 7, "text")]


def test_wechat_before_a_text_and_nowhere_is_kept(member: Member, org: dict[str, OrgUnit]) -> None:
    # given: the official account reaches the first one
    seen: list[tuple[str, str, str]] = []

    def way(user_id: Any, occasion: str, key: str, words: Any) -> bool:
        seen.append((occasion, words["what"], words["left"]))
        return bool(user_id == member.user_id)

    register_way("test", way)
    car(member, insurance_due=DAY + timedelta(days=7))
    mute = somebody("13900003333", home_unit=org["B111"])
    mute.identities.all().delete()
    car(mute, "渝A22222", insurance_due=DAY + timedelta(days=7))

    # when
    with at(DAY):
        assert remind() == 2

    # then
    assert told_of() == [("insurance", 7, Told.WECHAT), ("insurance", 7, Told.NOWHERE)]
    assert seen[0] == ("vehicle_due", "交强险", "7") and not SmsMessage.objects.exists()
    with pytest.raises(ValueError, match="test"):
        register_way("test", way)


def test_the_next_date_after_it_was_done(member: Member) -> None:
    # given
    saved = car(
        member, registered_on=date(2020, 5, 6), inspection_due=date(2026, 5, 31), insurance_due=DAY,
    )  # fmt: skip
    token = token_of(member)

    # when
    insured = ask(DONE, {"id": str(saved.pk), "what": "INSURANCE"}, token)
    inspected = ask(DONE, {"id": str(saved.pk), "what": "INSPECTION"}, token)
    told = ask(DONE, {"id": str(saved.pk), "what": "INSURANCE", "due": "2028-01-01"}, token)

    # then: two years within the first ten, a year for the insurance, or what the paper says
    assert insured["vehicle"]["insuranceDue"] == "2027-12-01"
    assert inspected["vehicle"]["inspectionDue"] == "2028-05-31"
    assert told["vehicle"]["insuranceDue"] == "2028-01-01"
    # and bad input changes nothing
    for bad, code in (
        ({"id": str(saved.pk), "what": "INSURANCE", "due": "2020-01-01"}, "INVALID"),
        ({"id": "x", "what": "INSURANCE"}, "NOT_FOUND"),
        ({"id": str(car(somebody("13900003333")).pk), "what": "INSURANCE"}, "NOT_FOUND"),
        ({"id": str(car(member, "渝A33333").pk), "what": "INSURANCE"}, "REQUIRED"),
    ):
        assert codes_of(ask(DONE, bad, token)) == [code]
    assert Vehicle.objects.get(pk=saved.pk).insurance_due == date(2028, 1, 1)
    # and who does not want to be reminded says so, which stays when something else is changed
    off = ask(SAVE, {"id": str(saved.pk), "input": {"remind": False}}, token)
    again = ask(SAVE, {"id": str(saved.pk), "input": {"model": "轿车"}}, token)
    assert off["vehicle"]["remind"] is again["vehicle"]["remind"] is False


def test_the_branch_sees_its_own_and_notes_what_was_done(org: dict[str, OrgUnit], member: Member) -> None:
    # given
    today = date.today()
    saved = car(member, insurance_due=today + timedelta(days=20))
    car(member, "渝A99999", insurance_due=today + timedelta(days=200))
    clerk = person(org["B111"], "clerk", ("member.view", "member.edit"))
    other = person(org["B121"], "other", ("member.view", "member.edit"))
    viewer = person(org["B111"], "viewer", ("member.view",))
    base = "/admin/o2o_members/vehicle/"

    # when
    seen, theirs = (browser(one).get(base).content.decode() for one in (clerk, other))
    answers = [browser(one).post(f"{base}{saved.pk}/done/", {"kind": "insurance"}) for one in (other, viewer)]

    # then
    assert "还有 20 天" in seen and saved.masked in seen and "渝A99999" not in seen and "12345" not in seen
    assert saved.masked not in theirs
    assert [one.status_code for one in answers] == [404, 403]
    assert Vehicle.objects.get(pk=saved.pk).insurance_due == today + timedelta(days=20)
    # when the clerk notes it
    assert browser(clerk).post(f"{base}{saved.pk}/done/", {"kind": "insurance"}).status_code == 302
    assert Vehicle.objects.get(pk=saved.pk).insurance_due == following(
        Due.INSURANCE, today + timedelta(days=20), None
    )


@given(due=st.dates(date(2026, 1, 1), date(2028, 1, 1)), day=st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_steps(due: date, day: date) -> None:
    # when
    found = steps_of(Vehicle(insurance_due=due), day)

    # then
    left = (due - day).days
    assert bool(found) == (0 <= left <= 60)
    assert all(left <= days and (days == 7 or left > {30: 7, 60: 30}[days]) for _kind, _due, days in found)
