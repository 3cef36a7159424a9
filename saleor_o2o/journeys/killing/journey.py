"""Journey ``pay-killed``: two hundred purchases and refunds in which web or worker dies, in two lanes side by side."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from threading import Thread
from urllib.parse import urlsplit

from django.conf import settings

from saleor_o2o.cli.environment import NOWHERE, child_environment, python
from saleor_o2o.journeys.world import Differs, World

from .trial import FAULT, SHARES

#: How many, in how many lanes; a look at less: O2O_KILL_TRIALS=20 ./o2o journey pay-killed.
TRIALS = int(os.environ.get("O2O_KILL_TRIALS", "200"))
LANES = SHARES
_STORY = re.compile(r"「(?P<story>.+?)」(?P<deaths>.*?)（")


def play(world: World) -> None:
    """Play the trials in databases of their own; the platform that the journey was given is not touched."""
    only_here()
    world.step(f"{TRIALS} 次购买和退款，每次在随机的一步用 SIGKILL 杀死网站或后台任务，重启后由定时任务自愈")
    lanes = [_Lane(first) for first in range(LANES)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    told = [line for lane in lanes for line in lane.told]
    trials = [found for line in told if (found := _STORY.search(line))]
    if any(lane.code for lane in lanes):
        raise Differs("有账对不上：\n" + "\n".join(line for lane in lanes for line in wrong_lines(lane.told)))
    world.expect("完成的次数", len(trials), TRIALS)
    stories = Counter(one["story"] for one in trials)
    for story, times in sorted(stories.items()):
        world.say(f"      {times:>3} 次 {story}")
    deaths = Counter(role for one in trials for role in re.findall(r"(web|worker) · ", one["deaths"]))
    twice = sum(1 for one in trials if one["deaths"].count(" · ") > 2)
    world.step(
        f"网站死了 {deaths['web']} 次，后台任务死了 {deaths['worker']} 次，其中 {twice} 次在自愈途中又死一次"
    )
    world.step("没有白收的钱，没有无主的库存，每笔收退款恰好一条事件，什么都没有发生两次；任务再跑一遍也不变")


def only_here() -> None:
    """Refuse a platform elsewhere: processes are killed, and databases made. Raises Differs."""
    if (
        urlsplit(settings.DATABASES["default"].get("NAME", "")).path
        == urlsplit(NOWHERE["DATABASE_URL"]).path[1:]
    ):
        raise Differs("这个流程要自己起停进程和数据库，只能在平台所在的机器上演练")


def play_lane(module: str, *told: str) -> tuple[list[str], int]:
    """Play a lane to its end; its lines and its exit code."""
    lane = subprocess.Popen(  # noqa: S603 - our own program
        python("-m", module, *told),
        env=child_environment({"PYTHONWARNINGS": "ignore"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert lane.stdout is not None  # noqa: S101 - it is a pipe
    return [line.rstrip() for line in lane.stdout], lane.wait()


def wrong_lines(told: list[str]) -> list[str]:
    """The trials whose books disagree, with what was wrong; what a lane said last, should it have broken off."""
    trial, found = "", []
    for line in told:
        if _STORY.search(line):
            trial = line
        elif FAULT in line:
            found += [trial, line] if trial not in found else [line]
    return found or told[-40:]


class _Lane(Thread):
    """One process that plays every so-manieth seed from the first on."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.first = first
        self.told: list[str] = []
        self.code = 1

    def run(self) -> None:
        seeds = (str(self.first), str(TRIALS - 1), str(LANES))
        self.told, self.code = play_lane("saleor_o2o.journeys.killing.lane", *seeds)
