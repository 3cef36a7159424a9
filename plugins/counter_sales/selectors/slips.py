"""Which card slips of today are written down, wherever they were: as a whole payment, a return or a part."""

from __future__ import annotations

from datetime import datetime, time

from django.utils import timezone

from saleor_o2o.kernel.clock import today

from ..models import CounterSale, PosReceipt, PosSlip


def taken_whole(sale: CounterSale, number: str) -> bool:
    """True when today a card payment or return of the sale's unit bears this number, whatever its terminal."""
    return PosReceipt.objects.filter(sale__unit=sale.unit_id, slip=number, day=today()).exists()


def taken_as_part(sale: CounterSale, number: str) -> bool:
    """True when today a part of a sale of the sale's unit bears this number.

    A part does not say its terminal, and every terminal stands at one unit: the number alone is compared.
    """
    since = timezone.make_aware(datetime.combine(today(), time.min))
    return PosSlip.objects.filter(sale__unit=sale.unit_id, number=number, at__gte=since).exists()
