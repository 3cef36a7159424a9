"""Numbers for people and for outside systems.

Numbers for people end in a Damm check digit: one wrong digit and any two neighbours swapped are always
noticed, at the counter and on the telephone. They are not secret and may have gaps.
"""

from __future__ import annotations

import os
import re
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from .clock import SHANGHAI, now
from .errors import DomainError, KernelErrorCode
from .locks import AdvisoryKey, advisory_lock
from .prepared import Prepared

# Damm's quasigroup of order 10: weakly totally anti-symmetric, zeros on the diagonal.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)

# Without 0/O, 1/I/L, 2/Z, 5/S, 8/B and U/V: 24 characters that survive handwriting and the telephone.
SHORT_ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PREFIX = re.compile(r"[A-Z]{0,4}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ORG = re.compile(r"\d{0,6}")
_EXTERNAL_PREFIX = re.compile(r"[0-9A-Za-z]{0,8}")


class InvalidNumber(DomainError):
    """The number was mistyped, or is of another kind."""

    def __init__(self, field: str | None = None) -> None:
        super().__init__(KernelErrorCode.INVALID_NUMBER, _("号码不正确，请核对后重新输入"), field)


@dataclass(frozen=True, slots=True)
class NumberKind:
    """A registered kind of number; see `number_kind`."""

    name: str
    prefix: str
    width: int
    date_format: str
    block: int

    @property
    def sequence(self) -> str:
        return f"o2o_number_{self.name}"


class NumberLock(AdvisoryKey):
    """SEQUENCE: whoever creates the sequence of a kind that `migrate` has not seen."""

    SEQUENCE = "kernel.number_sequence"


_kinds: dict[str, NumberKind] = {}


def number_kind(
    name: str, prefix: str, *, width: int = 8, date_format: str = "%y%m%d", block: int = 1
) -> NumberKind:
    """Register a kind of number: `WORK_ORDER = number_kind("work_order", "G")`.

    A number is prefix (up to four capital letters), date, organisation digits if any, a running number of
    `width` digits and the check digit. `migrate` creates its PostgreSQL sequence; it starts again at 1
    after 10^width numbers, which the date keeps apart. `block`: how many a process takes out of the sequence at a
    time, for what a crowd makes (docs/decisions/0152-numbers-by-the-block.md); numbers of two processes are then not in
    the order of time. Raises ValueError for a name or prefix that is taken or malformed.
    """
    if not _NAME.fullmatch(name) or not _PREFIX.fullmatch(prefix) or not 4 <= width <= 12 or block < 1:
        raise ValueError(f"number kind {name!r} is malformed")
    if name in _kinds or any(kind.prefix == prefix for kind in _kinds.values()):
        raise ValueError(f"number kind {name!r} or its prefix {prefix!r} is already taken")
    _kinds[name] = NumberKind(name, prefix, width, date_format, block)
    return _kinds[name]


def next_number(kind: NumberKind, org: str = "", *, at: datetime | None = None) -> str:
    """Return the next number of a kind, e.g. `G2511220000000173`. Takes no lock; gaps after rollbacks,
    and after a process where it takes them by the block.

    `at` (aware) is the moment whose date it carries; default: now.
    """
    return next_numbers(kind, [(org, at)])[0]


def next_numbers(kind: NumberKind, wanted: Sequence[tuple[str, datetime | None]]) -> list[str]:
    """Return a number for each organisation part and moment; one statement, however many. As `next_number`."""
    return numbers_of([(kind, org, at) for org, at in wanted])


def numbers_of(wanted: Sequence[tuple[NumberKind, str, datetime | None]]) -> list[str]:
    """Return a number of each kind, organisation part and moment; one statement, however many, and none for what is
    left of a block. As `next_number`.
    """
    if not all(_ORG.fullmatch(org) for _kind, org, _at in wanted):
        raise ValueError("the organisation part is up to six digits")
    kinds = [kind for kind, _org, _at in wanted]
    values = _next_values(kinds)
    if None in values:
        # Declared since the last `migrate` (a template database of the tests): make up for it, one at a time, since
        # IF NOT EXISTS does not look at what others have not committed.
        with transaction.atomic():
            for kind in sorted(set(kinds), key=lambda one: one.name):
                advisory_lock(NumberLock.SEQUENCE, kind.name)
                create_sequence(kind)
        values = _next_values(kinds)
    found = []
    for (kind, org, at), running in zip(wanted, values, strict=True):
        dated = now() if at is None else at.astimezone(SHANGHAI)
        digits = f"{dated:{kind.date_format}}{org}{running:0{kind.width}d}"
        found.append(f"{kind.prefix}{digits}{check_digit(digits)}")
    return found


def parse_number(kind: NumberKind, text: str, field: str | None = None) -> str:
    """Return a typed number in its stored form; blanks, dashes and small letters are forgiven.

    Raises InvalidNumber for a wrong prefix, length or check digit.
    """
    cleaned = _clean(text)
    digits = cleaned.removeprefix(kind.prefix)
    shortest = len(f"{now():{kind.date_format}}") + kind.width + 1
    if not cleaned.startswith(kind.prefix) or len(digits) < shortest or not is_valid(digits):
        raise InvalidNumber(field)
    return cleaned


def check_digit(digits: str) -> str:
    """Return the Damm check digit of a string of digits 0 to 9. Raises ValueError for anything else."""
    return str(_damm(digits))


def is_valid(digits: str) -> bool:
    """True when the last digit is the check digit of those before it."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and _damm(digits) == 0


def external_number(prefix: str = "") -> str:
    """Return a new number for an outside system (`out_trade_no`, `out_refund_no`): at most 32 of `[0-9A-Z]`.

    Prefix (up to eight letters or digits), Shanghai time to the second, 12 random characters (62 bits).
    Capitals only after the prefix, so that a partner who ignores case cannot confuse two. Store it
    before use, in a unique column. Raises ValueError for a malformed prefix.
    """
    if not _EXTERNAL_PREFIX.fullmatch(prefix):
        raise ValueError("the prefix is up to eight letters or digits")
    tail = "".join(secrets.choice(_BASE36) for _ in range(12))
    return f"{prefix}{now():%y%m%d%H%M%S}{tail}"


def short_code(length: int = 8) -> str:
    """Return a random code without look-alikes for pick-up and vouchers (4.6 bits a character).

    Unguessable only together with a limit on attempts; uniqueness is the caller's column.
    """
    if length < 4:
        raise ValueError("a code shorter than four characters can be guessed")
    return "".join(secrets.choice(SHORT_ALPHABET) for _ in range(length))


def clean_code(text: str, field: str | None = None) -> str:
    """Return a typed short code in its stored form. Raises InvalidNumber for characters it cannot have."""
    cleaned = _clean(text)
    if not cleaned or set(cleaned) - set(SHORT_ALPHABET):
        raise InvalidNumber(field)
    return cleaned


def create_sequence(kind: NumberKind, using: str = "default") -> None:
    """Create the sequence of a kind unless it exists."""
    connection = connections[using]
    name = connection.ops.quote_name(kind.sequence)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name} MAXVALUE {10**kind.width - 1} CYCLE")


def create_missing_sequences(using: str = "default", **kwargs: Any) -> None:
    """Create the sequences of all registered kinds; `migrate` calls this at its end."""
    for kind in _kinds.values():
        create_sequence(kind, using)


#: nextval(NULL) is NULL: a missing sequence does not break the transaction.
_NEXT = Prepared(
    "numbers",
    "SELECT nextval(to_regclass(name)) FROM unnest(%(names)s) WITH ORDINALITY AS one(name, at) ORDER BY at",
    {"names": "text[]"},
)


#: What this process has taken out of sequences and not given out yet, by database and kind.
_stock: dict[tuple[str, ...], deque[int]] = {}
# a child has a copy of what its parent gives out
os.register_at_fork(after_in_child=_stock.clear)


def _next_values(kinds: Sequence[NumberKind]) -> list[int | None]:
    """A value for each; None where the sequence is missing."""
    kept = [_kept(kind) for kind in kinds]
    wanted = [kind for kind, value in zip(kinds, kept, strict=True) if value is None]
    if not wanted:
        return kept
    more = [kind for kind in dict.fromkeys(wanted) for _one in range(kind.block - 1)]
    names = [f'"{kind.sequence}"' for kind in (*wanted, *more)]
    # who has to take a block is luck, and no matter of what he does
    values = [value for (value,) in _NEXT.rows({"names": names}, logged=not more)]
    for kind, value in zip(more, values[len(wanted) :], strict=True):
        if value is not None:
            _stock_of(kind).append(value)
    fetched = iter(values)
    return [next(fetched) if value is None else value for value in kept]


def _kept(kind: NumberKind) -> int | None:
    """The next one that this process has; it is nobody else's, in whatever thread."""
    try:
        return _stock_of(kind).popleft() if kind.block > 1 else None
    except IndexError:
        return None


def _stock_of(kind: NumberKind) -> deque[int]:
    told = connections["default"].settings_dict
    place = (told["HOST"], str(told["PORT"]), told["NAME"], kind.name)
    return _stock.setdefault(place, deque())


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        if digit not in "0123456789":
            raise ValueError("check digits are for digits")
        interim = int(_DAMM[interim][int(digit)])
    return interim


def _clean(text: str) -> str:
    return re.sub(r"[\s\-－—]", "", text).upper()
