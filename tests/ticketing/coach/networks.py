"""Two coach networks in this process that sell the same buses under names, codes and prices of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from plugins.ticketing.coach.ports import FREE, FULL, HALF, ON_SALE, TheirShift, TheirStation, TheirStop
from plugins.ticketing.kernel.ports import SupplierSilent
from saleor_o2o.kernel.clock import SHANGHAI

from ..orders.suppliers import Pretended

D = Decimal
DAY = date(2026, 12, 1)
#: Nine in the morning, the day before.
MORNING = datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Bus:
    """A bus as everybody knows it: places by our codes, kilometres, minutes of the day, whole fare."""

    number: str
    stops: tuple[tuple[str, int], ...]
    leaves: str
    fare: str
    flow: bool = False
    seats: int = 40
    extra: bool = False


BUSES = (
    Bus("1", (("CQ-LTS", 0), ("CQ-TL", 75), ("SC-SN", 165)), "08:00", "60"),
    Bus("2", (("CQ-LTS", 0), ("CQ-TL", 75), ("SC-SN", 165)), "14:00", "60"),
    Bus("3", (("CQ-BZN", 0), ("CQ-FL", 105)), "06:30", "45", flow=True, seats=120),
)


@dataclass
class Network(Pretended):
    """`names`: our code → the network's name as a station and as a destination; `dearer`: yuan on every fare."""

    code: str = ""
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    buses: tuple[Bus, ...] = BUSES
    dearer: str = "0"
    charge: str = "2.00"
    stop_sale: int = 30
    left: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = (FULL, HALF, FREE)
    most: int = 5
    #: Surcharges inside of the fares, by kind of ticket and part.
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    quiet: bool = False
    questions: int = 0

    def theirs(self, ours: str) -> str:
        """Its code of one of our places."""
        return f"{self.code}{sorted(self.names).index(ours):03d}"

    def _asked(self) -> None:
        self.questions += 1
        if self.quiet:
            raise SupplierSilent("没有应答")

    def stations(self) -> Sequence[TheirStation]:
        self._asked()
        starts = sorted({bus.stops[0][0] for bus in self.buses})
        return [
            TheirStation(
                self.theirs(one), self.names[one][0], "重庆", stop_sale=self.stop_sale, presale_days=7, most=self.most,
                opens=time(5), closes=time(22),
            )
            for one in starts
        ]  # fmt: skip

    def stops(self, station: str) -> Sequence[TheirStop]:
        self._asked()
        return [
            TheirStop(f"L{bus.stops[-1][0]}", self.theirs(place), self.names[place][1], kilometres=km)
            for bus in self.buses
            if self.theirs(bus.stops[0][0]) == station
            for place, km in bus.stops[1:]
        ]

    def shifts(self, station: str, goal: str, day: date) -> Sequence[TheirShift]:
        self._asked()
        return [
            self._row(bus, place, km, day)
            for bus in self.buses
            if self.theirs(bus.stops[0][0]) == station
            for place, km in bus.stops[1:]
        ]

    def shift(self, product: Mapping[str, Any]) -> TheirShift:
        self._asked()
        day = date.fromisoformat(product["day"])
        bus = next(one for one in self.buses if f"{self.code}-{one.number}" == product["shift"])
        place, km = next(one for one in bus.stops if self.theirs(one[0]) == product["goal"])
        return replace(self._row(bus, place, km, day), free_seats=("1", "2"))

    def _row(self, bus: Bus, place: str, km: int, day: date) -> TheirShift:
        leaves = datetime.combine(day, time.fromisoformat(bus.leaves), tzinfo=SHANGHAI)
        share = D(bus.fare) * km / bus.stops[-1][1] + D(self.dearer)
        full = share.quantize(D("0.01"))
        prices = {FULL: full, HALF: (full / 2).quantize(D("0.01")), FREE: D("0.00")}
        services = {FULL: D(self.charge), HALF: D(self.charge), FREE: D("0.00")}
        shift, start, goal = f"{self.code}-{bus.number}", self.theirs(bus.stops[0][0]), self.theirs(place)
        return TheirShift(
            shift=shift, day=day, flow=bus.flow, start=start, goal=goal, start_name=self.names[bus.stops[0][0]][0],
            goal_name=self.names[place][1], departs=leaves, last=leaves + timedelta(hours=12 if bus.flow else 0),
            arrives=leaves + timedelta(minutes=km), prices={key: prices[key] for key in self.kinds},
            services={key: services[key] for key in self.kinds}, costs={key: prices[key] for key in self.kinds},
            parts={kind: {part: D(told) for part, told in parts.items()} for kind, parts in self.parts.items()},
            product={"day": day.isoformat(), "shift": shift, "start": start, "goal": goal}, vehicle="大型高一级",
            seats=bus.seats, extra=bus.extra,
            kilometres=km, left=self.left.get(bus.number, 20), children_left=4, gate="3号检票口",
            state=self.states.get(bus.number, ON_SALE), stop_sale=self.stop_sale,
        )  # fmt: skip


NAMES = {
    "CQ-LTS": ("重庆龙头寺汽车站", "龙头寺"), "CQ-BZN": ("重庆北站南广场汽车站", "北站南广场"),
    "CQ-TL": ("铜梁", "铜梁"), "SC-SN": ("遂宁", "遂宁"), "CQ-FL": ("涪陵", "涪陵"),
}  # fmt: skip
OTHERS = {
    "CQ-LTS": ("龙头寺站", "重庆主城"), "CQ-BZN": ("北站南广场站", "重庆主城"), "CQ-TL": ("重庆铜梁", "重庆铜梁"),
    "SC-SN": ("遂宁", "遂宁"), "CQ-FL": ("重庆涪陵", "重庆涪陵"),
}  # fmt: skip
