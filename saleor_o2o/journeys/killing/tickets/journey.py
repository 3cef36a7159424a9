"""Journey ``ticket-killed``: web or worker dies at the borders of hold, pay, issue and give back; nothing is lost."""

from __future__ import annotations

import os
import re
from collections import Counter

from saleor_o2o.journeys.world import Differs, World

from ..journey import only_here, play_lane, wrong_lines

#: Deaths of each story; a look at more: O2O_KILL_RIDES=60 ./o2o journey ticket-killed.
EACH = int(os.environ.get("O2O_KILL_RIDES", "6"))
_STORY = re.compile(r"「(?P<story>.+?)」(?P<deaths>.*?)（")


def play(world: World) -> None:
    """Play the deaths in a database of their own; the platform that the journey was given is not touched."""
    only_here()
    world.step(
        "真实的网站与后台进程，在占座、付款、出票、退票之间的每一步被 SIGKILL 杀死，重启后由定时任务自愈"
    )
    told, code = play_lane("saleor_o2o.journeys.killing.tickets.lane", str(EACH))
    trials = [found for line in told if (found := _STORY.search(line))]
    if code:
        raise Differs("有账对不上：\n" + "\n".join(wrong_lines(told)))
    stories = Counter(one["story"] for one in trials)
    for story, times in sorted(stories.items()):
        world.say(f"      {times:>3} 次 {story}")
    for one in trials:
        world.say(f"      {one['deaths']}")
    deaths = Counter(role for one in trials for role in re.findall(r"(web|worker) · ", one["deaths"]))
    # now and then nobody comes to the border that was aimed at; no story may be without a death
    died = {one["story"] for one in trials if "·" in one["deaths"]}
    world.expect("每段经历里有进程被杀", (bool(stories), set(stories) - died), (True, set()))
    world.step(f"网站死了 {deaths['web']} 次，后台任务死了 {deaths['worker']} 次")
    world.step(
        "每张订单要么在客票网与我们这里各出票一次，要么全额退款；没有占着的座，结果不明的流水号只查询、不重发"
    )
