"""The lines: who stops where after how many kilometres, when buses go, how dear a kilometre is, which network sells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

PROVINCE, FANGBIAN = "province", "fangbian"
BOTH = (PROVINCE, FANGBIAN)
BIG, MIDDLE = ("大型高一级", 45), ("中型高一级", 29)
STATION_FEE = 200  # fen, in every fare
FUEL = 2  # fen a kilometre, in every fare
STEP = 50  # fares are whole half yuan


@dataclass(frozen=True, slots=True)
class Line:
    """number: stable, part of every code. stops: place and kilometres from the first. boards: where one may get on.

    first, last: minutes of the day; every: minutes between two buses; flow: any bus of the day, no seat numbers.
    fare: fen for a kilometre. nets: who sells it.
    """

    number: int
    stops: tuple[tuple[str, int], ...]
    boards: frozenset[str]
    first: int
    last: int
    every: int
    flow: bool
    vehicle: str
    seats: int
    fare: int
    nets: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Where the buses start."""
        return self.stops[0][0]

    def at(self, place: str) -> int | None:
        """Which stop a place is; None where no bus of the line stops."""
        return next((index for index, (key, _km) in enumerate(self.stops) if key == place), None)

    def kilometres(self, board: int, alight: int) -> int:
        """Between two stops."""
        return self.stops[alight][1] - self.stops[board][1]

    def price(self, board: int, alight: int) -> int:
        """The whole fare in fen, in half yuan."""
        return round_to(self.kilometres(board, alight) * self.fare + STATION_FEE)


def round_to(fen: int, step: int = STEP) -> int:
    """The nearest step, half of one upwards."""
    return (fen + step // 2) // step * step


def half(fen: int) -> int:
    """Half a fare in half yuan, a quarter upwards."""
    return (fen + 2 * STEP - 1) // (2 * STEP) * STEP


# stops with kilometres; first and last bus, minutes between; kind of bus; fen a kilometre; nets
_THERE = (
    ("longtousi tongliang:75 tongnan:115 suining:165", "07:30 18:00 90", BIG, 36, BOTH),
    ("longtousi hechuan:70 wusheng:115 nanchong:170", "07:00 18:30 60", BIG, 36, BOTH),
    ("longtousi linshui:105 guangan:130", "07:10 18:10 80", BIG, 37, BOTH),
    ("longtousi changshou:75 dianjiang:135 liangping:190 wanzhou:265", "07:00 19:00 60", BIG, 38, BOTH),
    ("longtousi chengdudong:310", "08:00 18:00 120", BIG, 34, (PROVINCE,)),
    ("beizhan chengdubei:305", "08:30 18:30 120", BIG, 33, (FANGBIAN,)),
    ("beizhan fuling:105", "06:30 21:30 20 flow", BIG, 38, BOTH),
    ("hongqihegou hechuan:65", "06:30 21:30 15 flow", MIDDLE, 38, BOTH),
    ("hongqihegou changshou:70", "06:40 19:00 20 flow", MIDDLE, 38, (PROVINCE,)),
    ("chenjiaping bishan:38 tongliang:72", "06:30 20:00 15 flow", MIDDLE, 37, (PROVINCE,)),
    ("chenjiaping yongchuan:68 rongchang:100 luzhou:175", "07:20 18:20 60", BIG, 37, BOTH),
    ("chenjiaping dazu:92", "07:00 19:00 40", MIDDLE, 38, BOTH),
    ("chenjiaping jiangjin:48", "06:30 20:30 15 flow", MIDDLE, 36, (FANGBIAN,)),
    ("sigongli qijiang:70 zunyi:245 guiyang:380", "08:00 16:00 120", BIG, 35, BOTH),
    ("sigongli nanchuan:95 wulong:170", "07:00 18:00 60", BIG, 37, BOTH),
    ("sigongli wulong:170 pengshui:220 qianjiang:265", "07:30 16:30 90", BIG, 38, BOTH),
    ("longtousi fengdu:165 zhongxian:215", "07:40 17:40 100", MIDDLE, 38, (PROVINCE,)),
    ("longtousi wanzhou:265* yunyang:310 fengjie:365", "08:20 15:20 140", BIG, 38, BOTH),
    ("chenjiaping yongchuan:68 yibin:265", "08:10 16:10 120", BIG, 36, BOTH),
    ("longtousi wanzhou:265 kaizhou:310", "08:40 16:40 160", BIG, 38, (FANGBIAN,)),
    ("hongqihegou tongnan:115", "07:00 18:00 60", MIDDLE, 37, (PROVINCE,)),
)


@cache
def lines() -> tuple[Line, ...]:
    """Every line, and back again; 1 to 21 go out of the middle of Chongqing, 51 to 71 come in."""
    there = [_line(number, *row) for number, row in enumerate(_THERE, start=1)]
    return (*there, *(_back(line) for line in there))


def minutes(clock: str) -> int:
    """08:30 as minutes of the day."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def _line(
    number: int, stops: str, times: str, bus: tuple[str, int], fare: int, nets: tuple[str, ...]
) -> Line:
    origin, *others = stops.split()
    parts = [one.rstrip("*").split(":") for one in others]
    first, last, every, *kind = times.split()
    return Line(
        number=number,
        stops=((origin, 0), *((key, int(km)) for key, km in parts)),
        boards=frozenset({origin, *(one.split(":")[0] for one in others if one.endswith("*"))}),
        first=minutes(first), last=minutes(last), every=int(every), flow=bool(kind),
        vehicle=bus[0], seats=bus[1], fare=fare, nets=nets,
    )  # fmt: skip


def _back(line: Line) -> Line:
    whole = line.stops[-1][1]
    origin = line.stops[-1][0]
    return Line(
        number=line.number + 50,
        stops=tuple((key, whole - km) for key, km in reversed(line.stops)),
        boards=(line.boards - {line.origin}) | {origin},
        first=line.first, last=line.last, every=line.every, flow=line.flow,
        vehicle=line.vehicle, seats=line.seats, fare=line.fare, nets=line.nets,
    )  # fmt: skip
