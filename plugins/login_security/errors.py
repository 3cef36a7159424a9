"""The refusals of login security, in the organisation's codes."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgError, OrgErrorCode
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text


class LockedOut(OrgError):
    """Too many failures; the same for accounts that exist and for those that don't."""

    def __init__(self, until: datetime) -> None:
        minutes = max(1, -(-int((until - now()).total_seconds()) // 60))
        super().__init__(
            OrgErrorCode.LOCKED_OUT,
            _("登录失败次数过多，请约 %(minutes)s 分钟后再试") % {"minutes": minutes},
            hint=_("如忘记密码，可重置密码或请上级解锁"),
        )
        self.until = timezone.localtime(until)


class AccountOff(OrgError):
    """The password was right, but the account is off; told to nobody else."""

    def __init__(self, *, gone: bool, idle_days: int) -> None:
        hint: Text = _("请联系本机构负责人或上级机构，在“人员”中为您恢复，原密码仍然有效")
        message: Text = _("账号已停用")
        if gone:
            message, hint = _("您已办理离职，账号不能再登录"), _("如有疑问，请联系原单位综合管理人员")
        elif idle_days:
            message = _("账号连续 %(days)s 天未使用，已自动停用") % {"days": idle_days}
        super().__init__(OrgErrorCode.STAFF_NOT_ACTIVE, message, hint=hint)


class CodeRequired(OrgError):
    """The password was right; this person also needs a code."""

    def __init__(self) -> None:
        super().__init__(
            OrgErrorCode.SECOND_FACTOR_REQUIRED,
            _("该账号需要二次验证"),
            "otp",
            hint=_("请在管理后台登录，或用 staffTokenCreate 并带上验证码"),
        )


class NotEnrolled(OrgError):
    """The person needs a second factor and has none yet."""

    def __init__(self) -> None:
        super().__init__(
            OrgErrorCode.SECOND_FACTOR_REQUIRED,
            _("该账号需要二次验证，但还没有绑定验证器"),
            hint=_("请先登录管理后台完成绑定"),
        )


class WrongCode(OrgError):
    """The code is wrong, too old, or was used before: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(
            OrgErrorCode.INVALID, _("验证码不正确或已使用"), "otp", hint=_("请输入验证器上新的 6 位数字")
        )


class WrongPassword(OrgError):
    """The account or the password is wrong: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(OrgErrorCode.PERMISSION_DENIED, _("邮箱或密码不正确"))
