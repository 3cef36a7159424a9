"""How a voucher is found by what somebody shows or says."""

from __future__ import annotations

from saleor_o2o.kernel.crypto import blind_index

#: Digits of the short code that go with the last four of the telephone.
TAIL = 6


def code_index(short: str) -> str:
    """Finds a voucher by its short code."""
    return blind_index(short, "ticketing.voucher_code")


def tail_index(mobile: str, short: str) -> str:
    """Finds it by the last four digits of the telephone and the last six of the code; "" without a telephone."""
    digits = "".join(one for one in mobile if one.isdigit())
    return blind_index(f"{digits[-4:]}-{short[-TAIL:]}", "ticketing.voucher_tail") if len(digits) >= 4 else ""
