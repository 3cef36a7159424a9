"""A search: from what was typed to what was typed, asking the networks where what is known is old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.pace import retry_after

from ..errors import CoachError, TooOften
from ..errors import CoachErrorCode as Code
from ..selectors.first_days import first_day
from ..selectors.places import goals, seasons, serving, those_named
from ..selectors.shifts import Found, search
from ..windows import check_presale, in_presale, last_day
from .keeping import begin
from .refreshing import freshen

#: Searches of one asker in a minute.
PACE = 60


@dataclass(frozen=True, slots=True)
class Buses:
    """What a search found, and of which day."""

    day: date
    found: list[Found]


def buses(asker: str, start: str, goal: str, day: date | None) -> Buses:
    """Buses from what was typed to what was typed; `day` None: the first one that may still have some
    (`selectors.first_days`). Asks the networks where what is known is old.

    Raises CoachError NOT_FOUND, NOT_IN_PRESALE, TooOften.
    """
    if seconds := retry_after("coach.search", asker, PACE):
        raise TooOften(seconds)
    begin()
    beginnings = those_named(start[:40], boards=True)
    if not beginnings:
        raise CoachError(Code.NOT_FOUND, _("没有这个上车站"), "start", _("请从列表里选择车站或城市"))
    ends = goals(beginnings, goal[:40])
    if not ends:
        raise CoachError(Code.NOT_FOUND, _("从这里没有到那里的班车"), "goal", _("请换一个上车站或到站"))
    known = seasons()
    asked = serving(beginnings, ends)
    day = day or first_day(asked, ends)
    on = now().date()
    if asked and not any(in_presale(one, known, day, on) for one in asked):
        # of a town the station that sells the longest says until when
        check_presale(max(asked, key=lambda one: last_day(one, known, on)), known, day)
    freshen(asked, day)
    return Buses(day, search(asked, ends, day, known))
