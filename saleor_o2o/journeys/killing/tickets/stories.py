"""What happens to coach tickets in a trial. Each ends when nothing is on its way any more."""

from __future__ import annotations

from typing import Any

from ..stories import DEADLINE
from .riding import Riding


def given_back(riding: Riding) -> None:
    """占座、付款、出票，退一张"""
    order = _paid(riding)
    riding.give_back(order)
    riding.settle()


def not_issued(riding: Riding) -> None:
    """付款后两个客票网都出不了票，全额退款"""
    riding.hold(riding.find())
    order = riding.place()
    riding.start(order)
    riding.fault("issue", "issue_failed")
    riding.pay()
    riding.settle()


def never_paid(riding: Riding) -> None:
    """占座后没有付款，到期释放"""
    riding.hold(riding.find())
    order = riding.place()
    riding.start(order)
    riding.settle()
    riding.wait(DEADLINE)


def _paid(riding: Riding) -> dict[str, Any]:
    riding.hold(riding.find())
    order = riding.place()
    riding.start(order)
    riding.pay()
    riding.settle()
    return order


STORIES = (given_back, not_issued, never_paid)
