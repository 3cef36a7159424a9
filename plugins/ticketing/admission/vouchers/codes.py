"""The codes of vouchers, pure: signed QR codes that a gate reads without a network, and short codes to be typed.

`v1.<terms>.<nonce>.<signature>`: the terms say which voucher it is and what it is good for, the nonce ends when the
voucher is made anew, the signature is Ed25519 by a key that the nonce names. For hot shows a fifth part follows, the
time code of the half minute: a phone makes it from the voucher's secret without a network, a gate checks it from the
secret of the session, so that a picture of the screen is worth nothing a minute later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from saleor_o2o.kernel.numbering import check_digit, is_valid

VERSION = "v1"
#: Seconds that one time code counts.
STEP = 30
#: Steps before and after the present one that are taken: clocks of phones and gates differ.
SKEW = 1
#: Digits of a time code.
TIME_DIGITS = 8
#: Digits of a short code, the check digit included.
SHORT = 16
#: Longer than any code of ours.
MOST = 400
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_FIELD = re.compile(r"[0-9a-z]{1,13}")
_NONCE = re.compile(r"([0-9a-z]{1,8})-([A-Za-z0-9_]{6,32})")
_SEPARATORS = re.compile(r"[\s\-－—]")


class Unreadable(ValueError):
    """It is none of our codes, or one that somebody has changed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a signed code says: which voucher, for which product and session (0: none), from when until when (seconds
    since 1970, the end not included), for how many people at most, and whether it needs a time code."""

    voucher: int
    product: int
    session: int
    valid_from: int
    valid_until: int
    uses: int
    rotating: bool

    def text(self) -> str:
        """The terms as the code carries them."""
        fields = (self.voucher, self.product, self.session, self.valid_from, self.valid_until, self.uses)
        return "-".join([*(_to36(one) for one in fields), "r" if self.rotating else "s"])


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: nothing of it is proven before `genuine` said so."""

    terms: Terms
    nonce: str
    key: str
    signature: bytes
    #: What is signed, and the base of the time code.
    base: str
    time_code: str


def new_nonce(key: str) -> str:
    """A nonce by which the key is named and nobody guesses the next one."""
    return f"{key}-{secrets.token_hex(8)}"


def signed(terms: Terms, nonce: str, key: Ed25519PrivateKey) -> str:
    """The code of a voucher, without a time code."""
    base = f"{VERSION}.{terms.text()}.{nonce}"
    return f"{base}.{_encode(key.sign(base.encode()))}"


def read(text: str) -> Code:
    """Take a code apart. Raises Unreadable."""
    told = text.strip()
    parts = told.split(".")
    if len(told) > MOST or not told.isascii() or len(parts) not in (4, 5) or parts[0] != VERSION:
        raise Unreadable("not a voucher")
    named = _NONCE.fullmatch(parts[2])
    fields = parts[1].split("-")
    if named is None or len(fields) != 7 or fields[6] not in ("r", "s"):
        raise Unreadable("not a voucher")
    if not all(_FIELD.fullmatch(one) for one in fields[:6]):
        raise Unreadable("not a voucher")
    voucher, product, session, start, end, uses = (int(one, 36) for one in fields[:6])
    terms = Terms(voucher, product, session, start, end, uses, rotating=fields[6] == "r")
    try:
        signature = _decode(parts[3])
    except (NotBase64, ValueError) as error:
        raise Unreadable("not a signature") from error
    time_code = parts[4] if len(parts) == 5 else ""
    if time_code and not (len(time_code) == TIME_DIGITS and time_code.isdigit()):
        raise Unreadable("not a time code")
    return Code(terms, parts[2], named[1], signature, ".".join(parts[:3]), time_code)


def genuine(code: Code, key: Ed25519PublicKey) -> bool:
    """Whether the key has signed it."""
    try:
        key.verify(code.signature, code.base.encode())
    except InvalidSignature:
        return False
    return True


def session_secret(master: bytes, product: int, session: int) -> bytes:
    """The secret of a session's (or product's) time codes: gates of that session have it."""
    return hmac.new(master, f"rotation:{product}:{session}".encode(), hashlib.sha256).digest()


def voucher_secret(of_session: bytes, base: str) -> bytes:
    """The secret of one voucher: its phone has it. It ends with the nonce."""
    return hmac.new(of_session, base.encode(), hashlib.sha256).digest()


def time_code(of_voucher: bytes, moment: datetime | float) -> str:
    """The digits of the half minute."""
    return _at_step(of_voucher, _step(moment))


def time_code_fits(of_voucher: bytes, told: str, moment: datetime | float, *, skew: int = SKEW) -> bool:
    """Whether the digits are of now, or of `skew` steps around it."""
    step = _step(moment)
    return any(
        hmac.compare_digest(_at_step(of_voucher, step + shift), told) for shift in range(-skew, skew + 1)
    )


def new_short() -> str:
    """Sixteen random digits, the last one checks the others: 50 bits, typed on a keypad without letters."""
    digits = "".join(str(secrets.randbelow(10)) for _place in range(SHORT - 1))
    return digits + check_digit(digits)


def read_short(text: str) -> str | None:
    """A typed short code in its stored form; None for anything else, a mistyped one included."""
    told = _SEPARATORS.sub("", text)
    sound = len(told) == SHORT and told.isascii() and told.isdigit() and is_valid(told)
    return told if sound else None


def in_fours(short: str) -> str:
    """A short code as people read it: `1234 5678 9012 3456`."""
    return " ".join(short[place : place + 4] for place in range(0, len(short), 4))


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def moment_of(told: int) -> datetime:
    """The moment of seconds since 1970; absurd ones are the last day there is."""
    try:
        return datetime.fromtimestamp(told, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _step(moment: datetime | float) -> int:
    told = moment.timestamp() if isinstance(moment, datetime) else moment
    return int(told // STEP)


def _at_step(secret: bytes, step: int) -> str:
    # truncated as RFC 4226 does, over SHA-256 as RFC 6238 allows
    digest = hmac.new(secret, step.to_bytes(8, "big", signed=True), hashlib.sha256).digest()
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**TIME_DIGITS:0{TIME_DIGITS}d}"


def _to36(value: int) -> str:
    if value < 0:
        raise ValueError("terms are never negative")
    found = ""
    while True:
        value, rest = divmod(value, 36)
        found = _BASE36[rest] + found
        if not value:
            return found


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(raw) != 64 or _encode(raw) != text:
        raise ValueError("not 64 bytes, or not their one spelling")
    return raw
