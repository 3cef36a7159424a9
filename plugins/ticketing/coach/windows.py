"""When a bus may be sold: presale days, hours of the day, and the stop of the sale. Pure: nothing looks at rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .errors import CoachError
from .errors import CoachErrorCode as Code
from .models import Season, Station


def last_day(station: Station, seasons: Iterable[Season], on: date) -> date:
    """The last day of travel that is sold on a day; days of a season may be sold earlier than others."""
    usual = on + timedelta(days=max(1, station.presale_days) - 1)
    longest = on + timedelta(days=max(1, station.season_days) - 1)
    days = [min(one.last, longest) for one in seasons if one.first <= longest and one.last > usual]
    return max([usual, *days])


def opening_day(station: Station) -> date:
    """The first day of travel that a station sells from now on: after its closing time nothing of today any more."""
    moment = now()
    closed = moment.time() >= station.closes and station.presale_days > 1
    return moment.date() + timedelta(days=1 if closed else 0)


def in_presale(station: Station, seasons: Iterable[Season], day: date, on: date) -> bool:
    """Whether a day of travel is sold on a day."""
    if day < on:
        return False
    if day <= on + timedelta(days=max(1, station.presale_days) - 1):
        return True
    longest = on + timedelta(days=max(1, station.season_days) - 1)
    return day <= longest and any(one.first <= day <= one.last for one in seasons)


def stops_at(station: Station, last: datetime, network_minutes: int) -> datetime:
    """When the sale of a bus ends: the earlier one of the station's and the network's moments."""
    return last - timedelta(minutes=max(station.stop_minutes, network_minutes))


def told_times(place: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """When an order's bus leaves (a flow's first one) and when its ticket is past, as its buyer was told last."""
    return datetime.fromisoformat(place["departs"]), datetime.fromisoformat(place["last"])


def check_presale(station: Station, seasons: Iterable[Season], day: date) -> None:
    """Refuse a day that is over or not sold yet. Raises CoachError NOT_IN_PRESALE."""
    on = now().date()
    known = list(seasons)
    if day < on:
        raise CoachError(Code.NOT_IN_PRESALE, _("乘车日期已过"), "day", _("请选择今天或以后的日期"))
    if not in_presale(station, known, day, on):
        raise CoachError(
            Code.NOT_IN_PRESALE,
            _("%(station)s现在只售到 %(day)s 的车票")
            % {"station": station.name, "day": f"{last_day(station, known, on):%Y-%m-%d}"},
            "day",
            _("请选择更近的日期，或到时再来"),
        )  # fmt: skip


def check_hours(station: Station) -> None:
    """Refuse a sale outside of the station's hours. Raises CoachError OUT_OF_HOURS."""
    clock = now().time()
    if not station.opens <= clock < station.closes:
        raise CoachError(
            Code.OUT_OF_HOURS,
            _("%(station)s每天 %(opens)s 至 %(closes)s 售票")
            % {
                "station": station.name, "opens": f"{station.opens:%H:%M}", "closes": f"{station.closes:%H:%M}",
            },
            None,
            _("请在售票时间内购买"),
        )  # fmt: skip


def check_stop(station: Station, last: datetime, network_minutes: int) -> None:
    """Refuse a bus that leaves too soon. Raises CoachError STOPPED_SALE."""
    if now() >= stops_at(station, last, network_minutes):
        minutes = max(station.stop_minutes, network_minutes)
        raise CoachError(
            Code.STOPPED_SALE,
            _("发车前 %(minutes)d 分钟停止售票，这一班已停售") % {"minutes": minutes},
            "shift",
            _("请选择后面的班次，或到车站窗口购买"),
        )
