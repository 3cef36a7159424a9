"""Who may ask for a code of which purpose, and where it goes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..devices import Device
from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import Purpose
from ..models import Member
from ..selectors import member_with, primary_mobile
from ..values import clean_mobile
from . import codes
from .registering import mobile_value


def ask_code(purpose: Purpose, mobile: str, device: Device, member: Member | None) -> codes.Asked:
    """Have a code sent as a shopper may ask for it; `member` is who asks, if he is logged in.

    Raises MOBILE_INVALID, TooOften, SIGN_IN_REQUIRED, INVALID for a purpose that is not a shopper's.
    """
    match purpose:
        case Purpose.SIGN_IN:
            return codes.ask(clean_mobile(mobile), purpose, device)
        case Purpose.RESET_PASSWORD:
            number = clean_mobile(mobile)
            # nobody learns from the answer whether there is a message
            return codes.ask(number, purpose, device, silent=member_with(mobile_value(number)) is None)
        case Purpose.BIND_MOBILE if member is not None:
            return codes.ask(clean_mobile(mobile), purpose, device)
        case Purpose.CONFIRM if member is not None:
            own = primary_mobile(member)
            if not own:
                raise MemberError(
                    Code.REQUIRED, _("您还没有绑定手机号"), "mobile", _("请先绑定手机号，再获取验证码")
                )
            return codes.ask(own, purpose, device)
        case Purpose.BIND_MOBILE | Purpose.CONFIRM:
            raise MemberError(Code.SIGN_IN_REQUIRED, _("请先登录会员账号"))
    raise MemberError(Code.INVALID, _("这种验证码由营业员在柜台获取"), "purpose")
