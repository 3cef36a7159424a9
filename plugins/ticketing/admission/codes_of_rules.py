"""Codes that fee rules of admission tickets may be for: of accounts, products, sessions, kinds of tickets."""

from __future__ import annotations

from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.services.reach import typed_key
from plugins.ticketing.kernel.trades import Codes

from .models import AdmissionProduct, Session, TicketClass

#: As `services.wishing.rule_keys` looks rules up; a statement each.
CODES: Codes = {
    "supplier": lambda code: SupplierAccount.objects.filter(code=code).exists(),
    "product": lambda code: AdmissionProduct.objects.filter(code=code).exists(),
    "session": lambda code: Session.objects.filter(pk=typed_key(code)).exists(),
    "ticket_class": lambda code: TicketClass.objects.filter(fee_key=code).exists(),
}
