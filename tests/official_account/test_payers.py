"""Whoever logged in through WeChat pays inside WeChat without a page knowing the openid."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from saleor.account.models import User

from plugins.members.interfaces import IdentityKind, Source, bind, register
from plugins.official_account.models import Account, AccountState
from saleor_o2o.cashier.payers import payer_of
from saleor_o2o.cashier.ports import Method

pytestmark = pytest.mark.django_db

CHEN = "oSandboxPersonChenYujiang001"


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
