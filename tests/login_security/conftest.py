"""A branch clerk without and a finance person with a second factor, and ways to log in."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import hotp
from saleor.account.models import User

from plugins.login_security.services import factor
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from tests.orgs import person, small_org

PASSWORD = "pass-word"
LOGIN = "/admin/login/"
VERIFY = "/admin/o2o_login_security/stafflogin/verify/"
ENROL = "/admin/o2o_login_security/stafflogin/enrol/"
MINE = "/admin/o2o_login_security/stafflogin/mine/"

TOKEN = """mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token user { email } errors { message } accountErrors { field code } } }"""
STAFF_TOKEN = """mutation($email: String!, $password: String!, $otp: String) {
  staffTokenCreate(email: $email, password: $password, otp: $otp) {
    token user { email } errors { code field message } } }"""
ME = "{ me { email } }"


@dataclass
class Office:
    """The organisation and three people of it."""

    units: dict[str, OrgUnit]
    clerk: User
    finance: User
    chief: User


@pytest.fixture
def office(db: None) -> Office:
    units = small_org()
    return Office(
        units,
        clerk=person(units["B111"], "clerk", ["order.view"]),
        finance=person(units["C11"], "finance", ["payment.view"], second_factor=True),
        chief=person(units["C11"], "chief", ["staff.view", "staff.edit"]),
    )


def code_now(secret: str, *, steps: int = 0) -> str:
    """What the authenticator shows, now or some steps later."""
    return f"{hotp(b32decode(secret), int(now().timestamp()) // factor.STEP + steps):06d}"


def enrol(user: User) -> tuple[str, list[str]]:
    """Bind an authenticator with a code of a minute ago; the secret and the recovery codes."""
    secret = factor.start(user)
    codes = factor.confirm(user, code_now(secret, steps=-1))
    return secret, codes


def log_in(name: str, password: str = PASSWORD, client: Client | None = None, **meta: str) -> Any:
    """Post the login form of the back office."""
    return (client or Client()).post(LOGIN, {"username": name, "password": password}, **meta)


def ask(query: str, variables: dict[str, Any] | None = None, token: str = "", **meta: str) -> dict[str, Any]:
    """One operation; the whole answer."""
    headers = {"Authorization": f"JWT {token}"} if token else {}
    body = {"query": query, "variables": variables or {}}
    answer = Client().post("/graphql/", body, content_type="application/json", headers=headers, **meta)
    return answer.json()  # type: ignore[no-any-return]


def token_of(user: User, **meta: str) -> dict[str, Any]:
    """Stock's way to a token."""
    return ask(TOKEN, {"email": user.email, "password": PASSWORD}, **meta)


def staff_token(user: User, otp: str = "", password: str = PASSWORD) -> dict[str, Any]:
    """Our way to a token."""
    told = {"email": user.email, "password": password, "otp": otp}
    return ask(STAFF_TOKEN, told)["data"]["staffTokenCreate"]  # type: ignore[no-any-return]
