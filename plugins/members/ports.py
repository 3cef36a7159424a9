"""What the platform asks of whoever sends its text messages, whoever that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from .errors import MemberError, MemberErrorCode


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text message under our number. Providers that review texts take `template` and `parameters`, others `text`."""

    number: str
    mobile: str = field(repr=False)
    template: str
    parameters: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)


class SmsRefused(MemberError):
    """The provider will not send it: `detail` is its code, never a text. Asking again changes nothing."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            MemberErrorCode.SMS_REFUSED,
            _("短信没有发出"),
            "mobile",
            _("请核对手机号，或换一个号码，或到网点办理"),
        )
        self.detail = detail


class SmsUnknown(MemberError):
    """No usable answer: it may have been sent. Ask by number; never send under another."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            MemberErrorCode.SMS_UNKNOWN, _("短信正在发送"), hint=_("请留意手机，稍后没有收到可再获取")
        )
        self.detail = detail


class SmsNotConfigured(MemberError):
    """There is no provider, or it refuses our key."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            MemberErrorCode.SMS_NOT_CONFIGURED,
            _("短信服务没有配置好"),
            hint=_("请联系系统管理员检查短信设置"),
        )
        self.detail = detail


class SmsGateway(Protocol):
    """A provider of text messages. Both methods raise SmsUnknown and SmsNotConfigured."""

    def send(self, message: Outgoing) -> str:
        """Send; returns the provider's receipt. The same number twice is one message. Raises SmsRefused."""
        ...

    def find(self, number: str) -> str | None:
        """The receipt of what was sent under our number; None when the provider has nothing. Raises SmsRefused."""
        ...
