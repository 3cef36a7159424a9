"""Too many failures lock an account name and an address, at both doors, whether or not the account exists."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from saleor.account.models import User

from plugins.login_security.errors import LockedOut
from plugins.login_security.models import LoginRecord, LoginThrottle, StaffLogin, Way
from plugins.login_security.places import Place, client_ip, place_of
from plugins.login_security.services import history, throttle
from plugins.login_security.services.accounts import unlock
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import person
from tests.threads import kinds, meeting, together

from .conftest import PASSWORD, TOKEN, Office, ask, log_in, staff_token, token_of

PLACE = Place(Way.API, "203.0.113.7", "test")


def wrong(name: str, times: int, **meta: str) -> list[Any]:
    return [ask(TOKEN, {"email": name, "password": "wrong"}, **meta) for _number in range(times)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["clerk@example.com", "nobody@example.com"])
def test_the_sixth_attempt_is_refused_for_everybody_alike(office: Office, name: str) -> None:
    # when
    answers = wrong(name, 6)

    # then: stock's words five times, then ours, for names that exist and for those that don't
    stock = {
        "token": None, "user": None, "errors": [{"message": "Please enter valid credentials"}],
        "accountErrors": [{"field": "email", "code": "INVALID_CREDENTIALS"}],
    }  # fmt: skip
    assert [one["data"]["tokenCreate"] for one in answers[:5]] == [stock] * 5
    (error,) = answers[5]["errors"]
    assert error["extensions"]["code"] == "LOCKED_OUT"
    assert error["message"] == "登录失败次数过多，请约 15 分钟后再试"


@pytest.mark.django_db
def test_both_doors_count_together_and_the_right_password_does_not_open(office: Office) -> None:
    # given: three at the API, two at the back office
    wrong("clerk@example.com", 3)
    for _number in range(2):
        assert log_in("clerk@example.com", "wrong").status_code == 200

    # then: locked everywhere, in any spelling
    answer = log_in(" Clerk@Example.com ")
    assert answer.status_code == 200 and "登录失败次数过多" in answer.content.decode()
    assert token_of(office.clerk)["errors"][0]["extensions"]["code"] == "LOCKED_OUT"
    assert staff_token(office.clerk)["errors"][0]["code"] == "LOCKED_OUT"

    # when: the window is over
    with frozen(now() + timedelta(minutes=16)):
        # then
        assert token_of(office.clerk)["data"]["tokenCreate"]["token"]


@pytest.mark.django_db
def test_success_forgets_the_failures(office: Office) -> None:
    for _round in range(3):
        wrong("clerk@example.com", 4)
        assert token_of(office.clerk)["data"]["tokenCreate"]["token"]
    assert not LoginThrottle.objects.filter(key=throttle.account_key("clerk@example.com")).exists()
    assert LoginThrottle.objects.get().attempts == 12


@pytest.mark.django_db
def test_an_address_is_locked_for_all_names(office: Office) -> None:
    # given: twenty names from one address
    for number in range(20):
        wrong(f"n{number}@example.com", 1, REMOTE_ADDR="203.0.113.9")

    # then: locked there, open elsewhere
    answer = token_of(office.clerk, REMOTE_ADDR="203.0.113.9")
    assert answer["errors"][0]["extensions"]["code"] == "LOCKED_OUT"
    assert token_of(office.clerk, REMOTE_ADDR="203.0.113.10")["data"]["tokenCreate"]["token"]


@pytest.mark.django_db
def test_no_name_and_no_address_is_stored_and_rows_are_swept(office: Office) -> None:
    # given
    wrong("clerk@example.com", 2)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {LoginThrottle._meta.db_table} t")
        stored = cursor.fetchone()[0]
    assert "clerk" not in stored and "127.0.0.1" not in stored
    assert throttle.sweep() == 0

    # when
    with frozen(now() + timedelta(minutes=16)):
        assert throttle.sweep() == 2
    assert not LoginThrottle.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_guesses_at_once_are_five(office: Office) -> None:
    # when
    results = together(*[partial(throttle.begin, "clerk@example.com", PLACE)] * 20)

    # then
    assert kinds(results) == ["Attempt"] * 5 + ["LockedOut"] * 15


@pytest.mark.django_db(transaction=True)
def test_counted_by_reading_and_writing_more_would_pass(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the count is read by all, then written, as without the single statement
    meet = meeting(20)

    def count(key: str) -> Any:
        row, _made = LoginThrottle.objects.get_or_create(key=key, defaults={"since": now()})
        meet()
        LoginThrottle.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
        return row.attempts + 1, row.since

    monkeypatch.setattr(throttle, "_count", count)

    # when
    results = together(*[partial(throttle.begin, "clerk@example.com", PLACE)] * 20)

    # then
    assert kinds(results).count("Attempt") > 5


UNLOCKERS = {"chief": None, "clerk": OutOfScope, "looks": NotAllowed, "abroad": OutOfScope}


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "refused"), UNLOCKERS.items())
def test_who_unlocks(office: Office, who: str, refused: type[Exception] | None) -> None:
    # given
    wrong("clerk@example.com", 6)
    staff = StaffLogin.objects.get(user=office.clerk)
    people = {
        "chief": office.chief,
        "clerk": office.clerk,
        "looks": person(office.units["C11"], "looks", ["staff.view"]),
        "abroad": person(office.units["C21"], "abroad", ["staff.view", "staff.edit"]),
    }

    # then
    if refused:
        with pytest.raises(refused):
            unlock(people[who], staff)
        assert throttle.locked_until("clerk@example.com") is not None
        assert not AuditEntry.objects.filter(action="login_security.unlocked").exists()
        return
    assert unlock(people[who], staff) is True
    assert throttle.locked_until("clerk@example.com") is None
    assert unlock(people[who], staff) is False
    line = AuditEntry.objects.get(action="login_security.unlocked")
    assert (line.actor, line.org_path) == (f"user:{office.chief.pk}", office.units["B111"].path)


@pytest.mark.django_db
def test_the_history_tells_every_attempt_of_the_staff_and_none_of_shoppers(office: Office) -> None:
    # given
    User.objects.create_user("shopper@example.com", PASSWORD)
    wrong("clerk@example.com", 5, HTTP_USER_AGENT="Firefox\x07 1")
    token_of(office.clerk)
    wrong("shopper@example.com", 1)
    log_in("chief@example.com", HTTP_USER_AGENT="x" * 500)

    # then
    told = LoginRecord.objects.filter(user=office.clerk).values_list("way", "outcome", "device")
    assert list(told) == [("api", "locked", ""), *[("api", "failed", "Firefox 1")] * 5]
    mine = LoginRecord.objects.get(user=office.chief)
    assert (mine.way, mine.outcome, mine.ip, len(mine.device)) == ("admin", "success", "127.0.0.1", 200)
    assert LoginRecord.objects.count() == 7


@pytest.mark.django_db
def test_the_history_is_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(history, "KEEP_ROWS", 3)
    for _number in range(5):
        token_of(office.clerk)
    token_of(office.chief)

    # then
    assert history.sweep() == 2
    assert LoginRecord.objects.filter(user=office.clerk).count() == 3
    with frozen(now() + timedelta(days=181)):
        assert history.sweep() == 4


ADDRESSES = [
    (0, "1.1.1.1, 2.2.2.2", "9.9.9.9", "9.9.9.9"),
    (1, "1.1.1.1, 2.2.2.2", "9.9.9.9", "2.2.2.2"),
    (2, "1.1.1.1, 2.2.2.2", "9.9.9.9", "1.1.1.1"),
    (3, "1.1.1.1, 2.2.2.2", "9.9.9.9", "9.9.9.9"),
    (1, "", "9.9.9.9", "9.9.9.9"),
    (1, "<script>", "9.9.9.9", None),
    (0, "", "unix:", None),
]


@pytest.mark.parametrize(("proxies", "forwarded", "remote", "found"), ADDRESSES)
def test_whose_word_an_address_is(
    settings: Any, proxies: int, forwarded: str, remote: str, found: str | None
) -> None:
    settings.O2O_LOGIN = {**settings.O2O_LOGIN, "TRUSTED_PROXIES": proxies}
    assert client_ip({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}) == found


def test_an_ipv6_subscriber_is_one_address() -> None:
    places = [
        place_of(RequestFactory().get("/", REMOTE_ADDR=ip), Way.API).network
        for ip in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    ]
    assert places[0] == places[1] != places[2]


@pytest.mark.django_db
def test_the_login_page_keeps_what_was_typed_and_says_it_in_words(office: Office) -> None:
    # when
    answer = log_in("clerk@example.com", "wrong")

    # then
    text = answer.content.decode()
    assert "clerk@example.com" in text and "邮箱或密码不正确" in text and "wrong" not in text
    assert Client().post("/admin/login/", {"username": "", "password": ""}).status_code == 200
    assert not LoginThrottle.objects.filter(attempts__gt=1).exists()
    with pytest.raises(LockedOut) as caught:
        for _number in range(7):
            throttle.begin("x@example.com", PLACE)
    assert caught.value.hint == "如忘记密码，可重置密码或请上级解锁"
