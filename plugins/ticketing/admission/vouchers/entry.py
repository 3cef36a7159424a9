"""What lets the people of a voucher in, in one place: our code, or the codes of the supplier whose gate it is.

Everything that shows a voucher asks here: text messages, paper, the counter, the API, resellers. Our own gates know
our codes only, a supplier's gates only its own, so nobody is shown a code that his gate does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import GOING
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.picks import pick_of, pictures_of
from saleor_o2o.kernel.clock import SHANGHAI

from ..candidates import OWN
from ..models import Voucher
from .choices import PaperWay
from .codes import in_fours
from .showing import kept

#: Codes in one text message; more are read in the order.
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class EntryCode:
    """One code. `shown`: as people read it; `qr`: what its picture holds, empty where a picture would not count (a
    rotating code is in a phone only). `tickets`: our numbers of those it lets in."""

    code: str = field(repr=False)
    shown: str = field(repr=False)
    qr: str = field(repr=False)
    tickets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """The codes of a voucher, none for a void one. `words`: what a supplier said beside codes, label and text."""

    theirs: bool
    label: str
    codes: tuple[EntryCode, ...]
    words: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> str:
        """The codes in a message, or else how the tickets are fetched."""
        shown = [one.shown for one in self.codes]
        if len(shown) > MOST_TOLD:
            return _("%(codes)s 等 %(count)d 个（见订单）") % {
                "codes": "、".join(shown[:MOST_TOLD]), "count": len(shown),
            }  # fmt: skip
        words = "，".join(f"{label} {text}" for label, text in self.words)
        return "、".join(shown) or words or _("见订单")


def is_theirs(order: TicketOrder) -> bool:
    """Whether a supplier's own codes let in: it said how, or its tickets are not from our inventory."""
    return bool(order.pick_code) or (order.supplier is not None and order.supplier.adapter != OWN)


def entry_of(voucher: Voucher, *, pictures: bool = True) -> Entry:
    """What is shown of a voucher. Reads its order with the supplier, and its tickets: fetch them before for many.

    `pictures` False: without the texts of QR codes, which saves signing where only words are told.
    """
    order = voucher.ticket_order
    if voucher.on_paper:
        return _for_paper(voucher)
    if not is_theirs(order):
        return Entry(False, _("入场码"), () if voucher.void_at is not None else (_ours(voucher, pictures),))
    if voucher.void_at is not None:
        return Entry(True, _("入园码"), ())
    codes = _theirs(voucher, pictures_of(order) if pictures else {})
    # the words repeat the codes, which may be of tickets that went back meanwhile
    words = () if codes else tuple(pick_of(order).items())
    return Entry(True, _("入园码"), codes, words)


def _for_paper(voucher: Voucher) -> Entry:
    """What the guest shows at the window to get his paper ticket; the code of the paper is on the paper only."""
    label = _("换票码")
    if voucher.void_at is not None:
        return Entry(False, label, ())
    if voucher.papered_at is not None:
        told = f"{voucher.papered_at.astimezone(SHANGHAI):%m-%d %H:%M} {voucher.papered_where}"
        return Entry(False, label, (), ((_("已换纸票"), _("%(told)s，凭纸票入场") % {"told": told}),))
    if voucher.on_paper == PaperWay.MAIL:
        return Entry(False, label, (), ((_("纸票邮寄"), _("凭寄到的纸票入场")),))
    numbers = tuple(one.number for one in _tickets(voucher))
    # no signed code: a gate without a network would let it in
    return Entry(False, label, (EntryCode(voucher.code, in_fours(voucher.code), voucher.code, numbers),))


def _ours(voucher: Voucher, pictures: bool) -> EntryCode:
    signed = kept(voucher) if pictures and not voucher.rotating else None
    numbers = tuple(one.number for one in _tickets(voucher)) if pictures else ()
    return EntryCode(voucher.code, in_fours(voucher.code), signed.code if signed is not None else "", numbers)


def _theirs(voucher: Voucher, pictures: dict[str, str]) -> tuple[EntryCode, ...]:
    found: dict[str, list[str]] = {}
    for ticket in _tickets(voucher):
        if ticket.their_number and ticket.state not in GOING:  # nothing is shown of what goes back
            found.setdefault(ticket.their_number, []).append(ticket.number)
    return tuple(
        EntryCode(code, code, pictures.get(code, code), tuple(numbers)) for code, numbers in found.items()
    )


def _tickets(voucher: Voucher) -> Sequence[Ticket]:
    return sorted(voucher.tickets.all(), key=lambda one: one.pk)
