"""Passwords of members: set, changed, reset by a code; other logins end with the old one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.login_security.interfaces import throttle
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows

from ..devices import NOWHERE, Device
from ..errors import CodeWrong, MemberError, WrongPassword
from ..errors import MemberErrorCode as Code
from ..kinds import EndedWhy, IdentityKind, Purpose
from ..models import Member, MemberIdentity
from ..selectors import member_with, primary_mobile
from ..values import Value, clean_mobile, clean_username
from . import codes
from .identities import release_others, write_identity
from .locking_out import counted
from .registering import mobile_value
from .sessions import end_all
from .signing_in import by_session

PASSWORD_SET = audit.action("members.password_set", _("设置会员密码"))
PASSWORD_RESET = audit.action("members.password_reset", _("验证码重设会员密码"))


def set_password(
    user: Any, member: Member, password: str, *, current: str = "", code: str = "", device: Device = NOWHERE
) -> None:
    """Set or change one's own password, against the current one or a code sent to one's own mobile.

    All other logins end. Raises WrongPassword, CodeWrong, LOCKED_OUT, PASSWORD_WEAK, REQUIRED.
    """
    check_strength(password, user)
    if code:
        mobile = primary_mobile(member)
        if not mobile:
            raise CodeWrong
        checked = codes.check(mobile, Purpose.CONFIRM, code, device)
        with transaction.atomic():
            codes.use(checked)
            _write(member, password, PASSWORD_SET, but=by_session(user))
        return
    if not user.has_usable_password():
        raise MemberError(
            Code.REQUIRED, _("首次设置密码需要短信验证码"), "code", _("请先获取发到本人手机的验证码")
        )
    with counted(user.email, device) as attempt:
        if not user.check_password(current):
            raise WrongPassword
        throttle.succeeded(attempt)
    with transaction.atomic():
        _write(member, password, PASSWORD_SET, but=by_session(user))


def reset_password(mobile: str, code: str, password: str, device: Device = NOWHERE) -> None:
    """Set a new password with a code that was sent to the number; all logins end.

    For a number that nobody has there is no right code: the answer is the same. Raises CodeWrong, LOCKED_OUT,
    PASSWORD_WEAK.
    """
    number = clean_mobile(mobile)
    check_strength(password, None)
    checked = codes.check(number, Purpose.RESET_PASSWORD, code, device)
    with transaction.atomic():
        member = member_with(mobile_value(number))
        if member is None:
            raise CodeWrong
        check_strength(password, member.user)
        codes.use(checked)
        _write(member, password, PASSWORD_RESET)
    throttle.forget(member.user.email)


def set_username(member: Member, username: str) -> MemberIdentity:
    """Give oneself a user name, in place of the one before.

    Locks: the member. Raises IDENTITY_TAKEN, USERNAME_INVALID, LockTimeout.
    """
    name = clean_username(username)
    value = Value(IdentityKind.USERNAME, "", name)
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        made = write_identity(member, value, verified=True)
        release_others(member, made)
    return made


def check_strength(password: str, user: Any) -> None:
    """Raise PASSWORD_WEAK, with what stock's rules say."""
    if len(password) > 128:
        raise MemberError(Code.PASSWORD_WEAK, _("密码太长"), "password", _("最多 128 个字符"))
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise MemberError(
            Code.PASSWORD_WEAK, _("密码不符合要求"), "password", "；".join(str(one) for one in error.messages)
        ) from None


def _write(member: Member, password: str, action: audit.Action, *, but: str = "") -> None:
    user = member.user
    user.set_password(password)
    user.save(update_fields=["password"])
    end_all(member, EndedWhy.PASSWORD, but=but)
    audit.record(action, member)
