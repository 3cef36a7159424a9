"""Codes that fee rules of admission tickets may be for: of accounts, products, sessions, kinds of tickets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plugins.ticketing.kernel.models import SupplierAccount

from .models import AdmissionProduct, Session, TicketClass


def strange(codes: Mapping[str, str]) -> list[str]:
    """The scopes whose code nothing has, as `services.wishing.rule_keys` looks rules up. A statement for each."""
    return [scope for scope, code in codes.items() if scope not in _KNOWN or not _KNOWN[scope](code)]


_KNOWN: Mapping[str, Callable[[str], bool]] = {
    "supplier": lambda code: SupplierAccount.objects.filter(code=code).exists(),
    "product": lambda code: AdmissionProduct.objects.filter(code=code).exists(),
    "session": lambda code: (
        code.isascii() and code.isdecimal() and Session.objects.filter(pk=code[:18]).exists()
    ),
    "ticket_class": lambda code: TicketClass.objects.filter(fee_key=code).exists(),
}
