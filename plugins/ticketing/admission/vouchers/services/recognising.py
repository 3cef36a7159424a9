"""Which voucher is meant by what was scanned, typed or said; none that is not the asker's business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.models import Ticket, TicketPassenger
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import RESIDENT, DocumentKind, number_of
from saleor_o2o.kernel.pace import retry_after

from ...models import Gate, Voucher, VoucherOldCode
from .. import codes
from ..choices import Way
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..finding import TAIL, code_index, tail_index
from ..moving import ALIVE
from ..places import Post, in_scope, right_gate
from ..scanning import Asked
from ..visits import with_visits
from .keys import Key, key_of, secret_of

#: Codes, documents and telephones that one asker may try in a minute; what is signed is not counted.
TRIES = 60
MOST_PEOPLE = 1000
MOST_TEXT = codes.MOST


@dataclass(frozen=True, slots=True)
class Found:
    """What was recognised: a voucher, or why there is none; whose ticket it was found by."""

    way: Way
    voucher: Voucher | None = None
    void: bool = False
    time_code: bool | None = None
    people_of: frozenset[int] = frozenset()
    #: Found by the guest's own code, which counted before his ticket was put on paper.
    stale: bool = False


def check(asked: Asked) -> None:
    """Refuse what cannot be a scan. Raises VoucherError MALFORMED."""
    if not 1 <= len(asked.number) <= 60 or "\0" in asked.number + asked.text or len(asked.text) > MOST_TEXT:
        raise VoucherError(Code.MALFORMED, _("扫到的内容不正确"), "text", _("请对准二维码再扫一次"))
    if asked.people is not None and not 1 <= asked.people <= MOST_PEOPLE:
        raise VoucherError(Code.MALFORMED, _("人数不正确"), "people", _("请填写 1 到 1000"))


def find(post: Post, asked: Asked, moment: datetime) -> Found:
    """The voucher that is meant, within the asker's reach. Raises VoucherError SEVERAL, TOO_OFTEN."""
    text = asked.text.strip()
    if is_signed(asked):
        return _by_qr(post, asked, moment)
    wait = retry_after("ticketing.redeem", post.asker, TRIES)
    if wait:
        raise VoucherError(
            Code.TOO_OFTEN, _("试的次数太多，请 %(seconds)d 秒后再试") % {"seconds": wait}, "text",
            _("请扫二维码，或看清后再输入"),
        )  # fmt: skip
    if asked.phone:
        return _by_tail(post, asked.phone, text, moment)
    short = codes.read_short(text)
    if short is not None and asked.way != Way.DOCUMENT:
        return _by_code(post, short)
    return _by_document(post, text, moment)


