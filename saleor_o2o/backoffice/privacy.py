"""Personal data as the back office shows it: enough to recognise somebody."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.masking import HIDDEN, mask_name, mask_phone


def masked_email(email: str) -> str:
    """`shopper1@example.com` → `s***@example.com`."""
    name, at, domain = (email or "").partition("@")
    return f"{name[:1]}{HIDDEN}@{domain}" if at else HIDDEN if name else "—"


def masked_phone(phone: Any) -> str:
    """A telephone number with its middle hidden."""
    text = getattr(phone, "as_e164", None) or str(phone or "")
    return mask_phone(text) if text else "—"


def masked_person(row: Any) -> str:
    """A user's or address's name in Chinese order, its given part hidden."""
    name = f"{getattr(row, 'last_name', '')}{getattr(row, 'first_name', '')}" if row is not None else ""
    return mask_name(name) if name else "—"


def masked_address(address: Any) -> str:
    """Where to in the large; street and house stay hidden."""
    if address is None:
        return "—"
    return f"{address.country_area}{address.city} {HIDDEN}（{masked_person(address)} {masked_phone(address.phone)}）"
