"""Killed between any two steps of buying, renewing, upgrading, refunding: nothing is left half, nothing is there twice.

A process of its own sends itself SIGKILL: before a write, before a commit, after it. No block is left politely, nothing
that waits for the commit is asked for.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection, connections
from saleor.order.models import FulfillmentLine, Order

from plugins.members.interfaces import current, ensure_member
from plugins.members.models import Member
from plugins.memberships.models import Plan, Term
from plugins.memberships.services import buying
from plugins.memberships.services.refunding import ask_refund, hand_over_again
from plugins.memberships.services.upgrading import quote
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import EventRecord
from tests.after_sale.conftest import Shop
from tests.members.asking import somebody

from .acts import buy
from .test_terms import of, spans

#: Every so many steps somebody dies; the first step is another one for each story.
STRIDE = 19
_mobiles = count(13600000000)


def dies_at(step: int, act: Callable[[], object]) -> bool:
    """Do something in a process that is killed at its so-manieth step; False where it came to its end before."""
    connections.close_all()  # a connection is one process's
    pid = os.fork()
    if pid == 0:
        try:
            _watched(step)
            act()
        except BaseException:  # noqa: BLE001 - pytest must not go on here; the parent looks at the status
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _watched(step: int) -> None:
    """Count writes and commits; at the `step`-th this process is no more."""
    left = [step]

    def pass_by() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(execute: Any, sql: str, *told: Any) -> Any:
        if sql.lstrip().split(" ", 1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            pass_by()
        return execute(sql, *told)

    commit = connection._commit

    def committed() -> Any:
        pass_by()
        done = commit()
        pass_by()
        return done

    connection._commit = committed  # type: ignore[method-assign]
    connection.execute_wrappers.append(write)


def deaths(story: Callable[[int], bool], first: int) -> int:
    """Play a story until nobody dies any more; how often somebody did."""
    for died, step in enumerate(range(first, 1000, STRIDE)):
        if not story(step):
            return died
    raise AssertionError("it never comes to its end")


@pytest.fixture
def fresh(shop: Shop) -> Callable[[], Member]:
    """Somebody new, for each death."""
    return lambda: ensure_member(somebody(str(next(_mobiles))).user)


def paid_unheard(shop: Shop, plan: Plan, member: Member, patch: pytest.MonkeyPatch, **told: Any) -> Order:
    """A paid order of which memberships have not heard."""
    with patch.context() as silent:
        silent.setattr(buying, "begin", lambda _order: 0)
        return buy(shop, plan, user=member.user, **told)


def test_buying_and_renewing(
    shop: Shop, plans: dict[str, Plan], fresh: Callable[[], Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(step: int) -> bool:
        # given: a year, and another that is paid
        member = fresh()
        buy(shop, plans["year"], user=member.user)
        order = paid_unheard(shop, plans["year"], member, monkeypatch)

        # when: the worker dies; the news are delivered again, twice
        died = dies_at(step, partial(buying.begin, order.pk))
        buying.begin(order.pk)
        buying.begin(order.pk)

        # then
        assert [plan for plan, _origin, _days in spans(of(member))] == ["year", "year"], step
        assert FulfillmentLine.objects.filter(order_line__order=order).count() == 1, step
        told = EventRecord.objects.filter(name="memberships.extended", key=f"member:{member.pk}")
        assert told.count() == 2, step
        return died

    assert deaths(story, 1) >= 2


def test_upgrading(
    shop: Shop, plans: dict[str, Plan], fresh: Callable[[], Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(step: int) -> bool:
        # given
        member = fresh()
        buy(shop, plans["year"], user=member.user)
        until = of(member).ends_at
        asked = quote(member, of(member).number, "gold")
        order = paid_unheard(
            shop, plans["gold"], member, monkeypatch, quantity=asked.quantity, quote=asked.number
        )

        # when
        died = dies_at(step, partial(buying.begin, order.pk))
        buying.begin(order.pk)

        # then: the days are the higher plan's, once
        found = of(member)
        assert (found.plan.code, found.ends_at) == ("gold", until), step
        assert [plan for plan, _origin, days in spans(found) if days] == ["gold"], step
        return died

    assert deaths(story, 2) >= 2


def test_refunding(shop: Shop, plans: dict[str, Plan], fresh: Callable[[], Member]) -> None:
    def story(step: int) -> bool:
        # given
        member = fresh()
        buy(shop, plans["year"], user=member.user)
        term = Term.objects.get(membership__member=member)

        # when: the web dies; the job hands over what was asked for, the member asks again
        died = dies_at(step, partial(ask_refund, member.user, current(member), term.pk))
        with frozen(now() + timedelta(minutes=3)):
            hand_over_again()
            hand_over_again()
        ask_refund(member.user, member, term.pk)

        # then: all of it, once, and the membership is over
        refunds = OrderRefund.objects.filter(intent__order=term.order_id)
        assert [(one.amount, one.key) for one in refunds] == [(term.paid, f"membership:{term.pk}:1")], step
        assert (of(member).state, Term.objects.get(pk=term.pk).voided_at is None) == ("ended", False), step
        return died

    assert deaths(story, 3) >= 2
