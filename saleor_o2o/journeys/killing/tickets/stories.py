"""What happens to coach tickets in a trial. Each ends when nothing is on its way any more."""

from __future__ import annotations

from typing import Any

from ..stories import DEADLINE
from .riding import NETWORKS, OTHER_WAY, Riding


def given_back(riding: Riding) -> None:
    """占座、付款、出票，退一张"""
    order = _paid(riding)
    riding.give_back(order)
    riding.settle()


def not_issued(riding: Riding) -> None:
    """付款后两个客票网都出不了票，全额退款"""
    riding.hold(riding.find()[0])
    order = riding.place()
    riding.start(order)
    riding.fault("issue", "issue_failed")
    riding.pay()
    riding.settle()


def never_paid(riding: Riding) -> None:
    """占座后没有付款，到期释放"""
    riding.hold(riding.find()[0])
    order = riding.place()
    riding.start(order)
    riding.settle()
    riding.wait(DEADLINE)


def changed(riding: Riding) -> None:
    """出票后改签到票价更高的一班，补差价"""
    riding.enter()
    found = riding.find(OTHER_WAY)
    riding.hold(found[0], 1, way=OTHER_WAY)
    order = riding.place()
    riding.start(order)
    riding.pay()
    riding.settle()
    target = riding.hold(found[-1], 1, way=OTHER_WAY, old=riding.held["number"])
    change = riding.change(target["number"])
    extra = riding.place(f"ticket_changes:{change['number']}")
    riding.start(extra)
    riding.pay()
    riding.settle()


def failed_over(riding: Riding) -> None:
    """占座的客票网出不了票，另一客票网出票"""
    province, fangbian = NETWORKS
    riding.fault("lock", "sold_out", [province])
    riding.hold(riding.find()[0])
    order = riding.place()
    riding.start(order)
    riding.fault("issue", "issue_failed", [fangbian])
    riding.pay()
    riding.settle()


def insured(riding: Riding) -> None:
    """车票连保险一起买，出票后投保，退一张、保费一起退"""
    riding.hold(riding.find()[0])
    riding.insure()
    order = riding.place()
    riding.start(order)
    riding.pay()
    riding.settle()
    riding.give_back(order)
    riding.settle()


def _paid(riding: Riding) -> dict[str, Any]:
    riding.hold(riding.find()[0])
    order = riding.place()
    riding.start(order)
    riding.pay()
    riding.settle()
    return order


#: What is aimed at first in these is not aimed at again in the further ones, which begin alike.
STORIES = (given_back, not_issued, never_paid)
FURTHER = (changed, failed_over, insured)
