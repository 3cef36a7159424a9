"""What ends a token of the staff at once, at every door: another password, a disabled file, a revoked role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from saleor.account.models import User

from plugins.org_hierarchy.models import RoleGrant
from plugins.org_hierarchy.services.activation import activate
from plugins.org_hierarchy.services.grants import revoke_grant
from plugins.org_hierarchy.services.saleor_groups import sync_member, sync_role
from plugins.org_hierarchy.services.staffing import disable
from tests.orgs import again

from .conftest import ME, PASSWORD, Office, ask, log_in, staff_token, token_of

pytestmark = pytest.mark.django_db

NEW = "another pass-word 9"
ORDERS = "{ orders(first: 5) { totalCount } }"
REFRESH = "mutation($token: String!) { tokenRefresh(token: $token) { token } }"
VERIFY = "mutation($token: String!) { tokenVerify(token: $token) { user { email } } }"
CHANGE = """mutation($old: String!, $new: String!) {
  passwordChange(oldPassword: $old, newPassword: $new) { user { email } errors { message } } }"""
SET = """mutation($email: String!, $token: String!, $password: String!) {
  setPassword(email: $email, token: $token, password: $password) { token errors { message } } }"""


def token_for(user: User) -> str:
    return str(token_of(user)["data"]["tokenCreate"]["token"])


def changed_by_oneself(user: User, token: str) -> None:
    answer = ask(CHANGE, {"old": PASSWORD, "new": NEW}, token=token)
    assert answer["data"]["passwordChange"] == {"user": {"email": user.email}, "errors": []}


def reset_by_mail(user: User, _token: str) -> None:
    mailed = default_token_generator.make_token(again(user))
    answer = ask(SET, {"email": user.email, "token": mailed, "password": NEW})["data"]["setPassword"]
    assert answer["errors"] == []


def set_anew_by_an_activation_link(user: User, _token: str) -> None:
    activate(user.email, default_token_generator.make_token(again(user)), NEW)


@pytest.mark.parametrize("change", [changed_by_oneself, reset_by_mail, set_anew_by_an_activation_link])
def test_another_password_ends_what_the_old_one_opened(
    office: Office, change: Callable[[User, str], None]
) -> None:
    # given: two devices at the API and a browser
    here, there = token_for(office.clerk), token_for(office.clerk)
    other = token_for(office.chief)
    browser = Client()
    log_in("clerk@example.com", client=browser)
    assert browser.get("/admin/").status_code == 200
    for token in (here, there):
        assert ask(ME, token=token)["data"]["me"]
        assert ask(VERIFY, {"token": token})["data"]["tokenVerify"] == {"user": {"email": office.clerk.email}}

    # when
    change(office.clerk, here)

    # then: none of them reads anything, and none can be refreshed
    for token in (here, there):
        for query in (ME, ORDERS):
            answer = ask(query, token=token)
            assert "登录已失效" in str(answer["errors"]) and not any((answer["data"] or {}).values())
        assert ask(REFRESH, {"token": token})["data"]["tokenRefresh"] is None
        assert ask(VERIFY, {"token": token})["data"]["tokenVerify"] is None
    assert "/admin/login/" in browser.get("/admin/")["Location"]
    # then: nobody else is concerned, and the new password opens
    assert ask(ME, token=other)["data"]["me"]
    assert staff_token(office.clerk)["token"] is None
    assert ask(ME, token=staff_token(office.clerk, password=NEW)["token"])["data"]["me"]


def test_a_shopper_s_token_is_stock_s(office: Office) -> None:
    # given
    shopper = User.objects.create_user("s@example.com", PASSWORD)
    token = token_for(shopper)

    # when
    changed_by_oneself(shopper, token)

    # then: it lives on, as the storefront expects
    assert ask(ME, token=token)["data"]["me"] == {"email": "s@example.com"}
    assert ask(VERIFY, {"token": token})["data"]["tokenVerify"] == {"user": {"email": "s@example.com"}}
    assert [name for name in claims(token) if name.startswith("o2o")] == ["o2oSession"]


def test_the_token_tells_nothing_of_the_password(office: Office) -> None:
    # given
    first, second = claims(token_for(office.clerk)), claims(token_for(office.chief))

    # then: a mark of its own for each, not the stored hash, though both have one password
    assert len(first["o2oPassword"]) == 16 and first["o2oPassword"] != second["o2oPassword"]
    assert first["o2oPassword"] not in again(office.clerk).password


@pytest.mark.parametrize("mark", [None, "", "0" * 16])
def test_a_token_without_the_mark_is_none(office: Office, mark: str | None) -> None:
    # given: signed by us, as before there were marks
    told = claims(token_for(office.clerk))
    told.pop("o2oPassword")
    if mark is not None:
        told["o2oPassword"] = mark
    token = jwt.encode(told, settings.SECRET_KEY, algorithm="HS256")

    # then
    assert "登录已失效" in str(ask(ME, token=token)["errors"])


def test_a_disabled_person_is_out_at_once(office: Office) -> None:
    # given
    token = token_for(office.clerk)
    browser = Client()
    log_in("clerk@example.com", client=browser)

    # when
    disable(office.chief, office.clerk.o2o_staff, reason="停职")

    # then
    for query in (ME, ORDERS):
        assert "errors" in ask(query, token=token)
    for document, field in ((REFRESH, "tokenRefresh"), (VERIFY, "tokenVerify")):
        assert ask(document, {"token": token})["data"][field] is None
    assert "/admin/login/" in browser.get("/admin/")["Location"]
    assert ask(ME, token=token_for(office.chief))["data"]["me"]


def test_a_revoked_role_gives_nothing_with_the_same_token(office: Office) -> None:
    # given: sees orders by the role, and by its group at stock's door
    grant = RoleGrant.objects.get(staff=office.clerk.o2o_staff)
    sync_role(grant.role)
    sync_member(grant.staff)
    token = token_for(office.clerk)
    assert ask(ORDERS, token=token)["data"]["orders"] == {"totalCount": 0}
    browser = Client()
    log_in("clerk@example.com", client=browser)
    page = "/admin/o2o_backoffice/order/"
    assert browser.get(page).status_code == 200

    # when
    revoke_grant(None, grant, reason="调岗")

    # then: still logged in, without the right, at both doors
    answer = ask(ORDERS, token=token)
    assert [one["extensions"]["exception"]["code"] for one in answer["errors"]] == ["PermissionDenied"]
    assert ask(ME, token=token)["data"]["me"]
    assert browser.get(page).status_code == 403
    assert browser.get("/admin/").status_code == 200


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"]))
