"""What a clerk typed, read strictly: anything odd is a refusal with the field's name, never a server error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.idempotency import fingerprint_of
from saleor_o2o.kernel.money import parse_yuan

from .error_codes import CounterErrorCode as Code
from .errors import CounterError
from .models import Delivery
from .phones import clean_phone

#: Pieces of one line, and lines of one sale.
MOST_PIECES = 999
MOST_LINES = 60
#: Things chosen to lower one sale.
MOST_CHOICES = 20
_KEY = re.compile(r"[0-9A-Za-z-]{16,64}")
_LENGTHS = {"customer_name": 30, "note": 300, "discount_reason": 100, "place": 80, "member": 60}


@dataclass(frozen=True, slots=True)
class LineWanted:
    """So many of a variant."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class AddressWanted:
    """Where to. `name` and `phone` are the receiver's."""

    name: str = ""
    phone: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A basket to be placed. `discount` and `expected_total` in yuan; `key` names the request.

    `member` names the member whose basket it is (else the telephone number does); `deductions` are what was chosen of
    sources: coupons by number, points by the member's consent (or, only to look, how many).
    """

    lines: tuple[LineWanted, ...]
    key: str = ""
    place: str = ""
    phone: str = ""
    customer_name: str = ""
    delivery: Delivery = Delivery.PICKUP
    address: AddressWanted = field(default_factory=AddressWanted)
    method_id: int | None = None
    note: str = ""
    discount: Decimal = Decimal("0.00")
    discount_reason: str = ""
    expected_total: Decimal | None = None
    member: str = ""
    deductions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Number and key of what is held (tickets), sold with the goods at the held price.
    holds: tuple[tuple[str, str], ...] = ()

    @property
    def fingerprint(self) -> str:
        """Tells two requests under one key apart."""
        told = asdict(self)
        if not self.holds:
            del told["holds"]
        return fingerprint_of(told)


def read_wanted(typed: Mapping[str, Any]) -> Wanted:
    """Read a basket from plain JSON (`lines: [{variant, quantity}]`, camel or snake case is the caller's to unify).

    Raises CounterError with the field at fault, and InvalidAmount.
    """
    delivery = str(typed.get("delivery") or Delivery.PICKUP)
    if delivery not in Delivery.values:
        raise CounterError(Code.ADDRESS_INCOMPLETE, _("取货方式不正确"), "delivery")
    texts = {name: _text(typed, name, most) for name, most in _LENGTHS.items()}
    phone = str(typed.get("phone") or "").strip()
    expected = typed.get("expected_total")
    discount = _amount(typed.get("discount"), "discount")
    if discount < 0:
        raise CounterError(Code.DISCOUNT_INVALID, _("优惠金额不能为负数"), "discount")
    holds = _holds(typed.get("holds"))
    return Wanted(
        lines=read_lines(typed.get("lines")) if typed.get("lines") or not holds else (),
        holds=holds,
        key=str(typed.get("key") or ""),
        phone=clean_phone(phone) if phone else "",
        delivery=Delivery(delivery),
        address=_address(typed.get("address")),
        method_id=_number(typed.get("method"), "method") if typed.get("method") else None,
        discount=discount,
        deductions=_deductions(typed.get("deductions")),
        expected_total=None if expected in (None, "") else _amount(expected, "expected_total"),
        **texts,
    )


def read_lines(typed: Any) -> tuple[LineWanted, ...]:
    """Read the lines; the same goods twice become one line. Raises CounterError."""
    if not isinstance(typed, list | tuple) or not typed:
        raise CounterError(Code.EMPTY_BASKET, _("还没有选择商品"), "lines")
    if len(typed) > MOST_LINES:
        raise CounterError(
            Code.QUANTITY_INVALID, _("一单最多 %(most)s 种商品") % {"most": MOST_LINES}, "lines"
        )
    wanted: dict[int, int] = {}
    for line in typed:
        if not isinstance(line, Mapping):
            raise CounterError(Code.EMPTY_BASKET, _("商品不正确"), "lines")
        variant = _number(line.get("variant"), "lines")
        wanted[variant] = wanted.get(variant, 0) + _number(line.get("quantity"), "lines")
    for quantity in wanted.values():
        if not 1 <= quantity <= MOST_PIECES:
            raise CounterError(
                Code.QUANTITY_INVALID,
                _("数量须在 1 到 %(most)s 之间") % {"most": MOST_PIECES},
                "lines",
            )
    return tuple(LineWanted(variant, quantity) for variant, quantity in wanted.items())


def check_key(key: str) -> str:
    """A request's key as given. Raises CounterError REQUEST_KEY_INVALID."""
    if not _KEY.fullmatch(key):
        raise CounterError(Code.REQUEST_KEY_INVALID, _("请求号不正确，请刷新页面后重试"), "key")
    return key


def _deductions(typed: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`{"coupons": ["C1"], "points": ["500"]}`, sources without a choice left out."""
    if not typed:
        return ()
    if not isinstance(typed, Mapping) or len(typed) > MOST_CHOICES:
        raise CounterError(Code.TEXT_TOO_LONG, _("优惠不正确"), "deductions")
    found = []
    for source, values in sorted(typed.items(), key=lambda one: str(one[0])):
        if not isinstance(values, list | tuple) or len(values) > MOST_CHOICES:
            raise CounterError(Code.TEXT_TOO_LONG, _("优惠不正确"), "deductions")
        kept = tuple(str(one).strip() for one in values if str(one).strip())
        if kept:
            found.append((str(source)[:20], kept))
    return tuple(found)


def _holds(typed: Any) -> tuple[tuple[str, str], ...]:
    """`[{"number": …, "key": …}]`; the key is for what a guest holds."""
    if not typed:
        return ()
    if not isinstance(typed, list | tuple) or len(typed) > MOST_LINES:
        raise CounterError(Code.QUANTITY_INVALID, _("占座单不正确"), "holds")
    found: dict[str, str] = {}
    for one in typed:
        told = one if isinstance(one, Mapping) else {}
        found[_text(told, "number", 40)] = _text(told, "key", 80)
    return tuple(sorted(found.items()))


def _address(typed: Any) -> AddressWanted:
    given = typed if isinstance(typed, Mapping) else {}
    most = {"name": 30, "phone": 20, "district": 40, "street": 120, "postcode": 6}
    return AddressWanted(**{name: _text(given, name, length) for name, length in most.items()})


def _text(typed: Mapping[str, Any], name: str, most: int) -> str:
    value = typed.get(name)
    text = "" if value is None else str(value).strip()
    if len(text) > most or "\x00" in text:
        raise CounterError(Code.TEXT_TOO_LONG, _("内容太长，最多 %(most)s 字") % {"most": most}, name)
    return text


def _number(value: Any, field_name: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise CounterError(Code.QUANTITY_INVALID, _("请输入整数"), field_name)
    return int(text)


def _amount(value: Any, field_name: str) -> Decimal:
    return Decimal("0.00") if value in (None, "") else parse_yuan(str(value), field_name)
