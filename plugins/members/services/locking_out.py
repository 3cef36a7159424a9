"""Failures of shoppers are counted where those of the staff are, in shoppers' words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.login_security.interfaces import LockedOut, throttle
from saleor_o2o.kernel.errors import Text

from ..devices import Device
from ..errors import MemberError
from ..errors import MemberErrorCode as Code


@contextmanager
def counted(name: str, device: Device) -> Iterator[Any]:
    """Count an attempt under a name before anything is looked at; yields it, for `throttle.succeeded`.

    Raises MemberError LOCKED_OUT, the same for names that somebody has and for those that nobody has.
    """
    try:
        attempt = throttle.begin(name, device.place)
    except LockedOut as error:
        hint: Text = _("忘记密码可用短信验证码登录或重设密码")
        if name.startswith("code:"):
            hint = _("请稍后再试，或到网点办理")
        raise MemberError(Code.LOCKED_OUT, error.message, hint=hint) from None
    yield attempt
