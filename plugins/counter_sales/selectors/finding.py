"""Orders of the counter by what stands on a slip, or what a customer says."""

from __future__ import annotations

from contextlib import suppress

from django.db.models import Q

from saleor_o2o.kernel.numbering import InvalidNumber, clean_code

from ..errors import CounterError
from ..models import CounterSale
from ..phones import clean_phone, phone_index, tail_index
from ..services.placing import pickup_index

#: The newest sales that a text means; the asker narrows them to the scope.
MOST = 500


def orders_by(text: str) -> set[int]:
    """Keys of orders: by the sale's number, the slip's code (typed or scanned), a telephone or its last four digits.

    One statement.
    """
    word = text.strip()[:80]
    found = Q(number__iexact=word)
    with suppress(InvalidNumber):
        found |= Q(pickup_index=pickup_index(clean_code(word)))
    if len(word) == 4 and word.isascii() and word.isdigit():
        found |= Q(tail_index=tail_index(word))
    else:
        with suppress(CounterError):
            found |= Q(phone_index=phone_index(clean_phone(word)))
    rows = CounterSale.objects.filter(found).order_by("-pk")
    return set(rows.values_list("order_id", flat=True)[:MOST])
