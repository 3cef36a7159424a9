"""What a phone keeps of a voucher, so that it can be shown without a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..models import Voucher
from . import codes
from .services.keys import Key, key_of, secret_of


@dataclass(frozen=True, slots=True)
class Kept:
    """The signed code, and for a rotating one the secret (hexadecimal) from which the phone makes a time code every
    `step` seconds: it shows `code` + "." + time code."""

    code: str
    short: str
    rotating: bool
    secret: str = field(repr=False)
    step: int
    digits: int
    valid_from: datetime
    valid_until: datetime


def terms_of(voucher: Voucher) -> codes.Terms:
    """What the signed code of a voucher says."""
    return codes.Terms(
        voucher.pk, voucher.product_id, voucher.session_id or 0, codes.seconds(voucher.valid_from),
        codes.seconds(voucher.valid_until), voucher.uses, voucher.rotating,
    )  # fmt: skip


def kept(voucher: Voucher) -> Kept | None:
    """None where the key of the voucher was withdrawn: it has to be made anew; the short code still counts. None also
    where only a paper ticket lets in: its signed code is on the paper, and on no phone."""
    return None if voucher.on_paper else _kept(voucher)


def printed(voucher: Voucher) -> str:
    """The signed code of a voucher as its paper ticket shows it; "" where its key was withdrawn."""
    found = _kept(voucher)
    return found.code if found is not None else ""


def _kept(voucher: Voucher) -> Kept | None:
    key = key_of(voucher.nonce.partition("-")[0])
    if key is None:
        return None
    text = codes.signed(terms_of(voucher), voucher.nonce, key.private)
    secret = time_secret(key, voucher, text).hex() if voucher.rotating else ""
    return Kept(
        text, voucher.code, voucher.rotating, secret, codes.STEP, codes.TIME_DIGITS, voucher.valid_from,
        voucher.valid_until,
    )  # fmt: skip


def time_secret(key: Key, voucher: Voucher, text: str) -> bytes:
    """The secret of a rotating voucher's time codes."""
    of_session = secret_of(key, voucher.product_id, voucher.session_id or 0)
    return codes.voucher_secret(of_session, text.rpartition(".")[0])
