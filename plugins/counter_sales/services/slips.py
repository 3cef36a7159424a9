"""The pick-up slip: every print is counted, and from the second one on it says so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import segno
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.interfaces import PartFacts, parts_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import get_row, require

from ..deducting import Lowered, lowered_of_sale
from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..handing import Handing, handing_of
from ..hours import hours_text
from ..locks import lock_sale
from ..models import CashReceipt, CounterSale, PaidBy, PosReceipt, ReceiptKind, SaleState
from ..permissions import SELL
from ..places import Place, place_of_sale

PRINTED = audit.action("counter.slip_printed", _("打印取货小票"))
#: Rolls of 80 and 58 mm, and sheets.
PAPERS = ("80mm", "58mm", "a5", "a4")


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on the paper."""

    sale: CounterSale
    lines: list[Any]
    handing: Handing
    place: Place
    receipts: list[CashReceipt]
    cards: list[PosReceipt]
    parts: list[PartFacts]
    rest: Decimal
    paper: str
    copy: int
    code: str
    qr_svg: str
    hours: str
    lowered: list[Lowered]
    printed_at: Any

    @property
    def is_reprint(self) -> bool:
        return self.copy > 1


@transaction.atomic
def print_slip(user: Any, sale_pk: int, paper: str = "80mm") -> Slip:
    """Count one print of a paid sale's slip and give what stands on it. Locks: the sale.

    Raises OutOfScope, NotAllowed, CounterError NOT_PAID (an unpaid order gets no slip) and SALE_CLOSED.
    """
    found = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, found)
    sale = lock_sale(found.pk)
    if sale.state == SaleState.PLACED:
        raise CounterError(Code.NOT_PAID, _("收款后才能打印小票"))
    if sale.state == SaleState.CANCELLED:
        raise CounterError(Code.SALE_CLOSED, _("这笔销售已取消，没有小票"))
    sale.prints += 1
    sale.save(update_fields=["prints"])
    chosen = paper if paper in PAPERS else PAPERS[0]
    audit.record(PRINTED, sale, after={"copy": sale.prints, "paper": chosen}, org_path=sale.unit.path)
    valid = sale.state == SaleState.PAID
    handing = handing_of(sale)
    receipts, cards, parts = sale.receipts.all(), sale.pos_receipts.all(), []
    if sale.paid_by == PaidBy.MIXED:  # what was held and let go before is nobody's business on the paper
        parts = parts_of(sale.order_id)
        back = {"kind": ReceiptKind.GIVEN_BACK, "at__gte": sale.paid_at}
        receipts, cards = receipts.filter(**back), cards.filter(**back)
    return Slip(
        sale=sale,
        lines=handing.lines,
        handing=handing,
        place=place_of_sale(sale),
        receipts=list(receipts.order_by("pk")),
        cards=list(cards.order_by("pk")),
        parts=parts,
        rest=sale.total - sum((one.amount for one in parts), Decimal("0.00")),
        paper=chosen,
        copy=sale.prints,
        code=spaced(sale.pickup_code) if valid else "",
        qr_svg=qr_svg(sale.pickup_code) if valid and sale.pickup_code else "",
        hours=hours_text(sale.unit.business_hours),
        lowered=lowered_of_sale(sale.order),
        printed_at=now(),
    )


def spaced(code: str) -> str:
    """`ABCDEFGH` as `ABCD-EFGH`: easier to read aloud."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def qr_svg(content: str) -> str:
    """A QR code as inline SVG that takes the size it is given."""
    return str(segno.make(content, error="m", micro=False).svg_inline(omitsize=True, border=3))
