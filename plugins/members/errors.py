"""The refusals of members, in the words of whoever is refused. None says whether somebody else is a member."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import MemberErrorCode

__all__ = ["CodeWrong", "MemberError", "MemberErrorCode", "NotActive", "TooOften", "WrongPassword"]


class MemberError(DomainError):
    """A rule of members said no; nothing was changed."""

    def __init__(
        self, code: MemberErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class CodeWrong(MemberError):
    """Wrong, of another purpose, too old, used, or tried too often: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(
            MemberErrorCode.CODE_WRONG, _("验证码不正确或已过期"), "code", _("请核对短信，或重新获取验证码")
        )


class WrongPassword(MemberError):
    """The account or the password is wrong: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(
            MemberErrorCode.WRONG_PASSWORD, _("账号或密码不正确"), "password", _("也可以用短信验证码登录")
        )


class TooOften(MemberError):
    """More codes were asked for than the limits allow; `seconds` until one more is allowed."""

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        if self.seconds <= 120:
            hint: Text = _("请 %(seconds)d 秒后再试") % {"seconds": self.seconds}
        elif self.seconds <= 7200:
            hint = _("请约 %(minutes)d 分钟后再试") % {"minutes": -(-self.seconds // 60)}
        else:
            hint = _("请约 %(hours)d 小时后再试，或到网点办理") % {"hours": -(-self.seconds // 3600)}
        super().__init__(MemberErrorCode.TOO_OFTEN, _("获取验证码太频繁了"), "mobile", hint)


class NotActive(MemberError):
    """The member is frozen or blacklisted; told only to whoever proved to be the member."""

    def __init__(self) -> None:
        super().__init__(
            MemberErrorCode.MEMBER_NOT_ACTIVE,
            _("该会员已停用，不能登录"),
            hint=_("请到网点或拨打 11185 咨询"),
        )
