"""Quotes: a moment held for five minutes, used once, and said again where they count no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from plugins.ticketing.kernel.engine import Facts
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import FeeQuote
from plugins.ticketing.kernel.services import quotes
from plugins.ticketing.kernel.services.quotes import Again, Taken, quote, take
from plugins.ticketing.kernel.tasks import forget_quotes
from saleor_o2o.kernel.clock import frozen

from ..threads import kinds, meeting_before_save, together
from ..wiping import wipe
from .fares import LEAVES, RULES, before

SNAPSHOT = RULES["公路客票退票（全国）"].to_json()
SUBJECT = "coach.ticket:1"
BORDER = LEAVES - timedelta(hours=2)


def took(token: str, facts: Facts, subject: str = SUBJECT) -> Taken | Again:
    with transaction.atomic():
        return take(token, subject, facts)


@pytest.mark.django_db
def test_a_quote_made_one_second_before_the_border_holds_for_five_minutes() -> None:
    # given
    with frozen(BORDER - timedelta(seconds=1)):
        told = quote(SUBJECT, SNAPSHOT, before(0))

    # when: the border is passed, the last moment not yet
    with frozen(BORDER + timedelta(minutes=4, seconds=59)):
        taken = took(told.token, before(0))

    # then
    assert isinstance(taken, Taken)
    assert (taken.fee.fee, taken.fee.back, taken.fee.tier) == (10, 90, 1)
    with frozen(BORDER + timedelta(minutes=5)), pytest.raises(TicketError) as again:
        took(told.token, before(0))
    assert again.value.code == "QUOTE_USED"


@pytest.mark.django_db
def test_an_expired_quote_is_said_again_with_the_difference() -> None:
    # given
    with frozen(BORDER - timedelta(seconds=1)):
        told = quote(SUBJECT, SNAPSHOT, before(0))

    # when
    with frozen(BORDER + timedelta(minutes=5)):
        again = took(told.token, before(0))

        # then: nothing is used; the fresh one is, once somebody has agreed
        assert isinstance(again, Again)
        assert (
            again.words
            == "报价已过 5 分钟，手续费由 10.00 元变为 20.00 元，应退由 90.00 元变为 80.00 元，请确认后再提交"
        )
        told.refresh_from_db()
        assert told.used_at is None
        assert isinstance(took(again.quote.token, before(0)), Taken)
    with frozen(LEAVES + timedelta(seconds=1)):
        closed = took(told.token, before(0))
        assert isinstance(closed, Again) and "现在不能办理" in closed.words
        with pytest.raises(TicketError, match="不予退票"):
            took(closed.quote.token, before(0))


@pytest.mark.django_db
def test_a_ticket_that_is_not_the_same_any_more_is_quoted_again() -> None:
    # given
    with frozen(BORDER - timedelta(hours=9)):
        told = quote(SUBJECT, SNAPSHOT, before(0))

        # when
        again = took(told.token, before(0, face="60"))

    # then
    assert isinstance(again, Again)
    assert again.words.startswith("票的情况有变化，手续费由 10.00 元变为 6.00 元")
    assert (again.quote.fee, again.quote.back, again.quote.to_pay) == (Decimal(6), Decimal(54), 0)


@pytest.mark.django_db
def test_a_quote_is_of_one_ticket() -> None:
    # given
    told = quote(SUBJECT, SNAPSHOT, before(0, involuntary=True))

    # then
    for token, subject in ((told.token, "coach.ticket:2"), ("guessed", SUBJECT), ("", SUBJECT)):
        with pytest.raises(TicketError, match="没有这份报价"):
            took(token, before(0, involuntary=True), subject)
    assert len(told.token) == 43


@pytest.mark.django_db
def test_quotes_that_nobody_used_are_forgotten() -> None:
    # given
    with frozen(BORDER - timedelta(days=9)):
        quote(SUBJECT, SNAPSHOT, before(0))
        used = quote(SUBJECT, SNAPSHOT, before(0))
        took(used.token, before(0))

    # when
    with frozen(BORDER):
        fresh = quote(SUBJECT, SNAPSHOT, before(0))
        forgotten = forget_quotes()

    # then
    assert forgotten == 1
    assert set(FeeQuote.objects.values_list("pk", flat=True)) == {used.pk, fresh.pk}


@pytest.fixture
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[FeeQuote]:
    """Commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()
        yield quote(SUBJECT, SNAPSHOT, before(0, involuntary=True))
        wipe()


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "negative control"])
def test_of_eight_who_use_one_quote_one_does(told: FeeQuote, locked: bool) -> None:
    # given: without the lock all of them have looked before anybody writes
    use: Any = partial(took, told.token, before(0, involuntary=True))

    # when
    with ExitStack() as stack:
        if not locked:
            stack.enter_context(patch.object(quotes, "lock_rows", list))
            stack.enter_context(meeting_before_save(FeeQuote, 8))
        results = together(*[use] * 8)

    # then
    assert kinds(results).count("Taken") == (1 if locked else 8), results
    if locked:
        assert {str(one.code) for one in results if isinstance(one, TicketError)} == {"QUOTE_USED"}
