"""Which of our places a network's place is: by its name where that is beyond doubt, else by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ..access import STATION_EDIT
from ..choices import MatchBy
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..models import ShiftOffer, Station, SupplierStation
from ..names import names_of, pinyin_of, plain, stem

MATCHED = audit.action("coach.station_matched", _("确认客票网站点对应"))
UNMATCHED = audit.action("coach.station_unmatched", _("取消客票网站点对应"))
#: Proposals that a person is shown.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """One of our places that this may be: why, in words, the likeliest first."""

    station: Station
    score: int
    why: str


def proposals(row: SupplierStation, stations: Sequence[Station]) -> list[Proposal]:
    """Which of our places a network's place may be. Pure."""
    theirs = {plain(one) for one in (row.name, row.goal_name) if one}
    stems = {stem(one) for one in (row.name, row.goal_name) if one}
    found = []
    for station in stations:
        score, why = 0, ""
        if theirs & set(names_of(station)):
            score, why = 100, str(_("名称或别名一致"))
        elif stems & {stem(station.name), *(stem(one) for one in station.aliases.split())}:
            score, why = 80, str(_("去掉“汽车站”等字样后一致"))
        elif row.area and stem(row.area) and stem(row.area) == stem(station.county) and not row.boards:
            score, why = 50, str(_("在同一区县"))
        elif row.initials and row.initials.lower() in (station.initials, pinyin_of(stem(station.name))[1]):
            score, why = 40, str(_("简拼一致"))
        if score and row.city and station.city and stem(row.city) != stem(station.city):
            # names repeat from town to town
            score -= 35
            why = f"{why}{_('，但城市不同')}"
        if score:
            found.append(Proposal(station, score, why))
    return sorted(found, key=lambda one: (-one.score, one.station.code))[:SHOWN]


def match_by_name(supplier_id: int) -> int:
    """Match whatever has a name of exactly one of our places, in the same town; how many. Three statements.

    Not what a person has said is no place of that name (`unmatch`).
    """
    stations = list(Station.objects.filter(active=True))
    rows = list(
        SupplierStation.objects.filter(supplier_id=supplier_id, station=None, matched_by=MatchBy.NOBODY)
    )
    for row in rows:
        sure = [one for one in proposals(row, stations) if one.score == 100]
        if len(sure) == 1:
            row.station, row.matched_by = sure[0].station, MatchBy.SYSTEM
    done = [row for row in rows if row.station_id is not None]
    SupplierStation.objects.bulk_update(done, ["station", "matched_by"])
    return len(done)


@transaction.atomic
def match(by: Any, pk: int, station: Station) -> SupplierStation:
    """A person says which of our places it is. Locks: the row. Raises OutOfScope, NotAllowed, ALREADY_MATCHED."""
    require(by, STATION_EDIT, get_row(by, SupplierStation, pk=pk))
    [row] = lock_rows(SupplierStation.objects.filter(pk=pk))
    if row.station_id is not None:
        raise CoachError(
            Code.ALREADY_MATCHED, _("已有对应站点"), "station", _("如需更改，请先取消原来的对应")
        )
    row.station, row.matched_by = station, MatchBy.PERSON
    row.save(update_fields=["station", "matched_by"])
    audit.record(MATCHED, row, after={"code": row.code, "station": station.code}, actor=actor_label(by))
    return row


@transaction.atomic
def unmatch(by: Any, pk: int, reason: str) -> SupplierStation:
    """It is not that place: its buses are not sold any more from now on, and no name matches it again, only a person.

    Locks: the row. Raises OutOfScope, NotAllowed.
    """
    require(by, STATION_EDIT, get_row(by, SupplierStation, pk=pk))
    [row] = lock_rows(SupplierStation.objects.select_related("station").filter(pk=pk))
    before = {"station": row.station.code if row.station else ""}
    wrong = row.station_id
    row.station, row.matched_by = None, MatchBy.REFUSED
    row.save(update_fields=["station", "matched_by"])
    if wrong is not None:
        there = Q(station=wrong) | Q(shift_day__shift__line__start=wrong)
        ShiftOffer.objects.filter(there, supplier=row.supplier_id).delete()
    audit.record(
        UNMATCHED, row, before=before, after={"station": "", "reason": reason}, actor=actor_label(by)
    )
    return row
