"""The login of a shop's owner: given, mailed, taken away; and what keeps an owner from leaving."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from saleor.account.models import User

from plugins.channels.blockers import blockers_of
from plugins.channels.models import Channel, Device, DeviceState
from plugins.channels.owners import owned_channels
from plugins.channels.services.binding import bind_on_visit
from plugins.counter_sales.models import FloatAccount
from plugins.org_hierarchy.models import OrgUnit
from tests.orgs import person

from . import shops
from .conftest import COUNTY

pytestmark = pytest.mark.django_db(transaction=True)
GIVE = """mutation($code: String!, $email: String!) { channelOwnerLogin(code: $code, email: $email) {
  channel { code } errors { code field } } }"""
SET = """mutation($email: String!, $token: String!, $password: String!) {
  setPassword(email: $email, token: $token, password: $password) { token errors { field message } } }"""


@pytest.fixture
def channel(org: dict[str, OrgUnit]) -> Channel:
    return shops.shop(org["B111"]).channel


def give(user: User | None, code: str, email: str) -> list[str]:
    told = shops.ask(GIVE, {"code": code, "email": email}, user)["channelOwnerLogin"]
    return [one["code"] for one in told["errors"]]


def test_a_new_owner_sets_his_password_by_the_mailed_link(channel: Channel, liaison: User) -> None:
    # when
    assert give(liaison, channel.code, " Wang@Example.com ") == []

    # then: the mail goes to him alone and leads to the owner's page
    [sent] = mail.outbox
    link = re.search(r"http\S+/counter_sales/shop/\?\S+", str(sent.body))
    assert sent.to == ["wang@example.com"] and link is not None
    assert not User.objects.get(
        email="wang@example.com"
    ).has_usable_password()  # what the page tells the staff
    token = re.search(r"token=([\w-]+)", link[0])
    assert token is not None
    told = shops.ask(SET, {"email": "wang@example.com", "token": token[1], "password": "n1ce-l0ng-pass"})
    assert told["setPassword"]["errors"] == [] and told["setPassword"]["token"]
    user = User.objects.get(email="wang@example.com")
    assert list(owned_channels(user)) == [channel] and not user.is_staff


def test_an_account_that_is_there_becomes_the_owners_without_a_mail(channel: Channel, liaison: User) -> None:
    # given
    user = User.objects.create_user("wang@example.com", "pass-word")

    # when
    assert give(liaison, channel.code, "WANG@example.com") == []

    # then; and taken away again
    assert list(owned_channels(user)) == [channel] and mail.outbox == []
    assert give(liaison, channel.code, "") == []
    assert not owned_channels(user).exists()


@pytest.mark.parametrize("case", ["no address", "staff", "another shop", "abroad", "anonymous", "left"])
def test_logins_that_are_not_given(
    case: str, channel: Channel, liaison: User, abroad: User, org: dict[str, OrgUnit]
) -> None:
    # given
    email, who = "wang@example.com", {"abroad": abroad, "anonymous": None}.get(case, liaison)
    if case == "no address":
        email = "wang"
    if case == "staff":
        email = liaison.email
    if case == "another shop":
        User.objects.create_user(email, "pass-word")
        shops.shop(org["B121"], owner_user=User.objects.get(email=email))
    if case == "left":
        Channel.objects.filter(pk=channel.pk).update(status="left")

    # when
    told = give(who, channel.code, email)

    # then
    wrong = {
        "no address": "INVALID", "staff": "OWNER_IS_STAFF", "another shop": "OWNER_HAS_SHOP",
        "left": "WRONG_STATE",
    }.get(case, "NOT_FOUND")  # fmt: skip
    assert told == [wrong]
    channel.refresh_from_db(fields=["owner_user"])
    assert channel.owner_user is None and mail.outbox == []


def test_an_owner_leaves_by_the_pages_once_all_is_settled(
    channel: Channel, org: dict[str, OrgUnit], client: Client
) -> None:
    # given: a customer, a device, money in the float
    county = person(org["C11"], "boss", COUNTY)
    heir = shops.shop(org["B111"]).channel
    customer = User.objects.create_user("c@example.com", "pass-word")
    bind_on_visit(customer, channel)
    device = Device.objects.create(
        serial="P-1", kind="printer", unit=channel.unit, channel=channel, state=DeviceState.HANDED
    )
    account = FloatAccount.objects.create(
        unit=channel.unit, channel_code=channel.code, balance=Decimal("12.00")
    )
    client.force_login(county)
    leave = f"/admin/o2o_channels/channel/{channel.pk}/do/leave/"
    page = f"/admin/o2o_channels/channel/{channel.pk}/change/"

    # when: too early
    refused = client.post(leave, {"reason": "搬家"})

    # then: everything that is open is named, on the step and on the page
    for told in (refused.text, client.get(page).text):
        for matter in ("未收回设备", "未移交客户", "余额未结清的备付金账户"):
            assert matter in told

    # when: settled
    moved = client.post(
        f"/admin/o2o_channels/channel/{channel.pk}/do/transfer/", {"target": heir.code, "reason": "店主搬家"}
    )
    Device.objects.filter(pk=device.pk).update(state=DeviceState.STORED, channel=None)
    FloatAccount.objects.filter(pk=account.pk).update(balance=0)
    done: Any = client.post(leave, {"reason": "搬家"})

    # then
    assert (moved.status_code, done.status_code) == (302, 302)
    channel = Channel.objects.get(pk=channel.pk)
    assert (channel.status, blockers_of(channel)) == ("left", [])
    assert customer.o2o_bindings.get(ended_at__isnull=True).channel == heir
