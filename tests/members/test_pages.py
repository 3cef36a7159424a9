"""The members' pages: found, seen masked, acted upon in scope, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.members.interfaces import bind, sign_in
from plugins.members.kinds import MemberStatus
from plugins.members.models import Member, SmsLimit, SmsMessage
from plugins.members.services import sms as messages
from plugins.members.services.status import change_home, change_status
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry, StateMove
from saleor_o2o.kernel.scope import rows_for
from tests.orgs import again, person
from tests.scope.city import rows_at

from .asking import ME, MOBILE, OTHER, ask, phone, somebody

pytestmark = pytest.mark.django_db

LIST = "/admin/o2o_members/member/"
ALL = ["member.view", "member.create", "member.edit", "member.freeze", "member.unmask"]


@pytest.fixture
def home(org: dict[str, OrgUnit]) -> Member:
    """Somebody whom B111 looks after."""
    return somebody(name="王建国", home_unit=org["B111"])


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(member: Member, step: str = "change") -> str:
    return reverse(f"admin:o2o_members_member_{step}", args=[member.pk])


def test_found_by_anything_whole_and_seen_masked(org: dict[str, OrgUnit], home: Member) -> None:
    # given
    client = browser(person(org["B111"], "clerk", ["member.view"]))
    bind(home, "card", "620100000017")
    somebody(OTHER, home_unit=org["B111"])

    # then
    for word in (MOBILE, home.number, "620100000017", home.user.email):
        text = client.get(LIST, {"q": word}).content.decode()
        assert home.number in text and "139****1111" in text and "139****2222" not in text, word
    for word in ("1390000", "王", "6201", home.number[:-1]):
        assert home.number not in client.get(LIST, {"q": word}).content.decode(), word
    for address in (LIST, page(home)):
        text = client.get(address).content.decode()
        assert "王**" in text and MOBILE not in text and "王建国" not in text and "member.invalid" not in text


def test_a_unit_sees_whom_it_owns_registered_or_served(org: dict[str, OrgUnit], home: Member) -> None:
    # given
    registered = somebody(OTHER, registered_unit=org["B112"])
    served = somebody("13900003333")
    rows = rows_at(org["B121"], "served")
    rows.order.user = served.user
    rows.order.save()

    # when
    seen = {
        code: set(rows_for(person(org[code], f"p{code.lower()}", ["member.view"]), Member))
        for code in ("B111", "B112", "B121", "C11", "CQ")
    }

    # then
    assert seen["B111"] == {home} and seen["B112"] == {registered}
    assert served in seen["B121"] and home not in seen["B121"]
    assert seen["C11"] == {home, registered}
    assert {home, registered, served} <= seen["CQ"]
    assert set(rows_for(person(org["B111"], "none", ["order.view"]), Member)) == set()


WHO = {
    "in_reach": ("B111", ALL, 302),
    "manager": ("CQ", ALL, 302),
    "looks_only": ("B111", ["member.view"], 403),
    "next_door": ("B112", ALL, 404),
    "no_permission": ("B111", ["order.view"], 404),
}


@pytest.mark.parametrize("step", ["freeze", "logout", "unlock"])
@pytest.mark.parametrize("who", WHO)
def test_who_may_act(org: dict[str, OrgUnit], home: Member, who: str, step: str) -> None:
    # given
    code, permissions, expected = WHO[who]
    client = browser(person(org[code], who, permissions))
    token = sign_in(home, phone()).token

    # when
    response = client.post(page(home, step), {"reason": "顾客来电挂失手机", "do": "1"})

    # then
    assert response.status_code == expected
    done = expected == 302
    home.refresh_from_db(fields=["home_unit"])
    status = Member.objects.values_list("status", flat=True).get()
    assert status == (MemberStatus.FROZEN if done and step == "freeze" else MemberStatus.ACTIVE)
    out = done and step in ("freeze", "logout")
    assert home.sessions.filter(ended_at__isnull=True).count() == (0 if out else 1)
    assert (ask(ME, token=token) == {"email": home.user.email}) is not out


@pytest.mark.parametrize("who", ["anonymous", "shopper"])
def test_others_are_sent_to_the_login(home: Member, who: str) -> None:
    # given
    client = Client() if who == "anonymous" else browser(somebody(OTHER).user)

    # then
    for address in (LIST, page(home), page(home, "freeze")):
        assert client.get(address).status_code == 302
        assert client.post(address, {"reason": "理由理由"}).status_code == 302
    assert Member.objects.get(pk=home.pk).status == MemberStatus.ACTIVE


def test_frozen_blacklisted_restored(org: dict[str, OrgUnit], home: Member) -> None:
    # given
    boss = person(org["B111"], "boss", ALL)
    client = browser(boss)

    # when: without a reason nothing happens, and what was typed stays
    response = client.post(page(home, "freeze"), {"reason": "短"})

    # then
    assert response.status_code == 200 and "不少于 4 字" in response.content.decode()
    assert Member.objects.get().status == MemberStatus.ACTIVE

    # when
    for step in ("freeze", "blacklist", "restore"):
        told = {"reason": "风控核实", "deeds": ["login", "buy"]}
        assert client.post(page(home, step), told).status_code == (200 if step == "restore" else 302)
        assert not User.objects.get(pk=home.user_id).is_active

    # then: not by oneself
    assert "不能自己解除" in client.post(page(home, "restore"), told).content.decode()
    second = browser(person(org["B111"], "second", ALL))
    assert second.post(page(home, "restore"), {"reason": "核实无误"}).status_code == 302
    assert not User.objects.get(pk=home.user_id).is_active  # frozen again, as he was before
    assert second.post(page(home, "restore"), {"reason": "核实无误"}).status_code == 302
    assert User.objects.get(pk=home.user_id).is_active

    # then
    moves = [one.target for one in StateMove.objects.filter(subject_type="o2o_members.member").order_by("pk")]
    assert moves == ["frozen", "blacklisted", "frozen", "active"]
    assert AuditEntry.objects.filter(action="members.status_changed").count() == 4
    with pytest.raises(DomainError):
        change_status(again(boss), Member.objects.get(), "restore", "再来一次")


def test_a_member_moves_between_units_in_reach(org: dict[str, OrgUnit], home: Member) -> None:
    # given
    boss = person(org["C11"], "boss", ALL)
    client = browser(boss)

    # when
    text = client.get(page(home, "home")).content.decode()
    moved = client.post(page(home, "home"), {"unit": org["B112"].pk})
    foreign = client.post(page(home, "home"), {"unit": org["B121"].pk})

    # then
    assert "甲县二支局" in text and "乙县一支局" not in text
    assert (moved.status_code, foreign.status_code) == (302, 200)
    assert Member.objects.get().home_unit == org["B112"]
    with pytest.raises(DomainError):
        change_home(again(boss), Member.objects.get(), org["B121"])


def test_the_list_costs_the_same_for_many(
    org: dict[str, OrgUnit], home: Member, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    # given
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser(person(org["B111"], "clerk", ["member.view"]))
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(12):
        somebody(f"1390001{number:04d}", home_unit=org["B111"])

    # when
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    # then
    assert len(many) == len(few)


def test_messages_are_the_city_s_and_say_nothing(org: dict[str, OrgUnit]) -> None:
    # given
    message = messages.compose(MOBILE, "code", {"code": "654321", "minutes": "5"})
    city = browser(person(org["CQ"], "city", ["sms.view"], scope="all"))
    county = browser(person(org["C11"], "county", ["sms.view", "sms.configure"]))
    address = "/admin/o2o_members/smsmessage/"

    # then
    assert message.number in city.get(address, {"q": MOBILE}).content.decode()
    for found in (city.get(address), city.get(f"{address}{message.pk}/change/")):
        text = found.content.decode()
        assert message.number in text and "139****1111" in text and MOBILE not in text
        assert "654321" not in text
    assert message.number not in county.get(address).content.decode()
    assert county.get(f"{address}{message.pk}/change/").status_code == 404
    assert SmsMessage.objects.count() == 1


def test_limits_are_set_by_whoever_may(org: dict[str, OrgUnit]) -> None:
    # given
    data = {"subject": "mobile", "seconds": "60", "most": "2", "valid_from": "2026-01-01", "note": "活动期间"}
    looks = browser(person(org["CQ"], "looks", ["sms.view"], scope="all"))
    sets = browser(person(org["CQ"], "sets", ["sms.view", "sms.configure"], scope="all"))
    address = "/admin/o2o_members/smslimit/add/"

    # then
    assert looks.post(address, data).status_code == 403
    assert sets.post(address, {**data, "most": "-1"}).status_code == 200
    assert SmsLimit.objects.count() == 0
    assert sets.post(address, data).status_code == 302
    assert SmsLimit.objects.get().most == 2
    assert AuditEntry.objects.filter(action="members.sms_limit_set").count() == 1


def test_the_card_for_the_way_home_tells_the_number_only(org: dict[str, OrgUnit], home: Member) -> None:
    # given
    rights = ["member.view", "member.create"]
    clerk = browser(person(org["B111"], "registers", rights))

    # when
    shown = clerk.get(page(home, "card"))

    # then
    text = shown.content.decode()
    assert shown.status_code == 200 and home.number in text and "<svg" in text
    assert home.user.first_name not in text and MOBILE not in text
    assert page(home, "card") in clerk.get(page(home)).content.decode()
    assert browser(person(org["B111"], "looks", ["member.view"])).get(page(home, "card")).status_code == 403
    assert browser(person(org["B121"], "abroad", rights)).get(page(home, "card")).status_code == 404
