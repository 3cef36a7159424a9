"""What people type or scan to find an order, as a condition on its profile."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.scope import rows_for

from .models import OrderProfile
from .numbers import read_number
from .seams import found_by_plugins

#: What the search understands, for whoever types.
HELP = _("订单号、子订单号、商城编号、手机号或尾号、完整邮箱；柜台单号、小票取货码")
#: Blanks and dashes of a telephone number as it is said; +86 in front of it.
_SAID = re.compile(r"[\s-]")


def matching(text: str) -> Q | None:
    """Orders that a text means: number (a part's too), key, telephone or its last digits, mail, a plugin's word.

    None for nothing typed. The caller narrows to the scope.
    """
    word = text.strip().removeprefix("#")[:80]
    if not word:
        return None
    found = Q(order__user_email__iexact=word)
    number = read_number(word)
    digits = _SAID.sub("", word).removeprefix("+86")
    if number:
        return found | Q(number=number)
    if digits.isascii() and digits.isdigit():
        if len(digits) <= 9:
            found |= Q(pk=int(digits))
        if 4 <= len(digits) <= 13:
            found |= Q(order__shipping_address__phone__endswith=digits)
            found |= Q(order__billing_address__phone__endswith=digits)
    known = found_by_plugins(word)
    return found | Q(pk__in=known) if known else found


def find_orders(user: Any, text: str, permission: str, most: int = 20) -> list[OrderProfile]:
    """Up to `most` orders that the text means and that the user has the permission over, the newest first."""
    found = matching(text)
    if found is None:
        return []
    rows = rows_for(user, OrderProfile, permission).filter(found)
    related = ("order__shipping_address", "order__billing_address", "order__user")
    return list(rows.select_related(*related).order_by("-pk")[:most])
