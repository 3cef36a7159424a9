"""Telephone numbers as customers say them."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError

from .error_codes import CounterErrorCode
from .errors import CounterError

_MOBILE = re.compile(r"1[3-9]\d{9}")


def clean_phone(text: str, field: str = "phone") -> str:
    """A mobile number as eleven digits; blanks, dashes and +86 are forgiven. Raises CounterError PHONE_INVALID."""
    digits = "".join(one for one in text if one.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if not _MOBILE.fullmatch(digits):
        raise CounterError(
            CounterErrorCode.PHONE_INVALID, _("手机号不正确"), field, _("请输入 11 位手机号，或留空")
        )
    return digits


def tail_index(digits: str) -> str:
    """How a number is found by its last four digits, which is what customers say at a counter."""
    return blind_index(digits[-4:], "counter_sales.phone_tail")


def phone_index(phone: str) -> str:
    """How a cleaned number is found again."""
    return blind_index(phone, "counter_sales.phone")


def whole_phone(typed: Any) -> str:
    """A number as it is kept; empty while it is half typed, or none at all."""
    try:
        return clean_phone(str(typed or "")[:20])
    except DomainError:
        return ""