def _vouchers() -> Any:
    return (
        Voucher.objects.select_related(
            "product__unit", "product__spot", "product__venue", "session", "ticket_order"
        )
        .defer("code", "ticket_order__contact", "ticket_order__mobile", "ticket_order__pick_code")
        .prefetch_related(Prefetch("session__gates", Gate.objects.only("pk")))
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A code that one of our keys has signed; whether its voucher is still as it says is to be seen."""

    code: codes.Code
    key: Key

    @property
    def voucher(self) -> int:
        """The key of the voucher."""
        return self.code.terms.voucher


def is_signed(asked: Asked) -> bool:
    """Whether a signed code was scanned, or what looks like one."""
    return asked.text.strip().startswith(f"{codes.VERSION}.")


def shown(asked: Asked) -> Shown | None:
    """The signed code that was scanned; None for what is none of ours. No statement, once the keys are read."""
    try:
        code = codes.read(asked.text.strip())
    except codes.Unreadable:
        return None
    key = key_of(code.key)
    return Shown(code, key) if key is not None and codes.genuine(code, key.public) else None


def standing_of(post: Post, seen: Shown, voucher: Voucher | None, moment: datetime) -> Found:
    """What a signed code stands for, given its voucher as it is now (None: there is none)."""
    code = seen.code
    if voucher is None or not in_scope(post, voucher):
        return Found(Way.QR)
    if voucher.nonce != code.nonce:
        return Found(Way.QR, void=True)
    fits = None
    if voucher.rotating or code.terms.rotating:
        of_session = secret_of(seen.key, code.terms.product, code.terms.session)
        fits = bool(code.time_code) and codes.time_code_fits(
            codes.voucher_secret(of_session, code.base), code.time_code, moment
        )
    return Found(Way.QR, voucher, time_code=fits)


def _by_qr(post: Post, asked: Asked, moment: datetime) -> Found:
    seen = shown(asked)
    if seen is None:
        return Found(Way.QR)
    return standing_of(post, seen, _vouchers().filter(pk=seen.voucher).first(), moment)


def _by_code(post: Post, short: str) -> Found:
    index = code_index(short)
    voucher = _vouchers().filter(code_index=index).first()
    if voucher is not None:
        return Found(Way.CODE, voucher if in_scope(post, voucher) else None)
    old = VoucherOldCode.objects.select_related("voucher__product__unit").filter(code_index=index).first()
    if old is None or not in_scope(post, old.voucher):
        return Found(Way.CODE)
    if not old.was_paper and old.voucher.papered_at is not None and old.voucher.void_at is None:
        # the code of the phone: its ticket is on paper by now, which is no secret to who has the code
        return Found(Way.CODE, _vouchers().get(pk=old.voucher_id), stale=True)
    return Found(Way.CODE, void=True)


def _by_tail(post: Post, phone: str, tail: str, moment: datetime) -> Found:
    if len(phone) != 4 or len(tail) != TAIL or not (phone + tail).isascii() or not (phone + tail).isdigit():
        return Found(Way.PHONE)
    rows = _vouchers().filter(tail_index=tail_index(phone, tail), void_at=None)
    return _only(post, Way.PHONE, list(with_visits(rows)[:10]), moment)


def _by_document(post: Post, text: str, moment: datetime) -> Found:
    indexes = document_indexes(text)
    if not indexes:
        return Found(Way.DOCUMENT)
    people = TicketPassenger.objects.filter(document_index__in=indexes)
    rows = _vouchers().filter(
        tickets__passenger__in=people, void_at=None, valid_until__gt=moment - timedelta(days=30)
    )
    found = list(with_visits(rows).distinct().order_by("valid_from", "pk")[:20])
    own = Ticket.objects.filter(passenger__in=people, vouchers__in=found)
    told = list(own.values_list("pk", "state", "vouchers"))
    # of several vouchers one in which his own ticket still counts
    counts = {voucher for _pk, state, voucher in told if state in ALIVE}
    one = _only(post, Way.DOCUMENT, [row for row in found if row.pk in counts] or found, moment)
    return Found(Way.DOCUMENT, one.voucher, people_of=frozenset(pk for pk, _state, _voucher in told))


def _only(post: Post, way: Way, rows: Sequence[Voucher], moment: datetime) -> Found:
    """The one that is meant: of those for here the one that is good now. Raises SEVERAL."""
    here = [one for one in rows if in_scope(post, one)]
    good = [one for one in here if right_gate(post, one) and one.standing_at(moment) == "usable"]
    if len(good) > 1 and (way == Way.PHONE or len({one.product_id for one in good}) > 1):
        raise VoucherError(
            Code.SEVERAL, _("找到 %(count)d 张可用的票") % {"count": len(good)}, "text",
            _("请出示二维码，或输入完整的入场码"),
        )  # fmt: skip
    found = good or [one for one in here if right_gate(post, one)] or here
    return Found(way, found[0] if found else None)


def document_indexes(text: str) -> list[str]:
    """The blind indexes under which tickets of this document's holder are found; none for what is no number."""
    found = set()
    for kind in DocumentKind:
        number = number_of(kind, text)
        if number is not None:
            of = DocumentKind.ID_CARD if kind in RESIDENT else kind
            found.add(blind_index(f"{of}\0{number}", "ticketing.passenger"))
    return sorted(found)
