"""Members' numbers and the addresses made of them."""

from __future__ import annotations

from saleor_o2o.kernel.numbering import number_kind

#: `M2600000017`: year, running number, check digit.
MEMBER = number_kind("member", "M", width=7, date_format="%y")
#: Never delivered to: a name that RFC 2606 keeps from ever existing.
DOMAIN = "member.invalid"


def address_of(number: str) -> str:
    """The address that stands for a member without one of his own, as stock wants every user to have one."""
    return f"{number.lower()}@{DOMAIN}"


def is_synthetic(email: str) -> bool:
    """True for an address that was made of a member's number."""
    return email.lower().endswith(f"@{DOMAIN}")
