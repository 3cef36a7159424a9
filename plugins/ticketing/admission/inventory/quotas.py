"""Counting units: every quota of a wish by a guarded update, in the order of their keys, the hot rows last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from ..choices import SessionState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from . import statements
from .asking import Wish


def sold_out(left: int | None = None) -> AdmissionError:
    """There are not as many left as somebody wants."""
    hint = _("请减少张数，或换其他日期、场次") if left else _("请换其他日期、场次，或登记缺货提醒")
    words = _("余票不足，还剩 %(left)d 张") % {"left": left} if left else _("已售完")
    return AdmissionError(Code.SOLD_OUT, words, "quantity", hint)


def cancelled() -> AdmissionError:
    """The session does not take place."""
    return AdmissionError(Code.NOT_ON_SALE, _("场次已取消"), "session", _("请选择其他场次"))


def quotas_of(wishes: Sequence[Wish]) -> list[list[int]]:
    """The quotas of each wish. Raises SOLD_OUT at once where it is plain to see that they have too few.

    Without a quota only seats are sold: nothing is unlimited. One statement per wish. Raises NOT_ON_SALE, also of a
    cancelled session.
    """
    found: list[list[int]] = []
    lefts: dict[int, int] = {}
    for wish in wishes:
        rows = statements.QUOTAS.rows(
            {
                "product": wish.product, "day": wish.day, "session": wish.session, "slot": wish.slot,
                "channel": wish.channel, "class": wish.ticket_class,
            }
        )  # fmt: skip
        found.append(
            counted(wish, rows[0][2], [(pk, left) for pk, left, _state in rows if pk is not None], lefts)
        )
    return found


def counted(
    wish: Wish, state: str | None, rows: Sequence[Sequence[int]], lefts: dict[int, int] | None = None
) -> list[int]:
    """The quotas of a wish of those that were read (key and what is left). `lefts`: what other wishes leave of them.

    Raises as `quotas_of`.
    """
    lefts = {} if lefts is None else lefts
    # who lost his hold asks again after he has paid: what is cancelled by then is not taken anew
    if state == SessionState.CANCELLED:
        raise cancelled()
    if not rows and wish.seat_map is None:
        raise AdmissionError(
            Code.NOT_ON_SALE, _("所选日期或场次还没有开放"), "day", _("请选择其他日期、场次")
        )
    for pk, left in rows:
        lefts[pk] = lefts.get(pk, left) - wish.quantity
        if lefts[pk] < 0:
            raise sold_out(max(0, left))
    return [pk for pk, _left in rows]


def needed(wishes: Sequence[Wish], quotas: Sequence[Sequence[int]]) -> dict[int, int]:
    """How many units of every quota, in the order of the keys."""
    units: dict[int, int] = {}
    for wish, keys in zip(wishes, quotas, strict=True):
        for key in keys:
            units[key] = units.get(key, 0) + wish.quantity
    return dict(sorted(units.items()))


def take_units(units: Mapping[int, int]) -> bool:
    """Take from every quota or from none. Locks: the quotas, in the order of their keys. One statement each."""
    taken: list[int] = []
    with connection.cursor() as cursor:
        for key, count in sorted(units.items()):
            cursor.execute(statements.TAKE_UNITS, [count, key, count])
            if cursor.rowcount == 0:
                for before in taken:  # ours already: nobody waits
                    cursor.execute(statements.PUT_BACK, [units[before], before])
                return False
            taken.append(key)
    return True


def put_back(units: Mapping[int, int]) -> None:
    """Give units back. Locks: the quotas, in the order of their keys."""
    with connection.cursor() as cursor:
        for key, count in sorted(units.items()):
            cursor.execute(statements.PUT_BACK, [count, key])
