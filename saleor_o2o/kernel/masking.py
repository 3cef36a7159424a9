"""Masks for showing personal data: enough to recognise, too little to use."""

from __future__ import annotations

HIDDEN = "***"


def _mask(value: str, head: int, tail: int) -> str:
    # Text too short to have a hidden middle is hidden whole: a mask never shows more than it hides.
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[len(value) - tail :]


def mask_phone(phone: str) -> str:
    """`13812340000` → `138****0000`; a country code in front is dropped."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return _mask(digits, 3, 4)


def mask_id_number(number: str) -> str:
    """`500103199001011234` → `500***********1234` (first three, last four)."""
    return _mask(number.strip(), 3, 4)


def mask_bank_card(number: str) -> str:
    """`6222 0000 1111 2222` → `************2222` (last four only)."""
    return _mask("".join(number.split()), 0, 4)


def mask_name(name: str) -> str:
    """`张三丰` → `张**` (surname's first character only)."""
    return _mask(name.strip(), 1, 0)
