"""Identity numbers and mobile numbers as people type them: checked, unified, indexed."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import read_id_number, years_old

from .errors import ChannelError, ChannelErrorCode

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
ADULT = 18


def clean_id_number(text: str, field: str = "id_number") -> str:
    """Return an 18-digit identity number of an adult without blanks, `x` in capitals.

    Raises ChannelError: wrong length, no such birthday, wrong check digit, younger than 18.
    """
    read = read_id_number(text)
    if read is None:
        raise ChannelError(
            ChannelErrorCode.ID_NUMBER_INVALID, _("身份证号不正确"), field, _("请对照证件核对 18 位号码")
        )
    number, born = read
    if years_old(born, today()) < ADULT:
        raise ChannelError(ChannelErrorCode.UNDER_AGE, _("未满 18 周岁不能申请开店"), field)
    return number


def clean_mobile(text: str, field: str = "mobile") -> str:
    """Return an 11-digit mobile number of the mainland. Raises ChannelError."""
    digits = re.sub(r"[\s\-]", "", text).removeprefix("+86")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if not _MOBILE.fullmatch(digits):
        raise ChannelError(
            ChannelErrorCode.MOBILE_INVALID, _("手机号不正确"), field, _("请填写 11 位手机号码")
        )
    return digits


def id_index(number: str) -> str:
    """The blind index of a clean identity number."""
    return blind_index(number, "channel.id")


def mobile_index(number: str) -> str:
    """The blind index of a clean mobile number."""
    return blind_index(number, "channel.mobile")
