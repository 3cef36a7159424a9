"""Members log in: by a code, by a password, or by whoever vouches for them (WeChat, a scan)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from graphql_jwt.settings import jwt_settings
from saleor.account.models import User

from plugins.login_security.interfaces import throttle
from saleor_o2o.kernel.clock import now

from ..devices import NOWHERE, Device
from ..errors import MemberError, NotActive, WrongPassword
from ..errors import MemberErrorCode as Code
from ..kinds import MemberStatus, Purpose, Source, Way
from ..models import Member
from ..selectors import member_with, user_by_login
from ..values import clean_mobile
from . import codes
from .locking_out import counted
from .profiles import note_origin
from .registering import agree, current_agreement, ensure_member, mobile_value, register
from .sessions import open_session

#: Who logs in: one whose account is being closed too, to think better of it.
LIVE = (MemberStatus.ACTIVE, MemberStatus.CLOSING)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A login: the token as stock's `tokenCreate` gives it, whose it is, and whether the member was made just now."""

    token: str
    user: User
    member: Member
    session_id: int
    created: bool = False


def sign_in(
    member: Member, device: Device | None = None, way: Way = Way.WECHAT, *, created: bool = False
) -> Tokens:
    """Log a member in whom the caller has made sure of; writes the session, returns the token.

    Raises NotActive for a member who is frozen or blacklisted.
    """
    with transaction.atomic():
        user = User.objects.get(pk=member.user_id)
        status = Member.objects.values_list("status", flat=True).get(pk=member.pk)
        if status not in LIVE or not user.is_active or user.is_staff:
            raise NotActive
        session = open_session(member, way, device)
        user.last_login = now()
        user.save(update_fields=["last_login"])
    user.o2o_session_key = session.key
    payload = jwt_settings.JWT_PAYLOAD_HANDLER(user, None)
    token = jwt_settings.JWT_ENCODE_HANDLER(payload, None)
    return Tokens(token, user, member, session.pk, created)


def by_code(
    mobile: str,
    code: str,
    device: Device = NOWHERE,
    *,
    agreement: str = "",
    name: str = "",
    referrer: str = "",
    channel: str = "",
) -> Tokens:
    """Log in with a code that was sent to the number; whoever is nobody yet registers, having agreed.

    Raises CodeWrong, LOCKED_OUT, NotActive; AGREEMENT_REQUIRED for somebody new, the code staying good. The code is
    used in the transaction that logs in or registers: of two at once, one does.
    """
    number = clean_mobile(mobile)
    checked = codes.check(number, Purpose.SIGN_IN, code, device)
    value = mobile_value(number)
    with transaction.atomic():
        member = member_with(value)
        created = member is None
        if member is None:
            if agreement != current_agreement():
                raise MemberError(
                    Code.AGREEMENT_REQUIRED, _("首次登录将为您注册会员，请先阅读并同意会员协议"), "agreement",
                    _("同意后用同一个验证码再次提交"),
                )  # fmt: skip
            codes.use(checked)
            member = register([value], source=Source.WEB, name=name, verified=True, agreement=agreement)
            note_origin(member, referrer=referrer, channel=channel)
        else:
            codes.use(checked)
            if agreement and agreement == current_agreement():
                agree(member, agreement)
        return sign_in(member, device, Way.CODE, created=created)


def by_password(login: str, password: str, device: Device = NOWHERE) -> Tokens:
    """Log in with any identity, number or mail address, and the password.

    Failures count for the member, whichever identity was typed, where stock's `tokenCreate` counts them too; for names
    that nobody has, alike. Raises WrongPassword, LOCKED_OUT, NotActive (the password was right).
    """
    user = user_by_login(login)
    with counted(user.email if user is not None else login, device) as attempt:
        if user is None:
            make_password(password)  # the same time as for somebody
            raise WrongPassword
        if not user.check_password(password):
            raise WrongPassword
        throttle.succeeded(attempt)
    return sign_in(ensure_member(user), device, Way.PASSWORD)


def by_session(user: Any) -> str:
    """The key of the session that a request's token names; empty for one of stock's without."""
    claims = getattr(user, "o2o_claims", None)
    return claims.session if claims is not None else ""
