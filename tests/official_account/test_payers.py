"""Who pays inside WeChat, without a page knowing the openid: by his login, or named by WeChat for an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from saleor.account.models import User

from plugins.members.interfaces import IdentityKind, Source, bind, register
from plugins.members.models import Member
from plugins.official_account.models import Account, AccountState, Fan
from saleor_o2o.cashier.payers import payer_of, payer_of_pass
from saleor_o2o.cashier.ports import Method
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.crypto import encrypt
from tests.channels.shops import ask

from .test_logins import Trip, page

pytestmark = pytest.mark.django_db

CHEN = "oSandboxPersonChenYujiang001"
JSAPI = Method.WECHAT_JSAPI
__all__ = ["page"]
PAYER = """mutation($code: String!, $state: String!, $key: String!) {
  wechatPayer(code: $code, state: $state, browserKey: $key) { payerPass errors { code message } } }"""


def named(trip: Trip, **changes: Any) -> tuple[str, list[str]]:
    """The pass that somebody comes back for, and the refusals."""
    told = ask(PAYER, {"code": trip.code, "state": trip.state, "key": trip.key, **changes})["wechatPayer"]
    return told["payerPass"] or "", [one["code"] for one in told["errors"]]


@pytest.fixture
def chen(account: Account) -> User:
    """A member who is known at the city's account."""
    member = register(Source.WECHAT, identities=[(IdentityKind.OPENID, CHEN, account.appid)])
    return User.objects.get(pk=member.user_id)


def test_member_is_known_by_the_openid_of_the_citys_account(chen: User, account: Account) -> None:
    # then
    assert payer_of(chen, Method.WECHAT_JSAPI) == CHEN


def test_other_ways_and_other_people_have_no_payer(chen: User) -> None:
    # given
    stranger = User.objects.create(email="other@example.com")

    # then
    assert payer_of(chen, Method.WECHAT_MINI) == ""
    assert payer_of(stranger, Method.WECHAT_JSAPI) == ""
    assert payer_of(AnonymousUser(), Method.WECHAT_JSAPI) == ""


def test_an_openid_of_another_account_is_not_taken(account: Account) -> None:
    # given
    member = register(Source.WECHAT)
    bind(member, IdentityKind.OPENID, CHEN, "wx0000000000000000")

    # then
    assert payer_of(User.objects.get(pk=member.user_id), Method.WECHAT_JSAPI) == ""


def test_without_an_account_nobody_is_known(chen: User, account: Account) -> None:
    # given
    Account.objects.update(state=AccountState.RETIRED)

    # then
    assert payer_of(chen, Method.WECHAT_JSAPI) == ""


def test_a_guest_is_named_and_nobody_becomes_a_member(account: Account, page: str) -> None:
    # when
    trip = Trip(page)
    given, errors = named(trip)

    # then: it stands for him, says nothing of him, and the trip is over
    assert (errors, payer_of_pass(given, JSAPI), CHEN in given) == ([], CHEN, False)
    assert (Member.objects.count(), Fan.objects.count()) == (0, 0)
    assert named(trip) == ("", ["STATE_USED"])
    assert payer_of_pass(given, Method.WECHAT_MINI) == ""


def test_a_pass_is_this_browsers_and_ends(account: Account, page: str) -> None:
    # then: another browser, a code of nobody
    assert named(Trip(page), key="somebody-elses") == ("", ["STATE_INVALID"])
    assert named(Trip(page), code="invented") == ("", ["CODE_INVALID"])

    # given
    given, _errors = named(Trip(page))
    moment = now()

    # then: an hour, and only what we sealed for this
    with frozen(moment + timedelta(minutes=59)):
        assert payer_of_pass(given, JSAPI) == CHEN
    with frozen(moment + timedelta(minutes=61)):
        assert payer_of_pass(given, JSAPI) == ""
    for bad in (
        "",
        "x",
        "喵",
        given[:-4],
        encrypt("[1]"),
        encrypt(CHEN),
        encrypt('["other","a","b",9999999999]'),
        "g" * 9999,
    ):
        assert payer_of_pass(bad, JSAPI) == ""
    Account.objects.update(state=AccountState.RETIRED)
    assert payer_of_pass(given, JSAPI) == ""
