"""How the tests ask: operations, and what the phone shows."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from plugins.login_security.interfaces import Place, Way
from plugins.members.devices import Device
from plugins.members.kinds import Source
from plugins.members.models import Member
from plugins.members.services.registering import mobile_value, register
from sandbox.client import SandboxClient

MOBILE, OTHER = "13900001111", "13900002222"
AGREED = "2026-11"
MEMBER = "member { number name status mobile hasPassword agreement identities { id kind masked isPrimary } }"
ERRORS = "errors { field message hint code retryAfter }"
SEND = f"""mutation($mobile: String, $purpose: MemberCodePurpose!, $device: MemberDeviceInput) {{
  memberCodeSend(mobile: $mobile, purpose: $purpose, device: $device) {{ ticket againAfter {ERRORS} }} }}"""
STATUS = "query($ticket: UUID!) { memberCodeStatus(ticket: $ticket) }"
SIGN_IN = f"""mutation(
  $mobile: String!, $code: String!, $agreement: String, $name: String, $device: MemberDeviceInput,
  $referrer: String, $channel: String) {{
  memberSignIn(mobile: $mobile, code: $code, agreement: $agreement, name: $name, device: $device,
    referrer: $referrer, channel: $channel) {{
    token created user {{ email }} {MEMBER} {ERRORS} }} }}"""
PASSWORD = f"""mutation($login: String!, $password: String!, $device: MemberDeviceInput) {{
  memberPasswordSignIn(login: $login, password: $password, device: $device) {{ token created {MEMBER} {ERRORS} }} }}"""
SET = f"""mutation($password: String!, $current: String, $code: String) {{
  memberPasswordSet(password: $password, current: $current, code: $code) {{ {MEMBER} {ERRORS} }} }}"""
RESET = f"""mutation($mobile: String!, $code: String!, $password: String!) {{
  memberPasswordReset(mobile: $mobile, code: $code, password: $password) {{ {ERRORS} }} }}"""
USERNAME = f"mutation($name: String!) {{ memberUsernameSet(username: $name) {{ {MEMBER} {ERRORS} }} }}"
BIND = f"""mutation($mobile: String!, $code: String!, $confirmation: String, $password: String, $merge: Boolean) {{
  memberMobileBind(mobile: $mobile, code: $code, confirmation: $confirmation, password: $password, merge: $merge) {{
    {MEMBER} {ERRORS} }} }}"""
RELEASE = f"mutation($id: ID!) {{ memberIdentityRelease(id: $id) {{ {MEMBER} {ERRORS} }} }}"
AGREE = f"mutation($agreement: String!) {{ memberAgree(agreement: $agreement) {{ {MEMBER} {ERRORS} }} }}"
MINE = f"{{ myMember {{ {MEMBER.removeprefix('member { ')} }}"
ME = "{ me { email } }"
TOKEN = """mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token errors { message } } }"""


def ask(query: str, variables: dict[str, Any] | None = None, token: str = "", **meta: str) -> Any:
    """One operation; its first field's answer, or the errors of the whole."""
    headers = {"Authorization": f"JWT {token}"} if token else {}
    body = {"query": query, "variables": variables or {}}
    answer = Client().post("/graphql/", body, content_type="application/json", headers=headers, **meta).json()
    if "errors" in answer:
        return {"errors": answer["errors"]}
    return next(iter(answer["data"].values()))


def codes_of(answer: dict[str, Any]) -> list[str]:
    """The codes of what went wrong."""
    return [one.get("code") or one["extensions"]["code"] for one in answer["errors"]]


def read_code(sms: SandboxClient, mobile: str = MOBILE) -> str:
    """The six digits of the newest message on a phone."""
    [code] = re.findall(r"\b\d{6}\b", sms.texts(mobile)[0]["text"])
    return str(code)


def send(
    mobile: str | None = MOBILE, purpose: str = "SIGN_IN", token: str = "", **more: Any
) -> dict[str, Any]:
    """Ask for a code."""
    found: dict[str, Any] = ask(SEND, {"mobile": mobile, "purpose": purpose, **more}, token)
    return found


def enter(sms: SandboxClient, mobile: str = MOBILE, **more: Any) -> dict[str, Any]:
    """Ask for a code, read it, log in with it, agreeing."""
    assert send(mobile)["errors"] == []
    told = {"mobile": mobile, "code": read_code(sms, mobile), "agreement": AGREED, **more}
    found: dict[str, Any] = ask(SIGN_IN, told)
    return found


def somebody(mobile: str = MOBILE, password: str = "", **more: Any) -> Member:
    """A member with a mobile, written past the messages."""
    member = register([mobile_value(mobile)], source=Source.WEB, verified=True, **more)
    if password:
        member.user.set_password(password)
        member.user.save()
    return member


def phone(key: str = "phone-1", ip: str = "192.0.2.1") -> Device:
    """A device at an address."""
    return Device(key, "手机", Place(Way.API, ip, "test"))


def later() -> None:
    """Let the minute between two codes to a number pass: what was asked for is moved into the past."""
    from datetime import timedelta

    from django.db.models import F

    from plugins.members.models import VerificationCode

    VerificationCode.objects.update(asked_at=F("asked_at") - timedelta(seconds=61))
