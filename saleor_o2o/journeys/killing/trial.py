"""One trial: drawn by its seed, played, healed by beat's jobs, and looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from saleor_o2o.composition import active, beat_schedule

from .board import ANY, Aim, Orders
from .books import faults, snapshot
from .buying import Buying, Gone, Refused
from .house import House
from .points import KILLED, PASSED
from .stage import WORKER
from .stories import STORIES, title

#: Parts whose jobs heal; jobs that only file or fetch are left out.
HEALERS = ("kernel", "cashier", "ordering", "wechat_pay", "stripe_pay", "counter_sales")
IDLE = frozenset(
    {
        "wechat_pay.fetch-bills", "ordering.receive-due", "ordering.complete-due", "counter_sales.refresh-names",
        "counter_sales.check-floats",
    }
)  # fmt: skip
#: Seconds that pass before each round of jobs: the first finds what is due soon, the last what waited for hours.
ROUNDS = (45.0, 150.0, 1000.0, 3 * 3600.0, 12 * 3600.0)
#: How often a process dies at a border, to how often between two statements of one transaction.
BORDER, INSIDE = 6, 1
SECOND_DEATH = 0.3
#: What stands before a fault in a lane's lines.
FAULT = "✘"
#: Seeds take the stories in turns: a lane that plays every so-manieth seed needs to rehearse its share of them only.
SHARES = 2
#: How far into the healing the second death may come, in points.
FAR = 40


@dataclass(slots=True)
class Outcome:
    """How a trial went. `deaths`: where processes died; `faults`: what was wrong at the end."""

    seed: int
    story: str
    aim: Aim | None
    buying: Buying = field(repr=False)
    deaths: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        died = "；".join(self.deaths) or "无人死亡"
        return f"种子 {self.seed}「{self.story}」{died}（{self.seconds:.1f} 秒）" + "".join(
            f"\n      {FAULT} {one}" for one in self.faults
        )


@dataclass(frozen=True)
class Trade:
    """What is bought in trials: who buys, what must hold in the end, all that a job could change; parts whose jobs
    heal, jobs of theirs that are left out, and the seconds before each round of them."""

    people: Callable[[House, int, Random, bool], Any] = Buying
    faults: Callable[[Any], list[str]] = faults
    snapshot: Callable[[Any], tuple[Any, ...]] = snapshot
    healers: tuple[str, ...] = HEALERS
    idle: Collection[str] = IDLE
    rounds: tuple[float, ...] = ROUNDS


@dataclass
class Trials:
    """Trials in one house. `without`: jobs of beat that do not run (to show that they are needed)."""

    house: House
    without: Collection[str] = ()
    stories: tuple[Callable[[Any], None], ...] = STORIES
    trade: Trade = Trade()
    points: dict[str, list[Aim]] = field(default_factory=dict)
    number: int = 0

    def run(self, seed: int) -> Outcome:
        """Draw what is bought, where who dies, whether an answer that was lost is asked for again."""
        random = Random(seed)  # noqa: S311 - to be repeatable, not secret
        story = random.choice(self.stories[seed % SHARES :: SHARES] or self.stories)
        points = self.rehearse(story)
        aim = random.choices(points, [_weight(one) for one in points])[0]
        persists = random.random() < 0.7
        second = random.randint(1, FAR) if random.random() < SECOND_DEATH else 0
        return self.play(story, aim, seed=seed, persists=persists, second=second)

    def rehearse(self, story: Callable[[Any], None]) -> list[Aim]:
        """Play a story without a death, once; the points at which somebody can die in it. Raises on any fault."""
        name = story.__name__
        if name not in self.points:
            outcome = self.play(story, None, noting=True)
            if outcome.faults:
                raise AssertionError(str(outcome))
            mine = [row for row in self.house.passed() if row[0] == PASSED and row[1] == str(self.number)]
            found = {Aim(role, point, int(nth)) for _what, _trial, role, point, nth in mine}
            self.points[name] = sorted(found, key=str)
        return self.points[name]

    def play(
        self,
        story: Callable[[Any], None],
        aim: Aim | None,
        *,
        seed: int = 0,
        persists: bool = True,
        second: int = 0,
        noting: bool = False,
    ) -> Outcome:
        """Play a story in which `aim` strikes; `second`: the worker dies again so many points into the healing."""
        began = time.monotonic()
        self.number += 1
        buying = self.trade.people(self.house, self.number, Random(seed), persists)  # noqa: S311
        outcome = Outcome(seed, title(story), aim, buying)
        self.house.command(Orders(self.number, aim, noting))
        try:
            try:
                story(buying)
            except (Gone, Refused) as end:
                if aim is None:
                    outcome.faults.append(f"没有人死亡，却没有买成：{end}")
            with suppress(TimeoutError):
                buying.settle()
            self.house.sandbox.clear_faults()  # also one that nobody ran into
            self.house.command(Orders(self.number, None, noting=False))
            self.heal(buying, second)
            outcome.faults += self.trade.faults(buying)
            outcome.faults += self._again(buying)
        except TimeoutError as stuck:
            outcome.faults.append(str(stuck))
        mine = [
            row
            for row in self.house.passed()
            if row[0] == KILLED and row[1] in (str(self.number), str(-self.number))
        ]
        outcome.deaths = [f"{role} · {point} · {nth}" for _what, _trial, role, point, nth in mine]
        outcome.seconds = time.monotonic() - began
        return outcome

    def heal(self, buying: Buying, second: int = 0) -> None:
        """Hours pass, and beat's jobs run; the broker hands out what the dead worker had."""
        self.house.give_back_reserved()
        if second:  # counting begins anew under another number
            self.house.command(Orders(-self.number, Aim(WORKER, ANY, second)))
        for seconds in self.trade.rounds:
            buying.wait(seconds)
            buying.run(*self.jobs())
            buying.settle()
        self.house.command(Orders(self.number))

    def _again(self, buying: Buying) -> Iterable[str]:
        """Running every job once more changes nothing."""
        before = self.trade.snapshot(buying)
        buying.wait(3600)
        buying.run(*self.jobs())
        buying.settle()
        if self.trade.snapshot(buying) != before:
            yield "再跑一遍任务，账目又变了"

    def jobs(self) -> list[str]:
        """The tasks that heal, as beat knows them; what it sends more often comes first, as it does in life."""
        schedule = beat_schedule(active())
        names = [name for plugin in active() if plugin.name in self.trade.healers for name in plugin.beat]
        names.sort(key=lambda name: float(schedule[name]["schedule"]))
        return [
            str(schedule[name]["task"])
            for name in names
            if name not in self.trade.idle and name not in self.without
        ]


def _weight(aim: Aim) -> int:
    """A death inside a transaction only undoes it, and a mail is no money: the borders of the rest are tried more."""
    dull = aim.point.startswith("before writing ") or ".emails." in aim.point
    return INSIDE if dull else BORDER
