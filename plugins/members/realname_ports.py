"""What the platform asks a register of persons, whoever runs it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from .errors import MemberError, MemberErrorCode


class Verdict(StrEnum):
    """What the register says of a name and an identity number."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"


class CheckRefused(MemberError):
    """The register will not say: `detail` is its code, never a text. Asking again changes nothing."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            MemberErrorCode.CHECK_REFUSED, _("没有核验成功"), hint=_("请核对后再试，或持证件到网点办理")
        )
        self.detail = detail


class CheckUnknown(MemberError):
    """No usable answer: it may have been taken in. Ask by number; never under another."""

    def __init__(self, detail: str) -> None:
        super().__init__(MemberErrorCode.CHECK_UNKNOWN, _("正在核验"), hint=_("稍后刷新查看结果"))
        self.detail = detail


class CheckNotConfigured(MemberError):
    """There is no register, or it refuses our key."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            MemberErrorCode.CHECK_NOT_CONFIGURED, _("实名核验没有配置好"), hint=_("请联系系统管理员")
        )
        self.detail = detail


class PersonRegister(Protocol):
    """A register of persons. Both methods raise CheckRefused, CheckUnknown and CheckNotConfigured."""

    def check(self, number: str, name: str, id_number: str) -> Verdict:
        """Whether they belong together. The same number (ours) twice is one question."""
        ...

    def find(self, number: str) -> Verdict | None:
        """What was said under our number; None when the register has nothing."""
        ...
