"""A member changes the mobile."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.login_security.interfaces import throttle

from ..devices import NOWHERE, Device
from ..errors import MemberError, WrongPassword
from ..errors import MemberErrorCode as Code
from ..kinds import IdentityKind, Purpose
from ..models import Member, MemberIdentity, VerificationCode
from ..selectors import member_by, primary_mobile
from ..values import clean_mobile
from . import codes
from .identities import replace_mobile
from .locking_out import counted
from .merging import merge_proven
from .registering import mobile_value


def change_mobile(
    member: Member,
    mobile: str,
    code: str,
    *,
    confirmation: str = "",
    password: str = "",
    merging: bool = False,
    device: Device = NOWHERE,
) -> MemberIdentity:
    """Make a number, shown by a code to be in hand, the member's mobile in place of the one before.

    Who has one already shows besides that he is the member: a code to the old number (`confirmation`) or the
    password. Both codes are used in one transaction. With `merging`, another member who has the number becomes this
    one: whoever shows both to be in hand is both. Locks: the codes, the members. Raises CodeWrong, WrongPassword,
    LOCKED_OUT, IDENTITY_TAKEN, MERGE_REFUSED, REQUIRED, LockTimeout.
    """
    number = clean_mobile(mobile)
    old = primary_mobile(member)
    proofs: list[VerificationCode] = []
    if old and confirmation:
        proofs.append(codes.check(old, Purpose.CONFIRM, confirmation, device))
    elif old and password:
        with counted(member.user.email, device) as attempt:
            if not member.user.check_password(password):
                raise WrongPassword
            throttle.succeeded(attempt)
    elif old:
        raise MemberError(
            Code.REQUIRED,
            _("更换手机号须先确认是本人"),
            "confirmation",
            _("请输入原手机号收到的验证码，或登录密码"),
        )
    proofs.append(codes.check(number, Purpose.BIND_MOBILE, code, device))
    with transaction.atomic():
        for proof in sorted(proofs, key=lambda one: one.pk):
            codes.use(proof)
        value = mobile_value(number)
        other = member_by(IdentityKind.MOBILE, number) if merging else None
        if other is not None and other.pk != member.pk:
            merge_proven(member, other, str(_("本人验证两个手机号后合并")))
        return replace_mobile(member, value)
