"""Who bought, as pages and the API show it."""

from __future__ import annotations

from typing import Any

from saleor_o2o.backoffice.privacy import masked_email, masked_person, masked_phone


def masked_buyer(order: Any) -> str:
    """Who bought, enough to recognise: name and telephone of the address, what the counter wrote down, or the mail."""
    address = order.shipping_address or order.billing_address
    if address is not None:
        return f"{masked_person(address)} {masked_phone(address.phone)}"
    sale = getattr(order, "o2o_counter_sale", None)
    told = getattr(sale, "masked_customer", "—")
    if told != "—":
        return str(told)
    return masked_email(order.user_email or (order.user.email if order.user else ""))
