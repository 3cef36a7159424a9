"""Which deaths a run plays: at the borders of ticketing's own steps, spread evenly over each story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from ..board import Aim
from ..house import House
from ..trial import Outcome, Trade, Trials
from .books import faults, snapshot
from .riding import Riding, open_networks
from .stories import FURTHER, STORIES

#: Jobs that heal what may be broken here, by the beginnings of their names.
_HEAL = (
    "kernel.deliver",
    "cashier.",
    "ordering.recover",
    "ordering.find",
    "wechat_pay",
    "ticketing.",
    "coach.notices",
)
_ONLY_READ = {
    "wechat_pay.fetch-bills", "ticketing.take-statements", "ticketing.forget-quotes", "ticketing.expire-vouchers",
    "ticketing.run-refund-batches",
}  # fmt: skip
#: Borders that are aimed at until somebody dies.
TRIES = 4
_OURS = (
    "o2o_ticketing_", "o2o_coach_", "plugins.ticketing", "/coach_", "/insurer/", "/hooks/ticketing", "/graphql/"
)  # fmt: skip


def trials_of(house: House) -> Trials:
    """Trials with coach tickets in a house that has its networks."""
    from saleor_o2o.composition import active

    healers = ("kernel", "cashier", "ordering", "wechat_pay", "ticketing")
    jobs = {name for plugin in active() if plugin.name in healers for name in plugin.beat}
    idle = {name for name in jobs if not name.startswith(_HEAL)} | _ONLY_READ
    trade = Trade(
        people=Riding, faults=faults, snapshot=snapshot, idle=idle,
        healers=healers, rounds=(120.0, 1000.0, 2200.0),
    )  # fmt: skip
    open_networks(Riding(house, 0, Random(0)))  # noqa: S311 - nobody buys
    return Trials(house, stories=(*STORIES, *FURTHER), trade=trade)


def borders(points: Sequence[Aim]) -> list[Aim]:
    """Of the points of a story those between two steps of ticketing; inside of a transaction nothing is half done."""
    return [
        one
        for one in points
        if any(part in one.point for part in _OURS) and not one.point.startswith("before writing ")
    ]


def play(trials: Trials, each: int) -> Iterator[Outcome]:
    """So many deaths of each story, and who lost an answer asks again every other time.

    Of the further stories two thirds as many, and only where they differ from those before.
    """
    seen: set[tuple[str, str]] = set()
    for story in trials.stories:
        points = borders(trials.rehearse(story))
        count = each
        if story in FURTHER:
            points = [one for one in points if (one.role, one.point) not in seen or one.nth > 1]
            count = max(1, each * 2 // 3)
        seen |= {(one.role, one.point) for one in points}
        for at in range(min(count, len(points))):
            place = at * len(points) // count
            for further in range(TRIES):
                # the networks' call-backs come when they come: a ride may never get to a border of the rehearsal
                aim = points[(place + further) % len(points)]
                outcome = trials.play(story, aim, seed=at, persists=bool(at % 3))
                yield outcome
                if outcome.deaths or outcome.faults:
                    break
