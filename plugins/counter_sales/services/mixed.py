"""A sale paid in several ways: stored-value cards, cash, POS slips, and the rest by the code on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.interfaces import (
    Audience,
    Payer,
    Wish,
    compose_intent,
    hand_back_share,
    shares_by_hand,
)
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.scope import get_row, require

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..models import CounterSale, SaleState
from ..permissions import SELL
from ..sellers import check_limit
from .codes import note_money, open_code

COMPOSED = audit.action("counter.composed", _("柜台组合收款"))


def compose_sale(user: Any, sale_pk: int, wishes: Sequence[Wish]) -> CounterSale:
    """Cover a placed sale by exactly these parts; what they leave is paid by the code (`codes.show_code`).

    Cash is debited from the float at once, cards and slips are taken; nothing left to pay: the sale is paid. A code on
    the screen is closed at the provider first, so no transaction may be open. Locks, while writing: sale; then the
    cashier's, then the float. Raises OutOfScope, NotAllowed, OrgError LIMIT_EXCEEDED (cash), CounterError ALREADY_PAID,
    SALE_CLOSED, NO_FLOAT, FLOAT_INSUFFICIENT, SLIP_USED, and what the cashier refuses (`compose_intent`).
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    if sale.state in (SaleState.PAID, SaleState.HANDED):
        raise CounterError(Code.ALREADY_PAID, _("顾客已经付过款，不要再收"), hint=_("请刷新查看收款方式"))
    cash = sum((wish.amount or sale.total for wish in wishes if wish.kind == "cash"), Decimal(0))
    if cash:
        check_limit(user, "cash", cash, sale.unit, sale.channel_code)
    compose_intent(open_code(sale.pk), wishes, Payer(user, Audience.STAFF))
    audit.record(
        COMPOSED,
        sale,
        after={"parts": [f"{wish.kind} {wish.amount}" for wish in wishes]},
        org_path=sale.unit.path,
    )
    note_money(sale.order_id)
    return get_row(user, CounterSale, pk=sale_pk)


def release_sale(user: Any, sale_pk: int) -> CounterSale:
    """Let go of all parts of a placed sale: cards at once, what was taken by hand when it is handed back.

    Locks and errors as `compose_sale`.
    """
    return compose_sale(user, sale_pk, [])


def return_share(user: Any, sale_pk: int, share_pk: int, reference: str) -> CounterSale:
    """Notes were handed back, or the terminal has returned a card (`reference`: `终端号/凭证号`).

    Locks: the cashier's, then shift and float. Raises OutOfScope, NotAllowed, CounterError NOT_FOUND (nothing of this
    sale waits under that number), SHIFT_REQUIRED, POS_INVALID, POS_SLIP_USED.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    if share_pk not in {one.pk for one in shares_by_hand(sale.order_id)}:
        raise CounterError(Code.NOT_FOUND, _("没有找到待退还的款项，请刷新页面"))
    hand_back_share(user, share_pk, reference.strip() or str(_("当面退还")))
    return get_row(user, CounterSale, pk=sale_pk)
