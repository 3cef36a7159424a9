"""Web and worker die between the steps of a coach ticket: a few deaths; `./o2o journey ticket-killed` plays more."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker
from pytest_socket import enable_socket

from saleor_o2o.journeys.killing.board import Aim
from saleor_o2o.journeys.killing.house import SHOP, house, with_database
from saleor_o2o.journeys.killing.tickets.books import faults
from saleor_o2o.journeys.killing.tickets.deaths import trials_of
from saleor_o2o.journeys.killing.tickets.station import STATION
from saleor_o2o.journeys.killing.tickets.stories import given_back
from saleor_o2o.journeys.killing.trial import Trials
from tests.wiping import wipe

pytestmark = pytest.mark.slow
LOCK, ISSUE = "POST /coach_province/api/v2/order/lock", "POST /coach_province/api/v2/order/issue"
REFUND = "POST /coach_province/api/v2/refund/apply"


@pytest.fixture(scope="module")
def trials(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Trials]:
    """A house of real processes with coach networks, on this run's database; commits are real and wiped afterwards."""
    enable_socket()
    with django_db_blocker.unblock():
        wipe()
        name = connection.settings_dict["NAME"]
        with house(with_database(os.environ["DATABASE_URL"], name), shops=(SHOP, STATION)) as found:
            yield trials_of(found)
        wipe()


@pytest.mark.parametrize(
    ("story", "aim"),
    [
        (given_back, Aim("web", f"answered {LOCK}", 1)),
        (given_back, Aim("worker", f"answered {REFUND}", 1)),
    ],
)
def test_issued_once_or_all_of_the_money_back(trials: Trials, story: object, aim: Aim) -> None:
    # when somebody buys, and a process dies on the way
    outcome = trials.play(story, aim)  # type: ignore[arg-type]

    # then
    assert outcome.deaths == [str(aim)]
    assert outcome.faults == [], str(outcome)


def test_without_the_look_at_open_calls_the_books_do_not_agree(trials: Trials) -> None:
    # when the job that asks what became of calls does not run, and the network does not tell
    trials.house.sandbox.fault("notify", "drop", times=None, system="coach_province")
    lame = Trials(
        trials.house, without={"ticketing.sweep-calls"}, stories=trials.stories, trade=trials.trade,
        number=trials.number,
    )  # fmt: skip
    outcome = lame.play(given_back, Aim("worker", f"answered {ISSUE}", 1))
    trials.number = lame.number

    # then the network has issued, and we do not know it
    assert any("停在“出票中”" in one for one in outcome.faults), str(outcome)

    # and with it all is well
    trials.heal(outcome.buying)
    assert faults(outcome.buying) == []
